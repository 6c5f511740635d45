"""Who looks at the team's websites: told by our script, somebody's only once they send something from that browser.

Nothing is kept of where they came from. What is nobody's within 30 days is gone (ops/retention.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
import psycopg
from psycopg.rows import DictRow

from leadwake import log
from leadwake.domain.visits import Beat, Page, Visit, fold, news_of, read_path
from leadwake.domain.website import Website
from leadwake.errors import DatabaseAway, Unparsable
from leadwake.storage import scores
from leadwake.storage import visits as rows
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: what was looked at before somebody said who they are is theirs so far back
BACK: Final = timedelta(days=30)
MAX_BODY: Final = 8 * 1024
_MAX_BEATS: Final = 5
_LONGEST_S: Final = 4 * 3_600
#: leads at once, and page views of each
_LEADS, _VIEWS = 20, 1_000


class _Told(msgspec.Struct):
    p: str
    s: float = 0.0
    n: bool = False


class _Body(msgspec.Struct):
    """v: what the browser calls itself. beats: pages, the seconds they were in sight, whether they were opened."""

    v: str
    beats: list[_Told] = msgspec.field(default_factory=list)
    forget: bool = False


async def told(office: Office, website: Website, body: bytes) -> None:
    """What a page's script tells stands in the database, or is forgotten. Raises Unparsable, DatabaseAway."""
    try:
        given = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Unparsable("that is not what our script sends") from None
    visitor = visitor_of(office, website, given.v)
    if visitor is None or len(given.beats) > _MAX_BEATS:
        raise Unparsable("that is not what our script sends")
    if given.forget:
        await office.db.run("visitor_forget", visitor=visitor)
        return
    beats = [(path, beat) for beat in given.beats if (path := read_path(beat.p))]
    if beats:
        await office.db.run(
            "page_views_add",
            visitor=visitor,
            website_id=website.id,
            now=office.clock.now(),
            paths=[path for path, _ in beats],
            seconds=[round(min(max(beat.s, 0.0), _LONGEST_S)) for _, beat in beats],
            news=[beat.n for _, beat in beats],
        )


def visitor_of(office: Office, website: Website, said: str) -> bytes | None:
    """What stands for a browser of this website; None for what no script of ours made up."""
    if not 16 <= len(said) <= 64 or not said.isascii():
        return None
    return office.vault.blind("visitor", f"{website.origin} {said}")[:16]


async def attach(office: Office, website: Website, said: str, lead_id: UUID) -> None:
    """The browser is this lead's from now on, and what it looked at in 30 days. Never fails what it follows."""
    visitor, now = visitor_of(office, website, said), office.clock.now()
    if visitor is None:
        return
    # the lead may be erased a moment later: then there is nothing to attach
    with suppress(DatabaseAway, psycopg.errors.ForeignKeyViolation):
        await office.db.run("visitor_attach", visitor=visitor, lead_id=lead_id, now=now, oldest=now - BACK)


async def gather(office: Office) -> int:
    """What leads looked at stands with them as visits; of how many leads. Raises DatabaseAway."""
    waiting = await office.db.all("visits_waiting", limit=_LEADS)
    for row in waiting:
        try:
            async with office.db.transaction() as connection:
                await _gather(office, connection, row["lead_id"])
        except DatabaseAway:
            raise
        except Exception:  # one lead's trouble is no other's
            _log.exception("visits_not_gathered", lead=str(row["lead_id"]))
    return len(waiting)


async def _gather(office: Office, connection: Connection, lead_id: UUID) -> None:
    values = {"lead_id": lead_id}
    lead = await (await connection.execute(q("visits_lead"), values)).fetchone()
    taken = await (await connection.execute(q("page_views_take"), {**values, "limit": _VIEWS})).fetchall()
    if lead is None or not taken:
        return
    key = office.vault.open_data_key(lead["data_key_id"], lead["kek_id"], lead["wrapped"])
    found = await (await connection.execute(q("visits_newest"), values)).fetchall()
    known = {row["website_id"]: _visit(row, rows.opened(key, row["sealed"])) for row in found}
    count, now = found[0]["visits"] if found else 0, office.clock.now()
    for visit in fold(known, [Beat(**row) for row in taken]):
        visit_id = visit.id or new_id()
        is_return = count > (0 if visit.id is None else 1)
        before = known.get(visit.website_id)
        if codes := news_of(visit, before if visit.id else None, is_return=is_return):
            await scores.add(connection, lead_id, visit_id, now, codes)
        written = {name: getattr(visit, name) for name in ("website_id", "started_at", "last_at", "seconds", "views")}
        sealed = rows.sealed(key, visit.pages)
        await connection.execute(q("visit_write"), {**written, **values, "id": visit_id, "sealed": sealed})
        if visit.id is None:
            count += 1
            await _record(connection, now, lead_id, visit_id, visit, count)
    await connection.execute("select pg_notify('leadwake_live', %s)", [str(lead_id)])


async def _record(connection: Connection, now: datetime, lead_id: UUID, visit_id: UUID, visit: Visit, nth: int) -> None:
    await record(
        connection, now, "lead", "visited", lead_id=lead_id, visit=str(visit_id), website=str(visit.website_id),
        started_at=visit.started_at.isoformat(), nth=nth,
    )  # fmt: skip


def _visit(row: DictRow, pages: Sequence[Page]) -> Visit:
    names = ("id", "website_id", "started_at", "last_at", "seconds", "views")
    return Visit(**{name: row[name] for name in names}, pages=pages)
