-- API clients and their access tokens; real time throughout.

-- name: api_client_add
insert into api_client (id, name, scopes, secret_hash) values (%(id)s, %(name)s, %(scopes)s, %(secret_hash)s)

-- name: api_clients
select id, name, scopes, created_at, revoked_at, case when old_until > now() then old_until end as old_until
  from api_client order by created_at

-- name: api_client_read
select id, scopes, secret_hash, case when old_until > now() then old_secret_hash end as old_secret_hash
  from api_client where id = %(id)s and revoked_at is null

-- name: api_client_rotate
-- keep_s: how long the secret before is good beside it; 0: no longer
update api_client
   set old_secret_hash = case when %(keep_s)s > 0 then secret_hash end,
       old_until = case when %(keep_s)s > 0 then now() + make_interval(secs => %(keep_s)s) end, secret_hash = %(secret_hash)s
 where id = %(id)s and revoked_at is null

-- name: api_client_revoke
update api_client set revoked_at = now() where id = %(id)s and revoked_at is null

-- name: access_token_add
insert into access_token (id, client_id, secret_hash, scopes, expires_at)
values (%(id)s, %(client_id)s, %(secret_hash)s, %(scopes)s, now() + make_interval(secs => %(lasts_s)s))

-- name: access_token_read
select t.id, t.client_id, t.secret_hash, t.scopes from access_token t join api_client c on c.id = t.client_id
 where t.id = %(id)s and t.expires_at > now() and c.revoked_at is null

-- name: access_token_end
delete from access_token where id = %(id)s

-- name: access_tokens_end
delete from access_token where client_id = %(client_id)s

-- name: access_tokens_prune
delete from access_token where expires_at < now()
