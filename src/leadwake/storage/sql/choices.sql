-- What people decide about our messages on their own pages.

-- name: choices_read
-- every number and address of whoever this e-mail's contact point belongs to
select c.lead_id, c.contact_point_id as point, c.kind, c.sealed_value, c.consent, p.opted_out_at, p.opted_out_by, p.bounced_at,
       p.voice_stopped_at, l.status, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped
  from lead_contact c
  join contact_point p on p.id = c.contact_point_id
  join lead l on l.id = c.lead_id
  join vault.data_key dk on dk.id = l.data_key_id
 where c.lead_id = (select lead_id from lead_contact where contact_point_id = %(point)s and kind = 'email')
 order by c.kind desc, c.consent_at desc, p.hash

-- name: choices_lock
-- the same contact points in the order everybody locks them; the one of the link also when it is nobody's any more
select p.id, p.kind, p.opted_out_at, p.voice_stopped_at
  from contact_point p
 where p.id = %(point)s
    or p.id in (select contact_point_id from lead_contact where lead_id = (
           select lead_id from lead_contact where contact_point_id = %(point)s and kind = 'email'))
 order by p.hash
   for no key update of p

-- name: choices_lock_one
select p.id, p.kind, p.opted_out_at, p.voice_stopped_at from contact_point p where p.id = %(point)s for no key update

-- name: agreement_write
-- the page as it was signed, sealed; what it is worth for each contact; and who comes back
with new_key as (
    insert into vault.data_key (id, kek_id, wrapped, lead_id) values (%(key_id)s, %(kek_id)s, %(wrapped)s, %(lead_id)s)
), new_capture as (
    insert into capture (id, at, door, source, outcome, data_key_id, body, lead_id)
    values (%(capture_id)s, %(now)s, 'consent', 'consent page', 'known', %(key_id)s, %(body)s, %(lead_id)s)
), contacts as (
    insert into lead_contact as c (lead_id, contact_point_id, kind, sealed_value, consent, consent_at, inquiry_at)
    select %(lead_id)s, point, kind, value, consent, %(now)s, %(asked_at)s
      from unnest(%(points)s::bigint[], %(point_kinds)s::text[], %(values)s::bytea[], %(consents)s::text[])
           as given (point, kind, value, consent)
    on conflict (contact_point_id, lead_id) do update
       set consent = excluded.consent, consent_at = excluded.consent_at, inquiry_at = excluded.inquiry_at
), statements as (
    insert into consent (lead_id, contact_point_id, capture_id, channel, level, missing, at)
    select %(lead_id)s, point, %(capture_id)s, channel, level, string_to_array(missing, ','), %(now)s
      from unnest(%(points)s::bigint[], %(said_channels)s::text[], %(said_levels)s::text[], %(said_missing)s::text[])
           as said (point, channel, level, missing)
), back as (
    update contact_point set opted_out_at = null, opted_out_by = null where id = any(%(back)s::bigint[])
)
update lead set sealed_profile = %(profile)s, last_at = %(now)s,
       status = case when status = 'opted_out' and cardinality(%(back)s::bigint[]) > 0 then 'replied' else status end
 where id = %(lead_id)s

-- name: agreement_lock
select contact_point_id, hash, opted_out_at from lock_contact_points(%(kinds)s, %(hashes)s)
