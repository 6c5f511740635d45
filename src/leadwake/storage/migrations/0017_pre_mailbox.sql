-- Mail that comes in: what stands beside its text, and how far a mailbox has been read.

alter table message add column heading bytea;   -- of a mail: subject, names of attachments, its own id; sealed like the body

create table mailbox (                   -- one that is read by IMAP
    id          text primary key,        -- stands for server, user and folder
    validity    bigint not null,         -- UIDs count as long as the server keeps this number
    read_to     bigint not null,         -- the last UID that was taken in and marked
    looked_at   timestamptz not null,    -- when it last answered
    failed_at   timestamptz,             -- since when it does not; null while it does
    failure     text                     -- in plain words, without secrets
);
