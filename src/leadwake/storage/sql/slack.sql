-- Alerts that were posted to Slack and are to be taken back.

-- name: slack_alerts_open
-- posted lately or about to be, of one agent or all
select id, agent_id, practice from action
 where lead_id = %(lead_id)s and kind in ('alert_slack', 'unattended_slack') and state in ('planned', 'deferred', 'sending', 'sent')
   and created_at > %(now)s - interval '7 days' and (%(agent_id)s::uuid is null or agent_id = %(agent_id)s)
 order by created_at

-- name: slack_member
-- found by their address; what somebody wrote meanwhile stays
update app_user set slack_id = %(slack_id)s where id = %(id)s and slack_id is null
