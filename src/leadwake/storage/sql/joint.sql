-- What stands in for claiming until it is merged.

-- name: joint_claim
update lead set agent_id = coalesce(agent_id, %(agent_id)s), claimed_at = coalesce(claimed_at, %(now)s)
 where id = %(lead_id)s returning agent_id

-- name: joint_offers_end
update offer set state = case when agent_id = %(agent_id)s then 'claimed' else 'retracted' end, ended_at = %(now)s, ended_by = %(by)s
 where lead_id = %(lead_id)s and state = 'open'

-- name: joint_offers_gone
update offer set state = 'retracted', ended_at = %(now)s where agent_id = %(agent_id)s and state = 'open'

-- name: joint_left
update lead set agent_id = null, claimed_at = null where agent_id = %(agent_id)s
