"""Workflow 4: the tick. Whoever is due in a sequence gets their next step, once, in the order it is written.

Each batch is one transaction: enrollments locked, moved by the engine (domain/sequence/progress), and all that follows
written with them. A worker that dies within it has done nothing. What a touch came to is news for its enrollment,
written by the database with the touch's end, and followed here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake import log
from leadwake.actions.planning import plan_now
from leadwake.domain.sequence.model import Message, Sequence
from leadwake.domain.sequence.progress import Ended, Known, Later, Over, Passed, Standing, Touch
from leadwake.domain.sequence.way import Way
from leadwake.errors import DatabaseAway
from leadwake.storage import intake as rows
from leadwake.storage import tasks
from leadwake.storage.db import Connection, past_deadlocks, q
from leadwake.storage.ids import new_id
from leadwake.storage.vault import KekUnknown
from leadwake.storage.wakeups import wake
from leadwake.workflows import enrolling, sequence_facts
from leadwake.workflows.instant_response import is_off, is_practice
from leadwake.workflows.office import Office
from leadwake.workflows.routing import alert

_log = log.get(__name__)

#: how often it is looked for what cannot wait for a tick (real time)
LOOK_S: Final = 1.0
#: enrollments in one transaction; after so many of them, and after each batch, others get their turn: somebody may be
#: waiting for a first answer
BATCH: Final = 100
TURN: Final = 8
#: of the time that a batch took, so much is left to others
BREATH: Final = 0.3
#: a call that a sequence asks for is to be made within a working day
CALL_DUE: Final = timedelta(hours=8)
#: an enrollment whose sequence cannot be read is looked at again
HELD_FOR: Final = timedelta(minutes=15)
#: channel → the kind of contact that it reaches
CONTACT: Final = {"sms": "phone", "email": "email"}


async def run(office: Office) -> None:
    """Steps are taken when they are due, until cancelled."""
    # read apart: a dozen sequences take a third of a second, and somebody may be waiting for a first answer
    await asyncio.to_thread(lambda: (office.sequences.choice, office.sequences.looking))
    while True:
        try:
            await look(office)
        except DatabaseAway:
            _log.warning("nurture_waits", reason="database away")
        except Exception:
            _log.exception("nurture_failed")
        await asyncio.sleep(LOOK_S)


async def look(office: Office) -> None:
    """What happened is followed, what is urgent is done, and the tick is made when it is due."""
    now = office.clock.now()
    waiting = await office.db.one("nurture_waiting", now=now, before=now - office.settings.nurture_every)
    assert waiting is not None
    begun = heard = 0
    if waiting["wishes"]:
        begun = await _while_full(enrolling.LOOK, lambda: past_deadlocks(partial(enrolling.follow_wishes, office)))
    if waiting["news"]:
        heard = await _while_full(BATCH, lambda: past_deadlocks(partial(_news, office)))
    if waiting["urgent"] or begun or heard:  # what follows at once is done at once
        await _while_full(BATCH, lambda: past_deadlocks(partial(_due, office, urgent_only=True)))
    if waiting["tick"] and await _is_tick(office):
        await tick(office)


async def tick(office: Office) -> int:
    """Everybody who is due now gets their next step; how many that were."""
    return await _while_full(BATCH, lambda: past_deadlocks(partial(_due, office, urgent_only=False)))


async def _while_full(size: int, work: Callable[[], Awaitable[int]]) -> int:
    total, clock = 0, asyncio.get_running_loop().time
    began = clock()
    while done := await work():
        total += done
        if done < size:
            break
        await asyncio.sleep((clock() - began) * BREATH)
        began = clock()
    return total


async def _is_tick(office: Office) -> bool:
    """True once in each interval, for one of all processes."""
    now = office.clock.now()
    row = await office.db.one("nurture_turn", now=now, before=now - office.settings.nurture_every)
    return row is not None


async def _due(office: Office, *, urgent_only: bool) -> int:
    async with office.db.transaction() as connection:
        now = office.clock.now()
        values = {"now": now, "limit": BATCH, "urgent_only": urgent_only, "looking": office.sequences.looking}
        found = await (await connection.execute(q("nurture_due"), values)).fetchall()
        await _followed(office, connection, found, now, _begun)
    return len(found)


async def _news(office: Office) -> int:
    async with office.db.transaction() as connection:
        now = office.clock.now()
        taken = await (await connection.execute(q("nurture_news_take"), {"limit": BATCH})).fetchall()
        if taken:
            ids = [row["action_id"] for row in taken]
            values = {"actions": ids, "looking": office.sequences.looking}
            found = await (await connection.execute(q("nurture_news"), values)).fetchall()
            await _followed(office, connection, found, now, _ended)
    return len(taken)


async def _followed(
    office: Office,
    connection: Connection,
    found: Iterable[DictRow],
    now: datetime,
    how: Callable[[Step], None],
) -> None:
    carriers = Carriers.of(office)
    batch = Batch(office, now, carriers)
    for number, row in enumerate(found):
        if number % TURN == TURN - 1:
            await asyncio.sleep(0)
        batch.add(_one(Batch(office, now, carriers), row, how))
    await batch.write(connection)


def _one(batch: Batch, row: DictRow, how: Callable[[Step], None]) -> Batch:
    """What follows for one of them; whoever fails is looked at again later and holds up nobody else."""
    sequence = batch.office.sequences.version(row["sequence"], row["version"])
    if sequence is None:
        _log.error("sequence_unreadable", sequence=row["sequence"], version=row["version"])
        return batch.holding(row)
    try:
        how(Step(batch, row, sequence))
    except KekUnknown:
        raise  # a key that is a moment old: the whole look is made again
    except Exception:
        _log.exception("step_failed", enrollment=str(row["id"]), step=row["step"])
        return batch.holding(row)
    return batch


@dataclass(frozen=True, slots=True)
class Carriers:
    """Who carries messages now. off, practice: channels that nobody carries, or the sandbox does."""

    off: frozenset[str]
    practice: frozenset[str]
    is_practice: bool

    @classmethod
    def of(cls, office: Office) -> Carriers:
        """As the team has set things up."""
        return cls(
            frozenset(channel for channel in CONTACT if is_off(office.settings, channel)),
            frozenset(channel for channel in CONTACT if is_practice(office.settings, channel)),
            office.is_practice,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an enrollment, as it is written down. row: of `nurture_due` or `nurture_news`."""

    batch: Batch
    row: DictRow
    sequence: Sequence

    @property
    def standing(self) -> Standing:
        """As it was read."""
        return Standing(self.row["step"], self.row["since"], self.row["started_at"])

    @property
    def way(self) -> Way:
        """On from here, now."""
        return Way(self.sequence, self.row["id"].bytes, self.batch.now, self._known, self._hindrance, self)

    def _known(self) -> Known:
        office, row = self.batch.office, self.row
        facts = sequence_facts.facts_of(row, sequence_facts.details_of(office.vault, row))
        profile = rows.open_profile(office.vault, row)
        zones = sequence_facts.zones(profile, office.tables, office.settings.time_zone, self.batch.now)
        return Known(facts, zones)

    def _hindrance(self, touch: Touch) -> str | None:
        return hindrance(touch, self.row["contacts"] or {}, self.batch.carriers.off)

    def passed(self, step: Passed) -> None:
        """A branch was taken; a call or an alert is asked for."""
        self.batch.step(self.row, step.step, step.kind, outcome=step.outcome)
        if step.kind == "call":
            self.batch.calls.append(self.row)
        elif step.kind == "alert":
            self.batch.alerts.append((self.row, step.step))

    def planned(self, touch: Touch, hindrance: str | None) -> None:
        """A message is an action; with a hindrance it is skipped for that reason."""
        self.batch.plan(self.row, self.sequence, touch, hindrance)

    def over(self, step: int, outcome: str, instead: str | None) -> None:
        """A message's step came to its end, or `instead` takes its place."""
        self.batch.step_ended(self.row, step, outcome, instead)
        if instead == "call":
            self.batch.calls.append(self.row)

    def rests(self, standing: Standing, rest: Later | Touch | Over) -> None:
        """Nothing more until then, until the touch came to its end, or ever."""
        match rest:
            case Later(at=at, is_urgent=is_urgent):
                self.batch.stand(self.row, standing, "waiting", due_at=at, is_urgent=is_urgent)
            case Touch():
                self.batch.stand(self.row, standing, "under_way")
            case Over():
                self.batch.stand(self.row, standing, "done")
                self.batch.finish(self.row, self.sequence)


