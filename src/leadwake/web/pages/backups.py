"""/setup/backups: the last one, what is kept, how the rehearsal went; and after a restore, what waits for a look."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from leadwake.ops import backups
from leadwake.ops.doctor import Level
from leadwake.ops.doctor import backups as lights
from leadwake.storage import backups as files
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

_PLACE: Final = "/setup/backups"
#: how many stand on the page
_SHOWN: Final = 20


@router.get(_PLACE)
async def show(request: Request, person: Admin, done: str = "") -> Response:
    """The page. done: what a button did a moment ago."""
    del person
    office: Office = request.app.state.office
    settings = office.base_settings
    found, bad = await asyncio.to_thread(files.found, settings.backup_dir)  # a disk may be slow
    async with office.db.connection() as connection:
        rehearsal = await backups.newest_rehearsal(connection)
    findings = [one async for one in lights.findings(office)]
    return await view.page(
        request, "backups.html", here="setup", tab="backups", done=done, standing=await backups.standing(office),
        files=found[:_SHOWN], bad=bad, rehearsal=rehearsal, waiting=await backups.waiting(office),
        wrong=[one for one in findings if one.level in {Level.FAILED, Level.WARNING} and one.about != "restore"],
        recent=await office.db.all("backups_recent", limit=_SHOWN), folder=settings.backup_dir,
        vault_dir=settings.vault_dir, keep=settings.backup_keep, real=datetime.now(UTC),
    )  # fmt: skip


@router.post(_PLACE)
async def ask(request: Request, person: Admin) -> Response:
    """A backup is made within half a minute, by whichever process makes the day's."""
    await backups.ask(request.app.state.office, f"user {person.id}")
    return see(f"{_PLACE}?done=asked")


@router.post(f"{_PLACE}/release")
async def release(request: Request, person: Admin) -> Response:
    """Somebody has looked after a restore: what waited goes, or is cancelled."""
    given, office = await fields(request), request.app.state.office
    await backups.release(office, f"user {person.id}", sends=given.get("waited") == "send")
    return see(f"{_PLACE}?done=released")
