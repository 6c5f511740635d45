"""Teams on real databases, each test's own."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from command_case import CommandLine, as_url


@pytest.fixture
def bare(tmp_path: Path) -> CommandLine:
    """No settings at all but a data directory that is not there yet."""
    return CommandLine(tmp_path, {"DATA_DIR": str(tmp_path / "data")})


@pytest.fixture
def leadwake(bare: CommandLine, template_url: str, database_url: str) -> CommandLine:
    """A team on a migrated, empty database of its own on a server."""
    return bare.having(DATABASE_URL=as_url(template_url, database_url))


@pytest.fixture
def unmigrated(bare: CommandLine, template_url: str, database_url: str) -> CommandLine:
    """A database without a single table."""
    url = as_url(template_url, database_url)
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    with psycopg.connect(as_url(template_url, "dbname=postgres"), autocommit=True) as admin:
        admin.execute(f'drop database "{name}" with (force)'.encode())
        admin.execute(f'create database "{name}" template template0'.encode())
    return bare.having(DATABASE_URL=url)
