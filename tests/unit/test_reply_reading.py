"""What a person means by a reply: stop however it is said, no stop where it only sounds like one (R-REV, R-TCPA-7)."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from leadwake.compliance.reply import Reading, read_reply
from leadwake.compliance.whatif_reply import ANSWERS

PHRASES = Path(__file__).parents[2] / ".." / "shared" / "compliance" / "opt_out_phrases.csv"
DATA = Path(__file__).parents[1] / "data"
Rows = Sequence[dict[str, str]]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def phrases() -> Rows:
    if not PHRASES.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail("the requirements' phrases are missing: ../shared/compliance")
        pytest.skip("needs the requirements' phrases in ../shared/compliance")
    return _rows(PHRASES)


def _answers(rows: Rows) -> list[tuple[str, str, str]]:
    """Expected intent, answered intent and text of the rows that are scored (R-REV-5 is not)."""
    scored = [row for row in rows if row["expected_intent"] != "unsure"]
    return [
        (row["expected_intent"], ANSWERS[read_reply(row["text"], asked_to_opt_in=True).intent], row["text"])
        for row in scored
    ]


def _share(answers: list[tuple[str, str, str]], of: int, wanted: str, agree: int) -> float:
    chosen = [answer for answer in answers if answer[of] == wanted]
    return sum(answer[agree] == wanted for answer in chosen) / len(chosen)


def test_every_phrase_of_the_requirements_is_read_as_expected(phrases: Rows) -> None:
    for expected, answered, text in _answers(phrases):
        assert answered == expected, text


@pytest.mark.parametrize("file", ["replies_held_out.csv", "replies_regression.csv"])
def test_replies_in_our_own_words_meet_the_figures_of_the_requirements(file: str) -> None:
    answers = _answers(_rows(DATA / file))

    assert _share(answers, 0, "stop", 1) >= 0.98  # recall on stop
    assert _share(answers, 1, "not_opt_out", 0) >= 0.95  # precision on not_opt_out
    assert not [text for expected, answered, text in answers if (expected, answered) == ("stop", "start")]


@pytest.mark.parametrize("file", ["replies_held_out.csv", "replies_regression.csv"])
def test_ordinary_replies_are_rarely_held_up(file: str) -> None:
    ordinary = [row["text"] for row in _rows(DATA / file) if row["expected_intent"] == "not_opt_out"]
    held = [text for text in ordinary if read_reply(text).intent != "reply"]

    assert len(held) <= len(ordinary) * 0.05, held


def test_what_is_not_scored_pauses_and_asks_a_person() -> None:
    for row in _rows(DATA / "replies_held_out.csv"):
        if row["expected_intent"] == "unsure":
            assert read_reply(row["text"]).intent == "unsure", row["text"]


@pytest.mark.parametrize(
    "text",
    [
        "don't call, text is fine",
        "Please don't call me, just text",
        "no calls please, texts only",
        "stop calling me, you can text",
        "texting is better, no calls",
        "no me llame, mejor por mensaje",
    ],
)
def test_someone_who_wants_texts_and_no_calls_keeps_texts(text: str) -> None:
    reading = read_reply(text)

    assert (reading.intent, reading.scope) == ("unsure", "voice")


@pytest.mark.parametrize(
    "text", ["don't call or text me", "stop calling me", "do not call me again", "no calls no texts"]
)
def test_no_calls_without_a_word_for_texts_is_a_stop_of_all(text: str) -> None:
    reading = read_reply(text)

    assert (reading.intent, reading.scope) == ("stop", "all")


@pytest.mark.parametrize("text", ["START", " unstop ", "Start!", "start please"])
def test_start_always_means_start(text: str) -> None:
    assert read_reply(text).intent == "start"


@pytest.mark.parametrize(
    ("text", "otherwise"), [("YES", "reply"), ("please opt me back in", "unsure"), ("resubscribe me", "unsure")]
)
def test_only_someone_asked_to_opt_in_can_say_so_in_other_words(text: str, otherwise: str) -> None:
    assert read_reply(text, asked_to_opt_in=True).intent == "start"
    assert read_reply(text).intent == otherwise


@pytest.mark.parametrize(
    "text", ["nsubscribe", "usbscribe", "unsubscrbe me", "yes stop", "STOP, do not START again", "start? no, stop"]
)
def test_a_stop_is_never_a_start_even_of_someone_asked_to_opt_in(text: str) -> None:
    assert read_reply(text, asked_to_opt_in=True).intent in {"stop", "unsure"}


@pytest.mark.parametrize(
    "text", ["wrong number", "I'm not Maria", "This isn't Kevin's phone", "número equivocado", "no soy Juan"]
)
def test_a_wrong_number_is_told_apart_from_a_stop(text: str) -> None:
    assert read_reply(text).intent == "wrong_number"


@pytest.mark.parametrize(
    "text",
    ["i'm not ready", "I'm not Sure", "I AM NOT INTERESTED IN CONDOS, ONLY HOUSES", "this is not the right size"],
)
def test_a_word_after_not_is_no_name(text: str) -> None:
    assert read_reply(text).intent != "wrong_number"


def test_our_own_footer_below_a_reply_is_not_theirs() -> None:
    quoted = "Sounds good\n\nOn Tue, Dec 1, 2026 at 9:00 AM Sunny <hi@sunny.example> wrote:\n> Reply STOP to opt out"
    unmarked = "Sounds good\n\nFrom: Sunny\nSent: Tuesday\nTo: Ann\nSubject: Hi\n\nUnsubscribe"

    assert read_reply(quoted).intent == "reply"
    assert read_reply(unmarked).intent == "reply"


def test_a_stop_below_the_quotation_counts() -> None:
    assert read_reply("On Tue, Sunny <hi@sunny.example> wrote:\n> Still looking?\n\nPlease stop").intent == "stop"
    assert read_reply("> Still looking?\n\nremove me").intent == "stop"


def test_our_words_sent_back_as_the_whole_reply_are_a_stop() -> None:
    assert read_reply("Reply STOP to unsubscribe").intent in {"stop", "unsure"}


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Loved “Reply STOP to opt out”", "reply"),
        ("👍 to “Reply STOP to opt out”", "reply"),
        ("Disliked “Still looking?”", "unsure"),
    ],
)
def test_a_reaction_to_our_text_says_nothing_with_our_words(text: str, intent: str) -> None:
    assert read_reply(text).intent == intent


@pytest.mark.parametrize("text", ["我想看房子", "Здравствуйте, сколько стоит дом?", "أريد منزلا"])
def test_what_we_cannot_read_is_for_a_person(text: str) -> None:
    assert read_reply(text).intent == "unsure"


@pytest.mark.parametrize(
    "text", ["🛑", "🛑🛑 🛑!", "⛔️?", "S T O P", "s.t.o.p", "$top", "st0p texting", "ＳＴＯＰ pls", "#stop"]
)
def test_a_stop_may_be_signs_or_letters_apart(text: str) -> None:
    assert read_reply(text).intent == "stop"


@pytest.mark.parametrize("text", ["", "   ", "👍", "...", "90210", "\n-- \nAna"])
def test_a_reply_without_words_is_a_reply(text: str) -> None:
    assert read_reply(text).intent == "reply"


def test_the_timeline_says_which_words_decided() -> None:
    assert read_reply("Hey Dana, pls stop txting me. Thx").because == "Asks us to stop: “stop txting me” (R-REV-4)."
    assert read_reply("STOP").because == "Wrote a keyword for stop: “STOP” (R-REV-3)."
    assert read_reply("Tuesday works") == Reading("reply", "all", "Nothing in it asks us to stop (R-REV-4).")


def test_what_stands_behind_the_first_ten_thousand_characters_is_not_read() -> None:
    assert read_reply("house " * 1500 + "stop texting me").intent == "stop"
    assert read_reply("house " * 1700 + "stop texting me").intent == "reply"


@pytest.mark.parametrize(
    "text",
    ["AC stopped blowing cold air", "Currently with another carrier. Can you beat it?", "Is 12 Birch Rd still open?"],
)
def test_what_people_ask_of_sellers_and_insurers_is_no_stop(text: str) -> None:
    assert read_reply(text).intent == "reply"


def test_no_inquiry_of_the_intake_leads_is_read_as_a_stop(shared: Path) -> None:
    lines = (shared / "data" / "leads_intake.jsonl").read_text("utf-8").splitlines()
    messages = [str(json.loads(line).get("message") or "") for line in lines]

    assert [text for text in messages if read_reply(text).intent in {"stop", "wrong_number"}] == []
