-- The change of the key-encryption key, and the vault's copies.

-- name: keys_changed
-- every process forgets the opened keys of these ids; blank: all of them, and looks at the KEKs again
select pg_notify('leadwake_keys', %(ids)s)

-- name: key_change_lock
select pg_advisory_xact_lock(7230005)

-- name: key_change_due
-- erasures whose keys still stand in backups of the vault; real time, for backups are
select count(*) as n, min(real_at) < now() - make_interval(hours => %(after_hours)s) as due,
       (select count(*) > 1 from vault.kek) as cut_off
  from erasure where keys_changed_at is null

-- name: data_keys_to_rewrap
-- by id, a batch after the other; one that somebody holds locked is left for the next round
select id, kek_id, wrapped from vault.data_key
 where id > %(after)s and kek_id <> %(kek_id)s
 order by id limit %(limit)s
   for no key update skip locked

-- name: data_keys_rewrap
update vault.data_key k set kek_id = %(kek_id)s, wrapped = v.wrapped
  from unnest(%(ids)s::uuid[], %(wrapped)s::bytea[]) as v (id, wrapped)
 where k.id = v.id

-- name: sealed_by_kek
-- what the first versions sealed by the KEK itself, whose first eight bytes say by which
select 'setting' as place, name, sealed from setting where substr(sealed, 1, 8) <> %(header)s
union all
select 'app_user', id::text, sealed_profile from app_user where substr(sealed_profile, 1, 8) <> %(header)s
union all
select 'action', id::text, content from action
 where data_key_id is null and content is not null and substr(content, 1, 8) <> %(header)s
 limit %(limit)s

-- name: reseal_setting
update setting set sealed = %(new)s where name = %(name)s and sealed = %(old)s

-- name: reseal_app_user
update app_user set sealed_profile = %(new)s where id = %(name)s::uuid and sealed_profile = %(old)s

-- name: reseal_action
update action set content = %(new)s where id = %(name)s::uuid and content = %(old)s

-- name: data_keys_left
-- seen here already, the wrapping goes on without an error in the server's log
select 1 from vault.data_key where kek_id <> %(kek_id)s limit 1

-- name: keks_destroy
-- waits for whoever is just storing a key under an old one, and fails where they did (foreign key)
delete from vault.kek where id <> %(kek_id)s

-- name: keys_changed_for
update erasure e set keys_changed_at = now()
  from vault.kek k
 where k.id = %(kek_id)s and e.keys_changed_at is null and e.real_at < k.created_at

-- name: keks_vacuum
-- the destroyed row's bytes leave the file, too; one page, a moment
vacuum full vault.kek

-- name: vault_copy_keks
select id, wrapped, master_key_id, created_at from vault.kek order by id

-- name: vault_copy_stops
-- as numbers, so that they are told apart exactly
select count(*) filter (where opted_out_at is not null)::int as opted_out,
       coalesce(extract(epoch from max(opted_out_at)), 0)::float8 as newest,
       count(*) filter (where erased_at is not null)::int as buried, (select count(*) from erasure)::int as erasures
  from contact_point where opted_out_at is not null or erased_at is not null

-- name: vault_copy_keys
select id, kek_id, wrapped, lead_id from vault.data_key where id > %(after)s order by id limit %(limit)s

-- name: vault_copy_points
-- whom nobody may write to, and whom nobody may bring back: without a number or an address
select id, kind, hash, erased_at, opted_out_at, opted_out_by from contact_point
 where id > %(after)s and (erased_at is not null or opted_out_at is not null)
 order by id limit %(limit)s

-- name: vault_copy_erasures
select id, at, real_at, actor, lead_id, scope, keys_changed_at from erasure order by real_at

-- name: vault_schema
-- as the migrations make it; a backup may have left the schema out
create schema if not exists vault;
create table if not exists vault.kek (
    id             integer generated always as identity primary key,
    wrapped        bytea not null,
    master_key_id  text not null,
    created_at     timestamptz not null default now(),
    retired_at     timestamptz
);
create table if not exists vault.index_key (
    id             integer primary key default 1 check (id = 1),
    wrapped        bytea not null,
    master_key_id  text not null
);
create table if not exists vault.data_key (
    id       uuid primary key,
    kek_id   integer not null references vault.kek,
    wrapped  bytea not null,
    lead_id  uuid
);
create index if not exists data_key_lead on vault.data_key (lead_id) where lead_id is not null;
truncate vault.data_key, vault.kek, vault.index_key

-- name: vault_join_kek
insert into vault.kek (id, wrapped, master_key_id, created_at) overriding system value
values (%(id)s, %(wrapped)s, %(master_key_id)s, %(created_at)s)

-- name: vault_join_keys
insert into vault.data_key (id, kek_id, wrapped, lead_id)
select * from unnest(%(ids)s::uuid[], %(kek_ids)s::int[], %(wrapped)s::bytea[], %(lead_ids)s::uuid[])

-- name: vault_join_points
insert into contact_point as p (kind, hash, erased_at, opted_out_at, opted_out_by)
select * from unnest(%(kinds)s::text[], %(hashes)s::bytea[], %(erased)s::timestamptz[], %(opted_out)s::timestamptz[],
                     %(by)s::text[])
on conflict (kind, hash) do update
   set erased_at = coalesce(p.erased_at, excluded.erased_at), opted_out_at = coalesce(p.opted_out_at, excluded.opted_out_at),
       opted_out_by = coalesce(p.opted_out_by, excluded.opted_out_by)

-- name: vault_join_erasure
insert into erasure (id, at, real_at, actor, lead_id, scope, keys_changed_at)
values (%(id)s, %(at)s, %(real_at)s, %(actor)s, %(lead_id)s, %(scope)s, %(keys_changed_at)s)
on conflict (id) do nothing
