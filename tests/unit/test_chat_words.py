"""What a chat says by itself: true, in the visitor's language, and no promise that figures do not hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.compliance.reply import read_reply
from leadwake.domain.chat import Answering, answering, is_open, meaning, promise, stopped, welcome

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 24, 17, tzinfo=UTC)  # a Tuesday, noon in New York


def away(**back_in: int) -> Answering:
    """Nobody works; somebody does then."""
    return Answering(False, ZONE, back_at=NOW + timedelta(**back_in))


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (Answering(True, ZONE), "We answer here."),
        (Answering(True, ZONE, "Dana"), "Dana or a colleague answers here."),
        (Answering(True, ZONE, "Dana", 1), "Dana or a colleague answers here, usually within a minute."),
        (Answering(True, ZONE, None, 5), "We answer here, usually within 5 minutes."),
        (Answering(False, ZONE, "Dana", 5), "Nobody is here just now."),
        (away(hours=2), "Nobody is here just now; we are back at 2:00 PM EST."),
        (away(hours=21), "Nobody is here just now; we are back tomorrow at 9:00 AM EST."),
        (away(days=6), "Nobody is here just now; we are back on Monday at 12:00 PM EST."),
    ],
)  # fmt: skip
def test_it_says_who_answers_and_when_as_far_as_anybody_knows(who: Answering, said: str) -> None:
    assert answering(who, "en", NOW) == said
    assert said in welcome(who, "en", NOW)


def test_it_speaks_spanish() -> None:
    assert answering(Answering(True, ZONE, "Dana", 5), "es", NOW) == (
        "Dana o un colega responde aquí, normalmente en 5 minutos."
    )
    assert stopped("es").startswith("Entendido")


@given(st.floats(0, 1e9))
def test_what_is_promised_was_kept_by_at_least_half(median_s: float) -> None:
    minutes = promise(median_s)

    assert minutes is None or median_s <= 60 * minutes <= 900
    assert (minutes is None) == (median_s > 900)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("please stop texting me", "stop"), ("STOP", "stop"), ("START", "reply"), ("help", "reply"),
        ("wrong number", "unsure"), ("please stop calling me, texts are fine", "no_calls"), ("Is it open?", "reply"),
    ],
)  # fmt: skip
def test_a_chat_can_end_what_we_send_and_never_begin_it(text: str, means: str) -> None:
    reading = read_reply(text)

    assert meaning(reading.intent, reading.scope) == means


def test_a_chat_is_open_for_a_day_after_its_last_word_unless_it_was_ended() -> None:
    assert is_open(NOW - timedelta(hours=23, minutes=59), None, NOW)
    assert not is_open(NOW - timedelta(hours=24), None, NOW)
    assert not is_open(NOW, NOW, NOW)
