-- The life of an action after its claim: settle, reconcile. State changes are guarded, the log only grows.

-- name: settle
with v as (
    select * from unnest(%(ids)s::uuid[], %(attempt_ids)s::uuid[], %(states)s::text[], %(due_ats)s::timestamptz[],
                         %(failures)s::int[], %(resends)s::int[], %(duplicates)s::boolean[], %(refs)s::text[], %(reasons)s::text[],
                         %(events)s::text[])
           as v (id, attempt_id, state, due_at, failures, resends, duplicate, ref, reason, event)
), settled as (
    update action a
       set state = v.state, due_at = v.due_at, lease_until = null,
           wake_at = case when v.due_at is null then null else now() end,
           settled_at = case when v.due_at is null then %(now)s end,
           failures = a.failures + v.failures, resends = a.resends + v.resends,
           possible_duplicate = a.possible_duplicate or v.duplicate, taken = a.taken + (v.state = 'sent')::int,
           vendor_ref = coalesce(v.ref, a.vendor_ref), reason = v.reason
      from v
     where a.id = v.id and a.attempt_id = v.attempt_id and a.state = 'sending'
    returning a.id, a.cause_id, a.lead_id, a.contact_point_id, a.kind, a.channel, a.purpose, a.vendor, a.state, a.possible_duplicate,
              a.claimed_at, v.attempt_id, v.event, v.reason, v.ref
), logged as (
    insert into attempt (action_id, attempt_id, at, event, state, detail)
    select id, attempt_id, %(now)s, event, state, jsonb_strip_nulls(jsonb_build_object('reason', reason, 'ref', ref, 'vendor', vendor))
      from settled
), answered as (
    update inquiry i set first_touch_at = %(now)s
      from (select distinct cause_id from settled where state = 'sent' and purpose = 'instant_reply') s
     where i.id = s.cause_id and i.first_touch_at is null
    returning i.id, i.lead_id, i.asked_at
), leads as (
    update lead l set first_touch_at = coalesce(l.first_touch_at, %(now)s),
           status = case when l.status in ('new', 'imported') then 'answered' else l.status end
      from (select distinct lead_id from answered) t
     where l.id = t.lead_id
), told as (
    select pg_notify('leadwake_live', string_agg(distinct lead_id::text, ',')) from settled where lead_id is not null
    having count(*) > 0
)
select s.id, s.lead_id, s.contact_point_id, s.kind, s.channel, s.purpose, s.state, s.claimed_at, n.asked_at
  from settled s left join answered n on n.id = s.cause_id
 where (select count(*) from told) >= 0

-- name: pump_due
-- whatever is due and nobody has looked at: woken again, at most once in ten seconds; who was woken longest ago comes
-- first, so that the many that wait for a vendor that is down do not keep the few of another from their turn
with due as (
    select id from action
     where state in ('planned', 'deferred') and due_at <= %(now)s and wake_at <= now() and queue = any(%(queues)s)
     order by wake_at
     limit %(limit)s
       for no key update skip locked
)
update action a set wake_at = now() + interval '10 seconds'
  from due where a.id = due.id
returning a.id, a.channel, a.queue

-- name: pump_captures
with due as (
    select id from capture where outcome = 'pending' and retry_at <= now() order by retry_at limit 100 for no key update skip locked
)
update capture c set retry_at = now() + interval '30 seconds' from due where c.id = due.id
returning c.id

-- name: pump_turn
-- one process does the housekeeping at a time; the lock ends with the transaction, so that a paused one holds up nobody
select pg_try_advisory_xact_lock(7230002) as mine

-- name: reconcile_due
with due as (
    select id from action
     where state = 'sending' and wake_at <= now()
     order by wake_at
     limit %(limit)s
       for no key update skip locked
), mine as (
    update action a set wake_at = now() + interval '20 seconds' from due where a.id = due.id
    returning a.*
)
select m.id, m.attempt_id, m.kind, m.channel, m.purpose, m.vendor, m.checks, m.resends, m.possible_duplicate, m.contact_point_id,
       m.lead_id, m.data_key_id, m.content, m.lease_until, dk.kek_id, dk.wrapped,
       m.lead_id is not null and dk.id is null as is_erased,
       exists (select 1 from enrichment e where e.action_id = m.id) as is_enriched,
       (select array_agg(o.vendor_ref) from action o
         where (o.contact_point_id = m.contact_point_id or (m.contact_point_id is null and o.lead_id = m.lead_id))
           and o.vendor_ref is not null) as known_refs
  from mine m left join vault.data_key dk on dk.id = m.data_key_id

-- name: reconcile_again
-- nothing found, or nobody to ask: look again later
update action set wake_at = now() + make_interval(secs => %(after_s)s), checks = checks + %(checks)s
 where id = %(id)s and attempt_id = %(attempt_id)s and state = 'sending'

-- name: in_flight
-- texts to this contact whose outcome is open and whose worker may still be writing
select count(*) as n from action
 where contact_point_id = %(point)s and state = 'sending' and lease_until > clock_timestamp()

