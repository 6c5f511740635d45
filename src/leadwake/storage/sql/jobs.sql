-- The job library's tables, where one statement for many jobs is much cheaper than one for each.

-- name: jobs_fetch
-- procrastinate_fetch_job_v2 for many at once; we use no locks, so its look at other jobs of the same lock falls away.
-- A wake-up for actions is over as soon as their ids are handed to the vendors' slots, so it is taken rather than begun and
-- finished: one statement and one commit less. Should its worker die in between, the pump finds the actions (wake_at), as it
-- does when the worker dies a moment later.
with candidate as (
    select id, task_name from procrastinate_jobs
     where status = 'todo' and queue_name = any(%(queues)s::varchar[]) and (scheduled_at is null or scheduled_at <= now())
     order by priority desc, id
     limit %(limit)s
       for update skip locked
), taken as (
    delete from procrastinate_jobs j using candidate c where j.id = c.id and c.task_name = 'attempt'
    returning j.id, j.status, j.task_name, j.priority, j.lock, j.queueing_lock, j.args, j.scheduled_at, j.queue_name, j.attempts,
              %(worker_id)s::bigint as worker_id
), begun as (
    update procrastinate_jobs j set status = 'doing', worker_id = %(worker_id)s
      from candidate c where j.id = c.id and c.task_name <> 'attempt'
    returning j.id, j.status, j.task_name, j.priority, j.lock, j.queueing_lock, j.args, j.scheduled_at, j.queue_name, j.attempts,
              j.worker_id
)
select * from taken union all select * from begun

-- name: jobs_finish
delete from procrastinate_jobs where id = any(%(ids)s)

-- name: jobs_give_back
update procrastinate_jobs set status = 'todo', worker_id = null where id = any(%(ids)s) and status = 'doing'

-- name: jobs_defer
select procrastinate_defer_jobs_v1(array(
    select row(queue, task, priority, null, null, args::jsonb, null)::procrastinate_job_to_defer_v1
      from unnest(%(queues)s::text[], %(tasks)s::text[], %(priorities)s::int[], %(args)s::text[]) as j (queue, task, priority, args)))

-- name: jobs_requeue_stalled
-- a worker that has not beaten for 8 s is taken for dead; its jobs are wake-ups only, so running one twice harms nobody
with stalled as (
    update procrastinate_jobs j set status = 'todo', worker_id = null
     where j.status = 'doing'
       and (j.worker_id is null
            or j.worker_id in (select id from procrastinate_workers where last_heartbeat < now() - interval '8 seconds'))
    returning j.id, j.queue_name
), told as (
    select pg_notify('procrastinate_queue_v1#' || queue_name, json_build_object('type', 'job_inserted', 'job_id', max(id))::text)
      from stalled group by queue_name
)
select (select count(*) from stalled) as n, (select count(*) from told) as queues

-- name: jobs_prune_workers
delete from procrastinate_workers where last_heartbeat < now() - interval '60 seconds'

-- name: jobs_waiting
select queue_name, count(*) as n from procrastinate_jobs where status = 'todo' group by queue_name

-- name: queue_lags
-- seconds that the oldest overdue action of each queue waits; 0 where nothing does
select q.queue, coalesce(extract(epoch from %(now)s::timestamptz - min(a.due_at)), 0)::float8 as seconds
  from unnest(%(queues)s::text[]) as q (queue)
  left join action a on a.queue = q.queue and a.state in ('planned', 'deferred') and a.due_at <= %(now)s
 group by q.queue
