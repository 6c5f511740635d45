"""`leadwake sign-in`: which ways in are open, and the way back for whoever runs the server."""

from __future__ import annotations

import click

from leadwake.cli.database import ACTOR, with_office
from leadwake.cli.output import json_option, print_json, print_table
from leadwake.errors import RuleError
from leadwake.providers.oidc import providers
from leadwake.sign_in import Ways
from leadwake.workflows.office import Office
from leadwake.workflows.saving import save
from leadwake.workflows.sign_in import passwords_count


@click.group()
def sign_in() -> None:
    """How people log in: passwords, and accounts at Google, Microsoft or another provider."""


@sign_in.command()
@json_option
@with_office
async def show(office: Office, *, as_json: bool) -> None:
    """Say which ways in are open, and who is bound to an account elsewhere."""
    counts = await passwords_count(office)
    specs = providers(office.settings)
    names = {person.id: person.name for person in office.team}
    bound = [
        {"name": names.get(row["user_id"], ""), "provider": row["provider"], "issuer": row["issuer"],
         "last_at": row["last_at"]}
        for row in await office.db.all("identities")
    ]  # fmt: skip
    if as_json:
        print_json({"passwords": counts, "providers": [spec.key for spec in specs], "bound": bound})
        return
    click.echo(f"Passwords {'count' if counts else 'do not count'}.")
    for spec in specs:
        click.echo(f"{spec.label}: {spec.issuer}")
    print_table(
        ("NAME", "PROVIDER", "ISSUER", "LAST USED"),
        [(one["name"], one["provider"], one["issuer"], one["last_at"]) for one in bound],
        empty="nobody is bound to an account elsewhere yet",
    )


@sign_in.command("open")
@with_office
async def open_(office: Office) -> None:
    """Let passwords count again, for when the accounts elsewhere let nobody in."""
    if office.settings.is_locked("SIGN_IN"):
        if office.settings.get("SIGN_IN") == Ways.PROVIDERS:
            raise RuleError("LEADWAKE_SIGN_IN is set outside the database: set it to all there, and start again")
    elif office.settings.get("SIGN_IN") == Ways.PROVIDERS:
        await save(office, {"SIGN_IN": None}, ACTOR)
    click.echo("Passwords count. For a new one: leadwake user invite EMAIL")
