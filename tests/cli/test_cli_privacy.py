"""The rights of a person, from the command line."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from command_case import CommandLine

from leadwake.workflows.intake import receive_lead

MARIA = b'{"name": "Maria Lopez", "phone": "813 555 0142", "email": "maria@example.com", "message": "Is it open?"}'
JOHN = b'{"name": "John Smith", "phone": "813 555 0142", "email": "john@example.com", "message": "Me too"}'


async def taken_in(leadwake: CommandLine, *bodies: bytes) -> list[str]:
    async with leadwake.office() as office:
        return [str((await receive_lead(office, body)).lead_id) for body in bodies]


async def test_a_person_is_copied_by_their_address(leadwake: CommandLine, tmp_path: Path) -> None:
    await taken_in(leadwake, MARIA)
    done = leadwake("lead", "export", "--email", "Maria@Example.com", "--out", str(tmp_path / "maria.zip"))

    assert done.code == 0, done.err
    with zipfile.ZipFile(tmp_path / "maria.zip") as packed:
        assert json.loads(packed.read("export.json"))["profile"]["name"] == "Maria Lopez"


async def test_a_number_that_two_share_asks_which_of_them(leadwake: CommandLine) -> None:
    ids = await taken_in(leadwake, MARIA, JOHN)
    line = leadwake("lead", "erase", "--phone", "8135550142", "--yes").refused(2)

    assert "2 people share this number" in line
    assert all(one in line for one in ids)


async def test_erasing_tells_first_what_goes_and_needs_a_yes(leadwake: CommandLine) -> None:
    [maria] = await taken_in(leadwake, MARIA)
    asked = leadwake("lead", "erase", maria)
    done = leadwake("lead", "erase", maria, "--yes")
    number = next(line.split()[-1] for line in done.lines if line.startswith("Number"))
    again = leadwake("lead", "erase", "--certificate", number)
    rotated = leadwake("vault", "rotate")

    assert asked.code == 2
    assert "2  numbers and addresses" in asked.out
    assert done.code == 0, done.err
    assert "CERTIFICATE OF ERASURE" in again.out
    assert "Maria" not in again.out
    assert rotated.code == 0, rotated.err
    assert len(leadwake("vault", "list").lines) == 2
    assert leadwake("ledger").code == 0
    assert leadwake("lead", "list").err.strip() == "no leads yet"


async def test_corrections_and_restrictions_by_hand(leadwake: CommandLine) -> None:
    [maria] = await taken_in(leadwake, MARIA)

    assert leadwake("lead", "correct", maria, "--name", "Mary Lopez").out.strip() == "Corrected: name."
    assert leadwake("lead", "restrict", maria).out.strip() == "Restricted."
    assert leadwake("lead", "restrict", maria).out.strip() == "Already restricted."
    assert leadwake("lead", "unrestrict", maria).out.strip() == "No longer restricted."
    assert "Opted out" in leadwake("lead", "object", maria).out
    assert "Mary Lopez" in leadwake("lead", "show", maria).out
    assert "not a phone number" in leadwake("lead", "correct", maria, "--phone", "12").refused(2)


async def test_periods_are_shown_and_counted_without_taking_anything(leadwake: CommandLine) -> None:
    await taken_in(leadwake, MARIA)
    later = leadwake.having(CLOCK="2029-01-15T15:00:00Z")

    assert "LEADWAKE_RETENTION_LEAD_MONTHS" in leadwake("retention", "show").out
    assert "1  leads, after the last contact" in later("retention", "run", "--dry-run").out
    assert len(leadwake("lead", "list").lines) == 2
    assert "1  leads, after the last contact" in later("retention", "run").out
    assert leadwake("lead", "list").out == ""


def test_one_person_is_named_in_one_way(leadwake: CommandLine) -> None:
    leadwake("lead", "list")  # the first command shows the master key it made

    assert "name one person" in leadwake("lead", "erase").refused(2)
    assert "nobody is known" in leadwake("lead", "erase", "--phone", "8135550199").refused(2)
