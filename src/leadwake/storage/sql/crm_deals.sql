-- Deals that we make in CRMs, and what the stages of each account mean.

-- name: crm_stages
select vendor, pipeline, stage, pipeline_label, label, position, closed, means from crm_stage order by vendor, position

-- name: crm_deals
select vendor, make, pipeline, read_at, trouble from crm_deals

-- name: crm_stages_set
-- as the CRM has them now; what a person chose stays while its stage is there
with v as (
    select * from unnest(%(pipelines)s::text[], %(stages)s::text[], %(pipeline_labels)s::text[], %(labels)s::text[],
                         %(positions)s::smallint[], %(closed)s::text[], %(means)s::text[])
                  as v (pipeline, stage, pipeline_label, label, position, closed, means)
), gone as (
    delete from crm_stage s where s.vendor = %(vendor)s
       and not exists (select 1 from v where (v.pipeline, v.stage) = (s.pipeline, s.stage))
    returning 1
), written as (
    insert into crm_stage as s (vendor, pipeline, stage, pipeline_label, label, position, closed, means)
    select %(vendor)s, pipeline, stage, pipeline_label, label, position, closed, means from v
    on conflict (vendor, pipeline, stage) do update
       set pipeline_label = excluded.pipeline_label, label = excluded.label, position = excluded.position,
           closed = excluded.closed, means = case when s.chosen then s.means else excluded.means end
     where (s.pipeline_label, s.label, s.position, s.closed, s.means) is distinct from
           (excluded.pipeline_label, excluded.label, excluded.position, excluded.closed,
            case when s.chosen then s.means else excluded.means end)
    returning 1
)
select (select count(*) from gone) + (select count(*) from written) as changed

-- name: crm_deals_read
insert into crm_deals as d (vendor, read_at, trouble) values (%(vendor)s, now(), %(trouble)s)
on conflict (vendor) do update set read_at = now(), trouble = excluded.trouble

-- name: crm_stages_look
-- one process reads them, and not again before its time
insert into crm_cursor as c (vendor, at, looked_at) values (%(cursor)s, now(), now())
on conflict (vendor) do update set looked_at = now() where c.looked_at < now() - make_interval(secs => %(every_s)s)
returning 1

-- name: crm_stages_look_now
delete from crm_cursor where vendor = %(cursor)s

-- name: crm_deals_choose
insert into crm_deals (vendor, make, pipeline) values (%(vendor)s, %(make)s, %(pipeline)s)
on conflict (vendor) do update set make = excluded.make, pipeline = excluded.pipeline

-- name: crm_stages_choose
update crm_stage s set means = v.means, chosen = true
  from unnest(%(pipelines)s::text[], %(stages)s::text[], %(means)s::text[]) as v (pipeline, stage, means)
 where s.vendor = %(vendor)s and (s.pipeline, s.stage) = (v.pipeline, v.stage) and s.means <> v.means

-- name: crm_deals_noted
-- how far the leads are that something happened to since: a deal for whoever has none open, as far as the team wants one
with active as (
    select l.id, l.agent_id is not null and l.claimed_at is not null as is_claimed
      from lead l
     where l.last_at > %(since)s and l.restricted_at is null and not l.practice and l.status <> 'imported'
     order by l.last_at
     limit %(limit)s
), far as (
    select a.id as lead_id, a.is_claimed, i.id as inquiry_id, d.inquiry_id is not null as is_open,
           case when o.kind is not null then o.kind
                when exists (select 1 from meeting m where m.lead_id = a.id and m.state in ('booked', 'held')
                                and m.at >= i.asked_at) then 'meeting'
                when i.human_at is not null then 'contacted'
                else 'new' end as milestone
      from active a
     cross join lateral (
           select coalesce(
               (select d.inquiry_id from crm_deal d where d.vendor = %(vendor)s and d.lead_id = a.id and d.ended_at is null),
               (select q.id from inquiry q where q.lead_id = a.id and not q.listed order by q.asked_at desc limit 1)) as id) pick
      join inquiry i on i.id = pick.id
      left join crm_deal d on d.vendor = %(vendor)s and d.inquiry_id = i.id
      left join lateral (select kind from outcome where source = 'leadwake' and ref = i.id::text and kind <> 'meeting'
                          order by at desc limit 1) o on true
     where d.ended_at is null
), moved as (
    update crm_deal d set milestone = f.milestone
      from far f
     where f.is_open and d.vendor = %(vendor)s and d.inquiry_id = f.inquiry_id and d.milestone <> f.milestone
       and f.milestone = any(%(known)s::text[])
       and (f.milestone in ('won', 'lost') or array_position(%(order)s::text[], f.milestone) > array_position(%(order)s::text[], d.milestone))
    returning 1
), made as (
    insert into crm_deal (vendor, inquiry_id, lead_id, milestone)
    select %(vendor)s, f.inquiry_id, f.lead_id, f.milestone
      from far f
     where not f.is_open and f.milestone = any(%(known)s::text[])
       and (%(make)s = 'inquiry' or (%(make)s = 'claimed' and (f.is_claimed or f.milestone <> 'new')))
    on conflict do nothing
    returning 1
)
select (select count(*) from active) as looked, (select max(last_at) from lead where id in (select id from active)) as until

