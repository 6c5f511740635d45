-- What needs a human: open tasks, as the page "Now" shows them, and what its buttons do to them.

-- name: now_tasks_mine
-- theirs, anybody's but what is held out to a colleague, and what is offered to them; of each kind the longest due and the last due, never more than 300
with offered as (
    select t.id, t.lead_id, t.kind, t.agent_id, t.at, t.due_at, t.reason
      from offer o join task t on t.lead_id = o.lead_id and t.kind = 'claim' and t.done_at is null
     where o.agent_id = %(user_id)s and o.state = 'open'
     limit 60
), found as (
    select f.*
      from unnest(%(kinds)s::text[]) k (kind)
      cross join lateral (
          (select t.id, t.lead_id, t.kind, t.agent_id, t.at, t.due_at, t.reason from task t
            where t.done_at is null and t.kind = k.kind and t.agent_id = %(user_id)s
              and (t.snoozed_until is null or t.snoozed_until <= %(now)s)
            order by t.due_at limit 12)
          union all
          (select t.id, t.lead_id, t.kind, t.agent_id, t.at, t.due_at, t.reason from task t
            where t.done_at is null and t.kind = k.kind and t.agent_id = %(user_id)s
              and (t.snoozed_until is null or t.snoozed_until <= %(now)s)
            order by t.due_at desc limit 12)
          union all
          (select t.id, t.lead_id, t.kind, t.agent_id, t.at, t.due_at, t.reason from task t
            where t.done_at is null and t.kind = k.kind and t.agent_id is null
              and (t.snoozed_until is null or t.snoozed_until <= %(now)s)
              and not exists (select 1 from offer o where o.lead_id = t.lead_id and o.state = 'open')
            order by t.due_at limit 12)
          union all
          (select t.id, t.lead_id, t.kind, t.agent_id, t.at, t.due_at, t.reason from task t
            where t.done_at is null and t.kind = k.kind and t.agent_id is null
              and (t.snoozed_until is null or t.snoozed_until <= %(now)s)
              and not exists (select 1 from offer o where o.lead_id = t.lead_id and o.state = 'open')
            order by t.due_at desc limit 12)) f
    union
    select o.* from offered o
)
select f.*, l.temperature, l.score, l.agent_id as owner_id, l.claimed_at, o.agent_id as offered_to, o.due_at as offered_until
  from found f
  join lead l on l.id = f.lead_id
  left join offer o on o.lead_id = f.lead_id and o.agent_id = %(user_id)s and o.state = 'open'

-- name: now_tasks_team
-- everybody's; of each kind the longest due and the last due, never more than 300
with found as (
    select f.*
      from unnest(%(kinds)s::text[]) k (kind)
      cross join lateral (
          (select t.id, t.lead_id, t.kind, t.agent_id, t.at, t.due_at, t.reason from task t
            where t.done_at is null and t.kind = k.kind and (t.snoozed_until is null or t.snoozed_until <= %(now)s)
            order by t.due_at limit 30)
          union
          (select t.id, t.lead_id, t.kind, t.agent_id, t.at, t.due_at, t.reason from task t
            where t.done_at is null and t.kind = k.kind and (t.snoozed_until is null or t.snoozed_until <= %(now)s)
            order by t.due_at desc limit 30)) f
)
select f.*, l.temperature, l.score, l.agent_id as owner_id, l.claimed_at, o.agent_id as offered_to, o.due_at as offered_until
  from found f
  join lead l on l.id = f.lead_id
  left join lateral (select agent_id, due_at from offer where lead_id = f.lead_id and state = 'open'
                      order by agent_id = %(user_id)s desc, at desc limit 1) o on true

-- name: now_dead
-- the newest dead letters that are about a person
select a.id, a.lead_id, a.kind as action_kind, a.reason, a.settled_at, a.created_at, l.temperature, l.score,
       l.agent_id as owner_id, l.claimed_at
  from action a join lead l on l.id = a.lead_id
 where a.state in ('dead', 'unknown')
 order by a.settled_at desc
 limit %(limit)s

-- name: attention
-- what every page's head says, at one go; counts have an end, so that no neglect makes pages slow
select (select count(*) from (select 1 from action where state in ('dead', 'unknown') limit %(letters)s) d) as dead_letters,
       (select at from mail_pause where resumed_at is null) as mail_paused_at,
       (select count(distinct w.lead_id)
          from ((select t.lead_id from task t
                  where t.done_at is null and t.agent_id = %(user_id)s
                    and (t.snoozed_until is null or t.snoozed_until <= %(now)s)
                  limit %(people)s)
                union all
                (select t.lead_id from task t
                  where t.done_at is null and t.agent_id is null
                    and (t.snoozed_until is null or t.snoozed_until <= %(now)s)
                    and not exists (select 1 from offer o where o.lead_id = t.lead_id and o.state = 'open')
                  limit %(people)s)
                union all
                select o.lead_id from offer o where o.agent_id = %(user_id)s and o.state = 'open') w) as waiting,
       v.vendors, v.reasons, v.sinces
  from (select array_agg(vendor order by vendor) as vendors, array_agg(reason order by vendor) as reasons,
               array_agg(since order by vendor) as sinces
          from vendor_state where state = 'open') v

-- name: now_said
-- the last words of each
select distinct on (m.lead_id) m.lead_id, m.channel, m.body, m.at, dk.id as key_id, dk.kek_id, dk.wrapped
  from message m join vault.data_key dk on dk.id = m.data_key_id
 where m.lead_id = any(%(ids)s)
 order by m.lead_id, m.at desc

-- name: now_calls
-- the call to make to each now
select lead_id, best_at, best_why, tries from task
 where lead_id = any(%(ids)s) and kind = 'call' and done_at is null and (snoozed_until is null or snoozed_until <= %(now)s)

-- name: now_failed
-- the last thing of each that did not arrive
select distinct on (a.lead_id) a.lead_id, a.kind, a.state, a.reason
  from action a
 where a.lead_id = any(%(ids)s) and a.state in ('dead', 'unknown', 'undelivered', 'bounced') and a.purpose <> 'staff'
 order by a.lead_id, a.settled_at desc nulls last, a.id desc

-- name: has_leads
select exists (select 1 from lead) as found

-- name: task_read
-- one task with whose the lead is, locked for what is about to be done with it
select t.id, t.lead_id, t.kind, t.agent_id, t.done_at, t.done_by, l.agent_id as owner_id
  from task t join lead l on l.id = t.lead_id
 where t.id = %(id)s
   for update of t

-- name: task_finish
-- it, and the others that stood on the same card
update task set done_at = %(now)s, done_by = %(by)s
 where lead_id = %(lead_id)s and id = any(%(ids)s) and kind <> 'claim' and done_at is null
returning id, kind

-- name: task_reopen
-- as they were; what was opened anew meanwhile stays as it is
update task t set done_at = null, done_by = null
 where t.lead_id = %(lead_id)s and t.done_by = %(by)s and t.done_at = %(done_at)s
   and not exists (select 1 from task o where o.lead_id = t.lead_id and o.kind = t.kind and o.done_at is null)
returning id, kind

-- name: task_snooze
-- a call comes back with its reminder
update task set snoozed_until = %(until)s, best_at = case when kind = 'call' then %(until)s::timestamptz end, best_why = null,
       scheduled_at = case when kind = 'call' then %(now)s::timestamptz end, reminded_at = null
 where lead_id = %(lead_id)s and id = any(%(ids)s) and kind <> 'claim' and done_at is null
returning id

-- name: lead_owner
select agent_id, finished_at from lead where id = %(id)s
