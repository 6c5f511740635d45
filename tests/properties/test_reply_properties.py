"""Always and never of reading replies: a stop stays one however it is typed, and no text is too odd to be read."""

from __future__ import annotations

import csv
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st

from leadwake.compliance.reply import read_reply
from leadwake.compliance.revocation.body import LIMIT, own_words
from leadwake.compliance.revocation.spelling import distance, is_slip_of, is_swap_of, is_word
from leadwake.compliance.revocation.words import plain_words

DATA = Path(__file__).parents[1] / "data"
STOPPED = {"stop", "wrong_number", "unsure"}
KEYWORDS = ("stop", "unsubscribe", "cancel", "quit", "remove", "revoke", "optout")
SIGNATURES = (
    "",
    "\nSent from my iPhone",
    "\n\nGet Outlook for Android",
    "\n-- \nAna Lee\nSunny Ltd",
    " Sent from my iPhone",
)
MARKS = st.text("!.,?~*\"'…-() \t\n🛑🙏😡👋", max_size=4)


def _stops() -> list[str]:
    with (DATA / "replies_held_out.csv").open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file) if row["expected_intent"] == "stop"]


STOPS = _stops()
#: one line each: what is put around them must not become part of a quotation
ONE_LINE = [text for text in STOPS if "\n" not in text]


@st.composite
def _in_any_case(draw: st.DrawFn, text: str) -> str:
    how = draw(st.sampled_from([str.lower, str.upper, str.title, str.capitalize, str.swapcase]))
    return how(text)


@given(st.data(), st.sampled_from(ONE_LINE), MARKS, MARKS, st.sampled_from(SIGNATURES))
def test_a_stop_stays_one_in_any_case_with_marks_around_and_a_signature(
    data: st.DataObject, text: str, before: str, after: str, signature: str
) -> None:
    assume("--" not in before + after and "**" not in before + after)
    written = f"{before.lstrip('-')}{data.draw(_in_any_case(text))}{after}{signature}"

    for asked in (False, True):
        assert read_reply(written, asked_to_opt_in=asked).intent in STOPPED, written


@given(st.sampled_from(KEYWORDS), st.data())
def test_a_keyword_with_two_letters_swapped_is_no_ordinary_reply(keyword: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(keyword) - 2))
    slip = keyword[:at] + keyword[at + 1] + keyword[at] + keyword[at + 2 :]

    for text in (slip, f"{slip} please", slip.upper()):
        assert read_reply(text, asked_to_opt_in=True).intent in STOPPED, text


@given(
    st.sampled_from(
        ["texting", "messaging", "calling", "contacting", "sending", "message", "contact", "number", "messages"]
    ),
    st.data(),
)
def test_a_slip_in_what_is_to_stop_does_not_hide_the_stop(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    slip = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    said = {"number": f"remove my {slip}", "message": f"do not {slip} me", "contact": f"never {slip} me again"}

    assert read_reply(said.get(word, f"stop {slip} me")).intent in STOPPED


@given(st.text(max_size=300), st.booleans())
def test_any_text_is_read(text: str, asked: bool) -> None:
    reading = read_reply(text, asked_to_opt_in=asked)

    assert reading.intent in {"stop", "start", "help", "unsure", "wrong_number", "reply"}
    assert reading.scope in {"all", "voice"}
    assert "\n" not in reading.because


@given(
    st.lists(
        st.sampled_from(
            ["stop", "do not", "text", "me", ",", ".", "\n", ">", "call", "no", "-", "~", "“", "f*", "wrote:", "On"]
        ),
        max_size=400,
    )
)
def test_any_order_of_the_words_that_matter_is_read(parts: list[str]) -> None:
    assert read_reply(" ".join(parts)).intent in {"stop", "start", "help", "unsure", "wrong_number", "reply"}


@given(st.text(min_size=1, max_size=60).filter(str.strip))
def test_reading_is_of_the_first_characters_only(text: str) -> None:
    filler = "house " * (LIMIT // 6 + 1)

    assert read_reply(filler + text) == read_reply(filler)


@given(st.text(max_size=200))
def test_what_decided_is_found_in_what_was_written(text: str) -> None:
    own = own_words(text)
    words = plain_words(own)

    assert len(words.starts) == len(words.spans) == len(words.plain.split())
    assert all(0 <= start < end <= len(own) for start, end in words.spans)


@given(st.text("abcdefgh", max_size=8), st.text("abcdefgh", max_size=8))
def test_slips_between_words_are_counted_both_ways_alike(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
    assert not is_swap_of(one, other) or distance(one, other) == 1
    assert is_slip_of(one, one)


def test_no_ordinary_word_is_a_keyword() -> None:
    for word in ("shop", "step", "lease", "contract", "remote", "quiet", "massage", "spending", "llave", "pagar"):
        assert is_word(word)
        assert read_reply(word).intent == "reply", word
