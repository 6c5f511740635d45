-- Chats that visitors of the team's websites begin, and what each website's chat says.

create table chat (
    id            uuid primary key,           -- made by the visitor's browser, so that beginning it twice is once
    lead_id       uuid not null references lead on delete cascade,
    inquiry_id    uuid not null references inquiry on delete cascade,
    website_id    uuid not null references website,
    token_hash    bytea not null,             -- of the secret that the browser holds; nothing else reads the chat
    contact_point_id  bigint not null,        -- the number or address given in it
    language      text not null check (language in ('en', 'es')),
    welcome       bytea not null,             -- the first line, sealed by the lead's key
    started_at    timestamptz not null,
    talked_at     timestamptz not null,       -- the last word of either side
    ended_at      timestamptz,                -- the visitor ended it
    lines         integer not null default 0, -- the number of the last line
    here_until    timestamptz not null default now(),   -- real: their page has shown itself till then
    is_here       boolean not null default false        -- as the team's pages were last told
) with (fillfactor = 70);
create index chat_lead on chat (lead_id, talked_at desc);
create index chat_here on chat (here_until) where is_here;
create index chat_age on chat (talked_at);

create table chat_line (                    -- what stands in a chat, in the order in which it was stored
    chat_id       uuid not null references chat on delete cascade,
    number        integer not null,           -- 1, 2, 3 …, without gaps
    at            timestamptz not null,
    message_id    uuid unique references message on delete cascade,     -- theirs
    action_id     uuid unique references action on delete cascade,      -- ours
    seen_at       timestamptz,                -- it stood open on their screen
    is_missed     boolean not null default false,   -- not seen in time, and the team was told
    primary key (chat_id, number),
    check ((message_id is null) <> (action_id is null))
);
create index chat_line_unseen on chat_line (at) where action_id is not null and seen_at is null and not is_missed;

alter table letter add column chat_id uuid references chat on delete set null;  -- where a letter by chat goes
alter table letter alter column contact_point_id drop not null;
alter table letter drop constraint letter_channel_check;
alter table letter add constraint letter_channel_check check (channel in ('sms', 'email', 'chat'));
create index letter_chat on letter (chat_id) where chat_id is not null;

alter table action drop constraint action_channel_check;
alter table action add constraint action_channel_check
    check (channel in ('sms', 'email', 'crm', 'crm_gohighlevel', 'voice', 'slack', 'enrich', 'webhook', 'chat'));

alter table website
    add column chat_greeting text not null default '',  -- above the first question; blank: ours
    add column chat_colour   text not null default '',  -- #1a5fb4; blank: ours
    add column chat_form     text not null default '';  -- a registered form, whose words stand beside a box; blank: none

-- An answer in a chat is a touch like any other letter.
create or replace function letter_leaves() returns trigger
    language plpgsql
as $$
begin
    perform human_touched(new.lead_id, new.agent_id, new.settled_at, case new.channel when 'sms' then 'text' else new.channel end);
    return null;
end
$$;
drop trigger letter_leaves on action;
create trigger letter_leaves after update of state on action for each row
    when (new.kind in ('human_sms', 'human_email', 'human_chat') and new.state in ('sent', 'delivered')
          and old.state not in ('sent', 'delivered', 'undelivered', 'bounced') and new.lead_id is not null and new.agent_id is not null)
    execute function letter_leaves();