-- name: crm_deals_untold
-- what is to be told of deals whose contact the CRM has, one action of a deal at a time
select d.inquiry_id, d.lead_id, d.ordinal, d.milestone
  from crm_deal d
 where d.vendor = %(vendor)s and d.milestone <> d.told and d.ended_at is null
   and exists (select 1 from action a
                where a.lead_id = d.lead_id and a.kind = 'crm' and a.recipient = %(vendor)s and a.vendor_ref is not null)
   and not exists (select 1 from action a
                    where a.cause_id = d.inquiry_id and a.kind = 'crm_deal' and a.recipient = %(vendor)s
                      and a.state in ('planned', 'deferred', 'sending'))
 order by d.inquiry_id
 limit %(limit)s
   for update of d skip locked

-- name: crm_deal_told
update crm_deal set told = %(milestone)s, ordinal = %(ordinal)s where vendor = %(vendor)s and inquiry_id = %(inquiry_id)s

-- name: crm_deal_ours
-- a deal of ours by the CRM's id of it
select d.inquiry_id, d.lead_id, d.milestone
  from action a
  join crm_deal d on d.vendor = %(vendor)s and d.inquiry_id = a.cause_id
 where a.kind = 'crm_deal' and a.recipient = %(vendor)s and a.vendor_ref = %(ref)s
 limit 1

-- name: crm_deal_end
-- won, lost or deleted there: from then on it is the team's
update crm_deal set ended_at = %(now)s where vendor = %(vendor)s and inquiry_id = %(inquiry_id)s and ended_at is null

-- name: crm_deals_over
-- those that were told of their end; the next inquiry begins another
update crm_deal d set ended_at = %(now)s
 where d.vendor = %(vendor)s and d.told in ('won', 'lost') and d.milestone = d.told and d.ended_at is null
   and exists (select 1 from action a where a.cause_id = d.inquiry_id and a.kind = 'crm_deal' and a.recipient = %(vendor)s
                  and a.ordinal = d.ordinal and a.state = 'sent')

-- name: outcome_said_of
-- what an outcome that somebody says here is of: the deal that is open, else the last inquiry; and whether a CRM has it
-- ended, otherwise or by itself
select i.id as inquiry_id,
       exists (select 1 from outcome o where o.lead_id = %(lead_id)s and o.kind in ('won', 'lost') and o.source <> 'leadwake'
                  and o.at >= i.asked_at)
       or exists (select 1 from crm_deal e where e.inquiry_id = i.id and e.ended_at is not null and e.milestone <> %(kind)s) as is_said
  from inquiry i
  left join crm_deal d on d.inquiry_id = i.id and d.ended_at is null
 where i.lead_id = %(lead_id)s
 order by d.inquiry_id is null, i.asked_at desc
 limit 1

-- name: crm_deal_again
-- its end was told; its money, said since, goes after it
update crm_deal d set told = '', ended_at = null
 where d.inquiry_id = %(inquiry_id)s and d.milestone = %(kind)s and d.ended_at is not null
   and not exists (select 1 from crm_deal o where o.vendor = d.vendor and o.lead_id = d.lead_id and o.ended_at is null)

-- name: lead_moved
update lead set last_at = greatest(last_at, %(now)s) where id = %(lead_id)s

-- name: crm_keys
select vendor, kind from crm_key

-- name: crm_key_made
insert into crm_key (vendor, kind, made_at) select %(vendor)s, kind, %(now)s from unnest(%(kinds)s::text[]) as v (kind)
on conflict (vendor, kind) do nothing
