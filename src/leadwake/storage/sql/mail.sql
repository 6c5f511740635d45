-- What becomes of our mail in bulk: addresses that do not exist, complaints, and the pause they make.

-- name: mail_bounced
-- returns a row the first time
update contact_point p set bounced_at = %(now)s
  from contact_point old
 where p.id = %(point)s and old.id = p.id and p.kind = 'email'
returning old.bounced_at is null as is_new

-- name: mail_complaint_add
insert into mail_complaint (action_id, at) values (%(action_id)s, %(now)s) on conflict do nothing

-- name: mail_complaints
-- since the last time somebody let marketing go on, and whether there are so many mails that they do not matter: counting
-- stops where that is sure
with c as (
    select count(*) as complaints from mail_complaint
     where at > greatest(%(since)s::timestamptz, (select max(resumed_at) from mail_pause))
), m as (
    select count(*) as mails from (
        select 1 from action
         where channel = 'email' and contact_point_id is not null and purpose <> 'staff' and claimed_at > %(since)s
           and state in ('sent', 'delivered', 'undelivered', 'bounced')
         limit (select complaints * 1000 / %(per_mille)s + 1 from c)) counted
)
select complaints, mails from c, m

-- name: mail_figures
-- the same, counted to the end
select (select count(*) from mail_complaint where at > %(since)s) as complaints, count(*) as mails,
       count(*) filter (where state = 'bounced') as bounced
  from action
 where channel = 'email' and contact_point_id is not null and purpose <> 'staff' and claimed_at > %(since)s
   and state in ('sent', 'delivered', 'undelivered', 'bounced')

-- name: mail_pause_add
insert into mail_pause (at, complaints) values (%(now)s, %(complaints)s) on conflict do nothing

-- name: mail_pause_now
select id, at, complaints from mail_pause where resumed_at is null

-- name: mail_pause_end
update mail_pause set resumed_at = %(now)s, resumed_by = %(user_id)s, sealed_reason = %(reason)s
 where id = %(id)s and resumed_at is null
