-- Who looked at whom, and API keys that are given a new secret while the old one still opens.

create table person_read (              -- one line a reader, lead, way and day; only ever counted up
    lead_id   uuid not null references lead on delete cascade,
    day       date not null,            -- of the team's own calendar
    reader    text not null,            -- user <id>, key <id>, or cli
    how       text not null,            -- see domain.looks
    times     integer not null,
    first_at  timestamptz not null,
    last_at   timestamptz not null,
    primary key (lead_id, day, reader, how)
);
create index person_read_day on person_read (day, reader);

alter table api_key
    add column former_hash bytea,       -- of the secret before, which opens until then
    add column former_until timestamptz;
