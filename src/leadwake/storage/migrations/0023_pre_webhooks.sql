-- Outgoing webhooks: who wants to hear of what, what happened, and its deliveries as actions of their own.

alter table action drop constraint action_channel_check;
alter table action add constraint action_channel_check
    check (channel in ('sms', 'email', 'crm', 'crm_gohighlevel', 'voice', 'slack', 'enrich', 'webhook', 'chat'));

create table webhook_endpoint (         -- somebody else's server that is told what happens here
    id                 uuid primary key,
    sealed_url         bytea not null,  -- its path may be as good as a key
    sealed_secret      bytea not null,
    sealed_old_secret  bytea,           -- signs beside the new one until old_until
    old_until          timestamptz,
    types              text[] not null default '{}',   -- empty: every type
    created_by         uuid,
    created_at         timestamptz not null,
    paused_at          timestamptz,
    paused_why         text check (paused_why in ('admin', 'gone', 'failing')),
    failing_since      timestamptz,     -- nothing has arrived since
    failing_why        text,
    check ((paused_at is null) = (paused_why is null))
);

create table webhook_event (            -- something an endpoint wanted to hear of; ids and codes, never personal text
    id       uuid primary key,
    seq      bigint generated always as identity,
    type     text not null,
    at       timestamptz not null,
    lead_id  uuid,
    facts    jsonb not null default '{}'
);
create index webhook_event_at on webhook_event (at);
create index webhook_event_lead on webhook_event (lead_id) where lead_id is not null;

-- a delivery is an action of the event: cause_id = event, recipient = endpoint; it names no lead, the event does
create index action_webhook on action (recipient, created_at desc, id desc) where channel = 'webhook';
create index action_webhook_due on action (recipient, due_at) where channel = 'webhook' and state in ('planned', 'deferred');

-- Where nobody listens this is one look at an empty table, and writes nothing. A paused endpoint's delivery is written down
-- as skipped, so that it can be sent later.
create function webhook_publish(type_ text, at_ timestamptz, lead_ uuid, facts_ jsonb) returns void
    language plpgsql
as $$
declare
    event_ uuid;
begin
    perform 1 from webhook_endpoint where types = '{}' or type_ = any(types);
    if not found then
        return;
    end if;
    insert into webhook_event (id, type, at, lead_id, facts)
    values (gen_random_uuid(), type_, at_, lead_, jsonb_strip_nulls(facts_)) returning id into event_;
    insert into action (id, cause_id, kind, recipient, channel, purpose, queue, state, created_at, due_at, wake_at, settled_at, reason)
    select gen_random_uuid(), event_, 'webhook', e.id::text, 'webhook', 'staff', 'webhooks',
           case when e.paused_at is null then 'planned' else 'skipped' end, at_,
           case when e.paused_at is null then at_ end, case when e.paused_at is null then now() end,
           case when e.paused_at is not null then at_ end, case when e.paused_at is not null then 'endpoint_paused' end
      from webhook_endpoint e where e.types = '{}' or type_ = any(e.types);
    perform pg_notify('leadwake_webhooks', '');
end
$$;

-- kind of an event in the log → what the world hears of it; null: nothing. domain/webhook_types.py says the same.
create function webhook_type(kind text) returns text
    language sql immutable parallel safe
return case kind
    when 'offered' then 'lead.offered'
    when 'assigned' then 'lead.assigned'
    when 'claimed' then 'lead.claimed'
    when 'passed' then 'lead.passed'
    when 'owner_lost' then 'lead.owner_lost'
    when 'unattended' then 'lead.unattended'
    when 'human_touch' then 'lead.contacted'
    when 'finished' then 'lead.finished'
    when 'replied' then 'lead.replied'
    when 'opted_out' then 'lead.opted_out'
    when 'opted_in' then 'lead.opted_in'
    when 'no_calls' then 'lead.no_calls'
    when 'paused' then 'lead.paused'
    when 'resumed' then 'lead.resumed'
    when 'follow_up' then 'lead.follow_up'
    when 'visited' then 'lead.visited'
    when 'booking_opened' then 'lead.booking_opened'
    when 'enriched' then 'lead.enriched'
    when 'corrected' then 'lead.corrected'
    when 'restricted' then 'lead.restricted'
    when 'unrestricted' then 'lead.unrestricted'
    when 'objected' then 'lead.objected'
    when 'address_bounced' then 'lead.address_bounced'
    when 'outcome' then 'lead.outcome'
    when 'outcome_withdrawn' then 'lead.outcome_withdrawn'
    when 'call_outcome' then 'call.outcome'
    when 'meeting_booked' then 'meeting.booked'
    when 'meeting_moved' then 'meeting.moved'
    when 'meeting_cancelled' then 'meeting.cancelled'
    when 'meeting_held' then 'meeting.held'
    when 'meeting_no_show' then 'meeting.no_show'
