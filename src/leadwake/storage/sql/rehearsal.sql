-- What rehearsals look at: leads, and what they did at which time. Only read; nothing is locked.

-- name: rehearsal_recent
-- the leads that something happened with last
select id from lead where restricted_at is null and not (practice and %(real_only)s)
 order by last_at desc limit %(limit)s

-- name: rehearsal_asked
-- those who asked or met us since an instant, page by page
select l.id
  from lead l
 where l.id > %(after)s and not (l.practice and %(real_only)s)
   and (exists (select 1 from inquiry i where i.lead_id = l.id and i.asked_at >= %(since)s and not i.listed and not i.repeats)
        or exists (select 1 from meeting m where m.lead_id = l.id and m.state in ('held', 'no_show')
                      and coalesce(m.ends_at, m.at) >= %(since)s))
 order by l.id limit %(limit)s

-- name: rehearsal_leads
-- with every instant since then at which they, or a colleague, did something that begins or ends a sequence
select l.id, l.agent_id, l.score, l.temperature, l.source, l.channel, l.lives_at, l.sealed_profile, l.data_key_id, dk.kek_id, dk.wrapped,
       (select max(p.opted_out_at) from lead_contact c join contact_point p on p.id = c.contact_point_id
         where c.lead_id = l.id and c.kind = 'phone' and p.opted_out_by not in ('wrong_number', 'preferences', 'crm')) as person_stopped_at,
       (select jsonb_agg(jsonb_build_object(
                   'kind', c.kind, 'point', c.contact_point_id, 'value', encode(c.sealed_value, 'base64'), 'consent', c.consent, 'inquiry_at', c.inquiry_at,
                   'opted_out_at', c.opted_out_at, 'bounced_at', c.bounced_at,
                   'said', (select jsonb_agg(jsonb_build_array(s.at, s.level) order by s.at, s.id) from consent s
                             where s.lead_id = l.id and s.contact_point_id = c.contact_point_id
                               and s.channel = case c.kind when 'phone' then 'sms' else 'email' end),
                   'sends', (select jsonb_agg(o.claimed_at order by o.claimed_at) from action o
                              where o.contact_point_id = c.contact_point_id and o.channel = 'sms' and o.purpose not in ('human', 'staff')
                                and (o.kind <> 'nurture_sms' or %(nurture)s)
                                and o.state in ('sending', 'sent', 'delivered', 'undelivered', 'bounced', 'unknown')
                                and o.claimed_at > %(since)s::timestamptz - interval '24 hours')))
          from (select distinct on (k.kind) k.*, p.opted_out_at, p.bounced_at  -- as lead_reach chooses
                  from lead_contact k join contact_point p on p.id = k.contact_point_id
                 where k.lead_id = l.id
                 order by k.kind, p.opted_out_at is not null, k.inquiry_at desc nulls last) c) as contacts,
       (select jsonb_agg(jsonb_build_object(
                   'id', i.id, 'at', cap.at, 'asked_at', i.asked_at, 'source', i.source, 'channel', i.channel, 'begins', not i.listed and not i.repeats,
                   'agent_id', i.agent_id, 'score', i.score, 'temperature', i.temperature, 'details', encode(i.sealed_details, 'base64'),
                   'key_id', ik.id, 'kek_id', ik.kek_id, 'wrapped', encode(ik.wrapped, 'base64')) order by i.asked_at)
          from inquiry i join capture cap on cap.id = i.id join vault.data_key ik on ik.id = cap.data_key_id
         where i.lead_id = l.id) as inquiries,
       (select jsonb_agg(jsonb_build_object('state', m.state, 'at', m.at, 'starts_at', m.starts_at, 'over_at', coalesce(m.ends_at, m.at)) order by m.at)
          from meeting m where m.lead_id = l.id) as meetings,
       (select jsonb_agg(jsonb_build_array(s.at, s.why) order by s.at)
          from (select m.at, case m.intent when 'stop' then 'opt_out' else 'reply' end as why
                  from message m
                 where m.lead_id = l.id and m.intent <> 'help' and m.at >= %(since)s
                union all
                select e.at, case e.kind when 'opted_out' then 'opt_out' when 'human_touch' then 'person' when 'finished' then 'finished_with'
                                         when 'meeting_booked' then 'booking' else e.kind end
                  from event e
                 where e.lead_id = l.id and e.at >= %(since)s
                   and e.kind in ('opted_out', 'human_touch', 'paused', 'restricted', 'finished', 'meeting_booked', 'outcome')) s) as signs,
       (select jsonb_agg(jsonb_build_array(g.at, g.cause_id, g.codes) order by g.id) from signal g where g.lead_id = l.id) as signals,
       (select jsonb_agg(v.started_at order by v.started_at) from visit v where v.lead_id = l.id and v.started_at >= %(since)s) as visits,
       (select min(e.at) from event e where e.lead_id = l.id and e.kind = 'booking_opened' and e.at >= %(since)s) as booking_opened_at,
       (select min(n.asked_at) from enrichment n where n.lead_id = l.id and n.outcome = 'found') as enriched_at,
       (select n.sealed_found from enrichment n where n.lead_id = l.id and n.outcome = 'found' order by n.asked_at desc limit 1) as sealed_found
  from lead l join vault.data_key dk on dk.id = l.data_key_id
 where l.id = any(%(ids)s) and l.restricted_at is null  -- kept, and not used
 order by l.last_at desc, l.id

-- name: rehearsal_mail_paused
select exists (select 1 from mail_pause where resumed_at is null) as is_paused

-- name: rehearsal_happened
-- what sequences that began since then did for these leads
select a.lead_id, a.channel as what, a.state, a.reason, count(*) as n
  from enrollment e join action a on a.cause_id = e.id and a.kind in ('nurture_sms', 'nurture_email')
 where e.lead_id = any(%(ids)s) and e.started_at >= %(since)s
 group by a.lead_id, a.channel, a.state, a.reason
union all
select e.lead_id, s.kind, s.outcome, null, count(*)
  from enrollment e join enrollment_step s on s.enrollment_id = e.id and s.kind in ('call', 'alert')
 where e.lead_id = any(%(ids)s) and e.started_at >= %(since)s
 group by e.lead_id, s.kind, s.outcome
union all
select e.lead_id, 'call', 'task', null, count(*)
  from enrollment e join enrollment_step s on s.enrollment_id = e.id and s.fell_back = 'call'
 where e.lead_id = any(%(ids)s) and e.started_at >= %(since)s
 group by e.lead_id
union all
select e.lead_id, 'enrolled', e.state, e.ended_because, count(*)
  from enrollment e where e.lead_id = any(%(ids)s) and e.started_at >= %(since)s
 group by e.lead_id, e.state, e.ended_because
