"""The database server: of this version, safe with what it is given, and telling at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

from psycopg.rows import DictRow

from leadwake.ops.doctor.finding import Finding, failed, ok, warning
from leadwake.settings import Settings
from leadwake.storage.db import Connection, pending_migrations, q

_CHANNEL = "leadwake_doctor"
_NOTIFIED_WITHIN_S = 3.0
_SKEW_S = 5.0


async def findings(settings: Settings, listening: Connection, telling: Connection) -> AsyncIterator[Finding]:
    """Everything about the server. listening, telling: two connections of their own."""
    row = await (await telling.execute(q("doctor_server"))).fetchone()
    assert row is not None
    for found in of_server(settings, row, datetime.now(UTC)):
        yield found
    if pending := await pending_migrations(telling):
        yield failed("migrations", f"{len(pending)} have not run, from {pending[0]}", "leadwake migrate")
    else:
        yield ok("migrations", "the database is at this version")
    yield await _notifications(listening, telling)


def of_server(settings: Settings, row: DictRow, real: datetime) -> Iterator[Finding]:
    """What a row of `doctor_server` says. real: this machine's time."""
    where = "embedded" if settings.is_embedded else "at LEADWAKE_DATABASE_URL"
    yield ok("database", f"PostgreSQL {row['version'].split()[0]}, {where}")
    yield from _safety(row)
    skew_s = (row["now"] - real).total_seconds()
    if abs(skew_s) > _SKEW_S:
        text = f"the database server's clock is {skew_s:+.0f} s from this machine's"
        yield failed("clock", text, "keep both by NTP: leases and quiet hours go by them")


def _safety(row: DictRow) -> list[Finding]:
    found = []
    if row["is_replica"]:
        found.append(failed("database", "it is a read-only replica", "point LEADWAKE_DATABASE_URL at the primary"))
    if "off" in (row["fsync"], row["full_page_writes"]) or row["synchronous_commit"] == "off":
        text = "fsync, full_page_writes or synchronous_commit is off: a power cut loses acknowledged leads"
        found.append(warning("database", text, "turn them on in postgresql.conf"))
    if row["encoding"] != "UTF8":
        found.append(failed("database", f"its encoding is {row['encoding']}", "make a database with encoding UTF8"))
    return found


async def _notifications(listening: Connection, telling: Connection) -> Finding:
    """Tried, not guessed: a transaction pooler takes LISTEN and forgets it."""
    await listening.execute(f"listen {_CHANNEL}")
    await telling.execute("select pg_notify(%s, '')", [_CHANNEL])
    try:
        async with asyncio.timeout(_NOTIFIED_WITHIN_S):
            async for _ in listening.notifies(stop_after=1):
                return ok("notifications", "arrive")
    except TimeoutError:
        pass
    return failed(
        "notifications", "LISTEN hears nothing: there is a transaction pooler in between",
        "give LEADWAKE_DATABASE_URL a direct connection, or a pooler in session mode",
    )  # fmt: skip