end;

create function webhook_of_event() returns trigger
    language plpgsql
as $$
begin
    perform webhook_publish(webhook_type(new.kind), new.at, new.lead_id, new.data || jsonb_build_object('actor', new.actor));
    return null;
end
$$;
create trigger webhook_of_event after insert on event for each row
    when (new.lead_id is not null and webhook_type(new.kind) is not null)
    execute function webhook_of_event();

-- An inquiry is in no log of its own, nor is whom it went to at once. A row of a list is nobody who asked.
create function webhook_of_inquiry() returns trigger
    language plpgsql
as $$
declare
    at_ timestamptz;
    how text;
begin
    perform 1 from webhook_endpoint;
    if not found then
        return null;
    end if;
    select at into at_ from capture where id = new.id;
    perform 1 from inquiry where lead_id = new.lead_id and id <> new.id and not listed;
    perform webhook_publish(case when found then 'lead.returned' else 'lead.created' end, at_, new.lead_id,
                            jsonb_build_object('inquiry', new.id));
    perform webhook_publish('lead.scored', at_, new.lead_id,
                            jsonb_build_object('inquiry', new.id, 'score', new.score, 'temperature', new.temperature));
    select state into how from offer where inquiry_id = new.id and agent_id = new.agent_id;
    if found then
        perform webhook_publish(case how when 'open' then 'lead.offered' else 'lead.assigned' end, at_, new.lead_id,
                                jsonb_build_object('user', new.agent_id, 'because', new.agent_because, 'actor', 'system'));
    end if;
    return null;
end
$$;
create trigger webhook_of_inquiry after insert on inquiry for each row when (not new.listed)
    execute function webhook_of_inquiry();

create function webhook_of_first_touch() returns trigger
    language plpgsql
as $$
begin
    perform webhook_publish('lead.answered', new.first_touch_at, new.id, '{}');
    return null;
end
$$;
create trigger webhook_of_first_touch after update of first_touch_at on lead for each row
    when (old.first_touch_at is null and new.first_touch_at is not null)
    execute function webhook_of_first_touch();

-- A vendor's answers and reports about what a person was sent.
create function webhook_of_message() returns trigger
    language plpgsql
as $$
begin
    perform webhook_publish(
        case new.state when 'sent' then 'message.sent' when 'delivered' then 'message.delivered' else 'message.failed' end,
        new.settled_at, new.lead_id,
        jsonb_build_object('action', new.id, 'kind', new.kind, 'channel', new.channel, 'state', new.state, 'reason', new.reason));
    return null;
end
$$;
create trigger webhook_of_message after update of state on action for each row
    when (new.state in ('sent', 'delivered', 'undelivered', 'bounced', 'dead', 'unknown') and old.state <> new.state
          and new.purpose <> 'staff' and new.channel in ('sms', 'email') and new.lead_id is not null and new.settled_at is not null)
    execute function webhook_of_message();

-- A delivery that is tried again for a day changes no figure of the day it was planned on.
drop trigger proof_late on action;
create trigger proof_late after update of state, reason on action for each row
    when (new.channel <> 'webhook' and (old.state, old.reason) is distinct from (new.state, new.reason)
          and greatest(new.settled_at, new.claimed_at, new.due_at) > new.created_at + interval '1 hour')
    execute function proof_action();
