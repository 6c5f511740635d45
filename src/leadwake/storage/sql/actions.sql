-- The life of an action: claim, settle, reconcile. State changes are guarded, the log only grows.

-- name: claim_lock
-- one order for everybody (by hash), and nobody waits: a contact that is locked just now is tried again in a moment
select id from contact_point
 where id in (select contact_point_id from action where id = any(%(ids)s))
 order by hash
   for no key update skip locked

-- name: claim_read
select a.id, a.cause_id, a.kind, a.recipient, a.channel, a.purpose, a.practice, a.lead_id, a.contact_point_id, a.agent_id,
       a.attempts, a.failures, a.resends, a.possible_duplicate, a.created_at, a.due_at, a.vendor, a.vendor_ref,
       a.reason as was_because, l.created_at as lead_created_at, cap.at as captured_at, en.enrolled_by, en.started_at as enrolled_at,
       a.content, a.data_key_id as content_key_id, ck.kek_id as content_kek_id, ck.wrapped as content_wrapped,
       p.opted_out_at, p.bounced_at, p.voice_stopped_at, l.paused_at, l.paused_why, l.restricted_at, l.lives_at,
       exists (select 1 from mail_pause where resumed_at is null) as mail_paused,
       l.sealed_profile, l.data_key_id, l.score, l.temperature, l.reasons, l.agent_id as owner_id, dk.kek_id, dk.wrapped,
       c.sealed_value, c.consent, c.inquiry_at,
       i.sealed_details, cap.door, i.agent_id as inquiry_agent_id, ik.id as details_key_id, ik.kek_id as details_kek_id,
       ik.wrapped as details_wrapped,
       sent.in_flight, sent.prior_sends, sent.answered_at,
       case when a.contact_point_id is not null then (
           select max(sp.opted_out_at) from lead_contact sc join contact_point sp on sp.id = sc.contact_point_id
            where sc.lead_id = a.lead_id and sc.kind = 'phone'
              and sp.opted_out_by not in ('wrong_number', 'preferences', 'crm'))
       end as person_stopped_at,
       case when a.state = 'deferred' and a.purpose = 'instant_reply' then greatest(l.contacted_at, (
           select max(m.at) from message m where m.lead_id = a.lead_id and m.intent <> 'help')) end as in_touch_at,
       case when a.purpose = 'staff' and a.channel not in ('crm', 'crm_gohighlevel') then (
           select jsonb_build_object('state', o.state, 'reason', o.reason, 'sentence', o.decision ->> 'sentence')
             from action o where o.cause_id = coalesce(fc.inquiry_id, a.cause_id) and o.kind = 'sms' and o.state <> 'planned' limit 1) end as answer,
       f.code as offer_code, fc.state as offer_state,
       case when a.kind = 'alert_taken_slack' then (
           select jsonb_build_object('state', o.state, 'ref', o.vendor_ref) from action o where o.id = a.recipient::uuid) end as alert,
       rm.body as reply_body, rm.intent as reply_intent, rk.id as reply_key_id, rk.kek_id as reply_kek_id, rk.wrapped as reply_wrapped,
       case when a.channel = 'email' and a.contact_point_id is not null then (
           select bool_or(tc.consent in ('written', 'declined') or tp.opted_out_at is not null)
             from lead_contact tc join contact_point tp on tp.id = tc.contact_point_id
            where tc.lead_id = a.lead_id and tc.kind = 'phone') end as texts_settled,
       case when a.kind in ('digest_email', 'digest_slack') then (
           select jsonb_build_object('content', dg.content, 'leads', (
                      select coalesce(jsonb_agg(jsonb_build_object(
                                 'id', dl.id, 'profile', encode(dl.sealed_profile, 'base64'), 'key_id', gk.id, 'kek_id', gk.kek_id,
                                 'wrapped', encode(gk.wrapped, 'base64'))), '[]')
                        from lead dl join vault.data_key gk on gk.id = dl.data_key_id
                       where dl.id = any(dg.lead_ids) and dl.restricted_at is null))
             from digest dg where dg.id = a.cause_id) end as digest,
       case when a.kind in ('ops_slack', 'ops_email') then (
           select jsonb_build_object('about', n.about, 'at', n.at, 'over_at', n.over_at, 'content', n.content, 'told', (
                      select b.state from action b where b.cause_id = n.id and b.kind = 'ops_slack' and b.recipient = 'begun'))
             from ops_notice n where n.id = a.cause_id) end as ops,
       case when a.kind in ('page_sms', 'page_email', 'page_slack') then (select s.why from slo_act s where s.id = a.cause_id) end as page,
       case when a.purpose = 'instant_reply' and (a.kind = 'email' and a.ordinal = 1 or a.kind = 'sms' and a.created_at < %(now)s - interval '5 seconds') then (
           select jsonb_build_object('state', o.state, 'resends', o.resends, 'at', o.created_at) from action o
            where o.cause_id = a.cause_id and o.kind = case a.kind when 'sms' then 'email' else 'sms' end
              and o.ordinal = case a.kind when 'sms' then 1 else 0 end limit 1) end as other_answer,
       case when a.kind = 'enrich' then (
           select jsonb_build_object('asked_at', max(o.claimed_at) filter (where o.state in ('sent', 'unknown')),
                                     'is_under_way', coalesce(bool_or(o.state = 'sending'), false),
                                     'is_stopped', exists (select 1 from lead_contact sc join contact_point sp on sp.id = sc.contact_point_id
                                                            where sc.lead_id = a.lead_id and sp.opted_out_at is not null))
             from action o
            where o.lead_id = a.lead_id and o.kind = 'enrich' and o.id <> a.id and o.practice = a.practice) end as looked_up,
       case when a.kind = 'crm_deal' then (
           select jsonb_build_object('milestone', d.told, 'newest', d.ordinal, 'cents', oc.cents, 'ref', (
                      select o.vendor_ref from action o where o.cause_id = a.cause_id and o.kind = 'crm_deal'
                         and o.recipient = a.recipient and o.vendor_ref is not null limit 1), 'contact', (
                      select o.vendor_ref from action o where o.lead_id = a.lead_id and o.kind = 'crm'
                         and o.recipient = a.recipient and o.vendor_ref is not null order by o.created_at desc limit 1))
             from crm_deal d
             left join outcome oc on oc.source = 'leadwake' and oc.ref = d.inquiry_id::text and oc.kind = d.told
            where d.vendor = a.recipient and d.inquiry_id = a.cause_id) end as deal,
       case when a.kind in ('call_reminder_sms', 'call_reminder_email', 'call_reminder_slack') then (
           select jsonb_build_object('is_over', ct.done_at is not null or coalesce(ct.snoozed_until > %(now)s, false), 'why', ct.best_why)
             from task ct where ct.id = a.cause_id) end as call_task,
       case when a.kind = 'webhook' then (
           select jsonb_build_object('type', w.type, 'has_endpoint', e.id is not null, 'is_paused', e.paused_at is not null,
                                     'is_erased', w.lead_id is not null and wl.id is null, 'is_restricted', wl.restricted_at is not null)
             from webhook_event w
             left join webhook_endpoint e on e.id = a.recipient::uuid
             left join lead wl on wl.id = w.lead_id
            where w.id = a.cause_id) end as webhook,
       case when a.kind in ('hot_alert_sms', 'hot_alert_email', 'hot_alert_slack') then (
           select e.data ->> 'because' from event e
            where e.lead_id = a.lead_id and e.kind = 'became_hot' order by e.id desc limit 1) end as hot_because,
       a.ordinal, mt.state as meeting_state, mt.starts_at as meeting_starts_at, mt.sealed as meeting_sealed,
       case when a.kind in ('meeting_reminder_sms', 'meeting_reminder_email') then mt.starts_at end as reminds_of,
       case when a.kind = 'no_show_email' then exists (
           select 1 from action o where o.cause_id = a.cause_id and o.kind = 'no_show_sms'
              and o.state in ('planned', 'deferred', 'sending', 'sent', 'delivered', 'unknown')) end as is_texted,
       en.sequence, en.version as sequence_version, en.state as enrollment_state, en.step as enrollment_step,
       case when en.id is not null then (
           select e.sealed_found from enrichment e where e.lead_id = a.lead_id and e.outcome = 'found'
            order by e.asked_at desc limit 1) end as enriched,
       ch.id as chat_id, ch.talked_at as chat_talked_at, ch.ended_at as chat_ended_at, ch.welcome as chat_welcome,
       ch.language as chat_language,
       lt.content as letter_content, lt.send_at as letter_send_at, lt.accepted as letter_accepted,
       case when a.kind = 'human_email' then (
           select o.id from action o
            where o.contact_point_id = a.contact_point_id and o.channel = 'email' and o.state in ('sent', 'delivered')
            order by o.claimed_at desc limit 1) end as mail_before
  from action a
  left join contact_point p on p.id = a.contact_point_id
  left join lead l on l.id = a.lead_id
  left join vault.data_key dk on dk.id = l.data_key_id
  left join vault.data_key ck on ck.id = a.data_key_id
  left join lead_contact c on c.contact_point_id = a.contact_point_id and c.lead_id = a.lead_id
  left join offer f on f.lead_id = a.lead_id and f.agent_id = a.agent_id and f.state = 'open'
  left join offer fc on fc.id = a.cause_id
  left join enrollment en on en.id = a.cause_id
  left join inquiry i on i.id = coalesce(fc.inquiry_id, en.inquiry_id, a.cause_id)
  left join capture cap on cap.id = i.id
  left join vault.data_key ik on ik.id = cap.data_key_id
  left join message rm on rm.id = a.cause_id
  left join vault.data_key rk on rk.id = rm.data_key_id
  left join letter lt on lt.id = a.cause_id
  left join chat ch on ch.id = case a.kind when 'human_chat' then lt.chat_id when 'chat' then a.recipient::uuid end
  left join meeting mt on mt.id = a.cause_id
  left join lateral (
       select bool_or(o.state = 'sending' and o.channel = a.channel) as in_flight,
              array_agg(o.claimed_at) filter (where o.channel = 'sms' and o.purpose not in ('human', 'staff')
                                                and o.claimed_at > %(now)s - interval '24 hours') as prior_sends,
              max(o.claimed_at) filter (where o.channel = 'sms' and o.purpose = 'instant_reply'
                                          and o.claimed_at > %(now)s - interval '10 minutes') as answered_at
         from action o
        where o.contact_point_id = a.contact_point_id and o.id <> a.id
          and o.state in ('sending', 'sent', 'delivered', 'undelivered', 'bounced', 'unknown')
          and o.claimed_at > %(now)s - interval '24 hours'
       ) sent on a.contact_point_id is not null
 where a.id = any(%(ids)s) and a.state in ('planned', 'deferred') and a.due_at <= %(now)s
   and (a.contact_point_id is null or a.contact_point_id = any(%(locked)s))
 order by a.created_at, a.id
   for no key update of a skip locked

