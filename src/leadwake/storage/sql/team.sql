-- Whose a lead is: offers, claims, escalation, the touch of a person.

-- name: agent_loads
select agent_id, owned, offered, owned + offered as load, served, served_hot from agent_load

-- name: human_touch
select human_touched(%(lead_id)s, %(user_id)s, %(now)s, %(how)s)

-- name: responses_count
-- inquiries that somebody answered since this was last asked, each told once
update inquiry set response_counted = true
 where human_at is not null and offered_at is not null and not response_counted
returning temperature, extract(epoch from human_at - offered_at)::float8 as seconds

-- name: ownership_lock
-- whose the lead is now, under its lock; mine: the open offer to whoever asks
select l.id, l.agent_id, l.status, l.temperature, l.finished_at, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped,
       e.inquiry_id, e.phase, e.step, e.tried, e.since, e.next_at, e.alert_at, e.day_alert_at,
       (select o.id from offer o where o.lead_id = l.id and o.agent_id = %(agent_id)s and o.state = 'open') as mine,
       exists (select 1 from offer o where o.lead_id = l.id and o.state = 'open') as is_offered,
       (select d.trace ->> 'licence' from routing_decision d where d.lead_id = l.id order by d.id desc limit 1) as licence
  from lead l
  left join vault.data_key dk on dk.id = l.data_key_id
  left join escalation e on e.lead_id = l.id
 where l.id = %(lead_id)s
   for no key update of l

-- name: owner_set
update lead set agent_id = %(agent_id)s, claimed_at = %(claimed_at)s, last_at = %(now)s, finished_at = null where id = %(lead_id)s

-- name: offer_add
insert into offer (id, lead_id, inquiry_id, agent_id, step, code, state, licence, temperature, weight, served_from, at, due_at,
                   ended_at, ended_by)
values (%(id)s, %(lead_id)s, %(inquiry_id)s, %(agent_id)s, %(step)s, 0, %(state)s, %(licence)s, %(temperature)s, %(weight)s,
        %(served_from)s, %(now)s, %(due_at)s, case when %(state)s <> 'open' then %(now)s::timestamptz end, case when %(state)s <> 'open' then %(by)s end)

-- name: loads_lock
-- of everybody to whom the lead is offered, and of whoever acts: who changes several takes them in one order
select 1 from agent_load
 where agent_id = %(agent_id)s or agent_id in (select agent_id from offer where lead_id = %(lead_id)s and state = 'open')
 order by agent_id
   for no key update

-- name: offers_end
-- open offers of a lead, all or one agent's, and whose they were
update offer set state = %(state)s, ended_at = %(now)s, ended_by = %(by)s
 where lead_id = %(lead_id)s and state = 'open' and (%(agent_id)s::uuid is null or agent_id = %(agent_id)s)
returning id, agent_id

-- name: offer_by_code
-- what an agent means who texts a number: the open offer of that number, else the last one that had it
select id, lead_id, state from offer
 where agent_id = %(agent_id)s and (code = %(code)s or %(code)s::int is null) and at > %(now)s - interval '24 hours'
 order by state = 'open' desc, at desc
 limit 2

-- name: inquiry_offered
update inquiry set offered_at = coalesce(offered_at, %(now)s), agent_id = coalesce(agent_id, %(agent_id)s) where id = %(id)s

-- name: routing_decision_add
insert into routing_decision (at, lead_id, inquiry_id, rules_version, agent_id, trace)
values (%(now)s, %(lead_id)s, %(inquiry_id)s, %(rules_version)s, %(agent_id)s, %(trace)s)

-- name: escalation_set
insert into escalation (lead_id, inquiry_id, temperature, phase, step, tried, since, next_at, alert_at, day_alert_at)
values (%(lead_id)s, %(inquiry_id)s, %(temperature)s, %(phase)s, %(step)s, %(tried)s, %(since)s, %(next_at)s, %(alert_at)s,
        %(day_alert_at)s)
on conflict (lead_id) do update
   set inquiry_id = excluded.inquiry_id, temperature = excluded.temperature, phase = excluded.phase, step = excluded.step,
       tried = excluded.tried, since = excluded.since, next_at = excluded.next_at, alert_at = excluded.alert_at,
       day_alert_at = excluded.day_alert_at

-- name: escalation_end
update escalation set phase = 'over', next_at = null, alert_at = null, day_alert_at = null
 where lead_id = %(lead_id)s and phase <> 'over'

-- name: escalations_due
select lead_id from escalation
 where phase <> 'over' and least(next_at, alert_at, day_alert_at) <= %(now)s
 order by least(next_at, alert_at, day_alert_at)
 limit %(limit)s

-- name: escalation_lock
-- a lead whose next step is due, under its lock; nobody else is at it
select l.id, l.agent_id, l.status, l.temperature, l.score, l.human_at, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped,
       e.inquiry_id, e.phase, e.step, e.tried, e.since, e.next_at, e.alert_at, e.day_alert_at,
       exists (select 1 from task t where t.lead_id = l.id and t.kind = 'touch' and t.done_at is null) as waits_for_touch,
       i.source, i.channel, i.sealed_details, c.data_key_id as details_key_id, ck.kek_id as details_kek_id,
       ck.wrapped as details_wrapped
  from lead l
  join escalation e on e.lead_id = l.id
  join vault.data_key dk on dk.id = l.data_key_id
  left join inquiry i on i.id = e.inquiry_id
  left join capture c on c.id = i.id
  left join vault.data_key ck on ck.id = c.data_key_id
 where l.id = %(lead_id)s and e.phase <> 'over' and least(e.next_at, e.alert_at, e.day_alert_at) <= %(now)s
   for no key update of l, e skip locked

-- name: alerts_cancel
-- alerts of an offer that is over and that nobody has been sent yet
with u as (
    update action a set state = 'cancelled', due_at = null, wake_at = null, settled_at = %(now)s, reason = %(reason)s
     where a.lead_id = %(lead_id)s and a.kind in ('alert_sms', 'alert_email', 'alert_slack') and a.state in ('planned', 'deferred')
       and a.agent_id = any(%(agent_ids)s)
    returning a.id, a.attempt_id
)
insert into attempt (action_id, attempt_id, at, event, state, detail)
select id, attempt_id, %(now)s, 'cancelled', 'cancelled', jsonb_build_object('reason', %(reason)s::text) from u

-- name: alerts_out
-- which of these agents have a text about the lead already, or may have
select distinct agent_id from action
 where lead_id = %(lead_id)s and kind = 'alert_sms' and agent_id = any(%(agent_ids)s)
   and state in ('sending', 'sent', 'delivered', 'unknown')

-- name: leads_over
-- whoever asked us to stop waits for nobody any more
with o as (
    update offer set state = 'retracted', ended_at = %(now)s, ended_by = 'stop' where lead_id = any(%(ids)s) and state = 'open'
), e as (
    update escalation set phase = 'over', next_at = null, alert_at = null, day_alert_at = null
     where lead_id = any(%(ids)s) and phase <> 'over'
)
update task set done_at = %(now)s, done_by = 'lead' where lead_id = any(%(ids)s) and done_at is null

-- name: lead_finish
update lead set finished_at = %(now)s, replied_at = null where id = %(lead_id)s

-- name: leads_of_agent
-- what somebody who leaves has on their hands
select id from lead where agent_id = %(agent_id)s and finished_at is null
union
select lead_id from offer where agent_id = %(agent_id)s and state = 'open'

-- name: last_inquiry
select id, temperature from inquiry where lead_id = %(lead_id)s order by asked_at desc limit 1
