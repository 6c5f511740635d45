"""Refresh tokens that are replaced by each use, in whatever order several processes go about it, on the real database.

The vendor here voids a token with its first use, as Calendly does, or answers its second use as the first. Each process
is at one of its steps; time passes only where the example says. What must hold is checked with each use.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadwake.bootstrap import open_office
from leadwake.config import load
from leadwake.storage import grants
from leadwake.storage.grants import Fresh
from leadwake.workflows.office import Office
from leadwake.workflows.vendor_tokens import LEASE_S
from office_case import NOON, rows

WHO = st.integers(0, 2)
#: what a process does next: takes the token and writes its request; reads the answer; stores it
STEPS = st.tuples(st.sampled_from(["take", "read", "store"]), WHO)
#: and what goes wrong: the answer is lost, before or after the vendor acted; the process dies; the leases run out
FAULTS = st.one_of(
    st.tuples(st.sampled_from(["unacted", "lost", "die"]), WHO), st.tuples(st.just("leases run out"), st.just(0))
)


@dataclass
class Vendor:
    """Takes each refresh token once; the last one again where it has a grace. uses: of each."""

    has_grace: bool = False
    current: str = "r1"
    uses: Counter[str] = field(default_factory=Counter)

    def act(self, refresh: str) -> str | None:
        """The next refresh token, or None: this one is void."""
        if refresh != self.current:
            return self.current if self.has_grace and int(refresh[1:]) + 1 == int(self.current[1:]) else None
        self.current = f"r{int(refresh[1:]) + 1}"
        return self.current


@dataclass
class Process:
    """attempt: a request is written and unanswered, or answered (brought) and not stored."""

    attempt: UUID | None = None
    serial: int = 0
    refresh: str = ""
    brought: str | None = None
    is_read: bool = False


@dataclass
class World:
    """Three processes, one grant."""

    office: Office
    grant: UUID
    vendor: Vendor = field(default_factory=Vendor)
    processes: list[Process] = field(default_factory=lambda: [Process(), Process(), Process()])
    faults: int = 0

    async def step(self, what: str, who: int) -> None:
        process = self.processes[who]
        match what:
            case "take" if process.attempt is None:
                await self._take(process)
            case "read" if process.attempt and not process.is_read:
                process.brought, process.is_read = self.vendor.act(process.refresh), True
            case "store" if process.is_read:
                await self._store(process)
            case "unacted" | "lost" if process.attempt and not process.is_read:
                self.faults += 1
                if what == "lost":
                    self.vendor.act(process.refresh)
                values = {"doubt": True, "wait_s": 0.0, "reason": "cut"}
                await self.office.db.run("grant_not_renewed", id=self.grant, attempt=process.attempt, **values)
                self.processes[who] = Process()
            case "die" if process.attempt:
                self.faults += 1
                self.processes[who] = Process()
            case "leases run out":
                await self._leases_run_out()

    async def _take(self, process: Process) -> None:
        held = await grants.read(self.office.db, self.office.vault, self.grant)
        assert held is not None
        attempt = uuid4()
        taken = await grants.take(self.office.db, self.office.vault, self.grant, held.serial, attempt, LEASE_S)
        if taken is None:
            return
        under_way = [one for one in self.processes if one.attempt and one.refresh == taken.refresh and not one.is_read]
        assert not under_way, "two at once"
        if self.vendor.uses[taken.refresh]:
            assert self.faults, "spent twice, though nothing went wrong"
            assert taken.in_doubt, "spent again, though its answer was read"
        self.vendor.uses[taken.refresh] += 1
        process.attempt, process.serial, process.refresh = attempt, held.serial, taken.refresh
        process.brought, process.is_read = None, False

    async def _store(self, process: Process) -> None:
        assert process.attempt is not None
        db, vault = self.office.db, self.office.vault
        if process.brought is None:
            await db.run("grant_lost", id=self.grant, attempt=process.attempt, reason="void")
        else:
            before = await self._kept()
            fresh = Fresh(process.brought, process.brought, 7_200.0, 5_000.0)
            await grants.renewed(db, vault, self.grant, process.serial, process.attempt, fresh)
            assert await self._kept() >= before, "an old answer took a newer one's place"
        process.attempt, process.is_read = None, False

    async def _kept(self) -> int:
        """The number of the token in the row; access tokens are called as the refresh tokens they came with."""
        held = await grants.read(self.office.db, self.office.vault, self.grant)
        assert held is not None
        return int(held.access[1:])

    async def _leases_run_out(self) -> None:
        """What was written has its answer by then, or never; one who has read it may be paused all the while."""
        await rows(self.office.db, "update vendor_grant set lease_until = now() where lease_until is not null")
        for who, process in enumerate(self.processes):
            if process.attempt and not process.is_read:
                self.faults += 1
                self.processes[who] = Process()
            elif process.attempt:
                self.faults += 1

    async def is_kept(self) -> bool:
        """True when the row has the token that the vendor takes next."""
        held = await grants.read(self.office.db, self.office.vault, self.grant)
        assert held is not None
        taken = await grants.take(self.office.db, self.office.vault, self.grant, held.serial, uuid4(), LEASE_S)
        return taken is not None and taken.refresh == self.vendor.current


async def _world(office: Office, *, has_grace: bool = False) -> World:
    async with office.db.transaction() as connection:
        fresh = Fresh("r1", "r1", 7_200.0, 5_000.0)
        grant = await grants.connect(
            connection, office.vault, "calendly", "https://api.calendly.com", "O1", "", fresh, NOON, "user x"
        )
    return World(office, grant, Vendor(has_grace))


@pytest.fixture
def loop_and_office(database_url: str, tmp_path: Path) -> object:
    runner = asyncio.Runner()
    (tmp_path / "data").mkdir(mode=0o700)
    office, _ = runner.run(open_office(load({"LEADWAKE_DATA_DIR": str(tmp_path / "data")}), database_url, pool=2))
    yield runner, office
    runner.run(office.db.close())
    runner.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=3, max_size=30))
def test_each_refresh_token_is_used_once_in_any_order_of_several(
    loop_and_office: tuple[asyncio.Runner, Office], steps: list[tuple[str, int]]
) -> None:
    runner, office = loop_and_office

    async def whole() -> None:
        world = await _world(office)
        for what, who in steps:
            await world.step(what, who)
        for who in range(3):  # whoever began ends it
            await world.step("read", who)
            await world.step("store", who)
        assert max(world.vendor.uses.values(), default=1) == 1
        assert await world.is_kept()

    runner.run(whole())


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(STEPS, STEPS, FAULTS), min_size=3, max_size=40), has_grace=st.booleans())
def test_whatever_goes_wrong_no_two_use_a_token_at_once_nor_after_its_answer(
    loop_and_office: tuple[asyncio.Runner, Office], steps: list[tuple[str, int]], has_grace: bool
) -> None:
    runner, office = loop_and_office

    async def whole() -> None:
        world = await _world(office, has_grace=has_grace)
        for what, who in steps:
            await world.step(what, who)

    runner.run(whole())


def test_a_process_that_was_paused_does_not_bring_back_an_old_token(
    loop_and_office: tuple[asyncio.Runner, Office],
) -> None:
    runner, office = loop_and_office
    story = [
        ("take", 0), ("read", 0), ("leases run out", 0), ("take", 1), ("read", 1), ("store", 1), ("take", 2),
        ("read", 2), ("store", 2), ("store", 0),
    ]  # fmt: skip

    async def whole() -> None:
        world = await _world(office, has_grace=True)
        for what, who in story:
            await world.step(what, who)
        assert await world.is_kept()

    runner.run(whole())
