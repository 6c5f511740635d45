"""/setup/audit: who did what and when; searched by person, kind, lead and time, exported, held against its seals."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Request
from psycopg import errors
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from leadwake.domain import audit_words
from leadwake.storage import audit_log, events, observed
from leadwake.storage.audit_log import Cursor, Event, Found, Query
from leadwake.storage.events import record
from leadwake.web.limits import an_export
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, see
from leadwake.web.pages.setup import Admin
from leadwake.web.read_api import parse_id
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

_VERIFIED: Final = "SEEN_AUDIT"
#: seals that the button looks at, the newest; the whole chain is `leadwake audit verify`
VERIFY_BLOCKS: Final = 100
_verifying = asyncio.Semaphore(1)

_COLUMNS: Final = ("id", "at_utc", "written_utc", "actor", "who", "kind", "what", "lead_id", "data")


class Verified(msgspec.Struct, frozen=True):
    """The last look at the seals. events: how many were held against them; problems: at most five."""

    at: datetime
    events: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One event in words."""

    event: Event
    who: str
    what: str
    about: str


@dataclass(frozen=True, slots=True)
class Sieve:
    """The form as it was filled in, and what it asks for. wrong: field → what to mend."""

    given: Mapping[str, str]
    query: Query
    wrong: Mapping[str, str]

    @property
    def link(self) -> str:
        """The same search as a query string."""
        return urlencode({name: value for name, value in self.given.items() if value})


@router.get("/setup/audit")
async def audit(request: Request, person: Admin, before: str = "") -> Response:
    """A page of the log, newest first; the log's state beside it."""
    del person
    office: Office = request.app.state.office
    sieve = _sieve(request, office.settings.time_zone)
    found, too_long = Found([], None), False
    if not sieve.wrong:
        try:
            found = await audit_log.search(office.db, sieve.query, Cursor.read(before))
        except errors.QueryCanceled:
            too_long = True
    teller = await _teller(office)
    return await view.page(
        request, "audit.html", here="setup", tab="audit", status=422 if sieve.wrong else 200, sieve=sieve,
        rows=[teller.row(event) for event in found.events], next=found.next, too_long=too_long, is_first=not before,
        kinds=await _kinds(office), actors=await _actors(office, teller), seals=await audit_log.seals(office.db),
        verified=await observed.read(office.db, office.vault, _VERIFIED, Verified), most=audit_log.MOST_EXPORTED,
    )  # fmt: skip


@router.get("/setup/audit.csv")
async def export(request: Request, person: Admin) -> Response:
    """Everything that fits as a CSV file, formulas made harmless; that it was taken stands in the log itself."""
    office: Office = request.app.state.office
    an_export(request, person.id)
    sieve = _sieve(request, office.settings.time_zone)
    if sieve.wrong:
        raise HTTPException(400)
    teller = await _teller(office)
    async with office.db.transaction() as connection:
        by = sorted(name for name, value in sieve.given.items() if value)
        await record(connection, office.clock.now(), f"user {person.id}", "audit_exported", by=by)
    headers = {**view.headers(), "Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(_lines(office, sieve.query, teller), 200, headers, "text/csv; charset=utf-8")


@router.post("/setup/audit/verify")
async def verify(request: Request, person: Admin) -> Response:
    """The newest events have been held against their seals; one look at a time."""
    office: Office = request.app.state.office
    async with _verifying:
        count, problems = await events.verify_newest(office.db, VERIFY_BLOCKS)
    found = Verified(office.clock.now(), count, tuple(problems[:5]))
    async with office.db.transaction() as connection:
        await observed.note(connection, office.vault, _VERIFIED, found)
        await record(connection, found.at, f"user {person.id}", "audit_verified", events=count, problems=len(problems))
    return see("/setup/audit#seals")


@dataclass(frozen=True, slots=True)
class _Teller:
    """Who is who, for one page."""

    names: Mapping[UUID, str]
    keys: Mapping[str, str]

    def who(self, actor: str) -> str:
        return audit_words.actor(actor, self.names, self.keys)

    def row(self, event: Event) -> Row:
        by = event.data.get("by")
        what = audit_words.kind(event.kind, by if isinstance(by, str) else None)
        return Row(event, self.who(event.actor), what, audit_words.particulars(event.data, self.names))


async def _teller(office: Office) -> _Teller:
    rows = [*await office.db.all("api_keys"), *await office.db.all("api_clients")]
    keys = {row["id"]: row["name"] for row in rows}
    return _Teller({person.id: person.name for person in office.team}, keys)


async def _kinds(office: Office) -> list[tuple[str, str]]:
    found = [(kind, audit_words.kind(kind)) for kind in await audit_log.kinds(office.db)]
    return sorted(found, key=lambda pair: pair[1].lower())


async def _actors(office: Office, teller: _Teller) -> list[tuple[str, str]]:
    found = [(actor, teller.who(actor)) for actor in await audit_log.actors(office.db)]
    return sorted(found, key=lambda pair: pair[1].lower())


def _sieve(request: Request, zone: ZoneInfo) -> Sieve:
    asked = request.query_params
    given = {name: asked.get(name, "").strip()[:100] for name in ("actor", "kind", "lead", "since", "until")}
    given = {name: value.replace("\0", "") for name, value in given.items()}
    wrong: dict[str, str] = {}
    lead_id = parse_id(given["lead"].rpartition("/")[2]) if given["lead"] else None
    if given["lead"] and lead_id is None:
        wrong["lead"] = "Paste the lead's id, or the address of its page."
    since, until = _day(given, "since", zone, wrong), _day(given, "until", zone, wrong)
    if until is not None:
        until += timedelta(days=1)  # the whole day counts
    return Sieve(given, Query(given["actor"] or None, given["kind"] or None, lead_id, since, until), wrong)


def _day(given: Mapping[str, str], name: str, zone: ZoneInfo, wrong: dict[str, str]) -> datetime | None:
    """Midnight on the team's clock. None where nothing was given or it is no day."""
    if not given[name]:
        return None
    try:
        found = date.fromisoformat(given[name])
        if not 2000 <= found.year < 2200:
            raise ValueError
    except ValueError:
        wrong[name] = "Write a day, such as 2026-11-24."
        return None
    return datetime.combine(found, time(), zone)


async def _lines(office: Office, query: Query, teller: _Teller) -> AsyncIterator[str]:
    yield _csv([_COLUMNS])
    async for batch in audit_log.export(office.db, query):
        yield _csv(_cells(teller.row(event)) for event in batch)


def _cells(row: Row) -> list[str]:
    event = row.event
    values = (
        str(event.id), event.at.isoformat(), event.real_at.isoformat(), event.actor, row.who, event.kind, row.what,
        str(event.lead_id or ""), msgspec.json.encode(event.data).decode(),
    )  # fmt: skip
    return [audit_log.cell(value) for value in values]


def _csv(rows: Iterable[Iterable[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
