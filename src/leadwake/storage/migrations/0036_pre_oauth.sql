-- Sign-in at identity providers, and programs that get short-lived access tokens.

create table identity (                 -- who of the team somebody is at an identity provider; the subject counts, not the address
    id            uuid primary key,
    user_id       uuid not null references app_user on delete cascade,
    provider      text not null check (provider in ('google', 'microsoft', 'oidc')),
    issuer        text not null,
    subject_hash  bytea not null,       -- blind index over issuer and subject
    sealed_email  bytea not null,       -- the address by which it was bound
    created_at    timestamptz not null default now(),
    last_at       timestamptz not null default now(),
    unique (issuer, subject_hash),
    unique (user_id, provider)
);

alter table session drop constraint session_via_check;
alter table session add constraint session_via_check
    check (via in ('password', 'link', 'passkey', 'google', 'microsoft', 'oidc'));

create table api_client (               -- a program that gets access tokens for its id and secret
    id               text primary key,
    name             text not null,
    scopes           text[] not null,
    secret_hash      bytea not null,
    old_secret_hash  bytea,             -- the secret before, good until old_until
    old_until        timestamptz,
    created_at       timestamptz not null default now(),
    revoked_at       timestamptz
);

create table access_token (
    id           text primary key,
    client_id    text not null references api_client on delete cascade,
    secret_hash  bytea not null,
    scopes       text[] not null,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null
);
create index access_token_client on access_token (client_id);
create index access_token_expires on access_token (expires_at);
