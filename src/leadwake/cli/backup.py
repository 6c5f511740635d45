"""`leadwake backup`: the database, sealed, in files; and back."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from leadwake import config
from leadwake.cli import database
from leadwake.cli.output import print_table
from leadwake.compliance.tables import Tables
from leadwake.errors import ConfigError, DatabaseAway
from leadwake.ops import backups as ops
from leadwake.ops import restoring
from leadwake.ops.restoring import Report
from leadwake.settings import Settings
from leadwake.storage import backup_file, backups, keys, scratch, vault_copy
from leadwake.storage.backup_file import Sealed
from leadwake.storage.db import Database
from leadwake.storage.embedded import running_url
from leadwake.storage.keys import MasterKey
from leadwake.workflows.office import Office

_FILE = click.Path(path_type=Path, dir_okay=False)
key_file_option = click.option(
    "--key-file", type=_FILE, help="the recovery copy of a master key, for a backup that another one sealed"
)


@click.group()
def backup() -> None:
    """The whole database, sealed, in one file; and back from it. The vault's keys are copied apart: leadwake vault."""


@backup.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--to", "to", type=click.Path(path_type=Path, file_okay=False), help="the same as FOLDER")
def create(folder: Path | None, to: Path | None) -> None:
    """Make a backup now; without FOLDER where the daily ones are. Nobody has to stop.

    \b
    leadwake backup create /mnt/disk2
    """

    chosen = folder or to
    place = chosen.absolute() if chosen else None

    async def work() -> None:
        async with database.office(config.load()) as office:
            done = await ops.make(office, "by_hand", actor=database.ACTOR, folder=place, progress=_progress)
        click.echo(str(done.path))
        _say(f"{done.size / 1e6:,.1f} MB in {done.seconds:.1f} s; the vault's copy lies in {done.vault_dir}")
        if done.copy_problem:
            raise ConfigError(f"the backup is made, and LEADWAKE_BACKUP_COMMAND failed: {done.copy_problem}")

    database.run(work())


@backup.command("list")
def list_() -> None:
    """List the backups, the newest first, and how the last rehearsal went. Needs no database."""

    async def work() -> int:
        settings = config.load()
        found, bad = backups.found(settings.backup_dir)
        print_table(
            ("MADE", "WHY", "MB", "LEADS", "KEY", "FILE"),
            [(one.header.made_at, one.header.why, f"{one.size / 1e6:,.1f}", one.header.counts.get("leads", 0),
              " or ".join(one.key_ids), one.path) for one in found],
            empty=f"no backup in {settings.backup_dir} yet",
        )  # fmt: skip
        for line in bad:
            _say(line)
        with suppress(DatabaseAway, ConfigError):
            await _tell_rehearsal(settings)
        return 1 if bad else 0

    database.run(work())


@backup.command()
@click.argument("file", type=_FILE)
@key_file_option
def verify(file: Path, key_file: Path | None) -> None:
    """Read a backup to its end: is every byte of it as it was sealed? Needs no database."""

    async def work() -> None:
        sealed = backup_file.look(file)
        total = backups.verify(sealed, _masters(config.load(), key_file), _progress)
        header = sealed.header
        counts = ", ".join(f"{n:,} {what}" for what, n in header.counts.items())
        click.echo(f"whole: made {header.made_at:%Y-%m-%d %H:%M} UTC, {total / 1e6:,.1f} MB of dump; {counts}")

    database.run(work())


