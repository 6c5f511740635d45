-- What a data vendor found about people, and what asking cost on each day.

alter table action drop constraint action_channel_check;
alter table action add constraint action_channel_check check (channel in ('sms', 'email', 'crm', 'voice', 'slack', 'enrich'));

create table enrichment (               -- one answer about one person
    action_id     uuid primary key,
    lead_id       uuid not null references lead on delete cascade,
    vendor        text not null,
    practice      boolean not null,
    asked_at      timestamptz not null,
    outcome       text not null check (outcome in ('found', 'not_found', 'pending')),
    data_key_id   uuid not null,
    sealed_found  bytea not null,       -- {facts, emails, phones}, under the lead's key
    day           date not null,        -- of whose credits it was
    credits       numeric(12, 4) not null,
    late          text not null check (late in ('none', 'awaited', 'came', 'given_up')),
    request_ref   text,                 -- the vendor's number of the request, to ask for what is found later
    poll_at       timestamptz,          -- while awaited: when it is asked for
    check ((late = 'awaited') = (poll_at is not null))
);
create index enrichment_lead on enrichment (lead_id, asked_at);
create index enrichment_awaited on enrichment (poll_at) where late = 'awaited';

create index action_enrich on action (created_at) where kind = 'enrich';

create table credit_day (               -- what a vendor that charges has cost on a day of the team's own
    vendor   text not null,
    day      date not null,
    credits  numeric(12, 4) not null default 0,
    primary key (vendor, day)
);
