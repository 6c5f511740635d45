-- Chats on the team's websites.

-- name: chat_look
select chat_greeting as greeting, chat_colour as colour, chat_form as form from website where id = %(id)s

-- name: chat_looks
select id, chat_greeting as greeting, chat_colour as colour, chat_form as form from website where removed_at is null

-- name: chat_look_save
update website set chat_greeting = %(greeting)s, chat_colour = %(colour)s, chat_form = %(form)s
 where id = %(id)s and removed_at is null
   and (chat_greeting, chat_colour, chat_form) is distinct from (%(greeting)s, %(colour)s, %(form)s)
returning id

-- name: chat_pace
-- how long the last fifty waited for a person, those who never saw one, too
select count(*) as n, percentile_disc(0.5) within group (order by waited) as median_s
  from (select coalesce(extract(epoch from human_at - asked_at), 1e9)::float8 as waited
          from inquiry where channel = 'live_chat' and asked_at < %(before)s
         order by asked_at desc limit 50) i

-- name: chat_asked
-- the inquiry that a chat begins with: when, and with whom; contacts in the order in which everybody locks them
select i.lead_id, i.asked_at, l.data_key_id, dk.kek_id, dk.wrapped, l.agent_id, l.temperature, l.restricted_at,
       coalesce((select o.agent_id from offer o where o.lead_id = l.id and o.state = 'open' order by o.at desc limit 1), l.agent_id) as asked_of,
       (select p.id from contact_point p where p.hash = %(hash)s and p.kind = %(kind)s) as point
  from inquiry i join lead l on l.id = i.lead_id join vault.data_key dk on dk.id = l.data_key_id
 where i.id = %(inquiry_id)s

-- name: chat_add
insert into chat (id, lead_id, inquiry_id, website_id, token_hash, contact_point_id, language, welcome, started_at, talked_at)
values (%(id)s, %(lead_id)s, %(inquiry_id)s, %(website_id)s, %(token_hash)s, %(point)s, %(language)s, %(welcome)s, %(now)s, %(now)s)
on conflict (id) do nothing

-- name: chat_read
select c.id, c.lead_id, c.website_id, c.token_hash, c.contact_point_id, c.language, c.talked_at, c.ended_at
  from chat c where c.id = %(id)s

-- name: chat_lock
-- it, and whose it is
select c.talked_at, c.ended_at, l.id, l.data_key_id, l.agent_id, l.status, dk.kek_id, dk.wrapped
  from chat c join lead l on l.id = c.lead_id join vault.data_key dk on dk.id = l.data_key_id
 where c.id = %(id)s
   for no key update of c

-- name: chat_points_lock
-- every number and address of a lead, in the order in which everybody locks them
select id, opted_out_at from contact_point
 where id in (select contact_point_id from lead_contact where lead_id = %(lead_id)s)
 order by hash
   for no key update

-- name: chat_line_add
-- under the chat's lock: numbers have no gaps, and nobody who reads on from one misses another
with n as (
    update chat set lines = lines + 1, talked_at = greatest(talked_at, %(now)s)
     where id = %(chat_id)s
       and not exists (select 1 from chat_line where action_id = %(action_id)s::uuid or message_id = %(message_id)s::uuid)
    returning id, lines
), added as (
    insert into chat_line (chat_id, number, at, message_id, action_id)
    select id, lines, %(now)s, %(message_id)s, %(action_id)s from n
    returning chat_id, number
)
select number, pg_notify('leadwake_chat', chat_id::text) as told from added

-- name: chat_line_number
select n.number, c.ended_at from chat c left join chat_line n on n.chat_id = c.id and n.action_id = %(action_id)s
 where c.id = %(chat_id)s

