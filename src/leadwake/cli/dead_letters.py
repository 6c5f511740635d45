"""`leadwake dead-letter`: actions that need a person."""

from __future__ import annotations

from uuid import UUID

import click

from leadwake.cli.database import ACTOR, with_office
from leadwake.cli.output import json_option, print_json, print_table, printable
from leadwake.errors import RuleError
from leadwake.storage import overview
from leadwake.storage.dossier import dossier
from leadwake.storage.overview import DeadLetter
from leadwake.workflows import dead_letters
from leadwake.workflows.office import Office


@click.group()
def dead_letter() -> None:
    """Actions that failed for good (dead), or of which nobody knows whether they were sent (unknown)."""


@dead_letter.command("list")
@json_option
@with_office
async def list_(office: Office, *, as_json: bool) -> None:
    """List them, the newest first."""
    letters = await overview.dead_letters(office.db, office.vault)
    if as_json:
        print_json([_as_json(letter) for letter in letters])
        return
    print_table(
        ("ID", "WHAT", "FOR", "STATE", "VENDOR", "TRIES", "SINCE", "WHY"),
        [
            (one.id, one.kind, one.called, one.state, one.vendor, one.attempts, one.settled_at, one.reason)
            for one in letters
        ],
        empty="no dead letters",
    )


@dead_letter.command()
@click.argument("action_id", metavar="ID", type=click.UUID)
@json_option
@with_office
async def show(office: Office, *, action_id: UUID, as_json: bool) -> None:
    """Show one: what it was to say, every attempt, and what stood in its way."""
    letters = await overview.dead_letters(office.db, office.vault)
    letter = next((one for one in letters if one.id == action_id), None)
    if letter is None:
        raise RuleError("no dead letter has this id: leadwake dead-letter list")
    story = await _story(office, letter)
    if as_json:
        print_json({**_as_json(letter), "story": story})
        return
    for name, value in _as_json(letter).items():
        click.echo(f"{name:<19} {printable(value)}")
    for entry in story:
        click.echo(f"\n{printable(entry['at'])}  {printable(entry['text'])}")
        for name in ("why", "subject", "body"):
            if entry.get(name):
                click.echo(f"    {printable(entry[name], lines=True)}".replace("\n", "\n    "))


@dead_letter.command()
@click.argument("action_id", metavar="ID", required=False, type=click.UUID)
@click.option("--all", "everything", is_flag=True, help="replay every dead letter there is")
def replay(*, action_id: UUID | None, everything: bool) -> None:
    """Plan one (ID) or all of them (--all) again. The gate is asked again, so nothing leaves that may not.

    An action whose outcome is unknown may have been sent: a replay is marked "possible duplicate".
    """
    if (action_id is None) is not everything:
        raise click.UsageError("name one ID, or say --all")
    _replay(action_id)


@with_office
async def _replay(office: Office, action_id: UUID | None) -> None:
    count = await dead_letters.replay(office, action_id, ACTOR)
    if action_id is not None and count == 0:
        raise RuleError("no dead letter has this id: leadwake dead-letter list")
    click.echo(f"{count} planned again." if count else "There were none.")


async def _story(office: Office, letter: DeadLetter) -> list[dict[str, object]]:
    """What the lead's timeline tells of this action; nothing for one without a lead."""
    if letter.lead_id is None:
        return []
    names = {person.id: person.name for person in office.team}
    zone, now = office.settings.time_zone, office.clock.now()
    found = await dossier(office.db, office.vault, letter.lead_id, zone=zone, names=names, now=now)
    return [entry.as_json() for entry in found.timeline if entry.action_id == letter.id] if found else []


def _as_json(letter: DeadLetter) -> dict[str, object]:
    return {
        "id": letter.id, "kind": letter.kind, "state": letter.state, "reason": letter.reason, "vendor": letter.vendor,
        "attempts": letter.attempts, "created_at": letter.created_at, "settled_at": letter.settled_at,
        "lead_id": letter.lead_id, "lead": letter.called, "possible_duplicate": letter.possible_duplicate,
    }  # fmt: skip
