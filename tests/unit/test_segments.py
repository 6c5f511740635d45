"""What a text costs."""

from __future__ import annotations

import pytest

from leadwake.domain.segments import (
    Segments,
    costly_characters,
    is_shortener,
    plain_typography,
    segments,
    shorteners_in,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments("GSM-7", 0, 0)),
        ("a" * 160, Segments("GSM-7", 160, 1)),
        ("a" * 161, Segments("GSM-7", 161, 2)),
        ("a" * 306, Segments("GSM-7", 306, 2)),
        ("a" * 307, Segments("GSM-7", 307, 3)),
        ("€" * 80, Segments("GSM-7", 160, 1)),
        ("€" * 81, Segments("GSM-7", 162, 2)),
        # 153 is odd: an escaped character that would be cut moves to the next part whole
        ("€" * 153, Segments("GSM-7", 306, 3)),
        ("í" * 70, Segments("UCS-2", 70, 1)),
        ("í" * 71, Segments("UCS-2", 71, 2)),
        ("í" * 134, Segments("UCS-2", 134, 2)),
        ("í" * 135, Segments("UCS-2", 135, 3)),
        ("🎉" * 35, Segments("UCS-2", 70, 1)),
        ("🎉" * 36, Segments("UCS-2", 72, 2)),
        ("🎉" * 67, Segments("UCS-2", 134, 3)),
        ("éèùìòÇØøÅåÆæßÉÄÖÑÜäöñüà@£$¥ΔΦΓ", Segments("GSM-7", 30, 1)),
        ("line\none [x] ~ | ^ {y} \\", Segments("GSM-7", 32, 1)),
    ],
)
def test_segments_are_counted_as_carriers_bill_them(text: str, expected: Segments) -> None:
    assert expected == segments(text)


def test_curly_typography_is_made_plain_and_letters_are_kept() -> None:
    assert plain_typography("It’s “on” – María…\u00a0ok") == 'It\'s "on" - María... ok'
    assert costly_characters("María 🎉 í") == ["í", "🎉"]


@pytest.mark.parametrize("text", ["bit.ly/x", "see https://BIT.ly/3x now", "www.tinyurl.com/a", "go to t.co/1."])
def test_public_shorteners_are_found(text: str) -> None:
    assert shorteners_in(text)


@pytest.mark.parametrize(
    "text", ["https://habit.ly/x", "https://bit.ly.example.com/", "a bit.lying there", "at.co/x", ""]
)
def test_look_alikes_of_shorteners_are_left_alone(text: str) -> None:
    assert shorteners_in(text) == []


def test_booking_link_of_a_shortener_is_told_apart() -> None:
    assert is_shortener("https://www.bit.ly/abc")
    assert not is_shortener("https://calendly.com/dana")
    assert not is_shortener("http://[broken")
