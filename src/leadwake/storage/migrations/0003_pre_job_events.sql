-- The job library keeps a history of every job's states, three rows a job. Nothing here reads it: a job is a wake-up, what
-- became of the work stands in action, attempt and capture. The rows cost a tenth of what the database spends on a lead, and
-- nobody would prune them. The table stays, as the library's schema names it.
drop trigger procrastinate_trigger_status_events_update_v1 on procrastinate_jobs;
drop trigger procrastinate_trigger_status_events_insert_v1 on procrastinate_jobs;
drop trigger procrastinate_trigger_scheduled_events_v1 on procrastinate_jobs;
truncate procrastinate_events;
