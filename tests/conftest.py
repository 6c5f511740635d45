"""What the tests share: one embedded PostgreSQL a session, one database a test, cloned from a migrated template.

Everything is real: the server, the schema, the vault, and the sandbox vendors over HTTP.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import hypothesis
import psycopg
import pytest
import structlog
from psycopg import sql

from leadwake import log
from leadwake.bootstrap import open_office
from leadwake.config import load
from leadwake.settings import Settings
from leadwake.storage.db import migrate
from leadwake.storage.embedded import EmbeddedServer
from leadwake.workflows.office import Office
from office_case import House, a_house, hire, with_database

# how long an example takes is the machine's word, not ours
hypothesis.settings.register_profile("leadwake", deadline=None)
hypothesis.settings.load_profile("leadwake")

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # begun in the background by a shell: what we start would ignore it, too
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED = Path(__file__).parents[1] / ".." / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--crash-long", action="store_true", help="the long kill tests (make crash)")
    parser.addoption("--n8n", default=None, help="where n8n is installed, for the lane against a real one (make n8n)")
    parser.addoption("--gate-cases", type=int, default=3000, help="random cases the gate is held against")


@pytest.fixture(scope="session", autouse=True)
def _quiet_logs() -> None:
    log.setup("ERROR")
    structlog.configure(cache_logger_on_first_use=False)  # a test may listen in, on a stream that ends with it


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared folder of vendors' contracts and data: needed in CI, a clear skip elsewhere."""
    if not SHARED.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("../shared is absent, and CI never skips")
        pytest.skip("../shared is absent: vendors' contracts and data are not part of this repository")
    return SHARED.resolve()


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A directory that any account can reach; gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="lwt-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    root.chmod(0o755)
    yield root
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def template_url(place: Path) -> Iterator[str]:
    """The URL of a database that is migrated and empty; others are cloned from it."""

    async def begin() -> tuple[EmbeddedServer, str]:
        server = EmbeddedServer(place / "pg", fsync=False)
        url = await server.start()
        await migrate(url)
        with psycopg.connect(url, autocommit=True) as connection:
            # every test logs in several times: one round of hashing where a real server has 4,096
            connection.execute("set scram_iterations = 1")
            connection.execute(sql.SQL("alter role leadwake password {}").format(connection.info.password))
            # as if somebody had chosen: leads of a test are in no sequence but the test's own
            connection.execute("insert into sequence_version values ('none', 1, '', '2026-11-01Z')")
        return server, url

    server, url = asyncio.run(begin())
    yield url
    asyncio.run(server.stop())


@pytest.fixture
def database_url(template_url: str) -> Iterator[str]:
    """A fresh database of this test's own."""
    name = f"t_{uuid4().hex[:12]}"
    admin = with_database(template_url, "postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'create database "{name}" template leadwake strategy file_copy'.encode())
    yield with_database(template_url, name)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)'.encode())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """No vendor set up, a data directory of this test's own."""
    return load({"LEADWAKE_DATA_DIR": str(tmp_path / "data"), "LEADWAKE_BUSINESS_NAME": "Example Realty"})


@pytest.fixture
async def office(database_url: str, settings: Settings) -> AsyncIterator[Office]:
    """An office with one agent and every vendor in practice at an address where nobody listens."""
    practice = replace(settings, sandbox_url="http://127.0.0.1:9")
    settings.data_dir.mkdir(mode=0o700, parents=True)
    office, _ = await open_office(practice, database_url, pool=6)
    await hire(office)
    yield office
    await office.db.close()


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """Everything at work: the application, workers, the sandbox vendors; business time stands at a Tuesday's noon."""
    async with a_house(database_url, tmp_path / "data") as running:
        yield running


@pytest.fixture
async def idle_house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """The same with nobody at work yet: what is taken in stays planned."""
    async with a_house(database_url, tmp_path / "data", at_work=False) as running:
        yield running
