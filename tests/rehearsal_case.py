"""A house whose time stands still and is moved from one instant at which something is due to the next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from leadwake.actions.claims import Judgement, claim
from leadwake.actions.outcomes import accepted
from leadwake.actions.settle import Settler
from leadwake.clock import Clock
from leadwake.domain.sequence.book import Book
from leadwake.domain.sequence.model import Sequence
from leadwake.domain.sequence.rehearsal import Ticks
from leadwake.providers.ports import Accepted
from leadwake.workflows import nurture, scoring, sending
from leadwake.workflows.composing import Errand
from leadwake.workflows.office import Office
from office_case import NOON, House

#: something that happens, and when
Event = tuple[datetime, Callable[[], Awaitable[object]]]


@dataclass
class Stopped:
    """A clock that stands until it is moved."""

    at: float
    offset_s: float = 0.0

    def __call__(self) -> float:
        return self.at + self.offset_s


@dataclass(frozen=True)
class Given(Book):
    """Sequences that were never text."""

    known: Mapping[str, Sequence] = field(default_factory=dict)

    def version(self, name: str, version: int) -> Sequence | None:
        return self.known.get(name) if version == 1 else None


def stopped(house: House) -> House:
    """The same house, whose time stands still."""
    office = house.office
    wheel = Stopped(datetime.now(UTC).timestamp())
    clock = Clock(NOON, 1.0, datetime.fromtimestamp(wheel.at, UTC), wheel)
    office.base_settings = replace(office.base_settings, clock=clock)
    office.settings = replace(office.settings, clock=clock)
    house.wheel = wheel  # type: ignore[assignment]
    return house


async def live(house: House, end: datetime, events: Iterable[Event], book: Book | None = None) -> None:
    """Everything that is due is done when it is, and what happens happens, until the end."""
    ticks, waiting = Ticks(NOON), sorted(events, key=lambda event: event[0])
    async with carrier(house.office) as carry:
        while True:
            await look(house, ticks, book)
            while await carry():
                await look(house, ticks, book)
            at = await next_instant(house, ticks)
            if waiting and waiting[0][0] <= min(at, end):
                happens_at, happens = waiting.pop(0)
                house.advance(happens_at - house.now)
                await happens()
            elif at <= end:
                house.advance(at - house.now)
            else:
                house.advance(end - house.now)
                return


async def look(house: House, ticks: Ticks, book: Book | None) -> None:
    """What production does each second; with the tick, if it is its time."""
    house.office.sequences = book or house.office.sequences  # somebody's change had it read anew
    is_tick = ticks.first(house.now) == house.now
    before = house.now - (timedelta(minutes=15) if is_tick else timedelta())
    await house.rows(
        "insert into chore (name, at) values ('nurture', %s) on conflict (name) do update set at = excluded.at", before
    )
    await scoring.news(house.office)
    while await scoring.slowly(house.office):
        pass
    await nurture.look(house.office)


async def next_instant(house: House, ticks: Ticks) -> datetime:
    """When something is due next."""
    waiting = await house.rows("select due_at, is_urgent from enrollment where state = 'waiting'")
    deferred = await house.rows("select due_at from action where kind like 'nurture_%%' and state = 'deferred'")
    found = [row["due_at"] if row["is_urgent"] else ticks.first(row["due_at"]) for row in waiting]
    return max(min([*found, *(row["due_at"] for row in deferred)], default=datetime.max.replace(tzinfo=UTC)), house.now)


@asynccontextmanager
async def carrier(office: Office) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """Claims the messages that are due, by production's own claim and judge; vendors take them at once."""

    async def nothing(*_: object) -> None:
        return None

    settler = Settler(office.db, office.clock, nothing)
    running = asyncio.create_task(settler.run())

    async def carry() -> int:
        now = office.clock.now()
        async with office.db.connection() as connection:
            due = await (
                await connection.execute(
                    "select id from action where kind in ('nurture_sms', 'nurture_email') "
                    "and state in ('planned', 'deferred') and due_at <= %s", (now,)
                )
            ).fetchall()  # fmt: skip

        def judge(row: Any, attempt_id: UUID, vendor: str, at: datetime) -> Judgement:
            return sending.judge(Errand(office, row, attempt_id, vendor, at))

        claims = await claim(office.db, {row["id"]: "twilio" for row in due}, judge, now)
        for each in claims.claimed:
            settler.put(accepted(each.action_id, each.attempt_id, Accepted(None)))
        await settler.drained()
        return len(due)

    yield carry
    running.cancel()
