-- The decision log: read and replayed; written with the claim.

-- name: decisions_of_lead
select d.*, dk.kek_id, dk.wrapped
  from decision d left join vault.data_key dk on dk.id = d.data_key_id
 where d.lead_id = %(lead_id)s
 order by d.id

-- name: decisions_after
select d.*, dk.kek_id, dk.wrapped
  from decision d left join vault.data_key dk on dk.id = d.data_key_id
 where d.id > %(id)s
 order by d.id
 limit %(limit)s
