-- Alerts that were posted to Slack and are to be taken back.

-- name: slack_alerts_open
-- posted lately or about to be, of one agent or all
select id, agent_id, practice from action
 where lead_id = %(lead_id)s and kind in ('alert_slack', 'unattended_slack') and state in ('planned', 'deferred', 'sending', 'sent')
   and created_at > %(now)s - interval '7 days' and (%(agent_id)s::uuid is null or agent_id = %(agent_id)s)
 order by created_at

-- name: slack_alerts_stale
-- leads of offers that ended lately, whatever ended them, and whose alert was not changed since
select distinct o.lead_id, l.agent_id as owner_id
  from offer o
  join lead l on l.id = o.lead_id
  join action a on a.lead_id = o.lead_id and a.agent_id = o.agent_id and a.kind = 'alert_slack' and a.created_at >= o.at
       and a.state in ('planned', 'deferred', 'sending', 'sent')
 where o.state <> 'open' and o.ended_at > %(now)s - interval '1 hour'
   and not exists (
       select 1 from action t where t.lead_id = o.lead_id and t.kind = 'alert_taken_slack' and t.recipient = a.id::text
   )

-- name: slack_member
-- found by their address; what somebody wrote meanwhile stays
update app_user set slack_id = %(slack_id)s where id = %(id)s and slack_id is null
