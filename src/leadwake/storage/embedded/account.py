"""Whom postgres runs as, and whether that account can reach a path. postgres refuses to run as root."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadwake.errors import ConfigError

NAME = "leadwake"
_CREATE = ("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
           "--shell", "/usr/sbin/nologin", "--comment", "Leadwake embedded database", NAME)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """The account of the server's processes and files. drops: this process is root and must leave that behind."""

    uid: int
    gid: int
    name: str
    drops: bool

    @property
    def options(self) -> dict[str, Any]:
        """What `subprocess` needs to start a child under this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.drops else {}

    def may(self, bits: int, status: os.stat_result) -> bool:
        """True when the mode grants these bits (a mask of 4 read, 2 write, 1 traverse) to this account."""
        groups = {self.gid} if self.drops else {self.gid, *os.getgroups()}
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid in groups else 0
        return (status.st_mode >> shift) & bits == bits

    def barrier(self, path: Path) -> Path | None:
        """The first directory above `path` that this account cannot pass through; None when it reaches it."""
        above = reversed(path.resolve().parents)
        return next((folder for folder in above if folder.exists() and not self.may(1, folder.stat())), None)

    def own_folder(self, path: Path) -> None:
        """The directory is there, is no link, belongs to this account and is closed to all others (0700)."""
        path.mkdir(mode=0o700, exist_ok=True)
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:  # by descriptor: as root in a directory of somebody else's, a name may change under our hands
            if self.drops:
                os.fchown(fd, self.uid, self.gid)
            os.fchmod(fd, 0o700)
        finally:
            os.close(fd)


def choose(data_dir: Path, cluster: Path, progress: Callable[[str], None]) -> Account:
    """
    The account postgres runs under: ourselves, and as root never root.

    As root: the owner of the cluster or of the data directory where that is somebody (`sudo leadwake` over a person's
    data leaves them that person's), else the account `leadwake`, made once, else `nobody`.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), _name_of(os.geteuid()), drops=False)
    for path in (cluster, data_dir):
        if path.exists() and (status := path.stat()).st_uid != 0:
            return Account(status.st_uid, status.st_gid, _name_of(status.st_uid), drops=True)
    entry = _entry(NAME) or _created(progress) or _entry("nobody")
    if entry is None or entry.pw_uid == 0:
        raise ConfigError(
            "PostgreSQL refuses to run as root and no account could be made for it: "
            f"run `useradd --system {NAME}`, or start Leadwake as an ordinary user"
        )
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name, drops=True)


def open_data_dir(data_dir: Path, account: Account) -> None:
    """
    The data directory exists and the account can pass through it.

    Only the data directory itself is ever opened, by group and for passing through (0710); what lies above it is
    other people's, and so is a home directory that was given as the data directory.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(
            f"cannot make the data directory {data_dir} ({error.strerror}): set LEADWAKE_DATA_DIR to one you may write"
        ) from error
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise ConfigError(
            f"{data_dir} may not be written by {account.name}: set LEADWAKE_DATA_DIR to a directory of yours"
        )
    if not account.drops:
        return
    if barrier := account.barrier(data_dir):
        raise ConfigError(_out_of_reach(barrier, account))
    if account.may(1, data_dir.stat()):
        return
    if any(Path(entry.pw_dir) == data_dir for entry in pwd.getpwall()):
        raise ConfigError(_out_of_reach(data_dir, account))
    os.chown(data_dir, -1, account.gid)
    data_dir.chmod(stat.S_IMODE(data_dir.stat().st_mode) | stat.S_IXGRP)


def run(
    account: Account, argv: Sequence[str | Path], *, env: Mapping[str, str], keep: int, text: str = ""
) -> subprocess.CompletedProcess[str]:
    """
    Run to its end under the account, apart from our terminal and files, with `text` on its standard input.

    keep: the one descriptor it inherits, the lock that says it lives.
    Raises ConfigError when it cannot be started at all.
    """
    try:
        return subprocess.run(  # noqa: S603 - our own programs
            argv, input=text, env=env, pass_fds=(keep,), cwd="/", start_new_session=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", **account.options,
        )  # fmt: skip
    except OSError as error:
        raise cannot_run(argv[0], account, error) from error


def cannot_run(program: str | Path, account: Account, error: OSError) -> ConfigError:
    """The error for a binary that does not start."""
    return ConfigError(
        f"cannot run {program} as {account.name} ({error.strerror}): "
        "is its file system mounted noexec? Install Leadwake elsewhere, or set LEADWAKE_DATABASE_URL"
    )


def _out_of_reach(barrier: Path, account: Account) -> str:
    return (
        f"{barrier} is closed to the account {account.name} that the database runs under as root: "
        "set LEADWAKE_DATA_DIR to a directory it can reach, such as /var/lib/leadwake"
    )


def _created(progress: Callable[[str], None]) -> pwd.struct_passwd | None:
    try:
        result = subprocess.run(_CREATE, capture_output=True, text=True, check=False)  # noqa: S603 - a constant
        reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
    except OSError as error:
        reason = f"{_CREATE[0]}: {error.strerror}"
    entry = _entry(NAME)  # another process may have made it at the same moment
    progress(f"made the account {NAME} for the database" if entry else f"no account {NAME} ({reason}): using nobody")
    return entry


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # containers run as bare numbers
        return f"uid {uid}"
