"""`leadwake master-key`: the key that opens everything sealed."""

from __future__ import annotations

import sys

import click

from leadwake.cli.database import ACTOR, show_recovery_copy, with_office
from leadwake.ops import master_key as copies
from leadwake.storage import vault_copy
from leadwake.storage.events import record
from leadwake.storage.keyring import rotate_master_key
from leadwake.storage.keys import NEXT_FILE
from leadwake.workflows.office import Office


@click.group()
def master_key() -> None:
    """The key that opens everything sealed. It is never in the database, nor in a backup."""


@master_key.command()
@click.option("--yes", is_flag=True, help="do not ask")
def rotate(*, yes: bool) -> None:
    """Replace the master key: every other key is wrapped by a new one; what is sealed stays as it is.

    Running processes go on. Cut off at any moment, the old key or the new one opens everything; start again then.
    """
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("this replaces the master key: say --yes")
        click.confirm("Replace the master key by a new one?", abort=True)
    _rotate()


@with_office
async def _rotate(office: Office) -> None:
    settings = office.settings
    configured = settings.get("MASTER_KEY") or None
    new = await rotate_master_key(office.db, settings.data_dir, configured, backup_dir=settings.backup_dir)
    await vault_copy.write(office.db, settings.vault_dir)
    async with office.db.transaction() as connection:
        await record(
            connection,
            office.clock.now(),
            ACTOR,
            "master_key_rotated",
            key=new.key_id,
            before=office.vault.master_key_id,
        )
    click.echo(
        f"Every key is wrapped by master key {new.key_id} now; {office.vault.master_key_id} opens nothing any more."
    )
    click.echo(
        f"The backups in {settings.backup_dir} open with the new key. Copies of them elsewhere open with the recovery "
        "copy of the key before: keep that one for as long as you keep them."
    )
    if configured:
        file = settings.data_dir / NEXT_FILE
        click.echo(f"Set LEADWAKE_MASTER_KEY to the new key before the next restart; until then it is in {file}.")
    show_recovery_copy(new)


@master_key.command()
@with_office
async def confirm(office: Office) -> None:
    """Show Leadwake the copy you keep elsewhere, so that it stops warning. The copy is asked for, not an argument.

    \b
    leadwake master-key confirm < copy.txt
    """
    text = click.prompt("The copy", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline(1024)
    await copies.confirm_copy(office, text, ACTOR)
    click.echo(f"This is a copy of the master key in use, {office.vault.master_key_id}. Keep it where it is.")
