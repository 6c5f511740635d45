-- What came in and was set aside, for people to look through: mails that are no leads, forms that robots fill in.

create index capture_aside on capture (at) where outcome in ('rejected', 'spam') and lead_id is null and body <> '';

create table aside_verdict (            -- what a person said of it
    capture_id  uuid primary key references capture on delete cascade,
    at          timestamptz not null,
    by          uuid not null references app_user on delete cascade,
    inquiry_id  uuid                    -- what it became; null: it is no lead
);
