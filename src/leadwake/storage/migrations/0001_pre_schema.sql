-- Leadwake's own tables. Personal data is ciphertext (columns named sealed_* and body), look-ups go by keyed HMAC.
-- Columns that end in _at are instants of business time (LEADWAKE_CLOCK) unless their comment says "real".

create schema vault;

comment on schema vault is 'Wrapped keys. Backups of the rest leave this schema out, so that destroying a key destroys what it sealed.';

create table vault.kek (
    id             integer generated always as identity primary key,
    wrapped        bytea not null,
    master_key_id  text not null,
    created_at     timestamptz not null default now(),
    retired_at     timestamptz
);

create table vault.index_key (
    id             integer primary key default 1 check (id = 1),
    wrapped        bytea not null,
    master_key_id  text not null
);

create table vault.data_key (
    id       uuid primary key,
    kek_id   integer not null references vault.kek,
    wrapped  bytea not null,
    lead_id  uuid                       -- null until the capture is understood
);
create index data_key_lead on vault.data_key (lead_id) where lead_id is not null;

-- Operators -----------------------------------------------------------------------------------------------------------

create table setting (
    name        text primary key,
    sealed      bytea not null,
    updated_at  timestamptz not null default now()
);

create table message_template (
    name        text primary key,       -- instant_reply.sms, instant_reply.email, ...
    source      text not null,
    version     integer not null default 1,
    updated_at  timestamptz not null default now()
);

create table app_user (
    id              uuid primary key,
    email_hash      bytea not null unique,
    sealed_profile  bytea not null,     -- {name, email, phone}
    role            text not null check (role in ('admin', 'manager', 'agent')),
    password_hash   text,
    takes_leads     boolean not null default false,
    practice        boolean not null default false,
    disabled_at     timestamptz,
    created_at      timestamptz not null default now()
);

create table session (
    token_hash  bytea primary key,
    user_id     uuid not null references app_user on delete cascade,
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null
);
create index session_by_user on session (user_id);

create table invite (
    token_hash  bytea primary key,
    user_id     uuid references app_user on delete cascade,   -- null: whoever opens it becomes the first admin
    expires_at  timestamptz not null,
    used_at     timestamptz
);

create table api_key (
    id           text primary key,
    name         text not null,
    secret_hash  bytea not null,
    scopes       text[] not null,
    created_at   timestamptz not null default now(),
    revoked_at   timestamptz
);

-- People and how to reach them ----------------------------------------------------------------------------------------

create table contact_point (
    id             bigint generated always as identity primary key,
    kind           text not null check (kind in ('phone', 'email')),
    hash           bytea not null,      -- keyed HMAC: no number or address stands here
    touched_at     timestamptz not null default now(),
    opted_out_at   timestamptz,         -- suppression, over all leads, for ever until the person says otherwise
    opted_out_by   text,
    unique (kind, hash)
) with (fillfactor = 80);

create table lead (
    id              uuid primary key,
    data_key_id     uuid not null,
    sealed_profile  bytea not null,
    agent_id        uuid references app_user,
    status          text not null default 'new'
                    check (status in ('new', 'answered', 'replied', 'opted_out', 'unreachable')),
    score           smallint not null default 0,
    temperature     text not null default 'cold' check (temperature in ('hot', 'warm', 'cold')),
    reasons         jsonb not null default '[]',
    source          text not null,
    channel         text not null,
    practice        boolean not null default false,
    created_at      timestamptz not null,
    last_at         timestamptz not null,
    first_touch_at  timestamptz
) with (fillfactor = 70);
create index lead_recent on lead (last_at desc);

create table lead_contact (
    lead_id           uuid not null references lead on delete cascade,
    contact_point_id  bigint not null references contact_point,
    kind              text not null,
    sealed_value      bytea not null,   -- the number or address itself, under the lead's key
    consent           text not null,    -- none, inquiry, oral, written, declined; revocation stands on the contact point
    consent_at        timestamptz not null,
    inquiry_at        timestamptz,      -- the last time the person asked and gave this contact
    primary key (contact_point_id, lead_id)
);
create index lead_contact_lead on lead_contact (lead_id);
-- an address is one person's; a number may be a household's
create unique index lead_contact_email on lead_contact (contact_point_id) where kind = 'email';

create table lead_token (               -- blind index over name words and their prefixes
    token    bigint not null,
    lead_id  uuid not null references lead on delete cascade,
    primary key (token, lead_id)
);
create index lead_token_lead on lead_token (lead_id);

create table consent (                  -- each statement with its proof, never changed
    id                bigint generated always as identity primary key,
    lead_id           uuid not null,
    contact_point_id  bigint not null,
    capture_id        uuid not null,
    channel           text not null,
    level             text not null,
    missing           text[] not null default '{}',
    at                timestamptz not null
);
create index consent_lead on consent (lead_id);

-- Captures and inquiries ----------------------------------------------------------------------------------------------

create table capture (
    id            uuid primary key,
    at            timestamptz not null,
    real_at       timestamptz not null default now(),
    door          text not null,        -- api, form, sms
    source        text not null,
    outcome       text not null check (outcome in ('lead', 'known', 'spam', 'rejected', 'pending')),
    reason        text,
    data_key_id   uuid not null,
    body          bytea not null,       -- the raw bytes with their headers, sealed
    lead_id       uuid,
    tries         smallint not null default 0,
    retry_at      timestamptz           -- real; set while pending
);
create index capture_pending on capture (retry_at) where outcome = 'pending';
create index capture_lead on capture (lead_id) where lead_id is not null;

