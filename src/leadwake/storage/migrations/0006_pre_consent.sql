-- What people may do about our mail and texts by themselves, and how written consent is proven: forms that were registered
-- once, addresses that came back, complaints that pause marketing.

alter table contact_point
    add column bounced_at timestamptz;  -- mail came back for good: no more goes there until they ask again

create table consent_form (             -- a form whose wording an admin vouches for; its captures inherit these fields
    id               uuid primary key,
    name             text not null,     -- as in POST /forms/{form}, lower-case
    wording          text not null,
    wording_version  text not null,
    url              text not null,
    signature        text not null check (signature in ('typed_name', 'own_field')),
    not_pre_ticked   boolean not null check (not_pre_ticked),
    screenshot       bytea not null,
    screenshot_type  text not null,
    registered_by    uuid not null references app_user,
    registered_at    timestamptz not null,
    retired_at       timestamptz
);
create unique index consent_form_name on consent_form (name) where retired_at is null;

create table mail_complaint (           -- somebody marked our mail as spam; counted once a mail
    action_id  uuid primary key,
    at         timestamptz not null
);
create index mail_complaint_at on mail_complaint (at);

create table mail_pause (               -- marketing mail stood still; resumed_at null: it does now
    id             integer generated always as identity primary key,
    at             timestamptz not null,
    complaints     integer not null,
    resumed_at     timestamptz,
    resumed_by     uuid references app_user,
    sealed_reason  bytea                -- why somebody let it go on, in their words
);
create unique index mail_pause_now on mail_pause ((true)) where resumed_at is null;
