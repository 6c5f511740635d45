-- Mail that comes in: whom it is from, and how far a mailbox was read.

-- name: mail_points_of_actions
-- whom mails of ours went to, the newest first; none for one to the team
select id, contact_point_id from action
 where id = any(%(ids)s) and channel = 'email'
 order by created_at desc

-- name: mail_point_of_address
-- an address that is somebody's we know
select p.id from contact_point p
 where p.kind = 'email' and p.hash = %(hash)s and exists (select 1 from lead_contact c where c.contact_point_id = p.id)
