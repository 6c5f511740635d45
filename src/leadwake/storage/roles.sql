-- Who may do what in the database, for a server of your own. Run by whoever owns the tables (the user that migrates), after
-- each migration; again and again does no harm. The roles log in by nothing: give them to users of your own, such as
--     create user web password '…' in role leadwake_app;
--
--   leadwake_app    runs the product: reads and writes rows, changes no table; of the log it only ever adds
--   leadwake_read   figures: what is sealed, how anybody logs in, and the vault it cannot see
-- leadwake_owner stands for the user that migrates, whatever it is called.

do $$
declare
    one record;
    -- how somebody logs in or is let in, and what vendors gave us; nothing of it belongs into a figure
    hidden constant text[] := array['api_key', 'api_client', 'access_token', 'identity', 'vendor_grant', 'vendor_authorization',
        'app_user', 'session', 'invite', 'used_link', 'setting', 'idempotency', 'json_door',
        'chat', 'visitor', 'lead_token', 'webhook_endpoint', 'import', 'import_batch', 'import_row', 'snippet', 'message_template',
        'procrastinate_jobs', 'procrastinate_events', 'procrastinate_workers', 'procrastinate_periodic_defers'];
    -- rows of these are only ever added, and nothing but the owner may ever change one
    log constant text[] := array['event', 'event_seal'];
begin
    -- 1. the roles, and nothing for anybody else
    if not exists (select from pg_roles where rolname = 'leadwake_app') then create role leadwake_app nologin; end if;
    if not exists (select from pg_roles where rolname = 'leadwake_read') then create role leadwake_read nologin; end if;
    revoke create on schema public from public;
    grant usage on schema public to leadwake_app, leadwake_read;
    grant usage on schema vault to leadwake_app;
    revoke all on schema vault from public, leadwake_read;

    -- 2. rows for the product; of the log it reads and adds
    for one in select n.nspname as place, c.relname as name, c.relkind as kind from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname in ('public', 'vault') and c.relkind in ('r', 'p', 'v') and pg_get_userbyid(c.relowner) = current_user
    loop
        execute format('revoke all on %I.%I from public, leadwake_app, leadwake_read', one.place, one.name);
        if one.name = any(log) then
            execute format('grant select, insert on %I.%I to leadwake_app', one.place, one.name);
        elsif one.name = 'migration' then
            execute format('grant select on %I.%I to leadwake_app', one.place, one.name);
        else
            execute format('grant select, insert, update, delete on %I.%I to leadwake_app', one.place, one.name);
        end if;
    end loop;
    for one in select n.nspname as place, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname in ('public', 'vault') and c.relkind = 'S' and pg_get_userbyid(c.relowner) = current_user
    loop
        execute format('grant usage, select on sequence %I.%I to leadwake_app', one.place, one.name);
    end loop;
    -- a destroyed key's bytes leave the file with this; before PostgreSQL 17 only the owner can, and it is skipped
    if current_setting('server_version_num')::int >= 170000 then execute 'grant maintain on vault.kek to leadwake_app'; end if;

    -- 3. figures: each column that is not sealed (bytea), of tables that let nobody in
    for one in select c.relname as name, string_agg(format('%I', a.attname), ', ' order by a.attnum) as columns
                 from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
                where n.nspname = 'public' and c.relkind in ('r', 'p', 'v') and pg_get_userbyid(c.relowner) = current_user
                  and a.attnum > 0 and not a.attisdropped and a.atttypid <> 'bytea'::regtype and c.relname <> all(hidden)
                group by c.relname
    loop
        execute format('grant select (%s) on public.%I to leadwake_read', one.columns, one.name);
    end loop;
end
$$;
