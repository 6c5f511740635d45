-- A person exported, corrected, restricted, erased; the certificates; the breach register.

-- name: forgetting
-- for this transaction, traces of a person may be taken out of what otherwise only grows
select set_config('leadwake.forgetting', 'on', true)

-- name: erase_points
-- in the order in which everybody locks contacts (by hash)
select p.id, p.kind, p.hash, p.opted_out_at, p.opted_out_by,
       exists (select 1 from lead_contact o where o.contact_point_id = p.id and o.lead_id <> %(lead_id)s) as is_shared
  from contact_point p
 where p.id in (select contact_point_id from lead_contact where lead_id = %(lead_id)s)
 order by p.hash
   for update

-- name: erase_lead
select l.id, l.data_key_id, l.sealed_profile, l.practice, dk.kek_id, dk.wrapped,
       (select array_agg(contact_point_id) from lead_contact where lead_id = l.id) as points
  from lead l left join vault.data_key dk on dk.id = l.data_key_id
 where l.id = %(lead_id)s
   for update of l

-- name: erase_counts
select (select count(*) from lead_contact where lead_id = %(lead_id)s) as contacts,
       (select count(*) from inquiry where lead_id = %(lead_id)s) as inquiries,
       (select count(*) from capture where lead_id = %(lead_id)s) as captures,
       (select count(*) from message where lead_id = %(lead_id)s) as messages_in,
       (select count(*) from call where lead_id = %(lead_id)s) as calls,
       (select count(*) from meeting where lead_id = %(lead_id)s) as meetings,
       (select count(*) from visit where lead_id = %(lead_id)s) as visits,
       (select count(*) from signal where lead_id = %(lead_id)s) as signals,
       (select count(*) from enrollment where lead_id = %(lead_id)s) as sequences,
       (select count(*) from action where lead_id = %(lead_id)s and content is not null) as messages_out,
       (select count(*) from letter where lead_id = %(lead_id)s) as letters,
       (select count(*) from note where lead_id = %(lead_id)s) as notes,
       (select count(*) from enrichment where lead_id = %(lead_id)s) as enrichments,
       (select count(*) from action where lead_id = %(lead_id)s and state in ('planned', 'deferred')) as open_actions,
       (select count(*) from vault.data_key where lead_id = %(lead_id)s) as keys,
       (select count(*) from consent where lead_id = %(lead_id)s) as consents_kept,
       (select count(*) from event where lead_id = %(lead_id)s) as events_kept,
       (select count(*) from attempt t join action a on a.id = t.action_id where a.lead_id = %(lead_id)s) as attempts_kept

-- name: erase_known
-- what vendors know them by: also of earlier tries, and a CRM record that nobody knows the number of
select distinct case a.channel when 'crm' then 'forget_crm' when 'crm_gohighlevel' then 'forget_gohighlevel' when 'slack' then 'forget_slack' else 'forget_texts' end as kind,
       case a.kind when 'crm_note' then 'note:' || r.ref when 'crm_deal' then 'deal:' || r.ref else r.ref end as ref, a.practice
  from action a
  left join attempt t on t.action_id = a.id and t.detail ? 'ref'
 cross join lateral (select unnest(array[a.vendor_ref, t.detail ->> 'ref']) as ref) r
 where a.lead_id = %(lead_id)s and a.attempts > 0 and (a.vendor in ('twilio', 'hubspot', 'gohighlevel', 'slack'))
   and (r.ref is not null or a.kind = 'crm')
union
select 'forget_texts', m.ref, %(practice)s
  from message m
 where m.vendor = 'twilio' and (m.lead_id = %(lead_id)s or (m.lead_id is null and m.contact_point_id = any(%(own_points)s)))
union
select 'forget_texts', c.ref, %(practice)s
  from call c
 where c.ref is not null and (c.lead_id = %(lead_id)s or (c.lead_id is null and c.contact_point_id = any(%(own_points)s)))

-- name: erase_cancel
with u as (
    update action set state = 'cancelled', due_at = null, wake_at = null, settled_at = %(now)s, reason = 'erased'
     where lead_id = %(lead_id)s and state in ('planned', 'deferred')
    returning id, attempt_id
)
insert into attempt (action_id, attempt_id, at, event, state, detail)
select id, attempt_id, %(now)s, 'cancelled', 'cancelled', '{"reason": "erased"}' from u

-- name: erase_actions
-- one under way keeps its contact until it has settled: a STOP waits for it, and a cap counts it
update action
   set content = null, data_key_id = null, vendor_ref = null, contact_point_id = null
 where lead_id = %(lead_id)s and state <> 'sending'

-- name: erase_actions_under_way
update action a set content = null, contact_point_id = v.new_id
  from unnest(%(old_ids)s::bigint[], %(new_ids)s::bigint[]) as v (old_id, new_id)
 where a.lead_id = %(lead_id)s and a.state = 'sending' and a.contact_point_id = v.old_id

