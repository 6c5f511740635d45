-- Lists of leads: stored in batches, worked off in batches, told of row by row, undone.

-- name: import_begin
with new_key as (
    insert into vault.data_key (id, kek_id, wrapped) values (%(key_id)s, %(kek_id)s, %(wrapped)s)
)
insert into import (id, at, by, state, source, options, practice, data_key_id, sealed_about)
values (%(id)s, %(at)s, %(by)s, 'reading', %(source)s, %(options)s, %(practice)s, %(key_id)s, %(about)s)

-- name: import_batches_add
with added as (
    insert into import_batch (import_id, number, body)
    select %(id)s, number, body from unnest(%(numbers)s::int[], %(bodies)s::bytea[]) as b (number, body)
)
update import set rows = rows + %(rows)s, seen_at = now() where id = %(id)s and state = 'reading'

-- name: import_stored
-- all of the file is here
update import set state = 'ready', sealed_about = %(about)s, seen_at = now() where id = %(id)s and state = 'reading'

-- name: import_about
-- how its columns are read, as long as nothing was made of them
update import set sealed_about = %(about)s, source = %(source)s, options = %(options)s, seen_at = now()
 where id = %(id)s and state = 'ready'

-- name: import_start
update import set state = 'working', seen_at = now() where id = %(id)s and state = 'ready'

-- name: import_one
select i.id, i.at, i.by, i.state, i.source, i.options, i.practice, i.sealed_about, i.rows, i.new, i.known, i.duplicate, i.refused,
       i.gone, i.stayed, i.done_at, dk.id as key_id, dk.kek_id, dk.wrapped
  from import i join vault.data_key dk on dk.id = i.data_key_id
 where i.id = %(id)s

-- name: import_list
select i.id, i.at, i.by, i.state, i.source, i.options, i.practice, i.sealed_about, i.rows, i.new, i.known, i.duplicate, i.refused,
       i.gone, i.stayed, i.done_at, dk.id as key_id, dk.kek_id, dk.wrapped
  from import i join vault.data_key dk on dk.id = i.data_key_id
 where i.state <> 'reading'
 order by i.at desc limit 50

-- name: import_turn
-- one batch of an import at a time, so that its rows are taken in their order; whoever comes second goes away
select i.id, i.at, i.by, i.state, i.source, i.options, i.practice, i.sealed_about, i.rows, i.new, i.known, i.duplicate, i.refused,
       i.gone, i.stayed, i.done_at, dk.id as key_id, dk.kek_id, dk.wrapped
  from import i join vault.data_key dk on dk.id = i.data_key_id
 where i.id = %(id)s and i.state = %(state)s
   for no key update of i skip locked

-- name: import_next_batch
select number, body from import_batch where import_id = %(id)s order by number limit 1

-- name: import_batches
-- for a look before anything is done
select number, body from import_batch where import_id = %(id)s and number > %(after)s order by number limit %(limit)s

-- name: import_known_rows
select name, outcome, reason, lead_id from import_row where name = any(%(names)s::bytea[])

-- name: import_points
select id, erased_at is not null as is_erased, opted_out_at is null and bounced_at is null as is_open
  from contact_point where id = any(%(points)s::bigint[])

-- name: import_leads
-- known people, locked in one order
select l.id, l.sealed_profile, l.agent_id, l.restricted_at, l.score, l.temperature, l.reasons, l.data_key_id, dk.kek_id, dk.wrapped
  from lead l join vault.data_key dk on dk.id = l.data_key_id
 where l.id = any(%(ids)s::uuid[])
 order by l.id
   for no key update of l

-- name: import_contacts
select lead_id, contact_point_id, consent from lead_contact where lead_id = any(%(ids)s::uuid[])

-- name: import_look
-- whose the contacts are, without a lock
select p.kind, p.hash, p.erased_at is not null as is_erased, l.id as lead_id, l.restricted_at, l.sealed_profile, l.data_key_id,
       dk.kek_id, dk.wrapped
  from unnest(%(kinds)s::text[], %(hashes)s::bytea[]) as given (kind, hash)
  join contact_point p on p.kind = given.kind and p.hash = given.hash
  left join lead_contact c on c.contact_point_id = p.id
  left join lead l on l.id = c.lead_id
  left join vault.data_key dk on dk.id = l.data_key_id
 order by l.created_at

