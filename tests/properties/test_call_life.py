"""A call, whatever webhooks come in whatever order and number: one inquiry, at most one text, no state backwards."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from call_case import OURS
from leadwake.bootstrap import open_office
from leadwake.providers.ports import CallStatus, InboundCall
from leadwake.providers.twiml import document
from leadwake.storage import ledger
from leadwake.workflows import incoming_calls
from leadwake.workflows.office import Office
from office_case import hire, practice, rows

STEPS = ("arrives", "whispers", "takes", "other_takes", "wrong_key", "over_missed", "over_talked", "ended", "sweeps")
RANK = {"ringing": 0, "talking": 1, "ended": 2, "missed": 2}


class _World:
    """An office with two agents, and calls told to it one webhook after another."""

    def __init__(self, office: Office, agents: list[Any]) -> None:
        self.office = office
        self.agents = agents
        self.count = 0

    async def live(self, steps: list[str], *, at_once: bool) -> None:
        """One call's whole life."""
        self.count += 1
        number = f"+1813{200 + self.count // 10000:03}{self.count % 10000:04}"
        ref = f"CA{self.count:032x}"
        call = InboundCall(ref, number, OURS, urlencode({"CallSid": ref, "From": number}).encode())
        await incoming_calls.arrived(self.office, call)
        row = await self._row(ref)
        ranks = [RANK[row["state"]]]
        if at_once:
            await asyncio.gather(*(self._step(step, row["id"], call) for step in steps))
        else:
            for step in steps:
                await self._step(step, row["id"], call)
                ranks.append(RANK[(await self._row(ref))["state"]])
        await self._step("over_missed", row["id"], call)
        await self._step("sweeps", row["id"], call)
        after = await self._row(ref)
        ranks.append(RANK[after["state"]])

        assert ranks == sorted(ranks), (steps, ranks)
        assert after["state"] in {"ended", "missed"}
        assert after["sealed_form"] is None
        inquiries = await rows(self.office.db, "select id from inquiry where lead_id = %s", after["lead_id"])
        assert [one["id"] for one in inquiries] == [row["id"]]
        texts = await rows(
            self.office.db,
            "select state from action where lead_id = %s and kind = 'sms' and state <> 'skipped'", after["lead_id"],
        )  # fmt: skip
        assert len(texts) == (1 if after["state"] == "missed" else 0), (steps, after["state"])

    async def _row(self, ref: str) -> dict[str, Any]:
        return (await rows(self.office.db, "select * from call where ref = %s", ref))[0]

    async def _step(self, step: str, call_id: Any, call: InboundCall) -> None:
        office, (dana, marcus) = self.office, self.agents
        said: Any = []
        match step:
            case "arrives":
                said = await incoming_calls.arrived(office, call)
            case "whispers":
                said = await incoming_calls.whisper(office, call_id, dana.id)
            case "takes":
                said = await incoming_calls.pressed(office, call_id, dana.id, "1")
            case "other_takes":
                said = await incoming_calls.pressed(office, call_id, marcus.id, "1")
            case "wrong_key":
                said = await incoming_calls.pressed(office, call_id, dana.id, "5")
            case "over_missed":
                said = await incoming_calls.over(office, call_id, was_connected=False)
            case "over_talked":
                said = await incoming_calls.over(office, call_id, was_connected=True)
            case "ended":
                await incoming_calls.told(office, call.ref, CallStatus.COMPLETED)
            case "sweeps":
                await incoming_calls.follow(office, call_id)
        assert "record" not in document(*said).lower()


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Any:
    with asyncio.Runner() as runner:

        async def begin() -> _World:
            found = replace(practice(tmp_path / "data"), sandbox_url="http://127.0.0.1:9")
            office, _ = await open_office(found, database_url, pool=8)
            dana = await hire(office)
            marcus = await hire(office, name="Marcus Bell", email="marcus@example.com", phone="+18135550102")
            return _World(office, [dana, marcus])

        made = runner.run(begin())
        yield runner, made
        found = runner.run(ledger.read(made.office.db, made.office.clock.now()))
        runner.run(made.office.db.close())
        assert found.problems == []


@given(steps=st.lists(st.sampled_from(STEPS), max_size=8), at_once=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_webhooks_in_any_order_and_number_make_one_inquiry_and_at_most_one_text(
    world: Any, steps: list[str], at_once: bool
) -> None:
    runner, made = world
    runner.run(made.live(steps, at_once=at_once))