@backup.command()
@click.argument("file", type=_FILE)
@click.option("--into", "into", metavar="URL", help="an empty database on a server; without it Leadwake's own")
@click.option("--vault", type=click.Path(path_type=Path), help="a copy of the vault, or the folder with the copies")
@click.option("--replace", is_flag=True, help="a database that is not empty is kept aside under another name")
@key_file_option
def restore(file: Path, into: str | None, vault: Path | None, replace: bool, key_file: Path | None) -> None:
    """Bring a backup back and join it with the newest copy of the vault: who was erased since stays erased.

    What automation had planned before waits until somebody has looked: leadwake backup release.

    \b
    After a disaster, on a new machine:
    leadwake backup restore FILE --vault FOLDER --key-file recovery-copy.txt
    """

    async def work() -> int:
        settings = config.load()
        masters = _masters(settings, key_file)
        sealed = backup_file.look(file)
        await _verified(sealed, masters)
        async with _target(settings, into) as url:
            copy = await _vault_copy(settings, url, vault, masters)
            _take_key(settings, copy, masters)
            report, aside = await _restored(sealed, masters, copy, settings, url, replace=replace)
        _tell(report, aside)
        return 1 if report.problems else 0

    database.run(work())


@backup.command()
@database.with_office
async def rehearse(office: Office) -> int:
    """Restore the newest backup beside the database, look whether everything adds up, and drop it. Done every week."""
    report = await ops.rehearse(office, _progress)
    async with office.db.connection() as connection:
        row = await ops.newest_rehearsal(connection)
    assert row is not None
    for problem in row["problems"]:
        _say(f"✗ {problem}")
    if report is None or report.problems:
        return 1
    _counts(report)
    click.echo(f"restored and looked at in {report.seconds:.0f} s: the ledger adds up, the log's seals hold")
    return 0


@backup.command()
@click.option("--send", is_flag=True, help="what waited is sent; without it, it is cancelled")
@click.option("--yes", is_flag=True, help="do not ask")
@database.with_office
async def release(office: Office, *, send: bool, yes: bool) -> None:
    """After a restore: somebody has looked, and automation may write again to people from the backup.

    Without --send what it wanted to send meanwhile is cancelled, for some of it may have been sent before the disaster.
    """
    waiting = await ops.waiting(office)
    if waiting is None:
        click.echo("nothing is held back")
        return
    what = f"{waiting.messages} messages to {waiting.people} people are {'sent' if send else 'cancelled'}"
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError(f"{what}: say --yes")
        click.confirm(f"{what}. Go on?", abort=True)
    await ops.release(office, database.ACTOR, sends=send)
    click.echo(f"{what}; automation goes on.")


async def _restored(
    sealed: Sealed, masters: Sequence[MasterKey], copy: Path, settings: Settings, url: str, *, replace: bool
) -> tuple[Report, str | None]:
    """Into the database if it is empty; else beside it, and then in its place."""
    is_empty = await scratch.is_empty(url)
    if not is_empty and not replace:
        raise ConfigError(
            "the database is not empty: with --replace it is kept aside under another name, and the backup takes its "
            "place"
        )
    tables = Tables.load()
    if is_empty:
        return await restoring.restore(
            sealed, masters, copy, settings, tables, url, goes_on=True, progress=_progress
        ), None
    await _nobody_at_work(url)
    await scratch.drop_left(url, "restoring")
    beside = await scratch.make(url, "restoring")
    try:
        report = await restoring.restore(
            sealed, masters, copy, settings, tables, beside, goes_on=True, progress=_progress
        )
        if report.problems:
            raise ConfigError(f"nothing was changed, for the backup does not hold: {'; '.join(report.problems)}")
        return report, await scratch.put_in_place(url, beside, f"before_{datetime.now(UTC):%Y%m%dt%H%M%S}")
    except BaseException:
        await scratch.drop(url, beside)
        raise


@asynccontextmanager
async def _target(settings: Settings, into: str | None) -> AsyncIterator[str]:
    if into:
        yield into
        return
    if settings.database_url is None:
        nobody_serves(settings.data_dir)
    async with database.database_url(settings) as url:
        yield url


