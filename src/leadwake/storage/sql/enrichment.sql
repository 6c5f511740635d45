-- People looked up at a data vendor: the day's credits, what was found, what is still awaited.

-- name: credit_day_open
insert into credit_day (vendor, day) values (%(vendor)s, %(day)s) on conflict do nothing

-- name: credits_held
-- nobody waits for whoever counts just now: without the row there is no answer, and it is tried again in a moment
select credits from credit_day where vendor = %(vendor)s and day = %(day)s for no key update skip locked

-- name: credits_add
-- what is spent, given back (negative), or corrected by what the vendor says
update credit_day set credits = greatest(0, credits + %(credits)s) where vendor = %(vendor)s and day = %(day)s

-- name: credits_of_day
select credits from credit_day where vendor = %(vendor)s and day = %(day)s

-- name: enrichment_action
-- the action of an answer, so that of two answers one is first
select a.id, a.lead_id, a.attempt_id, a.practice, a.claimed_at, l.data_key_id, l.sealed_profile, dk.kek_id, dk.wrapped
  from action a
  left join lead l on l.id = a.lead_id
  left join vault.data_key dk on dk.id = l.data_key_id
 where a.id = %(id)s and a.kind = 'enrich'
   for no key update of a

-- name: enrichment_read
select outcome, sealed_found, day, credits, late, request_ref from enrichment where action_id = %(id)s

-- name: enrichment_write
with w as (
    insert into enrichment (action_id, lead_id, vendor, practice, asked_at, outcome, data_key_id, sealed_found, day, credits, late,
                            request_ref, poll_at)
    values (%(id)s, %(lead_id)s, %(vendor)s, %(practice)s, %(asked_at)s, %(outcome)s, %(key_id)s, %(found)s, %(day)s, %(credits)s,
            %(late)s, %(ref)s, %(poll_at)s)
    on conflict (action_id) do update
       set outcome = excluded.outcome, sealed_found = excluded.sealed_found, data_key_id = excluded.data_key_id,
           credits = excluded.credits, late = excluded.late, request_ref = excluded.request_ref, poll_at = excluded.poll_at
)
select pg_notify('leadwake_live', %(lead_id)s::text)

-- name: enrichments_awaited
-- what nobody posted to us: each is looked at by one process, and by another when that one dies
with due as (
    select action_id from enrichment where late = 'awaited' and poll_at <= %(now)s
     order by poll_at limit %(limit)s for no key update skip locked
)
update enrichment e set poll_at = %(again_at)s from due where e.action_id = due.action_id
returning e.action_id, e.asked_at, e.request_ref

-- name: enrichment_poll_at
update enrichment set poll_at = %(at)s where action_id = %(id)s and late = 'awaited'

-- name: enrichments_of_lead
-- the latest first
select e.action_id, e.vendor, e.practice, e.asked_at, e.outcome, e.credits, e.late, e.sealed_found, dk.id as key_id, dk.kek_id,
       dk.wrapped
  from enrichment e join vault.data_key dk on dk.id = e.data_key_id
 where e.lead_id = %(lead_id)s
 order by e.asked_at desc, e.action_id
 limit %(limit)s

-- name: enrichment_last
-- why somebody was not looked up, or not yet
select state, reason, due_at from action where lead_id = %(lead_id)s and kind = 'enrich' order by created_at desc, id desc limit 1

-- name: enrichment_rate
-- of the people who could be looked up lately, how many were found; a pending one is not found yet
select count(distinct a.lead_id)::int as eligible,
       count(distinct a.lead_id) filter (where exists (
           select 1 from enrichment e where e.lead_id = a.lead_id and e.outcome = 'found'))::int as found
  from action a
 where a.kind = 'enrich' and a.created_at >= %(since)s and a.practice = %(practice)s
   and (a.attempts > 0 or a.state in ('planned', 'deferred') or (a.state = 'skipped' and a.reason = 'known_already'))

-- name: enrichments_asked_again
-- the budget was changed: whoever waits for tomorrow's is judged anew
update action set due_at = least(due_at, %(now)s), wake_at = now() where kind = 'enrich' and state = 'deferred'
