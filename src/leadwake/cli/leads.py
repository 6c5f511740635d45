"""`leadwake lead`: leads, and one of them with everything that happened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import click

from leadwake.cli import lead_import, lead_rights
from leadwake.cli.database import ACTOR, with_office
from leadwake.cli.output import json_option, print_json, print_table, printable
from leadwake.domain.looks import How
from leadwake.errors import RuleError
from leadwake.storage import reading
from leadwake.storage.dossier import Dossier, dossier
from leadwake.storage.reading import Lead
from leadwake.workflows import looks
from leadwake.workflows.office import Office


@click.group()
def lead() -> None:
    """Leads: the people who asked."""


@lead.command("list")
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 100_000), help="at most so many")
@click.option("--to-see", is_flag=True, help="only those a person has to look at")
@click.option("--search", "words", default="", help="a whole number or address, or beginnings of names")
@json_option
@with_office
async def list_(office: Office, *, limit: int, to_see: bool, words: str, as_json: bool) -> None:
    """List leads, the newest first.

    \b
    leadwake lead list --to-see
    leadwake lead list --search "dana rey"
    """
    if words:
        found = list((await reading.search(office.db, office.vault, words)).leads)[:limit]
    else:
        found = [one async for one in _newest(office, limit, to_see=to_see)]
    await looks.note(office, ACTOR, How.LIST, (one.id for one in found))
    if as_json:
        print_json([_as_json(office, one) for one in found])
        return
    print_table(
        ("ID", "ASKED", "NAME", "PHONE", "E-MAIL", "SCORE", "", "STATUS", "FIRST TOUCH", "AGENT"),
        [
            (one.id, one.asked_at, one.name, one.phone or one.phone_raw, one.email or one.email_raw, one.score,
             one.temperature, one.status, _seconds(one.first_touch_s), _agent(office, one))
            for one in found
        ],
        empty="no leads" if words or to_see else "no leads yet",
    )  # fmt: skip


@lead.command()
@click.argument("lead_id", metavar="ID", type=click.UUID)
@json_option
@with_office
async def show(office: Office, *, lead_id: UUID, as_json: bool) -> None:
    """Show one lead: who they are, what they asked, and everything that happened with every decision."""
    names = {person.id: person.name for person in office.team}
    zone, now = office.settings.time_zone, office.clock.now()
    found = await dossier(office.db, office.vault, lead_id, zone=zone, names=names, now=now)
    if found is None:
        raise RuleError("no lead has this id: leadwake lead list")
    await looks.note(office, ACTOR, How.COMMAND, [lead_id])
    if as_json:
        print_json({**_as_json(office, found.lead), **_more(found)})
    else:
        _print(office, found)


for _command in (lead_import.import_, *lead_rights.COMMANDS):
    lead.add_command(_command)


async def _newest(office: Office, limit: int, *, to_see: bool) -> AsyncIterator[Lead]:
    before, left, wanted = None, limit, reading.Wanted(to_see=to_see)
    while left > 0:
        page = await reading.leads(
            office.db, office.vault, office.clock.now(), before=before, wanted=wanted, limit=min(left, 200)
        )
        for one in page.leads:
            yield one
        left -= len(page.leads)
        before = page.next
        if before is None:
            return


def _as_json(office: Office, one: Lead) -> dict[str, object]:
    """The lead as `GET /v1/leads/{id}` gives it."""
    return {
        "id": one.id, "name": one.name, "phone": one.phone or one.phone_raw, "email": one.email or one.email_raw,
        "score": one.score, "temperature": one.temperature, "reasons": list(one.reasons), "status": one.status,
        "agent": _agent(office, one), "agent_id": one.agent_id, "first_touch_s": one.first_touch_s,
        "first_touch_at": one.first_touch_at, "asked_at": one.asked_at, "created_at": one.created_at,
        "last_at": one.last_at, "source": one.source, "channel": one.channel, "state": one.state,
        "postal_code": one.postal_code, "country": one.country, "practice": one.practice,
    }  # fmt: skip


def _more(found: Dossier) -> dict[str, object]:
    contacts = [
        {"kind": one.kind, "value": one.value, "consent": one.consent, "opted_out_at": one.opted_out_at}
        for one in found.contacts
    ]
    return {"contacts": contacts, "timeline": [entry.as_json() for entry in found.timeline]}


def _print(office: Office, found: Dossier) -> None:
    one, zone = found.lead, office.settings.time_zone
    click.echo(f"{printable(one.called)}  ·  {one.temperature} {one.score}/100  ·  {one.status}")
    click.echo(
        f"given to {printable(_agent(office, one) or 'nobody')}  ·  first touch {_seconds(one.first_touch_s) or '—'}"
    )
    for contact in found.contacts:
        stopped = f", asked us to stop ({printable(contact.opted_out_by)})" if contact.opted_out_at else ""
        click.echo(f"{contact.kind:<6} {printable(contact.value)}  (consent: {contact.consent}{stopped})")
    for entry in found.timeline:
        click.echo(f"\n{entry.at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {printable(entry.text)}")
        for reason in entry.points:
            click.echo(f"    {reason['points']:+d}  {printable(reason['text'])}")
        for more in (entry.why, entry.subject, entry.body):
            if more:
                click.echo(f"    {printable(more, lines=True)}".replace("\n", "\n    "))


def _agent(office: Office, one: Lead) -> str | None:
    person = office.person(one.agent_id or one.offered_to)
    return person.name if person else None


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s" if value < 100 else f"{value:,.0f} s"
