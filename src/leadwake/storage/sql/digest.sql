-- What a digest tells, counted when it is due. No names stand in it: they are read when it is sent.

-- name: digest_known
select id from digest where id = any(%(ids)s::uuid[])

-- name: digest_waiting
-- who waits for this agent, the most urgent first: offers they have not answered, then what is theirs to do
select w.lead_id, w.kind, w.at, w.due_at, l.temperature
  from (select o.lead_id, 'offer' as kind, o.at, o.due_at from offer o where o.agent_id = %(user_id)s and o.state = 'open'
        union all
        select t.lead_id, t.kind, t.at, t.due_at from task t
         where t.agent_id = %(user_id)s and t.done_at is null and (t.snoozed_until is null or t.snoozed_until <= %(now)s)) w
  join lead l on l.id = w.lead_id
 where (%(practice)s or not l.practice) and l.restricted_at is null
 order by w.due_at, w.lead_id, w.kind

-- name: digest_pool
-- leads that are nobody's, and everything that should have been done by now
select count(*) filter (where t.kind = 'claim' and t.agent_id is null)::int as pool,
       count(*) filter (where t.due_at < %(now)s)::int as overdue
  from task t join lead l on l.id = t.lead_id
 where t.done_at is null and (t.snoozed_until is null or t.snoozed_until <= %(now)s) and (%(practice)s or not l.practice)

-- name: digest_night
select (select count(*) from capture c join inquiry i on i.id = c.id join lead l on l.id = i.lead_id
         where c.at >= %(since)s and c.at < %(now)s and not i.repeats and (%(practice)s or not l.practice))::int as inquiries,
       (select count(*) from capture c join inquiry i on i.id = c.id join lead l on l.id = i.lead_id
         where c.at >= %(since)s and c.at < %(now)s and not i.repeats and i.first_touch_at is not null
           and (%(practice)s or not l.practice))::int as answered,
       (select count(*) from lead l where l.replied_at >= %(since)s and (%(practice)s or not l.practice))::int as replied,
       h.held, h.held_until
  from (select count(*)::int as held, min(a.due_at) as held_until from action a
         where a.state = 'deferred' and a.purpose = 'instant_reply' and a.created_at >= %(since)s
           and (%(practice)s or not a.practice)) h

-- name: digest_add
insert into digest (id, user_id, at, content, lead_ids)
values (%(id)s, %(user_id)s, %(now)s, %(content)s, %(lead_ids)s)
on conflict (id) do nothing

-- name: digest_prune
delete from digest where at < %(before)s
