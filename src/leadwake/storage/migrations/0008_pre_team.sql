-- The team's day: who may take which lead, whom it is offered to, what waits for a person, what people write and say.

-- People: when and where an agent works --------------------------------------------------------------------------------

alter table app_user
    add column licences text[] not null default '{}',           -- states, two letters
    add column languages text[] not null default '{en}',        -- ISO 639-1
    add column specialties text[] not null default '{}',        -- interests: buy_home, auto_insurance, …
    add column areas text[] not null default '{}',              -- states ("FL") or beginnings of ZIP codes ("336")
    add column time_zone text,                                  -- null: the team's
    add column shifts jsonb not null default '[]',              -- see domain.shifts; none: always on shift
    add column days_off date[] not null default '{}',
    add column capacity integer check (capacity >= 0),          -- open leads and unanswered offers at once; null: no limit
    add column on_call boolean not null default false,          -- asked when nobody is on shift
    add column paused_until timestamptz,                        -- 'infinity': until they say otherwise
    add column slack_id text;                                   -- member id at Slack, for direct messages

-- What an agent has on their hands, kept by triggers alone, so that no way of giving a lead away can forget it.
create table agent_load (
    agent_id    uuid primary key references app_user on delete cascade,
    owned       integer not null default 0,
    offered     integer not null default 0,
    served      double precision not null default 0,   -- leads given so far but hot ones, each divided by the weight
    served_hot  double precision not null default 0    -- the agent had then; see domain.routing
) with (fillfactor = 50);
insert into agent_load (agent_id) select id from app_user;

create function load_begins() returns trigger
    language plpgsql
as $$
begin
    insert into agent_load (agent_id) values (new.id);
    return null;
end
$$;
create trigger load_begins after insert on app_user for each row execute function load_begins();

-- Whose a lead is ------------------------------------------------------------------------------------------------------

alter table lead
    add column claimed_at   timestamptz,    -- since when agent_id has them
    add column replied_at   timestamptz,    -- they wrote or called and nobody has answered since
    add column human_at     timestamptz,    -- the first time a person of ours was in touch
    add column finished_at  timestamptz;    -- the agent is done with them, until they ask again
alter table inquiry
    add column offered_at   timestamptz,    -- an agent first heard of it: agents' response is counted from here
    add column human_at     timestamptz,    -- a person of ours was in touch
    add column human_by     uuid,
    add column response_counted boolean not null default false;   -- by the metric

update lead set claimed_at = created_at where agent_id is not null;
create index lead_owned on lead (agent_id, last_at desc) where agent_id is not null and finished_at is null;
create index lead_replied on lead (replied_at) where replied_at is not null;
create index inquiry_asked on inquiry (asked_at);
create index inquiry_untouched on inquiry (lead_id) where human_at is null;
create index inquiry_responded on inquiry (id) where human_at is not null and offered_at is not null and not response_counted;

update agent_load g set owned = n.n
  from (select agent_id, count(*) as n from lead where agent_id is not null and status <> 'opted_out' group by agent_id) n
 where n.agent_id = g.agent_id;

create function lead_moves() returns trigger
    language plpgsql
as $$
declare
    before uuid := case when tg_op <> 'INSERT' and old.finished_at is null and old.status <> 'opted_out' then old.agent_id end;
    after  uuid := case when tg_op <> 'DELETE' and new.finished_at is null and new.status <> 'opted_out' then new.agent_id end;
begin
    if before is distinct from after then
        perform 1 from agent_load where agent_id in (before, after) order by agent_id for update;
        update agent_load set owned = owned - 1 where agent_id = before;
        update agent_load set owned = owned + 1 where agent_id = after;
    end if;
    return null;
end
$$;
create trigger lead_moves after insert or delete or update of agent_id, finished_at, status on lead
    for each row execute function lead_moves();

-- Routing: rules as data, each decision kept -----------------------------------------------------------------------------

create table routing_rules (            -- the whole list in each version; without a row, the default alone
    version  integer primary key,
    at       timestamptz not null,
    real_at  timestamptz not null default now(),
    by       text not null,
    reason   text not null,
    value    jsonb not null             -- see domain.routing_rules
);
create trigger only_grows before update or delete or truncate on routing_rules for each statement execute function refuse_change();

create table routing_decision (         -- who was eligible, who was skipped and why; ids and codes only
    id             bigint generated always as identity primary key,
    at             timestamptz not null,
    real_at        timestamptz not null default now(),
    lead_id        uuid,
    inquiry_id     uuid not null,
    rules_version  integer not null,
    agent_id       uuid,                -- whom it chose
    trace          jsonb not null
);
create index routing_decision_lead on routing_decision (lead_id) where lead_id is not null;
create trigger only_grows before update or delete or truncate on routing_decision for each statement execute function refuse_change();

