-- Sequences as text, in versions; and each lead's way through one.
-- One lead is in one sequence at a time, with one touch under way: order, caps and stops follow from that.

create table sequence (
    name        text primary key,
    version     integer not null,               -- the one that new enrollments get
    paused_at   timestamptz,                    -- nobody is enrolled and nothing is planned until it goes on
    paused_by   uuid references app_user,
    updated_at  timestamptz not null
);

create table sequence_version (
    name          text not null,
    version       integer not null,
    source        text not null,                -- YAML, as it was published
    published_at  timestamptz not null,
    published_by  uuid,                         -- null: shipped with Leadwake
    note          text,
    primary key (name, version)
);
create trigger only_grows before update or delete or truncate on sequence_version for each statement execute function refuse_change();

create table sequence_draft (                   -- what somebody is writing; one a sequence
    name      text primary key,
    source    text not null,
    saved_at  timestamptz not null,
    saved_by  uuid references app_user
);

create table enrollment (                       -- one lead's way through one version of a sequence
    id             uuid primary key,
    lead_id        uuid not null references lead on delete cascade,
    inquiry_id     uuid,                        -- what its messages speak of
    sequence       text not null,
    version        integer not null,
    cause          text not null,               -- new_lead, missed_call, no_show, after_meeting, dormant, by_hand, list, then
    enrolled_by    uuid,
    practice       boolean not null default false,
    state          text not null check (state in ('waiting', 'under_way', 'done', 'stopped')),
    step           smallint not null default 0, -- the step that is next, or whose touch is under way
    due_at         timestamptz,                 -- while waiting: not before
    is_urgent      boolean not null default false,  -- a live conversation: not for the next tick, at once
    since          timestamptz not null,        -- when the step before ended; waits count from here
    started_at     timestamptz not null,
    touched_at     timestamptz,                 -- when its last message left
    ended_at       timestamptz,
    ended_because  text,                        -- finished; reply, booking, call, opt_out, outcome, person, paused, …
    check ((state = 'waiting') = (due_at is not null)),
    check ((state in ('done', 'stopped')) = (ended_at is not null))
) with (fillfactor = 70);
create unique index enrollment_open on enrollment (lead_id) where state in ('waiting', 'under_way');
create index enrollment_lead on enrollment (lead_id);
create index enrollment_due on enrollment (due_at) where state = 'waiting';
create index enrollment_urgent on enrollment (due_at) where state = 'waiting' and is_urgent;
create index enrollment_standing on enrollment (sequence, version, step, state) where state in ('waiting', 'under_way');
create index enrollment_ended on enrollment (sequence, ended_at) where ended_at is not null;

create table enrollment_step (                  -- what became of each step, once
    enrollment_id  uuid not null references enrollment on delete cascade,
    step           smallint not null,
    at             timestamptz not null,        -- when it began
    kind           text not null,               -- sms, email, call, alert, branch
    outcome        text,                        -- null while its touch is under way; sent, blocked, no_number, task, then, else, …
    variant        text,
    fell_back      text,                        -- the channel that took its place: email, call
    ended_at       timestamptz,
    primary key (enrollment_id, step)
) with (fillfactor = 80);

create table enrollment_wish (                  -- something happened that may begin a sequence; gone when that was decided
    id          bigint generated always as identity primary key,
    lead_id     uuid not null references lead on delete cascade,
    inquiry_id  uuid,
    cause       text not null,                  -- new_lead, missed_call, no_show, after_meeting
    at          timestamptz not null
);
create index enrollment_wish_lead on enrollment_wish (lead_id);

create table enrollment_news (                  -- a touch came to its end; gone when its enrollment went on
    action_id      uuid primary key,
    enrollment_id  uuid not null
);

-- A lead's newest number and address, each {point, consent}, one that is not opted out first: {"phone": …, "email": …}.
create function lead_reach(lead_ uuid) returns jsonb
    language sql stable parallel safe
return (select jsonb_object_agg(kind, jsonb_build_object('point', point, 'consent', consent)) from (
           select distinct on (c.kind) c.kind, c.contact_point_id as point, c.consent
             from lead_contact c join contact_point p on p.id = c.contact_point_id
            where c.lead_id = lead_
            order by c.kind, p.opted_out_at is not null, c.inquiry_at desc nulls last) each);

