-- What makes "Now", the list of leads and every page's head quick with a hundred thousand leads.

-- what of each kind is due longest and last, for one agent and for the team
drop index task_open_for;
create index task_open_for on task (agent_id, kind, due_at) include (lead_id, snoozed_until) where done_at is null;
create index task_open_due on task (kind, due_at) include (lead_id, snoozed_until) where done_at is null;

-- today's figures
create index lead_created on lead (created_at);
create index inquiry_unanswered on inquiry (asked_at) where first_touch_at is null;

-- those to see
create index lead_to_see on lead (last_at desc) where status in ('new', 'replied', 'unreachable') or paused_at is not null;
create index action_failed on action (lead_id) where state in ('dead', 'unknown', 'undelivered', 'bounced') and purpose <> 'staff';
