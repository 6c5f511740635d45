-- Keys, settings, templates and the people of the team.

-- name: keks_for_update
select id, wrapped, master_key_id from vault.kek where retired_at is null order by id for update

-- name: keks
select id, wrapped, master_key_id from vault.kek where retired_at is null order by id

-- name: index_key
select wrapped, master_key_id from vault.index_key where id = 1

-- name: kek_add
insert into vault.kek (id, wrapped, master_key_id) overriding system value values (%(id)s, %(wrapped)s, %(master_key_id)s)

-- name: index_key_add
insert into vault.index_key (id, wrapped, master_key_id) values (1, %(wrapped)s, %(master_key_id)s)

-- name: kek_rewrap
update vault.kek set wrapped = %(wrapped)s, master_key_id = %(master_key_id)s where id = %(id)s

-- name: index_key_rewrap
update vault.index_key set wrapped = %(wrapped)s, master_key_id = %(master_key_id)s where id = 1

-- name: settings
select name, sealed from setting

-- name: setting_save
insert into setting (name, sealed) values (%(name)s, %(sealed)s)
on conflict (name) do update set sealed = excluded.sealed, updated_at = now()

-- name: setting_forget
delete from setting where name = %(name)s

-- name: templates
select name, source, version from message_template

-- name: template_save
insert into message_template (name, source) values (%(name)s, %(source)s)
on conflict (name) do update set source = excluded.source, version = message_template.version + 1, updated_at = now()

-- name: template_forget
delete from message_template where name = %(name)s

-- name: office_changed
select pg_notify('leadwake_office', '')

-- name: users
-- the end of time as psycopg can hold it; least() of null and an instant is the instant
select id, sealed_profile, role, takes_leads, practice, disabled_at, created_at,
       password_hash is not null as has_password, exists (select 1 from identity i where i.user_id = app_user.id) as is_bound,
       licences, languages, specialties, areas, time_zone, shifts, days_off, capacity, on_call, slack_id,
       case when paused_until is not null then least(paused_until, '9999-12-30'::timestamptz) end as paused_until
  from app_user order by created_at, id

-- name: user_add
insert into app_user (id, email_hash, sealed_profile, role, takes_leads, practice, password_hash)
values (%(id)s, %(email_hash)s, %(profile)s, %(role)s, %(takes_leads)s, %(practice)s, %(password_hash)s)
on conflict (email_hash) do nothing

-- name: user_change
update app_user set sealed_profile = %(profile)s, takes_leads = %(takes_leads)s, role = %(role)s where id = %(id)s

-- name: user_disable
with u as (update app_user set disabled_at = coalesce(disabled_at, now()), takes_leads = false where id = %(id)s returning id)
delete from session where user_id in (select id from u)

-- name: user_password
update app_user set password_hash = %(password_hash)s where id = %(id)s

-- name: user_for_login
select id, password_hash, role from app_user where email_hash = %(email_hash)s and disabled_at is null

-- name: session_add
insert into session (token_hash, user_id, expires_at, via, agent_text)
values (%(token_hash)s, %(user_id)s, %(expires_at)s, %(via)s, %(agent_text)s)

-- name: session_user
select u.id, u.role, s.via, encode(substring(s.token_hash from 1 for 8), 'hex') as mark
  from session s join app_user u on u.id = s.user_id
 where s.token_hash = %(token_hash)s and s.expires_at > now() and u.disabled_at is null

-- name: session_end
delete from session where token_hash = %(token_hash)s

-- name: sessions_prune
delete from session where expires_at < now()

-- name: invite_add
insert into invite (token_hash, user_id, expires_at) values (%(token_hash)s, %(user_id)s, %(expires_at)s)

-- name: invite_read
select user_id from invite where token_hash = %(token_hash)s and used_at is null and expires_at > now()

-- name: invite_use
update invite set used_at = now() where token_hash = %(token_hash)s and used_at is null and expires_at > now() returning user_id

-- name: api_key_add
insert into api_key (id, name, secret_hash, scopes) values (%(id)s, %(name)s, %(secret_hash)s, %(scopes)s)

-- name: api_keys
select id, name, scopes, created_at, revoked_at,
       case when revoked_at is null and former_until > now() then former_until end as former_until
  from api_key order by created_at

-- name: api_key_revoke
update api_key set revoked_at = now() where id = %(id)s and revoked_at is null

-- name: api_key_rotate
update api_key
   set secret_hash = %(secret_hash)s, former_hash = secret_hash, former_until = now() + make_interval(hours => %(hours)s)
 where id = %(id)s and revoked_at is null
returning former_until

-- name: api_key_read
select id, secret_hash, scopes, case when former_until > now() then former_hash end as former_hash from api_key where id = %(id)s and revoked_at is null

-- name: event_add
insert into event (at, actor, kind, lead_id, data) values (%(at)s, %(actor)s, %(kind)s, %(lead_id)s, %(data)s)

-- name: events_unsealed
-- rows older than any transaction may last, so that none can still slip in below the last one
select id, at, real_at, actor, kind, lead_id, data from event
 where id > (select coalesce(max(upto_id), 0) from event_seal) and real_at < now() - interval '2 minutes'
 order by id limit 1000

-- name: event_seal_last
select upto_id, hash from event_seal order by upto_id desc limit 1

-- name: event_seal_add
insert into event_seal (upto_id, from_id, count, hash, leaves)
values (%(upto_id)s, %(from_id)s, %(count)s, %(hash)s, %(leaves)s)
on conflict do nothing

-- name: event_seals
select upto_id, from_id, count, hash, leaves from event_seal order by upto_id

-- name: events_between
select id, at, real_at, actor, kind, lead_id, data from event where id between %(from_id)s and %(upto_id)s order by id

-- name: is_new
select not exists (select 1 from app_user) and not exists (select 1 from capture) as is_new