-- name: erase_attempts
-- the vendor's own number of a message leads to the person; that it was tried, and when, stays
update attempt t set detail = t.detail - 'ref' - 'event'
  from action a
 where a.lead_id = %(lead_id)s and t.action_id = a.id and t.detail ?| array['ref', 'event']

-- name: erase_idempotency
delete from idempotency where capture_id in (select id from capture where lead_id = %(lead_id)s)

-- name: erase_routing_decisions
delete from routing_decision where lead_id = %(lead_id)s

-- name: erase_messages
delete from message
 where lead_id = %(lead_id)s or (lead_id is null and contact_point_id = any(%(own_points)s))
returning data_key_id

-- name: erase_captures
update capture set body = '', source = '', reason = null, lead_id = null, erased_at = %(now)s
 where lead_id = %(lead_id)s
returning data_key_id

-- name: erase_row
-- with its contacts, name words and inquiries
delete from lead where id = %(lead_id)s

-- name: erase_keys
delete from vault.data_key where lead_id = %(lead_id)s or id = any(%(ids)s) returning id

-- name: erase_point
-- whatever named this contact in the past names nobody now; what must be known of it goes on in a row of its own
with gone as (
    update contact_point
       set hash = decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
           opted_out_at = null, opted_out_by = null, erased_at = null
     where id = %(id)s
)
select kind, hash from contact_point where id = %(id)s

-- name: tombstone_add
insert into contact_point (kind, hash, erased_at, opted_out_at, opted_out_by)
values (%(kind)s, %(hash)s, %(erased_at)s, %(opted_out_at)s, %(opted_out_by)s)
returning id

-- name: tombstone_mark
update contact_point set erased_at = %(erased_at)s where id = %(id)s

-- name: tombstoned
-- a contact of somebody erased, which this lead does not have itself
select 1 from contact_point p
 where p.id = any(%(points)s) and p.erased_at is not null
   and not exists (select 1 from lead_contact c where c.contact_point_id = p.id and c.lead_id = %(lead_id)s)
 limit 1

-- name: erasure_add
insert into erasure (id, at, actor, lead_id, data_key_id, scope)
values (%(id)s, %(at)s, %(actor)s, %(lead_id)s, %(key_id)s, %(scope)s)

-- name: erasure_order
insert into action (id, cause_id, kind, recipient, ordinal, channel, purpose, queue, state, practice, created_at, due_at,
                    wake_at, settled_at, reason, data_key_id, content)
values (%(id)s, %(cause_id)s, %(kind)s, %(recipient)s, %(ordinal)s, %(channel)s, %(purpose)s, 'bulk', %(state)s, %(practice)s,
        %(now)s, case when %(state)s = 'planned' then %(now)s::timestamptz end,
        case when %(state)s = 'planned' then now() + interval '8 seconds' end,
        case when %(state)s <> 'planned' then %(now)s::timestamptz end,
        case when %(state)s <> 'planned' then 'planned_in_practice' end, %(key_id)s, %(content)s)

-- name: erasures
select e.id, e.at, e.real_at, e.actor, e.scope, e.keys_changed_at from erasure e order by e.at desc, e.id limit %(limit)s

-- name: erasure
select e.id, e.at, e.real_at, e.actor, e.scope, e.keys_changed_at from erasure e where e.id = %(id)s

-- name: erasure_orders
select cause_id, kind, state, reason, settled_at, practice from action
 where cause_id = any(%(ids)s) and kind in ('forget_crm', 'forget_texts', 'forget_slack', 'forget_gohighlevel')
 order by kind, ordinal

-- name: erasures_with_late_news
-- something of theirs was under way when they were erased, and has come to its end since
select e.id, e.at, e.lead_id, e.data_key_id,
       (select coalesce(max(o.ordinal) + 1, 0) from action o where o.cause_id = e.id) as orders
  from erasure e
 where e.lead_id is not null
   and (exists (select 1 from action a where a.lead_id = e.lead_id and a.state not in ('sending', 'planned', 'deferred')
                   and (a.vendor_ref is not null or a.content is not null or a.contact_point_id is not null))
        or exists (select 1 from action a join attempt t on t.action_id = a.id
                    where a.lead_id = e.lead_id and t.detail ?| array['ref', 'event']))
 limit 100
   for update of e skip locked

-- name: erasure_key
update erasure set data_key_id = %(key_id)s where id = %(id)s

-- name: data_key_read
select id, kek_id, wrapped from vault.data_key where id = %(id)s

