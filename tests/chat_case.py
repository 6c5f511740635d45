"""What the tests of chats share: a website with the chat, and visitors whose browsers speak to us from there."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec

from leadwake.storage.staff import Person
from leadwake.workflows import websites
from leadwake.workflows.office import Office
from office_case import LIMIT_S, House

SITE = "https://www.example.com"
MARIA = {"name": "Maria Lopez", "contact": "813 555 0142", "message": "Is 12 Oak St still open?"}


async def with_chat(office: Office, person: Person, address: str = "example.com") -> UUID:
    """A website of the team's whose pages have the chat; its id."""
    await websites.add(office, address, person)
    added = (await websites.everything(office))[-1].website.id
    await websites.choose(office, added, ["chat"], person)
    return added


@dataclass
class Visitor:
    """A browser on a page of the team's, as our script speaks to us."""

    http: httpx.AsyncClient
    id: str = field(default_factory=lambda: str(uuid4()))
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    async def begin(self, **changes: Any) -> httpx.Response:
        """The small form is sent."""
        return await self.http.post("/embed/chat", json={"id": self.id, "token": self.token, **MARIA, **changes})

    async def ask(self, what: str, **given: Any) -> httpx.Response:
        """Anything of the chat."""
        return await self.http.post(f"/embed/chat/{self.id}/{what}", json={"token": self.token, **given})

    async def say(self, text: str, ref: str | None = None) -> httpx.Response:
        return await self.ask("messages", ref=ref or str(uuid4()), text=text)

    async def lines(self, after: int = 0) -> list[dict[str, Any]]:
        """What stands there, [{"number", "side", "text", "by", "ref", "at"}]."""
        answer = await self.ask("lines", after=after)
        assert answer.status_code == 200, answer.text
        return answer.json()["lines"]  # type: ignore[no-any-return]

    @asynccontextmanager
    async def stream(self, after: int = 0) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """What comes, as it comes."""
        body = {"token": self.token, "after": after}
        async with self.http.stream("POST", f"/embed/chat/{self.id}/stream", json=body) as response:
            assert response.status_code == 200, response.status_code
            yield _events(response)


async def _events(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    async for line in response.aiter_lines():
        if line.startswith("data: "):
            yield msgspec.json.decode(line[6:])


@asynccontextmanager
async def visitor(house: House, origin: str | None = SITE) -> AsyncIterator[Visitor]:
    """Somebody on a page of that origin."""
    headers = {"Origin": origin} if origin else {}
    async with httpx.AsyncClient(
        base_url=house.url, headers=headers, timeout=LIMIT_S, trust_env=False, verify=False
    ) as http:
        yield Visitor(http)
