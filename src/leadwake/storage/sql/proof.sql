-- The figures of Proof. Each query counts some days from what stands in the tables; closed days are counted once and kept.
-- A row is (day, practice, figure, a, b, tenths, n); what each figure means stands beside it.

-- name: proof_asked
-- capture  a: outcome, "lost" for one that became a lead and has none
-- source   a: source, b: inquiries (repeats and rows of lists aside) · offered (an agent heard of them) · leads (new people), and of these:
--          reached · replied · human
-- hot      a: hot inquiries: offered · touched by a person · in_time, within 4 h
-- machine  a: source: from asking to the first message a vendor accepted
-- delivered  from asking to the first message that arrived, as carrier or mailbox says
-- human    a: source: from the first offer to the first touch of a person
-- agent    a: who was in touch: from their own offer, where they had one
-- tenths   rounded up to what is shown: 0.1 s to ten seconds, 1 s to a minute, 5 s to an hour, 1 min to four hours, 10 min to
--          two days, 1 h; so that shares within 60 s and within 4 h are exact
with span as (
    select * from unnest(%(days)s::date[], %(begins)s::timestamptz[], %(ends)s::timestamptz[]) as s (day, begins, ends)
), came as materialized (
    select s.day, c.outcome, c.lead_id, c.erased_at, c.door, coalesce(l.practice, false) as practice, i.id as inquiry_id,
           i.source, i.repeats, i.listed, i.temperature, i.asked_at, i.first_touch_at, i.offered_at, i.human_at, i.human_by, d.at as delivered_at
      from span s
      join capture c on c.at >= s.begins and c.at < s.ends
      left join inquiry i on i.id = c.id
      left join lead l on l.id = c.lead_id
      left join lateral (select min(a.settled_at) as at from action a
                          where a.cause_id = i.id and a.purpose = 'instant_reply' and a.state = 'delivered') d on i.id is not null
), asked as materialized (
    select * from came where inquiry_id is not null and not repeats and not listed
), lasted as (
    select day, practice, 'machine' as figure, source as a, '' as b, first_touch_at - asked_at as took
      from asked where first_touch_at is not null
    union all
    select day, practice, 'delivered', '', '', delivered_at - asked_at from asked where delivered_at is not null
    union all
    select day, practice, 'human', source, '', human_at - offered_at
      from asked where human_at is not null and offered_at is not null
    union all
    select k.day, k.practice, 'agent', k.human_by::text, '', k.human_at - coalesce(o.at, k.offered_at)
      from asked k
      left join lateral (select min(at) as at from offer
                          where lead_id = k.lead_id and inquiry_id = k.inquiry_id and agent_id = k.human_by and at <= k.human_at) o on true
     where k.human_at is not null and k.human_by is not null and coalesce(o.at, k.offered_at) is not null
), rounded as (
    select day, practice, figure, a, b,
           least(2000000000, case when s < 10 then ceil(s * 10) when s < 60 then ceil(s) * 10 when s < 3600 then ceil(s / 5) * 50
                                  when s < 14400 then ceil(s / 60) * 600 when s < 172800 then ceil(s / 600) * 6000
                                  else ceil(s / 3600) * 36000 end)::int as tenths
      from lasted, lateral (select greatest(0, extract(epoch from took)) as s) t
), counted as (
    select day, practice, 'capture' as figure,
           case when outcome in ('lead', 'known') and erased_at is null
                     and (lead_id is null or (inquiry_id is null and door <> 'consent')) then 'lost' else outcome end as a,
           '' as b, true as holds
      from came
    union all
    select k.day, k.practice, 'source', k.source, v.b, v.holds
      from asked k,
           lateral (values ('inquiries', true), ('offered', k.offered_at is not null), ('leads', k.outcome = 'lead'),
                           ('reached', k.outcome = 'lead' and (k.delivered_at is not null or k.human_at is not null)),
                           ('replied', k.outcome = 'lead' and exists (
                               select 1 from message m where m.lead_id = k.lead_id and m.intent not in ('stop', 'unsubscribe', 'wrong_number', 'asked'))),
                           ('human', k.outcome = 'lead' and k.human_at is not null)) v (b, holds)
    union all
    select k.day, k.practice, 'hot', v.a, '', v.holds
      from asked k,
           lateral (values ('offered', true), ('touched', k.human_at is not null),
                           ('in_time', k.human_at <= k.offered_at + interval '4 hours')) v (a, holds)
     where k.temperature = 'hot' and k.offered_at is not null
)
select day, practice, figure, a, b, 0 as tenths, count(*)::int as n from counted where holds group by 1, 2, 3, 4, 5
union all
select day, practice, figure, a, b, tenths, count(*)::int from rounded group by 1, 2, 3, 4, 5, 6

-- name: proof_few_rows
-- by index, row by row: a whole table hashed for a day's few hundred rows took fifty times as long, and so did a plan made
-- without looking at which days are wanted
select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true),
       set_config('plan_cache_mode', 'force_custom_plan', true)

