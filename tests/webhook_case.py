"""What the tests of outgoing webhooks share: a receiver on loopback, and an independent look at signatures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from leadwake.storage.staff import Person
from leadwake.workflows import webhook_endpoints
from office_case import House, until


@dataclass(frozen=True)
class Got:
    """One request as it arrived."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)  # type: ignore[no-any-return]

    @property
    def type(self) -> str:
        return str(self.json["type"])


@dataclass
class Receiver:
    """Answers `status` (those of `script` first), after `hold` where one is set; keeps what came."""

    url: str = ""
    status: int = 200
    script: list[int] = field(default_factory=list)
    headers: str = ""
    hold: asyncio.Event | None = None
    got: list[Got] = field(default_factory=list)
    connections: int = 0

    async def hears(self, count: int, type_: str | None = None, *, limit_s: float = 30.0) -> list[Got]:
        """Those of this type, once there are so many."""

        async def holds() -> bool:
            return len(self.of(type_)) >= count

        await until(holds, limit_s=limit_s)
        return self.of(type_)

    def of(self, type_: str | None) -> list[Got]:
        return [one for one in self.got if type_ is None or one.type == type_]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")[1:]
                headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
                body = await reader.readexactly(int(headers["content-length"]))
                self.got.append(Got(headers, body))
                if self.hold is not None:
                    await self.hold.wait()
                status = self.script.pop(0) if self.script else self.status
                writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n{self.headers}\r\n".encode())
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def a_receiver(**about: Any) -> AsyncIterator[Receiver]:
    """Somebody's server on this machine."""
    receiver = Receiver(**about)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook/7f3a"
    try:
        yield receiver
    finally:
        if receiver.hold is not None:
            receiver.hold.set()
        server.close()


async def subscribe(house: House, url: str, *types: str, by: Person | None = None) -> tuple[UUID, str]:
    """An endpoint of the house; its id and secret."""
    person = by or house.office.team[0]
    return await webhook_endpoints.add(house.office, url, types, person)


def is_signed(got: Got, secret: str) -> bool:
    """By the reference library: nothing of ours."""
    try:
        Webhook(secret).verify(got.body, dict(got.headers))
    except WebhookVerificationError:
        return False
    return True
