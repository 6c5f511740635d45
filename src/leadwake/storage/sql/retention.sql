-- What is kept no longer (R-GDPR-9). Each statement does a batch; again until nothing is left of it.

-- name: forgetting_still
select set_config('leadwake.forgetting', 'on', true)

-- name: retention_leads
-- no word of theirs for so long, and never one in answer to us; or no contact for longer
select l.id from lead l
 where (l.last_at < %(lead_before)s and not exists (select 1 from message m where m.lead_id = l.id and m.at >= %(lead_before)s))
    or (l.last_at < %(unanswered_before)s and not exists (select 1 from message m where m.lead_id = l.id and m.intent <> 'asked'))
 order by l.last_at limit %(limit)s

-- name: retention_leads_count
select count(*) as n from lead l
 where (l.last_at < %(lead_before)s and not exists (select 1 from message m where m.lead_id = l.id and m.at >= %(lead_before)s))
    or (l.last_at < %(unanswered_before)s and not exists (select 1 from message m where m.lead_id = l.id and m.intent <> 'asked'))

-- name: retention_inquiries
-- of a lead that stays: an old inquiry that they never came back to, or whose words are too old
with old as (
    select i.id, i.lead_id, i.asked_at from inquiry i
     where i.asked_at < %(message_before)s
        or (i.asked_at < %(unanswered_before)s
            and not exists (select 1 from message m where m.lead_id = i.lead_id and m.at >= i.asked_at and m.intent <> 'asked'))
     order by i.asked_at limit %(limit)s
       for no key update skip locked
), rows_gone as (
    delete from inquiry i using old where i.id = old.id
), signals_gone as (
    delete from signal s using old where s.lead_id = old.lead_id and s.cause_id = old.id
), asked as (
    -- the same words, as the first line of a chat
    delete from message m using old where m.lead_id = old.lead_id and m.at = old.asked_at and m.intent = 'asked'
), answers as (
    update action a set content = null from old where a.cause_id = old.id and a.state not in ('sending', 'planned', 'deferred')
), keys_gone as (
    -- the first capture's key is the lead's own
    delete from vault.data_key k using capture c, old
     where c.id = old.id and k.id = c.data_key_id and not exists (select 1 from lead l where l.data_key_id = k.id)
)
update capture c set body = '', source = '', reason = null, lead_id = null, erased_at = %(now)s from old where c.id = old.id

-- name: retention_inquiries_count
select count(*) as n from inquiry i
 where i.asked_at < %(message_before)s
    or (i.asked_at < %(unanswered_before)s
        and not exists (select 1 from message m where m.lead_id = i.lead_id and m.at >= i.asked_at and m.intent <> 'asked'))

-- name: retention_messages_in
with old as (
    select id from message where at < %(message_before)s and body <> '' order by at limit %(limit)s for no key update skip locked
)
update message m set body = '', heading = null from old where m.id = old.id

-- name: retention_messages_in_count
select count(*) as n from message where at < %(message_before)s and body <> ''

-- name: retention_messages_out
with old as (
    select id from action
     where settled_at < %(message_before)s and content is not null and kind not in ('forget_crm', 'forget_texts', 'forget_slack', 'forget_gohighlevel')
     limit %(limit)s for no key update skip locked
)
update action a set content = null from old where a.id = old.id

-- name: retention_messages_out_count
select count(*) as n from action
 where settled_at < %(message_before)s and content is not null and kind not in ('forget_crm', 'forget_texts', 'forget_slack', 'forget_gohighlevel')

-- name: retention_letters
-- one that still waits for its time is not too old
with old as (
    select id from letter where send_at < %(message_before)s limit %(limit)s for update skip locked
)
delete from letter t using old where t.id = old.id

-- name: retention_letters_count
select count(*) as n from letter where send_at < %(message_before)s

-- name: retention_notes
with old as (
    select id from note where at < %(message_before)s limit %(limit)s for update skip locked
)
delete from note n using old where n.id = old.id

-- name: retention_notes_count
select count(*) as n from note where at < %(message_before)s

-- name: retention_enrichments
with old as (
    select action_id from enrichment where asked_at < %(unanswered_before)s limit %(limit)s for update skip locked
)
delete from enrichment e using old where e.action_id = old.action_id

-- name: retention_enrichments_count
select count(*) as n from enrichment where asked_at < %(unanswered_before)s

-- name: retention_strangers
-- texts of people who are nobody's lead
with old as (
    select id, data_key_id from message
     where lead_id is null and at < %(capture_before)s limit %(limit)s for update skip locked
), keys_gone as (
    delete from vault.data_key k using old where k.id = old.data_key_id
)
delete from message m using old where m.id = old.id

-- name: retention_strangers_count
select count(*) as n from message where lead_id is null and at < %(capture_before)s

-- name: retention_calls
-- of people who are nobody's lead: only that somebody called, and the vendor's number of it
with old as (
    select id from call
     where lead_id is null and state not in ('planned', 'ringing', 'talking') and at < %(capture_before)s
     limit %(limit)s for update skip locked
)
delete from call c using old where c.id = old.id

-- name: retention_calls_count
select count(*) as n from call
 where lead_id is null and state not in ('planned', 'ringing', 'talking') and at < %(capture_before)s

-- name: retention_captures
-- what became nobody's lead: its key and bytes are gone; that it came stays counted
with old as (
    select id, data_key_id from capture
     where lead_id is null and outcome in ('spam', 'rejected') and at < %(capture_before)s and body <> ''
     limit %(limit)s
       for no key update skip locked
), gone as (
    delete from vault.data_key k using old where k.id = old.data_key_id
)
update capture c set body = '' from old where c.id = old.id

-- name: retention_captures_count
select count(*) as n from capture
 where lead_id is null and outcome in ('spam', 'rejected') and at < %(capture_before)s and body <> ''

-- name: retention_proofs
-- consent of people who are here no longer; while they are, it is in use
with old as (
    select c.id from consent c
     where c.at < %(proof_before)s and not exists (select 1 from lead l where l.id = c.lead_id) limit %(limit)s
)
delete from consent c using old where c.id = old.id

-- name: retention_proofs_count
select count(*) as n from consent c
 where c.at < %(proof_before)s and not exists (select 1 from lead l where l.id = c.lead_id)

-- name: retention_records
-- R-REC-1: what was sent to people who are here no longer, and by what decision
with old as (
    select a.id from action a
     where a.settled_at < %(proof_before)s and a.lead_id is not null
       and not exists (select 1 from lead l where l.id = a.lead_id)
     limit %(limit)s
), tries as (
    delete from attempt t using old where t.action_id = old.id
)
delete from action a using old where a.id = old.id

-- name: retention_decisions
with old as (
    select d.id from decision d
     where d.at < %(proof_before)s and not exists (select 1 from lead l where l.id = d.lead_id) limit %(limit)s
)
delete from decision d using old where d.id = old.id

-- name: retention_decisions_count
select count(*) as n from decision d
 where d.at < %(proof_before)s and not exists (select 1 from lead l where l.id = d.lead_id)

-- name: retention_records_count
select count(*) as n from action a
 where a.settled_at < %(proof_before)s and a.lead_id is not null and not exists (select 1 from lead l where l.id = a.lead_id)

-- name: chore_at
select at from chore where name = %(name)s

-- name: chore_done
insert into chore (name, at) values (%(name)s, %(now)s) on conflict (name) do update set at = excluded.at