-- name: import_write
-- everything a batch comes to, in one statement. written: one JSON document, bytes as base64
with given as materialized (
    select %(written)s::json as doc
), rows as materialized (
    select r.* from given, json_to_recordset(doc -> 'rows') as r (number int, outcome text, reason text, name text, lead uuid, capture uuid)
), captures as materialized (
    select c.* from given, json_to_recordset(doc -> 'captures') as c (id uuid, outcome text, reason text, source text, lead uuid,
           key uuid, kek int, wrapped text, body text)
), leads as materialized (
    select l.* from given, json_to_recordset(doc -> 'leads') as l (id uuid, is_new boolean, key uuid, profile text, agent uuid,
           score smallint, temperature text, reasons json, source text, channel text, tokens json, fades timestamptz)
), new_keys as (
    insert into vault.data_key (id, kek_id, wrapped, lead_id)
    select key, kek, decode(wrapped, 'base64'), lead from captures where wrapped is not null
), new_captures as (
    insert into capture (id, at, door, source, outcome, reason, data_key_id, body, lead_id, erased_at)
    select id, %(now)s, 'import', source, outcome, reason, key, decode(body, 'base64'), lead,
           case when wrapped is null then %(now)s::timestamptz end
      from captures
), new_leads as (
    insert into lead (id, data_key_id, sealed_profile, agent_id, status, score, temperature, reasons, source, channel, practice,
                      created_at, last_at, claimed_at, rescore_at)
    select id, key, decode(profile, 'base64'), agent, 'imported', score, temperature, reasons::jsonb, source, channel, %(practice)s,
           %(now)s, %(now)s, case when agent is not null then %(now)s::timestamptz end, fades
      from leads where is_new
), old_leads as (
    update lead l set sealed_profile = decode(n.profile, 'base64'), score = greatest(l.score, n.score),
           temperature = case when n.score > l.score then n.temperature else l.temperature end,
           reasons = case when n.score > l.score then n.reasons::jsonb else l.reasons end
      from leads n where l.id = n.id and not n.is_new
), contacts as (
    insert into lead_contact as c (lead_id, contact_point_id, kind, sealed_value, consent, consent_at, inquiry_at)
    select r.lead, r.point, r.kind, decode(r.value, 'base64'), r.consent, %(now)s, r.asked_at
      from given, json_to_recordset(doc -> 'contacts') as r (lead uuid, point bigint, kind text, value text, consent text, asked_at timestamptz)
    on conflict (contact_point_id, lead_id) do update set consent = excluded.consent, consent_at = excluded.consent_at
     where c.consent <> excluded.consent
), statements as (
    insert into consent (lead_id, contact_point_id, capture_id, channel, level, missing, at)
    select r.lead, r.point, r.capture, r.channel, r.level, string_to_array(r.missing, ','), %(now)s
      from given, json_to_recordset(doc -> 'statements') as r (lead uuid, point bigint, capture uuid, channel text, level text, missing text)
), tokens as (
    insert into lead_token (token, lead_id)
    select t.token::bigint, l.id from leads l, json_array_elements_text(l.tokens) as t (token) order by 1
    on conflict do nothing
), inquiries as (
    insert into inquiry (id, lead_id, channel, source, asked_at, sealed_details, fingerprint, score, temperature, reasons,
                         agent_id, agent_because, planned, listed)
    select r.id, r.lead, r.channel, r.source, %(now)s, decode(r.details, 'base64'), decode(r.fingerprint, 'base64'), r.score,
           r.temperature, r.reasons::jsonb, r.agent, r.because, r.planned, true
      from given, json_to_recordset(doc -> 'inquiries') as r (id uuid, lead uuid, channel text, source text, details text,
           fingerprint text, score smallint, temperature text, reasons json, agent uuid, because text, planned smallint)
), signals as (
    insert into signal (lead_id, cause_id, at, codes)
    select r.lead, r.id, %(now)s, array(select json_array_elements_text(r.signals))
      from given, json_to_recordset(doc -> 'inquiries') as r (id uuid, lead uuid, signals json)
), rescored as (
    insert into rescore (lead_id, at) select id, %(now)s from leads where not is_new
), decisions as (
    insert into routing_decision (at, lead_id, inquiry_id, rules_version, agent_id, trace)
    select %(now)s, r.lead, r.inquiry, %(rules_version)s, r.agent, r.trace::jsonb
      from given, json_to_recordset(doc -> 'decisions') as r (lead uuid, inquiry uuid, agent uuid, trace json)
), actions as (
    insert into action (id, cause_id, kind, recipient, lead_id, channel, purpose, queue, state, practice, created_at, due_at, wake_at,
                        settled_at, reason)
    select r.id, r.cause, r.kind, r.recipient, r.lead, r.channel, r.purpose, 'bulk', r.state, r.practice, %(now)s,
           case when r.state = 'planned' then %(now)s::timestamptz end, case when r.state = 'planned' then now() end,
           case when r.state <> 'planned' then %(now)s::timestamptz end, r.reason
      from given, json_to_recordset(doc -> 'actions') as r (id uuid, cause uuid, kind text, recipient text, lead uuid, channel text,
           purpose text, state text, practice boolean, reason text)
), outcomes as (
    insert into import_row (import_id, number, outcome, reason, name, lead_id, capture_id)
    select %(id)s, number, outcome, reason, decode(name, 'base64'), lead, capture from rows
), worked_off as (
    delete from import_batch where import_id = %(id)s and number = %(batch)s
), counted as (
    update import i set new = i.new + c.new, known = i.known + c.known, duplicate = i.duplicate + c.duplicate,
           refused = i.refused + c.refused, seen_at = now(),
           told_at = case when i.told_at < now() - interval '2 seconds' then now() else i.told_at end,
           state = case when %(is_last)s then 'done' else i.state end,
           done_at = case when %(is_last)s then %(now)s::timestamptz end
      from (select count(*) filter (where outcome = 'new') as new, count(*) filter (where outcome = 'known') as known,
                   count(*) filter (where outcome = 'duplicate') as duplicate, count(*) filter (where outcome = 'refused') as refused
              from rows) c
     where i.id = %(id)s
    returning i.told_at
)
select case when %(is_last)s or told_at = now() then pg_notify('leadwake_live', %(id)s::text) end from counted

