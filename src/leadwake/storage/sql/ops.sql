-- What the channel for operations is told; workflows/ops_notices.py and ops/watching.py.

-- name: ops_going_on
select id, about, at, content from ops_notice where over_at is null

-- name: ops_begin
insert into ops_notice (id, about, at, over_at, content) values (%(id)s, %(about)s, %(now)s, %(over_at)s, %(content)s)
on conflict do nothing

-- name: ops_end
update ops_notice set over_at = %(now)s where id = %(id)s and over_at is null

-- name: ops_prune
delete from ops_notice where over_at < %(before)s

-- name: ops_known
select 1 as is_known from ops_notice where id = %(id)s

-- name: ops_vendors_down
-- failing for longer than a moment (real time, as circuits count it)
select vendor, reason from vendor_state where state = 'open' and since <= now() - make_interval(secs => %(moment_s)s)

-- name: ops_waiting
select channel, count(*)::int as n from action where state in ('planned', 'deferred') and due_at <= %(now)s group by channel

-- name: ops_dead_letters
-- what waits for a person, the most frequent first; of a reason only vendor and code, which stand before its colon
select kind, left(split_part(reason, ':', 1), 60) as why, count(*)::int as n, max(settled_at) as newest
  from action where state in ('dead', 'unknown')
 group by 1, 2 order by 3 desc, 1, 2 limit 50

-- name: ops_answered
-- how many inquiries came in the last n minutes, and how many of them had no answer in time
with came as materialized (
    select at, is_late from inquiries_answered(%(now)s - make_interval(mins => %(longest)s), %(now)s, %(practice)s)
)
select w.minutes, count(k.at) filter (where k.is_late)::int as late, count(k.at)::int as total
  from unnest(%(windows)s::int[]) as w (minutes)
  left join came k on k.at > %(now)s - make_interval(mins => w.minutes)
 group by w.minutes
