-- "Not now, maybe in March": a task that sleeps until then, whoever is in touch meanwhile.

alter table task drop constraint task_kind_check;
alter table task add constraint task_kind_check check (kind in ('claim', 'reply', 'touch', 'call', 'failed', 'follow_up'));

create or replace function human_touched(lead_ uuid, who uuid, at_ timestamptz, how text) returns void
    language plpgsql
as $$
declare
    takes boolean := coalesce((select takes_leads and disabled_at is null from app_user where id = who), false);
begin
    update lead set human_at = coalesce(human_at, at_), contacted_at = at_, replied_at = null, last_at = greatest(last_at, at_),
           agent_id = coalesce(agent_id, case when takes then who end),
           claimed_at = coalesce(claimed_at, case when takes then at_ end)
     where id = lead_;
    update inquiry set human_at = at_, human_by = who where lead_id = lead_ and human_at is null;
    update offer set state = case when agent_id = who then 'claimed' else 'retracted' end, ended_at = at_, ended_by = how
     where lead_id = lead_ and state = 'open';
    update escalation set phase = 'over', next_at = null, alert_at = null, day_alert_at = null where lead_id = lead_ and phase <> 'over';
    update task set done_at = at_, done_by = 'user ' || who
     where lead_id = lead_ and done_at is null and not (kind = 'follow_up' and snoozed_until > at_);
    insert into event (at, actor, kind, lead_id, data)
    values (at_, 'user ' || who, 'human_touch', lead_, jsonb_build_object('how', how));
    perform pg_notify('leadwake_live', lead_::text);
end
$$;
