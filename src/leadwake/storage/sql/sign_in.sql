-- Who of the team somebody is at an identity provider.

-- name: identity_user
select i.id, i.user_id, u.disabled_at is not null or u.practice as shut_out
  from identity i join app_user u on u.id = i.user_id
 where i.issuer = %(issuer)s and i.subject_hash = %(subject_hash)s

-- name: identity_seen
update identity set last_at = now() where id = %(id)s

-- name: identity_newcomer
-- whose address it is; locked, so that nobody is shut out meanwhile
select id, disabled_at is not null or practice as shut_out from app_user where email_hash = %(email_hash)s for update

-- name: identities_of
select id, provider, issuer, sealed_email, created_at, last_at from identity where user_id = %(user_id)s order by created_at

-- name: identity_add
insert into identity (id, user_id, provider, issuer, subject_hash, sealed_email)
values (%(id)s, %(user_id)s, %(provider)s, %(issuer)s, %(subject_hash)s, %(sealed_email)s)
on conflict do nothing

-- name: identity_forget
delete from identity where user_id = %(user_id)s and provider = %(provider)s

-- name: identity_sessions_end
-- mark: of the session that stays
delete from session
 where user_id = %(user_id)s and via = %(provider)s and encode(substring(token_hash from 1 for 8), 'hex') <> %(mark)s

-- name: identities_of_admins
-- what keeps the door open when passwords do not count
select i.provider, i.issuer from identity i join app_user u on u.id = i.user_id
 where u.role = 'admin' and u.disabled_at is null and not u.practice

-- name: identities
select i.user_id, i.provider, i.issuer, i.last_at from identity i join app_user u on u.id = i.user_id
 where u.disabled_at is null order by i.user_id, i.provider