-- name: proof_offers
-- offer  a: agent, b: state: leads held out to them
select s.day, l.practice, 'offer' as figure, o.agent_id::text as a, o.state as b, 0 as tenths, count(*)::int as n
  from unnest(%(days)s::date[], %(begins)s::timestamptz[], %(ends)s::timestamptz[]) as s (day, begins, ends)
  join offer o on o.at >= s.begins and o.at < s.ends
  join lead l on l.id = o.lead_id
 group by 1, 2, 4, 5

-- name: proof_messages
-- message  a: channel, "staff" for all to the team, b: state
-- held     a: what the gate said (defer, block) or the state it ended in, b: reason; of a failure only what stands before
--          its colon, which is the vendor and its code
with made as materialized (
    select s.day, a.id, a.practice, a.state, a.reason, a.attempts,
           case when starts_with(a.channel, 'crm') then 'crm' when a.purpose = 'staff' then 'staff' else a.channel end as channel
      from unnest(%(days)s::date[], %(begins)s::timestamptz[], %(ends)s::timestamptz[]) as s (day, begins, ends)
      join action a on a.created_at >= s.begins and a.created_at < s.ends and a.channel not in ('enrich', 'webhook')
), held as (
    select m.day, m.practice, m.id, d.outcome as a, d.reason as b
      from made m join decision d on d.action_id = m.id
     where m.channel not in ('staff', 'crm') and d.outcome <> 'send'
    union
    select day, practice, id, state, coalesce(case when state in ('dead', 'unknown', 'undelivered', 'bounced')
                                                   then left(split_part(reason, ':', 1), 60) else reason end, '')
      from made
     where channel <> 'staff' and state in ('skipped', 'cancelled', 'expired', 'dead', 'unknown', 'undelivered', 'bounced')
)
select day, practice, 'message' as figure, channel as a, state as b, 0 as tenths, count(*)::int as n from made group by 1, 2, 4, 5
union all
select day, practice, 'held', a, b, 0, count(*)::int from held group by 1, 2, 4, 5

-- name: proof_kept_days
-- the closed days in this zone that nothing has changed since
select day from proof_day d
 where day between %(first)s and %(last)s and zone = %(zone)s
   and not exists (select 1 from proof_late l where l.at >= d.begins and l.at < d.ends)

-- name: proof_sums
-- one row for each figure, its times and counts as arrays
with wanted as materialized (
    select id, figure, a, b from proof_cell where figure = any(%(figures)s::text[]) and (%(practice)s or not practice)
), summed as (
    select cell_id, tenths, sum(n)::int as n from proof_count where day = any(%(days)s::date[]) group by cell_id, tenths
), listed as (
    select cell_id, array_agg(tenths) as tenths, array_agg(n) as ns from summed group by cell_id
)
select w.figure, w.a, w.b, l.tenths, l.ns from listed l join wanted w on w.id = l.cell_id

-- name: proof_daily
-- captures of each day, for the bars
select c.day, sum(c.n)::int as n
  from proof_count c
 where c.day = any(%(days)s::date[])
   and c.cell_id = any(array(select id from proof_cell where figure = 'capture' and (%(practice)s or not practice)))
 group by 1

-- name: proof_in_time
-- hot inquiries nobody has been in touch with whose time is not over
select count(*)::int as n
  from inquiry i join lead l on l.id = i.lead_id
 where i.asked_at > %(since)s - interval '4 days' and i.offered_at > %(since)s and i.human_at is null and not i.repeats
   and i.temperature = 'hot' and (%(practice)s or not l.practice)

-- name: proof_pending
-- captures that wait to be understood, oldest first
select id, at, door, source, tries, reason, retry_at from capture where outcome = 'pending' order by at limit 100

-- name: proof_first
select min(at) as at from capture

-- name: proof_other_zones
delete from proof_day where zone <> %(zone)s or day < %(before)s

-- name: proof_forget_late
delete from proof_late where at >= %(begins)s and at < %(ends)s

-- name: proof_forget_day
delete from proof_day where day = %(day)s

-- name: proof_forget_open
-- of days that are not closed yet, or are looked at no more: they are counted whenever somebody asks
delete from proof_late where at >= %(since)s or at < %(until)s

-- name: proof_keep_cells
insert into proof_cell (practice, figure, a, b)
select distinct * from unnest(%(practices)s::boolean[], %(figures)s::text[], %(as)s::text[], %(bs)s::text[])
on conflict do nothing

-- name: proof_keep_day
with kept as (
    insert into proof_day (day, zone, begins, ends, made_at) values (%(day)s, %(zone)s, %(begins)s, %(ends)s, %(now)s) returning day
)
insert into proof_count (day, cell_id, tenths, n)
select kept.day, l.id, c.tenths, c.n
  from kept, unnest(%(practices)s::boolean[], %(figures)s::text[], %(as)s::text[], %(bs)s::text[], %(tenths)s::int[],
                    %(ns)s::int[]) as c (practice, figure, a, b, tenths, n)
  join proof_cell l using (practice, figure, a, b)
