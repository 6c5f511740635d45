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

-- name: mailbox_read
select validity, read_to, looked_at, failed_at, failure from mailbox where id = %(id)s

-- name: mailbox_looked
insert into mailbox (id, validity, read_to, looked_at) values (%(id)s, %(validity)s, %(read_to)s, %(now)s)
on conflict (id) do update set validity = excluded.validity, read_to = excluded.read_to, looked_at = excluded.looked_at,
       failed_at = null, failure = null

-- name: mailbox_failed
-- one that never answered has no numbers yet
insert into mailbox as m (id, validity, read_to, looked_at, failed_at, failure) values (%(id)s, 0, 0, %(now)s, %(now)s, %(failure)s)
on conflict (id) do update set failed_at = coalesce(m.failed_at, excluded.failed_at), failure = excluded.failure