-- name: import_done
-- a file without rows, or one whose last batch was the last
update import set state = 'done', done_at = %(now)s where id = %(id)s and state = 'working'

-- name: import_report
select number, outcome, reason, lead_id, kept from import_row where import_id = %(id)s and number > %(after)s order by number limit 5000

-- name: imports_idle
-- somebody was at it and is no more: a worker that died, a command that was stopped
select i.id from import i
 where i.state in ('working', 'undoing') and i.seen_at < now() - interval '10 seconds'
   and not exists (select 1 from procrastinate_jobs j
                    where j.task_name = 'import' and j.status = 'todo' and j.args ->> 'import_id' = i.id::text)

-- name: imports_abandoned
-- a file that was never read to its end, or that nobody started: nothing was made of it, and nothing is kept of it
with old as (
    delete from import where (state = 'reading' and seen_at < now() - interval '1 hour')
                          or (state = 'ready' and seen_at < now() - interval '7 days')
    returning data_key_id
)
delete from vault.data_key k using old where k.id = old.data_key_id

-- name: import_drop
with gone as (
    delete from import where id = %(id)s and state in ('reading', 'ready') returning data_key_id
)
delete from vault.data_key k using gone where k.id = gone.data_key_id

-- name: import_undo
-- what still waits is not taken in any more
with waiting as (
    delete from import_batch where import_id = %(id)s and exists (select 1 from import where id = %(id)s and state in ('working', 'done'))
)
update import set state = 'undoing', seen_at = now() where id = %(id)s and state in ('working', 'done')

-- name: import_undo_rows
-- of the people it brought, those that no undo has looked at yet; rows of nobody need no look
select number, lead_id from import_row
 where import_id = %(id)s and outcome = 'new' and lead_id is not null and kept is null
 order by number limit %(limit)s

-- name: import_undo_points
-- in the order in which everybody locks contacts
select p.id from contact_point p
 where p.id in (select contact_point_id from lead_contact where lead_id = any(%(ids)s::uuid[]))
 order by p.hash
   for update

