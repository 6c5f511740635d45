-- What the gate decides by: tables and the team's policy, each with every version there was.

-- name: rules_in_force
select (select version from rule_table where active) as table_version, (select max(version) from policy) as policy_version,
       (select max(version) from routing_rules) as routing_version, (select max(version) from score_weights) as weights_version

-- name: rule_table_files
select files from rule_table where version = %(version)s

-- name: rule_table_add
insert into rule_table (version, loaded_at, loaded_by, reason, files)
values (%(version)s, %(at)s, %(by)s, %(reason)s, %(files)s)
on conflict (version) do nothing

-- name: rule_tables_lock
-- one set is in force: changes come one after the other
lock table rule_table in share row exclusive mode

-- name: rule_tables_rest
update rule_table set active = false where active

-- name: rule_table_use
update rule_table set active = true where version = %(version)s

-- name: rule_tables
select version, loaded_at, loaded_by, reason, active from rule_table order by real_at, version

-- name: policies_lock
-- one change at a time; readers go on
lock table policy in share row exclusive mode

-- name: policy_read
select version, value from policy where version = %(version)s

-- name: policy_latest
select version, value from policy order by version desc limit 1

-- name: policy_add
insert into policy (version, at, by, reason, value) values (%(version)s, %(at)s, %(by)s, %(reason)s, %(value)s)

-- name: policies
select version, at, by, reason, value from policy order by version desc limit %(limit)s

-- name: deferred_asked_again
-- the rules have changed: what waits by the old ones is decided anew, once every process has had time to hear of it
update action set due_at = least(due_at, %(now)s), wake_at = now() + interval '3 seconds' where state = 'deferred'