-- name: claim_write
with v as (
    select id, state, attempt_id, due_at, wake_s, vendor, reason, decision::jsonb as decision, key_id, content,
           facts::jsonb as facts, message, message_key_id, sender, segments
      from unnest(%(ids)s::uuid[], %(states)s::text[], %(attempt_ids)s::uuid[], %(due_ats)s::timestamptz[],
                  %(wake_s)s::float8[], %(vendors)s::text[], %(reasons)s::text[], %(decisions)s::text[],
                  %(key_ids)s::uuid[], %(contents)s::bytea[], %(facts)s::text[], %(messages)s::bytea[],
                  %(message_key_ids)s::uuid[], %(senders)s::text[], %(segments)s::smallint[])
           as v (id, state, attempt_id, due_at, wake_s, vendor, reason, decision, key_id, content, facts, message,
                 message_key_id, sender, segments)
), written as (
    update action a
       set state = v.state, attempt_id = coalesce(v.attempt_id, a.attempt_id),
           attempts = a.attempts + (v.state = 'sending')::int, checks = 0,
           due_at = v.due_at, wake_at = clock_timestamp() + make_interval(secs => v.wake_s),
           lease_until = case when v.state = 'sending' then clock_timestamp() + make_interval(secs => %(lease_s)s) end,
           claimed_at = case when v.state = 'sending' then %(now)s else a.claimed_at end,
           settled_at = case when v.state in ('sending', 'planned', 'deferred') then null else %(now)s end,
           vendor = coalesce(v.vendor, a.vendor), reason = v.reason, decision = coalesce(v.decision, a.decision),
           data_key_id = coalesce(v.key_id, a.data_key_id), content = coalesce(v.content, a.content),
           segments = coalesce(v.segments, a.segments)
      from v where a.id = v.id
    returning a.id, a.lead_id, a.contact_point_id, a.channel, a.purpose
), logged as (
    insert into attempt (action_id, attempt_id, at, event, state, detail)
    select id, attempt_id, %(now)s, case when state = 'sending' then 'claimed' else 'decided' end, state,
           case when state = 'sending' then jsonb_build_object('vendor', vendor)
                else jsonb_build_object('reason', reason, 'due_at', due_at) end
      from v
), decided as (
    insert into decision (at, action_id, lead_id, contact_point_id, channel, purpose, outcome, reason, rule, table_version,
                          policy_version, consent_id, template, template_version, sender, facts, data_key_id, sealed_message,
                          result)
    select %(now)s, w.id, w.lead_id, w.contact_point_id, w.channel, w.purpose, v.decision ->> 'outcome',
           v.decision ->> 'reason', v.decision ->> 'rule', v.decision ->> 'table_version',
           (v.decision ->> 'policy_version')::int,
           (select max(c.id) from consent c
             where c.lead_id = w.lead_id and c.contact_point_id = w.contact_point_id and c.channel = w.channel),
           v.decision ->> 'template', (v.decision ->> 'template_version')::int, v.sender, v.facts, v.message_key_id, v.message,
           v.decision - '{sentence,template,template_version,accepted}'::text[]
      from written w join v on v.id = w.id
     where v.message is not null
)
select pg_notify('leadwake_live', string_agg(distinct a.lead_id::text, ','))
  from v join action a on a.id = v.id
 where v.state <> 'sending' and a.lead_id is not null
having count(*) > 0

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

-- name: claim_unseen
-- each endpoint of a webhook has a lane of its own
select id, case when channel = 'webhook' then 'webhook ' || recipient else channel end as channel from action where id = any(%(ids)s) and state in ('planned', 'deferred')
   and due_at <= %(now)s

-- name: vendor_state_read
select state from vendor_state where vendor = %(vendor)s for update

-- name: ops_cancel
update action set state = 'cancelled', due_at = null, wake_at = null, settled_at = %(now)s, reason = 'vendor_is_back'
 where kind = 'ops_email' and state in ('planned', 'deferred') and recipient like %(vendor)s
