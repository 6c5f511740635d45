-- What waits for a person: one open task of a kind for a lead.

-- name: task_open
-- opened, or looked at anew: a task that is open already keeps its beginning, and is nobody's snooze any more
insert into task as t (lead_id, kind, agent_id, at, due_at, reason)
values (%(lead_id)s, %(kind)s, %(agent_id)s, %(now)s, %(due_at)s, %(reason)s)
on conflict (lead_id, kind) where done_at is null
do update set agent_id = excluded.agent_id, due_at = least(t.due_at, excluded.due_at), snoozed_until = null,
              reason = coalesce(excluded.reason, t.reason), scheduled_at = null

-- name: task_follow_up
-- the last word counts
insert into task (lead_id, kind, agent_id, at, due_at, snoozed_until)
values (%(lead_id)s, 'follow_up', %(agent_id)s, %(now)s, %(due_at)s, %(until)s)
on conflict (lead_id, kind) where done_at is null
do update set agent_id = excluded.agent_id, at = excluded.at, due_at = excluded.due_at, snoozed_until = excluded.snoozed_until

-- name: tasks_done
update task set done_at = %(now)s, done_by = %(by)s
 where lead_id = %(lead_id)s and kind = any(%(kinds)s) and done_at is null

