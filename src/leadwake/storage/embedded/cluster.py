"""The cluster's files: made once, whole or not at all; its settings and password."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from leadwake.errors import ConfigError
from leadwake.storage.embedded import binaries, postmaster, serverlog, settings
from leadwake.storage.embedded.account import Account, run
from leadwake.storage.embedded.flock import give_to_owner_of
from leadwake.storage.embedded.sockets import PORT

ROLE = DATABASE = "leadwake"
_SUPERUSER = "postgres"
_AUTH = "scram-sha-256"
#: seconds for one connection
CONNECT_S = 5
_INITDB = (
    f"--username={_SUPERUSER}", "--auth=reject", "--encoding=UTF8", "--data-checksums", "--no-instructions",
    # Sorts by code point, the same on every machine and after every update of the system's C library.
    "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--text-search-config=english",
)  # fmt: skip
#: the application is no superuser: what gets into its SQL must not get to files and programs
_SETUP = (
    f"create role {ROLE} login createdb;",
    f"grant pg_monitor, pg_checkpoint, pg_signal_backend to {ROLE};",
    f"create database {DATABASE} owner {ROLE};",
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster of one data directory, and the account and programs it is run with. major: its version."""

    data_dir: Path
    account: Account
    major: int = binaries.MAJOR

    @property
    def path(self) -> Path:
        """The cluster itself."""
        return path_in(self.data_dir)

    @property
    def programs(self) -> Path:
        """The directory of programs that the account can run; none of the cluster's may be running now."""
        return binaries.reachable(self.data_dir, self.account, self.major)

    def prepare(self, lock: int, *, fsync: bool, progress: Callable[[str], None]) -> None:
        """
        The cluster is there, is ours and of our version, and the role has the password of the password file.

        lock: the descriptor that says a program of the cluster is running. Raises ConfigError.
        """
        if not self._exists():
            progress("making the database, once")
            self._create(lock, fsync=fsync)
            return
        self._check()
        if (self.path / postmaster.PID_FILE).exists() and postmaster.read(self.path) is None:
            (self.path / postmaster.PID_FILE).unlink()  # cut off by a full disk; postgres would not start over it
        if not _password_file(self.data_dir).exists():
            progress("the database's password file is gone: making a new password")
            self._set_up(self.path, lock, (), fsync=fsync)

    def configure(self, socket_dir: Path, *, fsync: bool) -> None:
        """The settings of this release are written, but into a cluster of an older version; else nothing is touched."""
        if self.major != binaries.MAJOR:
            return  # it has those that fit it
        _write(self.path / "postgresql.conf", settings.postgresql_conf(socket_dir, fsync=fsync), self.account)
        _write(self.path / "pg_hba.conf", settings.HBA, self.account)
        if not (self.path / settings.LOCAL).exists():
            _write(self.path / settings.LOCAL, settings.LOCAL_HEAD, self.account)

    def environment(self) -> dict[str, str]:
        """
        The environment of every program of the cluster: nothing of ours, so no PG… variable changes anything.

        The pid in a stale postmaster.pid may belong to another program by now, and postgres then would not start. It
        takes that of a grandparent for its own, though, and still makes sure that the cluster's memory is unused.
        """
        found = postmaster.read(self.path)
        stale = {"PG_GRANDPARENT_PID": str(found.pid)} if found else {}
        return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **stale}

    def _exists(self) -> bool:
        if not self.path.exists() and upgraded_in(self.data_dir).is_dir():
            upgraded_in(self.data_dir).rename(self.path)  # an upgrade was cut off between its last two steps
        # a directory without anything in it is as good as none: somebody prepared a mount point
        return self.path.exists() and any(self.path.iterdir())

    def _check(self) -> None:
        if (status := self.path.stat()).st_uid != self.account.uid:
            raise ConfigError(
                f"{self.path} belongs to uid {status.st_uid}, not to {self.account.name}: start Leadwake as its owner, "
                f"give it back with `chown -R {self.account.name} '{self.path}'`, or set another LEADWAKE_DATA_DIR"
            )
        try:
            version = (self.path / "PG_VERSION").read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"{self.path} is no database of Leadwake: move it away, or set LEADWAKE_DATA_DIR to another directory"
            ) from error
        if version != str(self.major):
            raise ConfigError(
                f"the database in {self.path} is of PostgreSQL {version}, this Leadwake runs {self.major}: "
                "run `leadwake database upgrade` (it dumps the data first)"
            )

    def _create(self, lock: int, *, fsync: bool) -> None:
        """initdb beside the place, then a rename: kill -9 in between leaves a draft, and the next start begins anew."""
        draft = self.data_dir / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        self.account.own_folder(draft)
        durable = "--sync-method=syncfs" if fsync else "--no-sync"
        made = run(
            self.account, [self.programs / "initdb", "-D", draft, *_INITDB, durable], env=self.environment(), keep=lock
        )
        if made.returncode != 0:
            words = "\n".join(f"  {line}" for line in made.stdout.splitlines()[-8:])
            shutil.rmtree(draft, ignore_errors=True)
            raise serverlog.explained("the database could not be made", words, self.data_dir)
        self._set_up(draft, lock, _SETUP, fsync=fsync)
        draft.rename(self.path)
        _sync_folder(self.data_dir)

    def _set_up(self, cluster: Path, lock: int, statements: tuple[str, ...], *, fsync: bool) -> None:
        """
        The statements are done and the role has a new password, which is in the password file.

        In single-user mode, one statement a line, by standard input: the superuser has no password to log in with.
        """
        password = secrets.token_urlsafe(32)
        lines = [*statements, f"alter role {ROLE} password '{password}';"]
        options = ("log_min_error_statement=panic", "log_checkpoints=off", f"fsync={'on' if fsync else 'off'}")
        command: list[str | Path] = [self.programs / "postgres", "--single", "-D", cluster]
        command += [word for option in options for word in ("-c", option)]
        command.append(_SUPERUSER)
        done = run(self.account, command, env=self.environment(), keep=lock, text="\n".join([*lines, ""]))
        said = done.stdout.splitlines()
        # single-user mode ends well whatever its statements did
        wrong = [line for line in said if any(word in line for word in ("ERROR:", "FATAL:", "PANIC:"))]
        if done.returncode != 0 or wrong:
            words = "\n".join(f"  {line}" for line in wrong or said[-8:])
            raise serverlog.explained("the database could not be set up", words, self.data_dir)
        _write(_password_file(self.data_dir), password + "\n", None)


