"""What the tests of backups share: a house that has seen a day, its backup, and a disaster."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

from leadwake.compliance.tables import Tables
from leadwake.ops import backups as ops
from leadwake.ops import restoring
from leadwake.ops.restoring import Report
from leadwake.storage import backup_file
from leadwake.workflows.office import Office
from office_case import with_database


@asynccontextmanager
async def an_empty_database(template_url: str) -> AsyncIterator[str]:
    """A database that nothing was ever done to, on the same server."""
    name = f"e_{uuid4().hex[:12]}"
    admin = with_database(template_url, "postgres")
    async with await psycopg.AsyncConnection.connect(admin, autocommit=True) as connection:
        await connection.execute(f'create database "{name}" template template0'.encode())
        yield with_database(template_url, name)
        await connection.execute(f'drop database if exists "{name}" with (force)'.encode())


async def restored(office: Office, file: Path, url: str, *, goes_on: bool = True) -> Report:
    """The backup in the database at `url`, joined with the newest copy of the vault."""
    masters = [await ops.master_key(office)]
    copy = restoring.newest_vault_copy(office.base_settings.vault_dir, masters)
    sealed = backup_file.look(file)
    return await restoring.restore(sealed, masters, copy, office.base_settings, Tables.load(), url, goes_on=goes_on)
