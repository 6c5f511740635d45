-- Outgoing webhooks: endpoints, what happened, and how each delivery of it fared.

-- name: webhook_endpoints
select e.id, e.sealed_url, e.types, e.created_by, e.created_at, e.paused_at, e.paused_why, e.failing_since, e.failing_why,
       e.old_until, n.waiting, n.arrived_at
  from webhook_endpoint e
 cross join lateral (
       select count(*) filter (where state in ('planned', 'deferred', 'sending')) as waiting,
              max(settled_at) filter (where state = 'sent') as arrived_at
         from (select state, settled_at from action where recipient = e.id::text and channel = 'webhook'
                order by created_at desc, id desc limit 500) newest) n
 where %(id)s::uuid is null or e.id = %(id)s
 order by e.created_at, e.id

-- name: webhook_endpoint_add
insert into webhook_endpoint (id, sealed_url, sealed_secret, types, created_by, created_at)
select %(id)s, %(url)s, %(secret)s, %(types)s, %(created_by)s, %(now)s
 where (select count(*) from webhook_endpoint) < %(most)s

-- name: webhook_endpoint_change
update webhook_endpoint set sealed_url = %(url)s, types = %(types)s where id = %(id)s

-- name: webhook_endpoint_pause
update webhook_endpoint set paused_at = %(now)s, paused_why = %(why)s where id = %(id)s and paused_at is null

-- name: webhook_endpoint_resume
update webhook_endpoint set paused_at = null, paused_why = null, failing_since = null, failing_why = null
 where id = %(id)s and paused_at is not null

-- name: webhook_endpoint_delete
-- only a paused one: what it was to be sent is over, what it was sent stays on record
with gone as (
    delete from webhook_endpoint where id = %(id)s and paused_at is not null returning id
), open as (
    update action a set state = 'cancelled', due_at = null, wake_at = null, settled_at = %(now)s, reason = 'endpoint_gone'
      from gone where a.recipient = gone.id::text and a.channel = 'webhook' and a.state in ('planned', 'deferred')
    returning a.id, a.attempt_id
), noted as (
    insert into attempt (action_id, attempt_id, at, event, state, detail)
    select id, attempt_id, %(now)s, 'cancelled', 'cancelled', '{"reason": "endpoint_gone"}' from open
)
select id from gone

-- name: webhook_secret_roll
-- the old one signs beside it for a while
update webhook_endpoint set sealed_old_secret = sealed_secret, old_until = %(until)s, sealed_secret = %(secret)s where id = %(id)s

-- name: webhook_failed
update webhook_endpoint set failing_since = coalesce(failing_since, %(now)s), failing_why = %(why)s where id = %(id)s
returning failing_since

-- name: webhook_took
update webhook_endpoint set failing_since = null, failing_why = null where id = %(id)s and failing_since is not null

-- name: webhook_delivery
select w.type, w.seq, w.at, w.lead_id, w.facts, e.sealed_url, e.sealed_secret, e.failing_since,
       case when e.old_until > %(now)s then e.sealed_old_secret end as sealed_old_secret
  from webhook_event w left join webhook_endpoint e on e.id = %(endpoint)s
 where w.id = %(event)s

-- name: webhook_said
-- what a lead wrote at that moment
select m.id, m.channel, m.intent, m.body, m.at, dk.id as key_id, dk.kek_id, dk.wrapped
  from message m join vault.data_key dk on dk.id = m.data_key_id
 where m.lead_id = %(lead_id)s and m.at = %(at)s
 order by m.id desc limit 1

-- name: webhook_meeting
select m.id, m.state, m.starts_at, m.ends_at, m.at, m.sealed, dk.id as key_id, dk.kek_id, dk.wrapped
  from meeting m join lead l on l.id = m.lead_id join vault.data_key dk on dk.id = l.data_key_id
 where m.id = %(id)s and m.lead_id = %(lead_id)s

-- name: webhooks_of_lead
-- whose servers were told of somebody, the oldest first
select w.type, a.created_at, a.settled_at, a.state, e.id as endpoint_id, e.sealed_url
  from webhook_event w
  join action a on a.cause_id = w.id and a.channel = 'webhook' and a.attempts > 0
  left join webhook_endpoint e on e.id::text = a.recipient
 where w.lead_id = %(lead_id)s
 order by w.seq, a.ordinal

-- name: webhooks_due
-- of each endpoint a few, so that one with thousands keeps no other from its turn; looked at again in ten seconds
with due as (
    select a.id from webhook_endpoint e
     cross join lateral (
           select id from action
            where recipient = e.id::text and channel = 'webhook' and state in ('planned', 'deferred')
              and due_at <= %(now)s and wake_at <= now()
            order by due_at limit %(limit)s
              for no key update skip locked) a
)
update action a set wake_at = now() + interval '10 seconds'
  from due where a.id = due.id
returning a.id, a.recipient

-- name: webhook_test
with event as (
    insert into webhook_event (id, type, at, facts) values (%(event)s, %(type)s, %(now)s, '{}') returning id
)
insert into action (id, cause_id, kind, recipient, channel, purpose, queue, state, created_at, due_at, wake_at)
select %(action)s, event.id, 'webhook', %(endpoint)s::text, 'webhook', 'staff', 'webhooks', 'planned', %(now)s, %(now)s, now() from event

-- name: webhooks_tell
select pg_notify('leadwake_webhooks', '')

