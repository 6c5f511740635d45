"""What the gate does when its tables are changed, incomplete or broken (R-STATE-1, R-CASE-12)."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from leadwake.compliance.decision import Decision, Facts, Message
from leadwake.compliance.gate import may_send
from leadwake.compliance.hours import SHUT, Hours, parse_day, parse_span, parse_voice
from leadwake.compliance.tables import Tables
from leadwake.compliance.zip_table import zip_digits
from leadwake.domain.values import Channel, ConsentLevel, Purpose

NOON = datetime(2026, 12, 1, 17, tzinfo=UTC)  # a Tuesday, noon in New York
WRITTEN = Facts(ConsentLevel.WRITTEN)
NAMES = ("us_state_rules.csv", "area_codes.csv", "state_holidays.csv", "zip_places.csv", "effective.txt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of our tables that a test may spoil."""
    for name in NAMES:
        (tmp_path / name).write_bytes((files("leadwake.compliance") / "data" / name).read_bytes())
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def drop_line(path: Path, start: str) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(start)), encoding="utf-8")


def text_to(recipient: str, tables: Tables, now: datetime = NOON, **address: str) -> Decision:
    return may_send(Message(Channel.SMS, Purpose.MARKETING, recipient, **address), WRITTEN, tables, now)


def test_our_tables_load_without_a_problem() -> None:
    tables = Tables.load()

    assert tables.problems == ()
    assert len(tables.states) == 56
    assert len(tables.area_codes) == 469
    assert tables.version.startswith("2026-11-22.")


def test_a_removed_state_row_blocks_that_state_and_says_so(folder: Path) -> None:
    drop_line(folder / "us_state_rules.csv", "NY,")
    tables = Tables.load(folder)

    decision = text_to("+12125550100", tables)

    assert (decision.outcome, decision.reason, decision.rule) == ("block", "fail_closed", "R-CASE-12")
    assert "'NY'" in decision.missing
    assert "us_state_rules.csv: no usable row for NY" in tables.problems
    assert text_to("+13055550100", tables).outcome == "send"


def test_an_address_in_a_state_without_a_row_blocks_too(folder: Path) -> None:
    drop_line(folder / "us_state_rules.csv", "NY,")

    assert text_to("+13055550100", Tables.load(folder), state="NY").reason == "fail_closed"


def test_a_changed_row_changes_the_decision_and_the_version(folder: Path) -> None:
    before = text_to("+12125550100", Tables.load(folder))
    edit(folder / "us_state_rules.csv", "NY,21:00,08:00", "NY,21:00,13:00")

    after = text_to("+12125550100", Tables.load(folder))

    assert before.outcome == "send"
    assert ("defer", datetime(2026, 12, 1, 18, tzinfo=UTC)) == (after.outcome, after.at)
    assert before.table_version != after.table_version


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("NY,21:00,08:00", "NY,08:00,21:00"),
        ("NY,21:00,08:00", "NY,9 pm,08:00"),
        ("NY,21:00,08:00,same", "NY,21:00,08:00,closed"),
        ("New York,state,same,America/New_York", "New York,state,same,America/Gotham"),
        ("New York,state,same,America/New_York", "New York,state,same,"),
        ("New York,state,same,America/New_York,yes", "New York,state,same,America/New_York,maybe"),
        ("New York,state,same,America/New_York,yes,", "New York,state,same,America/New_York,yes,Mon-Sun"),
        ("New York,state,same,America/New_York,yes,", "New York,state,same,America/New_York,yes,Sun-Mon 09:00-17:00"),
        ("NY,21:00,08:00,same,same,", "NY,21:00,08:00,same,same,0"),
        ("\nNV,", "\nNY,20:00,08:00,same,same,,,,New York,state,same,America/New_York,yes,,low\nNV,"),
    ],
)
def test_a_state_row_that_cannot_be_trusted_blocks_its_state(folder: Path, old: str, new: str) -> None:
    edit(folder / "us_state_rules.csv", old, new)
    tables = Tables.load(folder)

    assert text_to("+12125550100", tables).reason == "fail_closed"
    assert any("NY" in problem for problem in tables.problems)
    assert text_to("+13055550100", tables).outcome == "send"


