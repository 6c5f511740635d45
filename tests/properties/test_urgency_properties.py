"""The order of "Now": total, and never against reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from leadwake.domain.urgency import Waiting, ranked, urgency
from leadwake.domain.values import Temperature

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
KINDS = ("claim", "reply", "touch", "call", "failed", "dead")
DEGREES = (Temperature.COLD, Temperature.WARM, Temperature.HOT)


def moments() -> st.SearchStrategy[datetime]:
    return st.integers(-200_000, 200_000).map(lambda s: NOW + timedelta(seconds=s))


def waiting(**fixed: object) -> st.SearchStrategy[Waiting]:
    parts = {
        "id": st.uuids(), "lead_id": st.integers(1, 6).map(lambda n: UUID(int=n)), "kind": st.sampled_from(KINDS),
        "temperature": st.sampled_from(DEGREES), "score": st.integers(0, 100), "at": moments(), "due_at": moments(),
        "offered": st.booleans(),
    }  # fmt: skip
    return st.builds(Waiting, **{name: st.just(fixed[name]) if name in fixed else how for name, how in parts.items()})


def is_above(one: Waiting, other: Waiting) -> bool:
    return urgency(one, NOW) < urgency(other, NOW)


@given(st.lists(waiting(), max_size=30, unique_by=lambda it: it.id), st.randoms())
def test_the_order_never_depends_on_the_order_in_which_they_came(found: list[Waiting], chance: object) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert ranked(shuffled, NOW) == ranked(found, NOW)


@given(st.lists(waiting(), max_size=30, unique_by=lambda it: it.id))
def test_everybody_who_waits_stands_there_once_with_all_that_waits(found: list[Waiting]) -> None:
    people = ranked(found, NOW)

    assert sorted(person.lead_id for person in people) == sorted({it.lead_id for it in found})
    assert sorted(it.id for person in people for it in person.waiting) == sorted(it.id for it in found)
    for person in people:
        assert all(not is_above(it, person.first) for it in person.waiting)


@given(waiting(kind="claim", temperature=Temperature.HOT), waiting())
def test_nothing_ever_stands_above_a_hot_lead_nobody_has_but_another(hot: Waiting, other: Waiting) -> None:
    assume(not (other.kind == "claim" and other.temperature is Temperature.HOT))

    assert is_above(hot, other)


@given(waiting(kind="claim", temperature=Temperature.HOT), waiting(kind="claim", temperature=Temperature.HOT))
def test_what_is_offered_to_me_is_above_what_is_not(one: Waiting, other: Waiting) -> None:
    one, other = replace(one, offered=True), replace(other, offered=False)

    assert is_above(one, other)


@given(waiting(kind="dead"), waiting())
def test_a_dead_letter_is_never_above_somebody_who_waits(dead: Waiting, other: Waiting) -> None:
    assume(other.kind != "dead")

    assert is_above(other, dead)


@given(waiting(), waiting(), st.sampled_from(("hotter", "higher", "older", "overdue", "offered")))
def test_more_reason_never_moves_anybody_down(it: Waiting, other: Waiting, how: str) -> None:
    assume(it.id != other.id)
    match how:
        case "hotter":
            more = replace(it, temperature=DEGREES[min(2, DEGREES.index(it.temperature) + 1)])
        case "higher":
            more = replace(it, score=min(100, it.score + 7))
        case "older":
            more = replace(it, at=it.at - timedelta(minutes=20))
        case "overdue":
            more = replace(it, due_at=min(it.due_at, NOW))
        case _:
            more = replace(it, offered=True)

    assert not is_above(it, other) or is_above(more, other)


@given(waiting(kind="touch"), st.integers(61, 100), st.integers(1, 10_000))
def test_a_lead_that_has_waited_for_days_does_not_hide_one_that_is_much_better(
    new: Waiting, better: int, more_min: int
) -> None:
    old = replace(new, id=UUID(int=7), score=0, at=new.at - timedelta(minutes=more_min))
    assume(new.id != old.id)

    assert is_above(replace(new, score=better), old)