-- name: webhook_deliveries
-- newest first, the page after (before_at, before_id)
select a.id, a.cause_id, a.state, a.reason, a.ordinal, a.created_at, a.due_at, a.settled_at, a.vendor_ref, a.attempts,
       w.type, w.lead_id
  from action a left join webhook_event w on w.id = a.cause_id
 where a.channel = 'webhook' and a.recipient = %(endpoint)s
   and (%(type)s::text is null or w.type = %(type)s)
   and (%(states)s::text[] is null or a.state = any(%(states)s))
   and (%(before_at)s::timestamptz is null or (a.created_at, a.id) < (%(before_at)s, %(before_id)s::uuid))
 order by a.created_at desc, a.id desc
 limit %(limit)s

-- name: webhook_attempts
select action_id, at, event, state, detail ->> 'reason' as reason, detail ->> 'ref' as ref
  from attempt where action_id = any(%(ids)s) and event <> 'claimed' order by id

-- name: webhook_send_again
-- the newest of the event's deliveries to this endpoint, unless it is on its way; what failed goes on as itself, what is over
-- gets a successor
with newest as (
    select distinct on (cause_id) id, cause_id, ordinal, state, attempt_id from action
     where channel = 'webhook' and recipient = %(endpoint)s
       and (%(id)s::uuid is null or cause_id = (select cause_id from action where id = %(id)s))
       and (%(since)s::timestamptz is null or created_at >= %(since)s)
     order by cause_id, ordinal desc
), chosen as (
    select n.* from newest n join webhook_event w on w.id = n.cause_id
     where case when %(id)s::uuid is not null then n.state not in ('planned', 'deferred', 'sending')
                else n.state in ('dead', 'unknown', 'skipped', 'expired', 'cancelled') end
       and (w.lead_id is null or w.type = 'lead.erased' or exists (select 1 from lead l where l.id = w.lead_id))
     order by w.seq
     limit %(limit)s
), going_on as (
    update action a
       set state = 'planned', due_at = %(now)s, wake_at = now(), settled_at = null, failures = 0, checks = 0, reason = 'replayed'
      from chosen c where a.id = c.id and c.state in ('dead', 'unknown')
    returning a.id, c.attempt_id
), noted as (
    insert into attempt (action_id, attempt_id, at, event, state, detail)
    select id, attempt_id, %(now)s, 'replayed', 'planned', jsonb_build_object('actor', %(actor)s::text) from going_on
), successors as (
    insert into action (id, cause_id, kind, recipient, ordinal, channel, purpose, queue, state, created_at, due_at, wake_at)
    select gen_random_uuid(), cause_id, 'webhook', %(endpoint)s, ordinal + 1, 'webhook', 'staff', 'webhooks', 'planned', %(now)s,
           %(now)s, now()
      from chosen where state not in ('dead', 'unknown')
    returning id
)
select (select count(*) from going_on) + (select count(*) from successors) as n

-- name: webhook_take_back
-- what waits is not sent: for now, for it may be sent again as anything else that did not arrive
with open as (
    update action set state = 'cancelled', due_at = null, wake_at = null, settled_at = %(now)s, reason = 'taken_back'
     where channel = 'webhook' and recipient = %(endpoint)s and state in ('planned', 'deferred')
    returning id, attempt_id
)
insert into attempt (action_id, attempt_id, at, event, state, detail)
select id, attempt_id, %(now)s, 'cancelled', 'cancelled', '{"reason": "taken_back"}' from open

-- name: webhooks_forget
-- somebody is erased: what was to be told of them is not, and who was told of them hears that they are gone
with open as (
    update action a set state = 'cancelled', due_at = null, wake_at = null, settled_at = %(now)s, reason = 'erased'
      from webhook_event w
     where w.lead_id = %(lead_id)s and a.cause_id = w.id and a.channel = 'webhook' and a.state in ('planned', 'deferred')
    returning a.id, a.attempt_id
), noted as (
    insert into attempt (action_id, attempt_id, at, event, state, detail)
    select id, attempt_id, %(now)s, 'cancelled', 'cancelled', '{"reason": "erased"}' from open
)
select webhook_publish('lead.erased', %(now)s, l.id, '{}') from lead l
 where l.id = %(lead_id)s
   and (l.status <> 'imported' or exists (select 1 from webhook_event w where w.lead_id = l.id))

-- name: retention_webhooks
-- deliveries that are over, and what they told of; one that waits is not too old
with old as (
    select w.id from webhook_event w
     where w.at < %(capture_before)s
       and not exists (select 1 from action a where a.cause_id = w.id and a.channel = 'webhook'
                          and (a.state in ('planned', 'deferred', 'sending') or a.settled_at >= %(capture_before)s))
     limit %(limit)s for update skip locked
), tries as (
    delete from attempt t using action a, old where a.cause_id = old.id and a.channel = 'webhook' and t.action_id = a.id
), deliveries as (
    delete from action a using old where a.cause_id = old.id and a.channel = 'webhook'
)
delete from webhook_event w using old where w.id = old.id

-- name: retention_webhooks_count
select count(*) as n from webhook_event w
 where w.at < %(capture_before)s
   and not exists (select 1 from action a where a.cause_id = w.id and a.channel = 'webhook'
                      and (a.state in ('planned', 'deferred', 'sending') or a.settled_at >= %(capture_before)s))
