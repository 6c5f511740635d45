"""`leadwake migrate`: the database as this version wants it."""

from __future__ import annotations

import sys

import click

from leadwake import config
from leadwake.cli import database
from leadwake.ops import upgrading
from leadwake.settings import Settings
from leadwake.storage import db

#: a migration that takes longer on the copy will hold up leads for as long
_LONG_S = 1.0


@click.command()
@click.option("--rehearse", is_flag=True, help="only on a copy: how long it takes, and whether it goes well")
@click.option("--no-backup", is_flag=True, help="make no backup before, on the embedded database")
def migrate(*, rehearse: bool, no_backup: bool) -> None:
    """Bring the database to this version of Leadwake; running it again changes nothing.

    On the embedded database a backup is made before, to step back to. Exit code 1: the rehearsal did not go well.

    \b
    LEADWAKE_DATABASE_URL=postgresql://leadwake@db/leadwake leadwake migrate
    """
    database.run(_rehearse() if rehearse else _migrate(no_backup=no_backup))


async def _migrate(*, no_backup: bool) -> None:
    settings = config.load()
    backup = None
    async with database.database_url(settings) as url:
        async with database.connection(url):
            pass  # says in one line what is wrong with the address
        if settings.is_embedded and not no_backup:
            done, backup = await upgrading.with_a_backup(settings, url, _progress)
        else:
            done = await db.migrate(url)
    for name in done:
        click.echo(f"✓ {name}")
    click.echo(f"{len(done)} migrations ran" if done else "nothing to do: the database is at this version")
    if backup:
        click.echo(f"To step back, with the old version: leadwake backup restore --replace '{backup}'")


async def _rehearse() -> int:
    settings = config.load()
    async with database.database_url(settings) as url:
        async with database.connection(url) as opened:
            pending = await db.pending_migrations(opened)
        if not pending:
            click.echo("nothing to do: the database is at this version")
            return 0
        done = await upgrading.rehearse(settings, url, _progress)
    return _tell(done, len(pending), settings)


def _tell(done: upgrading.Rehearsed, pending: int, settings: Settings) -> int:
    for name, seconds in done.ran:
        slow = " (stop Leadwake meanwhile, or expect leads to wait)" if seconds > _LONG_S else ""
        click.echo(f"✓ {name}: {seconds:.1f} s{slow}")
    for problem in done.problems:
        click.echo(f"✗ {problem}", err=True)
    if done.problems:
        click.echo(
            f"{len(done.ran)} of {pending} migrations went well on a copy; nothing of yours was touched", err=True
        )
        return 1
    total = sum(seconds for _, seconds in done.ran)
    where = "the embedded database" if settings.is_embedded else "the database"
    click.echo(f"all {pending} migrations went well on a copy, in {total:.1f} s; {where} was not touched")
    return 0


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"… {line}", err=True)
