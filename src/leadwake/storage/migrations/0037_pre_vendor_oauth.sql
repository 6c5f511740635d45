-- Vendors connected by OAuth: what they granted us, and whose renewal of it is under way.

create table vendor_grant (
    vendor          text primary key,
    id              uuid not null unique,               -- another one with each connecting: what was read of the old one is void
    base            text not null,                      -- where it was granted; at another address it means nothing
    account         text not null,                      -- whose it is, by the vendor's own id; no person's name
    scopes          text not null default '',
    sealed_access   bytea not null,
    sealed_refresh  bytea,                              -- null: the vendor gave none, and the access does not end
    serial          bigint not null default 1,          -- rises with each renewal
    state           text not null default 'connected' check (state in ('connected', 'lost')),
    expires_at      timestamptz,                        -- real time, as everything here; null: never
    renew_at        timestamptz,
    attempt_id      uuid,                               -- who spends the refresh token just now, until the lease is over
    lease_until     timestamptz,
    in_doubt        boolean not null default false,     -- it was spent once, and nobody read the answer
    failures        integer not null default 0,
    retry_at        timestamptz,
    reason          text,                               -- of the last failure
    told_at         timestamptz,                        -- the admins know that it is lost
    connected_at    timestamptz not null,               -- business time, for people
    connected_by    text not null,                      -- an actor, as in the log
    renewed_at      timestamptz,
    check ((attempt_id is null) = (lease_until is null))
);

create table vendor_authorization (     -- an admin who is at the vendor's page just now
    state_hash  bytea primary key,
    vendor      text not null,
    user_id     uuid not null references app_user on delete cascade,
    session     text not null,                          -- names the browser's session; opens nothing
    sealed      bytea not null,                         -- PKCE's verifier and what else the exchange needs
    expires_at  timestamptz not null
);
