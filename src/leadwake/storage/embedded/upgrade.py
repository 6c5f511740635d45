"""Another major version of PostgreSQL for the embedded database: copied into a new cluster, the old one kept aside.

    1. the old cluster is started with programs of its own version, a new one beside it, in `upgrade`
    2. all of it is copied from one into the other, and counted
    3. the new cluster is renamed to `postgres.upgraded`, the old one to `postgres-<version>`, the new one to `postgres`

Until step 3 nothing has changed. Cut off within it, the next start makes its last rename. The old cluster is removed
only when somebody says so.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from leadwake.errors import ConfigError
from leadwake.storage import backups, clients, scratch
from leadwake.storage.embedded import binaries
from leadwake.storage.embedded.cluster import path_in, upgraded_in
from leadwake.storage.embedded.server import EmbeddedServer

_BESIDE = "upgrade"


@dataclass(frozen=True, slots=True)
class Upgraded:
    """Which versions, how many rows of some tables, and where the old cluster is kept."""

    before: int
    after: int
    counts: Mapping[str, int]
    kept: Path


def version_of(data_dir: Path) -> int | None:
    """The major version of the cluster; None where there is none."""
    try:
        return int((path_in(data_dir) / "PG_VERSION").read_text().strip())
    except (OSError, ValueError):
        return None


def kept_in(data_dir: Path) -> list[Path]:
    """The old clusters that are kept aside."""
    return sorted(path for path in data_dir.glob("postgres-[0-9]*") if (path / "PG_VERSION").is_file())


async def upgrade(data_dir: Path, progress: Callable[[str], None], *, fsync: bool = True) -> Upgraded | None:
    """
    The cluster is of the version that this Leadwake runs; None where it was. Nobody else may use it meanwhile.

    Raises ConfigError: then the database is as it was.
    """
    before = version_of(data_dir)
    if before is None:
        raise ConfigError(f"no database is in {data_dir}: there is nothing to upgrade")
    if before == binaries.MAJOR:
        return None
    _possible(data_dir, before)
    beside = data_dir / _BESIDE
    shutil.rmtree(beside, ignore_errors=True)
    _make(beside, path_in(data_dir))
    old = EmbeddedServer(data_dir, fsync=fsync, progress=progress, major=before)
    new = EmbeddedServer(beside, fsync=fsync, progress=progress)
    try:
        counts = await _copied(await old.start(), await new.start(), progress)
    finally:
        await new.stop()
        await old.stop()
    kept = _swap(data_dir, beside, before)
    return Upgraded(before, binaries.MAJOR, counts, kept)


def _possible(data_dir: Path, before: int) -> None:
    if before > binaries.MAJOR or binaries.older(before) is None:
        raise ConfigError(
            f"no programs of PostgreSQL {before} are here to read the old database with: move {path_in(data_dir)} away "
            "and restore a backup with `leadwake backup restore FILE`"
        )
    if _kept(data_dir, before).exists():
        raise ConfigError(f"{_kept(data_dir, before)} is there already: move it away, then again")
    needed = sum(path.lstat().st_size for path in path_in(data_dir).rglob("*") if not path.is_symlink())
    free = shutil.disk_usage(data_dir).free
    if free < needed:
        raise ConfigError(
            f"{free >> 20} MiB are free in {data_dir}, and {needed >> 20} MiB are needed: make room first"
        )


def _kept(data_dir: Path, before: int) -> Path:
    return data_dir / f"postgres-{before}"


def _make(beside: Path, cluster: Path) -> None:
    beside.mkdir(mode=0o700)
    if os.geteuid() == 0:  # the new cluster belongs to whom the old one does
        os.chown(beside, cluster.stat().st_uid, cluster.stat().st_gid)


async def _copied(old_url: str, new_url: str, progress: Callable[[str], None]) -> dict[str, int]:
    if (others := await scratch.others(old_url)) > 0:
        raise ConfigError(f"{others} others are connected to the database: stop Leadwake first")
    progress("copying the database")
    await clients.copy(old_url, new_url)
    counts = []
    for url in (old_url, new_url):
        async with scratch.connected(url) as connection:
            counts.append(await backups.counts(connection))
    if counts[0] != counts[1]:
        raise ConfigError(f"the copy holds {counts[1]}, the old database {counts[0]}: nothing was changed")
    return counts[1]


def _swap(data_dir: Path, beside: Path, before: int) -> Path:
    kept = _kept(data_dir, before)
    waiting = upgraded_in(data_dir)
    shutil.rmtree(waiting, ignore_errors=True)
    path_in(beside).rename(waiting)
    os.sync()
    with suppress(FileNotFoundError):
        (data_dir / "postgres-password").unlink()  # the old cluster's; the next start makes the new one's
    path_in(data_dir).rename(kept)
    waiting.rename(path_in(data_dir))
    shutil.rmtree(beside, ignore_errors=True)
    return kept
