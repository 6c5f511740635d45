-- A channel for each CRM --------------------------------------------------------------------------------------------------

-- crm is HubSpot's, as it was
alter table action drop constraint action_channel_check;
alter table action add constraint action_channel_check
    check (channel in ('sms', 'email', 'crm', 'crm_gohighlevel', 'voice', 'slack', 'enrich'));

-- What CRMs tell us -------------------------------------------------------------------------------------------------------

create table crm_event (                -- each thing a CRM said, once; done by whoever gets to it first
    id        bigint generated always as identity primary key,
    vendor    text not null,
    event_id  text not null,
    kind      text not null check (kind in ('created', 'changed', 'gone', 'deal', 'deal_gone', 'message')),
    ref       text not null,            -- the CRM's own id of the contact or deal
    about     text not null default '', -- the property that changed, where one is named
    content   bytea,                    -- what came with it, sealed, until it is done
    at        timestamptz not null,
    state     text not null default 'waiting' check (state in ('waiting', 'done', 'failed')),
    tries     smallint not null default 0,
    wake_at   timestamptz not null default now(),
    reason    text,
    done_at   timestamptz,
    constraint crm_event_once unique (vendor, event_id)
);
create index crm_event_waiting on crm_event (vendor, wake_at) where state = 'waiting';
create index crm_event_done on crm_event (done_at) where state <> 'waiting';

create table crm_contact (              -- a contact of theirs as we saw it last
    vendor    text not null,
    ref       text not null,
    lead_id   uuid not null references lead on delete cascade,
    owner     text,                     -- their id of the colleague; a change of it is news
    seen_at   timestamptz not null,
    gone_at   timestamptz,
    primary key (vendor, ref)
);
create index crm_contact_lead on crm_contact (lead_id);

-- by what the CRMs know a lead: the id that the last write was answered with
create index action_crm_ref on action (recipient, vendor_ref) where kind = 'crm' and vendor_ref is not null;

-- What came of it ---------------------------------------------------------------------------------------------------------

create table outcome (                  -- meeting, won, lost, with money
    id           uuid primary key,
    lead_id      uuid not null,         -- stays when the person is erased: a figure without a name
    kind         text not null check (kind in ('meeting', 'won', 'lost')),
    cents        bigint,
    currency     text not null default 'USD',
    source       text not null,         -- the CRM that says so
    ref          text not null,         -- its id of the deal
    at           timestamptz not null,
    constraint outcome_once unique (source, ref, kind)
);
create index outcome_lead on outcome (lead_id);

-- What goes there ---------------------------------------------------------------------------------------------------------

create table crm_field (                -- what of a lead is written into which property; blank: nowhere
    vendor    text not null,
    field     text not null,
    property  text not null,
    primary key (vendor, field)
);

create table crm_cursor (               -- until when it was looked: what a CRM is to be told, and (… poll) what it has to say
    vendor     text primary key,
    at         timestamptz not null,    -- of a poll: the CRM's own, real time
    looked_at  timestamptz not null default '-infinity'
);
create index lead_claimed on lead (claimed_at) where claimed_at is not null;
