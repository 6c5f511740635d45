"""`whatif intake` against the 300 leads, and the rules behind them on leads of our own."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from leadwake.intake.whatif import BadLine, Row, run, write_csv

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"


def lines(*leads: dict[str, Any]) -> list[str]:
    return [json.dumps({"id": f"L{number}", **lead}) for number, lead in enumerate(leads, start=1)]


def duplicates(*leads: dict[str, Any]) -> list[str]:
    return [row.duplicate_of for row in run(lines(*leads))]


def test_all_300_leads_are_understood_as_expected() -> None:
    if not DATA.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("../shared/data is absent")
        pytest.skip("../shared/data is absent")
    expected = list(csv.DictReader((DATA / "leads_intake_expected.csv").open(encoding="utf-8")))
    bad: list[BadLine] = []
    with (DATA / "leads_intake.jsonl").open(encoding="utf-8") as leads:
        rows = list(run(leads, on_bad=bad.append))

    assert bad == []
    assert [(row.id, row.phone_e164, row.email_normalised, row.duplicate_of) for row in rows] == [
        (row["id"], row["phone_e164"], row["email_normalised"], row["duplicate_of"]) for row in expected
    ]


def test_a_chain_of_phone_then_email_leads_to_the_earliest() -> None:
    assert duplicates(
        {"name": "Kate Hill", "phone": "8135550101"},
        {"name": "Katherine Hill", "phone": "(813) 555-0101", "email": "kate@example.com"},
        {"name": "K Hill", "email": "KATE@example.com"},
    ) == ["", "L1", "L1"]


def test_a_later_record_shows_two_earlier_ones_to_be_one_person() -> None:
    assert duplicates(
        {"name": "Kate Hill", "phone": "8135550101"},
        {"name": "Kate Hill", "email": "kate@example.com"},
        {"name": "Kate Hill", "phone": "8135550101", "email": "kate@example.com"},
        {"name": "Kate Hill", "email": "kate@example.com"},
    ) == ["", "L1", "L1", "L1"]


def test_the_earliest_is_the_earliest_received_not_the_first_line() -> None:
    assert duplicates(
        {"email": "a@example.com", "received_at": "2026-01-02T00:00:00Z"},
        {"email": "a@example.com", "received_at": "2026-01-01T00:00:00Z"},
    ) == ["L2", ""]


def test_households_and_same_names_stay_apart() -> None:
    assert duplicates(
        {"name": "Lisa Chang", "phone": "8135550101", "email": "lisa@example.com"},
        {"name": "Brian Chang", "phone": "8135550101", "email": "brian@example.com"},
        {"name": "Lisa Chang", "phone": "7185550101", "email": "other@example.com"},
        {"name": "Brian Chang", "phone": "8135550101"},
    ) == ["", "", "", "L2"]


def test_an_initial_never_makes_a_household_one_person() -> None:
    assert duplicates(
        {"name": "Katherine Hamilton", "phone": "8135550101"},
        {"name": "K. Hamilton", "phone": "8135550101"},
        {"name": "Kevin Hamilton", "phone": "8135550101", "email": "kevin@example.com"},
        {"name": "K. Hamilton", "phone": "8135550101", "email": "kevin@example.com"},
    ) == ["", "L1", "", "L3"]


def test_one_email_is_one_person_whatever_the_names() -> None:
    emails = ["family@example.com", '"Bo" <FAMILY@example.com>']

    assert duplicates(*({"name": name, "email": email} for name, email in zip("AB", emails, strict=True))) == ["", "L1"]


def test_nobody_is_a_duplicate_for_want_of_a_contact() -> None:
    assert duplicates({"name": "Ann Lee"}, {"name": "Ann Lee", "phone": "555-0182", "email": "none"}) == ["", ""]


def test_a_bad_line_is_told_and_no_id_is_missing() -> None:
    bad: list[BadLine] = []
    text = [
        "\ufeff" + lines({"name": "Ann"})[0],
        "",
        "{",
        "[]",
        '{"name": "Bo"}',
        '{"id": "L9", "name": 5}',
        '{"id": 7}',
    ]

    rows = list(run(text, on_bad=bad.append))

    assert rows == [Row("L1", "none", "none", ""), Row("L9", "none", "none", ""), Row("7", "none", "none", "")]
    assert [(line.number, line.has_row) for line in bad] == [(3, False), (4, False), (5, False), (6, True), (7, True)]
    assert str(bad[3]) == "line 6: name: must be a string or null"


def test_the_answer_is_csv_with_line_feeds() -> None:
    out = io.StringIO()

    write_csv(run(lines({"name": "Ann", "phone": "8135550101"})), out)

    assert out.getvalue() == "id,phone_e164,email_normalised,duplicate_of\nL1,+18135550101,none,\n"
