-- One inquiry becomes a lead: lock who it may be, then write everything in one statement.

-- name: intake_lock
-- loads: what each agent has on their hands, read only when none of the contacts is anybody's yet
select f.*, case when bool_or(f.lead_id is not null) over () then null else (
           select jsonb_object_agg(agent_id, jsonb_build_object('load', owned + offered, 'served', served, 'served_hot', served_hot))
             from agent_load) end as loads
  from lock_contact_points(%(kinds)s, %(hashes)s) f

-- name: intake_lock_lead
-- a known lead's row, read again under its lock: two inquiries by different contacts must not overwrite each other
select l.id, l.sealed_profile, l.agent_id, l.data_key_id, l.restricted_at, dk.kek_id, dk.wrapped,
       e.phase in ('offered', 'pool') as is_wooed,
       (select o.agent_id from offer o where o.lead_id = l.id and o.state = 'open' order by o.at desc limit 1) as offered_to
  from lead l
  join vault.data_key dk on dk.id = l.data_key_id
  left join escalation e on e.lead_id = l.id
 where l.id = %(lead_id)s
   for no key update of l

-- name: intake_contacts
-- how a known lead may be reached by the contacts it gives now, and whether it said just this before
select c.contact_point_id, c.consent,
       exists (select 1 from inquiry i where i.lead_id = %(lead_id)s and i.fingerprint = %(fingerprint)s
                  and i.asked_at > %(now)s - interval '10 minutes') as repeats
  from (select 1) one
  left join lead_contact c on c.lead_id = %(lead_id)s and c.contact_point_id = any(%(points)s)

