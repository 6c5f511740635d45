-- An agent may have any number of open offers: the smallest free number is at most one more than they have. It was looked
-- for among the first thousand, and beyond those the lead itself could not be taken in. As 0008 has it otherwise.
create or replace function offer_begins() returns trigger
    language plpgsql
as $$
declare
    a record;
begin
    select u.disabled_at, u.paused_until, u.takes_leads, u.capacity, u.licences, g.owned + g.offered as n
      into a from agent_load g join app_user u on u.id = g.agent_id
     where g.agent_id = new.agent_id for no key update of g;
    if a.disabled_at is not null or not a.takes_leads then
        raise exception 'offer_refused: away' using errcode = 'restrict_violation';
    elsif a.paused_until > new.at then
        raise exception 'offer_refused: paused' using errcode = 'restrict_violation';
    elsif a.n >= a.capacity then
        raise exception 'offer_refused: full' using errcode = 'restrict_violation';
    elsif new.licence is not null and not new.licence = any (a.licences) then
        raise exception 'offer_refused: licence' using errcode = 'restrict_violation';
    end if;
    -- the smallest number that none of their open offers has; the row above is locked, so nobody else takes it
    select min(c.n) into new.code
      from (select 1 as n union all select o.code + 1 from offer o where o.agent_id = new.agent_id and o.state = 'open') c
     where not exists (select 1 from offer o where o.agent_id = new.agent_id and o.state = 'open' and o.code = c.n);
    -- what is given at once, without being asked, counts as owned by the lead's own trigger
    update agent_load set offered = offered + case when new.state = 'open' then 1 else 0 end, served = case when new.temperature = 'hot' then served else greatest(served, new.served_from) + 1 / new.weight end,
           served_hot = case when new.temperature = 'hot' then greatest(served_hot, new.served_from) + 1 / new.weight else served_hot end
     where agent_id = new.agent_id;
    return new;
end
$$;
