-- What the team's channel for operations is told: trouble that began and is over, and how each day went.

create table ops_notice (
    id       uuid primary key,          -- the cause of the messages that tell it
    about    text not null,             -- vendor <name>, dead_letters, response, day, or the name of a notice
    at       timestamptz not null,      -- when it began, or was said
    over_at  timestamptz,               -- null while it goes on
    content  jsonb not null             -- counts and codes, nobody's name; see domain.ops_words
);
create unique index ops_notice_going_on on ops_notice (about) where over_at is null;
create index ops_notice_at on ops_notice (at);
