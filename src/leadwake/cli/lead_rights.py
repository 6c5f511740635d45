"""What a person may ask for: `leadwake lead export | erase | correct | restrict | unrestrict | object`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click

from leadwake.cli.database import ACTOR, with_office
from leadwake.domain.looks import How
from leadwake.ops import certificates, erasure, export, rights
from leadwake.storage import reading
from leadwake.workflows import looks
from leadwake.workflows.office import Office


def of_person(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which one person is named: ID, --email or --phone."""
    command = click.option("--phone", "by_phone", help="the person of this number")(command)
    command = click.option("--email", "by_email", help="the person of this address")(command)
    return click.argument("lead_id", metavar="[ID]", required=False, type=click.UUID)(command)


@click.command("export")
@of_person
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="a ZIP file to write, or a directory that is there"
)
@with_office
async def export_(office: Office, *, lead_id: UUID | None, by_email: str, by_phone: str, out: Path) -> None:
    """Write everything that is kept of one person, and nothing of anybody else: JSON and CSV.

    \b
    leadwake lead export --email maria@example.com --out maria.zip
    """
    found = await _found(office, lead_id, by_email, by_phone)
    written = export.save(await export.collect(office, found), out)
    await looks.note(office, ACTOR, How.EXPORT, [found])
    for path in written:
        click.echo(str(path))
    click.echo("It holds personal data in clear: hand it over safely, then delete it.", err=True)


@click.command("erase")
@of_person
@click.option("--yes", is_flag=True, help="do not ask")
@click.option("--certificate", type=click.UUID, help="print the certificate of an earlier erasure")
@with_office
async def erase(
    office: Office, *, lead_id: UUID | None, by_email: str, by_phone: str, yes: bool, certificate: UUID | None
) -> None:
    """Erase one person: profile, messages and keys at once, vendors told, a certificate left.

    Backups go dark for them within a day. Nothing brings them back but an inquiry of their own; an opt-out stays.
    """
    if certificate is not None:
        click.echo(certificates.as_text(await certificates.read(office, certificate)))
        return
    found = await _found(office, lead_id, by_email, by_phone)
    _tell(await erasure.preview(office, found))
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("this cannot be undone: say --yes")
        click.confirm("Erase this person? It cannot be undone", abort=True)
    done = await erasure.erase(office, found, ACTOR)
    click.echo("")
    click.echo(certificates.as_text(await certificates.read(office, done.certificate)))
    click.echo(f"Again later: leadwake lead erase --certificate {done.certificate}", err=True)


@click.command("correct")
@click.argument("lead_id", metavar="ID", type=click.UUID)
@click.option("--name", help="the whole name as it should be")
@click.option("--email", help="the address as it should be")
@click.option("--phone", help="the number as it should be")
@with_office
async def correct(office: Office, *, lead_id: UUID, name: str, email: str, phone: str) -> None:
    """Correct a person's name, address or number; the CRM is told, too. A new number has no consent of its own."""
    new = rights.correction(name, email, phone)
    await rights.correct(office, lead_id, new, ACTOR)
    click.echo(f"Corrected: {', '.join(new.fields)}.")


@click.command("restrict")
@click.argument("lead_id", metavar="ID", type=click.UUID)
@with_office
async def restrict(office: Office, *, lead_id: UUID) -> None:
    """Keep a person's data and do nothing with it: nothing automated is sent or scored."""
    changed = await rights.restrict(office, lead_id, ACTOR, on=True)
    click.echo("Restricted." if changed else "Already restricted.")


@click.command("unrestrict")
@click.argument("lead_id", metavar="ID", type=click.UUID)
@with_office
async def unrestrict(office: Office, *, lead_id: UUID) -> None:
    """End a restriction."""
    changed = await rights.restrict(office, lead_id, ACTOR, on=False)
    click.echo("No longer restricted." if changed else "Not restricted.")


@click.command("object")
@click.argument("lead_id", metavar="ID", type=click.UUID)
@with_office
async def object_(office: Office, *, lead_id: UUID) -> None:
    """Record that a person objects to marketing: an opt-out of every channel, at once."""
    await rights.object_to_marketing(office, lead_id, ACTOR)
    click.echo("Opted out of everything automated, on every channel.")


COMMANDS: Final = (export_, erase, correct, restrict, unrestrict, object_)

#: what an erasure takes and keeps, in words
_GOES: Final[Mapping[str, str]] = {
    "contacts": "numbers and addresses", "inquiries": "inquiries", "captures": "raw arrivals",
    "messages_in": "messages they wrote", "messages_out": "messages to them or about them", "calls": "calls",
    "meetings": "meetings they booked",
    "visits": "visits to your websites",
    "open_actions": "actions still to come (cancelled)", "keys": "keys of their data",
}  # fmt: skip
_STAYS: Final[Mapping[str, str]] = {
    "consents_kept": "consent records", "events_kept": "lines of the log", "attempts_kept": "lines about tries",
}  # fmt: skip


def _tell(counts: Mapping[str, int]) -> None:
    click.echo("This goes:")
    for name, words in _GOES.items():
        click.echo(f"  {counts[name]:>5}  {words}")
    click.echo("This stays, without name, number or words:")
    for name, words in _STAYS.items():
        click.echo(f"  {counts[name]:>5}  {words}")


async def _found(office: Office, lead_id: UUID | None, by_email: str | None, by_phone: str | None) -> UUID:
    """The lead meant. Raises UsageError when it is not one."""
    given = [word for word in (by_email, by_phone) if word]
    if (lead_id is None) is not (len(given) == 1):
        raise click.UsageError("name one person: ID, --email or --phone")
    if lead_id is not None:
        return lead_id
    kind = "email" if by_email else "phone"
    found = await reading.by_contact(office.db, office.vault, kind, given[0])
    if not found:
        raise click.UsageError(f"nobody is known by this {'address' if by_email else 'number'}")
    if len(found) > 1:
        ids = ", ".join(str(one) for one in found)
        raise click.UsageError(f"{len(found)} people share this number; name one of them by ID: {ids}")
    return found[0]
