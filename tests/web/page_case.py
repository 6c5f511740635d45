"""What the tests of the pages share: members of the team with a password, and their browsers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from leadwake.storage import tasks
from leadwake.storage.credentials import hash_password
from leadwake.storage.staff import Person
from office_case import LIMIT_S, House, hire

PASSWORD = "four quiet harbour seals"


async def admin(house: House, **changes: Any) -> Person:
    """Alex, who may do everything."""
    about = {
        "name": "Alex Admin", "email": "alex@example.com", "phone": "+18135550170", "role": "admin",
        "takes_leads": False, "practice": False, "password_hash": hash_password(PASSWORD),
    } | changes  # fmt: skip
    return await hire(house.office, **about)


@asynccontextmanager
async def browser(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with a browser, not logged in."""
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(
        base_url=house.url, headers=headers, timeout=LIMIT_S, trust_env=False, verify=False
    ) as client:
        yield client


@asynccontextmanager
async def logged_in(house: House, email: str = "alex@example.com") -> AsyncIterator[httpx.AsyncClient]:
    """A member of the team at the page."""
    async with browser(house) as client:
        answer = await client.post("/login", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        yield client


async def waits(house: House, lead_id: UUID, kind: tasks.Kind, *, due_in_min: int = 5, **more: Any) -> UUID:
    """Something waits about the lead, and every open page knows; the task's id."""
    async with house.office.db.transaction() as connection:
        due_at = house.now + timedelta(minutes=due_in_min)
        await tasks.open_task(connection, lead_id, kind, house.now, due_at=due_at, **more)
        await connection.execute("select pg_notify('leadwake_live', %s)", [str(lead_id)])
    rows = await house.rows("select id from task where lead_id = %s and kind = %s and done_at is null", lead_id, kind)
    return UUID(str(rows[0]["id"]))
