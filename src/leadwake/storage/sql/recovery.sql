-- Those who went quiet: who they are, what is done about them each day, and what came of it.

-- name: recovery_rule
select version, at, by, is_on, mails_a_day, calls_a_day, quiet_days, untouched_days from recovery_rule order by version desc limit 1

-- name: recovery_rule_add
insert into recovery_rule (version, at, by, is_on, mails_a_day, calls_a_day, quiet_days, untouched_days)
select coalesce(max(version), 0) + 1, %(now)s, %(by)s, %(is_on)s, %(mails_a_day)s, %(calls_a_day)s, %(quiet_days)s, %(untouched_days)s
  from recovery_rule

-- name: recovery_lock
-- the rule is changed by one at a time
select pg_advisory_xact_lock(7230032)

-- name: quiet_leads
-- nobody's word to them or theirs to us for so long, nothing under way and nothing said that speaks against it; a name of a
-- list that nobody has written to is quiet at once. The last to go quiet first, so many
with quiet as (
    select l.*
      from lead l
     where (%(practice)s or not l.practice) and l.restricted_at is null and l.paused_at is null
       and l.status in ('new', 'answered', 'replied', 'unreachable', 'imported')
       and (l.last_at < %(before)s or l.status = 'imported')
       and (l.talked_at is null or l.talked_at < %(before)s) and (l.contacted_at is null or l.contacted_at < %(before)s)
       and not exists (select 1 from enrollment e where e.lead_id = l.id and e.state in ('waiting', 'under_way'))
       and not exists (select 1 from outcome o where o.lead_id = l.id and o.kind in ('won', 'lost'))
       and not exists (select 1 from meeting m where m.lead_id = l.id and m.state = 'booked')
       and not exists (select 1 from task t where t.lead_id = l.id and t.done_at is null and t.kind in ('reply', 'call', 'follow_up'))
       and not exists (select 1 from revival r where r.lead_id = l.id and r.cause = 'dormant' and r.undone_at is null
                          and r.at > %(woken_before)s)
       and not exists (select 1 from action a where a.lead_id = l.id and a.purpose <> 'staff' and a.channel in ('sms', 'email')
                          and (a.state in ('planned', 'deferred', 'sending') or a.state in ('sent', 'delivered') and a.settled_at >= %(before)s))
       and (%(id)s::uuid is null or l.id = %(id)s)
     order by l.last_at desc, l.id
     limit %(limit)s
)
select l.id, l.status, l.score, l.temperature, l.channel, l.source, l.agent_id, l.lives_at, l.finished_at, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped,
       greatest(l.last_at, l.talked_at, l.contacted_at) as touched_at, i.asked_at, i.listed, i.sealed_details,
       ik.id as details_key_id, ik.kek_id as details_kek_id, ik.wrapped as details_wrapped, n.*, c.contacts,
       exists (select 1 from mail_pause where resumed_at is null) as mail_paused
  from quiet l
  join vault.data_key dk on dk.id = l.data_key_id
  left join lateral (select * from inquiry where lead_id = l.id order by asked_at desc limit 1) i on true
  left join capture cap on cap.id = i.id
  left join vault.data_key ik on ik.id = cap.data_key_id
  cross join lateral (
       select (select count(*) from message where lead_id = l.id and intent not in ('stop', 'help'))::int as replies,
              (select count(*) from call where lead_id = l.id and answered_at is not null)::int as talks,
              (select count(*) from meeting where lead_id = l.id and state in ('held', 'no_show'))::int as meetings,
              (select max(last_at) from visit where lead_id = l.id) as seen_at,
              (select count(*) from revival where lead_id = l.id and cause = 'dormant' and undone_at is null and recovered_at is null)::int as woken) n
  cross join lateral (
       select coalesce(jsonb_agg(jsonb_build_object(
                  'kind', lc.kind, 'value', encode(lc.sealed_value, 'base64'), 'consent', lc.consent, 'inquiry_at', lc.inquiry_at,
                  'opted_out_at', p.opted_out_at, 'bounced_at', p.bounced_at, 'voice_stopped_at', p.voice_stopped_at,
                  'person_stopped_at', (select max(sp.opted_out_at) from lead_contact sc join contact_point sp on sp.id = sc.contact_point_id
                                         where sc.lead_id = l.id and sc.kind = 'phone'
                                           and sp.opted_out_by not in ('wrong_number', 'preferences', 'crm')))
                  order by p.opted_out_at is not null, lc.inquiry_at desc nulls last), '[]') as contacts
         from lead_contact lc join contact_point p on p.id = lc.contact_point_id where lc.lead_id = l.id) c
 order by l.last_at desc, l.id

-- name: recovery_lead_lock
select id, agent_id from lead where id = %(id)s for no key update

-- name: recovery_day_begin
insert into recovery_day (day, at, mails_most, calls_most) values (%(day)s, %(now)s, %(mails)s, %(calls)s) on conflict (day) do nothing

-- name: recovery_day
select day, at, mails_most, calls_most, mails, calls, untouched, over_at, stopped_at from recovery_day where day = %(day)s

-- name: recovery_day_amounts
-- a change of the amounts holds from today on, and takes nothing back
update recovery_day set mails_most = greatest(mails, %(mails)s), calls_most = greatest(calls, %(calls)s), stopped_at = null, over_at = null
 where day = %(day)s

-- name: recovery_take_mail
update recovery_day set mails = mails + 1 where day = %(day)s and stopped_at is null and mails < mails_most

