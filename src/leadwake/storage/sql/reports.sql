-- The figures of reports that Proof does not count. Each reads one stretch of time by an index; what they mean stands in
-- domain/kpis.py. Whose something was is told by (tie, source): tie is lead, with the source that first brought them; gone,
-- when they were erased since; none, when it was about nobody.

-- name: report_spent
-- what was planned in this time and a vendor took, as often as it took it
with out as materialized (
    select a.lead_id, case when a.kind in ('nurture_sms', 'nurture_email') then a.cause_id end as way,
           sum(greatest(a.taken, 1) * coalesce(a.segments, 1)) filter (where a.channel = 'sms')::int as segments,
           count(*) filter (where a.channel = 'sms')::int as texts,
           count(*) filter (where a.channel = 'sms' and a.segments is null)::int as uncounted,
           sum(greatest(a.taken, 1)) filter (where a.channel = 'email')::int as mails,
           count(*) filter (where a.channel = 'enrich')::int as lookups
      from action a
     where a.created_at >= %(begins)s and a.created_at < %(ends)s and a.channel in ('sms', 'email', 'enrich')
       and a.state in ('sent', 'delivered', 'undelivered', 'bounced', 'unknown') and (%(practice)s or not a.practice)
     group by 1, 2
)
select case when o.lead_id is null then 'none' when l.id is null then 'gone' else 'lead' end as tie,
       coalesce(l.source, '') as source, coalesce(e.sequence, '') as sequence,
       sum(coalesce(o.segments, 0))::int as segments, sum(o.texts)::int as texts, sum(o.uncounted)::int as uncounted,
       sum(coalesce(o.mails, 0))::int as mails, sum(o.lookups)::int as lookups
  from out o
  left join lead l on l.id = o.lead_id
  left join enrollment e on e.id = o.way
 group by 1, 2, 3

-- name: report_came
-- new people who asked in this time, lists and CRMs aside, and how many of them have a meeting by now
with met as materialized (
    select distinct lead_id from report_meeting where at >= %(begins)s
)
select case when l.id is null then 'gone' else 'lead' end as tie, coalesce(l.source, '') as source,
       count(*)::int as leads, count(*) filter (where l.id is not null)::int as known,
       count(*) filter (where l.id in (select lead_id from met))::int as met
  from capture c
  left join lead l on l.id = c.lead_id
  left join inquiry i on i.id = c.id
 where c.at >= %(begins)s and c.at < %(ends)s and c.outcome = 'lead' and (%(practice)s or not coalesce(l.practice, false))
   and case when i.id is null then c.erased_at is not null and c.door not in ('import', 'crm') else not i.listed end
 group by 1, 2

-- name: report_reached
-- conversation  their first ever in this time: they wrote back, or talked with somebody of ours
-- meeting       their first ever in this time: booked and not called off, or as a CRM has it
-- won           every sale of this time, with its money; what was said here counts where no CRM says so of the same lead
-- sequence: the last that began before and has written to them. agent: who has the lead now.
-- tenths: of a second, how long it took those whose own inquiry is still here
with reached as materialized (
    select 'conversation' as kind, lead_id, min(at) as at, null::bigint as cents, '' as currency
      from report_conversation c where at >= %(begins)s and at < %(ends)s
     group by lead_id having not exists (select 1 from report_conversation p where p.lead_id = c.lead_id and p.at < %(begins)s)
    union all
    select 'meeting', lead_id, min(at), null, ''
      from report_meeting m where at >= %(begins)s and at < %(ends)s
     group by lead_id having not exists (select 1 from report_meeting p where p.lead_id = m.lead_id and p.at < %(begins)s)
    union all
    select 'won', o.lead_id, o.at, o.cents, o.currency from outcome o
     where o.kind = 'won' and o.at >= %(begins)s and o.at < %(ends)s
       and (o.source <> 'leadwake'
            or not exists (select 1 from outcome c where c.lead_id = o.lead_id and c.kind = 'won' and c.source <> 'leadwake'))
), placed as (
    select r.kind, r.at, r.cents, r.currency, l.source, l.agent_id, l.id is null as gone, i.asked_at, w.sequence
      from reached r
      left join lead l on l.id = r.lead_id
      left join lateral (select min(q.asked_at) as asked_at from inquiry q where q.lead_id = r.lead_id and not q.listed) i on true
      left join lateral (select e.sequence from enrollment e
                          where e.lead_id = r.lead_id and e.started_at <= r.at and e.touched_at is not null
                          order by e.started_at desc, e.id desc limit 1) w on true
     where %(practice)s or not coalesce(l.practice, false)
)
select kind, case when gone then 'gone' else 'lead' end as tie, coalesce(source, '') as source, coalesce(sequence, '') as sequence,
       coalesce(agent_id::text, '') as agent, currency, count(*)::int as n, count(cents)::int as priced,
       coalesce(sum(cents), 0)::bigint as cents,
       array_agg(ceil(extract(epoch from at - asked_at) * 10)::bigint) filter (where asked_at <= at) as tenths
  from placed
 group by 1, 2, 3, 4, 5, 6

