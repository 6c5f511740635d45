-- The health page: what waits longest, how vendors fared last. Each is answered from the end of an index.

-- name: health_oldest_by_channel
-- the action of each channel that should have gone longest ago, and how many should have
select c.channel, o.id, o.lead_id, o.kind, o.due_at, n.n
  from unnest(%(channels)s::text[]) as c (channel)
  cross join lateral (
    select id, lead_id, kind, due_at from action
     where state in ('planned', 'deferred') and due_at <= %(late_at)s and channel = c.channel order by due_at limit 1) o
  cross join lateral (
    select count(*) as n from (
      select from action where state in ('planned', 'deferred') and due_at <= %(late_at)s and channel = c.channel limit 10000) late) n

-- name: health_oldest_by_queue
select q.queue, o.id, o.lead_id, o.kind, o.due_at
  from unnest(%(queues)s::text[]) as q (queue)
  left join lateral (
    select id, lead_id, kind, due_at from action
     where state in ('planned', 'deferred') and due_at <= %(late_at)s and queue = q.queue order by due_at limit 1) o on true

-- name: health_oldest_capture
select id, at, source from capture where outcome = 'pending' order by retry_at limit 1

-- name: health_attempts
-- among the newest attempts: when each vendor last took something, and when it last did not
select vendor, max(at) filter (where event in ('accepted', 'found')) as took_at,
       max(at) filter (where event in ('failed', 'throttled', 'rejected', 'unknown', 'gave_up')) as failed_at
  from (select at, event, detail ->> 'vendor' as vendor from attempt order by id desc limit 4000) newest
 where vendor is not null group by vendor
