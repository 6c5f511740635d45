"""What the world may hear of, by webhook: each type of event, and from which kind of our own log it comes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: kind of an event in the log → the type that is published; the database's `webhook_type` says the same
OF_KIND: Final[Mapping[str, str]] = {
    "offered": "lead.offered",
    "assigned": "lead.assigned",
    "claimed": "lead.claimed",
    "passed": "lead.passed",
    "owner_lost": "lead.owner_lost",
    "unattended": "lead.unattended",
    "human_touch": "lead.contacted",
    "finished": "lead.finished",
    "replied": "lead.replied",
    "opted_out": "lead.opted_out",
    "opted_in": "lead.opted_in",
    "no_calls": "lead.no_calls",
    "paused": "lead.paused",
    "resumed": "lead.resumed",
    "follow_up": "lead.follow_up",
    "visited": "lead.visited",
    "booking_opened": "lead.booking_opened",
    "enriched": "lead.enriched",
    "corrected": "lead.corrected",
    "restricted": "lead.restricted",
    "unrestricted": "lead.unrestricted",
    "objected": "lead.objected",
    "address_bounced": "lead.address_bounced",
    "outcome": "lead.outcome",
    "outcome_withdrawn": "lead.outcome_withdrawn",
    "call_outcome": "call.outcome",
    "meeting_booked": "meeting.booked",
    "meeting_moved": "meeting.moved",
    "meeting_cancelled": "meeting.cancelled",
    "meeting_held": "meeting.held",
    "meeting_no_show": "meeting.no_show",
    "enrolled": "lead.enrolled",
    "sequence_stopped": "lead.sequence_stopped",
    "sequence_done": "lead.sequence_done",
    "recovered": "lead.recovered",
}

#: every type, and when it is sent
TYPES: Final[Mapping[str, str]] = {
    "lead.created": "somebody asked for the first time",
    "lead.returned": "somebody who had asked before asked again",
    "lead.scored": "a score was given: with each inquiry, and whenever it changes",
    "lead.answered": "the first message of ours was taken for delivery",
    "lead.offered": "an agent is asked to claim the lead",
    "lead.assigned": "the lead was given to an agent, or taken back (then without `user`)",
    "lead.claimed": "an agent claimed the lead",
    "lead.passed": "an agent who was asked passed",
    "lead.owner_lost": "a silent owner lost the lead",
    "lead.unattended": "management was told that nobody was in touch in time",
    "lead.contacted": "a person of the team was in touch",
    "lead.finished": "somebody of the team is done with the lead",
    "lead.replied": "the lead wrote back",
    "lead.opted_out": "the lead wants no messages to a number or address any more",
    "lead.opted_in": "the lead wants messages again",
    "lead.no_calls": "the lead wants no calls",
    "lead.paused": "automatic messages are held back, because a person is in the conversation",
    "lead.resumed": "automatic messages go on",
    "lead.follow_up": "the lead said “not now”, and until when",
    "lead.enrolled": "the lead is in a sequence from now on",
    "lead.sequence_stopped": "a sequence ended early, and why",
    "lead.sequence_done": "a sequence came to its end without an answer",
    "lead.recovered": "a lead that had gone quiet, or that nobody had touched, showed life after being woken",
    "lead.visited": "the lead looked at your website",
    "lead.booking_opened": "the lead opened their booking link",
    "lead.enriched": "a data vendor knew something of the lead",
    "lead.address_bounced": "mail to the lead came back for good",
    "lead.outcome": "the CRM says what came of the lead: meeting, won, lost",
    "lead.outcome_withdrawn": "the CRM took that back",
    "lead.corrected": "the lead's own data was corrected at their wish",
    "lead.objected": "the lead objects to marketing",
    "lead.restricted": "the lead's data may be kept and not used; you may have to do the same",
    "lead.unrestricted": "it may be used again",
    "lead.erased": "everything about the lead is gone here; erase it at your side, too",
    "message.sent": "a text or mail to the lead was taken by its vendor",
    "message.delivered": "it arrived",
    "message.failed": "it did not arrive, or nobody knows whether it did",
    "call.outcome": "an agent said what came of a call",
    "meeting.booked": "a meeting was booked",
    "meeting.moved": "a meeting was moved",
    "meeting.cancelled": "a meeting was called off",
    "meeting.held": "a meeting's time is over, and nobody said that they did not come",
    "meeting.no_show": "the lead did not come to a meeting",
}

#: asked for by a button; no endpoint subscribes to it
TEST: Final = "webhook.test"
#: sent with the lead's id and nothing about the person
WITHOUT_LEAD: Final = frozenset({"lead.erased", "lead.restricted"})

#: kinds of the log that are the house's own business
NOT_PUBLISHED: Final = frozenset({
    # `lead.scored` says it
    "became_hot",
    # the house: settings, people, keys, rules, the log itself
    "score_weights_changed",
    "backup_made", "backup_failed", "restore_rehearsed", "restored", "restore_released",
    "api_key_created", "api_key_revoked", "api_key_rotated", "audit_exported", "audit_verified",
    "breach_recorded", "breach_told",
    "circuit_opened", "circuit_closed", "crm_deals_changed", "crm_fields_changed", "crm_key_made", "crm_tried_now",
    "door_made", "door_mapped",
    "door_key_made", "door_closed", "door_opened", "erasures_reapplied", "exported", "form_registered", "form_retired",
    "identity_bound", "identity_unbound", "oauth_client_created", "oauth_client_revoked", "oauth_client_rotated",
    "oauth_token_revoked",
    "import_started", "import_undone", "invite_used", "keys_changed", "login", "login_failed", "mail_domain_seen",
    "mail_paused", "mail_resumed", "master_key_copy_confirmed", "master_key_rotated", "password_changed",
    "policy_changed", "record_shown", "recovery_changed",
    "registration_seen", "retention_ran", "routing_rules_changed", "rules_loaded", "rules_used", "settings_changed",
    "sequence_published", "sequence_paused", "sequence_resumed",
    "slack_id_found", "slo_acted", "slo_over", "template_changed", "test_lead_sent", "user_added", "user_changed",
    "user_disabled", "user_invited", "vendor_tested", "webhooks_set", "webhooks_put_back",
    "webhook_added", "webhook_changed", "webhook_paused", "webhook_resumed", "webhook_deleted", "webhook_secret_rolled",
    "webhook_tested", "webhook_replayed",
    "vendor_authorized", "vendor_connection_lost", "vendor_disconnected",
    "website_added", "website_changed", "website_removed", "website_restored",
    # said by another type: the erasure by lead.erased, a touch by lead.contacted
    "erased", "contacted",
    # steps inside the team that change nothing about the lead
    "aside_dismissed", "aside_taken_in",
    "action_hurried", "action_skipped", "address_confirmed", "address_unconfirmed", "call_without_number",
    "call_given_up", "call_undone",
    "called_anyway", "crm_gone", "crm_owner_refused", "dead_letter_replayed", "letter_undone", "no_answer_needed",
    "not_enriched", "offer_timed_out", "sent_anyway", "task_done", "task_snoozed", "task_undone",
    "untouched", "woken",
})  # fmt: skip
