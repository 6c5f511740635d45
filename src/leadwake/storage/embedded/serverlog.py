"""The server's log: kept short, and read for people when something went wrong.

No logging collector: it would be one more process, and the server's first and last words would go elsewhere.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from leadwake.errors import ConfigError
from leadwake.storage.embedded.flock import give_to_owner_of

LONGEST = 8 * 1024 * 1024
_FULL_DISK = 16 * 1024 * 1024
_ADVICE = (
    ("No space left on device", "the disk is full: free some space, then start again"),
    ("Disk quota exceeded", "the disk quota is used up: free some space, then start again"),
    (
        "could not locate a valid checkpoint record",
        "the data are damaged: restore a backup with `leadwake backup restore`",
    ),
    ("invalid page", "the data are damaged: restore a backup with `leadwake backup restore`"),
    ("Cannot allocate memory", "the machine has too little free memory: stop something else, or take a larger one"),
    ("could not create shared memory segment", "the machine has too little shared memory: raise its limits"),
    ("contains errors", "a setting is wrong: mend postgres/local.conf in the data directory"),
    ("unrecognized configuration parameter", "a setting is wrong: mend postgres/local.conf in the data directory"),
    ("invalid value for parameter", "a setting is wrong: mend postgres/local.conf in the data directory"),
    ("Permission denied", "a file of the database is closed to its account: give the data directory back to its owner"),
)


def open_for_server(log: Path) -> int:
    """
    The descriptor the server writes to, at the end of its log; a long log is set aside first.

    Raises ConfigError when the log cannot be written.
    """
    try:
        _make_folder(log.parent)
        trim(log, LONGEST // 8)
        fd = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(
            f"cannot write the database's log {log} ({error.strerror}): start Leadwake as the owner of {log.parent}, "
            "or free some space"
        ) from error
    give_to_owner_of(log.parent, fd)
    return fd


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        give_to_owner_of(folder.parent, fd)
    finally:
        os.close(fd)


def trim(log: Path, longest: int = LONGEST) -> None:
    """The log is not longer than so many bytes; what it held stands beside it, in place of what stood there."""
    # Cut, not renamed: the server keeps the file open, and writes at its end wherever that is. A line written
    # between the two calls is lost; a full disk would be worse.
    if log.is_file() and log.stat().st_size > longest:
        before = log.with_suffix(".log.1")
        before.unlink(missing_ok=True)
        with log.open("rb") as source, before.open("xb") as target:
            shutil.copyfileobj(source, target)
            give_to_owner_of(log.parent, target.fileno())
        os.truncate(log, 0)


def mark(log: Path) -> int:
    """Where the log ends now, in bytes."""
    return log.stat().st_size if log.is_file() else 0


def tail(log: Path, since: int = 0, lines: int = 8) -> str:
    """The last lines, each indented, or why they cannot be read; only what was written after `since`."""
    try:
        with log.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(since if since <= end else 0, end - 4096))
            found = file.read().decode(errors="replace").splitlines()[-lines:]
    except OSError as error:
        return f"  ({log} cannot be read: {error.strerror})"
    return "\n".join(f"  {line}" for line in found) or f"  ({log} says nothing)"


def explained(what: str, words: str, data_dir: Path) -> ConfigError:
    """One line that says what to do, then the server's own words (indented lines)."""
    advice = next((advice for sign, advice in _ADVICE if sign in words), "")
    if not advice and shutil.disk_usage(data_dir).free < _FULL_DISK:
        advice = _ADVICE[0][1]
    return ConfigError(f"{what}: {advice or 'its last words say why'}\n{words}")
