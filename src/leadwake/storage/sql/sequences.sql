-- Sequences and the leads on their way through them.

-- name: sequences
-- each as it stands: who is in it now, and how it went for whoever was enrolled since an instant
with open as (
    select sequence, count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'under_way') as under_way
      from enrollment where state in ('waiting', 'under_way') and practice = %(practice)s
     group by sequence
), went as (
    select sequence, count(*) as enrolled, count(*) filter (where state = 'done') as done,
           count(*) filter (where ended_because in ('reply', 'asked_again')) as replied,
           count(*) filter (where ended_because = 'booking') as booked, count(*) filter (where ended_because = 'opt_out') as opted_out
      from enrollment where started_at >= %(since)s and practice = %(practice)s
     group by sequence
)
select s.name, s.version, s.paused_at, s.paused_by, v.published_at, v.published_by, v.note,
       coalesce(open.waiting, 0) as waiting, coalesce(open.under_way, 0) as under_way,
       coalesce(went.enrolled, 0) as enrolled, coalesce(went.done, 0) as done, coalesce(went.replied, 0) as replied,
       coalesce(went.booked, 0) as booked, coalesce(went.opted_out, 0) as opted_out
  from sequence s
  join sequence_version v on v.name = s.name and v.version = s.version
  left join open on open.sequence = s.name
  left join went on went.sequence = s.name
 where %(name)s::text is null or s.name = %(name)s
 order by s.name

-- name: sequences_published
-- a team's own behind those that came with Leadwake, the newest last: of several that fit alike it is the one
select s.name, s.version, s.paused_at
  from sequence s join sequence_version v on v.name = s.name and v.version = s.version
 order by v.note is distinct from 'shipped', v.published_at, s.name

-- name: sequence_sources
select name, version, source from sequence_version

-- name: sequences_lock
-- one publishes at a time
select pg_advisory_xact_lock(7230030)

-- name: sequence_versions
select v.version, v.source, v.published_at, v.published_by, v.note, v.version = s.version as is_in_force
  from sequence_version v join sequence s on s.name = v.name
 where v.name = %(name)s order by v.version desc limit 50

-- name: sequence_version_add
insert into sequence_version (name, version, source, published_at, published_by, note)
values (%(name)s, %(version)s, %(source)s, %(now)s, %(by)s, %(note)s)

-- name: sequence_in_force
insert into sequence as s (name, version, paused_at, updated_at) values (%(name)s, %(version)s, %(paused_at)s, %(now)s)
on conflict (name) do update set version = excluded.version, updated_at = excluded.updated_at

-- name: sequence_latest
select coalesce(max(version), 0) as version from sequence_version where name = %(name)s

-- name: sequence_pause
update sequence set paused_at = %(now)s, paused_by = %(by)s, updated_at = %(now)s where name = %(name)s and paused_at is null

-- name: sequence_resume
update sequence set paused_at = null, paused_by = null, updated_at = %(now)s where name = %(name)s and paused_at is not null

-- name: sequence_drafts
select name, source, saved_at, saved_by from sequence_draft order by name

-- name: sequence_draft
select name, source, saved_at, saved_by from sequence_draft where name = %(name)s

-- name: sequence_draft_save
insert into sequence_draft (name, source, saved_at, saved_by) values (%(name)s, %(source)s, %(now)s, %(by)s)
on conflict (name) do update set source = excluded.source, saved_at = excluded.saved_at, saved_by = excluded.saved_by

-- name: sequence_draft_drop
delete from sequence_draft where name = %(name)s

-- name: sequences_seeded
-- somebody who works with this database already decides for themselves what is sent from now on
select exists (select 1 from sequence_version) as is_seeded, exists (select 1 from lead where not practice) as is_in_use

-- name: sequence_standing
-- how many wait for or are within each step
select version, step, count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'under_way') as under_way
  from enrollment where sequence = %(name)s and state in ('waiting', 'under_way') and practice = %(practice)s
 group by version, step

-- name: sequence_step_results
-- what became of each step, by which wording; replied: whose answer came after it and before the next message
with way as materialized (
    select id, ended_because from enrollment
     where sequence = %(name)s and version = %(version)s and started_at >= %(since)s and practice = %(practice)s
), answered as (
    select s.enrollment_id, max(s.step) as step
      from way join enrollment_step s on s.enrollment_id = way.id
     where way.ended_because = 'reply' and s.kind in ('sms', 'email')
       and s.outcome in ('sent', 'delivered', 'undelivered', 'bounced', 'unknown')
     group by s.enrollment_id
)
select s.step, s.variant, s.outcome, s.fell_back, count(*) as n, count(a.step) as replied
  from way
  join enrollment_step s on s.enrollment_id = way.id
  left join answered a on a.enrollment_id = s.enrollment_id and a.step = s.step
 group by s.step, s.variant, s.outcome, s.fell_back

