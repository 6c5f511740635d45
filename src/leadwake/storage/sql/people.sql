-- What agents may take and when, their sessions, and the links of their alerts.

-- name: user_work
update app_user
   set licences = %(licences)s, languages = %(languages)s, specialties = %(specialties)s, areas = %(areas)s,
       time_zone = %(time_zone)s, shifts = %(shifts)s, days_off = %(days_off)s::date[], capacity = %(capacity)s,
       on_call = %(on_call)s, slack_id = %(slack_id)s
 where id = %(id)s

-- name: user_pause
update app_user set paused_until = case when %(for_good)s then 'infinity' else %(until)s::timestamptz end where id = %(id)s

-- name: people_loads
select agent_id, owned, offered from agent_load

-- name: sessions_of
select encode(substring(token_hash from 1 for 8), 'hex') as mark, created_at, via, agent_text
  from session where user_id = %(user_id)s and expires_at > now() order by created_at desc

-- name: session_end_one
delete from session where user_id = %(user_id)s and encode(substring(token_hash from 1 for 8), 'hex') = %(mark)s

-- name: sessions_end_others
-- mark: of the session that stays
delete from session where user_id = %(user_id)s and encode(substring(token_hash from 1 for 8), 'hex') <> %(mark)s

-- name: invites_end
update invite set used_at = now() where user_id = %(user_id)s and used_at is null

-- name: link_use
insert into used_link (token_hash, user_id) values (%(token_hash)s, %(user_id)s) on conflict do nothing

-- name: used_links_prune
-- a link lasts a day; a clock set by hand is no reason to open one again
delete from used_link where used_at < now() - interval '30 days'

-- name: offer_open
select 1 from offer where lead_id = %(lead_id)s and agent_id = %(agent_id)s and state = 'open'
