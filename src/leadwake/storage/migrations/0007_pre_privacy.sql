-- Privacy: erasure with its certificate, restriction, retention, the breach register, and a log that only grows.

-- The person asked to be erased: what files and CRMs say about this contact is refused. No number or address stands here.
alter table contact_point add column erased_at timestamptz;
create index contact_point_kept on contact_point (id) where erased_at is not null or opted_out_at is not null;

-- Kept, never processed (R-GDPR-4).
alter table lead add column restricted_at timestamptz;

-- The raw bytes and whose they were are gone; that something came stays counted.
alter table capture add column erased_at timestamptz;

create table erasure (                  -- one certificate each; its number is random and stands nowhere else
    id               uuid primary key,
    at               timestamptz not null,
    real_at          timestamptz not null default now(),
    actor            text not null,
    lead_id          uuid,              -- the id the log knows them by; cut when the last backup is dark
    data_key_id      uuid,              -- seals what vendors are told by; destroyed with the last one's answer
    scope            jsonb not null,    -- counts of what went
    keys_changed_at  timestamptz        -- real: since then no other copy of their keys opens
);
create index erasure_lead on erasure (lead_id) where lead_id is not null;
create index erasure_of_action on action (cause_id) where kind in ('forget_crm', 'forget_texts');

create table breach (                   -- R-GDPR-10: the authority is to be told within 72 hours of awareness
    id           uuid primary key,
    aware_at     timestamptz not null,
    sealed_text  bytea not null,        -- {what, people, measures}
    told_at      timestamptz,
    recorded_by  text not null,
    recorded_at  timestamptz not null
);

create table chore (                    -- what is done by the clock, and when it last was (business time)
    name  text primary key,
    at    timestamptz not null
);

-- The log only grows -----------------------------------------------------------------------------------------------------

alter table event_seal add column leaves bytea;   -- 16 bytes of SHA-256 a row, so that the altered row can be named

-- Whoever is to cut an erased person's traces, or what is kept no longer, says so for its transaction. This stops accidents
-- and injected statements; against the owner of the database there are the seals.
create function refuse_change() returns trigger
    language plpgsql
as $$
begin
    if coalesce(current_setting('leadwake.forgetting', true), '') <> 'on' then
        raise exception 'rows of % are only ever added', tg_table_name using errcode = 'restrict_violation';
    end if;
    return null;
end
$$;
create trigger only_grows before update or delete or truncate on event for each statement execute function refuse_change();
create trigger only_grows before update or delete or truncate on event_seal for each statement execute function refuse_change();
create trigger only_grows before update or delete or truncate on attempt for each statement execute function refuse_change();
create trigger only_grows before update or delete or truncate on consent for each statement execute function refuse_change();
create trigger only_grows before update or delete or truncate on decision for each statement execute function refuse_change();
