"""E-mail in place of an instant text that hangs, and whose turn it is: never both, unless a text was under way."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from leadwake.actions.claims import Judgement
from leadwake.actions.planning import Planned, plan_now
from leadwake.actions.states import State
from leadwake.domain import slo
from leadwake.domain.values import Purpose
from leadwake.storage.db import q
from leadwake.workflows.composing import Errand
from leadwake.workflows.instant_response import is_off, is_practice
from leadwake.workflows.office import Office

#: beside the e-mail to an address that came with the inquiry, which is 0
IN_PLACE: Final = 1


async def plan(office: Office, now: datetime) -> int:
    """A mail is on its way to everybody whose text hangs and whose address we know; how many."""
    if is_off(office.settings, "email"):
        return 0
    waiting = await office.db.all("slo_texts_waiting", now=now, hangs_s=slo.HANGS_S)
    for row in waiting:
        mail = Planned(
            "email", "email", Purpose.INSTANT_REPLY, is_practice(office.settings, "email"), row["contact_point_id"],
            ordinal=IN_PLACE,
        )  # fmt: skip
        async with office.db.transaction() as connection:
            if await plan_now(connection, [mail], cause_id=row["cause_id"], now=now, lead_id=row["lead_id"]):
                await connection.execute(q("slo_inquiry_more"), {"id": row["cause_id"]})
    return len(waiting)


def judge(errand: Errand) -> Judgement | None:
    """What becomes of a text beside the mail in its place, or of that mail; None: it is judged as everything is."""
    row, other = errand.row, errand.row["other_answer"]
    if other is None:
        return None
    if row["kind"] == "sms":
        planned_at = datetime.fromisoformat(other["at"])
        match slo.text_turn(other["state"], other["resends"], planned_at, errand.now):
            case "wait":
                return Judgement(State.PLANNED, "mail_instead", due_at=errand.now + slo.MARGIN)
            case "never":
                return Judgement(State.CANCELLED, "mail_instead")
    elif slo.mail_turn(other["state"], row["resends"], row["created_at"], errand.now) == "never":
        return Judgement(State.CANCELLED, "text_went")
    return None