-- A touch that ended is news for its enrollment. Only written, never waited for: a claim holds locks of its own.
create function touch_ends() returns trigger
    language plpgsql
as $$
begin
    insert into enrollment_news (action_id, enrollment_id) values (new.id, new.cause_id) on conflict do nothing;
    return null;
end
$$;
create trigger touch_ends after update of state on action for each row
    when (new.kind in ('nurture_sms', 'nurture_email') and old.state in ('planned', 'deferred', 'sending', 'unknown')
          and new.state in ('sent', 'delivered', 'undelivered', 'bounced', 'blocked', 'skipped', 'cancelled', 'expired', 'dead',
                            'unknown'))
    execute function touch_ends();

-- The way ends, at once and in the transaction of whatever ended it: nothing that waited leaves any more.
-- The enrollment is locked before its actions; a claim locks actions only, so that nobody waits in a circle.
create function enrollment_stop(lead_ uuid, why text, at_ timestamptz) returns void
    language plpgsql
as $$
declare
    stopped enrollment;
begin
    update enrollment set state = 'stopped', due_at = null, ended_at = greatest(at_, since), ended_because = why
     where lead_id = lead_ and state in ('waiting', 'under_way')
    returning * into stopped;
    if not found then
        return;
    end if;
    with u as (
        update action set state = 'cancelled', due_at = null, wake_at = null, settled_at = at_, reason = 'sequence_stopped'
         where cause_id = stopped.id and state in ('planned', 'deferred')
        returning id, attempt_id
    )
    insert into attempt (action_id, attempt_id, at, event, state, detail)
    select id, attempt_id, at_, 'cancelled', 'cancelled', jsonb_build_object('reason', 'sequence_stopped', 'why', why) from u;
    update enrollment_step set outcome = 'stopped', ended_at = at_
     where enrollment_id = stopped.id and outcome is null
       and not exists (select 1 from action where cause_id = stopped.id and ordinal = enrollment_step.step
                          and state in ('sending', 'sent', 'delivered', 'undelivered', 'bounced', 'unknown'));
    insert into event (at, actor, kind, lead_id, data)
    values (at_, 'system', 'sequence_stopped', lead_,
            jsonb_build_object('sequence', stopped.sequence, 'because', why, 'step', stopped.step));
end
$$;

-- What ends it -----------------------------------------------------------------------------------------------------------

create function stop_by_message() returns trigger
    language plpgsql
as $$
begin
    -- a number may be a household's: who the words are from is a guess, so that everybody's way ends
    perform enrollment_stop(c.lead_id, case when new.intent = 'stop' then 'opt_out' else 'reply' end, new.at)
       from (select lead_id from lead_contact where contact_point_id = new.contact_point_id
              union select new.lead_id where new.lead_id is not null) c;
    return null;
end
$$;
create trigger stop_by_message after insert on message for each row when (new.intent <> 'help') execute function stop_by_message();

create function stop_by_opt_out() returns trigger
    language plpgsql
as $$
begin
    perform enrollment_stop(lead_id, 'opt_out', new.opted_out_at)
       from lead_contact where contact_point_id = new.id;
    return null;
end
$$;
create trigger stop_by_opt_out after update of opted_out_at on contact_point for each row
    when (new.opted_out_at is not null and old.opted_out_at is null) execute function stop_by_opt_out();

create function stop_by_lead() returns trigger
    language plpgsql
as $$
begin
    perform enrollment_stop(new.id,
        case when new.restricted_at is not null and old.restricted_at is null then 'restricted'
             when new.status = 'opted_out' and old.status <> 'opted_out' then 'opt_out'
             when new.status = 'booked' and old.status <> 'booked' then 'booking'
             when new.paused_at is not null and old.paused_at is null then 'paused'
             when new.finished_at is not null and old.finished_at is null then 'finished_with'
             else 'person' end,
        coalesce(greatest(new.last_at, new.contacted_at), new.last_at));
    return null;