-- name: intake_write
with new_key as (
    insert into vault.data_key (id, kek_id, wrapped, lead_id)
    select %(key_id)s, %(kek_id)s, %(wrapped)s, %(lead_id)s where %(is_first)s
), old_key as (
    update vault.data_key set lead_id = %(lead_id)s where id = %(key_id)s and not %(is_first)s
), new_capture as (
    insert into capture (id, at, door, source, outcome, data_key_id, body, lead_id)
    select %(capture_id)s, %(now)s, %(door)s, %(source)s, %(outcome)s, %(key_id)s, %(body)s, %(lead_id)s where %(is_first)s
), old_capture as (
    update capture set outcome = %(outcome)s, reason = null, lead_id = %(lead_id)s, retry_at = null
     where id = %(capture_id)s and not %(is_first)s
), new_lead as (
    insert into lead (id, data_key_id, sealed_profile, agent_id, status, score, temperature, reasons, source, channel, practice,
                      created_at, last_at, claimed_at, rescore_at)
    select %(lead_id)s, %(key_id)s, %(profile)s, %(owner_id)s, %(status)s, %(score)s, %(temperature)s, %(reasons)s, %(source)s,
           %(channel)s, %(practice)s, %(now)s, %(now)s, case when %(owner_id)s::uuid is not null then %(now)s end, %(rescore_at)s
     where %(is_new)s
), old_lead as (
    update lead set sealed_profile = %(profile)s, agent_id = coalesce(agent_id, %(owner_id)s), last_at = %(now)s,
           claimed_at = coalesce(claimed_at, case when %(owner_id)s::uuid is not null then %(now)s end), finished_at = null,
           status = case when status = 'imported' then 'new' else status end,
           replied_at = case when agent_id is not null then coalesce(replied_at, %(now)s) else replied_at end,
           score = greatest(score, %(score)s),
           temperature = case when %(score)s > score then %(temperature)s else temperature end,
           reasons = case when %(score)s > score then %(reasons)s else reasons end
     where id = %(lead_id)s and not %(is_new)s
), contacts as (
    insert into lead_contact as c (lead_id, contact_point_id, kind, sealed_value, consent, consent_at, inquiry_at)
    select %(lead_id)s, point, kind, value, consent, %(now)s, %(asked_at)s
      from unnest(%(points)s::bigint[], %(point_kinds)s::text[], %(values)s::bytea[], %(consents)s::text[])
           as given (point, kind, value, consent)
    on conflict (contact_point_id, lead_id) do update
       set consent = excluded.consent, consent_at = excluded.consent_at, inquiry_at = excluded.inquiry_at
), statements as (
    insert into consent (lead_id, contact_point_id, capture_id, channel, level, missing, at)
    select %(lead_id)s, point, %(capture_id)s, channel, level, string_to_array(missing, ','), %(now)s
      from unnest(%(points)s::bigint[], %(said_channels)s::text[], %(said_levels)s::text[], %(said_missing)s::text[])
           as said (point, channel, level, missing)
), tokens as (
    insert into lead_token (token, lead_id)
    select token, %(lead_id)s from unnest(%(tokens)s::bigint[]) as t (token)
    on conflict do nothing
), new_inquiry as (
    insert into inquiry (id, lead_id, channel, source, asked_at, sealed_details, fingerprint, repeats, score, temperature, reasons,
                         agent_id, agent_because, offered_at, planned, listed)
    values (%(capture_id)s, %(lead_id)s, %(channel)s, %(source)s, %(asked_at)s, %(details)s, %(fingerprint)s, %(repeats)s,
            %(score)s, %(temperature)s, %(reasons)s, %(agent_id)s, %(agent_because)s, case when %(agent_id)s::uuid is not null then %(now)s end, %(planned)s, %(listed)s)
), signals as (
    insert into signal (lead_id, cause_id, at, codes)
    select %(lead_id)s, %(capture_id)s, %(now)s, %(signals)s::text[] where %(signals)s::text[] <> '{}'
), rescored as (
    -- who was there before is scored by everything that is known of them, a moment later
    insert into rescore (lead_id, at) select %(lead_id)s, %(now)s where not %(is_new)s
), actions as (
    insert into action (id, cause_id, kind, recipient, lead_id, contact_point_id, agent_id, channel, queue, purpose, state,
                        practice, created_at, due_at, wake_at, settled_at, reason)
    select id, %(capture_id)s, kind, recipient, %(lead_id)s, point, agent, channel, queue, purpose, state, practice, %(now)s,
           case when state = 'planned' then %(now)s end, case when state = 'planned' then now() + interval '8 seconds' end,
           case when state <> 'planned' then %(now)s end, reason
      from unnest(%(a_ids)s::uuid[], %(a_kinds)s::text[], %(a_recipients)s::text[], %(a_points)s::bigint[], %(a_agents)s::uuid[],
                  %(a_channels)s::text[], %(a_queues)s::text[], %(a_purposes)s::text[], %(a_states)s::text[], %(a_practice)s::boolean[],
                  %(a_reasons)s::text[])
           as a (id, kind, recipient, point, agent, channel, queue, purpose, state, practice, reason)
), routed as (
    insert into routing_decision (at, lead_id, inquiry_id, rules_version, agent_id, trace)
    select %(now)s, %(lead_id)s, %(capture_id)s, %(rules_version)s, %(agent_id)s, %(trace)s::jsonb where %(trace)s::jsonb is not null
), offered as (
    insert into offer (id, lead_id, inquiry_id, agent_id, step, code, state, licence, temperature, weight, served_from, at, due_at,
                       ended_at, ended_by)
    select %(offer_id)s, %(lead_id)s, %(capture_id)s, %(agent_id)s, 0, 0, %(offer_state)s, %(licence)s, %(temperature)s, %(weight)s,
           %(served_from)s, %(now)s, coalesce(%(claim_by)s, %(now)s), case when %(offer_state)s <> 'open' then %(now)s::timestamptz end,
           case when %(offer_state)s <> 'open' then 'assigned' end
     where %(offer_id)s::uuid is not null
), escalated as (
    insert into escalation (lead_id, inquiry_id, temperature, phase, step, since, next_at, alert_at, day_alert_at)
    select %(lead_id)s, %(capture_id)s, %(temperature)s, %(phase)s, %(step)s, %(now)s, %(next_at)s, %(alert_at)s, %(day_alert_at)s
     where %(phase)s::text is not null
    on conflict (lead_id) do update
       set inquiry_id = excluded.inquiry_id, temperature = excluded.temperature, phase = excluded.phase, step = excluded.step,
           tried = '{}', since = excluded.since, next_at = excluded.next_at, alert_at = excluded.alert_at,
           day_alert_at = excluded.day_alert_at
), waits as (
    insert into task as t (lead_id, kind, agent_id, at, due_at, reason)
    select %(lead_id)s, %(task_kind)s, %(task_for)s, %(now)s, %(task_due_at)s, %(task_reason)s where %(task_kind)s::text is not null
    on conflict (lead_id, kind) where done_at is null
    do update set agent_id = excluded.agent_id, due_at = least(t.due_at, excluded.due_at), snoozed_until = null
), remembered as (
    insert into idempotency (api_key_id, key_hash, body_hash, capture_id)
    select %(api_key_id)s, %(idempotency_hash)s, %(body_hash)s, %(capture_id)s where %(idempotency_hash)s::bytea is not null
)
select case when %(job)s::jsonb is not null then procrastinate_defer_jobs_v1(
           array[row('instant', 'attempt', 0, null, null, %(job)s::jsonb, null)::procrastinate_job_to_defer_v1]) end as job,
       pg_notify('leadwake_live', %(lead_id)s::text)

