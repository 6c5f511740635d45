"""The best time to call is always lawful, in a shift if there is one, and at an hour they keep where that is soon."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from leadwake.compliance.case import Case
from leadwake.compliance.decision import Facts, Message
from leadwake.compliance.place import locate
from leadwake.compliance.tables import Tables
from leadwake.compliance.windows import Windows
from leadwake.domain.call_time import HORIZON, PATIENCE, AnyHour, BestTime, Callee, Heard, best_time, on_both_clocks
from leadwake.domain.shifts import Hours, Shift
from leadwake.domain.values import Channel, ConsentLevel, Purpose

TABLES = Tables.load()
NEW_YORK, LOS_ANGELES = ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")
NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # a Tuesday, noon in New York
#: area codes of one clock, of two states' rules, of a state shut on Sundays, and where no clock is ever changed
NPAS = st.sampled_from(("813", "212", "310", "205", "225", "602", "808", "970"))
INSTANTS = st.datetimes(datetime(2026, 11, 22), datetime(2028, 11, 30), timezones=st.just(UTC))  # noqa: DTZ001
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))
SHIFTS = st.builds(Shift, st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))), TIMES, TIMES)


def there(npa: str, now: datetime, state: str | None = None) -> tuple[ZoneInfo, Windows]:
    message = Message(Channel.VOICE, Purpose.HUMAN, f"+1{npa}5550142", state, None, None)
    place = locate(Case(message, Facts(ConsentLevel.NONE), TABLES, now), npa)
    return place.zones[0], Windows(place, TABLES, solicitation=True, automated_voice=False)


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    off = draw(st.sets(st.dates(date(2026, 11, 22), date(2028, 12, 15)), max_size=3))
    zone = draw(st.sampled_from((NEW_YORK, LOS_ANGELES, ZoneInfo("America/Phoenix"))))
    return Hours(zone, tuple(draw(st.lists(SHIFTS, max_size=3))), frozenset(off))


@settings(max_examples=60, deadline=None)
@given(
    NPAS, hours(), INSTANTS, st.lists(st.floats(0, 60), max_size=6), st.lists(st.floats(0, 2), max_size=3),
    st.booleans(),
)  # fmt: skip
def test_a_call_is_always_at_a_lawful_hour_and_always_in_a_shift_where_one_is_within_two_weeks(
    npa: str, shifts: Hours, now: datetime, heard: list[float], tried: list[float], urgent: bool
) -> None:
    zone, lawful = there(npa, now)
    ago = [Heard(now - timedelta(days=days), "wrote") for days in sorted(heard)]
    callee = Callee(zone, lawful, ago, [now - timedelta(days=days) for days in tried])

    found = best_time(callee, shifts, now, urgent=urgent)

    quarters = (now + timedelta(minutes=15 * n) for n in range(14 * 96))
    assert found is not None
    assert now <= found.at <= now + HORIZON
    assert lawful.closure(found.at) is None
    assert found.in_shift == shifts.is_on(found.at) or not found.in_shift
    assert found.in_shift or not any(shifts.is_on(at) and lawful.closure(at) is None for at in quarters)


@given(NPAS, INSTANTS)
def test_without_shifts_an_urgent_call_is_at_the_first_lawful_instant(npa: str, now: datetime) -> None:
    zone, lawful = there(npa, now)

    found = best_time(Callee(zone, lawful), Hours(NEW_YORK), now, urgent=True)

    assert found is not None
    assert found.at == lawful.next_open(now, now + HORIZON)


def called(*heard: tuple[int, int, str], tried: tuple[datetime, ...] = (), npa: str = "813") -> BestTime:
    """Heard: (days ago, hour in New York, how)."""
    zone, lawful = there(npa, NOON)
    was = [
        Heard(datetime(2026, 11, 24, hour, 20, tzinfo=NEW_YORK) - timedelta(days=days), how)
        for days, hour, how in heard
    ]
    found = best_time(Callee(zone, lawful, was, tried), Hours(NEW_YORK), NOON)
    assert found is not None
    return found


def test_the_hour_at_which_they_wrote_is_waited_for() -> None:
    found = called((3, 10, "wrote"))

    at = datetime(2026, 11, 25, 15, 15, tzinfo=UTC)
    assert found == BestTime(at, "their morning, when they wrote last time")


def test_the_hour_they_keep_most_wins_over_the_newest() -> None:
    assert called((1, 18, "called"), (2, 10, "wrote"), (9, 10, "asked")).why == (
        "their morning, when they wrote 2 times"
    )


def test_an_hour_that_is_not_lawful_is_none_and_most_people_are_reached_after_four() -> None:
    assert called((1, 23, "wrote")).why == "their afternoon: between 16 and 18 most people pick up"


def test_nobody_is_tried_again_at_the_hour_at_which_they_did_not_answer() -> None:
    found = called((3, 16, "wrote"), tried=(datetime(2026, 11, 24, 16, 30, tzinfo=NEW_YORK),))

    assert found.at.astimezone(NEW_YORK).hour == 8
    assert found.at - NOON < PATIENCE


def test_abroad_the_shift_alone_counts() -> None:
    night = Hours(NEW_YORK, (Shift((3,), time(9), time(17)),))

    assert best_time(Callee(None, AnyHour()), night, NOON) == BestTime(
        datetime(2026, 11, 25, 14, 0, tzinfo=UTC), "their clock is not known: the first time that suits both"
    )


def test_both_clocks_are_told_where_they_differ_and_the_day_where_it_is_another() -> None:
    at = datetime(2026, 11, 25, 4, 30, tzinfo=UTC)

    assert on_both_clocks(NOON, LOS_ANGELES, NEW_YORK, NOON) == "9:00 yours, 12:00 theirs"
    assert on_both_clocks(at, LOS_ANGELES, ZoneInfo("Europe/Berlin"), NOON) == "20:30 yours, Wed 25 5:30 theirs"
    assert on_both_clocks(at + timedelta(days=1), NEW_YORK, NEW_YORK, NOON) == "Wed 25 23:30"
