-- An action is claimed: what it is judged by is read under its contact's lock, what was decided is written.

-- name: claim_lock
-- one order for everybody (by hash), and nobody waits: a contact that is locked just now is tried again in a moment
select id from contact_point
 where id in (select contact_point_id from action where id = any(%(ids)s))
 order by hash
   for no key update skip locked

-- name: claim_read
select a.id, a.cause_id, a.kind, a.recipient, a.ordinal, a.channel, a.purpose, a.practice, a.lead_id, a.contact_point_id, a.agent_id,
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
       case when a.channel = 'email' and a.contact_point_id is not null then (
           select bool_or(tc.consent in ('written', 'declined') or tp.opted_out_at is not null)
             from lead_contact tc join contact_point tp on tp.id = tc.contact_point_id
            where tc.lead_id = a.lead_id and tc.kind = 'phone') end as texts_settled,
       case when a.purpose = 'instant_reply' and (a.kind = 'email' and a.ordinal = 1 or a.kind = 'sms' and a.created_at < %(now)s - interval '5 seconds') then (
           select jsonb_build_object('state', o.state, 'resends', o.resends, 'at', o.created_at) from action o
            where o.cause_id = a.cause_id and o.kind = case a.kind when 'sms' then 'email' else 'sms' end
              and o.ordinal = case a.kind when 'sms' then 1 else 0 end limit 1) end as other_answer,
       en.sequence, en.version as sequence_version, en.state as enrollment_state, en.step as enrollment_step
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

-- name: claim_unseen
-- each endpoint of a webhook has a lane of its own
select id, case when channel = 'webhook' then 'webhook ' || recipient else channel end as channel from action where id = any(%(ids)s) and state in ('planned', 'deferred')
   and due_at <= %(now)s
