"""What is made of looks: one line a reader, and days that are worth a question."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.looks import How, Looked, ReaderDay, how_words, together, with_habits

AT = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
DAY = date(2026, 11, 24)


def look(reader: str, how: How, times: int, minutes: int) -> Looked:
    return Looked(reader, how, times, AT, AT + timedelta(minutes=minutes))


def test_looks_in_passing_are_told_only_of_whoever_never_opened_the_page() -> None:
    rows = [
        look("user ana", How.PAGE, 3, 5), look("user ana", How.LIST, 40, 9), look("user ana", How.RECORD, 1, 7),
        look("user ben", How.LIST, 2, 8),
    ]  # fmt: skip

    assert [(one.reader, one.how, one.times) for one in together(rows)] == [
        ("user ben", How.LIST, 2), ("user ana", How.RECORD, 4),
    ]  # fmt: skip


def test_a_day_is_unusual_against_ones_own_days_and_never_for_a_few_people() -> None:
    def days(*opened: int) -> list[ReaderDay]:
        return [ReaderDay("user ana", DAY + timedelta(days=n), many, many) for n, many in enumerate(opened)]

    assert with_habits(days(10, 12, 9, 11, 10, 61))[0].is_unusual
    assert not with_habits(days(30, 32, 29, 31, 30, 61))[0].is_unusual
    assert not with_habits(days(1, 1, 1, 1, 1, 50))[0].is_unusual
    assert with_habits(days(60))[0].is_unusual
    assert with_habits(days(60))[0].usual is None


@given(st.lists(st.tuples(st.sampled_from(["user a", "user b"]), st.integers(0, 30), st.integers(0, 500)), max_size=40))
def test_what_others_do_never_makes_a_day_unusual(rows: list[tuple[str, int, int]]) -> None:
    days = [ReaderDay(who, DAY + timedelta(days=n), many, many) for who, n, many in rows]
    alone = [one for one in with_habits(days) if one.reader == "user a"]

    assert with_habits(one for one in days if one.reader == "user a") == alone


def test_every_way_has_its_words() -> None:
    assert all(how_words(how) != how.value for how in How)
