-- What was set aside; workflows/set_aside.py.

-- name: aside_waiting
-- nobody has said anything of it yet, the newest first
select c.id, c.at, c.door, c.source, c.outcome, c.reason, c.body, k.id as key_id, k.kek_id, k.wrapped
  from capture c join vault.data_key k on k.id = c.data_key_id
 where c.outcome in ('rejected', 'spam') and c.lead_id is null and c.body <> ''
   and (c.at, c.id) < (%(before_at)s::timestamptz, %(before_id)s::uuid)
   and not exists (select 1 from aside_verdict v where v.capture_id = c.id)
 order by c.at desc, c.id desc limit %(limit)s

-- name: aside_count
-- at most 100
select count(*)::int as n from (
    select 1 from capture c
     where c.outcome in ('rejected', 'spam') and c.lead_id is null and c.body <> ''
       and not exists (select 1 from aside_verdict v where v.capture_id = c.id) limit 100) few

-- name: aside_one
select c.id, c.at, c.door, c.source, c.outcome, c.reason, c.body, k.id as key_id, k.kek_id, k.wrapped, v.inquiry_id,
       v.capture_id is not null as is_decided
  from capture c join vault.data_key k on k.id = c.data_key_id left join aside_verdict v on v.capture_id = c.id
 where c.id = %(id)s and c.outcome in ('rejected', 'spam') and c.lead_id is null and c.body <> ''

-- name: aside_decide
insert into aside_verdict (capture_id, at, by, inquiry_id) values (%(id)s, %(now)s, %(by)s, %(inquiry_id)s)
on conflict (capture_id) do update set at = excluded.at, by = excluded.by, inquiry_id = excluded.inquiry_id
 where aside_verdict.inquiry_id is null

-- name: aside_back
delete from aside_verdict where capture_id = %(id)s and inquiry_id is null

-- name: aside_empty
-- it stands with the lead now, and goes when the lead goes
update capture set body = '' where id = %(id)s
