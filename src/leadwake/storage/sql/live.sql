-- Going live: what vendors said of our account, what reaches us.

-- name: settings_named
select name, sealed from setting where name = any(%(names)s)

-- name: heard_note
insert into heard (source, name, at, detail) values (%(source)s, %(name)s, %(at)s, %(detail)s)
on conflict (source, name) do update set at = excluded.at, detail = excluded.detail

-- name: heard
select source, name, at, detail from heard order by source, name
