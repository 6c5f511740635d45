-- What says something about a lead, with its time, so that any score can be worked out again; and what each signal counts.

create table score_weights (            -- the whole table in each version; without a row, as shipped
    version  integer primary key,
    at       timestamptz not null,
    real_at  timestamptz not null default now(),
    by       text not null,
    reason   text not null,
    value    jsonb not null             -- see domain.scoring.weights
);
create trigger only_grows before update or delete or truncate on score_weights for each statement execute function refuse_change();

create table signal (                   -- only grows, but for retention: codes, never words of theirs
    id        bigint generated always as identity primary key,
    lead_id   uuid not null references lead on delete cascade,
    cause_id  uuid not null,            -- the inquiry, message, call, meeting, visit, … it is of
    at        timestamptz not null,
    codes     text[] not null           -- see domain/scoring/weights.toml
);
create index signal_lead on signal (lead_id, id);
create index signal_at on signal (at);

create table rescore (                  -- leads of whom there is something new that no score counts yet
    id       bigint generated always as identity primary key,
    lead_id  uuid not null,
    at       timestamptz not null
);
create index rescore_lead on rescore (lead_id);

create table score_sweep (              -- leads that are scored anew for a version of the weights, the newest first
    version  integer primary key,
    below    uuid                       -- those from here on are done; null: none yet
);
insert into score_sweep (version) select 0 where exists (select 1 from lead);

-- when what fades by itself has changed the score
alter table lead add column rescore_at timestamptz;
create index lead_rescore on lead (rescore_at) where rescore_at is not null;

create function rescore_told() returns trigger
    language plpgsql
as $$
begin
    perform pg_notify('leadwake_score', '');
    return null;
end
$$;
create trigger rescore_told after insert on rescore for each row execute function rescore_told();

-- Only written, never waited for; of nobody whose data is kept and not used, and of nobody who is being erased.
create function signal_add(lead_ uuid, cause uuid, at_ timestamptz, variadic codes_ text[]) returns void
    language plpgsql
as $$
begin
    insert into signal (lead_id, cause_id, at, codes)
    select id, cause, at_, codes_ from lead where id = lead_ and restricted_at is null for key share;
    if found then
        insert into rescore (lead_id, at) values (lead_, at_);
    end if;
end
$$;

-- What the log tells of them is a signal by itself.
create function signal_of_event() returns trigger
    language plpgsql
as $$
declare
    wants text := coalesce(new.data ->> 'wants', 'given');
    found_ text[];
begin
    case new.kind
    when 'replied' then
        if wants <> 'stop' and coalesce(new.data ->> 'intent', 'reply') <> 'help' then
            perform signal_add(new.lead_id, gen_random_uuid(), new.at, 'reply_' || case when wants in
                ('interested', 'question', 'wants_call', 'books', 'not_now', 'not_interested', 'wrong_person', 'complaint')
                then wants else 'given' end);
        end if;
    when 'booking_opened' then
        perform signal_add(new.lead_id, gen_random_uuid(), new.at, 'booking_opened');
    when 'enriched' then
        found_ := array_remove(array[
            case when new.data -> 'facts' ? 'title' then 'job_known' end,
            case when new.data -> 'facts' ? 'company' then 'company_known' end,
            case when new.data @> '{"senior": true}' then 'senior' end], null);
        if found_ <> '{}' then
            perform signal_add(new.lead_id, (new.data ->> 'action')::uuid, new.at, variadic found_);
        end if;
    else  -- opted_out, opted_in: each number and address by itself
        perform signal_add(new.lead_id, md5(new.lead_id::text || coalesce(new.data ->> 'point', ''))::uuid, new.at,
                           case new.data ->> 'by' when 'wrong_number' then 'reply_wrong_person' else new.kind end);
    end case;
    return null;
end
$$;
create trigger signal_of_event after insert on event for each row
    when (new.lead_id is not null and new.kind in ('replied', 'booking_opened', 'enriched', 'opted_out', 'opted_in'))
    execute function signal_of_event();

create function signal_of_call() returns trigger
    language plpgsql
as $$
begin
    perform signal_add(new.lead_id, new.id, coalesce(new.outcome_at, new.ended_at, new.at),
                       'call_' || case new.state when 'missed' then 'missed' else new.outcome end);
    return null;
end
$$;
create trigger signal_of_call after update of state, outcome, lead_id on call for each row
    when (new.lead_id is not null and (new.state = 'missed' or new.state = 'ended' and new.outcome is not null)
          and (new.state, new.outcome, new.lead_id) is distinct from (old.state, old.outcome, old.lead_id))
    execute function signal_of_call();

create function signal_of_outcome() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'DELETE' then
        perform signal_add(old.lead_id, old.id, old.at, 'outcome_withdrawn');
    else
        perform signal_add(new.lead_id, new.id, new.at, 'outcome_' || new.kind);
    end if;
    return null;
end
$$;
create trigger signal_of_outcome after insert or delete on outcome for each row execute function signal_of_outcome();

-- What the log has told already, of people who were there before. What they asked is sealed: the first scoring reads it.
insert into signal (lead_id, cause_id, at, codes)
select l.id, m.id, m.at, array['meeting_' || m.state] from meeting m join lead l on l.id = m.lead_id where l.restricted_at is null;
insert into signal (lead_id, cause_id, at, codes)
select l.id, c.id, coalesce(c.outcome_at, c.ended_at, c.at), array['call_' || case c.state when 'missed' then 'missed' else c.outcome end]
  from call c join lead l on l.id = c.lead_id
 where l.restricted_at is null and (c.state = 'missed' or c.state = 'ended' and c.outcome is not null);
insert into signal (lead_id, cause_id, at, codes)
select l.id, o.id, o.at, array['outcome_' || o.kind] from outcome o join lead l on l.id = o.lead_id where l.restricted_at is null;
insert into signal (lead_id, cause_id, at, codes)
select l.id, gen_random_uuid(), e.at,
       array[case e.kind when 'replied' then 'reply_' || case when e.data ->> 'wants' in
             ('interested', 'question', 'wants_call', 'books', 'not_now', 'not_interested', 'wrong_person', 'complaint')
             then e.data ->> 'wants' else 'given' end else e.kind end]
  from event e join lead l on l.id = e.lead_id
 where l.restricted_at is null and e.kind in ('replied', 'booking_opened') and coalesce(e.data ->> 'wants', '') <> 'stop';
insert into signal (lead_id, cause_id, at, codes)
select l.id, md5(l.id::text || coalesce(e.data ->> 'point', ''))::uuid, e.at, array[case e.data ->> 'by' when 'wrong_number' then 'reply_wrong_person' else e.kind end]
  from event e join lead l on l.id = e.lead_id
 where l.restricted_at is null and e.kind in ('opted_out', 'opted_in') order by e.id;
