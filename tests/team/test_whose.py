"""Whose a lead is, whatever happens in whatever order, on the real database: never lost, never two people's."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from team_case import COLD, HOT, MISCOUNTED

from leadwake.bootstrap import open_office
from leadwake.clock import Clock
from leadwake.errors import RuleError
from leadwake.settings import Settings
from leadwake.storage.staff import Person
from leadwake.workflows import claiming, escalation, intake, suppression
from leadwake.workflows.office import Office
from office_case import NOON, Wheel, hire, practice, rows

AGENTS = 4
STATES = ("FL", "TX")


class StoppedWheel(Wheel):
    """Time that goes on only where the test turns it."""

    def __call__(self) -> float:
        return 1_764_000_000.0 + self.offset_s


class Whose(RuleBasedStateMachine):
    """A small team and the leads that come to it."""

    office: Office
    runner: asyncio.Runner
    wheel: StoppedWheel
    team: list[Person]
    people = 0

    def __init__(self) -> None:
        super().__init__()
        self.leads: list[UUID] = []
        self.run(self._fresh())

    async def _fresh(self) -> None:
        """Nothing of the machine before waits any more, and everybody is there."""
        await rows(self.office.db, "update lead set finished_at = now()")
        await rows(
            self.office.db, "update escalation set phase = 'over', next_at = null, alert_at = null, day_alert_at = null"
        )
        await rows(self.office.db, "update offer set state = 'retracted' where state = 'open'")
        await rows(self.office.db, "update task set done_at = now() where done_at is null")
        await rows(
            self.office.db,
            "update app_user set paused_until = null, capacity = null, licences = '{FL,TX}' where takes_leads",
        )
        await self.office.refresh()

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def query(self, text: Any, *values: Any) -> list[dict[str, Any]]:
        return self.run(rows(self.office.db, text, *values))  # type: ignore[no-any-return]

    def _some(self, number: int) -> UUID | None:
        return self.leads[number % len(self.leads)] if self.leads else None

    # what happens

    @rule(hot=st.booleans(), state=st.sampled_from([*STATES, None]))
    def somebody_asks(self, hot: bool, state: str | None) -> None:
        type(self).people += 1
        number = type(self).people
        lead = {**(HOT if hot else COLD), "name": "Ann Lee", "email": f"p{number}@example.com", "state": state}
        lead["phone"] = f"+1813{2_000_000 + number}"
        receipt = self.run(intake.receive_lead(self.office, msgspec.json.encode(lead)))
        self.leads.append(receipt.lead_id)

    @rule(number=st.integers(0, 20), agent=st.integers(0, AGENTS - 1))
    def an_agent_claims(self, number: int, agent: int) -> None:
        if lead := self._some(number):
            person = self.team[agent]
            claim = self.run(claiming.claim(self.office, lead, person, by="page"))
            [row] = self.query("select agent_id from lead where id = %s", lead)
            assert claim.won == (row["agent_id"] == person.id)

    @rule(number=st.integers(0, 20), agent=st.integers(0, AGENTS - 1))
    def an_agent_passes(self, number: int, agent: int) -> None:
        if lead := self._some(number):
            self.run(claiming.pass_on(self.office, lead, self.team[agent], by="page"))

    @rule(number=st.integers(0, 20), agent=st.integers(0, AGENTS - 1))
    def an_agent_is_in_touch(self, number: int, agent: int) -> None:
        if lead := self._some(number):
            self.run(suppression.contacted_by(self.office, lead, self.team[agent].id))

    @rule(number=st.integers(0, 20), agent=st.integers(-1, AGENTS - 1))
    def a_lead_is_handed_over(self, number: int, agent: int) -> None:
        if lead := self._some(number):
            to = self.team[agent] if agent >= 0 else None
            with suppress(RuleError):  # not licensed there
                self.run(claiming.give(self.office, lead, to, actor=self.team[0]))

    @rule(number=st.integers(0, 20))
    def a_lead_is_finished(self, number: int) -> None:
        if lead := self._some(number):
            self.run(claiming.finish(self.office, lead, self.team[0]))

    @rule(number=st.integers(0, 20))
    def a_lead_says_stop(self, number: int) -> None:
        if lead := self._some(number):
            self.run(suppression.stopped_by(self.office, lead, "user test"))

    @rule(agent=st.integers(0, AGENTS - 1), until=st.sampled_from(["infinity", None]), told=st.booleans())
    def an_agent_pauses_or_comes_back(self, agent: int, until: str | None, told: bool) -> None:
        self.query("update app_user set paused_until = %s where id = %s", until, self.team[agent].id)
        if told:
            self.run(self.office.refresh())

    @rule(agent=st.integers(0, AGENTS - 1), capacity=st.sampled_from([0, 1, 2, None]))
    def an_agents_capacity_changes(self, agent: int, capacity: int | None) -> None:
        self.query("update app_user set capacity = %s where id = %s", capacity, self.team[agent].id)
        self.run(self.office.refresh())

    @rule(agent=st.integers(0, AGENTS - 1), licences=st.sampled_from([["FL"], ["TX"], ["FL", "TX"], ["NY"]]))
    def an_agents_licences_change(self, agent: int, licences: list[str]) -> None:
        self.query("update app_user set licences = %s where id = %s", licences, self.team[agent].id)
        self.run(self.office.refresh())

    @rule(minutes=st.sampled_from([1, 6, 20, 90, 1500]))
    def time_passes(self, minutes: int) -> None:
        self.wheel.offset_s += timedelta(minutes=minutes).total_seconds()
        self._watch(lambda: self.run(escalation.tick(self.office)))

    def _watch(self, work: Any) -> None:
        last = (self.query("select max(at) as at from offer") or [{"at": None}])[0]["at"]
        work()
        for row in self.query(
            "select o.licence, u.licences, u.paused_until, u.capacity, g.owned + g.offered as n from offer o "
            "join app_user u on u.id = o.agent_id join agent_load g on g.agent_id = u.id "
            "where o.state = 'open' and (%s::timestamptz is null or o.at > %s)", last, last,
        ):  # fmt: skip
            assert row["licence"] is None or row["licence"] in row["licences"]
            assert row["paused_until"] is None
            assert row["capacity"] is None or row["n"] <= row["capacity"]

    # what must hold

    @invariant()
    def nobody_is_lost(self) -> None:
        lost = self.query(
            "select l.id from lead l left join escalation e on e.lead_id = l.id "
            "where l.id = any(%s) and l.agent_id is null and l.finished_at is null and l.status <> 'opted_out' "
            "and l.human_at is null and coalesce(e.phase, 'over') = 'over'",
            self.leads,
        )
        assert lost == []

    @invariant()
    def what_is_owned_is_offered_to_nobody(self) -> None:
        both = self.query(
            "select l.id from lead l join offer o on o.lead_id = l.id and o.state = 'open' where l.agent_id is not null"
        )
        assert both == []

    @invariant()
    def what_is_counted_is_what_there_is(self) -> None:
        assert self.query(MISCOUNTED) == []

    @invariant()
    def who_waits_for_an_owner_is_on_the_list(self) -> None:
        assert self.query(
            "select l.id from lead l join escalation e on e.lead_id = l.id and e.phase in ('offered', 'pool') "
            "where l.id = any(%s) and not exists (select 1 from task t where t.lead_id = l.id and t.kind = 'claim' "
            "and t.done_at is null)", self.leads,
        ) == []  # fmt: skip


@pytest.fixture
def whose(database_url: str, tmp_path: Any) -> Any:
    """The machine on an office of its own, with four agents."""
    wheel = StoppedWheel()
    found = practice(tmp_path / "data")
    clock = Clock(NOON, 1.0, datetime.fromtimestamp(wheel(), UTC), wheel)
    loopback = Settings(found.values, found.sources, sandbox_url="http://127.0.0.1:9", clock=clock)
    with asyncio.Runner() as runner:
        office, _ = runner.run(open_office(loopback, database_url, pool=4))
        team = [
            runner.run(hire(office, name=f"Agent {n}", email=f"a{n}@example.com", phone=f"+181355501{n:02}"))
            for n in range(AGENTS)
        ]
        yield type("Machine", (Whose,), {"office": office, "runner": runner, "wheel": wheel, "team": team})
        runner.run(office.db.close())


def test_a_lead_has_one_owner_or_is_looked_after_whatever_happens(whose: type[Whose]) -> None:
    run_state_machine_as_test(
        whose,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
