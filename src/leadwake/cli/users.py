"""`leadwake user`: the team."""

from __future__ import annotations

import click

from leadwake.cli.database import ACTOR, with_office
from leadwake.cli.output import json_option, print_json, print_table
from leadwake.cli.user_import import import_, warn_without_admin
from leadwake.domain.contact import normalise_email
from leadwake.errors import RuleError
from leadwake.storage import staff
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.workflows import people
from leadwake.workflows.office import Office


@click.group()
def user() -> None:
    """The team: who signs in, who takes leads."""


@user.command()
@click.argument("email")
@click.option("--name", default="", help="what leads know them by [the address before @]")
@click.option("--role", default="agent", show_default=True, type=click.Choice(staff.ROLES), help="what they may do")
@click.option("--phone", default="", help="where their alerts go as texts")
@click.option("--takes-leads/--no-leads", default=None, help="new leads are given to them [agents: yes, others: no]")
@with_office
async def invite(office: Office, *, email: str, name: str, role: str, phone: str, takes_leads: bool | None) -> None:
    """Add somebody to the team and print the link by which they set their password, once, within seven days.

    For somebody who is in the team already it is a new link, for a password that was lost.

    \b
    leadwake user invite dana@example.com --name "Dana Reyes" --phone "+1 813 555 0101"
    """
    person = _find(office, email)
    if person is None:
        person = await staff.add(
            office.db, office.vault, name=name or email.partition("@")[0], email=email, phone=phone or None, role=role,
            takes_leads=role == "agent" if takes_leads is None else takes_leads,
        )  # fmt: skip
        await _note(office, "user_added", person, role=role)
        click.echo(f"{person.name} is in the team as {role}. Their link, once, within {staff.INVITE_FOR.days} days:")
    elif person.disabled or person.practice:
        raise RuleError("this address belongs to a former or an invented member of the team; use another")
    else:
        await _note(office, "user_invited", person)
        click.echo(f"{person.name} is in the team already. A new link to set a password, once:")
    link = f"{office.settings.links_base or 'http://127.0.0.1:8000'}/invite/{await staff.invite(office.db, person.id)}"
    if not office.settings.links_base:
        click.echo(
            "(LEADWAKE_PUBLIC_URL is not set: the link is for this machine, as `leadwake serve` listens)", err=True
        )
    click.echo(link)


@user.command("list")
@json_option
@with_office
async def list_(office: Office, *, as_json: bool) -> None:
    """List the team."""
    everybody = [_entry(person) for person in office.team]
    if as_json:
        print_json(everybody)
        return
    print_table(
        ("ID", "NAME", "E-MAIL", "PHONE", "ROLE", "TAKES LEADS", "STATE"),
        [
            (one["id"], one["name"], one["email"], one["phone"], one["role"], "yes" if one["takes_leads"] else "no",
             one["state"])
            for one in everybody
        ],
        empty="nobody is in the team yet: leadwake user invite EMAIL --role admin",
    )  # fmt: skip


@user.command()
@click.argument("who")
@with_office
async def disable(office: Office, *, who: str) -> None:
    """Shut somebody out, given their address or id: signed out everywhere, their leads go to others; what they did
    stays."""
    person = _find(office, who)
    if person is None:
        raise RuleError("nobody in the team has this address or id: leadwake user list")
    leads = await people.leave(office, person, actor=ACTOR)
    gone = f" {leads} lead{'s' if leads != 1 else ''} went back to routing." if leads else ""
    click.echo(f"{person.name} is shut out.{gone}")
    warn_without_admin(office)


user.add_command(import_)


def _find(office: Office, who: str) -> Person | None:
    address = normalise_email(who)
    return next((one for one in office.team if who.lower() == str(one.id) or (address and one.email == address)), None)


async def _note(office: Office, kind: str, person: Person, role: str | None = None) -> None:
    """The event stands in the log, and every running process reads the team again."""
    async with office.db.transaction() as connection:
        more = {} if role is None else {"role": role}
        await record(connection, office.clock.now(), ACTOR, kind, lead_id=None, user=str(person.id), **more)
        await connection.execute(q("office_changed"))


def _state(person: Person) -> str:
    if person.disabled:
        return "shut out"
    if person.practice:
        return "invented"
    return "active" if person.has_password or person.is_bound else "invited"


def _entry(person: Person) -> dict[str, object]:
    return {
        "id": person.id, "name": person.name, "email": person.email, "phone": person.phone, "role": person.role,
        "takes_leads": person.takes_leads, "state": _state(person),
    }  # fmt: skip
