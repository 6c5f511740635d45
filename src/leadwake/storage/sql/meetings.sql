-- Meetings, and the links by which they are booked.

-- name: meeting_whose
-- by our id, else by the booking it replaces, else by the address. erased_at: the address was a person's who is erased
select (select l.id from lead l where l.id = %(lead_id)s) as by_id,
       (select m.lead_id from meeting m where m.vendor = %(vendor)s and m.ref = any(%(refs)s) and m.lead_id is not null limit 1) as by_ref,
       (select c.lead_id from contact_point p join lead_contact c on c.contact_point_id = p.id
         where p.kind = 'email' and p.hash = %(hash)s limit 1) as by_email,
       (select max(p.erased_at) from contact_point p where p.kind = 'email' and p.hash = %(hash)s) as erased_at

-- name: meeting_add
insert into meeting (id, vendor, ref, state, at) values (%(id)s, %(vendor)s, %(ref)s, 'booked', %(now)s)
on conflict (vendor, ref) do nothing

-- name: meeting_lock
select id, lead_id, state, came_told_at, came_by, event_ref, starts_at, ends_at, moved_to, sealed
  from meeting where vendor = %(vendor)s and ref = %(ref)s
   for no key update

-- name: meeting_lock_one
select id, lead_id, state, came_told_at, came_by, came_at, came_before, starts_at, ends_at from meeting where id = %(id)s
   for no key update

-- name: meeting_came
-- as one of the team says, or takes back
update meeting set state = %(state)s, came_by = %(by)s, came_at = %(at)s, came_before = %(before)s where id = %(id)s

-- name: meetings_to_say
-- of a lead, those of the last days that have begun: whether they came can be said
select id, state, starts_at, came_by, came_at from meeting
 where lead_id = %(lead_id)s and state in ('booked', 'held', 'no_show') and starts_at <= %(now)s and starts_at > %(since)s
 order by starts_at desc
 limit 3

-- name: meeting_write
update meeting
   set lead_id = coalesce(lead_id, %(lead_id)s), state = %(state)s, came_told_at = %(came_told_at)s,
       event_ref = coalesce(event_ref, %(event_ref)s), starts_at = coalesce(starts_at, %(starts_at)s),
       ends_at = coalesce(ends_at, %(ends_at)s), moved_to = coalesce(moved_to, %(moved_to)s),
       sealed = coalesce(%(sealed)s, sealed), look_at = %(look_at)s
 where id = %(id)s

-- name: meeting_lead
-- locked, after the meeting
select l.id, l.status, l.agent_id, l.restricted_at, l.data_key_id, dk.kek_id, dk.wrapped,
       exists (select 1 from meeting m where m.lead_id = l.id and m.state = 'booked') as expects
  from lead l join vault.data_key dk on dk.id = l.data_key_id
 where l.id = %(lead_id)s
   for no key update of l

-- name: meeting_points
-- where a lead can be reminded, the newest of each kind first
select distinct on (c.kind) c.kind, c.contact_point_id as point
  from lead_contact c join contact_point p on p.id = c.contact_point_id
 where c.lead_id = %(lead_id)s
 order by c.kind, p.opted_out_at is not null, c.inquiry_at desc nulls last

-- name: meeting_lead_stands
update lead set status = %(status)s, last_at = greatest(last_at, %(now)s), finished_at = case when %(expects)s then null else finished_at end
 where id = %(lead_id)s

-- name: meeting_answers_cancel
-- what asks for a booking has what it asks for
with u as (
    update action a
       set state = 'cancelled', due_at = null, wake_at = null, settled_at = %(now)s, reason = 'booked'
     where a.lead_id = %(lead_id)s and a.state in ('planned', 'deferred')
       and (a.purpose = 'instant_reply' or a.kind in ('no_show_sms', 'no_show_email'))
    returning a.id, a.attempt_id
)
insert into attempt (action_id, attempt_id, at, event, state, detail)
select id, attempt_id, %(now)s, 'cancelled', 'cancelled', '{"reason": "booked"}' from u

-- name: meeting_actions_cancel
-- what was to go to the lead about this meeting
with u as (
    update action a
       set state = 'cancelled', due_at = null, wake_at = null, settled_at = %(now)s, reason = %(reason)s
     where a.cause_id = %(id)s and a.kind = any(%(kinds)s) and a.state in ('planned', 'deferred')
    returning a.id, a.attempt_id
)
insert into attempt (action_id, attempt_id, at, event, state, detail)
select id, attempt_id, %(now)s, 'cancelled', 'cancelled', jsonb_build_object('reason', %(reason)s::text) from u

