-- The inbox: threads by their last word, by who waits, by what did not arrive. Each list walks an index of its own.

-- name: inbox_all
select id, talked_at as sort_at from lead
 where talked_at is not null and (talked_at, id) < (%(at)s, %(id)s)
 order by talked_at desc, id desc
 limit %(limit)s

-- name: inbox_mine
select id, talked_at as sort_at from lead
 where agent_id = %(agent_id)s and talked_at is not null and (talked_at, id) < (%(at)s, %(id)s)
 order by talked_at desc, id desc
 limit %(limit)s

-- name: inbox_unanswered_newest
select id, replied_at as sort_at from lead
 where replied_at is not null and (replied_at, id) < (%(at)s, %(id)s)
   and (%(agent_id)s::uuid is null or agent_id = %(agent_id)s)
 order by replied_at desc, id desc
 limit %(limit)s

-- name: inbox_unanswered_longest
select id, replied_at as sort_at from lead
 where replied_at is not null and (replied_at, id) > (%(at)s, %(id)s)
   and (%(agent_id)s::uuid is null or agent_id = %(agent_id)s)
 order by replied_at, id
 limit %(limit)s

-- name: inbox_overdue_newest
select lead_id as id, due_at as sort_at from task
 where kind = 'reply' and done_at is null and due_at < %(now)s and (due_at, lead_id) < (%(at)s, %(id)s)
   and (%(agent_id)s::uuid is null or agent_id = %(agent_id)s)
 order by due_at desc, lead_id desc
 limit %(limit)s

-- name: inbox_overdue_longest
select lead_id as id, due_at as sort_at from task
 where kind = 'reply' and done_at is null and due_at < %(now)s and (due_at, lead_id) > (%(at)s, %(id)s)
   and (%(agent_id)s::uuid is null or agent_id = %(agent_id)s)
 order by due_at, lead_id
 limit %(limit)s

-- name: inbox_failed_newest
select lead_id as id, due_at as sort_at from task
 where kind = 'failed' and done_at is null and (due_at, lead_id) < (%(at)s, %(id)s)
   and (%(agent_id)s::uuid is null or agent_id = %(agent_id)s)
 order by due_at desc, lead_id desc
 limit %(limit)s

-- name: inbox_failed_longest
select lead_id as id, due_at as sort_at from task
 where kind = 'failed' and done_at is null and (due_at, lead_id) > (%(at)s, %(id)s)
   and (%(agent_id)s::uuid is null or agent_id = %(agent_id)s)
 order by due_at, lead_id
 limit %(limit)s

-- name: inbox_opened
-- what a page shows of its threads, with the last words of either side
select l.id, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped, l.agent_id, l.score, l.temperature, l.status, l.talked_at,
       l.replied_at, r.due_at, f.reason as failed,
       exists (select 1 from chat c where c.lead_id = l.id and c.is_here) as is_here,
       m.at as message_at, m.channel as message_channel, m.body as message_body, mk.id as message_key_id,
       mk.kek_id as message_kek_id, mk.wrapped as message_wrapped,
       t.at as letter_at, t.channel as letter_channel, t.content as letter_content, t.user_id as letter_user_id
  from lead l
  join vault.data_key dk on dk.id = l.data_key_id
  left join task r on r.lead_id = l.id and r.kind = 'reply' and r.done_at is null
  left join task f on f.lead_id = l.id and f.kind = 'failed' and f.done_at is null
  left join lateral (select * from message where lead_id = l.id order by at desc limit 1) m on true
  left join vault.data_key mk on mk.id = m.data_key_id
  left join lateral (
       select t.* from letter t
        where t.lead_id = l.id
          and not exists (select 1 from action a where a.cause_id = t.id and a.state = 'cancelled' and a.reason = 'undone')
        order by t.at desc limit 1) t on true
 where l.id = any(%(ids)s)
