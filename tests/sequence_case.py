"""Random sequences, and a lead's whole way through one by the engine alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from leadwake.domain.sequence.model import (
    Act,
    Alert,
    Branch,
    CallTask,
    Condition,
    Else,
    Message,
    Sequence,
    Start,
    Step,
    Stop,
    Variant,
    Wait,
    Window,
    Words,
)
from leadwake.domain.sequence.progress import (
    Ended,
    Known,
    Later,
    Moves,
    Over,
    Standing,
    Touch,
    advance,
    after,
    begin,
    resume,
)
from leadwake.domain.template import compile_template

MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
EAST = ZoneInfo("America/New_York")
#: how often it is looked who is due
TICK = timedelta(minutes=15)

_WORDS = Words(compile_template("{{ business.name }}: hello. {{ opt_out_line }}"), compile_template("Hello"))
_VARIANTS = st.lists(st.integers(1, 9), min_size=1, max_size=3).map(
    lambda weights: tuple(Variant(f"v{at}", weight, {"en": _WORDS}) for at, weight in enumerate(weights))
)
_CONDITIONS = st.one_of(
    st.builds(Condition, st.just("temperature"), st.sampled_from(["is", "is_not"]), st.just(("hot",))),
    st.builds(Condition, st.just("score"), st.sampled_from(["at_least", "below"]), st.just(("50",))),
    st.builds(Condition, st.sampled_from(["phone", "texts", "visits"]), st.sampled_from(["has", "lacks"])),
)
_TEXTS = st.builds(
    lambda variants, instead: Message("sms", variants, instead, Variant("", 1, {"en": _WORDS})), _VARIANTS,
    st.sampled_from(Else),
)  # fmt: skip
_WAITS = st.one_of(
    st.builds(
        Wait, for_=st.sampled_from([timedelta(minutes=5), timedelta(hours=3), timedelta(days=1), timedelta(days=4)])
    ),
    st.builds(Wait, until_day=st.integers(1, 30)),
)


@st.composite
def sequences(draw: st.DrawFn) -> Sequence:
    """Any sequence: up to eight steps, branches forwards only, days that only grow."""
    count = draw(st.integers(1, 8))
    steps: list[Step] = []
    day = 0
    for at in range(count):
        act: Act = draw(
            st.one_of(
                _WAITS,
                _TEXTS,
                st.builds(Message, st.just("email"), _VARIANTS),
                st.just(CallTask("call")),
                st.just(Alert("look")),
                st.just(Stop()),
                st.just(Branch((), None, None)),
            )
        )
        if isinstance(act, Branch):
            below = [f"s{later}" for later in range(at + 1, count)]
            target = st.sampled_from([*below, None]) if below else st.none()
            act = Branch((draw(_CONDITIONS),), draw(target), draw(target))
        if isinstance(act, Wait) and act.until_day is not None:
            day += act.until_day
            act = Wait(until_day=day)
        steps.append(Step(f"s{at}", act, at + 1))
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    opens = draw(st.integers(0, 20))
    window = draw(st.sampled_from([Window(), Window(days, time(opens), time(opens + 3))]))
    return Sequence("any", "Any", "", Start.BY_HAND, tuple(steps), window=window)


@dataclass
class Life:
    """What a lead went through. touches: (planned at, step, channel, is_instead), then how it ended."""

    touches: list[tuple[datetime, int, str, bool]] = field(default_factory=list)
    ends: list[Ended] = field(default_factory=list)
    passed: list[tuple[datetime, int, str]] = field(default_factory=list)
    is_over: bool = False


def live(
    sequence: Sequence,
    known: Known,
    carry: Callable[[Touch, datetime], Ended],
    looks: Callable[[datetime], datetime],
    *,
    until: datetime,
    start: datetime = MONDAY,
    seed: bytes = b"seed",
) -> Life:
    """
    A lead's whole way. carry: how a touch planned at an instant ends; looks: the first look at or after an instant.
    """
    life = Life()
    now, standing = looks(start), begin(start)
    moves = advance(sequence, standing, known, now, seed)
    while True:
        life.passed += [(now, each.step, each.kind) for each in moves.passed]
        match moves:
            case Moves(rest=Over()):
                life.is_over = True
                return life
            case Moves(rest=Later(at=at), standing=Standing() as standing):
                now = looks(max(at, now))
                if now > until:
                    return life
                moves = advance(sequence, standing, known, now, seed)
            case Moves(rest=Touch() as touch, standing=Standing() as standing):
                life.touches.append((now, touch.step, touch.channel, touch.is_instead))
                ended = carry(touch, now)
                life.ends.append(ended)
                now = max(now, ended.at)
                if now > until:
                    return life
                follow = after(sequence, standing, ended, was_instead=touch.is_instead)
                moves = resume(sequence, follow, known, now, seed)
