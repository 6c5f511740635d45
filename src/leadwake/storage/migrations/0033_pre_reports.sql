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
create index enrollment_started on enrollment (started_at);

-- One definition each; whoever is erased stays counted, since the log and what came of them do.

create view report_conversation as      -- they wrote back, or talked with somebody of ours
    select lead_id, at from event
     where lead_id is not null and (kind = 'replied' or (kind = 'human_touch' and data ->> 'how' = 'call'));

create view report_meeting as           -- booked and not called off, or as a CRM has it
    select e.lead_id, e.at from event e
     where e.lead_id is not null and e.kind = 'meeting_booked'
       and (exists (select 1 from meeting m where m.lead_id = e.lead_id and m.state <> 'cancelled')
            or not exists (select 1 from meeting m where m.lead_id = e.lead_id))
    union all
    select lead_id, at from outcome where kind = 'meeting';
