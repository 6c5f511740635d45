"""Locks the kernel lets go of by itself when their holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from leadwake.errors import ConfigError


class Flock:
    """A lock on a file, held by whoever has this descriptor open: this process, and children it is passed to."""

    def __init__(self, path: Path) -> None:
        try:
            self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError(
                f"cannot open {path} ({error.strerror}): start Leadwake as the owner of {path.parent}, "
                "or set LEADWAKE_DATA_DIR to another directory"
            ) from error
        give_to_owner_of(path.parent, self.fd)

    def take(self) -> bool:
        """Hold it alone, giving up a share in it; False when others hold it (a share is then lost all the same)."""
        return self._lock(fcntl.LOCK_EX)

    def share(self) -> bool:
        """Hold it together with others; False when one holds it alone."""
        return self._lock(fcntl.LOCK_SH)

    def let_go(self) -> None:
        """Give it up and keep the file open; for a child that inherited it, too."""
        fcntl.flock(self.fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give it up, here; a child that inherited it goes on holding it."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def _lock(self, how: int) -> bool:
        try:
            fcntl.flock(self.fd, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def give_to_owner_of(folder: Path, fd: int) -> None:
    """A file made by root in another's directory is theirs, so that they can start without root the next time."""
    if os.geteuid() == 0 and (owner := folder.stat()).st_uid != 0:
        os.fchown(fd, owner.st_uid, owner.st_gid)
