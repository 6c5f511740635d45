-- Doors that a team makes itself: any program's JSON, with a mapping kept as data.

create table json_door (
    name        text primary key,                   -- stands in its address
    key_hash    bytea not null,                     -- of the key that opens it; shown once
    channel     text not null,                      -- web_form: people who asked us; csv: rows of a list
    mapping     jsonb not null default '{}',        -- our field → where it stands in the body; "-": nowhere
    seen        text[] not null default '{}',       -- where what stood in the body that came last; names, no values
    created_at  timestamptz not null,
    closed_at   timestamptz
);
