"""/leads/{id}/record: the whole record of one person, made to be printed or saved (R-REC-1, R-REC-3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from psycopg.rows import DictRow
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.compliance.reply import read_reply
from leadwake.domain import wording
from leadwake.domain.looks import How
from leadwake.errors import RuleError
from leadwake.ops.export import collect
from leadwake.storage import decisions, reading
from leadwake.storage.events import record
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute
from leadwake.web.read_api import parse_id
from leadwake.web.seen import saw
from leadwake.web.sessions import SignedIn
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)


@router.get("/leads/{lead_id}/record")
async def whole_record(request: Request, lead_id: str, person: SignedIn) -> Response:
    """Everything that was asked, allowed, decided and sent; who looked is on record, too."""
    office: Office = request.app.state.office
    found = parse_id(lead_id)
    lead = await reading.lead(office.db, office.vault, found) if found else None
    if lead is None:
        raise HTTPException(404)
    try:
        whole = await collect(office, lead.id)
    except RuleError:
        raise HTTPException(404) from None
    for message in whole["messages"]:
        message["because"] = read_reply(message["body"]).because if message["direction"] == "in" else None
    proofs = {one["id"]: one["details"].get("consent") or {} for one in whole["inquiries"]}
    rows = [_decision(row) for row in await decisions.of_lead(office.db, lead.id)]
    async with office.db.transaction() as connection:
        await record(connection, office.clock.now(), f"user {person.id}", "record_shown", lead_id=lead.id)

    saw(request, How.RECORD, [lead.id])

    def instant(text: str) -> str:
        return wording.moment(datetime.fromisoformat(text), office.settings.time_zone, office.clock.now(), seconds=True)

    return await view.page(
        request, "record.html", here="leads", lead=lead, whole=whole, decisions=rows, proofs=proofs, instant=instant
    )


def _decision(row: DictRow) -> dict[str, Any]:
    """One decision with what it was made by, as a person reads it."""
    result = row["result"]
    return {
        **{name: row[name] for name in ("id", "at", "channel", "purpose", "outcome", "reason", "rule", "sender")},
        "consent": result.get("consent"),
        "until": result.get("at") if row["outcome"] == "defer" else None,
        "states": result.get("states") or [],
        "clocks": result.get("local_times") or [],
        "tables": row["table_version"],
        "policy": row["policy_version"],
    }
