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
create index call_undoable on call (at) where before is not null;

-- Whether they came, as one of the team says: no vendor's word changes that.
alter table meeting
    add column came_by      uuid references app_user,
    add column came_at      timestamptz,   -- when they said it
    add column came_before  text;          -- where the meeting stood

-- Those who went quiet are woken, so many a day -----------------------------------------------------------------------------

create table recovery_rule (                    -- the team's amounts, every version there was; the last one holds
    version         integer primary key,
    at              timestamptz not null,
    by              uuid references app_user,
    is_on           boolean not null,
    mails_a_day     smallint not null check (mails_a_day between 0 and 1000),
    calls_a_day     smallint not null check (calls_a_day between 0 and 200),
    quiet_days      smallint not null check (quiet_days between 14 and 720),
    untouched_days  smallint not null check (untouched_days between 0 and 60)    -- 0: nobody is looked for
);

create table recovery_day (                     -- one day of the team's own calendar: what may be done, and what was
    day         date primary key,
    at          timestamptz not null,
    mails_most  smallint not null,
    calls_most  smallint not null,
    mails       smallint not null default 0,
    calls       smallint not null default 0,
    untouched   integer not null default 0,     -- leads found that nobody was in touch with
    over_at     timestamptz,
    stopped_at  timestamptz,                    -- by a person
    check (mails <= mails_most and calls <= calls_most)
);

create table revival (                          -- somebody was woken, or found untouched
    id            uuid primary key,
    lead_id       uuid not null references lead on delete cascade,
    day           date not null references recovery_day,
    cause         text not null check (cause in ('dormant', 'untouched')),
    way           text not null check (way in ('email', 'call', 'task')),
    sequence      text,
    points        smallint not null default 0,
    reasons       jsonb not null default '[]',  -- [{"text", "points"}]
    at            timestamptz not null,
    undone_at     timestamptz,
    recovered_at  timestamptz,
    recovered_by  text,                         -- reply, booking, call, asked_again
    cost          jsonb,                        -- {"texts", "mails", "calls"} until then
    unique (lead_id, day)
);
create index revival_day on revival (day);
create index revival_open on revival (lead_id) where recovered_at is null and undone_at is null;

-- A sign of life within three months of being woken: once, with what it took.
create function lead_recovers(lead_ uuid, how text, at_ timestamptz) returns void
    language plpgsql
as $$
declare
    woken revival;
begin
    update revival r
       set recovered_at = at_, recovered_by = how, cost = (
           select jsonb_build_object(
                      'texts', (select count(*) from action a where a.lead_id = lead_ and a.channel = 'sms' and a.purpose <> 'staff'
                                   and a.settled_at >= r.at and a.state in ('sent', 'delivered', 'undelivered')),
                      'mails', (select count(*) from action a where a.lead_id = lead_ and a.channel = 'email' and a.purpose <> 'staff'
                                   and a.settled_at >= r.at and a.state in ('sent', 'delivered', 'bounced')),
                      'calls', (select count(*) from call c where c.lead_id = lead_ and c.direction = 'out' and c.at >= r.at)))
     where r.id = (select id from revival where lead_id = lead_ and recovered_at is null and undone_at is null
                      and at <= at_ and at > at_ - interval '90 days' order by at desc limit 1)
    returning * into woken;
    if found then
        -- they are to be answered now, not woken
        update task set done_at = at_, done_by = 'lead'
         where lead_id = lead_ and kind = 'call' and reason in ('recovery', 'untouched') and done_at is null;
        insert into event (at, actor, kind, lead_id, data)
        values (at_, 'system', 'recovered', lead_,
                jsonb_build_object('cause', woken.cause, 'way', woken.way, 'by', how) || woken.cost);
    end if;
end
$$;

create function recovers_by_event() returns trigger
    language plpgsql
as $$
begin
    perform lead_recovers(new.lead_id, case new.kind when 'replied' then 'reply' when 'meeting_booked' then 'booking' else 'call' end, new.at);
    return null;
end
$$;
create trigger recovers_by_event after insert on event for each row
    when (new.kind in ('replied', 'meeting_booked') or new.kind = 'human_touch' and new.data ->> 'how' = 'call')
    execute function recovers_by_event();

create function recovers_by_inquiry() returns trigger
    language plpgsql
as $$
begin
    perform lead_recovers(new.lead_id, 'asked_again', new.asked_at);
    return null;
end
$$;
create trigger recovers_by_inquiry after insert on inquiry for each row
    when (not new.listed and not new.repeats) execute function recovers_by_inquiry();

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
    when 'recovered' then 'lead.recovered'
end;