create table inquiry (
    id              uuid primary key references capture,
    lead_id         uuid not null references lead on delete cascade,
    channel         text not null,
    source          text not null,
    asked_at        timestamptz not null,
    sealed_details  bytea not null,     -- the inquiry as understood
    fingerprint     bytea not null,     -- keyed: the same words from the same person again?
    repeats         boolean not null default false,
    score           smallint not null,
    temperature     text not null,
    reasons         jsonb not null,
    agent_id        uuid,
    agent_because   text,
    planned         smallint not null,  -- actions planned with it: the ledger counts them
    first_touch_at  timestamptz
);
create index inquiry_lead on inquiry (lead_id, asked_at);

create table idempotency (
    api_key_id  text not null,
    key_hash    bytea not null,
    body_hash   bytea not null,
    capture_id  uuid not null,
    real_at     timestamptz not null default now(),
    primary key (api_key_id, key_hash)
);
create index idempotency_age on idempotency (real_at);

create table message (                  -- what people sent to us
    id                uuid primary key,
    vendor            text not null,
    ref               text not null,
    lead_id           uuid,
    contact_point_id  bigint not null,
    channel           text not null,
    intent            text not null,
    data_key_id       uuid not null,
    body              bytea not null,
    at                timestamptz not null,
    unique (vendor, ref)
);
create index message_lead on message (lead_id, at);

-- Actions -------------------------------------------------------------------------------------------------------------

create table action (
    id                  uuid primary key,
    cause_id            uuid not null,
    kind                text not null,
    recipient           text not null,
    ordinal             smallint not null default 0,
    lead_id             uuid,
    contact_point_id    bigint,
    agent_id            uuid,
    channel             text not null check (channel in ('sms', 'email', 'crm')),
    purpose             text not null,
    queue               text not null default 'instant',
    state               text not null check (state in ('planned', 'deferred', 'sending', 'sent', 'delivered', 'undelivered',
                            'bounced', 'blocked', 'cancelled', 'skipped', 'expired', 'unknown', 'dead')),
    practice            boolean not null default false,
    created_at          timestamptz not null,
    due_at              timestamptz,        -- while open: not before this
    wake_at             timestamptz,        -- real: when somebody looks again if nothing happened
    lease_until         timestamptz,        -- real: while sending
    attempt_id          uuid,
    attempts            smallint not null default 0,
    failures            smallint not null default 0,
    checks              smallint not null default 0,     -- empty look-ups of an unknown outcome
    resends             smallint not null default 0,
    possible_duplicate  boolean not null default false,
    claimed_at          timestamptz,
    settled_at          timestamptz,
    vendor              text,
    vendor_ref          text,
    reason              text,
    decision            jsonb,
    data_key_id         uuid,
    content             bytea,              -- exactly what was sent, sealed under the lead's key
    unique (cause_id, kind, recipient, ordinal),
    check ((state in ('planned', 'deferred')) = (due_at is not null)),
    check ((state = 'sending') = (lease_until is not null))
) with (fillfactor = 60);
create index action_due on action (due_at) where state in ('planned', 'deferred');
create index action_sending on action (wake_at) where state = 'sending';
create index action_dead on action (settled_at) where state in ('dead', 'unknown');
create index action_contact on action (contact_point_id, claimed_at) where contact_point_id is not null;
create index action_lead on action (lead_id);

create table attempt (                  -- append-only: what was tried and what became of it
    id          bigint generated always as identity,
    action_id   uuid not null,
    attempt_id  uuid,
    at          timestamptz not null,
    event       text not null,
    state       text not null,
    detail      jsonb
);
create index attempt_action on attempt (action_id);

create table vendor_state (             -- how each vendor fares, for the page and doctor
    vendor      text primary key,
    state       text not null check (state in ('closed', 'open')),
    reason      text,
    since       timestamptz not null default now(),
    open_until  timestamptz
);

create sequence agent_turn;             -- round robin without a lock

-- What happened -------------------------------------------------------------------------------------------------------

create table event (                    -- timeline and audit log: ids, codes and hashes, never personal text
    id       bigint generated always as identity primary key,
    at       timestamptz not null,
    real_at  timestamptz not null default now(),
    actor    text not null,
    kind     text not null,
    lead_id  uuid,
    data     jsonb not null default '{}'
);
create index event_lead on event (lead_id) where lead_id is not null;

create table event_seal (               -- hash chain over blocks of events, laid by a job so that no write waits for it
    upto_id    bigint primary key,
    from_id    bigint not null,
    count      integer not null,
    hash       bytea not null,
    sealed_at  timestamptz not null default now()
);

-- Intake's first step: every contact point of an inquiry exists and is locked, in one order for everybody (by hash), and
-- whoever they belong to is read afterwards, in a snapshot of its own. A check before and a write after would race.
create function lock_contact_points(kinds text[], hashes bytea[])
    returns table (contact_point_id bigint, kind text, hash bytea, opted_out_at timestamptz, lead_id uuid,
                   sealed_profile bytea, data_key_id uuid, kek_id integer, wrapped bytea, agent_id uuid, created_at timestamptz)
    language plpgsql
as $$
begin
    insert into contact_point as p (kind, hash)
        select k, h from unnest(kinds, hashes) as given (k, h) order by h
        on conflict on constraint contact_point_kind_hash_key do update set touched_at = now();
    return query
        select p.id, p.kind, p.hash, p.opted_out_at, l.id, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped,
               l.agent_id, l.created_at
          from unnest(kinds, hashes) as given (k, h)
          join contact_point p on p.kind = given.k and p.hash = given.h
          left join lead_contact c on c.contact_point_id = p.id
          left join lead l on l.id = c.lead_id
          left join vault.data_key dk on dk.id = l.data_key_id
         order by l.created_at;
end
$$;
