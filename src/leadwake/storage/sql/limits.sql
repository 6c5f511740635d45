-- Limits of vendors that count over all processes and restarts.

-- name: vendor_day_lock
-- the day's count, locked until the transaction ends
insert into vendor_day (account, day) values (%(account)s, %(day)s)
on conflict (account, day) do update set used = vendor_day.used
returning used

-- name: vendor_day_count
update vendor_day set used = greatest(0, used + %(number)s) where account = %(account)s and day = %(day)s

-- name: vendor_day_used
select used from vendor_day where account = %(account)s and day = %(day)s

-- name: vendor_days_forget
delete from vendor_day where day < %(day)s

-- name: worker_processes
-- each has one connection that listens (storage.listener)
select count(*) as n from pg_stat_activity where datname = current_database() and application_name = 'leadwake worker'
