-- Backups that were made, how restoring them was rehearsed, and a house that was restored.

create table backup (                   -- one that was made, that failed, or that somebody asked for
    id            uuid primary key,
    real_at       timestamptz not null, -- real: the instant that it holds, or when it failed
    why           text not null,        -- daily, by_hand, before_upgrade
    path          text,                 -- on the machine that made it; null: it failed, or is asked for
    host          text,
    bytes         bigint,
    seconds       real,
    problem       text,                 -- why it failed
    copied_at     timestamptz,          -- real: when the command of the team's own had copied it
    copy_problem  text
);
create index backup_recent on backup (real_at desc);

create table backup_rehearsal (         -- a backup restored into a scratch database, looked at, dropped
    id         bigint generated always as identity primary key,
    real_at    timestamptz not null default now(),
    backup_at  timestamptz,             -- real: which one; null: there was none
    outcome    text not null check (outcome in ('passed', 'failed', 'not_possible')),
    seconds    real not null,
    counts     jsonb not null default '{}',
    problems   text[] not null default '{}'
);
create index backup_rehearsal_recent on backup_rehearsal (real_at desc);

create table restore (                  -- this database was restored; what automation planned before waits for a look
    id           bigint generated always as identity primary key,
    at           timestamptz not null,
    real_at      timestamptz not null default now(),
    backup_at    timestamptz not null,  -- real
    erased       integer not null,      -- people who were erased since the backup, and are again
    released_at  timestamptz,           -- a person has looked
    released_by  text,
    sends        boolean not null default false     -- what waited goes on; else it is cancelled
);
