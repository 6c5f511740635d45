"""`leadwake api-client`: programs that get access tokens."""

from __future__ import annotations

import click

from leadwake.cli.database import ACTOR, with_office
from leadwake.cli.output import json_option, print_json, print_table
from leadwake.storage.credentials import DEFAULT_SCOPES, SCOPES
from leadwake.workflows import api_clients
from leadwake.workflows.office import Office


@click.group()
def api_client() -> None:
    """Programs that get access tokens for an id and a secret (OAuth 2.0, client credentials)."""


@api_client.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    help="what its tokens may do; may be repeated [the first two]",
)
def create(*, name: str, scopes: tuple[str, ...]) -> None:
    """Make a client called NAME. Its secret is shown once, alone on the last line, and never stored.

    \b
    leadwake api-client create "our data warehouse" --scope leads:read
    curl -u ID:SECRET https://your-host/oauth/token -d grant_type=client_credentials
    """
    name = " ".join(name.split())
    if not name or len(name) > 100:
        raise click.BadParameter("1 to 100 characters", param_hint="NAME")
    _create(name, list(dict.fromkeys(scopes or DEFAULT_SCOPES)))


@with_office
async def _create(office: Office, name: str, granted: list[str]) -> None:
    id_, secret = await api_clients.add(office, name, granted, actor=ACTOR)
    click.echo(f"Client {id_} may: {', '.join(granted)}. Keep its secret now, it is not shown again:")
    click.echo(id_)
    click.echo(secret)


@api_client.command("list")
@json_option
@with_office
async def list_(office: Office, *, as_json: bool) -> None:
    """List the clients: their ids and scopes, never their secrets."""
    rows = await office.db.all("api_clients")
    if as_json:
        print_json(rows)
        return
    print_table(
        ("ID", "NAME", "SCOPES", "CREATED", "OLD SECRET UNTIL", "REVOKED"),
        [
            (row["id"], row["name"], " ".join(row["scopes"]), row["created_at"], row["old_until"], row["revoked_at"])
            for row in rows
        ],
        empty="no clients yet: leadwake api-client create NAME",
    )


@api_client.command()
@click.argument("client")
@click.option("--now", "at_once", is_flag=True, help="the secret before and every token end at once")
@with_office
async def rotate(office: Office, *, client: str, at_once: bool) -> None:
    """Give CLIENT a new secret, alone on the last line; the one before is good beside it for a day."""
    secret = await api_clients.rotate(office, client, at_once=at_once, actor=ACTOR)
    click.echo(
        f"Client {client} has a new secret; the one before is good {'no longer' if at_once else 'for 24 hours'}:"
    )
    click.echo(secret)


@api_client.command()
@click.argument("client")
@with_office
async def revoke(office: Office, *, client: str) -> None:
    """Make CLIENT and its tokens worthless; every process refuses them within two seconds."""
    await api_clients.revoke(office, client, actor=ACTOR)
    click.echo(f"Client {client} is revoked.")