-- name: sequence_readers
-- the people who asked last, for whom a message is rendered before it is published
select l.id as lead_id, l.agent_id, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped, i.sealed_details,
       ik.id as details_key_id, ik.kek_id as details_kek_id, ik.wrapped as details_wrapped
  from lead l
  join vault.data_key dk on dk.id = l.data_key_id
  left join inquiry i on i.id = (select q.id from inquiry q where q.lead_id = l.id order by q.asked_at desc limit 1)
  left join capture cap on cap.id = i.id
  left join vault.data_key ik on ik.id = cap.data_key_id
 where l.restricted_at is null
 order by l.last_at desc limit %(limit)s

-- name: sequence_calls
-- what the calls that sequences asked for are about: of each lead that waits for one, the last step that did
select distinct on (e.lead_id) e.lead_id, e.sequence, e.version, s.step, s.kind
  from task t
  join enrollment e on e.lead_id = t.lead_id
  join enrollment_step s on s.enrollment_id = e.id and (s.kind = 'call' or s.fell_back = 'call')
 where t.lead_id = any(%(ids)s) and t.kind = 'call' and t.reason = 'sequence' and t.done_at is null
 order by e.lead_id, s.at desc, s.step desc

-- name: enrollment_of
select id, sequence, version, cause, state, step, due_at, started_at, touched_at, ended_at, ended_because
  from enrollment where lead_id = %(lead_id)s order by started_at desc limit 20

-- name: enroll
with e as (
    insert into enrollment (id, lead_id, inquiry_id, sequence, version, cause, enrolled_by, practice, state, step, due_at, is_urgent,
                            since, started_at)
    select %(id)s, l.id,
           coalesce(%(inquiry_id)s, (select i.id from inquiry i where i.lead_id = l.id order by i.asked_at desc limit 1)), s.name, s.version, %(cause)s, %(by)s, %(practice)s, 'waiting', 0, %(now)s, true,
           %(now)s, %(now)s
      from lead l join sequence s on s.name = %(name)s and s.paused_at is null
     where l.id = %(lead_id)s and l.status <> 'opted_out' and l.restricted_at is null and l.paused_at is null
    on conflict (lead_id) where state in ('waiting', 'under_way') do nothing
    returning lead_id, sequence, version
)
insert into event (at, actor, kind, lead_id, data)
select %(now)s, %(actor)s, 'enrolled', lead_id, jsonb_build_object('sequence', sequence, 'version', version, 'cause', %(cause)s::text)
  from e

-- name: enroll_listed
-- whom a list named, the inquiry that says so with each; as `enroll` has it
with given as (
    select * from unnest(%(ids)s::uuid[], %(lead_ids)s::uuid[], %(inquiry_ids)s::uuid[]) as g (id, lead_id, inquiry_id)
), e as (
    insert into enrollment (id, lead_id, inquiry_id, sequence, version, cause, enrolled_by, practice, state, step, due_at, is_urgent,
                            since, started_at)
    select g.id, l.id, g.inquiry_id, s.name, s.version, 'list', %(by)s, %(practice)s, 'waiting', 0, %(now)s, true, %(now)s, %(now)s
      from given g
      join lead l on l.id = g.lead_id and l.status <> 'opted_out' and l.restricted_at is null and l.paused_at is null
      join sequence s on s.name = %(name)s and s.paused_at is null
     order by l.id
    on conflict (lead_id) where state in ('waiting', 'under_way') do nothing
    returning lead_id, sequence, version
)
insert into event (at, actor, kind, lead_id, data)
select %(now)s, %(actor)s, 'enrolled', lead_id, jsonb_build_object('sequence', sequence, 'version', version, 'cause', 'list')
  from e

-- name: enrollable
-- how many of these leads could begin a sequence now
select count(*) as n from lead l
 where l.id = any(%(ids)s) and l.status <> 'opted_out' and l.restricted_at is null and l.paused_at is null
   and not exists (select 1 from enrollment e where e.lead_id = l.id and e.state in ('waiting', 'under_way'))

