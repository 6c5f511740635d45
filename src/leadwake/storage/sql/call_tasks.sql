-- Calls to make: when, of whom their agent is reminded, and what came of them on an agent's own phone.

-- name: call_tasks_unscheduled
-- with the instants at which the person was there, the newest first, and those of calls since that nobody answered
select t.id, t.lead_id, t.agent_id, t.at, t.due_at, t.reason, l.agent_id as owner_id, l.lives_at, l.sealed_profile, l.data_key_id,
       dk.kek_id, dk.wrapped, h.heard, c.tried
  from task t
  join lead l on l.id = t.lead_id
  join vault.data_key dk on dk.id = l.data_key_id
  cross join lateral (
       select coalesce(jsonb_agg(jsonb_build_object('at', x.at, 'how', x.how) order by x.at desc), '[]') as heard
         from (select asked_at as at, 'asked' as how from inquiry
                where lead_id = l.id and not listed and not repeats and channel <> 'phone_call'
               union all
               select at, 'wrote' from message where lead_id = l.id and intent <> 'stop'
               union all
               select at, 'called' from call where lead_id = l.id and direction = 'in'
               union all
               select answered_at, 'picked up' from call where lead_id = l.id and direction = 'out' and answered_at is not null
               order by at desc limit 30) x) h
  cross join lateral (
       select coalesce(jsonb_agg(o.at order by o.at), '[]') as tried from call o
        where o.lead_id = l.id and o.direction = 'out' and o.state in ('ended', 'failed') and o.outcome in ('no_answer', 'voicemail', 'busy')
          and o.at >= t.at) c
 where t.kind = 'call' and t.done_at is null and t.scheduled_at is null and (%(id)s::uuid is null or t.id = %(id)s)
 order by t.at
 limit %(limit)s
   for no key update of t skip locked

-- name: call_task_schedule
-- put off until then, unless it is urgent; overdue only some time after
update task
   set best_at = %(best_at)s, best_why = %(why)s, scheduled_at = %(now)s, reminded_at = null, tries = %(tries)s,
       snoozed_until = case when %(sleeps)s then %(best_at)s::timestamptz else snoozed_until end,
       due_at = case when %(sleeps)s then greatest(due_at, %(late_at)s) else due_at end
 where id = %(id)s

-- name: call_task_over
-- nobody answered so often that it is let be
update task set done_at = %(now)s, done_by = 'system', tries = %(tries)s, scheduled_at = %(now)s where id = %(id)s

-- name: call_tasks_due
-- whose time has come; is_on_it: their agent has called since, or is about to; knows: what made it due at once was told to
-- them already, as an inquiry is, or they said it themselves
select t.id, t.lead_id, t.best_at, coalesce(t.agent_id, l.agent_id) as agent_id, l.restricted_at,
       (select count(*) from action a where a.cause_id = t.id and a.kind like 'call_reminder%%')::int as reminders,
       exists (select 1 from call c where c.lead_id = t.lead_id and c.direction = 'out' and c.at > t.best_at - interval '10 minutes') as is_on_it,
       t.best_at <= t.at + interval '1 minute' and (t.reason is distinct from 'no_show' or exists (
           select 1 from meeting m where m.lead_id = t.lead_id and m.state = 'no_show' and m.came_by is not null)) as knows
  from task t join lead l on l.id = t.lead_id
 where t.kind = 'call' and t.done_at is null and t.reminded_at is null and t.best_at <= %(now)s
 order by t.best_at
 limit %(limit)s
   for no key update of t skip locked

-- name: call_task_reminded
update task set reminded_at = %(now)s where id = %(id)s

-- name: call_task_again
-- their time has come while nobody works: another is worked out
update task set scheduled_at = null where id = %(id)s

-- name: call_tasks_to_come
-- calls that sleep until their time; mine: of this member of the team alone
select t.id, t.lead_id, t.best_at, t.best_why, t.tries, t.agent_id, l.agent_id as owner_id
  from task t join lead l on l.id = t.lead_id
 where t.kind = 'call' and t.done_at is null and t.snoozed_until > %(now)s and t.best_at is not null
   and (%(user_id)s::uuid is null or t.agent_id = %(user_id)s or (t.agent_id is null and l.agent_id = %(user_id)s))
 order by t.best_at
 limit %(limit)s

-- name: call_task_of
-- the call to make, of a lead
select id, best_at, best_why, tries, snoozed_until, reason from task where lead_id = %(lead_id)s and kind = 'call' and done_at is null

