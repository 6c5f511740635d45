-- What CRMs tell us, and what came of leads.

-- name: crm_event_add
-- each once, however often it is sent
insert into crm_event (vendor, event_id, kind, ref, about, content, at)
select vendor, event_id, kind, ref, about, content, %(now)s
  from unnest(%(vendors)s::text[], %(event_ids)s::text[], %(kinds)s::text[], %(refs)s::text[], %(abouts)s::text[],
              %(contents)s::bytea[]) as v (vendor, event_id, kind, ref, about, content)
on conflict on constraint crm_event_once do nothing

-- name: crm_events_waiting
select exists (select 1 from crm_event where state = 'waiting' and vendor = %(vendor)s and wake_at <= now()) as any

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

-- name: crm_fields
select vendor, field, property from crm_field

-- name: crm_fields_set
insert into crm_field (vendor, field, property)
select %(vendor)s, field, property from unnest(%(fields)s::text[], %(properties)s::text[]) as v (field, property)
on conflict (vendor, field) do update set property = excluded.property

-- name: crm_cursor_begin
insert into crm_cursor (vendor, at) values (%(vendor)s, %(now)s) on conflict (vendor) do nothing

-- name: crm_cursor_take
-- one process at a time looks; from when on
select at from crm_cursor where vendor = %(vendor)s for update skip locked

-- name: crm_cursor_set
update crm_cursor set at = %(now)s where vendor = %(vendor)s

-- name: crm_owner_news
-- leads that somebody took since, and by what the CRM knows them
select l.id as lead_id, l.claimed_at, known.ref
  from lead l
 cross join lateral (select a.vendor_ref as ref from action a
                      where a.lead_id = l.id and a.kind = 'crm' and a.recipient = %(vendor)s and a.vendor_ref is not null
                      order by a.created_at desc limit 1) known
 where l.claimed_at > %(since)s and l.claimed_at > l.created_at and l.agent_id is not null
 order by l.claimed_at
 limit %(limit)s

-- name: crm_said
-- what was said, noted and said of calls since and has no note there yet, with the words as they are sealed; of whom the
-- CRM got only since, what came before, too
with active as (
    select id from lead where last_at > %(since)s union select id from lead where talked_at > %(since)s
    union select lead_id from note where at > %(since)s
    union select lead_id from call where greatest(at, ended_at, outcome_at) > %(since)s
    union select lead_id from action where kind = 'crm' and recipient = %(vendor)s and state = 'sent' and settled_at > %(since)s
)
select l.id as lead_id, known.ref, x.cause, x.kind, x.state, x.outcome, x.at, x.content, x.user_id, k.id as key_id, k.kek_id, k.wrapped,
       lk.id as lead_key_id, lk.kek_id as lead_kek_id, lk.wrapped as lead_wrapped
  from lead l
  join vault.data_key lk on lk.id = l.data_key_id
 cross join lateral (select (array_agg(a.vendor_ref order by a.created_at desc))[1] as ref,
                            case when min(a.settled_at) > %(since)s then %(since)s - interval '7 days' else %(since)s end as since
                       from action a
                      where a.lead_id = l.id and a.kind = 'crm' and a.recipient = %(vendor)s and a.vendor_ref is not null) known
 cross join lateral (
       select a.id as cause, a.kind, a.state, null as outcome, a.settled_at as at, a.content, a.agent_id as user_id, a.data_key_id
         from action a
        where a.lead_id = l.id and a.kind in ('sms', 'email', 'human_sms', 'human_email', 'human_chat') and a.state in ('sent', 'delivered')
          and a.settled_at > known.since
        union all
       select m.id, 'reply', m.intent, null, m.at, m.body, null, m.data_key_id from message m
        where m.lead_id = l.id and m.at > known.since
        union all
       select n.id, 'note', '', null, n.at, n.body, n.user_id, n.data_key_id from note n
        where n.lead_id = l.id and n.at > known.since
        union all
       select c.id, 'call_' || c.direction, c.state, case when c.outcome_by is not null then c.outcome end, c.at, null, c.agent_id, null
         from call c
        where c.lead_id = l.id and greatest(c.at, c.ended_at) > known.since and c.state in ('ended', 'missed')
        union all
       select md5(c.id || c.outcome)::uuid, 'call_' || c.direction, c.state, c.outcome, c.outcome_at, null, c.outcome_by, null
         from call c
        where c.lead_id = l.id and c.outcome_at > known.since
          and exists (select 1 from action n where n.cause_id = c.id and n.kind = 'crm_note' and n.recipient = %(vendor)s
                         and n.created_at < c.outcome_at)
       ) x
  left join vault.data_key k on k.id = x.data_key_id
 where l.id in (select id from active) and l.restricted_at is null and known.ref is not null
   and not exists (select 1 from action n where n.cause_id = x.cause and n.kind = 'crm_note' and n.recipient = %(vendor)s)
 order by x.at
 limit %(limit)s

-- name: crm_standing
select (select settled_at from action where channel = %(channel)s and state = 'sent' order by created_at desc limit 1) as written_at,
       (select max(at) from heard where source = %(vendor)s) as heard_at,
       (select count(*) from action where channel = %(channel)s and state in ('dead', 'unknown')) as dead,
       (select count(*) from crm_event where vendor = %(vendor)s and state = 'failed') as failed,
       (select reason from vendor_state where vendor = %(vendor)s and state = 'open') as failing,
       e.reason as last_error, e.at as last_error_at
  from (select 1) one
  left join lateral (
       select reason, at from (
           (select a.reason, a.settled_at as at from action a
             where a.channel = %(channel)s and a.state in ('dead', 'unknown') order by a.settled_at desc limit 1)
           union all
           (select reason, done_at from crm_event where vendor = %(vendor)s and state = 'failed' order by done_at desc limit 1)
       ) errors order by at desc limit 1) e on true

-- name: crm_waits
select 'out' as way, count(*) as count, reason, min(created_at) as oldest_at
  from action where channel = %(channel)s and state in ('planned', 'deferred', 'sending') group by reason
union all
select 'in', count(*), reason, min(at) from crm_event where vendor = %(vendor)s and state = 'waiting' group by reason
 order by way desc, oldest_at
 limit 20

-- name: crm_events_hurry
update crm_event set state = 'waiting', wake_at = now(), done_at = null, tries = case when state = 'failed' then 0 else tries end
 where vendor = %(vendor)s and state in ('waiting', 'failed')

-- name: crm_actions_hurry
update action set due_at = %(now)s, wake_at = now()
 where channel = %(channel)s and state = 'planned'
returning id, queue

-- name: crm_poll_take
-- one process looks, and not again before its time
insert into crm_cursor as c (vendor, at, looked_at) values (%(cursor)s, now(), now())
on conflict (vendor) do update set looked_at = now() where c.looked_at < now() - make_interval(secs => %(every_s)s)
returning at

-- name: crm_poll_done
update crm_cursor set at = greatest(at, %(at)s) where vendor = %(cursor)s

-- name: crm_poll_later
update crm_cursor set looked_at = now() + make_interval(secs => %(wait_s)s) where vendor = %(cursor)s

-- name: crm_round
-- where a list is gone on with; since: when the round before began
insert into crm_cursor as c (vendor, at, since) values (%(cursor)s, now(), now())
on conflict (vendor) do update set at = c.at
returning since, place

-- name: crm_round_at
-- at its end the next round begins, for what changed since this one did
update crm_cursor set place = %(place)s,
       since = case when %(place)s::text is null then at else since end, at = case when %(place)s::text is null then now() else at end
 where vendor = %(cursor)s
