-- Lists of leads: each file stored whole under a key of its own, then worked off in batches; each row with what became of it.

create table import (
    id            uuid primary key,
    at            timestamptz not null,
    by            text not null,
    state         text not null check (state in ('reading', 'ready', 'working', 'done', 'undoing', 'undone')),
    source        text not null,        -- for rows that name none
    options       jsonb not null,       -- {crm, route}
    practice      boolean not null,
    data_key_id   uuid not null,        -- seals what waits, and what the file says of itself
    sealed_about  bytea not null,       -- {file, kind, heads, fields, day_first}
    rows          integer not null default 0,
    new           integer not null default 0,
    known         integer not null default 0,
    duplicate     integer not null default 0,
    refused       integer not null default 0,
    gone          integer not null default 0,   -- leads that an undo took away
    stayed        integer not null default 0,   -- and those it left, each with why
    seen_at       timestamptz not null default now(),   -- real: when somebody last worked on it
    told_at       timestamptz not null default now(),   -- real: when open pages last heard of it
    done_at       timestamptz
);
create index import_open on import (seen_at) where state in ('reading', 'ready', 'working', 'undoing');

create table import_batch (             -- rows that wait, sealed together; gone when they are worked off
    import_id  uuid not null references import on delete cascade,
    number     integer not null,
    body       bytea not null,
    primary key (import_id, number)
);

create table import_row (               -- what became of each row; no personal text
    import_id   uuid not null references import on delete cascade,
    number      integer not null,       -- of the row in the file, the head being the first
    outcome     text not null check (outcome in ('new', 'known', 'duplicate', 'refused')),
    reason      text,                   -- codes, see domain.import_words
    name        bytea,                  -- keyed: the same row again is known by it
    lead_id     uuid,
    capture_id  uuid,
    kept        text,                   -- after an undo: why its lead stays
    primary key (import_id, number)
);
create unique index import_row_name on import_row (name) where name is not null;
create index import_row_lead on import_row (lead_id) where lead_id is not null;

-- Somebody else spoke of the person: nobody waits for an answer, and no figure counts one.
alter table inquiry add column listed boolean not null default false;

-- Nobody has written to them, and nobody has to: they stand in no list of what waits.
alter table lead drop constraint lead_status_check;
alter table lead add constraint lead_status_check
    check (status in ('new', 'answered', 'replied', 'opted_out', 'unreachable', 'imported')) not valid;
alter table lead validate constraint lead_status_check;

-- Nor does their owner have them on their hands: a list would make everybody full.
create or replace function lead_moves() returns trigger
    language plpgsql
as $$
declare
    before uuid := case when tg_op <> 'INSERT' and old.finished_at is null and old.status not in ('opted_out', 'imported') then old.agent_id end;
    after  uuid := case when tg_op <> 'DELETE' and new.finished_at is null and new.status not in ('opted_out', 'imported') then new.agent_id end;
begin
    if before is distinct from after then
        perform 1 from agent_load where agent_id in (before, after) order by agent_id for update;
        update agent_load set owned = owned - 1 where agent_id = before;
        update agent_load set owned = owned + 1 where agent_id = after;
    end if;
    return null;
end
$$;
