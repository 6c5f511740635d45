"""Months of a team under a stopped clock: leads, replies, stops, an outage, workers that die; and what must hold."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

from gate_oracle import CODES, shut

from leadwake.domain.sequence.model import Sequence, Wait
from leadwake.workflows import nurture
from office_case import House

DAYS = 90
#: clocks go forward on 14 March 2027, in the middle
BEGIN = datetime(2027, 1, 20, 14, 0, tzinfo=UTC)
#: nobody looks at anything for two days, in the sixth week
OUTAGE = (BEGIN + timedelta(days=38), BEGIN + timedelta(days=40))
#: minutes between ticks
TICK = 60
#: New York, Tampa, Chicago, Phoenix (no summer time), Los Angeles, Honolulu
AREAS = ("212", "813", "312", "602", "310", "808")
WRITTEN = {
    "sms": True, "email": True, "text": "I agree to automated marketing texts from Example Realty", "ip": "203.0.113.9",
    "user_agent": "Mozilla/5.0", "wording_version": "v3", "checkbox": "ticked", "url": "https://www.example.com/buy",
}  # fmt: skip
A_TICK_IS_DUE: LiteralString = "update chore set at = at - interval '30 days' where name = 'nurture'"
#: something of now that nobody has followed yet
LEFT: LiteralString = (
    "select 1 from enrollment_news union all select 1 from enrollment where state = 'waiting' and due_at <= %s limit 1"
)
#: a reply, a stop in the person's own words, a question by somebody else of the house: each ends the way
SAID = ("Yes, Thursday works", "STOP", "please stop texting me", "What would it cost?", "not now, maybe in May")


@dataclass
class Months:
    """One such time. heard: number → when its first words reached us."""

    house: House
    leads: int
    chance: random.Random
    deaths: int = 0
    heard: dict[str, datetime] = field(default_factory=dict)

    async def live(self) -> None:
        """All of it, tick by tick; steps at which nothing can happen are passed over."""
        arrivals = sorted(self.chance.uniform(0, 45) for _ in range(self.leads))
        events = [(BEGIN + timedelta(days=day), "lead", number) for number, day in enumerate(arrivals)]
        for number in range(self.leads):
            if self.chance.random() < 0.35:
                at = BEGIN + timedelta(days=arrivals[number] + self.chance.expovariate(1 / 9))
                events.append((at, "words", number))
        events.sort()
        end = BEGIN + timedelta(days=DAYS)
        while (now := await self._next(events)) < end:
            self.house.advance(now - self.house.now)
            while events and events[0][0] <= now:
                _, what, number = events.pop(0)
                await (self._arrives(number) if what == "lead" else self._speaks(number))
            await self._work()

    async def _next(self, events: list[tuple[datetime, str, int]]) -> datetime:
        """The next tick at which something may happen; none lies in the outage."""
        rows = await self.house.rows(
            "select least((select min(due_at) from enrollment where state = 'waiting'), "
            "(select min(due_at) from action where state in ('planned', 'deferred'))) as at"
        )
        candidates = [at for at in (rows[0]["at"], events[0][0] if events else None) if at is not None]
        at = max(min(candidates, default=BEGIN + timedelta(days=DAYS)), self.house.now + timedelta(seconds=1))
        steps = -(-(at - BEGIN) // timedelta(minutes=TICK))
        tick = BEGIN + steps * timedelta(minutes=TICK)
        return OUTAGE[1] if OUTAGE[0] <= tick < OUTAGE[1] else tick

    def _person(self, number: int) -> Mapping[str, Any]:
        area = AREAS[number % len(AREAS)]
        phone = f"+1{area}555{number:04d}"
        consent = {**WRITTEN, "signature": f"Lead {number}"} if number % 2 else {"sms": None, "email": None}
        lead: dict[str, Any] = {
            "name": f"Maria Lead{number:04d}", "phone": phone, "channel": "web_form", "source": "website",
            "interest": "buy_home", "message": "Is it open?", "consent": consent,
        }  # fmt: skip
        return lead if number % 10 == 3 else lead | {"email": f"maria{number}@example.com"}

    async def _arrives(self, number: int) -> None:
        lead = dict(self._person(number))
        if number % 2:
            lead["consent"] = {**lead["consent"], "timestamp": self.house.now.isoformat()}
        answer = await self.house.post(lead)
        assert answer.status_code == 202, answer.text

    async def _speaks(self, number: int) -> None:
        phone = str(self._person(number)["phone"])
        self.heard.setdefault(phone, self.house.now)
        answer = await self.house.hear(phone, self.chance.choice(SAID))
        assert answer.status_code == 200

    async def _work(self) -> None:
        """Whoever is due is seen to, until nothing is left for now; now and then a worker dies over it."""
        house = self.house
        if self.chance.random() < 0.2:
            await house.rows(A_TICK_IS_DUE)
            dying = asyncio.create_task(nurture.look(house.office))
            await asyncio.sleep(self.chance.random() * 0.02)
            dying.cancel()
            await asyncio.gather(dying, return_exceptions=True)
            self.deaths += 1
        # the house's own worker looks as well, and what it holds is passed over here: it is waited for
        while True:
            await house.rows(A_TICK_IS_DUE)
            await nurture.look(house.office)
            due = await house.rows(
                "select id, channel from action where state in ('planned', 'deferred') and due_at <= %s", house.now
            )
            assert house.workers is not None
            for row in due:
                house.workers.dispatcher.offer(row["channel"], [row["id"]])
            await house.settled(limit_s=120)
            if not due and not await house.rows(LEFT, house.now):
                return


async def must_hold(months: Months, sequences: Mapping[str, Sequence]) -> Counter[str]:
    """Every touch as its sequence says, at a lawful instant, once; nobody touched after a sign of life or forgotten."""
    house = months.house
    ways = await house.rows("select * from enrollment order by started_at")
    actions = await house.rows(
        "select a.*, e.sequence, e.started_at, e.ended_at as way_ended, e.state as way from action a "
        "join enrollment e on e.id = a.cause_id where a.kind in ('nurture_sms', 'nurture_email') "
        "order by a.created_at, a.id"
    )
    found: Counter[str] = Counter(f"{row['kind']} {row['state']} {row['reason'] or ''}".strip() for row in actions)
    out = [row for row in actions if row["claimed_at"] is not None and row["state"] in {"sent", "delivered"}]
    found["out"], found["deaths"], found["ways"] = len(out), months.deaths, len(ways)
    _once(out, await house.texts(), await house.mails())
    by_way: dict[Any, list[dict[str, Any]]] = {}
    for row in out:
        by_way.setdefault(row["cause_id"], []).append(row)
    for touches in by_way.values():
        _in_order(touches, sequences[touches[0]["sequence"]])
        for row in touches:
            assert row["way"] != "stopped" or row["claimed_at"] <= row["way_ended"], "a touch after a sign of life"
    await _lawful(house, out)
    now = house.now
    for way in ways:
        forgotten = way["state"] == "waiting" and now - way["due_at"] > timedelta(minutes=2 * TICK)
        assert not forgotten, f"{way['sequence']} step {way['step']} was due at {way['due_at']}"
        assert way["state"] != "under_way" or await _is_open(house, way), "a way that nobody goes on with"
    assert (await house.ledger()).problems == []
    return found


def _once(out: list[dict[str, Any]], texts: list[dict[str, str]], mails: list[dict[str, Any]]) -> None:
    """The vendors took as many as we believe, and the same words never twice to anybody."""
    assert len({(row["cause_id"], row["ordinal"], row["channel"]) for row in out}) == len(out)
    said = Counter((text["To"], text["Body"]) for text in texts if re.search("touch", text["Body"]))
    assert sum(said.values()) == sum(row["channel"] == "sms" for row in out)
    assert all(count == 1 for count in said.values()), "the same text twice"
    wrote = Counter(
        (mail["personalizations"][0]["to"][0]["email"], mail["subject"])
        for mail in mails
        if mail["subject"].startswith("Touch")
    )
    assert sum(wrote.values()) == sum(row["channel"] == "email" for row in out)
    assert all(count == 1 for count in wrote.values()), "the same mail twice"


def _in_order(touches: list[dict[str, Any]], sequence: Sequence) -> None:
    """Later steps later, each after its waits; days of the enrollment never in a burst."""
    for before, row in itertools.pairwise(touches):
        assert before["ordinal"] <= row["ordinal"]
        assert before["claimed_at"] <= row["claimed_at"]
        waits = [
            step.act for step in sequence.steps[before["ordinal"] + 1 : row["ordinal"]] if isinstance(step.act, Wait)
        ]
        least = sum((wait.for_ or timedelta() for wait in waits), timedelta())
        if any(wait.until_day is not None for wait in waits):
            least = max(least, sequence.gap)
        assert row["claimed_at"] - before["claimed_at"] >= least
    for row in touches:
        days = [step.act.until_day or 0 for step in sequence.steps[: row["ordinal"]] if isinstance(step.act, Wait)]
        assert row["claimed_at"] - row["started_at"] >= timedelta(days=max(days, default=0))


async def _lawful(house: House, out: list[dict[str, Any]]) -> None:
    """By tables and rules that share no code with the gate."""
    points = list({row["contact_point_id"] for row in out if row["channel"] == "sms"})
    rows = await house.rows("select id, hash from contact_point where id = any(%s)", points)
    known, blind = {bytes(row["hash"]): row["id"] for row in rows}, house.office.vault.blind
    areas = {
        known[hashed]: area
        for number in range(10_000)
        for area in AREAS[number % len(AREAS) :][:1]
        if (hashed := bytes(blind("phone", f"+1{area}555{number:04d}"))) in known
    }
    for row in out:
        if row["channel"] == "sms":
            code = CODES[areas[row["contact_point_id"]]]
            why = shut(row["claimed_at"], [code["state"]], code["zones"].split("|"), voice=False, marketing=True)
            assert why is None, f"{row['claimed_at']} {code['state']}: {why}"


async def _is_open(house: House, way: dict[str, Any]) -> bool:
    return bool(
        await house.rows(
            "select 1 from action where cause_id = %s and state in ('planned', 'deferred', 'sending')", way["id"]
        )
    )
