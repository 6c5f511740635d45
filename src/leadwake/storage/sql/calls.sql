-- Calls, in and out. Each change names the states it may come from, so that webhooks in any order move nothing backwards.

-- name: call_arrives
-- once, however often the vendor tells
with c as (
    insert into call (id, direction, lead_id, contact_point_id, state, vendor, ref, at, data_key_id, sealed_form)
    values (%(id)s, 'in', %(lead_id)s, %(point)s, 'ringing', 'twilio', %(ref)s, %(now)s, %(key_id)s, %(form)s)
    on conflict (vendor, ref) do nothing
    returning id
), k as (
    insert into vault.data_key (id, kek_id, wrapped) select %(key_id)s, %(kek_id)s, %(wrapped)s from c
)
select pg_notify('leadwake_live', %(lead_id)s::text) from c where %(lead_id)s::uuid is not null

-- name: call_place
insert into call (id, direction, lead_id, contact_point_id, agent_id, state, vendor, at)
values (%(id)s, 'out', %(lead_id)s, %(point)s, %(agent_id)s, 'planned', 'twilio', %(now)s)

-- name: call_read
select c.id, c.direction, c.lead_id, c.contact_point_id, c.agent_id, c.state, coalesce(c.ref, a.vendor_ref) as ref, c.at,
       c.answered_at, c.ended_at, c.outcome, c.sealed_form, c.data_key_id, k.kek_id, k.wrapped
  from call c
  left join action a on a.id = c.id
  left join vault.data_key k on k.id = c.data_key_id
 where c.id = %(id)s

-- name: call_of_ref
select id from call where vendor = 'twilio' and ref = %(ref)s

-- name: call_callers
-- whom a number belongs to, in the order in which an inquiry without a name finds its person
select l.id, l.agent_id, l.temperature, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped, p.id as point, p.opted_out_at
  from contact_point p
  join lead_contact c on c.contact_point_id = p.id
  join lead l on l.id = c.lead_id
  join vault.data_key dk on dk.id = l.data_key_id
 where p.kind = 'phone' and p.hash = %(hash)s
 order by l.created_at

-- name: call_offered_to
select agent_id from offer where lead_id = %(lead_id)s and state = 'open' order by at

-- name: call_take
-- the first key that is pressed; none once the caller was given up
update call set state = 'talking', agent_id = %(agent_id)s, answered_at = %(now)s, look_at = now() + interval '60 seconds'
 where id = %(id)s and direction = 'in' and state = 'ringing' and outcome is null

-- name: call_give_up
-- nobody takes it any more; it stays open until everything that follows is written
update call set outcome = 'no_answer', ended_at = %(now)s
 where id = %(id)s and direction = 'in' and state = 'ringing' and outcome is null

-- name: call_let_down
-- somebody pressed the key in the moment in which the caller hung up: nobody talked
update call set outcome = 'no_answer', ended_at = %(now)s
 where id = %(id)s and direction = 'in' and state = 'talking' and outcome is null

-- name: call_missed
update call set state = 'missed', lead_id = coalesce(%(lead_id)s, lead_id), agent_id = null, answered_at = null
 where id = %(id)s and direction = 'in' and state in ('ringing', 'talking') and outcome is not null

-- name: call_followed
-- its capture holds what came: the call's own copy is gone, and its key
with gone as (
    delete from vault.data_key k using call c
     where c.id = %(id)s and k.id = c.data_key_id and (c.outcome is not null) = %(is_missed)s
)
update call set lead_id = coalesce(%(lead_id)s, lead_id), data_key_id = null, sealed_form = null,
       contact_point_id = coalesce((select contact_point_id from lead_contact where lead_id = %(lead_id)s and kind = 'phone'
                                     order by inquiry_at desc nulls last limit 1), contact_point_id)
 where id = %(id)s and sealed_form is not null and (outcome is not null) = %(is_missed)s

-- name: call_lead
select agent_id from lead where id = %(lead_id)s

-- name: call_text
-- a text that went back to the caller, or is about to
select 1 from action a join contact_point p on p.id = a.contact_point_id
 where a.cause_id = %(id)s and a.kind = 'sms' and a.state in ('planned', 'sending', 'sent', 'delivered') and p.opted_out_at is null

-- name: call_text_withheld
-- its inquiry was taken in as one that a colleague talks with
select 1 from action where cause_id = %(id)s and kind = 'sms' and ordinal = 0 and state = 'skipped' and reason = 'in_touch'

-- name: call_text_more
-- the ledger counts what was planned with an inquiry
update inquiry set planned = planned + 1 where id = %(id)s

