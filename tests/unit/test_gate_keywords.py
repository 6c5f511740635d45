"""One-word replies: STOP, START, HELP and YES, however decorated (R-REV-3)."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from leadwake.compliance.keywords import HELP, START, STOP, YES, keyword_intent

PHRASES = Path(__file__).parents[2] / ".." / "shared" / "compliance" / "opt_out_phrases.csv"


@pytest.mark.parametrize("word", sorted(STOP))
@pytest.mark.parametrize(
    "form", ["{}", " {} ", "{}!!!", '"{}"', "«{}»", "{} 🛑", "{}\nSent from my iPhone", "{}\r\n-- \r\nAna"]
)
def test_a_stop_word_is_a_stop_however_it_is_written(word: str, form: str) -> None:
    assert keyword_intent(form.format(word)) == "stop"
    assert keyword_intent(form.format(word.upper())) == "stop"
    assert keyword_intent(form.format(word.title())) == "stop"


@pytest.mark.parametrize(
    "text", ["ＳＴＯＰ", "S\u200bTOP", "Stop\ufe0f", "ARRÊT", "opt-out", "STOP STOP STOP", "stop. stop."]
)
def test_odd_writings_of_stop_are_stops(text: str) -> None:
    assert keyword_intent(text) == "stop"


@pytest.mark.parametrize(
    ("words", "intent"), [(START, "start"), (HELP, "help"), (YES, "yes")], ids=["start", "help", "yes"]
)
def test_the_other_keywords_are_told_apart(words: frozenset[str], intent: str) -> None:
    for word in words:
        assert keyword_intent(f" {word.upper()}! ") == intent


@pytest.mark.parametrize(
    "text", ["", "🛑", "...", "can you stop by at 5?", "cancel my 3pm", "yes please", "no", "stopped"]
)
def test_anything_else_is_no_keyword(text: str) -> None:
    assert keyword_intent(text) is None


def test_a_signature_alone_is_no_keyword() -> None:
    assert keyword_intent("\nSent from my iPhone") is None


@pytest.fixture(scope="module")
def phrases() -> list[dict[str, str]]:
    if not PHRASES.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail("the requirements' phrases are missing: ../shared/compliance")
        pytest.skip("needs the requirements' phrases in ../shared/compliance")
    with PHRASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_plain_keyword_of_the_requirements_is_found(phrases: list[dict[str, str]]) -> None:
    for row in phrases:
        if row["kind"] == "keyword":
            expected = "yes" if row["text"] == "YES" else row["expected_intent"]
            assert keyword_intent(row["text"]) == expected, row


def test_no_phrase_is_given_an_intent_it_does_not_have(phrases: list[dict[str, str]]) -> None:
    for row in phrases:
        found = keyword_intent(row["text"])
        assert found in {None, row["expected_intent"]} or (found == "yes" and row["text"] == "YES"), row
