"""`whatif send` over files: readable, unreadable, hostile."""

from __future__ import annotations

import io

import pytest

from leadwake.compliance.whatif import COLUMNS, run, send_csv
from leadwake.errors import InputError

PLAIN = {
    "case_id": "A",
    "recipient": "+12125550100",
    "now_utc": "2026-12-01T15:00:00Z",
    "channel": "sms",
    "purpose": "marketing",
    "consent": "written",
    "prior_24h": "0",
    "dnc": "none",
}


def answer(**cells: str | None) -> tuple[str, str, str]:
    row = dict.fromkeys(COLUMNS, "") | PLAIN | cells
    (found,) = run([row])
    assert found["case_id"] == "A"
    return found["decision"], found["at_utc"], found["reason"]


def test_a_plain_case_is_sent_at_its_own_instant() -> None:
    assert answer() == ("send", "2026-12-01T15:00:00Z", "ok")


def test_a_time_without_a_zone_is_utc_and_another_zone_is_converted() -> None:
    assert answer(now_utc="2026-12-01T15:00:00") == ("send", "2026-12-01T15:00:00Z", "ok")
    assert answer(now_utc="2026-12-01T10:00:00-05:00") == ("send", "2026-12-01T15:00:00Z", "ok")


@pytest.mark.parametrize(
    "cells",
    [
        {"now_utc": ""},
        {"now_utc": "noon"},
        {"now_utc": "0001-01-01T00:00:00+10:00"},
        {"channel": "fax"},
        {"purpose": ""},
        {"consent": "maybe"},
        {"dnc": "federal"},
        {"dnc": None},
        {"inquiry_at_utc": "yesterday"},
        {"prior_sent_utc": "2026-12-01T14:00:00Z;soon"},
        {"prior_24h": "many"},
    ],
)
def test_a_row_that_cannot_be_read_is_blocked(cells: dict[str, str | None]) -> None:
    assert answer(**cells) == ("block", "", "fail_closed")


def test_sends_counted_without_a_time_are_taken_as_just_now() -> None:
    assert answer(prior_24h="3") == ("defer", "2026-12-02T15:00:00Z", "cap_24h")
    assert answer(prior_24h="99999999999") == ("defer", "2026-12-02T15:00:00Z", "cap_24h")


def test_a_file_with_a_byte_order_mark_more_columns_and_a_short_row_is_read() -> None:
    header = ",".join(COLUMNS)
    source = io.StringIO(
        f"\ufeff{header},why\nA,+12125550100,,,,2026-12-01T15:00:00Z,sms,marketing,written,,0,,none,x\nB\n"
    )
    target = io.StringIO()

    assert send_csv(source, target) == 2
    assert target.getvalue() == "case_id,decision,at_utc,reason\nA,send,2026-12-01T15:00:00Z,ok\nB,block,,fail_closed\n"


@pytest.mark.parametrize("text", ["", "case_id,recipient\n1,2\n", ",".join(COLUMNS) + "\n" + "x" * 200_000])
def test_what_is_no_file_of_cases_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(InputError):
        send_csv(io.StringIO(text), io.StringIO())