create table offer (                    -- a lead held out to an agent, who claims it, passes, or lets the time run out
    id          uuid primary key,
    lead_id     uuid not null references lead on delete cascade,
    inquiry_id  uuid not null,
    agent_id    uuid not null references app_user,
    step        smallint not null,      -- of the escalation
    code        smallint not null,      -- what the agent texts back to claim it
    state       text not null default 'open' check (state in ('open', 'claimed', 'passed', 'timed_out', 'retracted')),
    licence     text,                   -- the state whose licence it takes; null: none
    temperature text not null,
    weight      double precision not null default 1 check (weight > 0),
    served_from double precision not null default 0,   -- who was away does not catch up from further back than this
    at          timestamptz not null,
    due_at      timestamptz not null,
    ended_at    timestamptz,
    ended_by    text                    -- sms, slack, link, page, call, escalation, stop
);
create unique index offer_one on offer (lead_id, agent_id) where state = 'open';
create unique index offer_code on offer (agent_id, code) where state = 'open';
create index offer_agent on offer (agent_id, at desc);
create index offer_lead on offer (lead_id);

-- No way of offering can offer to somebody who may not have it: whoever tries hears "offer_refused: <why>".
create function offer_begins() returns trigger
    language plpgsql
as $$
declare
    a record;
begin
    select u.disabled_at, u.paused_until, u.takes_leads, u.capacity, u.licences, g.owned + g.offered as n
      into a from agent_load g join app_user u on u.id = g.agent_id
     where g.agent_id = new.agent_id for no key update of g;
    if a.disabled_at is not null or not a.takes_leads then
        raise exception 'offer_refused: away' using errcode = 'restrict_violation';
    elsif a.paused_until > new.at then
        raise exception 'offer_refused: paused' using errcode = 'restrict_violation';
    elsif a.n >= a.capacity then
        raise exception 'offer_refused: full' using errcode = 'restrict_violation';
    elsif new.licence is not null and not new.licence = any (a.licences) then
        raise exception 'offer_refused: licence' using errcode = 'restrict_violation';
    end if;
    -- the smallest number that none of their open offers has; the row above is locked, so nobody else takes it
    select min(n) into new.code from generate_series(1, 1000) n
     where not exists (select 1 from offer o where o.agent_id = new.agent_id and o.state = 'open' and o.code = n);
    -- what is given at once, without being asked, counts as owned by the lead's own trigger
    update agent_load set offered = offered + case when new.state = 'open' then 1 else 0 end, served = case when new.temperature = 'hot' then served else greatest(served, new.served_from) + 1 / new.weight end,
           served_hot = case when new.temperature = 'hot' then greatest(served_hot, new.served_from) + 1 / new.weight else served_hot end
     where agent_id = new.agent_id;
    return new;
end
$$;
create trigger offer_begins before insert on offer for each row execute function offer_begins();

create function offer_ends() returns trigger
    language plpgsql
as $$
begin
    if old.state = 'open' and (tg_op = 'DELETE' or new.state <> 'open') then
        update agent_load set offered = offered - 1 where agent_id = old.agent_id;
    end if;
    return null;
end
$$;
create trigger offer_ends after update of state or delete on offer for each row execute function offer_ends();

create table escalation (               -- one lead's way to somebody who takes care of them
    lead_id       uuid primary key references lead on delete cascade,
    inquiry_id    uuid not null,
    temperature   text not null,
    phase         text not null check (phase in ('offered', 'pool', 'owned', 'over')),
    step          smallint not null default 0,
    tried         uuid[] not null default '{}',   -- agents who passed, let it run out, or lost it
    since         timestamptz not null,           -- the first offer
    next_at       timestamptz,                    -- the next step; null: none by itself
    alert_at      timestamptz,                    -- management hears that nobody was in touch with a hot lead
    day_alert_at  timestamptz,                    -- and once more, the mission's 24 hours
    check ((phase = 'over') = (next_at is null and alert_at is null and day_alert_at is null))
) with (fillfactor = 60);
create index escalation_due on escalation (least(next_at, alert_at, day_alert_at)) where phase <> 'over';

-- What waits for a person ------------------------------------------------------------------------------------------------

create table task (                     -- one open task of a kind for a lead; the page "Now" is these
    id             uuid primary key default gen_random_uuid(),
    lead_id        uuid not null references lead on delete cascade,
    kind           text not null check (kind in ('claim', 'reply', 'touch', 'call', 'failed')),
    agent_id       uuid references app_user,     -- whose it is; null: anybody's
    at             timestamptz not null,
    due_at         timestamptz not null,
    snoozed_until  timestamptz,
    reason         text,                         -- a word for programs: missed_call, bounced, no_consent, …
    done_at        timestamptz,
    done_by        text
) with (fillfactor = 70);
create unique index task_open on task (lead_id, kind) where done_at is null;
create index task_open_for on task (agent_id) where done_at is null;
create index task_done on task (done_at) where done_at is not null;

