-- What the gate decides by, kept for as long as its decisions: tables, the team's policy, and each decision itself.
-- All three only grow.

create table rule_table (
    version    text primary key,        -- effective date and digest: the same files have the same version
    loaded_at  timestamptz not null,
    real_at    timestamptz not null default now(),
    loaded_by  text not null,           -- "user <id>", "cli", "leadwake <version>" for those it came with
    reason     text not null,
    files      bytea not null,          -- the CSV files as they came, as a zip archive
    active     boolean not null default false   -- none: those this version of Leadwake came with
);
create unique index rule_table_active on rule_table (active) where active;

create table policy (
    version  integer primary key,       -- 1, 2, 3 …; the highest is in force, and without a row the defaults
    at       timestamptz not null,
    real_at  timestamptz not null default now(),
    by       text not null,
    reason   text not null,
    value    jsonb not null             -- the whole policy, not the change
);

create table decision (                 -- one row for each decision of the gate about a message to a lead
    id                bigint generated always as identity primary key,
    at                timestamptz not null,
    real_at           timestamptz not null default now(),
    action_id         uuid not null,
    lead_id           uuid,
    contact_point_id  bigint,
    channel           text not null,
    purpose           text not null,
    outcome           text not null,
    reason            text not null,
    rule              text not null,
    table_version     text not null,
    policy_version    integer not null,
    consent_id        bigint,           -- the latest statement that stood then
    template          text,             -- of what was composed: only what may go is
    template_version  integer,          -- 0: as shipped
    sender            text not null,    -- our own number or address
    facts             jsonb not null,   -- instants and levels, nothing that names anybody
    data_key_id       uuid not null,
    sealed_message    bytea not null,   -- recipient, state, ZIP, country, under the lead's key
    result            jsonb not null    -- the decision whole, zones, states and local times with it
);
create index decision_lead on decision (lead_id) where lead_id is not null;
create index decision_action on decision (action_id);
