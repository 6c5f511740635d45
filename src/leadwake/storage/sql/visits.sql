-- Who looked at which page of the team's websites.

-- name: page_views_add
insert into page_view (visitor, website_id, path, at, seconds, is_new, lead_id)
select %(visitor)s, %(website_id)s, v.path, %(now)s, v.seconds, v.is_new,
       (select lead_id from visitor where hash = %(visitor)s)
  from unnest(%(paths)s::text[], %(seconds)s::integer[], %(news)s::boolean[]) as v (path, seconds, is_new)

-- name: visitor_attach
-- whoever sent something from the browser last is who sits there
with known as (
    insert into visitor (hash, lead_id, since) values (%(visitor)s, %(lead_id)s, %(now)s)
    on conflict (hash) do update set lead_id = excluded.lead_id, since = excluded.since
)
update page_view set lead_id = %(lead_id)s where visitor = %(visitor)s and lead_id is null and at > %(oldest)s

-- name: visitor_forget
with known as (
    delete from visitor where hash = %(visitor)s
)
delete from page_view where visitor = %(visitor)s

-- name: visits_waiting
select distinct lead_id from page_view where lead_id is not null limit %(limit)s

-- name: page_views_take
delete from page_view
 where id in (select id from page_view where lead_id = %(lead_id)s order by id limit %(limit)s)
returning website_id, path, at, seconds, is_new

-- name: visits_lead
-- nobody whose data is kept and not used
select l.data_key_id, dk.kek_id, dk.wrapped
  from lead l join vault.data_key dk on dk.id = l.data_key_id
 where l.id = %(lead_id)s and l.restricted_at is null

-- name: visits_newest
-- the newest of each website, and how many there are in all
select distinct on (website_id) id, website_id, started_at, last_at, seconds, views, sealed, count(*) over () as visits
  from visit where lead_id = %(lead_id)s
 order by website_id, last_at desc

-- name: visit_write
insert into visit (id, lead_id, website_id, started_at, last_at, seconds, views, sealed)
values (%(id)s, %(lead_id)s, %(website_id)s, %(started_at)s, %(last_at)s, %(seconds)s, %(views)s, %(sealed)s)
on conflict (id) do update
   set last_at = excluded.last_at, seconds = excluded.seconds, views = excluded.views, sealed = excluded.sealed

-- name: reading_visits
-- newest first, each with its number; before: none later than this
select v.id, v.started_at, v.last_at, v.seconds, v.views, v.sealed, v.nth, w.origin, dk.id as key_id, dk.kek_id, dk.wrapped
  from (select *, row_number() over (order by started_at, id) as nth from visit where lead_id = %(lead_id)s) v
  join lead l on l.id = %(lead_id)s
  join vault.data_key dk on dk.id = l.data_key_id
  left join website w on w.id = v.website_id
 where %(before)s::timestamptz is null or v.started_at < %(before)s
 order by v.started_at desc
 limit %(limit)s

-- name: visits_standing
select count(*) as visits, max(last_at) as last_at, coalesce(sum(views), 0) as views, coalesce(sum(seconds), 0) as seconds
  from visit where lead_id = %(lead_id)s

-- name: erase_page_views
delete from page_view
 where lead_id = %(lead_id)s or visitor in (select hash from visitor where lead_id = %(lead_id)s)

-- name: retention_page_views
with old as (
    select id from page_view where at < %(capture_before)s limit %(limit)s for update skip locked
)
delete from page_view p using old where p.id = old.id

-- name: retention_page_views_count
select count(*) as n from page_view where at < %(capture_before)s

-- name: retention_visits
with old as (
    select id from visit where last_at < %(message_before)s limit %(limit)s for update skip locked
)
delete from visit v using old where v.id = old.id

-- name: retention_visits_count
select count(*) as n from visit where last_at < %(message_before)s
