-- What people and programs read: leads, their timelines, the figures at the head of the page. Nothing here writes.

-- name: reading_leads
-- one page, newest activity first; (before_at, before_id) is where the page before ended
select l.id, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped, l.agent_id, l.status, l.score, l.temperature, l.reasons,
       l.source, l.channel, l.practice, l.created_at, l.last_at, l.first_touch_at, l.paused_at, l.paused_why, l.contacted_at, l.lives_at, i.asked_at,
       (select o.agent_id from offer o where o.lead_id = l.id and o.state = 'open' order by o.at desc limit 1) as offered_to
  from lead l
  join vault.data_key dk on dk.id = l.data_key_id
  left join lateral (select min(asked_at) as asked_at from inquiry where lead_id = l.id and not listed) i on true
 where (l.last_at, l.id) < (%(before_at)s, %(before_id)s) and (%(temperature)s::text is null or l.temperature = %(temperature)s)
 order by l.last_at desc, l.id desc
 limit %(limit)s

-- name: reading_leads_of
-- the page of those whom an agent has in hand
select l.id, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped, l.agent_id, l.status, l.score, l.temperature, l.reasons,
       l.source, l.channel, l.practice, l.created_at, l.last_at, l.first_touch_at, l.paused_at, l.paused_why, l.contacted_at, l.lives_at, i.asked_at,
       (select o.agent_id from offer o where o.lead_id = l.id and o.state = 'open' order by o.at desc limit 1) as offered_to
  from lead l
  join vault.data_key dk on dk.id = l.data_key_id
  left join lateral (select min(asked_at) as asked_at from inquiry where lead_id = l.id and not listed) i on true
 where l.agent_id = %(owner)s and l.finished_at is null and (l.last_at, l.id) < (%(before_at)s, %(before_id)s)
   and (%(temperature)s::text is null or l.temperature = %(temperature)s)
 order by l.last_at desc, l.id desc
 limit %(limit)s

-- name: reading_leads_to_see
-- the page of those a person has to look at: they wrote back, cannot be reached, wait too long, or something did not
-- arrive. Two ways to be one of them, each by an index of its own
with seen as (
    (select l.id from lead l
      where (l.status in ('new', 'replied', 'unreachable') or l.paused_at is not null)
        and (l.status is distinct from 'new' or l.paused_at is not null or l.created_at < %(late_at)s)
        and (l.last_at, l.id) < (%(before_at)s, %(before_id)s)
      order by l.last_at desc, l.id desc
      limit %(limit)s)
    union
    (select l.id from lead l
      where l.id in (select a.lead_id from action a
                      where a.state in ('dead', 'unknown', 'undelivered', 'bounced') and a.purpose <> 'staff')
        and (l.last_at, l.id) < (%(before_at)s, %(before_id)s)
      order by l.last_at desc, l.id desc
      limit %(limit)s)
)
select l.id, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped, l.agent_id, l.status, l.score, l.temperature, l.reasons,
       l.source, l.channel, l.practice, l.created_at, l.last_at, l.first_touch_at, l.paused_at, l.paused_why, l.contacted_at, l.lives_at, i.asked_at,
       (select o.agent_id from offer o where o.lead_id = l.id and o.state = 'open' order by o.at desc limit 1) as offered_to
  from lead l
  join vault.data_key dk on dk.id = l.data_key_id
  left join lateral (select min(asked_at) as asked_at from inquiry where lead_id = l.id and not listed) i on true
 where l.id in (select id from seen)
 order by l.last_at desc, l.id desc
 limit %(limit)s

-- name: reading_leads_among
select l.id, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped, l.agent_id, l.status, l.score, l.temperature, l.reasons,
       l.source, l.channel, l.practice, l.created_at, l.last_at, l.first_touch_at, l.paused_at, l.paused_why, l.contacted_at, l.lives_at, i.asked_at,
       (select o.agent_id from offer o where o.lead_id = l.id and o.state = 'open' order by o.at desc limit 1) as offered_to
  from lead l
  join vault.data_key dk on dk.id = l.data_key_id
  left join lateral (select min(asked_at) as asked_at from inquiry where lead_id = l.id and not listed) i on true
 where l.id = any(%(ids)s)
 order by l.last_at desc, l.id desc

-- name: reading_by_contact
select c.lead_id from contact_point p join lead_contact c on c.contact_point_id = p.id
 where p.kind = %(kind)s and p.hash = %(hash)s
 limit 50

-- name: reading_by_words
-- every word has to be there; the fifty who came last (ids are in order of time), so that a common name costs no more
select t.lead_id
  from lead_token t
 where t.token = %(first)s
   and not exists (select 1 from unnest(%(others)s::bigint[]) o (token)
                    where not exists (select 1 from lead_token x where x.token = o.token and x.lead_id = t.lead_id))
 order by t.lead_id desc
 limit 50

-- name: reading_latest_actions
-- of each kind the last one that says something: a repetition that was not answered again hides nothing
select distinct on (a.lead_id, a.kind) a.lead_id, a.kind, a.channel, a.state, a.reason, a.due_at, a.settled_at, a.vendor,
       a.possible_duplicate, a.decision ->> 'sentence' as sentence
  from action a
 where a.lead_id = any(%(ids)s) and a.kind in ('sms', 'email', 'crm')
 order by a.lead_id, a.kind, (a.state = 'skipped' or a.reason is not distinct from 'already_answered'), a.created_at desc, a.id desc

