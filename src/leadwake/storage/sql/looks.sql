-- Who looked at whom.

-- name: looks_add
-- of nobody who was erased a moment ago; in one order, so that two who write at once do not wait in a circle
insert into person_read (lead_id, day, reader, how, times, first_at, last_at)
select v.lead_id, v.day, v.reader, v.how, v.times, v.first_at, v.last_at
  from unnest(%(lead_ids)s::uuid[], %(days)s::date[], %(readers)s::text[], %(hows)s::text[], %(times)s::int[],
              %(firsts)s::timestamptz[], %(lasts)s::timestamptz[])
       as v (lead_id, day, reader, how, times, first_at, last_at)
 where exists (select 1 from lead l where l.id = v.lead_id)
 order by v.lead_id, v.day, v.reader, v.how
on conflict (lead_id, day, reader, how) do update
   set times = person_read.times + excluded.times, last_at = greatest(person_read.last_at, excluded.last_at)

-- name: looks_of_lead
select reader, how, sum(times)::int as times, min(first_at) as first_at, max(last_at) as last_at
  from person_read where lead_id = %(lead_id)s
 group by reader, how order by last_at desc, reader, how

-- name: looks_by_day
-- how many people each reader saw on each day, and how many of them in full
select reader, day, count(distinct lead_id)::int as people,
       (count(distinct lead_id) filter (where how <> all(%(in_passing)s::text[])))::int as opened
  from person_read where day >= %(since)s
 group by reader, day order by day desc, people desc, reader

-- name: retention_looks
with old as (
    select lead_id, day, reader, how from person_read where last_at < %(message_before)s limit %(limit)s for update skip locked
)
delete from person_read r using old
 where (r.lead_id, r.day, r.reader, r.how) = (old.lead_id, old.day, old.reader, old.how)

-- name: retention_looks_count
select count(*) as n from person_read where last_at < %(message_before)s
