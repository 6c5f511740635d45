"""The life of one text, whatever happens to it in whatever order, on the real database.

Workers that die, answers that get lost, callbacks late and doubled, a stop in the middle, replays: what must hold is
checked after each step. The vendor is a list of what it took; everything of ours is real.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from leadwake.actions.claims import Claimed, claim
from leadwake.actions.outcomes import Result, accepted, of_error
from leadwake.actions.reconcile import Reconciler
from leadwake.actions.settle import Settler
from leadwake.actions.states import State
from leadwake.bootstrap import open_office
from leadwake.clock import Clock
from leadwake.errors import ProviderError, Rejected, Throttled, Unavailable
from leadwake.providers import twilio
from leadwake.providers.ports import Accepted, Delivery, DeliveryStatus, InboundText, OutgoingText, SeenText
from leadwake.settings import Settings
from leadwake.storage import ledger
from leadwake.workflows import composing, dead_letters, intake, replies, reports, sending
from leadwake.workflows.composing import Errand
from leadwake.workflows.office import Office
from office_case import NOON, Wheel, hire, practice, rows

STATUSES = {
    "queued": DeliveryStatus.ACCEPTED, "sent": DeliveryStatus.SENT, "delivered": DeliveryStatus.DELIVERED,
    "undelivered": DeliveryStatus.UNDELIVERED,
}  # fmt: skip
FINAL = {State.DELIVERED, State.UNDELIVERED, State.BLOCKED, State.CANCELLED, State.SKIPPED, State.EXPIRED}


class StoppedWheel(Wheel):
    """Time that goes on only where the test turns it."""

    def __call__(self) -> float:
        return 1_764_000_000.0 + self.offset_s


class TakenTexts:
    """The vendor's list: what it took, or nothing at all while it is away."""

    def __init__(self) -> None:
        self.taken: list[SeenText] = []
        self.is_away = False

    async def find_texts(self, to: str, since: datetime) -> Sequence[SeenText]:  # noqa: ARG002 - all are of today
        if self.is_away:
            raise ProviderError("is down", vendor="twilio")
        return [text for text in reversed(self.taken) if text.to == to]


