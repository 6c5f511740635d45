-- The response promise: counted by the hour, and what was done to keep it; ops/slo.py.

-- name: slo_newest
select max(hour) as hour from slo_hour where practice = %(practice)s

-- name: slo_keep
-- the hours from one on are as they are to be counted now; older ones stand as they were
with counted as (
    select date_trunc('hour', at, 'UTC') as hour, count(*) filter (where not is_late) as good, count(*) filter (where is_late) as late
      from inquiries_answered(%(since)s, %(now)s, %(practice)s)
     group by 1
), gone as (
    delete from slo_hour h
     where h.practice = %(practice)s and h.hour >= %(since)s and not exists (select 1 from counted k where k.hour = h.hour)
)
insert into slo_hour (hour, practice, good, late) select hour, %(practice)s, good, late from counted
on conflict (practice, hour) do update set good = excluded.good, late = excluded.late
 where (slo_hour.good, slo_hour.late) is distinct from (excluded.good, excluded.late)

-- name: slo_hours
select hour, good, late from slo_hour where practice = %(practice)s and hour > %(since)s order by hour

-- name: slo_prune
with hours as (delete from slo_hour where hour < %(before)s), acts as (delete from slo_act where over_at < %(before)s)
delete from probe_look where at < %(before)s

-- name: slo_turn
-- one process decides at a time; the others leave it to it
select pg_try_advisory_xact_lock(7230007) as mine

-- name: slo_causes
-- whose answers were late in the last minutes: by channel and the vendor they were tried at, and how many of them that
-- vendor was slow or failing with; never tried is blamed on a vendor that is known to fail, else on nobody
select a.channel, coalesce(a.vendor, '') as vendor, count(*)::int as n,
       count(*) filter (where a.failures > 0 or a.attempts > 1 or a.state in ('sending', 'unknown', 'dead')
                           or a.settled_at - a.claimed_at > interval '5 seconds'
                           or (a.vendor is null and exists (select 1 from vendor_state v
                                                             where v.state = 'open'
                                                               and v.vendor = case a.channel when 'sms' then 'twilio' else %(mailer)s end)))::int as blamed
  from inquiries_answered(%(now)s - make_interval(mins => %(minutes)s), %(now)s, %(practice)s) k
  join action a on a.cause_id = k.id and a.purpose = 'instant_reply' and a.channel in ('sms', 'email')
 where k.is_late and a.state in ('planned', 'sending', 'sent', 'delivered', 'undelivered', 'bounced', 'dead', 'unknown')
 group by 1, 2

-- name: slo_vendors_open
select vendor from vendor_state where state = 'open'

-- name: slo_going_on
select a.id, a.act, a.began_at, a.why,
       (select count(*)::int from slo_act b where b.act = a.act and b.began_at < a.began_at and b.began_at > a.began_at - interval '1 day') as before
  from slo_act a where a.over_at is null

-- name: slo_acts
select id, act, began_at, over_at, why, ended from slo_act where began_at > %(since)s order by began_at desc limit %(limit)s

-- name: slo_begin
insert into slo_act (id, act, began_at, over_at, why) values (%(id)s, %(act)s, %(now)s, %(over_at)s, %(why)s)
on conflict do nothing

-- name: slo_end
update slo_act set over_at = %(now)s, ended = %(ended)s where id = %(id)s and over_at is null

-- name: slo_paged
select max(began_at) as at from slo_act where act = 'page'

-- name: slo_texts_waiting
-- instant texts that hang, where the person gave no address this time and we know one that may be written to
select a.cause_id, a.lead_id, known.contact_point_id
  from action a
  join inquiry i on i.id = a.cause_id and i.first_touch_at is null
  join lateral (
       select c.contact_point_id from lead_contact c join contact_point p on p.id = c.contact_point_id
        where c.lead_id = a.lead_id and c.kind = 'email' and p.opted_out_at is null and p.bounced_at is null
        order by c.inquiry_at desc nulls last, c.contact_point_id limit 1) known on true
 where a.kind = 'sms' and a.purpose = 'instant_reply' and a.state in ('planned', 'sending')
   and a.created_at > %(now)s - interval '6 hours' and a.created_at <= %(now)s - make_interval(secs => %(hangs_s)s)
   and exists (select 1 from action m where m.cause_id = a.cause_id and m.kind = 'email' and m.ordinal = 0 and m.reason = 'no_address')
   and not exists (select 1 from action m where m.cause_id = a.cause_id and m.kind = 'email' and m.ordinal = 1)
 order by a.created_at limit 100

-- name: slo_inquiry_more
-- one action more belongs to the inquiry: the ledger counts them
update inquiry set planned = planned + 1 where id = %(id)s
