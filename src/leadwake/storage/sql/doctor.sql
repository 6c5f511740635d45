-- What `leadwake doctor` looks at.

-- name: doctor_server
select current_setting('server_version') as version, current_setting('fsync') as fsync,
       current_setting('full_page_writes') as full_page_writes, current_setting('synchronous_commit') as synchronous_commit,
       current_setting('server_encoding') as encoding, pg_is_in_recovery() as is_replica, clock_timestamp() as now

-- name: doctor_workers
-- a worker beats every two seconds, and counts as dead after eight
select count(*) filter (where last_heartbeat > now() - interval '8 seconds') as alive, max(last_heartbeat) as last_at
  from procrastinate_workers

-- name: doctor_overdue
select count(*) as n, min(due_at) as oldest_at
  from action where state in ('planned', 'deferred') and due_at < %(late_at)s

-- name: doctor_pending_captures
select count(*) as n from capture where outcome = 'pending'

-- name: doctor_api_keys
select count(*) as n from api_key where revoked_at is null

-- name: doctor_unfetched
select count(*) as n, max(reason) as reason from capture where outcome = 'pending' and door = 'meta'
