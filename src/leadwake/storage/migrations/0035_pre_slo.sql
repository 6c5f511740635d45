-- The response promise as something that is kept, and acted upon; and what a probe elsewhere saw of us.

-- of inquiries that something could be sent to at once: whether the first answer came within a minute.
-- Held by the law or refused by it is not late; not understood yet is.
create function inquiries_answered(since timestamptz, until timestamptz, with_practice boolean)
returns table (id uuid, at timestamptz, is_late boolean) language sql stable as $$
    select c.id, c.at, i.first_touch_at is null or i.first_touch_at > i.asked_at + interval '60 seconds'
      from capture c
      left join inquiry i on i.id = c.id
      left join lead l on l.id = c.lead_id
     where c.at > since and c.at <= until - interval '60 seconds'
       and (with_practice or not coalesce(l.practice, false))
       and case when i.id is null then c.outcome = 'pending'
                else not i.repeats and not i.listed and (
                     i.first_touch_at <= i.asked_at + interval '60 seconds' or exists (
                         select 1 from action a
                          where a.cause_id = i.id and a.purpose = 'instant_reply'
                            and a.state in ('planned', 'sending', 'sent', 'delivered', 'undelivered', 'bounced', 'dead', 'unknown')
                            and not exists (select 1 from decision d where d.action_id = a.id and d.outcome = 'defer'))) end
$$;

create table slo_hour (
    hour      timestamptz not null,
    practice  boolean not null,         -- practice leads counted, too
    good      integer not null,         -- inquiries answered within a minute
    late      integer not null,
    primary key (practice, hour)
);

create table slo_act (
    id        uuid primary key,
    act       text not null,            -- mail_second, mail_for_text, page
    began_at  timestamptz not null,
    over_at   timestamptz,              -- null while it goes on; a page is over at once
    why       jsonb not null,           -- counts and vendors' names, nobody's name; see domain.slo
    ended     text                      -- why it is over
);
create unique index slo_act_going_on on slo_act (act) where over_at is null;
create index slo_act_began on slo_act (began_at);

create table probe_look (
    id            uuid primary key,     -- made by the probe, so that what is told twice stands once
    probe         text not null,        -- the name it was given
    at            timestamptz not null,
    every_s       integer not null,     -- the look stands for so many seconds
    is_up         boolean not null,     -- a lead would have been taken
    why           text,                 -- what failed: a code, see domain.probe
    tls_until     timestamptz,          -- when the certificate it was shown ends
    check (every_s between 1 and 900)
);
create index probe_look_at on probe_look (probe, at);