-- name: import_enrolled
select count(*) as n from import_row r join enrollment e on e.lead_id = r.lead_id and e.inquiry_id = r.capture_id and e.cause = 'list'
 where r.import_id = %(id)s

-- name: import_enrolled_stop
select count(*) as n from (
    select enrollment_stop(w.lead_id, 'import_undone', %(now)s)
      from (select e.lead_id from import_row r
              join enrollment e on e.lead_id = r.lead_id and e.inquiry_id = r.capture_id and e.cause = 'list'
             where r.import_id = %(id)s and e.state in ('waiting', 'under_way')
             order by e.lead_id) w) stopped

-- name: enrollment_stop
select enrollment_stop(%(lead_id)s, %(why)s, %(now)s)

-- name: nurture_waiting
-- what there is to do at all: a look that finds nothing is one small query, not four transactions
select exists (select 1 from enrollment_wish) as wishes,
       exists (select 1 from enrollment_news) as news,
       exists (select 1 from enrollment where state = 'waiting' and is_urgent and due_at <= %(now)s) as urgent,
       not exists (select 1 from chore where name = 'nurture' and at > %(before)s) as tick

-- name: wishes_due
with due as (
    select id from enrollment_wish order by id limit %(limit)s for update skip locked
), gone as (
    delete from enrollment_wish w using due where w.id = due.id returning w.*
)
select g.lead_id, g.inquiry_id as asked_in, g.cause, g.at, l.status, l.score, l.temperature, l.paused_at, l.restricted_at,
       l.finished_at, l.contacted_at, lead_reach(l.id) as contacts,
       i.source, i.channel, i.sealed_details, ik.id as details_key_id, ik.kek_id as details_kek_id, ik.wrapped as details_wrapped,
       exists (select 1 from enrichment n where n.lead_id = l.id and n.outcome = 'found') as enriched,
       exists (select 1 from outcome o where o.lead_id = l.id and o.kind in ('won', 'lost')) as has_outcome
  from gone g
  join lead l on l.id = g.lead_id
  left join inquiry i on i.id = coalesce(g.inquiry_id, (
       select q.id from inquiry q where q.lead_id = g.lead_id order by q.asked_at desc limit 1))
  left join capture cap on cap.id = i.id
  left join vault.data_key ik on ik.id = cap.data_key_id
 order by g.id

-- name: nurture_due
-- locked and read; whoever else ticks takes others
with due as (
    select e.* from enrollment e join sequence s on s.name = e.sequence and s.paused_at is null
     where e.state = 'waiting' and e.due_at <= %(now)s and (e.is_urgent or not %(urgent_only)s)
     order by e.due_at
     limit %(limit)s
       for no key update of e skip locked
)
select due.id, due.lead_id, due.inquiry_id, due.sequence, due.version, due.step, due.since, due.started_at, due.practice,
       l.agent_id, l.status, l.score, l.temperature, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped, lead_reach(l.id) as contacts,
       i.source, i.channel, i.sealed_details, ik.id as details_key_id, ik.kek_id as details_kek_id, ik.wrapped as details_wrapped, looked.*
  from due
  join lead l on l.id = due.lead_id
  left join vault.data_key dk on dk.id = l.data_key_id
  left join inquiry i on i.id = due.inquiry_id
  left join capture cap on cap.id = i.id
  left join vault.data_key ik on ik.id = cap.data_key_id
  left join lateral (
       select (select count(*) from visit v where v.lead_id = due.lead_id and v.started_at >= due.started_at) as visits,
              exists (select 1 from event b where b.lead_id = due.lead_id and b.kind = 'booking_opened' and b.at >= due.started_at)
                  as opened_booking,
              exists (select 1 from enrichment n where n.lead_id = due.lead_id and n.outcome = 'found') as enriched
       ) looked on due.sequence = any(%(looking)s)
 order by due.due_at, due.id

-- name: nurture_news_take
with due as (
    select action_id from enrollment_news order by action_id limit %(limit)s for update skip locked
)
delete from enrollment_news n using due where n.action_id = due.action_id
returning n.action_id

