-- Offers that ended lately, whose alerts in Slack still have their buttons.
create index offer_ended on offer (ended_at) where state <> 'open';
