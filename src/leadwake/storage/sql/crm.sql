-- What CRMs tell us, and what came of leads.

-- name: crm_event_add
-- each once, however often it is sent
insert into crm_event (vendor, event_id, kind, ref, about, content, at)
select vendor, event_id, kind, ref, about, content, %(now)s
  from unnest(%(vendors)s::text[], %(event_ids)s::text[], %(kinds)s::text[], %(refs)s::text[], %(abouts)s::text[],
              %(contents)s::bytea[]) as v (vendor, event_id, kind, ref, about, content)
on conflict on constraint crm_event_once do nothing

-- name: crm_events_take
-- due ones, the oldest first, leased to whoever took them
with due as (
    select id from crm_event where state = 'waiting' and vendor = %(vendor)s and wake_at <= now()
     order by wake_at, id
     limit %(limit)s
       for no key update skip locked
)
update crm_event e set wake_at = now() + make_interval(secs => %(lease_s)s), tries = tries + 1
  from due where e.id = due.id
returning e.id, e.vendor, e.event_id, e.kind, e.ref, e.about, e.content, e.tries

-- name: crm_event_done
update crm_event set state = %(state)s, content = null, reason = %(reason)s, done_at = now() where id = %(id)s

-- name: crm_event_later
update crm_event set wake_at = now() + make_interval(secs => %(wait_s)s), reason = %(reason)s where id = %(id)s

-- name: crm_events_wait
-- a CRM that asks for patience is not asked about the others either
update crm_event set wake_at = greatest(wake_at, now() + make_interval(secs => %(wait_s)s))
 where vendor = %(vendor)s and state = 'waiting'

-- name: crm_events_prune
delete from crm_event where state <> 'waiting' and done_at < now() - interval '30 days'

-- name: crm_lead
-- whom we know by this id of theirs: as it was seen, else as our own write was answered
select lead_id, owner, true as is_seen from crm_contact where vendor = %(vendor)s and ref = %(ref)s
union all
select a.lead_id, null, false
  from action a join lead l on l.id = a.lead_id
 where a.kind = 'crm' and a.recipient = %(vendor)s and a.vendor_ref = %(ref)s
 order by is_seen desc
 limit 1

-- name: crm_contact_seen
insert into crm_contact (vendor, ref, lead_id, owner, seen_at)
select %(vendor)s, %(ref)s, %(lead_id)s, %(owner)s, %(now)s where exists (select 1 from lead where id = %(lead_id)s)
on conflict (vendor, ref) do update
   set lead_id = excluded.lead_id, owner = excluded.owner, seen_at = excluded.seen_at, gone_at = null

-- name: crm_contact_gone
insert into crm_contact (vendor, ref, lead_id, owner, seen_at, gone_at)
select %(vendor)s, %(ref)s, %(lead_id)s, %(owner)s, %(now)s, %(now)s where exists (select 1 from lead where id = %(lead_id)s)
on conflict (vendor, ref) do update set gone_at = excluded.gone_at where crm_contact.gone_at is null

-- name: crm_write_is_open
-- our own change is on its way there: what they say just now is older
select 1 from action
 where lead_id = %(lead_id)s and kind = 'crm' and recipient = %(vendor)s and state in ('planned', 'deferred', 'sending')
 limit 1

-- name: crm_points
-- the numbers and addresses of a lead, locked as everybody locks them
select p.id, p.kind, p.opted_out_at, p.voice_stopped_at
  from contact_point p
 where p.id in (select contact_point_id from lead_contact where lead_id = %(lead_id)s)
 order by p.hash
   for no key update

-- name: outcome_set
insert into outcome (id, lead_id, kind, cents, currency, source, ref, at)
values (%(id)s, %(lead_id)s, %(kind)s, %(cents)s, %(currency)s, %(source)s, %(ref)s, %(now)s)
on conflict on constraint outcome_once do update
   set cents = excluded.cents, currency = excluded.currency, lead_id = excluded.lead_id
 where (outcome.cents, outcome.currency, outcome.lead_id)
       is distinct from (excluded.cents, excluded.currency, excluded.lead_id)
returning id

-- name: outcomes_withdraw
-- a deal that is open again, or ended otherwise: what it was is no longer so
delete from outcome
 where source = %(source)s and ref = %(ref)s and kind <> all(%(kept)s::text[])
returning lead_id, kind

-- name: outcomes_of
select kind as outcome, cents, currency, source, at from outcome where lead_id = %(lead_id)s order by at

-- name: outcomes_unnamed
-- the person was erased: the figure stays, the CRM's id of the deal does not
update outcome set ref = id::text where lead_id = %(lead_id)s

-- name: crm_event_failed
-- what came with it stays, sealed, so that it can be tried again
update crm_event set state = 'failed', reason = %(reason)s, done_at = now() where id = %(id)s
