-- Does everything add up? Each query is one count or one kind of thing that must not be.

-- name: ledger_captures
select outcome, count(*) as n from capture group by outcome

-- name: ledger_actions
select state, count(*) as n from action group by state

-- name: ledger_problems
select problem, count(*) as n, min(example)::text as example from (
    select 'capture became a lead but has no inquiry' as problem, c.id::text as example
      from capture c left join inquiry i on i.id = c.id
     where c.outcome in ('lead', 'known') and c.erased_at is null
       and (c.lead_id is null or (i.id is null and c.door <> 'consent'))
    union all
    select 'inquiry of a capture that became no lead', i.id::text
      from inquiry i join capture c on c.id = i.id where c.outcome not in ('lead', 'known')
    union all
    select 'capture waits to be understood for over a day', id::text
      from capture where outcome = 'pending' and real_at < now() - interval '1 day'
    union all
    select 'pending capture that nothing will try again', id::text from capture where outcome = 'pending' and retry_at is null
    union all
    select 'inquiry with other actions than were planned', i.id::text
      from inquiry i
      left join (select cause_id, count(*) as n from action group by cause_id) a on a.cause_id = i.id
     where coalesce(a.n, 0) <> i.planned
    union all
    select 'inquiry without a stated outcome for text, e-mail or CRM', i.id::text
      from inquiry i
     where not i.listed and (select count(distinct kind) from action a where a.cause_id = i.id and a.kind in ('sms', 'email', 'crm')) <> 3
    union all
    select 'action is being sent long after its lease', id::text
      from action where state = 'sending' and lease_until < now() - interval '15 minutes'
    union all
    select 'action is overdue and nobody woke it', id::text
      from action where state in ('planned', 'deferred') and due_at < %(now)s - interval '1 hour' and wake_at < now() - interval '10 minutes'
    union all
    select 'action is settled without its time', id::text
      from action where state not in ('planned', 'deferred', 'sending') and settled_at is null
    union all
    select 'action was sent without an attempt on record', a.id::text
      from action a
     where a.state in ('sent', 'delivered', 'undelivered', 'bounced')
       and not exists (select 1 from attempt t where t.action_id = a.id and t.event = 'claimed')
    union all
    select 'message went to a contact after it opted out', a.id::text
      from action a join contact_point p on p.id = a.contact_point_id
     where p.opted_out_at is not null and a.claimed_at > p.opted_out_at and a.purpose not in ('staff', 'confirmation')
       and a.state in ('sending', 'sent', 'delivered', 'undelivered', 'unknown')
    union all
    select 'import whose rows do not add up', m.id::text
      from import m
     where m.state = 'done' and m.rows <> m.new + m.known + m.duplicate + m.refused
        or m.state = 'working' and m.seen_at < now() - interval '1 hour'
    union all
    select 'lead whose key is gone', l.id::text
      from lead l left join vault.data_key k on k.id = l.data_key_id where k.id is null
) found
group by problem
