-- A channel for each CRM --------------------------------------------------------------------------------------------------

-- crm is HubSpot's, as it was
alter table action drop constraint action_channel_check;
alter table action add constraint action_channel_check
    check (channel in ('sms', 'email', 'crm', 'crm_gohighlevel', 'voice', 'slack'));
