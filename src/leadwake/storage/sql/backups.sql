-- Backups, their rehearsals, and what a restored house holds back; storage/backups.py, ops/backups.py, ops/restoring.py.

-- name: backup_counts
select (select count(*) from capture) as captures, (select count(*) from lead) as leads,
       (select count(*) from action) as actions, (select count(*) from event) as events

-- name: backup_add
insert into backup (id, real_at, why, path, host, bytes, seconds, problem)
values (%(id)s, %(real_at)s, %(why)s, %(path)s, %(host)s, %(bytes)s, %(seconds)s, %(problem)s)

-- name: backup_ask
insert into backup (id, real_at, why, asked_by)
select %(id)s, now(), 'by_hand', %(by)s where not exists (select 1 from backup where path is null and problem is null)

-- name: backup_answered
-- whoever asked for one has it, or hears why not
delete from backup where path is null and problem is null

-- name: backup_copied
update backup set copied_at = case when %(problem)s::text is null then now() end, copy_problem = %(problem)s where id = %(id)s

-- name: backup_standing
-- the newest that was made, what went wrong since, and how old this installation is (real time)
select b.real_at, b.path, b.host, b.bytes, b.seconds, b.copied_at, b.copy_problem,
       f.real_at as failed_at, f.problem, a.real_at as asked_at, a.asked_by,
       (select min(at) from migration) as installed_at
  from (select 1) one
  left join lateral (select * from backup where path is not null order by real_at desc limit 1) b on true
  left join lateral (select * from backup where problem is not null and real_at > coalesce(b.real_at, '-infinity')
                      order by real_at desc limit 1) f on true
  left join lateral (select real_at, asked_by from backup where path is null and problem is null limit 1) a on true

-- name: backups_recent
select id, real_at, why, path, host, bytes, seconds, problem, copied_at, copy_problem from backup
 where path is not null or problem is not null order by real_at desc limit %(limit)s

-- name: backups_forget
delete from backup where real_at < now() - interval '400 days'

-- name: rehearsal_add
insert into backup_rehearsal (backup_at, outcome, seconds, counts, problems)
values (%(backup_at)s, %(outcome)s, %(seconds)s, %(counts)s, %(problems)s)

-- name: rehearsal_newest
select real_at, backup_at, outcome, seconds, counts, problems from backup_rehearsal order by real_at desc, id desc limit 1

-- name: restore_add
insert into restore (at, backup_at, erased) values (%(at)s, %(backup_at)s, %(erased)s)

-- name: restore_newest
select id, at, real_at, backup_at, erased, released_at, released_by, sends from restore order by id desc limit 1

-- name: restore_release
update restore set released_at = %(now)s, released_by = %(actor)s, sends = %(sends)s
 where id = (select max(id) from restore) and released_at is null

-- name: restore_waiting
-- what automation wanted to send to people from the backup: how much, to how many
select count(*)::int as messages, count(distinct lead_id)::int as people from action where state = 'deferred' and reason = 'restored'

-- name: restore_wake
update action set due_at = %(now)s, wake_at = now() where state = 'deferred' and reason = 'restored'

-- name: leads_dark
-- of a restored database: leads whose keys are not in the vault, though nobody erased them
select count(*)::int as n from lead l where not exists (select 1 from vault.data_key k where k.id = l.data_key_id)

-- name: lead_to_open
select l.sealed_profile, k.id as key_id, k.kek_id, k.wrapped from lead l join vault.data_key k on k.id = l.data_key_id
 order by l.id desc limit 1

-- name: vault_is_there
select 1 from vault.kek limit 1

-- Databases beside ours ------------------------------------------------------------------------------------------------

-- name: snapshot_export
select pg_export_snapshot() as name

-- name: migration_newest
select max(name) as name from migration

-- name: is_there
select to_regclass(%(table)s) is not null as there

-- name: database_is_used
-- anything of anybody's: a table, a view, a sequence
select exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'p', 'v', 'm', 'S') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema') as used

-- name: database_has_roles
select exists (select from pg_roles where rolname = 'leadwake_app') as there

-- name: database_may_create
select rolcreatedb or rolsuper as may from pg_roles where rolname = current_user

-- name: database_size
select pg_database_size(current_database()) as n

-- name: databases_like
select datname from pg_database where datname ~ %(pattern)s

-- name: database_others
select count(*)::int as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
