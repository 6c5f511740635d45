-- Meetings that leads book, and the links of ours by which they do.

create table meeting (                  -- one booking as the scheduler knows it; moving one makes another
    id            uuid primary key,
    lead_id       uuid references lead on delete cascade,   -- null: told of before anybody told who booked it
    vendor        text not null,
    ref           text not null,              -- the vendor's id of the booking
    state         text not null check (state in ('booked', 'held', 'no_show', 'cancelled', 'rescheduled')),
    came_told_at  timestamptz,                -- the vendor's instant of the newest word on whether they came
    event_ref     text,                       -- the vendor's id of what was booked
    starts_at     timestamptz,                -- null: not known yet
    ends_at       timestamptz,
    moved_to      text,                       -- the booking that took its place
    sealed        bytea,                      -- title, place, links, the lead's clock; by the lead's key
    at            timestamptz not null,       -- first told of, business time
    look_at       timestamptz,                -- business time: when the vendor is asked how it stands; null: not any more
    unique (vendor, ref)
);
create index meeting_lead on meeting (lead_id, at);
create index meeting_look on meeting (look_at) where look_at is not null;
create index meeting_ends on meeting (ends_at) where state = 'booked';
create index meeting_stranger on meeting (at) where lead_id is null;

create table booking_link (             -- a lead's own single-use link at the scheduler, made when theirs at ours is opened
    lead_id       uuid primary key references lead on delete cascade,
    event_type    text not null,              -- what it books
    sealed_url    bytea,                      -- by the lead's key; null while it is being made
    made_at       timestamptz,                -- business time
    making_until  timestamptz not null        -- real: one at a time asks for it
);

alter table lead drop constraint lead_status_check;
alter table lead add constraint lead_status_check
    check (status in ('new', 'answered', 'replied', 'booked', 'opted_out', 'unreachable', 'imported'));
