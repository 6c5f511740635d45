"""`leadwake vault`: the key-encryption key, and the vault's copies."""

from __future__ import annotations

from pathlib import Path

import click

from leadwake.cli.database import ACTOR, with_office
from leadwake.cli.output import print_table
from leadwake.errors import ConfigError
from leadwake.ops import key_change
from leadwake.storage import vault_copy
from leadwake.workflows.office import Office


@click.group()
def vault() -> None:
    """The keys of people's data. They are copied apart from the backups, so that erasing reaches those, too."""


@vault.command()
@with_office
async def rotate(office: Office) -> None:
    """Change the key-encryption key now: older copies of the vault open nothing of whoever was erased.

    Nobody has to stop. Cut off, it goes on with the next call, or by itself. It follows every erasure within a day.
    """
    done = await key_change.change(office, ACTOR)
    click.echo(f"{done.data_keys} keys are wrapped by key {done.kek_id} now; the one before is destroyed.")
    if done.copy:
        click.echo(f"The vault's copy: {done.copy}")


@vault.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@with_office
async def copy(office: Office, *, folder: Path | None) -> None:
    """Write a copy of the vault now; without FOLDER where they are kept. Keep it apart from the backups."""
    made = await vault_copy.write(office.db, folder or office.base_settings.vault_dir)
    if made is None:
        raise ConfigError("a key change is under way: it writes the copies at its end; or run leadwake vault rotate")
    click.echo(str(made.path))


@vault.command("list")
@with_office
async def list_(office: Office) -> None:
    """List the copies, the newest first."""
    found = vault_copy.copies(office.base_settings.vault_dir)
    print_table(("TAKEN", "KEY", "FILE"), [(one.taken_at, one.kek_id, one.path) for one in found], empty="no copy yet")
