-- Vendors connected by OAuth. All instants are real time but `connected_at`.

-- name: grants
select vendor, id, base, account from vendor_grant

-- name: grants_standing
-- everything a person may see; no token
select vendor, base, account, scopes, state, reason, in_doubt, failures, connected_at, connected_by, renewed_at,
       expires_at, renew_at, expires_at <= now() as is_expired, sealed_refresh is not null as is_renewed
  from vendor_grant order by vendor

-- name: grant_read
select state, serial, sealed_access, sealed_refresh is not null as can_renew, reason,
       extract(epoch from expires_at - now())::float8 as left_s,
       case when in_doubt or lease_until <= now() then 0 else extract(epoch from renew_at - now())::float8 end as fresh_s,
       attempt_id is not null and lease_until > now() as is_being_renewed,
       extract(epoch from retry_at - now())::float8 as retry_s
  from vendor_grant where id = %(id)s

-- name: grants_due
select vendor, id from vendor_grant
 where state = 'connected' and sealed_refresh is not null
   and (renew_at <= now() or in_doubt or lease_until <= now())
   and (attempt_id is null or lease_until <= now()) and coalesce(retry_at, now()) <= now()

-- name: grant_take
-- whoever gets the row alone may spend the refresh token; one whose lease is over left nobody knows what
update vendor_grant
   set attempt_id = %(attempt)s, lease_until = now() + make_interval(secs => %(lease_s)s),
       in_doubt = in_doubt or attempt_id is not null
 where id = %(id)s and serial = %(serial)s and state = 'connected' and sealed_refresh is not null
   and (attempt_id is null or lease_until <= now()) and coalesce(retry_at, now()) <= now()
returning sealed_refresh, in_doubt, failures

-- name: grant_renewed
-- the vendor's answer to a refresh token is true whoever reads it late: by the attempt, or by the token that was spent
update vendor_grant
   set sealed_access = %(access)s, sealed_refresh = coalesce(%(refresh)s, sealed_refresh), serial = serial + 1,
       expires_at = now() + make_interval(secs => %(expires_s)s), renew_at = now() + make_interval(secs => %(renew_s)s),
       lease_until = case when attempt_id = %(attempt)s then null else lease_until end,
       attempt_id = case when attempt_id = %(attempt)s then null else attempt_id end,
       state = 'connected', in_doubt = false, failures = 0, retry_at = null, reason = null, told_at = null,
       renewed_at = now()
 where id = %(id)s and (attempt_id = %(attempt)s or serial = %(serial)s)

-- name: grant_not_renewed
update vendor_grant
   set attempt_id = null, lease_until = null, in_doubt = in_doubt or %(doubt)s, failures = failures + 1,
       retry_at = now() + make_interval(secs => %(wait_s)s), reason = %(reason)s
 where id = %(id)s and attempt_id = %(attempt)s

-- name: grant_lost
update vendor_grant
   set state = 'lost', attempt_id = null, lease_until = null, reason = %(reason)s
 where id = %(id)s and attempt_id = %(attempt)s

-- name: grant_refused
-- a token that does not end and was taken back
update vendor_grant set state = 'lost', reason = %(reason)s
 where id = %(id)s and serial = %(serial)s and sealed_refresh is null and state = 'connected'

-- name: grants_to_tell
select vendor, id from vendor_grant where state = 'lost' and told_at is null

-- name: grant_told
update vendor_grant set told_at = now() where id = %(id)s and state = 'lost' and told_at is null

-- name: grant_connect
insert into vendor_grant (vendor, id, base, account, scopes, sealed_access, sealed_refresh, expires_at, renew_at,
                          connected_at, connected_by)
values (%(vendor)s, %(id)s, %(base)s, %(account)s, %(scopes)s, %(access)s, %(refresh)s,
        now() + make_interval(secs => %(expires_s)s), now() + make_interval(secs => %(renew_s)s), %(now)s, %(actor)s)
on conflict (vendor) do update
   set id = excluded.id, base = excluded.base, account = excluded.account, scopes = excluded.scopes,
       sealed_access = excluded.sealed_access, sealed_refresh = excluded.sealed_refresh, serial = 1, state = 'connected',
       expires_at = excluded.expires_at, renew_at = excluded.renew_at, attempt_id = null, lease_until = null,
       in_doubt = false, failures = 0, retry_at = null, reason = null, told_at = null,
       connected_at = excluded.connected_at, connected_by = excluded.connected_by, renewed_at = null

-- name: grant_forget
delete from vendor_grant where vendor = %(vendor)s returning id, base, sealed_access, sealed_refresh

-- name: authorization_begin
insert into vendor_authorization (state_hash, vendor, user_id, session, sealed, expires_at)
values (%(state_hash)s, %(vendor)s, %(user)s, %(session)s, %(sealed)s, now() + make_interval(secs => %(lasts_s)s))

-- name: authorization_end
-- once, and only in the browser that began it
delete from vendor_authorization
 where state_hash = %(state_hash)s and vendor = %(vendor)s and user_id = %(user)s and session = %(session)s
returning sealed, expires_at > now() as is_in_time

-- name: authorizations_prune
delete from vendor_authorization where expires_at <= now()
