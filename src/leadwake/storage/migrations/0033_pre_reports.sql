-- Reports: what went out costs by its segments; what the team says things cost; when a lead first came so far.

alter table action
    add column segments smallint,                   -- of a text, as it was composed (null: before they were counted)
    add column taken smallint not null default 0;   -- how often a vendor took it: each time is billed

create table report_input (             -- what the team says, in versions; the newest counts
    id      bigint generated always as identity primary key,
    name    text not null,
    source  text not null default '',   -- whose monthly cost it is
    value   numeric(12, 5),             -- null: said no longer
    at      timestamptz not null,
    by      uuid not null references app_user
);
create index report_input_newest on report_input (name, source, id desc);
create trigger only_grows before update or delete or truncate on report_input for each statement execute function refuse_change();

create index outcome_at on outcome (at);

-- One definition each, for the lead's row in a table and for the share of those who came.

create function first_conversation(lead_ uuid) returns timestamptz
    language sql stable
as $$
    select min(at) from event
     where lead_id = lead_ and (kind = 'replied' or (kind = 'human_touch' and data ->> 'how' = 'call'))
$$;

create function first_meeting(lead_ uuid) returns timestamptz
    language sql stable
as $$
    select min(at)
      from (select at from outcome where lead_id = lead_ and kind = 'meeting'
            union all
            select at from event
             where lead_id = lead_ and kind = 'meeting_booked'
               and (exists (select 1 from meeting where lead_id = lead_ and state <> 'cancelled')
                    or not exists (select 1 from meeting where lead_id = lead_))) met
$$;
