-- The team's own websites, whose pages may use our scripts.

create table website (
    id          uuid primary key,
    origin      text not null unique,               -- https://example.com; www. of it is the same website
    form        boolean not null default true,      -- which parts its pages load
    visits      boolean not null default true,
    chat        boolean not null default false,
    added_by    uuid not null references app_user,
    added_at    timestamptz not null,
    removed_at  timestamptz                         -- its pages are refused since then
);

-- A form that only our script shows: what was seen comes with each of its leads, so that no picture stands for all
alter table consent_form
    alter column screenshot drop not null,
    alter column screenshot_type drop not null,
    add column by_script boolean not null default false,
    add check (by_script or (screenshot is not null and screenshot_type is not null));

-- Who looked at which page -----------------------------------------------------------------------------------------------

create table page_view (                            -- as a page's script tells it; gone once it is counted, or in 30 days
    id          bigint generated always as identity primary key,
    visitor     bytea not null,                     -- a keyed hash of what the browser calls itself; no address, no cookie
    website_id  uuid not null,
    path        text not null,                      -- without its query, but for utm_
    at          timestamptz not null,
    seconds     integer not null,                   -- in sight since it was told last
    is_new      boolean not null,                   -- the page was opened, not looked at further
    lead_id     uuid                                -- whose it is by now: counted into a visit next
);
create index page_view_visitor on page_view (visitor, at);
create index page_view_at on page_view (at);
create index page_view_whose on page_view (lead_id) where lead_id is not null;

create table visitor (                              -- whose browser it is, since they sent something from it
    hash     bytea primary key,
    lead_id  uuid not null references lead on delete cascade,
    since    timestamptz not null
);
create index visitor_lead on visitor (lead_id);

create table visit (                                -- pages that a lead looked at, one after the other
    id          uuid primary key,
    lead_id     uuid not null references lead on delete cascade,
    website_id  uuid not null,
    started_at  timestamptz not null,
    last_at     timestamptz not null,
    seconds     integer not null,
    views       integer not null,
    sealed      bytea not null                      -- which pages, under the lead's key
);
create index visit_lead on visit (lead_id, started_at);
create index visit_last on visit (last_at);