def hindrance(touch: Touch, contacts: Mapping[str, Any], off: Collection[str]) -> str | None:
    """
    Why the message cannot be sent at all: nowhere to, or nobody to carry it.

    contacts: by "phone" and "email". off: channels that nobody carries.
    """
    if CONTACT[touch.channel] not in contacts:
        return "no_number" if touch.channel == "sms" else "no_address"
    return "vendor_off" if touch.channel in off else None


def _begun(step: Step) -> None:
    """One that was due: as far as it gets now."""
    if step.row["practice"] and not step.batch.carriers.is_practice:
        # what was begun in practice is never sent in earnest
        step.batch.stop(step.row, step.standing, "practice_over")
        return
    step.way.go(step.standing)


def _ended(step: Step) -> None:
    """One whose touch came to its end."""
    row, batch = step.row, step.batch
    ended = Ended(row["touch_channel"], row["touch_state"], row["left_at"] or batch.now, row["touch_reason"])
    if ended.is_out:
        batch.touched[row["id"]] = ended.at
    step.way.go_on(step.standing, ended, was_instead=row["fell_back"] is not None)


@dataclass(slots=True)
class Batch:
    """Everything that one transaction writes."""

    office: Office
    now: datetime
    carriers: Carriers
    standings: list[tuple[Any, ...]] = field(default_factory=list)
    steps: dict[tuple[UUID, int], dict[str, Any]] = field(default_factory=dict)
    actions: list[tuple[Any, ...]] = field(default_factory=list)
    calls: list[DictRow] = field(default_factory=list)
    alerts: list[tuple[DictRow, int]] = field(default_factory=list)
    touched: dict[UUID, datetime] = field(default_factory=dict)
    finished: list[UUID] = field(default_factory=list)
    follow_ons: list[tuple[DictRow, str]] = field(default_factory=list)

    def stand(
        self,
        row: DictRow,
        standing: Standing,
        state: str,
        *,
        due_at: datetime | None = None,
        is_urgent: bool = False,
        because: str | None = None,
    ) -> None:
        """Where the enrollment stands from now on."""
        is_over = state in {"done", "stopped"}
        ended_at = self.now if is_over else None
        because = because or ("finished" if is_over else None)
        touched_at = self.touched.get(row["id"])
        self.standings.append(
            (row["id"], state, standing.step, due_at, is_urgent, standing.since, touched_at, ended_at, because)
        )

    def holding(self, row: DictRow) -> Batch:
        """Nothing but a later look; of a touch that ended, at the step after it."""
        batch = Batch(self.office, self.now, self.carriers)
        standing = Standing(row["step"] + ("touch_state" in row), row["since"], row["started_at"])
        batch.stand(row, standing, "waiting", due_at=self.now + HELD_FOR)
        return batch

    def add(self, other: Batch) -> None:
        """What follows for one more."""
        self.standings += other.standings
        self.actions += other.actions
        self.calls += other.calls
        self.alerts += other.alerts
        self.finished += other.finished
        self.follow_ons += other.follow_ons
        self.steps.update(other.steps)

    def stop(self, row: DictRow, standing: Standing, because: str) -> None:
        """The way ends before its end."""
        self.stand(row, standing, "stopped", because=because)

    def finish(self, row: DictRow, sequence: Sequence) -> None:
        """The way came to its end; what follows it begins."""
        self.finished.append(row["id"])
        if sequence.then:
            self.follow_ons.append((row, sequence.then))

    def step(self, row: DictRow, step: int, kind: str, **values: Any) -> None:
        """What became of a step."""
        known = self.steps.setdefault((row["id"], step), {"kind": kind})
        known.update(values)

    def step_ended(self, row: DictRow, step: int, outcome: str, instead: str | None) -> None:
        """A message's step is over, or another one takes its place."""
        is_open = instead == "email"
        self.step(
            row, step, row.get("touch_channel") or "message", outcome=None if is_open else outcome, fell_back=instead
        )

    def plan(self, row: DictRow, sequence: Sequence, touch: Touch, reason: str | None) -> None:
        """The message is an action; skipped, and said so, where it cannot be sent."""
        contact = CONTACT[touch.channel]
        point = (row["contacts"] or {}).get(contact, {}).get("point")
        self.actions.append(
            (
                new_id(), row["id"], f"nurture_{touch.channel}", contact, touch.step, row["lead_id"], point,
                touch.channel, "skipped" if reason else "planned", touch.channel in self.carriers.practice, reason,
            )
        )  # fmt: skip
        act = sequence.steps[touch.step].act
        assert isinstance(act, Message)
        self.step(row, touch.step, act.channel, variant=None if touch.is_instead else touch.variant.name)

    async def write(self, connection: Connection) -> None:
        """All of it, in the transaction that holds the enrollments."""
        if self.standings:
            await connection.execute(q("nurture_write"), _columns(_STANDING, self.standings))
        if self.steps:
            await connection.execute(q("nurture_steps"), {**_columns(_STEP, self._step_rows()), "now": self.now})
        if self.actions:
            columns = _columns(_ACTION, self.actions)
            await connection.execute(q("nurture_plan"), {**columns, "now": self.now})
            states = zip(columns["channels"], columns["ids"], columns["states"], strict=True)
            await wake(connection, [(channel, id_) for channel, id_, state in states if state == "planned"], "bulk")
        if self.finished:
            await connection.execute(q("nurture_done"), {"ids": self.finished, "now": self.now})
        for row in self.calls:
            await tasks.open_task(
                connection, row["lead_id"], "call", self.now, due_at=self.now + CALL_DUE, agent_id=row["agent_id"],
                reason="sequence",
            )  # fmt: skip
        for row, step in self.alerts:
            await self._alert(connection, row, step)
        for row, name in self.follow_ons:
            await enrolling.enroll(
                self.office, connection, row["lead_id"], name, cause="then", now=self.now, inquiry_id=row["inquiry_id"]
            )

    def _step_rows(self) -> list[tuple[Any, ...]]:
        names = ("kind", "outcome", "variant", "fell_back")
        return [(*key, *(values.get(name) for name in names)) for key, values in self.steps.items()]

    async def _alert(self, connection: Connection, row: DictRow, step: int) -> None:
        office = self.office
        agent = office.person(row["agent_id"])
        people = [agent] if agent and not agent.disabled else office.admins
        for person in people:
            actions = [replace(action, ordinal=step) for action in alert(office.settings, person, "nurture_alert")]
            await plan_now(connection, actions, cause_id=row["id"], now=self.now, lead_id=row["lead_id"], queue="bulk")


_STANDING: Final = ("ids", "states", "steps", "due_ats", "urgent", "since", "touched", "ended", "because")
_STEP: Final = ("ids", "steps", "kinds", "outcomes", "variants", "fell_back")
_ACTION: Final = (
    "ids", "causes", "kinds", "recipients", "ordinals", "leads", "points", "channels", "states", "practice", "reasons",
)  # fmt: skip


def _columns(names: tuple[str, ...], found: list[tuple[Any, ...]]) -> Mapping[str, list[Any]]:
    return {name: list(column) for name, column in zip(names, zip(*found, strict=True), strict=True)}