-- name: capture_only
-- not understood, refused or spam: the raw bytes alone, with their own key
with new_key as (
    insert into vault.data_key (id, kek_id, wrapped) values (%(key_id)s, %(kek_id)s, %(wrapped)s)
), remembered as (
    insert into idempotency (api_key_id, key_hash, body_hash, capture_id)
    select %(api_key_id)s, %(idempotency_hash)s, %(body_hash)s, %(capture_id)s where %(idempotency_hash)s::bytea is not null
), job as (
    select procrastinate_defer_jobs_v1(array[row('instant', 'understand', 0, null, null,
           jsonb_build_object('capture', %(capture_id)s::text), null)::procrastinate_job_to_defer_v1])
     where %(outcome)s = 'pending'
)
insert into capture (id, at, door, source, outcome, reason, data_key_id, body, retry_at)
select %(capture_id)s, %(now)s, %(door)s, %(source)s, %(outcome)s, %(reason)s, %(key_id)s, %(body)s,
       case when %(outcome)s = 'pending' then now() + interval '10 seconds' end
  from (select count(*) from job) deferred

-- name: capture_for_understanding
select c.id, c.at, c.door, c.source, c.outcome, c.body, c.tries, c.data_key_id, dk.kek_id, dk.wrapped
  from capture c join vault.data_key dk on dk.id = c.data_key_id
 where c.id = %(id)s and c.outcome = 'pending'
   for no key update of c skip locked

-- name: capture_fetched
-- what only its id was known of is whole now: a worker that dies here need not ask again
update capture set body = %(body)s where id = %(id)s and outcome = 'pending'

-- name: capture_waits
-- what is to be fetched could not be: the older it is, the longer until the next look, but no sooner than %(least_s)s
update capture set reason = %(reason)s,
       retry_at = now() + make_interval(secs => greatest(%(least_s)s::float8, least(3600, extract(epoch from now() - real_at)::float8 / 2)))
 where id = %(id)s and outcome = 'pending'
returning extract(epoch from now() - real_at)::float8 as age_s

-- name: captures_awaken
-- somebody changed the settings: what waited for them need not wait any longer
update capture set retry_at = now() where outcome = 'pending' and door = any(%(doors)s) and retry_at > now()

-- name: capture_try_again
update capture set tries = tries + 1, retry_at = now() + make_interval(secs => least(3600, 10 * 2 ^ tries)), reason = %(reason)s
 where id = %(id)s and outcome = 'pending'

-- name: capture_reject
update capture set outcome = 'rejected', reason = %(reason)s, retry_at = null where id = %(id)s and outcome = 'pending'

-- name: capture_suppress
-- a list named somebody who was erased: counted, and nothing of it kept
with gone as (
    delete from vault.data_key k using capture c where c.id = %(id)s and k.id = c.data_key_id
)
update capture set outcome = 'rejected', reason = 'suppressed', retry_at = null, body = '', source = '', erased_at = %(now)s
 where id = %(id)s and outcome = 'pending'

-- name: capture_receipt
-- what was answered for a capture: also after a commit whose answer was lost
select c.id, c.outcome, c.lead_id, coalesce(i.repeats, false) as repeats
  from capture c left join inquiry i on i.id = c.id
 where c.id = %(id)s

-- name: idempotency_claim
-- waits for another request with this key that is under way; then says what it stored
select body_hash, capture_id from idempotency
 where api_key_id = %(api_key_id)s and key_hash = %(key_hash)s and real_at > now() - interval '24 hours'

-- name: idempotency_forget
delete from idempotency where real_at < now() - interval '24 hours'
