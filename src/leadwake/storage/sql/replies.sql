-- What people send to us.

-- name: reply_lock
insert into contact_point as p (kind, hash) values ('phone', %(hash)s)
on conflict on constraint contact_point_kind_hash_key do update set touched_at = now()
returning id, opted_out_at

-- name: reply_leads
-- everybody known by this number, who was last in touch first
select l.id, l.data_key_id, l.agent_id, l.status, dk.kek_id, dk.wrapped
  from lead_contact c join lead l on l.id = c.lead_id join vault.data_key dk on dk.id = l.data_key_id
 where c.contact_point_id = %(point)s
 order by l.last_at desc

-- name: reply_add
insert into message (id, vendor, ref, lead_id, contact_point_id, channel, intent, data_key_id, body, heading, at)
select %(id)s, %(vendor)s, %(ref)s, %(lead_id)s, %(point)s, %(channel)s, %(intent)s, %(key_id)s, %(body)s, %(heading)s, %(now)s
 where not exists (select 1 from capture where id = any(%(captured_as)s::uuid[]))
on conflict (vendor, ref) do nothing

-- name: data_key_add
insert into vault.data_key (id, kek_id, wrapped, lead_id) values (%(id)s, %(kek_id)s, %(wrapped)s, %(lead_id)s)

-- name: opt_out
update contact_point set opted_out_at = %(now)s, opted_out_by = %(by)s
 where id = %(point)s and opted_out_at is null

-- name: opt_in
update contact_point set opted_out_at = null, opted_out_by = null where id = %(point)s

-- name: stop_voice
update contact_point set voice_stopped_at = coalesce(voice_stopped_at, %(now)s) where id = %(point)s

-- name: leads_pause
update lead set paused_at = %(now)s, paused_why = %(why)s where id = any(%(ids)s)

-- name: lead_resume
update lead set paused_at = null, paused_why = null where id = %(id)s and paused_at is not null

-- name: lead_lives_at
update lead set lives_at = %(place)s where id = %(id)s

-- name: lead_points_lock
-- every number and address of a lead, locked in the order that everybody locks in
select id from contact_point
 where id in (select contact_point_id from lead_contact where lead_id = %(id)s)
 order by hash
   for no key update

-- name: lead_stopped
update lead set status = 'opted_out', last_at = %(now)s where id = %(id)s

-- name: lead_told
select pg_notify('leadwake_live', %(id)s::text)

-- name: cancel_for_point
-- whatever was to go to this contact alone, and nothing else of the person's
with u as (
    update action a
       set state = 'cancelled', due_at = null, wake_at = null, settled_at = %(now)s, reason = 'opted_out'
     where a.state in ('planned', 'deferred') and a.purpose <> 'staff' and a.contact_point_id = %(point)s
    returning a.id, a.attempt_id
)
insert into attempt (action_id, attempt_id, at, event, state, detail)
select id, attempt_id, %(now)s, 'cancelled', 'cancelled', '{"reason": "opted_out"}' from u

-- name: action_open
select 1 from action where id = %(id)s and state in ('planned', 'deferred', 'sending')

-- name: confirmation_drop
with u as (
    update action set state = 'cancelled', due_at = null, wake_at = null, settled_at = %(now)s, reason = 'too_late_to_confirm'
     where id = %(id)s and state in ('planned', 'deferred')
    returning id, attempt_id
)
insert into attempt (action_id, attempt_id, at, event, state, detail)
select id, attempt_id, %(now)s, 'cancelled', 'cancelled', '{"reason": "too_late_to_confirm"}' from u

-- name: leads_status
update lead set status = %(status)s, last_at = %(now)s
 where id in (select lead_id from lead_contact where contact_point_id = %(point)s)

-- name: leads_told
-- a notice has 8,000 bytes: with more leads than that names, everything is looked at again
select pg_notify('leadwake_live', case when count(*) <= 200 then coalesce(string_agg(lead_id::text, ','), '') else '' end)
  from lead_contact where contact_point_id = %(point)s

-- name: action_point
-- the contact an action is for, locked
select a.contact_point_id, a.lead_id, p.opted_out_at
  from action a join contact_point p on p.id = a.contact_point_id
 where a.id = %(id)s::uuid
   for no key update of p
