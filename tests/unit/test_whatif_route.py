"""`whatif route`: a lead, a team and rules out of files, and an answer that says why."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from leadwake.cli.first_start import SAMPLE_TEAM as PRACTICE_TEAM
from leadwake.cli.whatif import whatif
from leadwake.domain.roster import EXAMPLE
from leadwake.errors import InputError
from leadwake.intake.whatif_team import SAMPLE_TEAM

TUESDAY = "2026-11-24T15:00:00Z"
ANA = {"id": "a1", "name": "Ana", "licences": ["TX"], "languages": ["en", "es"], "load": 2, "capacity": 10}
BEN = {"name": "Ben", "email": "ben@example.com", "licenses": "TX, FL", "shifts": "Mon-Fri 13:00-18:00"}
LEAD = {"state": "TX", "language": "Spanish", "interest": "buy_home", "score": 84}


def run(document: Any, *options: str) -> dict[str, Any]:
    result = invoke(document, *options)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)  # type: ignore[no-any-return]


def invoke(document: Any, *options: str) -> Result:
    text = document if isinstance(document, str) else json.dumps(document)
    return CliRunner().invoke(whatif, ["route", "-", *options], input=text)


def refusal(document: Any, *options: str) -> dict[str, str]:
    result = invoke(document, *options)
    assert isinstance(result.exception, InputError), result.output
    return dict(result.exception.reasons)


def test_the_answer_says_who_may_have_the_lead_and_why_the_others_may_not() -> None:
    answer = run({"lead": LEAD, "agents": [ANA, BEN, {"name": "Cy", "paused": True, "licences": "TX"}], "at": TUESDAY})

    assert (answer["chosen"], answer["chosen_id"], answer["licence"]) == ("Ana", "a1", "TX")
    assert [each["agent"] for each in answer["eligible"]] == ["Ana", "Ben"]
    assert answer["eligible"][0]["for"] == ["speaks Spanish", "licensed TX", "2 of 10 open", "on shift"]
    assert answer["skipped"] == [{"agent": "Cy", "id": "Cy", "why": "paused", "code": "paused"}]


def test_a_bare_lead_goes_to_the_sample_team_of_practice() -> None:
    answer = run({**LEAD, "phone": "813-555-0194"})

    assert answer["chosen"] == "Dana Reyes"
    assert [(each["name"], each["email"]) for each in SAMPLE_TEAM] == [each[:2] for each in PRACTICE_TEAM]


def test_every_lead_of_the_shared_file_is_routed(shared: Path) -> None:
    for line in (shared / "data" / "leads_intake.jsonl").read_text("utf-8").splitlines()[:40]:
        assert run(line)["chosen"] in {"Dana Reyes", "Marcus Bell", "Priya Nair"}
    assert run((shared / "data" / "leads_intake.jsonl").read_text("utf-8"))["lead"]["state"] == "FL"


def test_the_team_is_the_list_that_people_import(tmp_path: Path) -> None:
    team = tmp_path / "team.csv"
    team.write_text(EXAMPLE, "utf-8")

    answer = run({**LEAD, "state": "IL"}, "--team", str(team), "--at", TUESDAY)

    assert (answer["chosen"], answer["chosen_id"]) == ("Ben Carter", "ben@example.com")
    assert [(each["agent"], each["why"]) for each in answer["skipped"]] == [("Ana Ortiz", "not licensed in IL")]
    assert run({**LEAD, "state": "FL"}, "--team", str(team), "--at", "2026-11-28T16:00:00Z")["chosen"] == "Ana Ortiz"


def test_a_team_as_json_and_rules_name_agents_by_id_mail_or_name(tmp_path: Path) -> None:
    team, rules = tmp_path / "team.json", tmp_path / "rules.json"
    team.write_text(json.dumps({"agents": [ANA, BEN | {"shifts": [{"days": [2], "from": "00:00", "to": "23:00"}]}]}))
    rules.write_text(json.dumps([{"name": "Texas", "when": {"states": ["TX"]}, "agents": ["BEN@example.com"]}]))
    options = ("--team", str(team), "--rules", str(rules), "--at", TUESDAY)

    answer = run(LEAD, *options)

    assert (answer["chosen"], answer["rule"], answer["warnings"]) == ("Ben", "Texas", [])
    assert run(LEAD | {"owner": "ana"}, *options)["because"] == "they know this person already"


def test_off_shift_the_answer_says_when_somebody_begins() -> None:
    answer = run({"lead": LEAD, "agents": [BEN], "at": "2026-11-24T12:00:00Z"})

    assert (answer["chosen"], answer["code"]) == (None, "off_shift")
    assert answer["next_begin"] == "2026-11-24T13:00:00-05:00"


def test_who_had_their_chance_is_left_out() -> None:
    answer = run({**LEAD, "agents": [ANA, BEN], "exclude": ["Ana"], "at": "2026-11-24T19:00:00Z"})

    assert answer["chosen"] == "Ben"
    assert answer["skipped"][0]["code"] == "asked_before"


@pytest.mark.parametrize(
    ("document", "options", "field"),
    [
        ("{", (), "lead"),
        ("[]", (), "lead"),
        ({"lead": LEAD, "agents": 3}, (), "agents"),
        ({"lead": LEAD, "agents": [ANA, ANA]}, (), "agents"),
        ({"lead": LEAD, "agents": [ANA | {"shifts": "soon"}]}, (), "Ana: shifts"),
        ({"lead": LEAD, "agents": [ANA | {"licences": ["Tejas"]}]}, (), "Ana: licences"),
        ({"lead": LEAD, "agents": [ANA | {"load": "many"}]}, (), "Ana"),
        ({"lead": LEAD, "agents": [ANA | {"served": "nan"}]}, (), "Ana"),
        ({"lead": LEAD, "agents": [ANA | {"paused_until": "2026-11-24"}]}, (), "Ana"),
        ({"lead": LEAD, "rules": [{"name": ""}]}, (), "rules"),
        ({"lead": LEAD, "exclude": "Ana"}, (), "exclude"),
        ({"lead": LEAD, "at": "noon"}, (), "at"),
        ({"lead": {"score": 101}}, (), "score"),
        ({"lead": {"temperature": "boiling"}}, (), "temperature"),
        ({"lead": {"state": 7}}, (), "state"),
        (LEAD, ("--at", "2026-11-24T15:00:00"), "at"),
        (LEAD, ("--zone", "Mars/Base"), "zone"),
    ],
)
def test_what_cannot_be_read_is_said(document: Any, options: tuple[str, ...], field: str) -> None:
    assert list(refusal(document, *options)) == [field]


def test_it_reads_files_and_touches_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "lead.json").write_text(json.dumps(LEAD))
    done = subprocess.run(
        [sys.executable, "-m", "leadwake", "whatif", "route", "lead.json"],
        cwd=tmp_path, capture_output=True, text=True,
        env={"HOME": str(tmp_path), "LEADWAKE_DATABASE_URL": "postgresql://127.0.0.1:9/nowhere"},
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["chosen"] == "Dana Reyes"
    assert [path.name for path in tmp_path.iterdir()] == ["lead.json"]