-- name: erasure_orders_carried_out
-- what a vendor has confirmed need not be known any more
with done as (
    update action set content = null, data_key_id = null
     where kind in ('forget_crm', 'forget_texts', 'forget_slack', 'forget_gohighlevel') and state in ('sent', 'cancelled') and content is not null
), over as (
    select e.id, e.data_key_id from erasure e
     where e.data_key_id is not null
       and not exists (select 1 from action a where a.cause_id = e.id and a.kind in ('forget_crm', 'forget_texts', 'forget_slack', 'forget_gohighlevel')
                          and a.state not in ('sent', 'cancelled'))
), gone as (
    delete from vault.data_key k using over where k.id = over.data_key_id returning k.id
)
update erasure e set data_key_id = null from over where e.id = over.id

-- name: erasures_unlink
-- the last backup that holds their rows is gone: nothing leads from the certificate into the log any more
update erasure set lead_id = null
 where lead_id is not null and keys_changed_at is not null and real_at < now() - make_interval(days => %(days)s)

-- name: leads_without_key
-- of a restored database: whoever was erased since the backup was made. Rows younger than the vault's copy may only lack
-- their key because the copy is older
select l.id from lead l left join vault.data_key k on k.id = l.data_key_id
 where (k.id is null and l.created_at < %(before)s) or l.id in (select lead_id from erasure where lead_id is not null)
 order by l.id limit %(limit)s

-- name: captures_without_key
update capture c set body = '', source = '', reason = null, lead_id = null, erased_at = %(now)s,
       outcome = case when outcome = 'pending' then 'rejected' else outcome end, retry_at = null
 where c.body <> '' and c.real_at < %(before)s and not exists (select 1 from vault.data_key k where k.id = c.data_key_id)

-- name: messages_without_key
delete from message m
 where m.at < %(before)s and not exists (select 1 from vault.data_key k where k.id = m.data_key_id)

-- name: restrict
update lead set restricted_at = case when %(on)s then coalesce(restricted_at, %(now)s) end
 where id = %(lead_id)s and (restricted_at is not null) <> %(on)s

-- name: lead_standing
select restricted_at from lead where id = %(lead_id)s

-- name: lead_points_locked
select p.id, p.kind from contact_point p
 where p.id in (select contact_point_id from lead_contact where lead_id = %(lead_id)s)
 order by p.hash
   for no key update

-- name: correct_profile
update lead set sealed_profile = %(profile)s where id = %(lead_id)s

-- name: correct_contact_gone
delete from lead_contact where lead_id = %(lead_id)s and kind = %(kind)s and contact_point_id <> %(point)s

-- name: correct_contact
insert into lead_contact (lead_id, contact_point_id, kind, sealed_value, consent, consent_at)
values (%(lead_id)s, %(point)s, %(kind)s, %(value)s, 'none', %(now)s)
on conflict (contact_point_id, lead_id) do nothing

-- name: correct_tokens_gone
delete from lead_token where lead_id = %(lead_id)s

-- name: correct_tokens
insert into lead_token (token, lead_id) select token, %(lead_id)s from unnest(%(tokens)s::bigint[]) as t (token)
on conflict do nothing

-- name: crm_record
-- what the CRM knows them by, from the last time it was written
select vendor_ref as ref from action
 where lead_id = %(lead_id)s and kind = 'crm' and recipient = %(crm)s and vendor_ref is not null
 order by created_at desc limit 1

-- name: action_known_as
update action set vendor_ref = %(ref)s where id = %(id)s

-- name: breach_add
insert into breach (id, aware_at, sealed_text, recorded_by, recorded_at)
values (%(id)s, %(aware_at)s, %(sealed)s, %(actor)s, %(now)s)

-- name: breach_told
update breach set told_at = %(now)s where id = %(id)s and told_at is null

-- name: breaches
select id, aware_at, sealed_text, told_at, recorded_by, recorded_at from breach order by aware_at desc limit 200

-- name: export_captures
select c.id, c.at, c.door, c.source, c.outcome, c.body, dk.id as key_id, dk.kek_id, dk.wrapped
  from capture c join vault.data_key dk on dk.id = c.data_key_id
 where c.lead_id = %(lead_id)s and c.body <> '' order by c.at, c.id

-- name: export_contacts
select c.kind, c.contact_point_id, c.sealed_value, c.consent, c.consent_at, c.inquiry_at, p.opted_out_at, p.opted_out_by
  from lead_contact c join contact_point p on p.id = c.contact_point_id
 where c.lead_id = %(lead_id)s order by c.kind, c.contact_point_id

-- name: export_consents
select id, contact_point_id, capture_id, channel, level, missing, at from consent where lead_id = %(lead_id)s order by id

-- name: export_messages
select m.id, m.vendor, m.ref, m.channel, m.intent, m.body, m.heading, m.at, dk.id as key_id, dk.kek_id, dk.wrapped
  from message m join vault.data_key dk on dk.id = m.data_key_id
 where m.lead_id = %(lead_id)s order by m.at, m.id

-- name: export_events
select id, at, actor, kind, data from event where lead_id = %(lead_id)s order by id
