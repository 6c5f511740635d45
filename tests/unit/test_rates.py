"""How limits are written, and what counts where nobody wrote any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.config import load
from leadwake.errors import ConfigError
from leadwake.rates import PUBLISHED, Limit, read_limits
from leadwake.vendors import VENDORS


def test_limits_are_written_by_vendor_second_minute_hour_and_day() -> None:
    found = read_limits("twilio 3/s 2000/day, HubSpot 90/min,slack 3600/h , sendgrid none")

    assert found == {
        "twilio": Limit(3.0, 2000), "hubspot": Limit(1.5), "slack": Limit(1.0), "sendgrid": Limit(),
    }  # fmt: skip
    assert read_limits("") == {}
    assert read_limits("twilio 10/s 60/min") == {"twilio": Limit(1.0)}  # the narrower one


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("twilio fast", "twilio 3/s 2000/day"),
        ("twilio 3/s, twilio 4/s", "stands twice"),
        ("twilio 0/s", "would send nothing"),
        ("pigeon 3/s", "pigeon is no vendor"),
    ],
)
def test_a_limit_that_cannot_be_meant_stops_the_start_and_says_what_to_write(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load({"LEADWAKE_LIMITS": text})


@given(st.text(max_size=60))
def test_any_text_is_limits_or_refused(text: str) -> None:
    try:
        found = read_limits(text)
    except ValueError:
        return
    assert all(limit.per_s is None or limit.per_s > 0 for limit in found.values())


def test_a_vendor_is_asked_no_faster_than_it_publishes_and_a_stand_in_freely() -> None:
    live = load({"LEADWAKE_HUBSPOT_TOKEN": "pat-1"})
    here = load({"LEADWAKE_HUBSPOT_TOKEN": "pat-1", "LEADWAKE_HUBSPOT_URL": "http://127.0.0.1:8090/hubspot"})

    assert live.limit("hubspot") == PUBLISHED["hubspot"]
    assert live.limit("hubspot").burst + 10 * (live.limit("hubspot").per_s or 0) < 100  # in any ten seconds
    assert here.limit("hubspot") == Limit()
    assert load({"LEADWAKE_LIMITS": "hubspot 1/s"}).limit("hubspot") == Limit(1.0)
    assert live.limit("") == Limit()
    assert set(PUBLISHED) <= {*VENDORS, "gohighlevel", "calendly"}
