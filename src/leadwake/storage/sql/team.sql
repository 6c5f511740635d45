-- Whose a lead is. (Stands in until the branch of escalations is merged.)

-- name: ownership_lock
select id, agent_id, status from lead where id = %(lead_id)s for no key update

-- name: owner_set
update lead set agent_id = %(agent_id)s, claimed_at = %(now)s where id = %(lead_id)s

-- name: offer_passed
update offer set state = 'passed', ended_at = %(now)s, ended_by = %(by)s
 where lead_id = %(lead_id)s and agent_id = %(agent_id)s and state = 'open'

-- name: lead_finish
update lead set finished_at = %(now)s, replied_at = null where id = %(lead_id)s