end
$$;
-- contacted_at: a person of ours was in touch, by letter, chat or a call that was answered
create trigger stop_by_lead after update of status, paused_at, restricted_at, finished_at, contacted_at on lead for each row
    when (new.status in ('opted_out', 'booked') and old.status <> new.status
          or new.paused_at is not null and old.paused_at is null
          or new.restricted_at is not null and old.restricted_at is null
          or new.finished_at is not null and old.finished_at is null
          or new.contacted_at is distinct from old.contacted_at)
    execute function stop_by_lead();

create function stop_by_outcome() returns trigger
    language plpgsql
as $$
begin
    perform enrollment_stop(new.lead_id, case when new.kind = 'meeting' then 'booking' else 'outcome' end, new.at);
    return null;
end
$$;
create trigger stop_by_outcome after insert or update of kind on outcome for each row
    when (new.lead_id is not null) execute function stop_by_outcome();

-- What may begin one -----------------------------------------------------------------------------------------------------

-- Who asks again shows life: the old way is over, and another may begin. Whether one does is decided a moment later, apart
-- from the answer that the person waits for.
create function wish_by_inquiry() returns trigger
    language plpgsql
as $$
begin
    perform enrollment_stop(new.lead_id, 'asked_again', new.asked_at);
    insert into enrollment_wish (lead_id, inquiry_id, cause, at)
    values (new.lead_id, new.id, case new.channel when 'phone_call' then 'missed_call' else 'new_lead' end, new.asked_at);
    return null;
end
$$;
create trigger wish_by_inquiry after insert on inquiry for each row
    when (not new.listed and not new.repeats) execute function wish_by_inquiry();

create function wish_by_meeting() returns trigger
    language plpgsql
as $$
begin
    if new.state = 'booked' then
        perform enrollment_stop(new.lead_id, 'booking', new.at);
    elsif tg_op = 'UPDATE' and old.state = 'no_show' then
        perform enrollment_stop(new.lead_id, 'came', coalesce(new.ends_at, new.at));
    end if;
    if new.state in ('no_show', 'held') then
        insert into enrollment_wish (lead_id, cause, at)
        values (new.lead_id, case new.state when 'held' then 'after_meeting' else 'no_show' end, coalesce(new.ends_at, new.at));
    end if;
    return null;
end
$$;
create trigger wish_by_meeting after insert or update of state, lead_id on meeting for each row
    when (new.lead_id is not null) execute function wish_by_meeting();

-- What the world hears of it -----------------------------------------------------------------------------------------------

create or replace function webhook_type(kind text) returns text
    language sql immutable parallel safe
return case kind
    when 'offered' then 'lead.offered'
    when 'assigned' then 'lead.assigned'
    when 'claimed' then 'lead.claimed'
    when 'passed' then 'lead.passed'
    when 'owner_lost' then 'lead.owner_lost'
    when 'unattended' then 'lead.unattended'
    when 'human_touch' then 'lead.contacted'
    when 'finished' then 'lead.finished'
    when 'replied' then 'lead.replied'
    when 'opted_out' then 'lead.opted_out'
    when 'opted_in' then 'lead.opted_in'
    when 'no_calls' then 'lead.no_calls'
    when 'paused' then 'lead.paused'
    when 'resumed' then 'lead.resumed'
    when 'follow_up' then 'lead.follow_up'
    when 'visited' then 'lead.visited'
    when 'booking_opened' then 'lead.booking_opened'
    when 'enriched' then 'lead.enriched'
    when 'corrected' then 'lead.corrected'
    when 'restricted' then 'lead.restricted'
    when 'unrestricted' then 'lead.unrestricted'
    when 'objected' then 'lead.objected'
    when 'address_bounced' then 'lead.address_bounced'
    when 'outcome' then 'lead.outcome'
    when 'outcome_withdrawn' then 'lead.outcome_withdrawn'
    when 'call_outcome' then 'call.outcome'
    when 'meeting_booked' then 'meeting.booked'
    when 'meeting_moved' then 'meeting.moved'
    when 'meeting_cancelled' then 'meeting.cancelled'
    when 'meeting_held' then 'meeting.held'
    when 'meeting_no_show' then 'meeting.no_show'
    when 'enrolled' then 'lead.enrolled'
    when 'sequence_stopped' then 'lead.sequence_stopped'
    when 'sequence_done' then 'lead.sequence_done'
end;
