"""`leadwake api-key`: keys for programs."""

from __future__ import annotations

from datetime import UTC

import click

from leadwake.cli.database import ACTOR, with_office
from leadwake.cli.output import json_option, print_json, print_table
from leadwake.errors import RuleError
from leadwake.storage.credentials import DEFAULT_SCOPES, SCOPES, api_key_id, new_api_key
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.workflows.key_rotation import KEEP_HOURS, rotate_api_key
from leadwake.workflows.office import Office


@click.group()
def api_key() -> None:
    """Keys for programs that send or read leads."""


@api_key.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    help="what the key may do; may be repeated [the first two]",
)
def create(*, name: str, scopes: tuple[str, ...]) -> None:
    """Make a key called NAME. It is shown once, alone on the last line, and never stored.

    \b
    leadwake api-key create "our website" --scope leads:write
    KEY=$(leadwake api-key create website | tail -1)
    """
    name = " ".join(name.split())
    if not name or len(name) > 100:
        raise click.BadParameter("1 to 100 characters", param_hint="NAME")
    _create(name, list(dict.fromkeys(scopes or DEFAULT_SCOPES)))


@with_office
async def _create(office: Office, name: str, granted: list[str]) -> None:
    key = new_api_key()
    async with office.db.transaction() as connection:
        values = {"id": key.id, "name": name, "secret_hash": key.hash, "scopes": granted}
        await connection.execute(q("api_key_add"), values)
        await record(connection, office.clock.now(), ACTOR, "api_key_created", key=key.id, scopes=granted)
    click.echo(f"Key {key.id} may: {', '.join(granted)}. Keep it now, it is not shown again:")
    click.echo(key.text)


@api_key.command("list")
@json_option
@with_office
async def list_(office: Office, *, as_json: bool) -> None:
    """List the keys: their ids and scopes, never the keys themselves."""
    rows = await office.db.all("api_keys")
    if as_json:
        print_json(rows)
        return
    print_table(
        ("ID", "NAME", "SCOPES", "CREATED", "REVOKED", "OLD SECRET UNTIL"),
        [
            (row["id"], row["name"], " ".join(row["scopes"]), row["created_at"], row["revoked_at"], row["former_until"])
            for row in rows
        ],
        empty="no keys yet: leadwake api-key create NAME",
    )


@api_key.command()
@click.argument("key")
@click.option(
    "--keep-hours",
    type=click.IntRange(0, 720),
    default=KEEP_HOURS,
    show_default=True,
    help="the old secret opens so long; 0: it ends now",
)
def rotate(*, key: str, keep_hours: int) -> None:
    """Give a KEY (its id, or itself) a new secret, shown once, alone on the last line. Both open meanwhile.

    The key keeps its id, its scopes and the Idempotency-Keys it was used with. Rotating again ends the oldest secret.

    \b
    KEY=$(leadwake api-key rotate 1f0c2d3e4a5b | tail -1)
    """
    _rotate(api_key_id(key) or key, keep_hours)


@with_office
async def _rotate(office: Office, key_id: str, hours: int) -> None:
    text, until = await rotate_api_key(office, key_id, hours, ACTOR)
    lasts = f"opens until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if hours else "opens nothing any more"
    click.echo(f"Key {key_id} has a new secret; the old one {lasts}. Keep it now, it is not shown again:")
    click.echo(text)


@api_key.command()
@click.argument("key")
@with_office
async def revoke(office: Office, *, key: str) -> None:
    """Make a KEY worthless, given its id or itself; every process refuses it within two seconds."""
    key_id = api_key_id(key) or key
    async with office.db.transaction() as connection:
        done = await connection.execute(q("api_key_revoke"), {"id": key_id})
        if done.rowcount == 0:
            raise RuleError("no key in use has this id: leadwake api-key list")
        await record(connection, office.clock.now(), ACTOR, "api_key_revoked", key=key_id)
    click.echo(f"Key {key_id} is revoked.")