-- name: recovery_take_call
update recovery_day set calls = calls + 1 where day = %(day)s and stopped_at is null and calls < calls_most

-- name: recovery_found_untouched
update recovery_day set untouched = untouched + 1 where day = %(day)s

-- name: recovery_day_over
update recovery_day set over_at = %(now)s where day = %(day)s

-- name: recovery_day_stop
update recovery_day set stopped_at = %(now)s where day = %(day)s and stopped_at is null

-- name: revival_add
insert into revival (id, lead_id, day, cause, way, sequence, points, reasons, at)
values (%(id)s, %(lead_id)s, %(day)s, %(cause)s, %(way)s, %(sequence)s, %(points)s, %(reasons)s, %(now)s)
on conflict (lead_id, day) do nothing

-- name: revivals_of_day
select id, lead_id, way from revival where day = %(day)s and cause = 'dormant' and undone_at is null and recovered_at is null

-- name: revival_undo
update revival set undone_at = %(now)s where id = %(id)s and undone_at is null and recovered_at is null returning lead_id, way

-- name: revival_task_undo
update task set done_at = %(now)s, done_by = %(by)s where lead_id = %(lead_id)s and kind = 'call' and reason = 'recovery' and done_at is null

-- name: recovery_undone_by_call
-- a tap that was taken back was no sign of life
update revival set recovered_at = null, recovered_by = null, cost = null
 where lead_id = %(lead_id)s and recovered_at = %(at)s and recovered_by = 'call'

-- name: recovery_calls_open
-- how many calls are to be made by each
select coalesce(t.agent_id, l.agent_id) as agent_id, count(*)::int as n
  from task t join lead l on l.id = t.lead_id
 where t.kind = 'call' and t.done_at is null
 group by 1

-- name: untouched_leads
-- asked so long ago, and no person of ours was in touch since; what they have is counted once for each time they asked
select l.id, l.agent_id, l.temperature, l.first_touch_at, i.id as inquiry_id, i.asked_at,
       exists (select 1 from lead_contact c join contact_point p on p.id = c.contact_point_id
                where c.lead_id = l.id and c.kind = 'phone' and p.opted_out_at is null) as has_phone,
       exists (select 1 from task t where t.lead_id = l.id and t.done_at is null) as is_waiting
  from lead l
  join lateral (select id, asked_at from inquiry where lead_id = l.id and not listed order by asked_at desc limit 1) i on true
 where (%(practice)s or not l.practice) and l.restricted_at is null and l.finished_at is null
   and l.status in ('new', 'answered', 'unreachable') and (l.contacted_at is null or l.contacted_at < i.asked_at)
   and i.asked_at < %(before)s and i.asked_at > %(since)s
   and not exists (select 1 from revival r where r.lead_id = l.id and r.cause = 'untouched' and r.at >= i.asked_at)
   and (l.first_touch_at is null
        or not exists (select 1 from enrollment e where e.lead_id = l.id and e.state in ('waiting', 'under_way')))
 order by i.asked_at desc
 limit %(limit)s

-- name: recovery_sums
-- what was done since an instant, and what came of it
select count(*) filter (where cause = 'dormant')::int as woken, count(*) filter (where way = 'email')::int as by_mail,
       count(*) filter (where way = 'call')::int as by_call, count(*) filter (where cause = 'untouched')::int as untouched,
       count(*) filter (where recovered_at is not null)::int as recovered,
       count(*) filter (where recovered_at is not null and cause = 'untouched')::int as untouched_recovered,
       coalesce(sum((cost ->> 'texts')::int), 0)::int as texts, coalesce(sum((cost ->> 'mails')::int), 0)::int as mails,
       coalesce(sum((cost ->> 'calls')::int), 0)::int as calls,
       (select coalesce(sum(o.cents), 0)::bigint from outcome o
         where o.kind = 'won' and exists (select 1 from revival w where w.lead_id = o.lead_id and w.recovered_at <= o.at
                                             and w.at >= %(since)s)) as won_cents,
       (select count(*)::int from outcome o
         where o.kind = 'won' and exists (select 1 from revival w where w.lead_id = o.lead_id and w.recovered_at <= o.at
                                             and w.at >= %(since)s)) as won
  from revival r where r.at >= %(since)s and r.undone_at is null

-- name: recovery_sent
-- what waking took in all, of those who came back and those who did not; segments: as reports count what texts cost
select coalesce(sum(greatest(a.taken, 1) * coalesce(a.segments, 1)) filter (where a.channel = 'sms'), 0)::int as segments,
       count(*) filter (where a.channel = 'sms')::int as texts, count(*) filter (where a.channel = 'email')::int as mails,
       (select count(*)::int from call c join revival w on w.lead_id = c.lead_id
         where w.at >= %(since)s and w.undone_at is null and c.direction = 'out' and c.at >= w.at) as calls
  from revival r
  join enrollment e on e.lead_id = r.lead_id and e.cause = 'dormant' and e.started_at >= r.at
  join action a on a.cause_id = e.id and a.state in ('sent', 'delivered', 'undelivered', 'bounced')
 where r.at >= %(since)s and r.undone_at is null

-- name: recovery_latest
-- the last who came back
select r.lead_id, r.cause, r.way, r.at, r.recovered_at, r.recovered_by, r.cost from revival r
 where r.recovered_at is not null order by r.recovered_at desc limit %(limit)s

-- name: revivals_of_lead
select cause, way, at, points, reasons, recovered_at, recovered_by, cost, undone_at from revival where lead_id = %(lead_id)s order by at
