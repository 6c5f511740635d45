"""`leadwake sequence list|publish|pause|resume`: the sequences of this team, by whoever keeps them in files."""

from __future__ import annotations

from typing import BinaryIO

import click

from leadwake.cli.database import with_office
from leadwake.cli.output import json_option, painted, print_json, print_table, printable
from leadwake.cli.sequence import read_text, tell
from leadwake.domain.sequence.diff import Difference, difference
from leadwake.domain.sequence.reading import problems, read_sequence
from leadwake.domain.sequence.words import headline
from leadwake.storage import sequences as stored
from leadwake.storage.sequences import Standing
from leadwake.workflows import sequence_trial, sequences
from leadwake.workflows.office import Office

_HEAD = (
    "NAME", "TITLE", "VERSION", "STATE", "WAIT", "UNDER WAY", "ENROLLED", "REPLIED", "BOOKED", "ENDED", "OPTED OUT",
)  # fmt: skip
_name = click.argument("name")


@click.command("list")
@json_option
@with_office
async def list_(office: Office, *, as_json: bool) -> None:
    """List every sequence: is it on, who is in it now, and how it went for those enrolled in the last 90 days."""
    since = office.clock.now() - sequences.LATELY
    found = await stored.standings(office.db, since, practice=not office.is_live)
    if as_json:
        print_json([_as_json(office, one) for one in found])
        return
    print_table(
        _HEAD,
        [
            (one.name, _title(office, one), one.version, "paused" if one.paused_at else "on", one.waiting,
             one.under_way, one.enrolled, one.replied, one.booked, one.done, one.opted_out)
            for one in found
        ],
        empty="no sequences yet: leadwake sequence publish FILE.yaml",
    )  # fmt: skip


@click.command()
@click.argument("file", metavar="FILE.yaml", type=click.File("rb"))
@click.option("--note", help="why, for the history")
@click.option("--yes", is_flag=True, help="without asking")
@with_office
async def publish(office: Office, *, file: BinaryIO, note: str | None, yes: bool) -> int:
    """Put the sequence in FILE in force, after showing what it changes.

    Refused when something is wrong with it, or when one of its messages cannot be sent to one of the last leads.
    Whoever is enrolled from then on gets it; leads under way stay on their version.

    \b
    leadwake sequence publish new_buyer.yaml --note "Asks for the budget first"
    """
    source = read_text(file.name, file)
    if source is None or not await _is_fit(office, file.name, source):
        return 1
    plan = read_sequence(source)
    held = office.sequences.published.get(plan.name)
    before = office.sequences.sources.get((plan.name, held.version)) if held else None
    if before == source:
        click.echo(f"{plan.name} is in force as it is, version {held.version if held else 1}: nothing to publish")
        return 0
    _show(headline(plan) if before is None else difference(before, source))
    if not yes:
        click.confirm(f"Publish {plan.name}?", abort=True)
    _, version = await sequences.publish(office, source, None, before=held.version if held else 0, note=note)
    click.echo(painted(f"✓ {plan.name} is in force, version {version}", "green"))
    if held and held.is_paused:
        click.echo(f"It is paused: leadwake sequence resume {plan.name}")
    return 0


@click.command()
@_name
@with_office
async def pause(office: Office, *, name: str) -> None:
    """Send nothing more of the sequence NAME and enroll nobody; whoever is in it waits."""
    await sequences.pause(office, name, None)
    click.echo(f"{printable(name)} is paused: leadwake sequence resume {printable(name)} goes on")


@click.command()
@_name
@with_office
async def resume(office: Office, *, name: str) -> None:
    """Let the sequence NAME go on: whoever is due gets one message, and the next one after its wait."""
    await sequences.resume(office, name, None)
    click.echo(f"{printable(name)} is on")


async def _is_fit(office: Office, file: str, source: str) -> bool:
    found = problems(source, office.sequences.published.keys())
    if not any(problem.is_error for problem in found):
        found += sequence_trial.failures(read_sequence(source), await sequence_trial.readers(office))
    tell(file, found)
    return not any(problem.is_error for problem in found)


def _show(change: Difference | list[str]) -> None:
    lines = change if isinstance(change, list) else [*change.words] or change.text.splitlines()
    for line in lines:
        click.echo(f"  {printable(line)}")


def _as_json(office: Office, one: Standing) -> dict[str, object]:
    return {
        "name": one.name, "title": _title(office, one), "version": one.version, "paused_at": one.paused_at,
        "published_at": one.published_at, "waiting": one.waiting, "under_way": one.under_way,
        "last_90_days": {
            "enrolled": one.enrolled, "replied": one.replied, "booked": one.booked, "ended": one.done,
            "opted_out": one.opted_out,
        },
    }  # fmt: skip


def _title(office: Office, one: Standing) -> str:
    plan = office.sequences.in_force(one.name)
    return plan.title if plan else one.name
