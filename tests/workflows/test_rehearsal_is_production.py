"""A rehearsal says what production does, touch by touch: random sequences and events, a real database, real ticks.

Time stands still and is moved from one instant at which something is due to the next, ninety days long.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings

from leadwake.domain.sequence.book import Published
from leadwake.domain.sequence.model import Message, Sequence, Wait
from leadwake.domain.sequence.rehearsal import Foreseen, Rehearsed, Sign, Ticks
from leadwake.workflows import composing, enrolling, rehearsal, rehearsal_leads
from leadwake.workflows.office import Office
from office_case import NOON, House
from rehearsal_case import Given, live, stopped
from sequence_case import sequences

LEADS = 40
DAYS = 90
#: numbers and where their people say they live
PLACES = [
    ("813-555-01{:02}", "FL", "33606"), ("212-555-01{:02}", "NY", "10001"), ("310-555-01{:02}", "CA", "90001"),
    ("808-555-01{:02}", "HI", "96801"), ("205-555-01{:02}", "NY", "10001"), ("907-555-01{:02}", "AK", "99501"),
]  # fmt: skip
WRITTEN = {
    "sms": True, "email": True, "text": "I agree to automated marketing texts from Example Realty", "ip": "203.0.113.9",
    "timestamp": "2026-11-24T16:59:30Z", "user_agent": "Mozilla/5.0", "wording_version": "v3", "checkbox": "ticked",
    "signature": "Maria Lopez", "url": "https://www.example.com/buy",
}  # fmt: skip
#: why a way is over → what happens
SIGNS = ("reply", "opt_out", "booking", "person")


@dataclass
class Case:
    """A lead in a sequence. foreseen: what the rehearsal says; sign: what will end it, None for nothing."""

    lead_id: UUID
    phone: str
    enrollment_id: UUID
    foreseen: Rehearsed
    sign: Sign | None


def _is_eventful(sequence: Sequence) -> bool:
    acts = [type(step.act) for step in sequence.steps]
    return acts.count(Wait) > 1 and acts.count(Message) > 1


def some_sequences(count: int) -> list[Sequence]:
    """Random ones, always the same."""
    found: list[Sequence] = []

    @given(sequences().filter(_is_eventful))
    @settings(
        max_examples=count,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def draw(sequence: Sequence) -> None:
        found.append(sequence)

    draw()
    return [replace(each, name=f"any{at}") for at, each in enumerate(found)]


async def test_a_rehearsal_says_what_production_does_touch_by_touch(idle_house: House) -> None:
    house, chance = stopped(idle_house), random.Random(90)
    office = house.office
    known = {each.name: each for each in some_sequences(LEADS)}
    book = Given({name: Published(name, 1) for name in known}, known=known)
    office.sequences = book
    for name in known:
        await house.rows("insert into sequence (name, version, updated_at) values (%s, 1, now())", name)
    house.advance(timedelta(hours=9, minutes=7))  # late in the East, an afternoon in the West, between two ticks
    cases = [await begun(house, chance, at, sequence) for at, sequence in enumerate(known.values())]
    events = [(case.sign.at, partial(shows_life, house, case, case.sign.why)) for case in cases if case.sign]
    await live(house, NOON + timedelta(days=DAYS), events, book)
    touches = 0
    for case in cases:
        assert await happened(house, case) == told(case), known[(await enrollment(house, case))["sequence"]]
        touches += len(case.foreseen.foreseen)
    # the case is worth its time only where something happened
    kinds = {each.decision for case in cases for each in case.foreseen.foreseen}
    assert {"send", "defer", "block", "skip", "task", "alert"} <= kinds
    assert {case.foreseen.because for case in cases} >= {"finished", *SIGNS}
    assert touches > LEADS


async def begun(house: House, chance: random.Random, at: int, sequence: Sequence) -> Case:
    """A lead that has just begun a sequence, and what the rehearsal says of it; nothing is done about it yet."""
    number, state, postal_code = chance.choice(PLACES)
    phone, email = number.format(at), f"lead{at}@example.com"
    reached = chance.choice(["both", "both", "phone", "email"])
    consent = chance.choice([WRITTEN, WRITTEN, {}, {"sms": False}])
    lead = {
        "name": f"Lead {at}", "phone": phone if reached != "email" else None,
        "email": email if reached != "phone" else None, "state": state, "postal_code": postal_code,
        "channel": "web_form", "source": "website", "interest": "buy_home", "consent": consent,
        "message": chance.choice(["Is it still open?", "I need it this week, please call me", "just looking"]),
    }  # fmt: skip
    answer = await house.post(lead)
    assert answer.status_code == 202, answer.text
    lead_id, office, now = UUID(answer.json()["lead_id"]), house.office, house.now
    await office.db.run("wishes_due", limit=100)  # `any` is for nobody by itself
    async with office.db.transaction() as connection:
        assert await enrolling.enroll(office, connection, lead_id, sequence.name, cause="by_hand", now=now)
    row = (await house.rows("select id from enrollment where lead_id = %s", lead_id))[0]
    known = await rehearsal_leads.one(office, lead_id)
    assert known is not None
    why = None if at % 3 == 0 else chance.choice(SIGNS if reached != "email" else SIGNS[2:])
    sign = Sign(now + timedelta(minutes=chance.randrange(chance.choice([300, 4_000, 20_000]))), why) if why else None
    foreseen = rehearsal.way(
        rehearsal.team_of(office), sequence, known, now, NOON + timedelta(days=DAYS), stop=sign, seed=row["id"].bytes,
        ticks=Ticks(NOON),
    )  # fmt: skip
    return Case(lead_id, phone, row["id"], foreseen, sign)


async def shows_life(house: House, case: Case, why: str) -> None:
    if why in {"reply", "opt_out"}:
        answer = await house.hear(
            f"+1{case.phone.replace('-', '')}", "STOP" if why == "opt_out" else "Yes, tell me more"
        )
        assert answer.status_code == 200
    elif why == "booking":
        await house.rows("update lead set status = 'booked', last_at = %s where id = %s", house.now, case.lead_id)
    else:
        await house.rows(
            "select human_touched(%s, (select id from app_user limit 1), %s, 'call')", case.lead_id, house.now
        )


async def enrollment(house: House, case: Case) -> dict[str, Any]:
    return (await house.rows("select * from enrollment where id = %s", case.enrollment_id))[0]


async def happened(house: House, case: Case) -> list[tuple[Any, ...]]:
    """What production did, in order; and how it ended."""
    found = await house.rows(
        "select a.*, k.kek_id, k.wrapped from action a left join vault.data_key k on k.id = a.data_key_id "
        "where a.cause_id = %s and a.kind in ('nurture_sms', 'nurture_email')", case.enrollment_id,
    )  # fmt: skip
    steps = await house.rows("select * from enrollment_step where enrollment_id = %s", case.enrollment_id)
    listed = [_touch(house.office, row) for row in found if row["state"] not in {"planned", "deferred"}]
    listed += [
        (step["at"], step["at"], step["step"], step["kind"], step["outcome"], None)
        for step in steps
        if step["kind"] in {"call", "alert"}
    ]
    listed += [
        (step["ended_at"], step["ended_at"], step["step"], "call", "task", None)
        for step in steps
        if step["fell_back"] == "call"
    ]
    row = await enrollment(house, case)
    return [*sorted(listed, key=_order), (row["ended_at"], row["ended_because"])]


def _touch(office: Office, row: Mapping[str, Any]) -> tuple[Any, ...]:
    at = row["claimed_at"] or row["settled_at"]
    body = composing.content_of(office, row).body if row["state"] == "sent" else None  # type: ignore[arg-type]
    return (row["created_at"], at, row["ordinal"], row["channel"], row["state"], body)


def told(case: Case) -> list[tuple[Any, ...]]:
    """The same of the rehearsal."""
    states = {
        "send": "sent", "defer": "sent", "block": "blocked", "skip": "skipped", "expire": "expired", "fail": "dead",
        "cancel": "cancelled", "task": "task", "alert": "told",
    }  # fmt: skip
    listed = [
        (each.planned_at, each.at, each.step, each.channel, states[each.decision], _body(each))
        for each in case.foreseen.foreseen
    ]
    ended_at, because = case.foreseen.ended_at, case.foreseen.because
    return [*sorted(listed, key=_order), (ended_at, because if ended_at else None)]


def _body(each: Foreseen) -> str | None:
    """As `content_of` has it: of a mail, whose foot the rehearsal leaves out, none."""
    if each.said is None:
        return None
    return each.said.body if each.channel == "sms" else ""


def _order(touch: tuple[Any, ...]) -> tuple[Any, ...]:
    return touch[0], touch[2], touch[3]
