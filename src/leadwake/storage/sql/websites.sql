-- The team's own websites.

-- name: websites
select id, origin, form, visits, chat from website where removed_at is null order by origin

-- name: websites_added
select id, origin, form, visits, chat, added_by, added_at from website where removed_at is null order by added_at, id

-- name: website_add
insert into website (id, origin, added_by, added_at) values (%(id)s, %(origin)s, %(user_id)s, %(now)s)
on conflict (origin) do update set removed_at = null where website.removed_at is not null
returning id

-- name: website_choose
update website set form = %(form)s, visits = %(visits)s, chat = %(chat)s
where id = %(id)s and removed_at is null and (form, visits, chat) is distinct from (%(form)s, %(visits)s, %(chat)s)
returning origin

-- name: website_remove
update website set removed_at = %(now)s where id = %(id)s and removed_at is null returning origin

-- name: website_restore
update website set removed_at = null where id = %(id)s and removed_at is not null returning origin

-- name: form_answers
-- what became of the first answers to a form
select kind, state from action where cause_id = %(cause_id)s and kind in ('sms', 'email')
