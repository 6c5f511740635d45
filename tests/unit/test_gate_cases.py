"""The gate against the cases of the requirements, and our tables against the ones they came from."""

from __future__ import annotations

import csv
import io
import os
import shutil
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from leadwake.compliance import whatif
from leadwake.compliance.decision import Facts, Message
from leadwake.compliance.gate import may_send
from leadwake.compliance.tables import Tables
from leadwake.domain.values import Channel, ConsentLevel, Purpose

SHARED = Path(__file__).parents[2] / ".." / "shared" / "compliance"
OURS = files("leadwake.compliance") / "data"


@pytest.fixture(scope="module")
def shared() -> Path:
    if not SHARED.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("the requirements' cases are missing: ../shared/compliance")
        pytest.skip("needs the requirements' cases in ../shared/compliance")
    return SHARED


def test_all_cases_of_the_requirements_are_decided_as_written_to_the_second(shared: Path) -> None:
    with (shared / "cases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    expected = [
        (row["case_id"], row["expected_decision"], row["expected_at_utc"], row["expected_reason"]) for row in rows
    ]
    assert len(rows) == 73
    assert expected == [tuple(answer.values()) for answer in whatif.run(rows)]


def test_whatif_send_reads_the_cases_as_a_file(shared: Path) -> None:
    answers = io.StringIO()
    with (shared / "cases.csv").open(encoding="utf-8", newline="") as file:
        assert whatif.send_csv(file, answers) == 73

    lines = answers.getvalue().splitlines()
    assert lines[0] == "case_id,decision,at_utc,reason"
    assert lines[2] == "S002,defer,2026-12-01T13:00:00Z,quiet_hours"
    assert lines[49] == "S049,block,,needs_written_consent"


@pytest.mark.parametrize("name", ["us_state_rules.csv", "area_codes.csv", "state_holidays.csv"])
def test_our_tables_are_the_given_ones_but_for_the_row_of_wyoming(shared: Path, name: str) -> None:
    ours = (OURS / name).read_text(encoding="utf-8").splitlines()
    given = (shared / name).read_text(encoding="utf-8").splitlines()

    changed = [mine for mine, theirs in zip(ours, given, strict=True) if mine != theirs]
    assert [line[:3] for line in changed] == (["WY,"] if name == "us_state_rules.csv" else [])


def test_a_row_moved_by_a_stray_comma_blocks_its_state_and_no_other(shared: Path, tmp_path: Path) -> None:
    for name in ("area_codes.csv", "state_holidays.csv", "us_state_rules.csv"):
        shutil.copy(shared / name, tmp_path / name)
    spoilt = Tables.load(tmp_path)
    noon = datetime(2026, 12, 1, 18, tzinfo=UTC)

    def outcome(recipient: str, tables: Tables) -> str:
        message = Message(Channel.SMS, Purpose.MARKETING, recipient)
        return may_send(message, Facts(ConsentLevel.WRITTEN), tables, noon).outcome

    assert "us_state_rules.csv: line 52 (WY): 16 cells, the header has 15" in spoilt.problems
    assert outcome("+13075550100", spoilt) == "block"
    assert outcome("+13075550100", Tables.load()) == "send"
    assert outcome("+12125550100", spoilt) == "send"