-- A person of ours was in touch: whoever answers owns a lead that nobody owns, and nothing of it waits any more.
create function human_touched(lead_ uuid, who uuid, at_ timestamptz, how text) returns void
    language plpgsql
as $$
declare
    takes boolean := coalesce((select takes_leads and disabled_at is null from app_user where id = who), false);
begin
    update lead set human_at = coalesce(human_at, at_), contacted_at = at_, replied_at = null, last_at = greatest(last_at, at_),
           agent_id = coalesce(agent_id, case when takes then who end),
           claimed_at = coalesce(claimed_at, case when takes then at_ end)
     where id = lead_;
    update inquiry set human_at = at_, human_by = who where lead_id = lead_ and human_at is null;
    update offer set state = case when agent_id = who then 'claimed' else 'retracted' end, ended_at = at_, ended_by = how
     where lead_id = lead_ and state = 'open';
    update escalation set phase = 'over', next_at = null, alert_at = null, day_alert_at = null where lead_id = lead_ and phase <> 'over';
    update task set done_at = at_, done_by = 'user ' || who where lead_id = lead_ and done_at is null;
    insert into event (at, actor, kind, lead_id, data)
    values (at_, 'user ' || who, 'human_touch', lead_, jsonb_build_object('how', how));
    perform pg_notify('leadwake_live', lead_::text);
end
$$;

-- A letter that a vendor took is a touch, whichever way we heard that it did: answer, callback, or look-up.
create function letter_leaves() returns trigger
    language plpgsql
as $$
begin
    perform human_touched(new.lead_id, new.agent_id, new.settled_at, case new.channel when 'sms' then 'text' else 'email' end);
    return null;
end
$$;
create trigger letter_leaves after update of state on action for each row
    when (new.kind in ('human_sms', 'human_email') and new.state in ('sent', 'delivered')
          and old.state not in ('sent', 'delivered', 'undelivered', 'bounced') and new.lead_id is not null and new.agent_id is not null)
    execute function letter_leaves();

-- What people of the team write and say -----------------------------------------------------------------------------------

create table letter (                   -- a text or mail that a person of the team wrote; its action (cause_id = id) carries it
    id                uuid primary key,
    lead_id           uuid not null references lead on delete cascade,
    user_id           uuid not null references app_user,
    channel           text not null check (channel in ('sms', 'email')),
    contact_point_id  bigint not null,
    data_key_id       uuid not null,
    content           bytea not null,   -- {"subject", "body"}, sealed under the lead's key
    at                timestamptz not null,
    send_at           timestamptz not null
);
create index letter_lead on letter (lead_id, at);

create table note (                     -- what an agent wants to remember; nobody outside sees it
    id           uuid primary key,
    lead_id      uuid not null references lead on delete cascade,
    user_id      uuid not null references app_user,
    data_key_id  uuid not null,
    body         bytea not null,
    at           timestamptz not null
);
create index note_lead on note (lead_id, at);

create table snippet (                  -- words used again and again; user_id null: the whole team's
    id          uuid primary key,
    name        text not null,
    channel     text check (channel in ('sms', 'email')),
    source      text not null,
    user_id     uuid references app_user on delete cascade,
    updated_at  timestamptz not null default now()
);
create unique index snippet_name on snippet (coalesce(user_id, '00000000-0000-0000-0000-000000000000'), lower(name));

create table call (                     -- a call, in or out; never recorded, only that it was and what came of it
    id                uuid primary key,
    direction         text not null check (direction in ('in', 'out')),
    lead_id           uuid references lead on delete cascade,
    contact_point_id  bigint,
    agent_id          uuid references app_user,   -- who talked, or is to
    state             text not null check (state in ('planned', 'ringing', 'talking', 'ended', 'missed', 'failed')),
    vendor            text not null,
    ref               text,                       -- the vendor's id of the call
    at                timestamptz not null,
    answered_at       timestamptz,
    ended_at          timestamptz,
    outcome           text,                       -- talked, voicemail, no_answer, busy, wrong_number, …
    outcome_by        uuid references app_user,
    unique (vendor, ref)
);
create index call_lead on call (lead_id, at);
create index call_open on call (at) where state in ('planned', 'ringing', 'talking');

create table used_link (                -- a link of an alert, opened once
    token_hash  bytea primary key,
    user_id     uuid not null references app_user on delete cascade,
    used_at     timestamptz not null default now()
);

alter table session
    add column via text not null default 'password' check (via in ('password', 'link', 'passkey')),
    add column agent_text text;         -- the browser, in few words, so that people know their sessions apart

-- Actions go two more ways -----------------------------------------------------------------------------------------------

alter table action drop constraint action_channel_check;
alter table action add constraint action_channel_check check (channel in ('sms', 'email', 'crm', 'voice', 'slack'));
