"""The shape of a lead, as JSON Schema 2020-12, for the OpenAPI page: what it allows is accepted."""

from __future__ import annotations

from typing import Any

from leadwake.intake.fields import LIMITS

#: at least one character that cleaning keeps: no blank, no control, no mark of direction
_SOMETHING = r"[^\s\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]"


def _text(meaning: str, *examples: str, limit: str | None = None) -> dict[str, Any]:
    """A nullable string; longer ones are cut at `limit`, not refused."""
    cut = f" Cut at {LIMITS[limit]:,} characters." if limit else ""
    return {"type": ["string", "null"], "description": meaning + cut, "examples": list(examples)}


def _answer(what: str) -> dict[str, Any]:
    return {"type": ["boolean", "null"], "description": f"The person's answer on {what}; null: was not asked."}


def _given(field: str) -> dict[str, Any]:
    return {"required": [field], "properties": {field: {"type": "string", "pattern": _SOMETHING}}}


_CONSENT: dict[str, Any] = {
    "type": ["object", "null"],
    "description": "What the person allowed, with its proof. true with every other field is written consent, "
    "with one missing it counts as an inquiry; false: no automated messages on that channel.",
    "properties": {
        "sms": _answer("automated texts"),
        "email": _answer("automated e-mail"),
        "text": _text("The exact wording shown.", "I agree that Example Realty may text me …", limit="text"),
        "ip": _text("The person's IP address.", "192.0.2.17", limit="ip"),
        "timestamp": _text("When, ISO 8601; unreadable counts as missing.", "2026-11-22T15:04:05Z"),
        "user_agent": _text("The person's browser.", "Mozilla/5.0", limit="user_agent"),
        "wording_version": _text("Your name of this wording.", "2026-03", limit="wording_version"),
        "checkbox": {
            "type": ["string", "boolean", "null"],
            "description": "State of the box: `ticked` by the person; a pre-ticked box proves nothing.",
            "examples": ["ticked"],
        },
        "signature": _text("The typed name or other e-signature.", "Samantha Lewis", limit="signature"),
        "url": _text("The page of the form.", "https://www.example.com/sell", limit="url"),
    },
    "additionalProperties": True,
}

LEAD_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Lead",
    "type": "object",
    "description": "Only a name, a phone or an e-mail is needed. A phone or e-mail that cannot be read is kept for a "
    "person. Other fields are kept too, within bounds.",
    "anyOf": [_given(field) for field in ("name", "first_name", "last_name", "phone", "email")],
    "properties": {
        "name": _text("The whole name; else first_name and last_name.", "Samantha Lewis", limit="name"),
        "first_name": _text("Given name, where there is no name.", "Samantha", limit="first_name"),
        "last_name": _text("Family name, where there is no name.", "Lewis", limit="last_name"),
        "phone": _text("As typed; US numbers need no +1.", "(813) 555-0194", limit="phone"),
        "email": _text("As typed.", "slewis@example.net", limit="email"),
        "message": _text("What the person wrote.", "Is 12 Oak St still for sale?", limit="message"),
        "received_at": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": "When the person asked; without a zone UTC. More than 72 hours old or 5 minutes ahead it "
            "is kept as claimed, and the lead counts from now.",
            "examples": ["2026-11-22T15:04:05Z"],
        },
        "channel": _text("web_form, live_chat, portal_email, phone_call, csv, …; api.", "web_form", limit="channel"),
        "source": _text("Where the lead comes from.", "website", "Zillow", limit="source"),
        "interest": _text("What the lead is about.", "buy_home", limit="interest"),
        "postal_code": _text("ZIP or other code.", "33606", limit="postal_code"),
        "state": _text("Two letters or the name.", "FL", limit="state"),
        "country": _text("ISO 3166 alpha-2.", "US", limit="country"),
        "budget": _text("As said.", "450-500K", limit="budget"),
        "timeline": _text("As said.", "within 30 days", limit="timeline"),
        "page_url": _text("The page the person was on.", "https://www.example.com/sell", limit="page_url"),
        "user_agent": _text("The person's browser, where consent has none.", "Mozilla/5.0", limit="user_agent"),
        "utm": {
            "type": ["object", "null"],
            "description": "Campaign tags; the first 20 are kept.",
            "additionalProperties": {"type": ["string", "null"]},
            "examples": [{"utm_source": "google"}],
        },
        "consent": _CONSENT,
    },
    "additionalProperties": True,
    "examples": [
        {
            "name": "Samantha Lewis",
            "phone": "(813) 555-0194",
            "email": "slewis@example.net",
            "message": "Can I see the house on Linden Blvd on Saturday?",
            "source": "website",
            "channel": "web_form",
        }
    ],
}
