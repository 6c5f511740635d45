-- Deals that we make in CRMs, and what the stages of each account mean ------------------------------------------------------

create table crm_deals (                -- how a CRM's deals are made
    vendor    text primary key,
    make      text not null default 'claimed' check (make in ('inquiry', 'claimed', 'never')),
    pipeline  text,                     -- the one that ours stand in; null: the account's first
    read_at   timestamptz,              -- when its pipelines were read last, real time
    trouble   text                      -- why they could not be; null while they can
);

create table crm_stage (                -- a stage of an account's pipelines, and what it means to us
    vendor          text not null,
    pipeline        text not null,
    stage           text not null,
    pipeline_label  text not null,
    label           text not null,
    position        smallint not null,  -- over all pipelines, as the CRM shows them
    closed          text not null default '' check (closed in ('', 'won', 'lost')),   -- as the CRM itself says
    means           text not null check (means in ('', 'new', 'contacted', 'meeting', 'won', 'lost')),
    chosen          boolean not null default false,   -- by a person; else guessed by its name
    primary key (vendor, pipeline, stage)
);

create table crm_deal (                 -- a deal of ours: one open one for each lead and CRM; its key is the inquiry's id
    vendor      text not null,
    inquiry_id  uuid not null,
    lead_id     uuid not null references lead on delete cascade,
    milestone   text not null,          -- how far the lead is
    told        text not null default '',   -- what the newest action tells of it
    ordinal     smallint not null default 0,    -- of that action
    ended_at    timestamptz,            -- won, lost or deleted there: nothing more is told
    primary key (vendor, inquiry_id)
);
create unique index crm_deal_open on crm_deal (vendor, lead_id) where ended_at is null;
create index crm_deal_over on crm_deal (vendor) where told in ('won', 'lost') and ended_at is null;
create index crm_deal_untold on crm_deal (vendor) where milestone <> told and ended_at is null;

-- ours are found again by the CRM's id of them
create index action_deal_ref on action (recipient, vendor_ref) where kind = 'crm_deal' and vendor_ref is not null;

-- What keeps two writers at once from making two records ------------------------------------------------------------------

create table crm_key (                  -- where a CRM's account has a property of ours whose values are unique
    vendor   text not null,
    kind     text not null,             -- contacts, deals
    made_at  timestamptz not null,
    primary key (vendor, kind)
);

-- Notes and what came of calls go there, too ------------------------------------------------------------------------------

alter table call add column outcome_at timestamptz;    -- when somebody said what came of it
create index note_at on note (at);
create index call_over on call (greatest(at, ended_at, outcome_at));
create index action_crm_sent on action (recipient, settled_at) where kind = 'crm' and state = 'sent';

-- A list that knows no order by change is gone through a few pages at a time ----------------------------------------------

alter table crm_cursor add column place text, add column since timestamptz;    -- where a round is; when the one before began
