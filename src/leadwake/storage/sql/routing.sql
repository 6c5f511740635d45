-- Routing: the team's rules in every version, the decisions made by them, and what agents have on their hands.

-- name: routing_rules_lock
-- one change at a time; readers go on
lock table routing_rules in share row exclusive mode

-- name: routing_rules_read
select version, value from routing_rules where version = %(version)s

-- name: routing_rules_latest
select version, value from routing_rules order by version desc limit 1

-- name: routing_rules_add
insert into routing_rules (version, at, by, reason, value) values (%(version)s, %(at)s, %(by)s, %(reason)s, %(value)s)

-- name: routing_rules_history
select version, at, by, reason, value from routing_rules order by version desc limit %(limit)s

-- name: routing_decisions_of_lead
-- newest first
select id, at, inquiry_id, rules_version, agent_id, trace from routing_decision
 where lead_id = %(lead_id)s order by id desc limit %(limit)s

-- name: routing_hot_shares
-- of the newest hot leads since then: who was given how many, and how many were due by weight among those there
with decisions as (
    select d.agent_id, d.trace from routing_decision d
     where d.trace ->> 'temperature' = 'hot' and d.at >= %(since)s and d.agent_id is not null
       and d.trace ->> 'because' <> 'owner'
     order by d.at desc limit %(limit)s
), due as (
    select agent, sum(weight / total) as leads
      from (select e ->> 'agent' as agent, (e ->> 'weight')::float8 as weight,
                   sum((e ->> 'weight')::float8) over (partition by d.n) as total
              from (select row_number() over () as n, trace from decisions) d
             cross join lateral jsonb_array_elements(d.trace -> 'eligible') e
             where d.trace -> 'ranked' ? (e ->> 'agent')) each
     group by agent
), given as (
    select agent_id::text as agent, count(*) as leads from decisions group by agent_id
)
select agent, coalesce(g.leads, 0) as given, coalesce(d.leads, 0) as due
  from due d full join given g using (agent)
 order by 2 desc, 1
