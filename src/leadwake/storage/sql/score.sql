-- Signals, the weights they count by, and what comes of both.

-- name: signal_add
-- and the lead is scored anew a moment later
select signal_add(%(lead_id)s, %(cause_id)s, %(at)s, variadic %(codes)s::text[])

-- name: signals_keep
-- what nobody had read of an inquiry yet, at the time it was asked
insert into signal (lead_id, cause_id, at, codes) values (%(lead_id)s, %(cause_id)s, %(at)s, %(codes)s)

-- name: signals_of
-- in the order they were told: the newest, and all that they asked
select id, cause_id, at, codes from (
    (select id, cause_id, at, codes from signal where lead_id = %(lead_id)s order by id desc limit %(limit)s)
    union all
    (select id, cause_id, at, codes from signal
      where lead_id = %(lead_id)s and codes && '{asked,on_a_list}'
        and id < (select min(id) from (select id from signal where lead_id = %(lead_id)s order by id desc limit %(limit)s) n)
      order by id desc limit %(limit)s)) s
 order by id

-- name: inquiries_unread
-- what somebody asked of which no signal is kept: from before there were any, or from while they were restricted
select i.id, i.asked_at, i.listed, i.sealed_details, cap.at, dk.id as key_id, dk.kek_id, dk.wrapped
  from inquiry i join capture cap on cap.id = i.id join vault.data_key dk on dk.id = cap.data_key_id
 where i.lead_id = %(lead_id)s and not i.repeats
   and not exists (select 1 from signal s where s.lead_id = i.lead_id and s.cause_id = i.id)
 order by cap.at

-- name: rescore_waiting
select distinct lead_id from (select lead_id from rescore order by id limit %(limit)s) r

-- name: rescore_taken
-- what comes later stays, and is counted by a later look
delete from rescore where lead_id = %(lead_id)s

-- name: rescore_later
-- what could not be done now is not tried at once again
with taken as (
    delete from rescore where lead_id = %(lead_id)s
)
update lead set rescore_at = %(rescore_at)s where id = %(lead_id)s

-- name: rescore_ask
insert into rescore (lead_id, at) values (%(lead_id)s, %(now)s)

-- name: lead_is_there
select 1 as there from lead where id = %(id)s

-- name: rescore_faded
select id from lead where rescore_at <= %(now)s order by rescore_at limit %(limit)s

-- name: rescore_lock
-- nobody waits: whose row somebody else has is looked at again in a moment
select l.id, l.score, l.temperature, l.reasons, l.status, l.agent_id, l.restricted_at, l.finished_at, l.rescore_at,
       l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped, l.source, l.channel,
       i.id as inquiry_id, i.at as asked_at, e.phase
  from lead l
  join vault.data_key dk on dk.id = l.data_key_id
  left join escalation e on e.lead_id = l.id
  left join lateral (select i.id, c.at from inquiry i join capture c on c.id = i.id
                      where i.lead_id = l.id order by i.asked_at desc limit 1) i on true
 where l.id = %(lead_id)s
   for no key update of l skip locked

-- name: lead_rescored
-- and the world hears of another score
with before as (
    select id, score from lead where id = %(lead_id)s
), u as (
    update lead l set score = %(score)s, temperature = %(temperature)s, reasons = %(reasons)s, rescore_at = %(rescore_at)s
      from before where l.id = before.id
    returning l.id, l.score, l.temperature, before.score as old_score
)
select pg_notify('leadwake_live', id::text),
       webhook_publish('lead.scored', %(now)s, id, jsonb_build_object('score', score, 'temperature', temperature))
  from u where score <> old_score

-- name: lead_rescore_at
update lead set rescore_at = %(rescore_at)s where id = %(lead_id)s

-- name: hot_offer
-- somebody is being looked for already: from here on as quickly as for a hot lead
with offers as (
    update offer set due_at = least(due_at, %(claim_by)s) where lead_id = %(lead_id)s and state = 'open'
), claims as (
    update task set due_at = least(due_at, %(claim_by)s) where lead_id = %(lead_id)s and kind = 'claim' and done_at is null
)
update escalation
   set temperature = 'hot', alert_at = coalesce(alert_at, %(alert_at)s), day_alert_at = coalesce(day_alert_at, %(day_alert_at)s),
       next_at = case phase when 'pool' then least(next_at, %(now)s) else least(next_at, %(claim_by)s) end
 where lead_id = %(lead_id)s and phase in ('offered', 'pool')

-- name: hot_offered_to
select agent_id from offer where lead_id = %(lead_id)s and state = 'open' order by at

-- name: hot_escalate
-- nobody has them and nobody is asked: as if they had just come
insert into escalation as e (lead_id, inquiry_id, temperature, phase, step, since, next_at, alert_at, day_alert_at)
values (%(lead_id)s, %(inquiry_id)s, 'hot', %(phase)s, %(step)s, %(now)s, %(next_at)s, %(alert_at)s, %(day_alert_at)s)
on conflict (lead_id) do update
   set inquiry_id = excluded.inquiry_id, temperature = 'hot', phase = excluded.phase, step = excluded.step, tried = '{}',
       since = excluded.since, next_at = excluded.next_at, alert_at = excluded.alert_at, day_alert_at = excluded.day_alert_at

-- name: score_sweep_next
-- one process at a time; the newest version alone counts
select version, below from score_sweep order by version desc limit 1 for update skip locked

-- name: score_sweep_leads
select id from lead where (%(below)s::uuid is null or id < %(below)s) order by id desc limit %(limit)s

-- name: score_sweep_at
update score_sweep set below = %(below)s where version = %(version)s

-- name: score_sweep_over
delete from score_sweep where version <= %(version)s

-- name: score_sweep_begin
insert into score_sweep (version) values (%(version)s) on conflict do nothing

-- name: score_weights_lock
-- one change at a time; readers go on
lock table score_weights in share row exclusive mode

-- name: score_weights_latest
select max(version) as version from score_weights

-- name: score_weights_read
select version, value from score_weights where version = %(version)s

-- name: score_weights_add
insert into score_weights (version, at, by, reason, value) values (%(version)s, %(at)s, %(by)s, %(reason)s, %(value)s)

-- name: score_weights_all
select version, at, value from score_weights order by version

-- name: score_weights_history
select version, at, by, reason, value from score_weights order by version desc limit %(limit)s

-- name: score_recent_signals
-- of the newest leads, in the order they were told
select s.lead_id, s.cause_id, s.at, s.codes
  from (select id from lead where restricted_at is null order by last_at desc limit %(limit)s) l
  join signal s on s.lead_id = l.id
 order by s.id

-- name: export_signals
select at, codes from signal where lead_id = %(lead_id)s order by at, id

-- name: retention_signals
with old as (
    select id from signal where at < %(message_before)s limit %(limit)s for update skip locked
)
delete from signal s using old where s.id = old.id

-- name: retention_signals_count
select count(*) as n from signal where at < %(message_before)s