class ActionLife(RuleBasedStateMachine):
    """One lead's text, from planned to wherever it goes."""

    office: Office
    runner: asyncio.Runner
    wheel: Wheel
    people = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).people += 1
        self.wheel.offset_s = 0.0
        number = f"+1813555{type(self).people:04}"
        self.number = number.replace("+1813555", "+1813" + f"{200 + type(self).people // 10_000}", 1)
        self.vendor = TakenTexts()
        self.settler = Settler(self.office.db, self.office.clock, self._settled)
        self.reconciler = Reconciler(
            self.office.db, self.office.clock, self.settler, lambda row: composing.content_of(self.office, row),
            lambda _: self.vendor,
        )  # fmt: skip
        self.claimed: Claimed | None = None  # by a worker that is still at it
        self.attempts: list[Claimed] = []
        self.refs: dict[str, Claimed] = {}  # vendor's id → the attempt that made it
        self.failed_refs: set[str] = set()  # reported as not having got through
        self.is_out = False  # the person said stop
        self.replayed = False
        self.before: dict[str, Any] = {}
        lead = {"name": "Ann Lee", "phone": self.number, "message": "the blue house"}
        receipt = self.run(intake.receive_lead(self.office, msgspec.json.encode(lead)))
        self.lead_id = receipt.lead_id
        self.action_id: UUID = self.run(
            rows(self.office.db, "select id from action where cause_id = %s and kind = 'sms'", receipt.inquiry_id)
        )[0]["id"]
        # a fault of the house, not of this text, is not what this machine looks for
        self.before = self.action()

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def action(self) -> dict[str, Any]:
        return self.run(rows(self.office.db, "select * from action where id = %s", self.action_id))[0]  # type: ignore[no-any-return]

    async def _settled(self, rows: Sequence[Any], results: Sequence[Result]) -> None:
        """Nobody listens."""

    def settle(self, *results: Result) -> None:
        for result in results:
            self.settler.put(result)
        self.run(self._drain())

    async def _drain(self) -> None:
        writing = asyncio.create_task(self.settler.run())
        await self.settler.drained()
        writing.cancel()

    # what may happen

    @rule(then=st.sampled_from(["holds it", "taken", "taken, not heard", "throttled", "unavailable", "rejected"]))
    def a_worker_claims_it(self, then: str) -> None:
        self.wheel.offset_s += 301  # past every backoff, short of a carrier's ten minutes
        claims = self.run(
            claim(
                self.office.db,
                {self.action_id: "twilio"},
                lambda row, attempt, vendor, now: sending.judge(Errand(self.office, row, attempt, vendor, now)),
                self.office.clock.now(),
            )
        )
        for claimed in claims.claimed:
            assert not self.is_out, "claimed after a stop"
            assert self.claimed is None, "claimed while another worker holds it"
            self.claimed = claimed
            self.attempts.append(claimed)
            if then.startswith("taken"):
                self.the_vendor_takes_it(is_heard=then == "taken")
            elif then != "holds it":
                self.the_vendor_does_not_take_it(then)

    @precondition(lambda self: self.claimed is not None and self.claimed not in self.refs.values())
    @rule(is_heard=st.booleans())
    def the_vendor_takes_it(self, is_heard: bool) -> None:
        claimed = self.claimed
        assert claimed is not None
        assert isinstance(claimed.outgoing, OutgoingText)
        ref = "SM" + uuid4().hex
        self.vendor.taken.append(
            SeenText(ref, claimed.outgoing.to, "+15005550006", claimed.outgoing.body, DeliveryStatus.SENT, None)
        )
        self.refs[ref] = claimed
        if is_heard:
            self.settle(accepted(claimed.action_id, claimed.attempt_id, Accepted(ref)))
            self.claimed = None

    @precondition(lambda self: self.claimed is not None and self.claimed not in self.refs.values())
    @rule(kind=st.sampled_from(["throttled", "unavailable", "rejected"]))
    def the_vendor_does_not_take_it(self, kind: str) -> None:
        claimed = self.claimed
        assert claimed is not None
        errors = {
            "throttled": Throttled("slow down", vendor="twilio", retry_after_s=1.0),
            "unavailable": Unavailable("down", vendor="twilio", code="503"),
            "rejected": Rejected("never", vendor="twilio", code="21211"),
        }
        result = of_error(
            claimed.action_id, claimed.attempt_id, claimed.failures, errors[kind], self.office.clock.now()
        )
        assert result is not None
        self.settle(result)
        self.claimed = None

    @precondition(lambda self: len(self.attempts) > 1)
    @rule(data=st.data(), state=st.sampled_from([State.SENT, State.DEAD]))
    def an_earlier_worker_wakes_and_writes_its_result(self, data: st.DataObject, state: State) -> None:
        stale = data.draw(st.sampled_from(self.attempts[:-1]))
        before = self.action()
        self.settle(Result(stale.action_id, stale.attempt_id, state, "late", ref="SM" + "0" * 32))

        assert self.action() == before

    @rule(is_away=st.booleans())
    def leases_pass_and_unknown_outcomes_are_looked_into(self, is_away: bool) -> None:
        self.vendor.is_away = is_away
        self.run(
            rows(
                self.office.db,
                "update action set lease_until = lease_until - interval '3 minutes', wake_at = now() "
                "where state = 'sending' and id = %s",
                self.action_id,
            )
        )
        self.claimed = None  # its lease is over: it may write nothing any more
        self.run(self.reconciler.tick())
        self.settle()

    @precondition(lambda self: self.refs)
    @rule(data=st.data(), word=st.sampled_from(sorted(STATUSES)), code=st.sampled_from(["30003", "30005"]))
    def the_vendor_reports(self, data: st.DataObject, word: str, code: str) -> None:
        ref = data.draw(st.sampled_from(list(self.refs)))
        claimed = self.refs[ref]
        if word == "undelivered":
            self.failed_refs.add(ref)
        assume(not (word == "delivered" and ref in self.failed_refs))  # no vendor says both
        delivery = Delivery(
            "twilio", f"{ref}:{word}", STATUSES[word], ref, str(claimed.action_id), str(claimed.attempt_id),
            code=code if word == "undelivered" else None,
        )  # fmt: skip
        self.run(reports.reported(self.office, [delivery] * data.draw(st.integers(1, 2)), twilio.is_temporary))
        if self.action()["state"] != "sending":
            self.claimed = None  # whoever still waits for the answer may write nothing any more

    @rule(word=st.sampled_from(["STOP", "START", "thanks"]))
    def the_person_writes(self, word: str) -> None:
        # nobody is under way while the stop is waited for: leases have passed, as the acknowledgement guarantees
        if word == "STOP":
            self.run(
                rows(
                    self.office.db,
                    "update action set lease_until = now() where state = 'sending' and id = %s",
                    self.action_id,
                )
            )
            self.claimed = None
        said_already = word if word in {"STOP", "START"} else None  # no confirmation of ours, which nobody here sends
        text = InboundText("SM" + uuid4().hex, self.number, "+15005550006", word, said_already)
        self.run(replies.text_received(self.office, text))
        self.is_out = {"STOP": True, "START": False}.get(word, self.is_out)

    @precondition(lambda self: self.before["state"] in {"dead", "unknown"})
    @rule()
    def a_person_replays_it(self) -> None:
        self.replayed = True
        assert self.run(dead_letters.replay(self.office, self.action_id, "user test")) == 1

    @rule(minutes=st.sampled_from([1, 11, 60]))
    def time_passes(self, minutes: int) -> None:
        self.wheel.offset_s += timedelta(minutes=minutes).total_seconds()

    # what must hold

    @invariant()
    def one_text_unless_it_says_that_it_may_be_two(self) -> None:
        action = self.action()
        through = [ref for ref in self.refs if ref not in self.failed_refs]

        assert len(through) <= 1 or action["possible_duplicate"]
        assert len(self.refs) <= len(self.attempts)

    @invariant()
    def what_is_over_stays_over(self) -> None:
        before, after = self.before, self.action()
        was, now = State(before["state"]), State(after["state"])
        if was in FINAL and not self.replayed:
            assert now in FINAL
            if was in {State.BLOCKED, State.CANCELLED}:
                assert now is was
        if was is State.UNDELIVERED:
            assert now is State.UNDELIVERED
        if self.is_out:
            assert now is not State.DEFERRED
        assert after["attempts"] >= before["attempts"]
        assert after["possible_duplicate"] >= before["possible_duplicate"]
        self.before, self.replayed = after, False

    @invariant()
    def everything_adds_up(self) -> None:
        found = self.run(ledger.read(self.office.db, self.office.clock.now()))
        mine = [line for line in found.problems if str(self.action_id) in line or str(self.lead_id) in line]

        assert mine == []


@pytest.fixture
def life(database_url: str, tmp_path: Any) -> Any:
    """The machine on an office of its own."""
    wheel = StoppedWheel()
    found = practice(tmp_path / "data")
    clock = Clock(NOON, 1.0, datetime.fromtimestamp(wheel(), UTC), wheel)
    loopback = Settings(found.values, found.sources, sandbox_url="http://127.0.0.1:9", clock=clock)
    with asyncio.Runner() as runner:
        office, _ = runner.run(open_office(loopback, database_url, pool=4))
        runner.run(hire(office))
        yield type("Life", (ActionLife,), {"office": office, "runner": runner, "wheel": wheel})
        runner.run(office.db.close())


def test_whatever_happens_to_a_text_it_leaves_once_and_ends_in_a_stated_place(life: type[ActionLife]) -> None:
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=35, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
