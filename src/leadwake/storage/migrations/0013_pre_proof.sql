-- Proof: the figures of a closed day are counted once. Whatever changes them later marks the day, so that it is counted anew.

create table proof_day (                -- a day of the team's own whose figures stand in proof_count
    day      date primary key,
    zone     text not null,             -- in another zone the day is another one
    begins   timestamptz not null,
    ends     timestamptz not null,
    made_at  timestamptz not null
);

create table proof_cell (               -- what is counted; the meanings stand in sql/proof.sql
    id        integer generated always as identity primary key,
    practice  boolean not null,
    figure    text not null,
    a         text not null,            -- outcome, source, agent or channel, as the figure has it
    b         text not null,
    unique (practice, figure, a, b)
);

create table proof_count (              -- counts only, in few bytes: ninety days are read at once
    day      date not null references proof_day on delete cascade,
    cell_id  integer not null references proof_cell,
    tenths   integer not null,          -- of a second, for figures that are stretches of time
    n        integer not null
);
create index proof_count_day on proof_count (day);

create table proof_late (               -- something of that moment changed later; its day is counted anew
    at  timestamptz not null
);

create index capture_at on capture (at);
create index action_created on action (created_at);
create index offer_at on offer (at);

-- Late is what comes more than an hour after its beginning. A day is closed two hours after its end, so what is not late is
-- in its figures anyhow, and the instant answers of every day mark nothing.

create function proof_inquiry() returns trigger
    language plpgsql
as $$
begin
    insert into proof_late (at) select c.at from capture c where c.id = new.id;
    return null;
end
$$;
create trigger proof_late after update of first_touch_at, offered_at, human_at, human_by, temperature on inquiry for each row
    when (old.temperature <> new.temperature
          or ((old.first_touch_at, old.offered_at, old.human_at, old.human_by)
                  is distinct from (new.first_touch_at, new.offered_at, new.human_at, new.human_by)
              and (greatest(new.first_touch_at, new.offered_at, new.human_at) is null
                   or greatest(new.first_touch_at, new.offered_at, new.human_at) > new.asked_at + interval '1 hour')))
    execute function proof_inquiry();

create function proof_inquiries_gone() returns trigger
    language plpgsql
as $$
begin
    insert into proof_late (at) select distinct c.at from gone join capture c on c.id = gone.id;
    return null;
end
$$;
create trigger proof_gone after delete on inquiry referencing old table as gone for each statement
    execute function proof_inquiries_gone();

create function proof_capture() returns trigger
    language plpgsql
as $$
begin
    insert into proof_late (at) values (new.at);
    return null;
end
$$;
create trigger proof_late after update of outcome on capture for each row when (old.outcome <> new.outcome)
    execute function proof_capture();

create function proof_message() returns trigger
    language plpgsql
as $$
begin
    insert into proof_late (at)
    select c.at from capture c
     where c.lead_id = new.lead_id and c.outcome = 'lead' and new.at > c.at + interval '1 hour';
    return null;
end
$$;
create trigger proof_late after insert on message for each row when (new.lead_id is not null) execute function proof_message();

create function proof_action() returns trigger
    language plpgsql
as $$
begin
    insert into proof_late (at) values (new.created_at);
    if new.purpose = 'instant_reply' then
        insert into proof_late (at) select c.at from capture c where c.id = new.cause_id and c.at <> new.created_at;
    end if;
    return null;
end
$$;
create trigger proof_late after update of state, reason on action for each row
    when ((old.state, old.reason) is distinct from (new.state, new.reason)
          and greatest(new.settled_at, new.claimed_at, new.due_at) > new.created_at + interval '1 hour')
    execute function proof_action();

create function proof_offer() returns trigger
    language plpgsql
as $$
begin
    insert into proof_late (at) values (new.at);
    return null;
end
$$;
create trigger proof_late after update of state on offer for each row
    when (old.state <> new.state and (new.ended_at is null or new.ended_at > new.at + interval '1 hour'))
    execute function proof_offer();

create function proof_offers_gone() returns trigger
    language plpgsql
as $$
begin
    insert into proof_late (at) select distinct at from gone;
    return null;
end
$$;
create trigger proof_gone after delete on offer referencing old table as gone for each statement execute function proof_offers_gone();

-- The digest ----------------------------------------------------------------------------------------------------------------

create table digest (                   -- what one person's digest tells, counted when it was due; no names stand here
    id        uuid primary key,         -- of person, day and kind: the cause of its actions
    user_id   uuid not null references app_user on delete cascade,
    at        timestamptz not null,
    content   jsonb not null,           -- see workflows.digest
    lead_ids  uuid[] not null           -- whom it names when it is sent; gone after two days
);
