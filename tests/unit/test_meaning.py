"""What people who write back want: judged on texts that nobody looked at while it was built."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.compliance.reply import read_reply
from leadwake.domain.meaning import words
from leadwake.domain.meaning.answers import ANSWERS
from leadwake.domain.meaning.later import LATEST, until
from leadwake.domain.meaning.plain import plain
from leadwake.domain.meaning.reading import MEANINGS, SURE, read
from leadwake.domain.template import compile_template, render

DATA = Path(__file__).parent.parent / "data"
TODAY = date(2026, 11, 29)


def _held() -> list[tuple[str, str]]:
    with (DATA / "replies_meaning_held.csv").open(newline="", encoding="utf-8") as file:
        return [(row["text"], row["meaning"]) for row in csv.DictReader(file)]


def _found(text: str) -> str:
    law = read_reply(text).intent
    return {"stop": "stop", "wrong_number": "wrong_person"}.get(law) or read(text).code


def test_texts_nobody_looked_at_are_understood() -> None:
    held = _held()
    right = Counter(meaning for text, meaning in held if _found(text) == meaning)

    assert sum(right.values()) >= 0.84 * len(held)
    of = Counter(meaning for _, meaning in held)
    assert min(right[meaning] / of[meaning] for meaning in MEANINGS) >= 0.6


def test_what_is_sure_is_right_nine_times_of_ten() -> None:
    sure = [(read(text), meaning) for text, meaning in _held()]
    said = [(found.code, meaning) for found, meaning in sure if found.sure >= 0.75]

    assert len(said) > 0.7 * len(sure)
    assert sum(found == meaning for found, meaning in said) >= 0.92 * len(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Can't wait!! When can we see it?", "can not wait . when can we see it ?"),
        ("call me @ 5:30pm tmrw pls", "call me @ 5:30pm tomorrow please"),
        ("¿Sí? Mañana", "? si ? manana"),
        ("ok\n\nOn Tue, Nov 3, 2026 at 4 PM Dana wrote:\n> are you there?", "ok ."),
        ("> quoted\nmine", ". mine"),
        ("a\n\n \n\t\nb", "a . b"),
        ("", ""),
    ],
)
def test_a_message_in_plain_words(text: str, said: str) -> None:
    assert plain(text) == said


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("maybe in March", date(2027, 3, 1)),
        ("after the holidays please", date(2027, 1, 5)),
        ("check back in 6 months", date(2027, 5, 28)),
        ("in a couple weeks", date(2026, 12, 13)),
        ("late May", date(2027, 5, 25)),
        ("lease ends June 15th", date(2027, 6, 15)),
        ("en junio, ahora no", date(2027, 6, 1)),
        ("15 de enero", date(2027, 1, 15)),
        ("next year", date(2027, 1, 5)),
        ("we may look again in spring", date(2027, 3, 20)),
        ("el proximo mes", date(2026, 12, 1)),
        ("not now", date(2026, 12, 29)),
        ("February 31", date(2027, 2, 28)),
        ("in 99 years", TODAY + LATEST),
    ],
)
def test_until_when_not_now_holds(text: str, day: date) -> None:
    assert until(text, TODAY) == day


@given(st.text(max_size=300))
def test_any_text_has_a_meaning_and_a_day_to_come(text: str) -> None:
    found = read(text)
    assert found.code in MEANINGS
    assert 0 < found.sure <= 1
    assert TODAY < until(text, TODAY) <= TODAY + LATEST
    assert set(words.facts(text, TODAY)) <= {"wants", "until"}


def test_what_is_not_sure_is_not_said() -> None:
    assert read("hmm").sure < SURE or words.seems("hmm", TODAY) is None
    assert words.seems("please call me tomorrow after 5", TODAY) == "They seem to want a call"
    assert words.seems("not now, maybe in March", TODAY) == "Not now, it seems; try again on 1 March 2027"
    assert words.facts("not now, maybe in March", TODAY) == {"wants": "not_now", "until": "2027-03-01"}


def test_every_suggested_answer_is_a_template_and_short_enough_for_a_text() -> None:
    for languages in ANSWERS.values():
        assert set(languages) == {"en", "es"}
        for source in (*languages["en"], *languages["es"]):
            named, bare = (render(compile_template(source), {"lead.first_name": name}) for name in ("Maria", None))
            assert "{" not in named
            assert len(named) <= 140
            assert ("Maria" in named) == ("lead" in source)
            assert "Maria" not in bare
