-- What people of the team write: letters, notes, snippets, and what is asked before a letter goes.

-- name: talk_ways
-- how a lead may be reached by a person's own message; a row a contact, the last they asked by first
select l.id as lead_id, l.status, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped, l.lives_at, l.restricted_at,
       c.contact_point_id, c.kind, c.sealed_value, c.consent, c.inquiry_at, p.opted_out_at, p.bounced_at,
       (select max(sp.opted_out_at) from lead_contact sc join contact_point sp on sp.id = sc.contact_point_id
         where sc.lead_id = l.id and sc.kind = 'phone' and sp.opted_out_by not in ('wrong_number', 'preferences', 'crm'))
           as person_stopped_at,
       not exists (select 1 from action o where o.contact_point_id = c.contact_point_id and o.channel = 'sms'
                      and o.purpose in ('instant_reply', 'human') and o.state in ('sent', 'delivered')) as is_first
  from lead l
  join vault.data_key dk on dk.id = l.data_key_id
  left join lead_contact c on c.lead_id = l.id
  left join contact_point p on p.id = c.contact_point_id
 where l.id = %(lead_id)s
 order by c.inquiry_at desc nulls last, c.contact_point_id

-- name: talk_standing
-- whose the lead is, and to whom it is held out just now
select l.agent_id, l.claimed_at, l.replied_at, l.finished_at,
       coalesce((select jsonb_agg(jsonb_build_object('agent_id', o.agent_id, 'due_at', o.due_at) order by o.at)
                   from offer o where o.lead_id = l.id and o.state = 'open'), '[]') as offers,
       (select m.channel from message m where m.lead_id = l.id order by m.at desc limit 1) as last_channel
  from lead l where l.id = %(lead_id)s

-- name: letter_add
insert into letter (id, lead_id, user_id, channel, contact_point_id, data_key_id, content, at, send_at, accepted, chat_id)
values (%(id)s, %(lead_id)s, %(user_id)s, %(channel)s, %(point)s, %(key_id)s, %(content)s, %(now)s, %(send_at)s, %(accepted)s,
        %(chat_id)s)
on conflict (id) do nothing

-- name: letter_read
select t.id, t.lead_id, t.user_id, t.channel, t.chat_id, t.content, t.at, t.send_at, t.data_key_id, dk.kek_id, dk.wrapped,
       a.id as action_id, a.state, a.reason, a.due_at
  from letter t
  join vault.data_key dk on dk.id = t.data_key_id
  left join action a on a.cause_id = t.id and a.kind = 'human_' || t.channel
 where t.id = %(id)s

-- name: letter_accept
update letter set accepted = array(select distinct unnest(accepted || %(accepted)s::text[])) where id = %(id)s

-- name: lead_talked
update lead set talked_at = greatest(talked_at, %(now)s) where id = %(id)s

-- name: action_waiting
-- an action that a person may still change
select id, cause_id, kind, channel, queue, purpose, lead_id, contact_point_id, agent_id, state, due_at from action
 where id = %(id)s and lead_id = %(lead_id)s and purpose <> 'staff' and channel in ('sms', 'email', 'chat') and state in ('planned', 'deferred')

-- name: action_take_back
-- guarded by its state: what a worker has claimed meanwhile is not taken back
with u as (
    update action
       set state = 'cancelled', due_at = null, wake_at = null, settled_at = %(now)s, reason = %(reason)s
     where id = %(id)s and purpose <> 'staff' and state in ('planned', 'deferred')
    returning id, attempt_id
)
insert into attempt (action_id, attempt_id, at, event, state, detail)
select id, attempt_id, %(now)s, 'cancelled', 'cancelled', jsonb_build_object('reason', %(reason)s::text, 'by', %(by)s::text) from u

-- name: action_hurry
update action set due_at = %(now)s, wake_at = now() + interval '8 seconds'
 where id = %(id)s and state in ('planned', 'deferred')

-- name: note_add
insert into note (id, lead_id, user_id, data_key_id, body, at)
values (%(id)s, %(lead_id)s, %(user_id)s, %(key_id)s, %(body)s, %(now)s)
on conflict (id) do nothing

-- name: talk_key
select l.data_key_id, dk.kek_id, dk.wrapped from lead l join vault.data_key dk on dk.id = l.data_key_id where l.id = %(lead_id)s

-- name: snippets
-- the team's, and this person's own
select id, name, channel, source, user_id from snippet
 where user_id is null or user_id = %(user_id)s
 order by user_id is null, lower(name)

-- name: snippet_save
-- somebody else's, or the team's where one's own was meant, is not touched
insert into snippet (id, name, channel, source, user_id)
values (%(id)s, %(name)s, %(channel)s, %(source)s, %(user_id)s)
on conflict (id) do update set name = excluded.name, channel = excluded.channel, source = excluded.source, updated_at = now()
 where snippet.user_id is not distinct from excluded.user_id

-- name: snippet_forget
delete from snippet where id = %(id)s and user_id is not distinct from %(user_id)s::uuid

-- name: reply_heard
-- who is to hear that somebody wrote: whose they are, who has them on offer, who was asked first
select l.temperature, l.agent_id,
       (select array_agg(o.agent_id order by o.at) from offer o where o.lead_id = l.id and o.state = 'open') as offered_to,
       (select i.agent_id from inquiry i where i.lead_id = l.id order by i.asked_at desc limit 1) as asked_of,
       exists (select 1 from message m where m.lead_id = l.id and m.id <> %(message)s and m.at > %(since)s
                  and m.intent in ('reply', 'help') and l.replied_at is not null) as told_just_now
  from lead l where l.id = %(lead_id)s

-- name: lead_wrote
-- they wait for an answer since their first word that nobody has answered; whoever was done with them is not
update lead set replied_at = coalesce(replied_at, %(now)s), talked_at = %(now)s, last_at = greatest(last_at, %(now)s), finished_at = null
 where id = %(id)s

-- name: lead_pause_replied
-- a pause that holds stays as it is (a doubtful stop, a colleague's wish); one that an inquiry has ended begins anew
update lead l set paused_at = %(now)s, paused_why = 'replied'
 where l.id = %(id)s
   and (l.paused_at is null or l.paused_at < (select max(c.inquiry_at) from lead_contact c where c.lead_id = l.id))

-- name: lead_needs_no_answer
update lead set replied_at = null where id = %(id)s and replied_at is not null
