-- Calls: what arrived, until it is a capture; and when somebody looks again whether one has ended, which we may never be told.

alter table call
    add column data_key_id uuid,        -- of sealed_form, a key of its own; gone with it
    add column sealed_form bytea,       -- the webhook as it came, until the call's capture holds it
    add column look_at timestamptz not null default now() + interval '60 seconds';   -- real
drop index call_open;
create index call_open on call (look_at) where state in ('planned', 'ringing', 'talking');
create index call_agent on call (agent_id, at) where state in ('planned', 'ringing', 'talking');
create index call_stranger on call (at) where lead_id is null;
