-- Doors that a team makes itself.

-- name: json_doors
select name, key_hash, channel, mapping, seen, created_at, closed_at from json_door order by name

-- name: json_door
select name, key_hash, channel, mapping, seen, created_at, closed_at from json_door where name = %(name)s

-- name: json_door_add
insert into json_door (name, key_hash, channel, created_at) values (%(name)s, %(key_hash)s, %(channel)s, %(now)s)
on conflict do nothing

-- name: json_door_map
update json_door set mapping = %(mapping)s, channel = %(channel)s where name = %(name)s

-- name: json_door_key
update json_door set key_hash = %(key_hash)s where name = %(name)s

-- name: json_door_close
update json_door set closed_at = %(closed_at)s where name = %(name)s

-- name: json_door_seen
update json_door set seen = %(seen)s where name = %(name)s and seen is distinct from %(seen)s
