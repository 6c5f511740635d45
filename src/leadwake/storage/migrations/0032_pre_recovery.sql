-- Calls to make have their best time, are reminded of and come to an end; what an agent said with one tap can be taken back.

alter table task
    add column best_at       timestamptz,                 -- of kind call: when to call
    add column best_why      text,                        -- and why then, in words
    add column scheduled_at  timestamptz,                 -- when that was worked out; null: it is to be
    add column reminded_at   timestamptz,                 -- whose it is heard of it, or had no need to
    add column tries         smallint not null default 0; -- calls since it was opened that nobody answered
create index task_unscheduled on task (at) where kind = 'call' and done_at is null and scheduled_at is null;
create index task_to_remind on task (best_at) where kind = 'call' and done_at is null and reminded_at is null;

-- Nobody answered, by whatever way that is known: when to try again is to be worked out.
create function call_out_ends() returns trigger
    language plpgsql
as $$
begin
    update task set scheduled_at = null where lead_id = new.lead_id and kind = 'call' and done_at is null;
    return null;
end
$$;
create trigger call_out_ends after insert or update of state, outcome on call for each row
    when (new.direction = 'out' and new.lead_id is not null and new.state in ('ended', 'failed') and new.outcome in ('no_answer', 'voicemail', 'busy'))
    execute function call_out_ends();

-- How a lead stood before an agent said with one tap what came of a call on their own phone: codes, ids and instants.
alter table call add column before jsonb;

-- Whether they came, as one of the team says: no vendor's word changes that.
alter table meeting
    add column came_by      uuid references app_user,
    add column came_at      timestamptz,   -- when they said it
    add column came_before  text;          -- where the meeting stood