-- name: action_for_delivery
select id, attempt_id, state, channel, kind, purpose, contact_point_id, lead_id, vendor, vendor_ref, failures, created_at, claimed_at
  from action
 where id = %(id)s
   for no key update

-- name: action_delivery
with u as (
    update action
       set state = %(state)s, lease_until = null, due_at = %(due_at)s,
           wake_at = case when %(due_at)s::timestamptz is null then null else now() end,
           settled_at = case when %(due_at)s::timestamptz is null then %(now)s::timestamptz end,
           failures = failures + %(failures)s, vendor_ref = coalesce(%(ref)s, vendor_ref), reason = %(reason)s
     where id = %(id)s
    returning id, lead_id, cause_id, purpose
), answered as (
    update inquiry i set first_touch_at = %(now)s from u
     where i.id = u.cause_id and u.purpose = 'instant_reply' and i.first_touch_at is null and %(accepted)s
    returning i.lead_id, i.asked_at
), leads as (
    update lead l set first_touch_at = coalesce(l.first_touch_at, %(now)s),
           status = case when l.status in ('new', 'imported') then 'answered' else l.status end
      from answered where l.id = answered.lead_id
), told as (
    select pg_notify('leadwake_live', lead_id::text) from u where lead_id is not null
)
select (select count(*) from told) as told, (select asked_at from answered) as answered_asked_at,
       (select i.asked_at from inquiry i join u on u.cause_id = i.id) as asked_at

-- name: attempt_note
insert into attempt (action_id, attempt_id, at, event, state, detail)
values (%(id)s, %(attempt_id)s, %(now)s, %(event)s, %(state)s, %(detail)s)

-- name: plan_action
insert into action (id, cause_id, kind, recipient, ordinal, lead_id, contact_point_id, agent_id, channel, purpose, queue, state,
                    practice, created_at, due_at, wake_at, settled_at, reason, content, data_key_id)
values (%(id)s, %(cause_id)s, %(kind)s, %(recipient)s, %(ordinal)s, %(lead_id)s, %(contact_point_id)s, %(agent_id)s, %(channel)s,
        %(purpose)s, %(queue)s, %(state)s, %(practice)s, %(now)s, %(due_at)s,
        case when %(state)s = 'planned' then now() + interval '8 seconds' end,
        case when %(state)s <> 'planned' then %(now)s::timestamptz end, %(reason)s, %(content)s, %(key_id)s)
on conflict (cause_id, kind, recipient, ordinal) do nothing

-- name: dead_letter_count
select count(*) as n from action where state in ('dead', 'unknown')

-- name: dead_letter_replay
-- planned again, as itself: the gate is asked again, the attempt limit starts over
update action
   set state = 'planned', due_at = %(now)s, wake_at = now(), settled_at = null, failures = 0, checks = 0, resends = 0,
       possible_duplicate = possible_duplicate or state = 'unknown', reason = 'replayed'
 where state in ('dead', 'unknown') and (%(id)s::uuid is null or id = %(id)s)
returning id, channel, queue, attempt_id, lead_id

-- name: cancel_for_contact
-- a stop: whatever is open for the people behind this contact, a look-up too, but for the team's own alerts, the CRM record and a chat
with u as (
    update action a
       set state = 'cancelled', due_at = null, wake_at = null, settled_at = %(now)s, reason = 'opted_out'
     where a.state in ('planned', 'deferred') and (a.purpose <> 'staff' or a.channel = 'enrich')
       and a.channel not in ('crm', 'crm_gohighlevel', 'chat')
       and (a.contact_point_id = %(point)s
            or a.lead_id in (select lead_id from lead_contact where contact_point_id = %(point)s))
    returning a.id, a.attempt_id
)
insert into attempt (action_id, attempt_id, at, event, state, detail)
select id, attempt_id, %(now)s, 'cancelled', 'cancelled', '{"reason": "opted_out"}' from u

-- name: vendor_state_write
insert into vendor_state (vendor, state, reason, since, open_until)
values (%(vendor)s, %(state)s, %(reason)s, now(), now() + make_interval(secs => %(open_s)s))
on conflict (vendor) do update
   set state = excluded.state, reason = excluded.reason, open_until = excluded.open_until,
       since = case when vendor_state.state = excluded.state then vendor_state.since else excluded.since end

-- name: vendor_states_expire
-- said to fail by a process that has died, or with nothing left to try it by: nobody knows it to fail any more
update vendor_state set state = 'closed', reason = null, since = now()
 where state = 'open' and open_until < now() - interval '2 minutes'

-- name: vendor_states
select vendor, state, reason, since, open_until from vendor_state

-- name: vendor_state_read
select state from vendor_state where vendor = %(vendor)s for update

-- name: ops_cancel
update action set state = 'cancelled', due_at = null, wake_at = null, settled_at = %(now)s, reason = 'vendor_is_back'
 where kind = 'ops_email' and state in ('planned', 'deferred') and recipient like %(vendor)s