def nobody_serves(data_dir: Path) -> None:
    """Raises ConfigError while `serve` runs on the data directory."""
    if not (data_dir / "serve.lock").exists():
        return
    with (data_dir / "serve.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(f"Leadwake is running on {data_dir}: stop it first") from None


async def _nobody_at_work(url: str) -> None:
    if n := await scratch.others(url):
        raise ConfigError(f"{n} others are connected to the database: stop Leadwake everywhere, then again")


async def _vault_copy(settings: Settings, url: str, given: Path | None, masters: Sequence[MasterKey]) -> Path:
    """The newest copy; of a database that is still there one is written now: nothing is newer than its own vault."""
    folder = given or settings.vault_dir
    if given is None and not await scratch.is_empty(url):
        db = Database(url, max_size=1)
        await db.open()
        try:
            if await db.one("vault_is_there"):
                await vault_copy.write(db, folder)
        finally:
            await db.close()
    return restoring.newest_vault_copy(folder, masters)


def _take_key(settings: Settings, copy: Path, masters: Sequence[MasterKey]) -> None:
    """The master key of the vault's copy is where Leadwake looks for it: on a new machine it is put there."""
    wanted = restoring.keys_of(copy)
    there = {key.key_id for key in keys.candidate_master_keys(settings.data_dir, settings.get("MASTER_KEY") or None)}
    if missing := wanted - there:
        if settings.get("MASTER_KEY"):
            raise ConfigError(f"set LEADWAKE_MASTER_KEY to the key {', '.join(missing)} that the vault's copy hangs on")
        key = next(master for master in masters if master.key_id in missing)
        keys.install(settings.data_dir, key)
        _say(f"the master key {key.key_id} stands in {settings.data_dir / keys.KEY_FILE} from now on")


def _masters(settings: Settings, key_file: Path | None) -> list[MasterKey]:
    found = keys.candidate_master_keys(settings.data_dir, settings.get("MASTER_KEY") or None)
    if key_file:
        try:
            text = key_file.read_text(encoding="ascii", errors="replace")
        except OSError as error:
            raise ConfigError(f"{key_file}: cannot be read: {error.strerror}") from error
        found.append(MasterKey.parse(text, str(key_file)))
    if not found:
        raise ConfigError(
            f"no master key is in {settings.data_dir}: give its recovery copy with --key-file FILE, or set "
            "LEADWAKE_MASTER_KEY"
        )
    return found


async def _verified(sealed: Sealed, masters: Sequence[MasterKey]) -> None:
    """The right key is at hand: said before a server is started for it."""
    next(iter(backup_file.read(sealed, masters)), None)


def _tell(report: Report, aside: str | None) -> None:
    _counts(report)
    if aside:
        click.echo(f"the database that was there is kept as {aside}; drop it when nothing of it is wanted any more")
    for problem in report.problems:
        _say(f"✗ {problem}")
    if not report.problems:
        click.echo("the ledger adds up, the log's seals hold")
    click.echo("What automation had planned for people from the backup waits for a look: leadwake backup release")


def _counts(report: Report) -> None:
    counts = ", ".join(f"{n:,} {what}" for what, n in report.counts.items())
    click.echo(f"as of {report.backup_at:%Y-%m-%d %H:%M} UTC, in {report.seconds:.0f} s: {counts}")
    click.echo(f"joined with the vault as of {report.vault_at:%Y-%m-%d %H:%M} UTC; {report.erased} erased again")


async def _tell_rehearsal(settings: Settings) -> None:
    url = settings.database_url or await running_url(settings.data_dir)
    if url is None:
        return
    async with scratch.connected(url) as connection:
        row = await ops.newest_rehearsal(connection)
    if row:
        problems = f": {'; '.join(row['problems'])}" if row["problems"] else ""
        word = {"passed": "passed", "failed": "FAILED", "not_possible": "was not possible"}[row["outcome"]]
        click.echo(f"last rehearsal {row['real_at']:%Y-%m-%d %H:%M} UTC {word} in {row['seconds']:.0f} s{problems}")


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"… {line}", err=True)


def _say(line: str) -> None:
    click.echo(line, err=True)
