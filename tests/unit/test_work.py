"""What an agent may take, and when, as people write it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.holidays import federal_holidays
from leadwake.domain.interests import INTERESTS
from leadwake.domain.languages import LANGUAGES, language
from leadwake.domain.scoring import inquiry as scoring
from leadwake.domain.shift_words import WEEKDAYS, read_shift_words, shift_words, tidy
from leadwake.domain.shifts import Shift
from leadwake.domain.work import (
    Work,
    changed,
    read_areas,
    read_capacity,
    read_days_off,
    read_languages,
    read_licences,
    read_slack_id,
    read_specialties,
    read_time_zone,
    read_yes,
)
from leadwake.errors import InputError

minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))
shifts = st.builds(
    Shift, st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))), minutes, minutes
)


@given(st.lists(shifts, max_size=20))
def test_shifts_as_words_are_always_read_back_as_they_were(week: list[Shift]) -> None:
    assert read_shift_words(shift_words(week)) == tidy(week)


@given(st.text(max_size=80))
def test_no_text_ever_makes_shifts_fail_but_by_saying_what_is_wrong(text: str) -> None:
    with suppress(ValueError):
        assert tidy(found := read_shift_words(text)) == found


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Mon-Fri 09:00-12:30 13:30-18:00; Sat 10:00-14:00", "Mon-Fri 09:00-12:30 13:30-18:00; Sat 10:00-14:00"),
        ("weekdays 9am-5pm", "Mon-Fri 09:00-17:00"),
        ("Mon, Wed and Fri: 9-12, 13-17", "Mon,Wed,Fri 09:00-12:00 13:00-17:00"),
        ("Monday to Thursday 9 a.m. to 1 p.m.", "Mon-Thu 09:00-13:00"),
        ("Fri-Mon 22:00-06:00", "Mon,Fri-Sun 22:00-06:00"),
        ("Sat 20:00-24:00", "Sat 20:00-00:00"),
        ("daily 24h", "Mon-Sun 00:00-00:00"),
        ("Mon 9:00-12:00\nTue 9:00-12:00", "Mon,Tue 09:00-12:00"),
        ("Always", "always"),
    ],
)
def test_shifts_are_read_as_people_write_them(text: str, meant: str) -> None:
    assert shift_words(read_shift_words(text)) == meant


@pytest.mark.parametrize(
    "text", ["Mon 9-5", "Mon 9:00-5:00", "9:00-17:00", "Mon", "Mon 25:00-26:00", "Mon 13pm-14pm", "soon", "x" * 3000]
)
def test_shifts_that_can_be_read_in_two_ways_or_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words differ, and are for people
        read_shift_words(text)


def test_lists_of_words_are_read_by_name_or_code() -> None:
    assert read_licences("FL, GA Texas; New York") == ("FL", "GA", "NY", "TX")
    assert read_languages("en Spanish, Haitian Creole") == ("en", "es", "ht")
    assert read_areas("336xx, FL 33601") == ("336", "33601", "FL")
    assert read_specialties("Buying a home, auto-insurance") == ("auto_insurance", "buy_home")
    assert read_licences("-") == ()


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_licences, "ZZ"), (read_languages, "Klingon"), (read_languages, ""), (read_areas, "1"),
        (read_areas, "336012"), (read_areas, "٣٣٦"), (read_specialties, "magic"), (read_time_zone, "Mars/Olympus"),
        (read_time_zone, "../etc/passwd"), (read_time_zone, "America"), (read_capacity, "-1"), (read_capacity, "²"),
        (read_capacity, "9" * 5000), (read_slack_id, "@dana"), (read_yes, "maybe"), (read_days_off, "tomorrow"),
        (read_days_off, "2026-02-30"), (read_days_off, "2026-12-31 to 2026-12-01"),
        (read_days_off, "2026-01-01 to 2030-01-01"),
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused_with_a_reason(read: object, text: str) -> None:
    with pytest.raises(ValueError, match=r"\w{3}"):
        read(text)  # type: ignore[operator]


def test_days_off_are_days_and_ranges_also_as_spreadsheets_write_them() -> None:
    assert read_days_off("2026-12-25, 12/28/2026 to 12/30/2026") == {
        date(2026, 12, 25), date(2026, 12, 28), date(2026, 12, 29), date(2026, 12, 30),
    }  # fmt: skip
    assert read_days_off("-") == frozenset()


def test_what_is_not_given_stays_and_every_mistake_is_told_at_once() -> None:
    before = Work(licences=("FL",), capacity=3)

    assert changed(before, {"areas": "336"}) == Work(licences=("FL",), capacity=3, areas=("336",))
    assert changed(before, {"capacity": ""}).capacity is None
    with pytest.raises(InputError) as refused:
        changed(before, {"areas": "?", "capacity": "many"})
    assert set(refused.value.reasons) == {"areas", "capacity"}


def test_every_interest_that_is_scored_is_one_that_an_agent_may_know_best() -> None:
    assert set(scoring.INTEREST) <= set(INTERESTS)
    for key, words in INTERESTS.items():
        assert read_specialties(key) == read_specialties(words) == (key,)


def test_every_language_is_read_back_by_its_name() -> None:
    assert len(LANGUAGES) == 183
    for code, name in LANGUAGES.items():
        assert language(name) == language(code) == code


def test_federal_holidays_fall_where_the_law_puts_them() -> None:
    found = {holiday.name: holiday.day for holiday in federal_holidays(2026)}

    assert found["Martin Luther King, Jr. Day"] == date(2026, 1, 19)
    assert found["Washington's Birthday"] == date(2026, 2, 16)
    assert found["Memorial Day"] == date(2026, 5, 25)
    assert found["Labor Day"] == date(2026, 9, 7)
    assert found["Columbus Day"] == date(2026, 10, 12)
    assert found["Thanksgiving Day"] == date(2026, 11, 26)
    assert len(found) == 11


@given(st.integers(1, 9998))
def test_holidays_are_in_order_and_their_weekdays_are_the_laws(year: int) -> None:
    days = [holiday.day for holiday in federal_holidays(year)]

    assert days == sorted(days)
    assert [WEEKDAYS[days[n].weekday()] for n in (1, 2, 3, 6, 7)] == ["Mon"] * 5
    assert WEEKDAYS[days[9].weekday()] == "Thu"
    assert days[3].month == 5
    assert 22 <= days[9].day <= 28
