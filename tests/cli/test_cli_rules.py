"""`leadwake rules` and `leadwake audit replay`, as an operator uses them."""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from command_case import CommandLine

from leadwake.compliance.policy import Loosened, Loosening, Policy
from leadwake.compliance.table_files import TABLE_FILES
from leadwake.storage import policies
from office_case import hire

REASON = "Michigan SB 351 is in force"
CASES = (
    "case_id,recipient,declared_state,declared_zip,declared_country,now_utc,channel,purpose,consent,inquiry_at_utc,"
    "prior_24h,prior_sent_utc,dnc\n"
    "C1,+12125550101,,,,2026-12-01T15:00:00Z,sms,marketing,written,,0,,none\n"
)


@pytest.fixture
def team(leadwake: CommandLine) -> CommandLine:
    """A team that has started once, so that its keys are made."""
    assert leadwake("rules", "show").code == 0
    return leadwake


def spoilt(folder: Path, old: str, new: str) -> Path:
    """A copy of the shipped tables with one place in the states' rules changed."""
    shutil.copytree(str(files("leadwake.compliance") / "data"), folder)
    path = folder / "us_state_rules.csv"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    return folder


def test_tables_are_exported_changed_loaded_and_put_back(leadwake: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    assert leadwake("rules", "export", str(folder)).code == 0
    assert {path.name for path in folder.iterdir()} == set(TABLE_FILES)
    path = folder / "us_state_rules.csv"
    path.write_text(path.read_text("utf-8").replace("\nMI,21:00,09:00,", "\nMI,20:00,09:00,"), "utf-8")

    checked = leadwake("rules", "check", str(folder))
    assert (checked.code, checked.lines[0]) == (0, "  MI: Mon 09:00-21:00 → 09:00-20:00")
    loaded = leadwake("rules", "load", str(folder), "--reason", REASON)
    assert (loaded.code, "is in force" in loaded.lines[-1]) == (0, True)
    shown = leadwake("rules", "show", "--json").json
    assert shown["tables"] != shown["shipped"]
    assert shown["tables"] in leadwake("rules", "show").out
    history = leadwake("rules", "history", "--json").json["tables"]
    assert [(row["reason"], row["active"]) for row in history] == [("shipped", False), (REASON, True)]
    assert leadwake("rules", "use", "shipped").code == 0
    assert leadwake("rules", "show", "--json").json["tables"] == shown["shipped"]
    assert leadwake("rules", "use", shown["tables"]).code == 0
    assert leadwake("rules", "show", "--json").json["tables"] == shown["tables"]
    assert REASON in leadwake("rules", "history").out


def test_what_becomes_looser_is_marked(leadwake: CommandLine, tmp_path: Path) -> None:
    folder = spoilt(tmp_path / "tables", "\nFL,20:00,08:00,same,same,3,", "\nFL,21:00,08:00,same,same,,")

    lines = leadwake("rules", "check", str(folder)).lines

    assert "  FL: Sun 08:00-20:00 → 08:00-21:00 (looser)" in lines
    assert "  FL: messages in 24 hours 3 → any (looser)" in lines


def test_tables_with_a_wrong_row_are_not_loaded_and_the_row_is_named(leadwake: CommandLine, tmp_path: Path) -> None:
    folder = spoilt(tmp_path / "tables", "\nMI,21:00,09:00,", "\nMI,9 pm,09:00,")
    before = leadwake("rules", "show", "--json").json["tables"]

    for command in (("check", str(folder)), ("load", str(folder), "--reason", REASON)):
        answer = leadwake("rules", *command)
        assert answer.code == 1
        assert answer.out.startswith("✗ us_state_rules.csv: MI: ")
        assert "nothing was changed" in answer.err
    assert leadwake("rules", "show", "--json").json["tables"] == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("load", "."), "--reason"),
        (("load", ".", "--reason", "no"), "10 to 500"),
        (("check", "nowhere"), "does not exist"),
        (("check", "."), "holds none of us_state_rules.csv"),
        (("export", "."), "not empty"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    team: CommandLine, words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    (tmp_path / "something").write_text("else")

    assert said in team("rules", *words).refused(2)


def test_a_version_that_is_not_kept_is_refused(team: CommandLine) -> None:
    assert "history" in team("rules", "use", "2020-01-01.0123456789ab").refused(1)


async def test_doctor_names_a_default_that_was_given_up(leadwake: CommandLine) -> None:
    async with leadwake.office() as office:
        person, at = await hire(office), office.clock.now()
        loosening = Loosening(Loosened.PRODUCT_CAP, f"user {person.id}", "counsel looked at it", at, 5)
        value = Policy(loosenings=(loosening,))
        await policies.change(office.db, at=at, by=loosening.by, reason=loosening.reason, before=0, value=value)

    findings = leadwake("doctor", "--offline", "--json").json["findings"]
    (found,) = [finding for finding in findings if finding["about"] == "your rules"]
    assert (found["level"], "Dana Reyes" in found["text"]) == ("warning", True)
    assert "counsel" in leadwake("rules", "history").out


def test_doctor_says_when_the_holidays_end(leadwake: CommandLine) -> None:
    def said(clock: str) -> list[str]:
        answer = leadwake("doctor", "--offline", "--json", CLOCK=clock)
        return [one["level"] for one in answer.json["findings"] if one["about"] == "rules of law"]

    assert said("2028-06-01T12:00:00Z") == ["ok"]
    assert said("2028-11-01T12:00:00Z") == ["warning", "ok"]


def test_replay_wants_to_know_which(team: CommandLine) -> None:
    assert "LEAD_ID or --all" in team("audit", "replay").refused(2)
    assert team("audit", "replay", "--all").lines == ["✓ 0 decisions come out as they were made"]
    assert "nothing was ever decided" in team("audit", "replay", "00000000-0000-4000-8000-000000000000").refused(1)


def test_whatif_takes_tables_and_a_policy_of_ones_own(bare: CommandLine, tmp_path: Path) -> None:
    folder = spoilt(tmp_path / "tables", "\nNY,21:00,08:00,", "\nNY,21:00,11:00,")
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps({"hours": "12:00-18:00"}))

    def answer(*words: str) -> str:
        return bare("whatif", "send", "-", *words, stdin=CASES).lines[1]

    assert answer() == "C1,send,2026-12-01T15:00:00Z,ok"
    assert answer("--tables", str(folder)) == "C1,defer,2026-12-01T16:00:00Z,quiet_hours"
    assert answer("--policy", str(policy)) == "C1,defer,2026-12-01T17:00:00Z,team_hours"
    policy.write_text('{"hours": "always"}')
    assert "always" in bare("whatif", "send", "-", "--policy", str(policy), stdin=CASES).refused(2)