@pytest.mark.parametrize("zones", ["", "America/Gotham", "../../etc/passwd", "America/New_York|"])
def test_an_area_code_on_an_unknown_zone_blocks_for_what_is_missing(folder: Path, zones: str) -> None:
    edit(folder / "area_codes.csv", "212,US,NY,America/New_York", f"212,US,NY,{zones}")

    decision = text_to("+12125550100", Tables.load(folder))

    assert decision.reason == "fail_closed"
    assert "212" in decision.missing


@pytest.mark.parametrize(
    ("name", "blocked", "sent"),
    [
        ("us_state_rules.csv", {}, None),
        ("area_codes.csv", {}, None),
        ("state_holidays.csv", {"recipient": "+12155550100"}, {"recipient": "+12125550100"}),
        ("zip_places.csv", {"postal_code": "10001"}, {"state": "NY"}),
    ],
)
@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00", b'state,npa\n"unclosed'])
def test_a_missing_or_unreadable_table_blocks_what_needs_it(folder, name, blocked, sent, content) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    tables = Tables.load(folder)
    noon = {"recipient": "+12125550100", "tables": tables}

    assert text_to(**(noon | blocked)).reason == "fail_closed"
    assert any(problem.startswith(name) for problem in tables.problems)
    if sent is not None:
        assert text_to(**(noon | sent)).outcome == "send"


def test_a_folder_that_is_not_there_blocks_everything(tmp_path: Path) -> None:
    tables = Tables.load(tmp_path / "absent")

    assert text_to("+12125550100", tables).reason == "fail_closed"
    assert tables.version.startswith("undated.")


def test_one_unreadable_holiday_makes_all_of_its_state_unknown(folder: Path) -> None:
    edit(folder / "state_holidays.csv", "PA,2027-07-04", "PA,the fourth")
    tables = Tables.load(folder)

    assert text_to("+12155550100", tables).reason == "fail_closed"
    assert text_to("+18015550100", tables).outcome == "send"


def test_a_date_the_holiday_table_does_not_reach_blocks_only_where_holidays_close() -> None:
    tables, later = Tables.load(), datetime(2029, 1, 3, 17, tzinfo=UTC)

    assert "holidays of PA on 2029-01-03" in text_to("+12155550100", tables, later).missing
    assert text_to("+12125550100", tables, later).outcome == "send"


def test_a_military_zip_has_no_state_rule_and_is_blocked() -> None:
    assert text_to("+12125550100", Tables.load(), postal_code="09012").reason == "fail_closed"


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("10001", ("NY", "America/New_York")),
        ("32501", ("FL", "America/Chicago")),
        ("86515", ("AZ", "America/Denver")),
        ("83702-1234", ("ID", "America/Denver")),
        ("99634", ("AK", None)),  # its zone is not known to the source
        ("00000", None),
        ("10000", None),
        ("99999", None),
        ("1000", None),
        ("K1A 0B1", None),
        ("१०००१", None),
        ("", None),
        (None, None),
    ],
)
def test_zips_resolve_and_those_that_do_not_exist_do_not(code, place) -> None:
    found = Tables.load().zip_place(code)

    assert place == (found and (found.state, found.zone and found.zone.key))


@pytest.mark.parametrize("code", ["10001", " 10001 ", "10001-2345", "10001 2345", "100012345"])
def test_a_zip_is_its_first_five_digits(code: str) -> None:
    assert zip_digits(code) == "10001"


@pytest.mark.parametrize("text", ["", "21:00", "21:00-08:00", "08:00-08:00", "08:60-09:00", "08:00-24:01", "8:00-9:00"])
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        parse_span(text)


def test_day_and_voice_rules_are_read_as_written() -> None:
    usual = Hours(9 * 60, 21 * 60)

    assert parse_day("same", usual) == usual
    assert parse_day("none", usual) == SHUT
    assert parse_day("12:00-24:00", usual) == Hours(720, 1440)
    nebraska = parse_voice("Mon-Sat 08:00-21:00; Sun 13:00-21:00; Hol 13:00-21:00")
    assert nebraska is not None
    assert nebraska.week == (Hours(480, 1260),) * 6 + (Hours(780, 1260),)
    assert nebraska.holiday == Hours(780, 1260)
    assert parse_voice("") is None
