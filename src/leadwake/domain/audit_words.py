"""The audit log in plain words: who did it, what it was, and its particulars. Pure.

A kind nobody foresaw is shown as itself with its underscores gone, like everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from leadwake.domain import wording

_KINDS: Final[Mapping[str, str]] = {
    "api_key_created": "Made an API key",
    "api_key_revoked": "Revoked an API key",
    "api_key_rotated": "Gave an API key a new secret",
    "audit_exported": "Exported the audit log",
    "audit_verified": "Held the audit log against its seals",
    "backup_made": "Made a backup",
    "backup_failed": "A backup failed",
    "restore_rehearsed": "Restoring a backup was rehearsed",
    "restored": "The database was restored from a backup",
    "restore_released": "Looked after a restore, and let automation go on",
    "breach_recorded": "Wrote down a data breach",
    "breach_told": "Told the authority of a data breach",
    "circuit_opened": "A vendor fails: it is left alone for a while",
    "circuit_closed": "A vendor is back",
    "claimed": "Claimed a lead",
    "passed": "Passed on a lead",
    "oauth_client_created": "Made an API client",
    "oauth_client_revoked": "Revoked an API client",
    "oauth_client_rotated": "Gave an API client a new secret",
    "oauth_token_revoked": "Revoked an access token",
    "offered": "A lead was offered",
    "offer_timed_out": "An offer ran out of time",
    "owner_lost": "A silent owner lost a lead",
    "assigned": "A lead was given to somebody",
    "unattended": "Nobody was in touch with a lead in time",
    "finished": "Done with a lead",
    "human_touch": "A person was in touch",
    "door_made": "Made a door for leads",
    "door_mapped": "Changed what a door's fields mean",
    "door_key_made": "Made a new key for a door",
    "door_closed": "Closed a door",
    "door_opened": "Opened a door again",
    "erased": "Erased a person",
    "erasures_reapplied": "Erasures were made again after a restore",
    "form_registered": "Registered a form",
    "form_retired": "Retired a form",
    "visited": "Looked at a website of ours",
    "website_added": "Added a website",
    "website_changed": "Changed what a website loads",
    "website_removed": "Removed a website",
    "website_restored": "Brought a website back",
    "identity_bound": "Signed in with an account elsewhere for the first time",
    "identity_unbound": "Unbound an account elsewhere",
    "invite_used": "Accepted an invitation",
    "keys_changed": "The keys were changed",
    "login": "Signed in",
    "login_failed": "A sign-in failed",
    "mail_domain_seen": "The mail domain's DNS was looked at",
    "mail_paused": "Marketing e-mail was paused",
    "mail_resumed": "Let marketing e-mail go on",
    "master_key_copy_confirmed": "Confirmed a copy of the master key",
    "policy_changed": "Changed your rules",
    "registration_seen": "The carriers' registration has another state",
    "retention_ran": "What had its time was taken away",
    "rules_loaded": "Loaded tables of law",
    "rules_used": "Put tables of law in force",
    "score_weights_changed": "Changed what counts in the score",
    "settings_changed": "Changed settings",
    "slo_acted": "Acted because answers were late",
    "slo_over": "Let go what was done against late answers",
    "signed": "Signed a consent",
    "template_changed": "Changed a message",
    "test_lead_sent": "Sent themselves a test lead",
    "user_added": "Added somebody to the team",
    "user_changed": "Changed a member of the team",
    "user_disabled": "Shut somebody out",
    "user_invited": "Invited somebody",
    "vendor_authorized": "Connected a vendor",
    "vendor_connection_lost": "A vendor has to be connected again",
    "vendor_disconnected": "Disconnected a vendor",
    "vendor_tested": "Tried a vendor",
    "webhooks_set": "Set where the number reports to",
    "webhook_added": "Added a webhook endpoint",
    "webhook_changed": "Changed a webhook endpoint",
    "webhook_paused": "A webhook endpoint was paused",
    "webhook_resumed": "Resumed a webhook endpoint",
    "webhook_deleted": "Deleted a webhook endpoint",
    "webhook_secret_rolled": "Gave a webhook endpoint a new secret",
    "webhook_tested": "Tried a webhook endpoint",
    "webhook_replayed": "Sent webhooks again",
    "webhooks_put_back": "Put the number's old reports back",
}

_ACTORS: Final[Mapping[str, str]] = {
    "system": "Leadwake itself", "lead": "The lead", "somebody": "Somebody not signed in", "cli": "The command line",
    "vendor": "A vendor",
}  # fmt: skip


def kind(code: str, by: str | None = None) -> str:
    """What happened; by: how, where the log says."""
    return _KINDS.get(code) or wording.event(code, by)


def actor(code: str, names: Mapping[UUID, str], keys: Mapping[str, str]) -> str:
    """Who did it. names: user id → name; keys: an API key's id, or a client's → its name."""
    if code in _ACTORS:
        return _ACTORS[code]
    what, _, which = code.partition(" ")
    if what == "user":
        return _named(which, names)
    if what == "key":
        return f"API key {keys.get(which, which)}"
    if what == "client":
        return f"API client {keys.get(which, which)}"
    return wording.vendor(which) if what == "vendor" else wording.humanised(code)


def particulars(data: Mapping[str, Any], names: Mapping[UUID, str]) -> str:
    """The event's ids and codes in one line: "names: TWILIO_FROM; state: approved"."""
    return "; ".join(f"{wording.humanised(key)}: {_value(key, value, names)}" for key, value in data.items())


def _value(key: str, value: Any, names: Mapping[UUID, str]) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_value(key, one, names) for one in value) or "nothing"
        case dict():
            return ", ".join(f"{wording.humanised(str(name))} {_value(key, one, names)}" for name, one in value.items())
        case str() if key in {"user", "agent", "to", "from"}:
            return _named(value, names)
        case None:
            return "none"
        case _:
            return str(value)


def _named(text: str, names: Mapping[UUID, str]) -> str:
    try:
        return names.get(UUID(text), "a former colleague")
    except ValueError:
        return text
