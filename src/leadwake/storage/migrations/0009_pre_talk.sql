-- The conversation: when there was last a word, what a writer knew and sent it all the same, what did not arrive.

alter table lead
    add column talked_at timestamptz;       -- their last word, or the last letter of ours
update lead l set talked_at = m.at
  from (select lead_id, max(at) as at from message where lead_id is not null group by lead_id) m
 where m.lead_id = l.id;
create index lead_talked on lead (talked_at desc, id desc) where talked_at is not null;
create index lead_talked_owned on lead (agent_id, talked_at desc, id desc) where talked_at is not null and agent_id is not null;
create index task_waiting on task (kind, due_at, lead_id) where done_at is null;

alter table letter
    add column accepted text[] not null default '{}';   -- warnings that its writer read and sent it all the same

-- What did not arrive waits for a person, whichever way we hear of it: the gate, the vendor's answer, a report, a look-up.
create function message_fails() returns trigger
    language plpgsql
as $$
declare
    l record;
begin
    -- a decision that nobody is to mend: they wanted it so, or somebody has it in hand
    if new.state = 'blocked' and new.reason in
       ('opted_out', 'internal_dnc', 'restricted', 'paused', 'already_answered', 'switched_off') then
        return null;
    end if;
    -- the other channel reached them, or may yet; if it does not, it comes by here itself
    perform 1 from action o
      where o.lead_id = new.lead_id and o.id <> new.id and o.channel in ('sms', 'email') and o.channel <> new.channel
        and o.purpose = new.purpose and o.state in ('planned', 'deferred', 'sending', 'sent', 'delivered')
        and case when new.purpose = 'human' then o.created_at >= new.created_at else o.cause_id = new.cause_id end;
    if found then
        return null;
    end if;
    select agent_id, temperature, status into l from lead where id = new.lead_id;
    if not found or l.status = 'opted_out' then
        return null;
    end if;
    insert into task as t (lead_id, kind, agent_id, at, due_at, reason)
    values (new.lead_id, 'failed', coalesce(l.agent_id, new.agent_id), new.settled_at,
            new.settled_at + case l.temperature when 'hot' then interval '15 minutes' else interval '60 minutes' end,
            case new.state when 'blocked' then new.reason else new.state end)
    on conflict (lead_id, kind) where done_at is null
    do update set due_at = least(t.due_at, excluded.due_at), snoozed_until = null, reason = excluded.reason;
    return null;
end
$$;
create trigger message_fails after update of state on action for each row
    when (new.state in ('undelivered', 'bounced', 'dead', 'unknown', 'blocked') and old.state <> new.state
          and new.purpose in ('instant_reply', 'human') and new.lead_id is not null)
    execute function message_fails();
