"""A lead as programs read it: the API answers it, webhooks carry it. Plain values by the names of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadwake.storage.dossier import Asked, Contact, Dossier, OpenAction
from leadwake.workflows.office import Office

_SAME: Final = (
    "id", "name", "score", "temperature", "status", "agent_id", "first_touch_s", "first_touch_at", "asked_at",
    "created_at", "last_at", "source", "channel", "state", "postal_code", "country", "practice",
)  # fmt: skip


def of(office: Office, found: Dossier) -> dict[str, Any]:
    """The lead; `agent`: whose it is, or who is asked to claim it."""
    lead, owner = found.lead, office.person(found.lead.agent_id or found.lead.offered_to)
    return {
        **{name: getattr(lead, name) for name in _SAME},
        "reasons": list(lead.reasons),
        "phone": lead.phone or lead.phone_raw,
        "email": lead.email or lead.email_raw,
        "agent": owner.name if owner else None,
        "contacts": [_contact(contact) for contact in found.contacts],
        "inquiries": [inquiry(asked) for asked in found.inquiries],
        "to_come": [_action(action) for action in found.to_come],
    }


def inquiry(asked: Asked) -> Mapping[str, Any]:
    """What the person asked, as understood."""
    said = ("message", "interest", "budget", "timeline", "page_url")
    return {
        "id": asked.id, "asked_at": asked.at, "source": asked.source, "channel": asked.channel,
        **{name: asked.details.get(name) for name in said},
    }  # fmt: skip


def _contact(contact: Contact) -> Mapping[str, Any]:
    return {name: getattr(contact, name) for name in ("kind", "value", "consent", "opted_out_at")}


def _action(action: OpenAction) -> Mapping[str, Any]:
    why = action.sentence or action.reason
    return {"id": action.id, "kind": action.kind, "state": action.state, "due_at": action.due_at, "why": why}
