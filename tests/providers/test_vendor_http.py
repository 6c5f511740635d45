"""What every vendor's client shares: how long to wait, what may be shown, what a status means."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.errors import ConfigError
from leadwake.providers.http import MAX_RETRY_AFTER_S, Redaction, VendorHttp, document, retry_after_s

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "17"}, 17.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "Sun, 22 Nov 2026 12:01:30 GMT"}, 90.0),
        ({"Retry-After": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "999999999"}, MAX_RETRY_AFTER_S),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "40"}, 40.0),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 25)}, 25.0),
        ({"X-RateLimit-Reset": "30"}, 30.0),
        ({"X-RateLimit-Reset": "1"}, 1.0),
        ({"Retry-After": "5", "X-RateLimit-Reset": "30"}, 5.0),
    ],
)
def test_the_wait_a_vendor_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOW) == seconds


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_wait_is_always_bounded(retry_after: str, reset: str) -> None:
    seconds = retry_after_s({"Retry-After": retry_after, "X-RateLimit-Reset": reset}, NOW)

    assert seconds is None or 0 <= seconds <= MAX_RETRY_AFTER_S


@given(st.text(min_size=8, max_size=30), st.text(max_size=60), st.text(max_size=60))
def test_a_secret_is_never_shown(secret: str, before: str, after: str) -> None:
    assert secret not in Redaction([secret])(before + secret + after) or secret in "[secret][number][address]"


def test_the_encodings_of_a_secret_are_secrets_too() -> None:
    clean = Redaction(["p ss/word"])

    assert clean("a p ss/word b cCBzcy93b3Jk c p%20ss/word d") == "a [secret] b [secret] c [secret] d"


@given(st.text())
def test_what_is_shown_is_one_short_line(text: str) -> None:
    shown = Redaction([])(text)

    assert len(shown) <= 300
    assert not [character for character in shown if character < " " or character == "\x7f"]


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 50_000])
def test_a_body_that_is_no_object_reads_as_empty(body: bytes) -> None:
    assert document(httpx.Response(200, content=body)) == {}


@pytest.mark.parametrize("url", ["", "ftp://example.com", "http://", "https:///x", "http://[::1", "nonsense"])
def test_an_address_that_is_none_stops_the_start(url: str) -> None:
    with pytest.raises(ConfigError, match="LEADWAKE_TWILIO_URL"):
        VendorHttp("twilio", url, headers={})