-- name: nurture_news
-- touches that came to their end; of a way that was stopped meanwhile nothing follows
with touch as (
    select e.*, a.channel as touch_channel, a.state as touch_state, a.reason as touch_reason,
           coalesce(a.claimed_at, a.settled_at) as left_at
      from action a
      join enrollment e on e.id = a.cause_id and e.state = 'under_way' and e.step = a.ordinal
     where a.id = any(%(actions)s)
       for no key update of e
)
select touch.id, touch.lead_id, touch.inquiry_id, touch.sequence, touch.version, touch.step, touch.since, touch.started_at, touch.practice,
       touch.touch_channel, touch.touch_state, touch.touch_reason, touch.left_at, s.fell_back,
       l.agent_id, l.status, l.score, l.temperature, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped, lead_reach(l.id) as contacts,
       i.source, i.channel, i.sealed_details, ik.id as details_key_id, ik.kek_id as details_kek_id, ik.wrapped as details_wrapped, looked.*
  from touch
  join enrollment_step s on s.enrollment_id = touch.id and s.step = touch.step
   and (s.fell_back is null or s.fell_back = touch.touch_channel)
  join lead l on l.id = touch.lead_id
  left join vault.data_key dk on dk.id = l.data_key_id
  left join inquiry i on i.id = touch.inquiry_id
  left join capture cap on cap.id = i.id
  left join vault.data_key ik on ik.id = cap.data_key_id
  left join lateral (
       select (select count(*) from visit v where v.lead_id = touch.lead_id and v.started_at >= touch.started_at) as visits,
              exists (select 1 from event b where b.lead_id = touch.lead_id and b.kind = 'booking_opened' and b.at >= touch.started_at)
                  as opened_booking,
              exists (select 1 from enrichment n where n.lead_id = touch.lead_id and n.outcome = 'found') as enriched
       ) looked on touch.sequence = any(%(looking)s)

-- name: nurture_write
-- where each enrollment stands from now on; guarded by what was read, so that a stop meanwhile wins
update enrollment e
   set state = v.state, step = v.step, due_at = v.due_at, is_urgent = v.is_urgent, since = v.since,
       touched_at = coalesce(v.touched_at, e.touched_at), ended_at = v.ended_at, ended_because = v.ended_because
  from unnest(%(ids)s::uuid[], %(states)s::text[], %(steps)s::smallint[], %(due_ats)s::timestamptz[], %(urgent)s::boolean[],
              %(since)s::timestamptz[], %(touched)s::timestamptz[], %(ended)s::timestamptz[], %(because)s::text[])
       as v (id, state, step, due_at, is_urgent, since, touched_at, ended_at, ended_because)
 where e.id = v.id and e.state in ('waiting', 'under_way')

-- name: nurture_steps
insert into enrollment_step (enrollment_id, step, at, kind, outcome, variant, fell_back, ended_at)
select id, step, %(now)s, kind, outcome, variant, fell_back, case when outcome is not null then %(now)s::timestamptz end
  from unnest(%(ids)s::uuid[], %(steps)s::smallint[], %(kinds)s::text[], %(outcomes)s::text[], %(variants)s::text[], %(fell_back)s::text[])
       as v (id, step, kind, outcome, variant, fell_back)
on conflict (enrollment_id, step) do update
   set outcome = excluded.outcome, fell_back = coalesce(excluded.fell_back, enrollment_step.fell_back),
       ended_at = excluded.ended_at

-- name: nurture_plan
insert into action (id, cause_id, kind, recipient, ordinal, lead_id, contact_point_id, channel, purpose, queue, state, practice,
                    created_at, due_at, wake_at, settled_at, reason)
select id, cause_id, kind, recipient, ordinal, lead_id, point, channel, 'marketing', 'bulk', state, practice, %(now)s,
       case when state = 'planned' then %(now)s::timestamptz end, case when state = 'planned' then now() + interval '8 seconds' end,
       case when state <> 'planned' then %(now)s::timestamptz end, reason
  from unnest(%(ids)s::uuid[], %(causes)s::uuid[], %(kinds)s::text[], %(recipients)s::text[], %(ordinals)s::smallint[],
              %(leads)s::uuid[], %(points)s::bigint[], %(channels)s::text[], %(states)s::text[], %(practice)s::boolean[],
              %(reasons)s::text[])
       as v (id, cause_id, kind, recipient, ordinal, lead_id, point, channel, state, practice, reason)
on conflict (cause_id, kind, recipient, ordinal) do nothing

-- name: nurture_done
insert into event (at, actor, kind, lead_id, data)
select %(now)s, 'system', 'sequence_done', lead_id, jsonb_build_object('sequence', sequence)
  from enrollment where id = any(%(ids)s)

-- name: nurture_turn
-- the tick is due, and it is ours
insert into chore (name, at) values ('nurture', %(now)s)
on conflict (name) do update set at = excluded.at where chore.at <= %(before)s
returning at
