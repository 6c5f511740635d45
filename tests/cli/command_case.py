"""The real command line, as processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import warm

from leadwake.bootstrap import office_at
from leadwake.config import load
from leadwake.workflows.office import Office

_BARE = {name: value for name, value in os.environ.items() if not name.startswith("LEADWAKE_")}


@dataclass(frozen=True)
class Answer:
    """What a command said. lines: of standard output."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def refused(self, code: int) -> str:
        """The one line with which the command refused."""
        assert self.code == code, (self.code, self.out, self.err)
        assert "Traceback" not in self.err
        assert self.err.count("\n") == 1, self.err

        return self.err.strip()


@dataclass(frozen=True)
class CommandLine:
    """`leadwake` with settings of its own. env: by their names without the prefix."""

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def data_dir(self) -> Path:
        return Path(self.env["DATA_DIR"])

    @property
    def environment(self) -> dict[str, str]:
        return {**_BARE, **{f"LEADWAKE_{name}": value for name, value in self.env.items()}}

    def __call__(self, *words: str, stdin: str | bytes = "", **env: str) -> Answer:
        """The command is carried out to its end, away from any terminal."""
        given = stdin.encode() if isinstance(stdin, str) else stdin
        code, out, err = warm.run(words, self.folder, self.having(**env).environment, given)
        return Answer(code, out.decode(), err.decode())

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        """The command runs; both its outputs and its input are ours."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen(
            [sys.executable, "-m", "leadwake", *words], cwd=self.folder, env=self.environment, text=True, **pipes
        )

    def having(self, **env: str) -> CommandLine:
        """The same with more settings."""
        return CommandLine(self.folder, {**self.env, **env})

    @asynccontextmanager
    async def office(self) -> AsyncIterator[Office]:
        """The same team's office in this process."""
        settings = load(self.environment)
        assert settings.database_url
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        async with office_at(settings, settings.database_url) as office:
            yield office

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement returns, committed."""
        with psycopg.connect(self.env["DATABASE_URL"], autocommit=True) as connection:
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []


def as_url(template_url: str, conninfo: str) -> str:
    """The URL of a database on the template's server."""
    name = psycopg.conninfo.conninfo_to_dict(conninfo)["dbname"]
    assert "@/leadwake?" in template_url
    return template_url.replace("@/leadwake?", f"@/{name}?")
