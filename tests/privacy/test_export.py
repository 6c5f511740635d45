"""A copy of one person's data: all of theirs, nobody else's, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from privacy_case import HOUSEMATE, MARIA, REPLY, taken_in

from leadwake.errors import ConfigError, RuleError
from leadwake.ops import export
from office_case import House


async def test_the_copy_equals_the_seed_and_holds_nothing_of_a_housemate_with_the_same_number(house: House) -> None:
    other = await taken_in(house, HOUSEMATE)
    await house.hear("+18135550142", "The housemate's own words")
    house.advance(timedelta(minutes=11))  # one instant text to a number in ten minutes
    maria = await taken_in(house, MARIA)
    await house.hear("+18135550142", REPLY)
    whole = await export.collect(house.office, UUID(maria))
    text = json.dumps(whole)

    assert whole["profile"]["name"] == MARIA["name"]
    assert {(one["kind"], one["value"]) for one in whole["contact_points"]} == {
        ("phone", "+18135550142"), ("email", MARIA["email"]),
    }  # fmt: skip
    assert [json.loads(one["body"]) for one in whole["captures"]] == [MARIA]
    assert whole["inquiries"][0]["details"]["message"] == MARIA["message"]
    said = [(one["direction"], one["body"]) for one in whole["messages"]]
    assert ("in", REPLY) in said
    assert any(direction == "out" and "Mariaelena" in body for direction, body in said)
    assert {one["channel"] for one in whole["messages"] if one["direction"] == "out"} == {"sms", "email"}
    assert {one["channel"] for one in whole["consents"]} == {"sms", "email"}
    assert whole["sources"][0]["source"] == "website"
    assert {one["recipient"] for one in whole["recipients"]} == {"Twilio", "SendGrid", "HubSpot", "Slack", "Apollo"}
    assert all(one["at"] for one in whole["recipients"])
    assert whole["scores"][-1]["score"] == sum(reason["points"] for reason in whole["scores"][-1]["reasons"])
    assert any(one["rule"].startswith("R-CASE") and one["facts"]["consent"] for one in whole["decisions"])
    assert [one["opted_out"] for one in whole["suppression"]] == [False, False]
    assert [one["kind"] for one in whole["events"]] == ["enriched", "replied", "paused"]
    assert [(one["source"], one["outcome"]) for one in whole["enrichments"]] == [("Apollo", "found")]
    assert whole["enrichments"][0]["company"]
    for theirs in ("Bartholomew", "Featherstonehaugh", "houseboat", "housemate's own", "bartholomew@", other):
        assert theirs not in text


async def test_an_opt_out_stands_in_the_copy(house: House) -> None:
    maria = await taken_in(house, MARIA)
    await house.hear("+18135550142", "STOP")
    whole = await export.collect(house.office, UUID(maria))

    assert [(one["kind"], one["opted_out"], one["by"]) for one in whole["suppression"]] == [
        ("email", False, None), ("phone", True, "text"),
    ]  # fmt: skip


async def test_the_archive_holds_json_and_a_table_each(house: House, tmp_path: Path) -> None:
    maria = await taken_in(house, {**MARIA, "message": '=HYPERLINK("http://evil")'})
    whole = await export.collect(house.office, UUID(maria))
    [path] = export.save(whole, tmp_path / "maria.zip")
    with zipfile.ZipFile(path) as packed:
        assert set(packed.namelist()) == {"export.json", *(f"{name}.csv" for name in export.TABLES)}
        assert json.loads(packed.read("export.json")) == whole
        profile = list(csv.DictReader(io.StringIO(packed.read("profile.csv").decode())))

    assert profile[0]["name"] == MARIA["name"]
    assert profile[0]["phone"] == "'+18135550142"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="there already"):
        export.save(whole, tmp_path / "maria.zip")


async def test_a_directory_gets_the_files_themselves(house: House, tmp_path: Path) -> None:
    maria = await taken_in(house, MARIA)
    (tmp_path / "out").mkdir()
    written = export.save(await export.collect(house.office, UUID(maria)), tmp_path / "out")

    assert {path.name for path in written} == {"export.json", *(f"{name}.csv" for name in export.TABLES)}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {path.name for path in written}


async def test_nobody_is_copied_who_is_not_there(house: House) -> None:
    with pytest.raises(RuleError):
        await export.collect(house.office, UUID(int=7))


@given(st.text(max_size=30))
def test_no_cell_is_ever_a_formula(text: str) -> None:
    [[_], [cell]] = list(csv.reader(io.StringIO(export.as_csv([{"said": f"x{text}"}]), newline="")))
    [_, found] = list(csv.reader(io.StringIO(export.as_csv([{"said": text or "y"}]), newline="")))

    assert cell == f"x{text}"
    assert not found or found[0].lstrip(" ")[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}