def path_in(data_dir: Path) -> Path:
    """Where the cluster of a data directory is."""
    return data_dir / "postgres"


def upgraded_in(data_dir: Path) -> Path:
    """Where the cluster of the new version waits to take the old one's place."""
    return data_dir / "postgres.upgraded"


def url(data_dir: Path, socket_dir: Path) -> str | None:
    """The connection URL; None without a password. The server, too, must prove that it knows the password."""
    password = _password(data_dir)
    if password is None:
        return None
    host = quote(str(socket_dir), safe="")
    return f"postgresql://{ROLE}:{quote(password)}@/{DATABASE}?host={host}&port={PORT}&require_auth={_AUTH}"


def client_environment(data_dir: Path, socket_dir: Path) -> dict[str, str]:
    """The same for a client program of the server: everything there, for a command line is everybody's to read."""
    return {
        "PATH": os.defpath, "LC_ALL": "C", "PGHOST": str(socket_dir), "PGPORT": str(PORT), "PGUSER": ROLE,
        "PGDATABASE": DATABASE, "PGPASSWORD": _password(data_dir) or "", "PGREQUIREAUTH": _AUTH,
        "PGCONNECT_TIMEOUT": str(CONNECT_S), "PGSSLMODE": "disable", "PGGSSENCMODE": "disable",
    }  # fmt: skip


def _password(data_dir: Path) -> str | None:
    try:
        return _password_file(data_dir).read_text().strip()
    except OSError:
        return None


def _password_file(data_dir: Path) -> Path:
    return data_dir / "postgres-password"


def _write(path: Path, text: str, account: Account | None) -> None:
    """The file holds the text, mode 0600, whole or not at all; account: who reads it, None for ourselves."""
    fd, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(fd, "w") as file:
            file.write(text)
            file.flush()
            if account is None:
                give_to_owner_of(path.parent, fd)
            elif account.drops:
                os.fchown(fd, account.uid, account.gid)
            os.fsync(fd)
        os.replace(draft, path)  # noqa: PTH105 - atomic, and replaces a link instead of following it
    except OSError as error:
        Path(draft).unlink(missing_ok=True)
        raise ConfigError(f"cannot write {path} ({error.strerror}): free some space, then start again") from error


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