-- name: reading_latest_inquiries
select distinct on (i.lead_id) i.lead_id, i.asked_at, i.sealed_details, dk.id as key_id, dk.kek_id, dk.wrapped
  from inquiry i
  join capture c on c.id = i.id
  join vault.data_key dk on dk.id = c.data_key_id
 where i.lead_id = any(%(ids)s)
 order by i.lead_id, i.asked_at desc

-- name: reading_inquiries
select i.id, i.channel, i.source, i.asked_at, i.sealed_details, i.repeats, i.score, i.temperature, i.reasons, i.agent_id,
       i.agent_because, i.listed, i.first_touch_at, c.at as captured_at, c.door, dk.id as key_id, dk.kek_id, dk.wrapped
  from inquiry i
  join capture c on c.id = i.id
  join vault.data_key dk on dk.id = c.data_key_id
 where i.lead_id = %(lead_id)s
 order by i.asked_at desc
 limit %(limit)s

-- name: reading_contacts
select c.kind, c.sealed_value, c.consent, c.consent_at, p.opted_out_at, p.opted_out_by, dk.id as key_id, dk.kek_id, dk.wrapped
  from lead_contact c
  join contact_point p on p.id = c.contact_point_id
  join lead l on l.id = c.lead_id
  join vault.data_key dk on dk.id = l.data_key_id
 where c.lead_id = %(lead_id)s
 order by c.kind desc, c.consent_at desc

-- name: reading_consents
select channel, level, missing, at from consent where lead_id = %(lead_id)s order by at desc, id desc limit %(limit)s

-- name: reading_actions
select a.id, a.cause_id, a.kind, a.channel, a.purpose, a.state, a.practice, a.agent_id, a.created_at, a.due_at, a.settled_at,
       a.vendor, a.vendor_ref, a.reason, a.decision, a.possible_duplicate, a.attempts, a.content, a.data_key_id, dk.kek_id,
       dk.wrapped, i.asked_at, i.first_touch_at
  from action a
  left join vault.data_key dk on dk.id = a.data_key_id
  left join inquiry i on i.id = a.cause_id
 where a.lead_id = %(lead_id)s
 order by a.created_at desc, a.id desc
 limit %(limit)s

-- name: reading_attempts
select id, action_id, attempt_id, at, event, state, detail from attempt where action_id = any(%(ids)s) order by id

-- name: reading_messages
select m.id, m.channel, m.intent, m.body, m.at, dk.id as key_id, dk.kek_id, dk.wrapped
  from message m join vault.data_key dk on dk.id = m.data_key_id
 where m.lead_id = %(lead_id)s and m.intent <> 'asked' -- stands there as their inquiry
 order by m.at desc
 limit %(limit)s

-- name: reading_events
select id, at, actor, kind, data from event where lead_id = %(lead_id)s order by id desc limit %(limit)s

-- name: reading_letters
select t.id, t.user_id, t.channel, t.content, t.at, t.send_at, t.accepted, dk.id as key_id, dk.kek_id, dk.wrapped
  from letter t join vault.data_key dk on dk.id = t.data_key_id
 where t.lead_id = %(lead_id)s
 order by t.at desc
 limit %(limit)s

-- name: reading_notes
select n.id, n.user_id, n.body, n.at, dk.id as key_id, dk.kek_id, dk.wrapped
  from note n join vault.data_key dk on dk.id = n.data_key_id
 where n.lead_id = %(lead_id)s
 order by n.at desc
 limit %(limit)s

-- name: reading_today
-- since midnight of the team's own day
select count(*) as leads, count(l.first_touch_at) as answered,
       percentile_cont(0.5) within group (order by extract(epoch from l.first_touch_at - i.asked_at)::float8) as median_s
  from lead l
  left join lateral (select min(asked_at) as asked_at from inquiry where lead_id = l.id and not listed) i on true
 where l.created_at >= %(midnight)s and l.status <> 'imported' and (%(practice)s or not l.practice)

-- name: reading_waiting
-- people whom nothing has reached yet though something is on its way. since: what was asked earlier has expired
select count(*) as people, min(w.asked_at) as oldest_asked_at
  from (select i.lead_id, min(i.asked_at) as asked_at
          from inquiry i
          join lead l on l.id = i.lead_id
         where i.first_touch_at is null and i.asked_at >= %(since)s and l.first_touch_at is null
           and exists (select 1 from action a where a.cause_id = i.id and a.purpose = 'instant_reply'
                          and a.state in ('planned', 'deferred', 'sending'))
         group by i.lead_id) w

-- name: reading_dead_letters
select a.id, a.kind, a.channel, a.purpose, a.state, a.reason, a.vendor, a.attempts, a.created_at, a.settled_at, a.lead_id,
       a.agent_id, a.practice, a.possible_duplicate, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped
  from action a
  left join lead l on l.id = a.lead_id
  left join vault.data_key dk on dk.id = l.data_key_id
 where a.state in ('dead', 'unknown')
 order by a.settled_at desc, a.id desc
 limit %(limit)s

-- name: reading_trials
-- what a member of the team sent to themselves to see whether it arrives
select id, kind, channel, state, reason, vendor, due_at, created_at, settled_at, practice, decision ->> 'sentence' as sentence
  from action
 where id = any(%(ids)s) and agent_id = %(user_id)s and kind in ('test_sms', 'test_email')
 order by created_at, id