-- name: call_lead_lock
-- how a lead stands before a call is said of it, locked
select l.id, l.human_at, l.contacted_at, l.replied_at, l.agent_id, l.claimed_at,
       (select jsonb_build_object('phase', e.phase, 'next_at', e.next_at, 'alert_at', e.alert_at, 'day_alert_at', e.day_alert_at)
          from escalation e where e.lead_id = l.id) as escalation,
       (select jsonb_build_object('id', t.id, 'due_at', t.due_at, 'snoozed_until', t.snoozed_until)
          from task t where t.lead_id = l.id and t.kind = 'call' and t.done_at is null) as task
  from lead l where l.id = %(lead_id)s
   for no key update

-- name: call_own
-- on the agent's own phone; before: how the lead stood, for as long as it can be taken back. What came of it is said next, as
-- of any call
insert into call (id, direction, lead_id, contact_point_id, agent_id, state, vendor, at, ended_at, before)
values (%(id)s, 'out', %(lead_id)s, %(point)s, %(by)s, 'ended', 'own_phone', %(now)s, %(now)s, %(before)s)

-- name: call_own_same
-- the same said by the same person a moment ago: a button pressed twice
select id from call
 where lead_id = %(lead_id)s and agent_id = %(by)s and vendor = 'own_phone' and outcome = %(outcome)s and at > %(since)s
 limit 1

-- name: call_own_undoable
-- the last that this person said of a lead, while it can be taken back
select id, outcome from call
 where lead_id = %(lead_id)s and agent_id = %(by)s and vendor = 'own_phone' and before is not null and at > %(since)s
 order by at desc limit 1

-- name: call_own_read
select id, lead_id, contact_point_id, agent_id, at, outcome, before from call
 where id = %(id)s and vendor = 'own_phone' and before is not null

-- name: calls_own_settle
-- it cannot be taken back any more
update call set before = null where before is not null and at < %(before)s

-- name: call_own_unsaid
-- of one call what was said last counts for the score, and this counts nothing
select signal_add(%(lead_id)s, %(id)s, %(now)s, 'call_undone')

-- name: call_own_undo
delete from call where id = %(id)s

-- name: call_undo_touch
-- the lead as it stood, if nobody was in touch since; what the touch ended goes on
with l as (
    update lead set human_at = (%(before)s ->> 'human_at')::timestamptz, contacted_at = (%(before)s ->> 'contacted_at')::timestamptz,
           replied_at = (%(before)s ->> 'replied_at')::timestamptz, agent_id = (%(before)s ->> 'agent_id')::uuid,
           claimed_at = (%(before)s ->> 'claimed_at')::timestamptz
     where id = %(lead_id)s and contacted_at = %(at)s
    returning id
), i as (
    update inquiry set human_at = null, human_by = null from l
     where lead_id = l.id and human_at = %(at)s and human_by = %(by)s
), o as (
    update offer set state = 'open', ended_at = null, ended_by = null from l
     where lead_id = l.id and ended_at = %(at)s and ended_by = 'call' and due_at > %(now)s
)
update escalation e
   set phase = %(before)s -> 'escalation' ->> 'phase', next_at = (%(before)s -> 'escalation' ->> 'next_at')::timestamptz,
       alert_at = (%(before)s -> 'escalation' ->> 'alert_at')::timestamptz,
       day_alert_at = (%(before)s -> 'escalation' ->> 'day_alert_at')::timestamptz
  from l where e.lead_id = l.id and jsonb_typeof(%(before)s -> 'escalation') = 'object' and e.phase = 'over'

-- name: call_undo_task
-- the call to make, as it stood; when to make it is worked out anew
update task set done_at = null, done_by = null, due_at = (%(before)s -> 'task' ->> 'due_at')::timestamptz,
       snoozed_until = (%(before)s -> 'task' ->> 'snoozed_until')::timestamptz, scheduled_at = null
 where id = (%(before)s -> 'task' ->> 'id')::uuid
   and (done_at is null or not exists (select 1 from task o where o.lead_id = task.lead_id and o.kind = 'call' and o.done_at is null))

-- name: call_undo_wrong_number
-- it is theirs after all; only what this tap said is taken back
update contact_point set opted_out_at = null, opted_out_by = null
 where id = %(point)s and opted_out_at = %(at)s and opted_out_by = 'wrong_number'
