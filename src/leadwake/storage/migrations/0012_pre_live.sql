-- What reaches us from outside, and a log that can be searched.

create table heard (                    -- when something last came in: a vendor's webhook, one of the team's own forms
    source  text not null,              -- twilio, sendgrid, …, form
    name    text not null,              -- which of its webhooks, or the form's name
    at      timestamptz not null,
    detail  text,                       -- of a form: the host of the page it stands on, as the browser said
    primary key (source, name)
);

-- The log by time, by what happened and by who did it; newest first, with a place to go on from.
create index event_at on event (at desc, id desc);
create index event_kind on event (kind, at desc, id desc);
create index event_actor on event (actor, at desc, id desc);

-- The newest attempts, for how each vendor fared last.
create index attempt_newest on attempt (id desc);
