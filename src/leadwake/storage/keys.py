"""The master key: read, created once, rotated; never in the database and never inside a backup.

    data_dir/master.key        the key in use, mode 0600, one line of base64url
    data_dir/master.key.next   only while a rotation is under way, or since it was interrupted
    data_dir/master.key.lock   held while either is written; holds nothing

The rotation, safe to be cut off between any two steps:

    1. the new key is written to master.key.next
    2. the database rows are wrapped anew, in one transaction
    3. master.key.next is renamed over master.key

The rows say by which key they are wrapped, so whoever starts after a crash knows whether step 2 happened: if the rows
ask for master.key.next, step 3 is done then; if not, the file is an unused key and stays until the next rotation.
It is never deleted by a reader: the rotation that wrote it may be about to commit.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hmac
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from leadwake.errors import ConfigError

KEY_BYTES = 32
KEY_FILE = "master.key"
NEXT_FILE = "master.key.next"
LOCK_FILE = "master.key.lock"
_MAKE_ONE = "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"


@dataclass(frozen=True)
class MasterKey:
    """The key that wraps every other key. `secret` never appears in its repr."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes")

    @cached_property
    def key_id(self) -> str:
        """A fingerprint that may be stored and shown: 16 hex digits, tells nothing of the key."""
        return hmac.digest(self.secret, b"leadwake master key id", "sha256")[:8].hex()

    @property
    def text(self) -> str:
        """The recovery copy: 43 characters of base64url. Secret."""
        return base64.urlsafe_b64encode(self.secret).rstrip(b"=").decode()

    @classmethod
    def generate(cls) -> MasterKey:
        """A new random key."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def parse(cls, text: str, where: str) -> MasterKey:
        """
        The key that `text` (base64url, padding optional) spells. where: setting or file, for the message.

        Raises ConfigError, which never repeats the text.
        """
        bare = text.strip().rstrip("=")
        try:
            secret = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if len(secret) != KEY_BYTES or len(set(secret)) == 1:
            raise ConfigError(f"{where}: not {KEY_BYTES} random bytes in base64url (43 characters); {_MAKE_ONE}")
        return cls(secret)


def load_or_create_master_key(data_dir: Path, configured: str | None) -> tuple[MasterKey, bool]:
    """
    The master key, and whether it was created just now (then the recovery copy is to be shown, once).

    configured: the text of LEADWAKE_MASTER_KEY, which wins over the file. Two processes at once agree on one key.
    For a database that already holds wrapped rows use `choose_master_key`: a key created then would open nothing.
    Raises ConfigError: malformed, unreadable, or readable by others.
    """
    if configured:
        return MasterKey.parse(configured, "LEADWAKE_MASTER_KEY"), False
    file = data_dir / KEY_FILE
    if key := _read(file):
        return key, False
    with _locked(data_dir):
        if key := _read(file):  # another process was first
            return key, False
        key = MasterKey.generate()
        _write(file, key)
        return key, True


def install(data_dir: Path, key: MasterKey) -> None:
    """The key is the one in master.key, on a machine that had none. Raises ConfigError where there is another."""
    with _locked(data_dir):
        there = _read(data_dir / KEY_FILE)
        if there is not None and there.key_id != key.key_id:
            raise ConfigError(f"{data_dir / KEY_FILE} holds another master key, {there.key_id}: move it away first")
        _write(data_dir / KEY_FILE, key)


def candidate_master_keys(data_dir: Path, configured: str | None = None) -> list[MasterKey]:
    """Every key that may be the one the rows are wrapped by: configured or master.key first, then master.key.next."""
    first = MasterKey.parse(configured, "LEADWAKE_MASTER_KEY") if configured else _read(data_dir / KEY_FILE)
    found = [first, _read(data_dir / NEXT_FILE)]
    return [key for key in found if key is not None]


def choose_master_key(data_dir: Path, configured: str | None, wrapped_by: str) -> MasterKey:
    """
    The key whose fingerprint the rows carry; an interrupted rotation is finished on the way.

    wrapped_by: `master_key_id` of the rows. Raises ConfigError when no key at hand is it.
    """
    for key in candidate_master_keys(data_dir, configured):
        if key.key_id == wrapped_by:
            if not configured:
                _finish_interrupted(data_dir, wrapped_by)
            return key
    where = "LEADWAKE_MASTER_KEY" if configured else str(data_dir / KEY_FILE)
    raise ConfigError(
        f"{where} is not the master key of this database (its fingerprint is {wrapped_by}): "
        "put the recovery copy of that key there"
    )


def is_rotation_pending(data_dir: Path, configured: str | None, wrapped_by: str) -> bool:
    """True when the rows are wrapped by master.key.next while the environment still holds the key before: change it."""
    if not configured or MasterKey.parse(configured, "LEADWAKE_MASTER_KEY").key_id == wrapped_by:
        return False
    following = _read(data_dir / NEXT_FILE)
    return following is not None and following.key_id == wrapped_by


@dataclass
class Rotation:
    """The only rotation on this machine: `begin` inside the transaction, `finish` after its commit."""

    data_dir: Path
    configured: str | None

    def begin(self, wrapped_by: str) -> MasterKey:
        """
        A new master key, safely on disk as master.key.next; the rows are to be wrapped by it.

        wrapped_by: `master_key_id` of the rows, read `for update` in the transaction that will change them (a commit of
        a process that died may still be under way; a stale answer would overwrite the key it hands over to).
        Raises ConfigError when the key in use is not at hand, or the environment still holds the one before.
        """
        following = self.data_dir / NEXT_FILE
        if self.configured and is_rotation_pending(self.data_dir, self.configured, wrapped_by):
            raise ConfigError(
                f"the last rotation is not complete: set LEADWAKE_MASTER_KEY to the key in {following} first"
            )
        if not self.configured:
            _finish(self.data_dir, wrapped_by)
        if all(key.key_id != wrapped_by for key in candidate_master_keys(self.data_dir, self.configured)):
            raise ConfigError(f"no master key at hand has the fingerprint {wrapped_by} that the database was sealed by")
        new = MasterKey.generate()
        _write(following, new)
        return new

    def finish(self) -> None:
        """
        The new key is the one in use. Only after the transaction has committed; a failed one needs no call.

        With the key in the environment there is no file to replace: the key's text is to be shown, and master.key.next
        stays, so that restarts work until LEADWAKE_MASTER_KEY is changed; then `forget_next_key` removes it.
        """
        if not self.configured:
            _replace(self.data_dir / NEXT_FILE, self.data_dir / KEY_FILE)


@contextmanager
def rotating(data_dir: Path, configured: str | None) -> Iterator[Rotation]:
    """No other rotation runs on this machine. Raises ConfigError when one does."""
    with _locked(data_dir, wait=False):
        yield Rotation(data_dir, configured)


def forget_next_key(data_dir: Path, wrapped_by: str, configured: str) -> bool:
    """
    master.key.next is gone, the environment now holding the key in use; True if there was one to remove.

    Nothing happens while a rotation runs, or while the environment's key is not the one in use.
    """
    if MasterKey.parse(configured, "LEADWAKE_MASTER_KEY").key_id != wrapped_by:
        return False
    try:
        with _locked(data_dir, wait=False):
            following = _read(data_dir / NEXT_FILE)
            if following is None or following.key_id != wrapped_by:
                return False
            (data_dir / NEXT_FILE).unlink()
            return True
    except ConfigError:
        return False


def _finish_interrupted(data_dir: Path, wrapped_by: str) -> None:
    """Step 3 of a rotation that was cut off after its commit; left to it while it still runs."""
    following = _read(data_dir / NEXT_FILE)
    if following is None or following.key_id != wrapped_by:
        return
    try:
        with _locked(data_dir, wait=False):
            _finish(data_dir, wrapped_by)
    except ConfigError:
        return


def _finish(data_dir: Path, wrapped_by: str) -> None:
    # Read again under the lock: the file may by now be the key of a later rotation, whose rows are not committed.
    following = _read(data_dir / NEXT_FILE)
    if following is not None and following.key_id == wrapped_by:
        _replace(data_dir / NEXT_FILE, data_dir / KEY_FILE)


def _read(file: Path) -> MasterKey | None:
    """The key in a file, None when there is none. Raises ConfigError."""
    try:
        with file.open("rb") as opened:
            if stat.S_IMODE(os.fstat(opened.fileno()).st_mode) & 0o077:
                raise ConfigError(f"{file} can be read by others; chmod 600 {file}")
            content = opened.read(1024)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    return MasterKey.parse(content.decode("ascii", "replace"), str(file))


def _write(file: Path, key: MasterKey) -> None:
    """The file holds the key, whole and on disk, or is as it was. Called under the lock."""
    draft = file.with_name(file.name + ".tmp")
    try:
        draft.unlink(missing_ok=True)  # left by a crash
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            os.fchmod(descriptor, 0o600)  # whatever the umask
            opened.write(key.text.encode() + b"\n")
            opened.flush()
            os.fsync(descriptor)
        _replace(draft, file)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror}") from error


def _replace(source: Path, target: Path) -> None:
    source.replace(target)
    descriptor = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)  # the rename itself must survive a power cut
    finally:
        os.close(descriptor)


@contextmanager
def _locked(data_dir: Path, *, wait: bool = True) -> Iterator[None]:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(f"{data_dir}: the master key cannot be kept here: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise ConfigError("another process is rotating the master key; wait for it and try again") from None
        except OSError as error:
            raise ConfigError(f"{data_dir}: this file system cannot lock files: {error.strerror}") from error
        yield
    finally:
        os.close(descriptor)
