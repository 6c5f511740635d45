-- Searching the log: newest first, going on from the last row that was shown.

-- name: audit_search
select id, at, real_at, actor, kind, lead_id, data from event
 where (%(actor)s::text is null or actor = %(actor)s)
   and (%(kind)s::text is null or kind = %(kind)s)
   and (%(lead_id)s::uuid is null or lead_id = %(lead_id)s)
   and (%(since)s::timestamptz is null or at >= %(since)s)
   and (%(until)s::timestamptz is null or at < %(until)s)
   and (%(before_at)s::timestamptz is null or (at, id) < (%(before_at)s, %(before_id)s::bigint))
 order by at desc, id desc
 limit %(limit)s

-- name: audit_kinds
-- every kind there is, by hopping through the index from one to the next
with recursive hop (kind) as (
    (select kind from event order by kind limit 1)
    union all
    select (select e.kind from event e where e.kind > hop.kind order by e.kind limit 1) from hop where hop.kind is not null
)
select kind from hop where kind is not null limit 500

-- name: audit_actors
with recursive hop (actor) as (
    (select actor from event order by actor limit 1)
    union all
    select (select e.actor from event e where e.actor > hop.actor order by e.actor limit 1) from hop where hop.actor is not null
)
select actor from hop where actor is not null limit 500

-- name: audit_state
select s.upto_id, s.sealed_at, (select count(*) from (select from event where id > s.upto_id limit 10000) late) as unsealed
  from event_seal s order by s.upto_id desc limit 1

-- name: event_seals_newest
select upto_id, from_id, count, hash, leaves from event_seal order by upto_id desc limit %(limit)s
