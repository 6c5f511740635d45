"""Where the server's socket is. A socket's path ends at 107 bytes, and libpq splits it at commas."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path

from leadwake.errors import ConfigError
from leadwake.storage.embedded.account import Account

PORT = 5432
_FILE = f".s.PGSQL.{PORT}"
_LONGEST = 107
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")


def folder(data_dir: Path, account: Account) -> Path:
    """
    The directory for the socket of this data directory.

    In the data directory where its path is short and plain: no other account can get in the way there, nothing cleans
    it up, and programs with a private /tmp find it. Else in /tmp by a hash; not in XDG_RUNTIME_DIR, which goes
    away with the last login session while the server lives on.
    """
    beside = data_dir / "postgres-socket"
    if len(os.fsencode(beside / _FILE)) <= _LONGEST and _PLAIN.fullmatch(str(beside)):
        return beside
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(f"/tmp/leadwake-{account.uid}-{digest}")  # noqa: S108 - ownership and mode are checked by prepare


def prepare(path: Path, account: Account) -> None:
    """
    The directory is there, ours and closed, without leftovers of a server that is gone.

    Raises ConfigError when something is there that another account made or can enter.
    """
    if path.is_symlink() or path.exists():
        _check(path, account)
    account.own_folder(path)
    for name in (_FILE, f"{_FILE}.lock"):
        (path / name).unlink(missing_ok=True)


def is_ours(path: Path, uid: int) -> bool:
    """True for a directory, not a link, that belongs to the account and is closed to all others."""
    try:
        status = path.lstat()
    except OSError:
        return False
    owners = {uid, os.geteuid()}  # root may have died between making it and giving it away
    return stat.S_ISDIR(status.st_mode) and status.st_uid in owners and not status.st_mode & 0o077


def remove(path: Path) -> None:
    """The directory is gone when it is empty and not in the data directory."""
    if path.name.startswith("leadwake-"):
        try:
            path.rmdir()
        except OSError:
            return


def _check(path: Path, account: Account) -> None:
    if not is_ours(path, account.uid):
        raise ConfigError(
            f"{path} is not a closed directory of {account.name}, as if somebody wanted to listen in: "
            "remove it, or set LEADWAKE_DATA_DIR to a shorter path of plain letters"
        )
