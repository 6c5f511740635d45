"""What a webhook says: read when it is sent, so that no copy of anybody's data waits anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.domain.webhook_types import WITHOUT_LEAD
from leadwake.errors import NotYet
from leadwake.storage import dossier, reading
from leadwake.workflows import lead_facts
from leadwake.workflows.office import Office

#: a lead's newest inquiries, as a delivery carries them
INQUIRIES: Final = 10
#: of the log's particulars, those that mean something here only
_OURS: Final = frozenset({"point"})
_json: Final = msgspec.json.Encoder()


async def body(office: Office, row: DictRow) -> bytes:
    """
    The delivery's JSON: {"type", "timestamp", "sequence", "data"}. row: of `webhook_delivery`.

    Raises NotYet when the lead was erased since the delivery was judged, DatabaseAway.
    """
    facts = {name: value for name, value in row["facts"].items() if name not in _OURS}
    data: dict[str, Any] = {"event": facts}
    if row["lead_id"] is not None:
        data["lead"] = {"id": row["lead_id"]}
        if row["type"] not in WITHOUT_LEAD:
            data |= await _about(office, row["lead_id"], row["type"], row["at"], facts)
    if people := _people(office, facts, data.get("lead", {})):
        data["people"] = people
    said = {"type": row["type"], "timestamp": row["at"], "sequence": row["seq"], "data": data}
    return _json.encode(said)


async def _about(
    office: Office, lead_id: UUID, type_: str, at: datetime, facts: Mapping[str, Any]
) -> Mapping[str, Any]:
    found = await dossier.summary(office.db, office.vault, lead_id)
    if found is None:
        raise NotYet("the lead was erased meanwhile", vendor="endpoint")
    asked = next((one for one in found.inquiries if str(one.id) == facts.get("inquiry")), None)
    said: dict[str, Any] = {"lead": lead_facts.of(office, found)}
    del said["lead"]["inquiries"][INQUIRIES:]
    if asked is not None:
        extra = {name: asked.details.get(name) or {} for name in ("utm", "extra")}
        said["inquiry"] = {**lead_facts.inquiry(asked), **extra}
    if type_ == "lead.replied" and (message := await office.db.one("webhook_said", lead_id=lead_id, at=at)):
        said["message"] = {
            **{name: message[name] for name in ("id", "channel", "intent", "at")},
            "text": reading.said(office.vault, message),
        }
    if type_.startswith("meeting.") and (meeting := await _meeting(office, lead_id, facts)):
        said["meeting"] = meeting
    return said


async def _meeting(office: Office, lead_id: UUID, facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    row = await office.db.one("webhook_meeting", id=facts["meeting"], lead_id=lead_id)
    if row is None:
        return None
    details = dossier.opened_meeting(office.vault, row)
    return {
        **{name: row[name] for name in ("id", "state", "starts_at", "ends_at")},
        "title": details.title, "place": details.place,
    }  # fmt: skip


def _people(office: Office, facts: Mapping[str, Any], lead: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whoever of the team is named, by their ids."""
    named = {str(value).removeprefix("user ") for value in [*facts.values(), lead.get("agent_id")]}
    return {
        str(person.id): {"name": person.name, "email": person.email, "phone": person.phone}
        for person in office.team
        if str(person.id) in named
    }