-- name: import_undo_leads
-- locked; touched: why a lead stays, null for one that nothing but this import ever named
select l.id,
       case when exists (select 1 from inquiry i where i.lead_id = l.id and not i.listed) then 'asked'
            when exists (select 1 from inquiry i where i.lead_id = l.id
                            and not exists (select 1 from import_row r where r.capture_id = i.id and r.import_id = %(id)s)) then 'listed_again'
            when exists (select 1 from message m where m.lead_id = l.id) then 'wrote'
            when exists (select 1 from call c where c.lead_id = l.id) then 'called'
            when exists (select 1 from meeting m where m.lead_id = l.id)
              or exists (select 1 from booking_link b where b.lead_id = l.id) then 'booked'
            when exists (select 1 from action a where a.lead_id = l.id and a.kind = 'crm' and a.state <> 'skipped') then 'in_crm'
            when exists (select 1 from action a where a.lead_id = l.id and a.kind <> 'crm'
                            and not (a.kind in ('nurture_sms', 'nurture_email') and a.state in ('cancelled', 'skipped', 'blocked')))
                 then 'written_to'
            when exists (select 1 from note n where n.lead_id = l.id) or exists (select 1 from letter t where t.lead_id = l.id)
              or exists (select 1 from task t where t.lead_id = l.id)
              or exists (select 1 from event e where e.lead_id = l.id and e.kind not in ('enrolled', 'sequence_stopped', 'sequence_done'))
              or l.contacted_at is not null or l.paused_at is not null or l.restricted_at is not null or l.status <> 'imported'
              or exists (select 1 from offer o where o.lead_id = l.id) or exists (select 1 from escalation e where e.lead_id = l.id)
                 then 'worked_on'
       end as touched
  from lead l where l.id = any(%(ids)s::uuid[])
 order by l.id
   for update

-- name: import_undo_write
-- the untouched go, with their keys; the captures stay counted, without what they said. A contact that is nobody's now and
-- says nothing by itself (no opt-out, no tombstone) goes, too
with stays as (
    update import_row r set kept = s.why
      from unnest(%(stay_ids)s::uuid[], %(whys)s::text[]) as s (id, why)
     where r.import_id = %(id)s and r.lead_id = s.id
), rows as (
    update import_row set lead_id = null, name = null, kept = 'gone' where lead_id = any(%(gone_ids)s::uuid[])
), skipped as (
    delete from action where lead_id = any(%(gone_ids)s::uuid[])
), routed as (
    delete from routing_decision where lead_id = any(%(gone_ids)s::uuid[])
), statements as (
    delete from consent where lead_id = any(%(gone_ids)s::uuid[])
), captures as (
    update capture set body = '', source = '', reason = null, lead_id = null, erased_at = %(now)s where lead_id = any(%(gone_ids)s::uuid[])
), keys as (
    delete from vault.data_key where lead_id = any(%(gone_ids)s::uuid[])
), gone as (
    delete from lead where id = any(%(gone_ids)s::uuid[])
)
update import set gone = gone + cardinality(%(gone_ids)s::uuid[]), stayed = stayed + cardinality(%(stay_ids)s::uuid[]), seen_at = now()
 where id = %(id)s

-- name: import_undo_contacts
delete from contact_point p
 where p.id = any(%(points)s::bigint[]) and p.opted_out_at is null and p.erased_at is null and p.bounced_at is null
   and p.voice_stopped_at is null
   and not exists (select 1 from lead_contact c where c.contact_point_id = p.id)
   and not exists (select 1 from action a where a.contact_point_id = p.id)
   and p.id not in (select contact_point_id from message where contact_point_id = any(%(points)s::bigint[]))
   and p.id not in (select contact_point_id from call where contact_point_id = any(%(points)s::bigint[]))

-- name: import_undone
-- the rows of nobody are forgotten, too: the same file may come again
with rows as (
    update import_row set name = null where import_id = %(id)s and name is not null and kept is null
)
update import set state = 'undone', seen_at = now() where id = %(id)s and state = 'undoing'

-- name: erase_import_rows
update import_row set lead_id = null, capture_id = null, name = null where lead_id = %(lead_id)s

-- name: import_undoing
select 1 from import where id = %(id)s and state = 'undoing'
