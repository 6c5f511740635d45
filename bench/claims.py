"""How long it takes until fifty people who press Claim at once all know whose the lead is: over HTTP, as phones do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import httpx

from bench.installation import Failed, Installation
from leadwake.bootstrap import office_at
from leadwake.storage import staff
from leadwake.storage.db import q
from leadwake.web.sessions import COOKIE

PEOPLE = 50
_LEAD = {
    "name": "Maria Lopez", "interest": "sell_home", "timeline": "ASAP", "budget": "450000",
    "message": "Need to sell fast, please call me today, I have a real deadline",
}  # fmt: skip


async def team(installation: Installation) -> Sequence[str]:
    """The cookies of fifty managers who take leads, so that each may claim any lead, whomever it is offered to."""
    async with office_at(installation.settings(), installation.database, pool=2) as office:
        cookies = []
        for number in range(PEOPLE):
            person = await staff.add(
                office.db, office.vault, name=f"Claimer {number}", email=f"claimer{number}@example-realty.example",
                phone=f"+1813555{300 + number:04d}", role="manager", takes_leads=True,
            )  # fmt: skip
            cookies.append(await staff.start_session(office.db, person.id, via="password", agent_text=""))
        async with office.db.connection() as connection:
            await connection.execute(q("office_changed"))
    await asyncio.sleep(1)  # the web hears of them
    return cookies


async def measure(installation: Installation, cookies: Sequence[str], number: int) -> float:
    """Milliseconds from the first press to the last answer. Raises Failed unless one of them has the lead."""
    base, key = f"http://127.0.0.1:{installation.port}", {"Authorization": f"Bearer {installation.api_key}"}
    limits = httpx.Limits(max_connections=PEOPLE, max_keepalive_connections=PEOPLE)
    async with httpx.AsyncClient(base_url=base, limits=limits, timeout=30, trust_env=False) as client:
        lead = _LEAD | {"email": f"maria{number}@example.com", "phone": f"813 555 {7000 + number:04d}"}
        lead_id = (await client.post("/v1/leads", json=lead, headers=key)).json()["lead_id"]

        async def press(cookie: str) -> str:
            headers = {"Cookie": f"{COOKIE}={cookie}", "Sec-Fetch-Site": "same-origin"}
            return str((await client.post(f"/leads/{lead_id}/claim", headers=headers)).headers.get("location"))

        began = time.perf_counter()
        told = await asyncio.gather(*(press(cookie) for cookie in cookies))
        took_ms = (time.perf_counter() - began) * 1000
    if sum("said=claimed" in each for each in told) != 1 or sum("said=taken" in each for each in told) != PEOPLE - 1:
        raise Failed(f"fifty claims: {sorted(set(told))[:3]}")
    return took_ms
