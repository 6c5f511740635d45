-- Who may be texted, and the forms that prove it.

-- name: consent_forms
select id, name, wording, wording_version, url, signature, by_script, registered_by, registered_at, retired_at
  from consent_form order by retired_at nulls first, registered_at desc

-- name: consent_form_add
insert into consent_form (id, name, wording, wording_version, url, signature, by_script, not_pre_ticked, screenshot,
                          screenshot_type, registered_by, registered_at)
values (%(id)s, %(name)s, %(wording)s, %(wording_version)s, %(url)s, %(signature)s, %(by_script)s, true, %(screenshot)s,
        %(screenshot_type)s, %(user_id)s, %(now)s)
on conflict (name) where retired_at is null do nothing

-- name: consent_form_retire
update consent_form set retired_at = %(now)s where id = %(id)s and retired_at is null

-- name: consent_form_screenshot
select screenshot, screenshot_type from consent_form where id = %(id)s and screenshot is not null

-- name: consent_share
-- leads since then, by source and by what stands in the way of marketing texts; one row a source, standing and lack. The
-- rank is of the best number somebody has: 1 stopped, 2 declined, 3 nothing asked of us, 4 asked us, 5 agreed in writing
with recent as (
    select id, source from lead where created_at > %(since)s and (not practice or %(practice)s)
), sources as (
    select source, row_number() over (order by count(*) desc, source) as place from recent group by source
), best as (
    select c.lead_id,
           max(case when p.opted_out_at is not null then 1 when c.consent = 'declined' then 2 when c.consent = 'written' then 5
                    when c.consent in ('inquiry', 'oral') then 4 else 3 end) as rank
      from lead_contact c join contact_point p on p.id = c.contact_point_id
     where c.kind = 'phone' and c.lead_id in (select id from recent)
     group by c.lead_id
), lacks as (
    select distinct on (lead_id) lead_id, missing
      from consent
     where channel = 'sms' and at > %(since)s
     order by lead_id, at desc, id desc
)
select case when s.place <= %(most)s then r.source end as source, coalesce(b.rank, 0) as rank,
       case when b.rank in (3, 4) then coalesce(k.missing, '{}') else '{}' end as missing, count(*) as n
  from recent r
  join sources s on s.source = r.source
  left join best b on b.lead_id = r.id
  left join lacks k on k.lead_id = r.id
 group by 1, 2, 3