-- name: meeting_task_done
update task set done_at = %(now)s, done_by = 'system'
 where lead_id = %(lead_id)s and kind = 'call' and reason = 'no_show' and done_at is null

-- name: meetings_over
-- their time has passed, and nobody said that they did not come
with over as (
    select id from meeting where state = 'booked' and ends_at <= %(now)s order by ends_at limit %(limit)s for no key update skip locked
)
update meeting m set state = 'held' from over where m.id = over.id
returning m.id, m.lead_id

-- name: meetings_to_look_at
-- a lease on the question, so that two processes do not both ask
with due as (
    select id from meeting where look_at <= %(now)s order by look_at limit %(limit)s for no key update skip locked
)
update meeting m set look_at = %(again_at)s from due where m.id = due.id
returning m.id, m.lead_id, m.vendor, m.ref, m.event_ref, m.state, m.starts_at, m.ends_at

-- name: meeting_looked
update meeting set look_at = %(look_at)s where id = %(id)s

-- name: reading_meetings
-- newest first; before: none later than this
select m.id, m.state, m.ref, m.starts_at, m.ends_at, m.at, m.sealed, dk.id as key_id, dk.kek_id, dk.wrapped
  from meeting m join lead l on l.id = m.lead_id join vault.data_key dk on dk.id = l.data_key_id
 where m.lead_id = %(lead_id)s and (%(before)s::timestamptz is null or m.at < %(before)s)
 order by m.at desc
 limit %(limit)s

-- name: thread_meetings
-- those to come, the next first
select m.starts_at, m.sealed, dk.id as key_id, dk.kek_id, dk.wrapped
  from meeting m join lead l on l.id = m.lead_id join vault.data_key dk on dk.id = l.data_key_id
 where m.lead_id = %(lead_id)s and m.state = 'booked'
 order by m.starts_at nulls last
 limit %(limit)s

-- name: retention_meetings
-- of people who are nobody's lead: only that something was booked, and the vendor's number of it
with old as (
    select id from meeting where lead_id is null and at < %(capture_before)s limit %(limit)s for update skip locked
)
delete from meeting m using old where m.id = old.id

-- name: retention_meetings_count
select count(*) as n from meeting where lead_id is null and at < %(capture_before)s

-- name: retention_meeting_words
with old as (
    select id from meeting where at < %(message_before)s and sealed is not null and state <> 'booked' limit %(limit)s
       for no key update skip locked
)
update meeting m set sealed = null from old where m.id = old.id

-- name: retention_meeting_words_count
select count(*) as n from meeting where at < %(message_before)s and sealed is not null and state <> 'booked'

-- name: booking_of
-- the lead of a link of ours: how they are called, what they have booked, and their link at the scheduler
select l.id, l.sealed_profile, l.agent_id, l.restricted_at, l.data_key_id, dk.kek_id, dk.wrapped,
       b.sealed_url, b.event_type, b.made_at, m.starts_at, m.sealed
  from lead l
  join vault.data_key dk on dk.id = l.data_key_id
  left join booking_link b on b.lead_id = l.id
  left join lateral (select starts_at, sealed from meeting
                      where lead_id = l.id and state = 'booked' and (ends_at is null or ends_at > %(now)s)
                      order by starts_at nulls last limit 1) m on true
 where l.id = %(lead_id)s

-- name: booking_link_begin
-- whoever gets a row asks the scheduler; everybody else waits for what they bring
insert into booking_link as b (lead_id, event_type, making_until)
values (%(lead_id)s, %(event_type)s, now() + make_interval(secs => %(lease_s)s))
on conflict (lead_id) do update
   set event_type = excluded.event_type, sealed_url = null, made_at = null, making_until = excluded.making_until
 where b.making_until < now() and (b.sealed_url is null or b.made_at < %(stale_at)s or b.event_type <> excluded.event_type)
returning lead_id

-- name: booking_link_made
update booking_link set sealed_url = %(sealed)s, made_at = %(now)s, making_until = now()
 where lead_id = %(lead_id)s and event_type = %(event_type)s and sealed_url is null

-- name: booking_link_failed
-- the next one who opens it tries again
update booking_link set making_until = now() where lead_id = %(lead_id)s and sealed_url is null

-- name: booking_link_used
delete from booking_link where lead_id = %(lead_id)s
