-- What only some kinds of action are judged by beside `claim_read`: read for those alone, so that nobody else's claim opens a
-- table for it. `%(ids)s` are actions of those kinds; what an aside has no row or value for is null.

-- name: aside_alert
select a.id, jsonb_build_object('state', o.state, 'ref', o.vendor_ref) as alert
  from action a join action o on o.id = a.recipient::uuid
 where a.id = any(%(ids)s)

-- name: aside_reply
select a.id, m.body as reply_body, m.intent as reply_intent, k.id as reply_key_id, k.kek_id as reply_kek_id, k.wrapped as reply_wrapped
  from action a
  join message m on m.id = a.cause_id
  join vault.data_key k on k.id = m.data_key_id
 where a.id = any(%(ids)s)

-- name: aside_letter
select a.id, lt.content as letter_content, lt.send_at as letter_send_at, lt.accepted as letter_accepted,
       ch.id as chat_id, ch.talked_at as chat_talked_at, ch.ended_at as chat_ended_at, ch.welcome as chat_welcome,
       ch.language as chat_language,
       case when a.kind = 'human_email' then (
           select o.id from action o
            where o.contact_point_id = a.contact_point_id and o.channel = 'email' and o.state in ('sent', 'delivered')
            order by o.claimed_at desc limit 1) end as mail_before
  from action a
  left join letter lt on lt.id = a.cause_id
  left join chat ch on ch.id = case a.kind when 'human_chat' then lt.chat_id when 'chat' then a.recipient::uuid end
 where a.id = any(%(ids)s)

-- name: aside_digest
select a.id, jsonb_build_object('content', d.content, 'leads', (
           select coalesce(jsonb_agg(jsonb_build_object(
                      'id', l.id, 'profile', encode(l.sealed_profile, 'base64'), 'key_id', k.id, 'kek_id', k.kek_id,
                      'wrapped', encode(k.wrapped, 'base64'))), '[]')
             from lead l join vault.data_key k on k.id = l.data_key_id
            where l.id = any(d.lead_ids) and l.restricted_at is null)) as digest
  from action a join digest d on d.id = a.cause_id
 where a.id = any(%(ids)s)

-- name: aside_ops
select a.id, jsonb_build_object('about', n.about, 'at', n.at, 'over_at', n.over_at, 'content', n.content, 'told', (
           select b.state from action b where b.cause_id = n.id and b.kind = 'ops_slack' and b.recipient = 'begun')) as ops
  from action a join ops_notice n on n.id = a.cause_id
 where a.id = any(%(ids)s)

-- name: aside_page
select a.id, s.why as page from action a join slo_act s on s.id = a.cause_id where a.id = any(%(ids)s)

-- name: aside_lookup
select a.id, (
           select jsonb_build_object('asked_at', max(o.claimed_at) filter (where o.state in ('sent', 'unknown')),
                                     'is_under_way', coalesce(bool_or(o.state = 'sending'), false),
                                     'is_stopped', exists (select 1 from lead_contact sc join contact_point sp on sp.id = sc.contact_point_id
                                                            where sc.lead_id = a.lead_id and sp.opted_out_at is not null))
             from action o
            where o.lead_id = a.lead_id and o.kind = 'enrich' and o.id <> a.id and o.practice = a.practice) as looked_up
  from action a
 where a.id = any(%(ids)s)

-- name: aside_deal
select a.id, jsonb_build_object('milestone', d.told, 'newest', d.ordinal, 'cents', oc.cents, 'ref', (
           select o.vendor_ref from action o where o.cause_id = a.cause_id and o.kind = 'crm_deal'
              and o.recipient = a.recipient and o.vendor_ref is not null limit 1), 'contact', (
           select o.vendor_ref from action o where o.lead_id = a.lead_id and o.kind = 'crm'
              and o.recipient = a.recipient and o.vendor_ref is not null order by o.created_at desc limit 1)) as deal
  from action a
  join crm_deal d on d.vendor = a.recipient and d.inquiry_id = a.cause_id
  left join outcome oc on oc.source = 'leadwake' and oc.ref = d.inquiry_id::text and oc.kind = d.told
 where a.id = any(%(ids)s)

-- name: aside_call
select a.id, jsonb_build_object('is_over', t.done_at is not null or coalesce(t.snoozed_until > %(now)s, false), 'why', t.best_why) as call_task
  from action a join task t on t.id = a.cause_id
 where a.id = any(%(ids)s)

-- name: aside_webhook
select a.id, jsonb_build_object('type', w.type, 'has_endpoint', e.id is not null, 'is_paused', e.paused_at is not null,
                                'is_erased', w.lead_id is not null and l.id is null, 'is_restricted', l.restricted_at is not null) as webhook
  from action a
  join webhook_event w on w.id = a.cause_id
  left join webhook_endpoint e on e.id = a.recipient::uuid
  left join lead l on l.id = w.lead_id
 where a.id = any(%(ids)s)

-- name: aside_hot
select a.id, (select e.data ->> 'because' from event e
               where e.lead_id = a.lead_id and e.kind = 'became_hot' order by e.id desc limit 1) as hot_because
  from action a
 where a.id = any(%(ids)s)

-- name: aside_meeting
select a.id, m.state as meeting_state, m.starts_at as meeting_starts_at, m.sealed as meeting_sealed,
       case when a.kind in ('meeting_reminder_sms', 'meeting_reminder_email') then m.starts_at end as reminds_of,
       case when a.kind = 'no_show_email' then exists (
           select 1 from action o where o.cause_id = a.cause_id and o.kind = 'no_show_sms'
              and o.state in ('planned', 'deferred', 'sending', 'sent', 'delivered', 'unknown')) end as is_texted
  from action a join meeting m on m.id = a.cause_id
 where a.id = any(%(ids)s)

-- name: aside_found
select a.id, (select e.sealed_found from enrichment e where e.lead_id = a.lead_id and e.outcome = 'found'
               order by e.asked_at desc limit 1) as enriched
  from action a
 where a.id = any(%(ids)s)