-- name: call_rings
update call set state = 'ringing', ref = coalesce(ref, %(ref)s), look_at = now() + interval '60 seconds'
 where id = %(id)s and direction = 'out' and state = 'planned'

-- name: call_connects
-- the lead's phone is about to ring: if nothing better is heard, nobody answered
update call set outcome = 'no_answer' where id = %(id)s and direction = 'out' and state in ('planned', 'ringing')

-- name: call_answered
-- both are on the line
update call set state = 'talking', answered_at = %(now)s
 where id = %(id)s and direction = 'out' and state in ('planned', 'ringing')

-- name: call_ended
update call set state = 'ended', ended_at = %(now)s, outcome = case when outcome_by is null then %(outcome)s else outcome end
 where id = %(id)s and state = any(%(before)s) and sealed_form is null and (direction = 'out' or outcome is null)
returning lead_id

-- name: call_failed
update call set state = 'failed', ended_at = %(now)s, outcome = %(outcome)s
 where id = %(id)s and direction = 'out' and state in ('planned', 'ringing')
returning lead_id

-- name: call_action_off
-- nothing is placed any more for a call that was called off
with u as (
    update action set state = 'cancelled', due_at = null, wake_at = null, settled_at = %(now)s, reason = 'called_off'
     where id = %(id)s and state in ('planned', 'deferred')
    returning id, attempt_id
)
insert into attempt (action_id, attempt_id, at, event, state, detail)
select id, attempt_id, %(now)s, 'cancelled', 'cancelled', '{"reason": "called_off"}' from u

-- name: call_outcome
update call set outcome = %(outcome)s, outcome_by = %(by)s, outcome_at = %(now)s
 where id = %(id)s and lead_id is not null and state in ('ended', 'failed')
returning lead_id, contact_point_id

-- name: call_agent_lock
-- one call at a time rings an agent's phone: asked under this lock, in a statement of its own, which sees what came before
select id from app_user where id = %(agent_id)s for no key update

-- name: call_agent_is_calling
select 1 from call
 where agent_id = %(agent_id)s and direction = 'out' and at > %(since)s and state in ('planned', 'ringing', 'talking')
 limit 1

-- name: call_target
-- the number of a lead that a call would go to, and what speaks against it
select c.contact_point_id as point, c.sealed_value, c.consent, c.inquiry_at, p.opted_out_at, p.voice_stopped_at, l.sealed_profile,
       l.data_key_id, l.lives_at, l.temperature, l.restricted_at, dk.kek_id, dk.wrapped
  from lead l
  join lead_contact c on c.lead_id = l.id and c.kind = 'phone'
  join contact_point p on p.id = c.contact_point_id
  join vault.data_key dk on dk.id = l.data_key_id
 where l.id = %(lead_id)s and (%(point)s::bigint is null or p.id = %(point)s)
 order by p.opted_out_at is not null, c.consent_at desc
 limit 1

-- name: call_lead_replied
-- they called and nobody has answered since
update lead set replied_at = %(now)s, last_at = %(now)s where id = %(lead_id)s

-- name: calls_to_look_at
-- a lease on the question, so that two processes do not both ask
with due as (
    select id from call
     where state in ('planned', 'ringing', 'talking') and look_at <= now()
     order by look_at
     limit %(limit)s
       for no key update skip locked
), mine as (
    update call c set look_at = now() + interval '30 seconds' from due where c.id = due.id
    returning c.*
)
select m.id, m.direction, m.state, m.lead_id, m.agent_id, m.at, m.outcome, coalesce(m.ref, a.vendor_ref) as ref,
       a.state as action_state, a.reason as action_reason
  from mine m left join action a on a.id = m.id

-- name: reading_calls
-- newest first; before: none later than this
select c.id, c.direction, c.agent_id, c.at, c.answered_at, c.ended_at, c.outcome, c.outcome_by,
       case when c.state = 'planned' and a.state in ('blocked', 'cancelled', 'skipped', 'expired', 'unknown', 'dead')
            then 'failed' else c.state end as state,
       t.state as text_state
  from call c
  left join action a on a.id = c.id
  left join lateral (select x.state from action x where x.cause_id = c.id and x.kind = 'sms'
                      order by x.created_at desc limit 1) t on c.state = 'missed'
 where c.lead_id = %(lead_id)s and (%(before)s::timestamptz is null or c.at < %(before)s)
 order by c.at desc
 limit %(limit)s

-- name: erase_calls
-- of this lead, and of a number that was nobody else's
delete from call where lead_id = %(lead_id)s or (lead_id is null and contact_point_id = any(%(own_points)s))
returning data_key_id