-- name: report_enrolled
-- who began which sequence in this time
select sequence, count(*)::int as n from enrollment
 where started_at >= %(begins)s and started_at < %(ends)s and (%(practice)s or not practice)
 group by 1

-- name: report_enriched
-- look-ups asked for in this time that were answered, and how many found somebody
select count(*)::int as n, count(*) filter (where e.outcome = 'found')::int as found
  from action a join enrichment e on e.action_id = a.id
 where a.kind = 'enrich' and a.created_at >= %(begins)s and a.created_at < %(ends)s and e.outcome in ('found', 'not_found')
   and (%(practice)s or not a.practice)

-- name: report_automated
-- what was done without a person, and what of it was wrong
-- done      texts, e-mails and chat lines to leads, CRM records, look-ups: planned in this time and carried out
-- failed    the same, and refused, lost or dead; a person tried it again; a person skipped it before it went
-- assigned  leads given or offered to an agent in this time; wrong: a person gave them to somebody else within a day
-- aside     captures set aside in this time, and those a person took in after all
with made as materialized (
    select a.id, a.state, a.reason
      from action a
     where a.created_at >= %(begins)s and a.created_at < %(ends)s and (%(practice)s or not a.practice)
       and ((a.purpose in ('instant_reply', 'transactional', 'marketing') and a.channel in ('sms', 'email', 'chat'))
            or a.kind in ('crm', 'crm_note', 'crm_deal', 'enrich'))
       and (a.state in ('sent', 'delivered', 'undelivered', 'bounced', 'dead', 'unknown') or a.reason in ('skipped_by_hand', 'replayed'))
), again as materialized (
    select distinct (e.data ->> 'action')::uuid as id from event e where e.kind = 'dead_letter_replayed' and e.at >= %(begins)s
), given as materialized (
    select distinct i.lead_id
      from capture c join inquiry i on i.id = c.id join lead l on l.id = i.lead_id
     where c.at >= %(begins)s and c.at < %(ends)s and c.outcome = 'lead' and i.offered_at is not null and not i.listed
       and (%(practice)s or not l.practice)
), moved as materialized (
    select distinct e.lead_id
      from event e
      join inquiry i on i.lead_id = e.lead_id and e.at >= i.offered_at and e.at < i.offered_at + interval '24 hours'
     where e.kind = 'assigned' and e.at >= %(begins)s and e.at < %(ends)s::timestamptz + interval '8 days' and starts_with(e.actor, 'user ')
), aside as materialized (
    select exists (select 1 from aside_verdict v where v.capture_id = c.id and v.inquiry_id is not null) as wrong
      from capture c
     where c.at >= %(begins)s and c.at < %(ends)s and c.outcome in ('rejected', 'spam') and c.lead_id is null and c.erased_at is null
)
select (select count(*) from made where state in ('sent', 'delivered'))::int as done,
       (select count(*) from made)::int as actions,
       (select count(*) from made m where m.state in ('undelivered', 'bounced', 'dead', 'unknown') or m.reason in ('skipped_by_hand', 'replayed')
            or m.id in (select id from again))::int as actions_wrong,
       (select count(*) from given)::int as assigned,
       (select count(*) from given where lead_id in (select lead_id from moved))::int as assigned_wrong,
       (select count(*) from aside)::int as aside,
       (select count(*) from aside where wrong)::int as aside_wrong

-- name: report_inputs
-- the newest word on each
select distinct on (name, source) name, source, value, at, by from report_input order by name, source, id desc

-- name: report_input_add
insert into report_input (name, source, value, at, by)
select %(name)s, %(source)s, %(value)s, %(now)s, %(by)s
 where %(value)s is distinct from (select value from report_input where name = %(name)s and source = %(source)s order by id desc limit 1)
