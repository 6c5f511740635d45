-- What probes elsewhere saw of us; workflows/probing.py, ops/availability.py.

-- name: probe_add
-- told twice it stands once; what was down as one of the two saw it was down
insert into probe_look (id, probe, at, every_s, is_up, why, tls_until)
values (%(id)s, %(probe)s, %(at)s, %(every_s)s, %(is_up)s, %(why)s, %(tls_until)s)
on conflict (id) do update set is_up = probe_look.is_up and excluded.is_up, why = coalesce(probe_look.why, excluded.why)

-- name: probe_days
-- seconds by UTC day; a look that would have been within another's seconds counts, too: domain.probe cuts a day to its length
select probe, (at at time zone 'UTC')::date as day,
       coalesce(sum(every_s) filter (where is_up), 0)::int as up_s, coalesce(sum(every_s) filter (where not is_up), 0)::int as down_s
  from probe_look where at > %(since)s and at <= %(now)s group by 1, 2

-- name: probe_last
select distinct on (probe) probe, at, is_up, why, tls_until
  from probe_look where at > %(since)s and at <= %(now)s order by probe, at desc