-- name: chat_lines
select n.number, n.at, m.ref, m.body, mk.id as key_id, mk.kek_id, mk.wrapped,
       a.id as action_id, a.kind, a.agent_id, a.content, ak.id as a_key_id, ak.kek_id as a_kek_id, ak.wrapped as a_wrapped
  from chat_line n
  left join message m on m.id = n.message_id
  left join vault.data_key mk on mk.id = m.data_key_id
  left join action a on a.id = n.action_id
  left join vault.data_key ak on ak.id = a.data_key_id
 where n.chat_id = %(chat_id)s and n.number > %(after)s
 order by n.number
 limit %(limit)s

-- name: chat_writing
-- whoever has written and may still take it back
select a.agent_id from letter t join action a on a.cause_id = t.id and a.kind = 'human_chat'
 where t.chat_id = %(chat_id)s and a.state in ('planned', 'sending') and coalesce(a.due_at, %(now)s) <= %(soon)s
   and not exists (select 1 from chat_line n where n.action_id = a.id)
 limit 1

-- name: chat_seen
update chat_line set seen_at = %(now)s
 where chat_id = %(chat_id)s and number <= %(upto)s and action_id is not null and seen_at is null
returning number, action_id, is_missed

-- name: chat_missed_over
-- they have seen it after all
update task set done_at = %(now)s, done_by = 'lead'
 where lead_id = %(lead_id)s and kind = 'failed' and reason = 'chat_not_seen' and done_at is null
   and not exists (select 1 from chat_line n join chat c on c.id = n.chat_id
                    where c.lead_id = %(lead_id)s and n.is_missed and n.seen_at is null)

-- name: chat_here
-- real time: their page shows itself; who looks at the lead is told when it does so again
with h as (
    update chat c set here_until = now() + make_interval(secs => %(for_s)s), is_here = true
      from (select id, is_here from chat where id = %(id)s) o
     where c.id = o.id
    returning c.lead_id, o.is_here as was_here
)
select pg_notify('leadwake_live', lead_id::text) from h where not was_here

-- name: chat_leaves
-- the page is gone, unless it opens another stream in a moment
update chat set here_until = least(here_until, now() + make_interval(secs => %(for_s)s)) where id = %(id)s

-- name: chat_end
update chat set ended_at = %(now)s, here_until = now() where id = %(id)s and ended_at is null

-- name: chats_left
with g as (update chat set is_here = false where is_here and here_until < now() returning lead_id)
select pg_notify('leadwake_live', string_agg(lead_id::text, ',')) from (select lead_id from g limit 200) few having count(*) > 0

-- name: chats_missed
-- what a person wrote and nobody saw in time; each told once
update chat_line n set is_missed = true
  from chat c, action a, lead l
 where n.action_id is not null and n.seen_at is null and not n.is_missed and n.at < %(before)s
   and c.id = n.chat_id and a.id = n.action_id and l.id = c.lead_id
returning c.lead_id, a.kind, coalesce(l.agent_id, a.agent_id) as agent_id

-- name: chats_overdue
-- who waits in a chat for too long since a moment ago: open pages put them first
select pg_notify('leadwake_live', string_agg(lead_id::text, ','))
  from (select lead_id from task
         where kind = 'reply' and reason = 'chat' and done_at is null and due_at > %(since)s and due_at <= %(now)s limit 200) t
having count(*) > 0

-- name: chats_prune
delete from chat where talked_at < %(before)s

-- name: chat_of_lead
-- the one that is open, if any
select c.id, c.here_until > now() as is_here, c.here_until, w.origin
  from chat c join website w on w.id = c.website_id
 where c.lead_id = %(lead_id)s and c.ended_at is null and c.talked_at > %(since)s
 order by c.talked_at desc
 limit 1

-- name: chat_told
select pg_notify('leadwake_chat', %(id)s::text)

-- name: chats_of_lead
select c.started_at, c.talked_at, c.ended_at, c.language, w.origin as website, c.lines
  from chat c join website w on w.id = c.website_id
 where c.lead_id = %(lead_id)s
 order by c.started_at
