"""A lead became hot that was not: whose they are hears of it at once; with nobody, they are offered as hot ones are.

Only what comes after the first minute: of a new inquiry its agent hears anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from psycopg.rows import DictRow

from leadwake.actions.claims import Judgement
from leadwake.actions.planning import plan_now
from leadwake.actions.states import State
from leadwake.domain.routing_rules import DAY_ALERT
from leadwake.domain.scoring import Reason, Score
from leadwake.domain.variables import line
from leadwake.storage import tasks
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.workflows import composing, staff_news
from leadwake.workflows.composing import Addressee, Errand
from leadwake.workflows.office import Office
from leadwake.workflows.routing import alert

#: the alert of the inquiry itself tells of it
FIRST_MINUTE: Final = timedelta(minutes=1)


async def became_hot(
    office: Office, connection: Connection, row: DictRow, score: Score, why: Reason | None, now: datetime
) -> None:
    """Whoever is to care hears of it, in the transaction that makes it so. row: of `rescore_lock`."""
    if row["status"] == "opted_out":
        return
    is_wooed = row["phase"] in {"offered", "pool"}
    if row["asked_at"] is not None and now - row["asked_at"] < FIRST_MINUTE:
        if is_wooed:
            await _as_hot(office, connection, row, now)
        return
    because = why.code if why else ""
    await record(connection, now, "system", "became_hot", lead_id=row["id"], score=score.value, because=because)
    owner = office.person(row["agent_id"])
    if owner is not None:
        if because != "meeting_booked":  # they hear of the meeting, in the same moment
            await _tell(office, connection, row, office.admins if owner.disabled else [owner], now)
    elif is_wooed:
        await _hurry(office, connection, row, now)
    elif row["inquiry_id"] is not None:
        await _offer(office, connection, row, now)


async def _hurry(office: Office, connection: Connection, row: DictRow, now: datetime) -> None:
    """They are on offer already: from here on as a hot lead, and whoever is asked just now hears why."""
    await _as_hot(office, connection, row, now)
    found = await (await connection.execute(q("hot_offered_to"), {"lead_id": row["id"]})).fetchall()
    people = [person for one in found if (person := office.person(one["agent_id"]))]
    await _tell(office, connection, row, people, now)


async def _as_hot(office: Office, connection: Connection, row: DictRow, now: datetime) -> None:
    times = office.routing.times
    await connection.execute(
        q("hot_offer"),
        {"lead_id": row["id"], "now": now, "claim_by": now + times.claim("hot"), "alert_at": now + times.alert,
         "day_alert_at": now + DAY_ALERT},
    )  # fmt: skip


async def _offer(office: Office, connection: Connection, row: DictRow, now: datetime) -> None:
    """They are nobody's: an agent is looked for in a moment."""
    values = {
        "lead_id": row["id"], "inquiry_id": row["inquiry_id"], "phase": "offered", "step": 0, "now": now,
        "next_at": now, "alert_at": now + office.routing.times.alert, "day_alert_at": now + DAY_ALERT,
    }  # fmt: skip
    await connection.execute(q("hot_escalate"), values)
    await tasks.open_task(connection, row["id"], "claim", now, due_at=now)


async def _tell(office: Office, connection: Connection, row: DictRow, people: Sequence[Person], now: datetime) -> None:
    cause_id = new_id()
    for person in people:
        if not person.disabled:
            actions = alert(office.settings, person, "hot_alert")
            await plan_now(connection, actions, lead_id=row["id"], cause_id=cause_id, now=now)


def judge(errand: Errand) -> Judgement:
    """The text or mail to an agent: who became hot, and why."""
    person = errand.office.person(errand.row["agent_id"])
    if person is None or person.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    key, _ = errand.opened()
    if errand.row["channel"] == "sms":
        if not person.phone:
            return Judgement(State.SKIPPED, "no_number")
        words = f"{said(errand)} {staff_news.link_of(errand)}".rstrip()
        return composing.plain_text(errand, Addressee(person.phone, person.name, key), words)
    body = "\n".join([said(errand), "", *sums(errand), "", "Open the lead:", "", staff_news.link_of(errand)])
    return composing.plain_mail(errand, Addressee(person.email, person.name, key), line(said(errand)), body)


def said(errand: Errand) -> str:
    """Who became hot and why, in one sentence: "Maria Lopez became hot: returned to the pricing page."."""
    weight = errand.office.weights.by_code.get(errand.row["hot_because"] or "")
    why = f": {weight.text[:1].lower()}{weight.text[1:]}" if weight else ""
    return f"{staff_news.name_of(errand)} became hot{why}."


def sums(errand: Errand) -> list[str]:
    """The weightiest contributions, one a line."""
    reasons = [reason for reason in errand.row["reasons"] or () if reason["points"] > 0]
    return [f"{reason['text']}, {reason['points']:+d}" for reason in reasons[:6]]
