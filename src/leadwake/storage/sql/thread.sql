-- A lead's thread, a window at a time: the newest of each kind before an instant.

-- name: thread_inquiries
select i.id, i.channel, i.source, i.asked_at, i.sealed_details, i.repeats, i.score, i.temperature, i.reasons, i.agent_id,
       i.agent_because, i.listed, c.at as captured_at, dk.id as key_id, dk.kek_id, dk.wrapped,
       not exists (select 1 from inquiry o where o.lead_id = i.lead_id and o.asked_at < i.asked_at and not o.listed) as is_first
  from inquiry i
  join capture c on c.id = i.id
  join vault.data_key dk on dk.id = c.data_key_id
 where i.lead_id = %(lead_id)s and least(i.asked_at, c.at) < %(before)s
 order by i.asked_at desc
 limit %(limit)s

-- name: thread_messages
select m.id, m.channel, m.intent, m.body, m.heading, m.at, dk.id as key_id, dk.kek_id, dk.wrapped
  from message m join vault.data_key dk on dk.id = m.data_key_id
 where m.lead_id = %(lead_id)s and m.at < %(before)s and m.intent <> 'asked' -- stands there as their inquiry
 order by m.at desc
 limit %(limit)s

-- name: thread_actions
-- with the words of a person's letter, sent or not
select a.id, a.cause_id, a.kind, a.channel, a.purpose, a.state, a.agent_id, a.created_at, a.claimed_at, a.due_at, a.vendor, a.reason, a.decision,
       a.possible_duplicate, a.content, a.data_key_id, dk.kek_id, dk.wrapped, i.asked_at,
       t.content as letter_content, tk.id as letter_key_id, tk.kek_id as letter_kek_id, tk.wrapped as letter_wrapped
  from action a
  left join vault.data_key dk on dk.id = a.data_key_id
  left join inquiry i on i.id = a.cause_id
  left join letter t on t.id = a.cause_id
  left join vault.data_key tk on tk.id = t.data_key_id
 where a.lead_id = %(lead_id)s and a.created_at < %(before)s
   and (%(whole)s or (a.purpose <> 'staff' and a.channel in ('sms', 'email', 'chat')))
 order by a.created_at desc, a.id desc
 limit %(limit)s

-- name: thread_notes
select n.id, n.user_id, n.body, n.at, dk.id as key_id, dk.kek_id, dk.wrapped
  from note n join vault.data_key dk on dk.id = n.data_key_id
 where n.lead_id = %(lead_id)s and n.at < %(before)s
 order by n.at desc
 limit %(limit)s

-- name: thread_events
select id, at, actor, kind, data from event
 where lead_id = %(lead_id)s and at < %(before)s and (%(whole)s or kind = any(%(kinds)s))
 order by at desc, id desc
 limit %(limit)s

-- name: thread_routings
select at, inquiry_id, agent_id, trace from routing_decision
 where lead_id = %(lead_id)s and at < %(before)s
 order by at desc, id desc
 limit %(limit)s

-- name: thread_consents
select channel, level, missing, at from consent
 where lead_id = %(lead_id)s and at < %(before)s
 order by at desc, id desc
 limit %(limit)s

-- name: thread_to_come
select id, kind, state, due_at, decision, reason, purpose, agent_id from action
 where lead_id = %(lead_id)s and state in ('planned', 'deferred', 'dead', 'unknown') and purpose <> 'staff'
 order by due_at nulls last, created_at
 limit 50
