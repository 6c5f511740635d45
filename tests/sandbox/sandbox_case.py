"""What the sandbox's tests share: a running sandbox, and a product's hook that writes down what it is sent."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from leadwake.sandbox.server import serve

SPECS = Path(__file__).parents[2] / ".." / "shared" / "vendor-specs"

ACCOUNT = "AC" + "a" * 32
TOKEN = "an invented auth token"
MESSAGES = f"/twilio/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
CONTACTS = "/hubspot/crm/v3/objects/contacts"
BEARER = {"authorization": "Bearer an-invented-key"}
MEI = "+15025550192"
OUR_NUMBER = "+15005550006"

#: A condition that has not come true by then never will.
LIMIT_S = 10.0


def specs() -> Path:
    """The folder of the vendors' contracts; skips where it is not, fails where it must be (CI)."""
    if not SPECS.is_dir():
        line = "the vendors' OpenAPI files are not beside this checkout (../shared/vendor-specs)"
        if os.environ.get("CI") == "true":
            pytest.fail(line)
        pytest.skip(line)
    return SPECS


class Visitor:
    """Somebody who calls the sandbox over real HTTP."""

    def __init__(self, base: str, http: httpx.AsyncClient) -> None:
        self.base = base
        self.http = http

    @property
    def port(self) -> int:
        return int(self.base.rsplit(":", 1)[1])

    async def behave(self, vendor: str, **order: object) -> dict[str, Any]:
        answer = await self.http.put(f"/behaviour/{vendor}", json=order)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def text(self, **fields: str) -> httpx.Response:
        form = {"To": MEI, "From": OUR_NUMBER, "Body": "Hi Mei"} | fields
        return await self.http.post(MESSAGES, data=form, auth=(ACCOUNT, TOKEN))

    async def texts(self, **query: str) -> list[dict[str, Any]]:
        answer = await self.http.get(MESSAGES, params=query, auth=(ACCOUNT, TOKEN))
        assert answer.status_code == 200, answer.text
        return answer.json()["messages"]  # type: ignore[no-any-return]

    async def mail(self, **fields: object) -> httpx.Response:
        return await self.http.post("/sendgrid/v3/mail/send", json=a_mail() | fields, headers=BEARER)

    async def received(self, **query: object) -> list[dict[str, Any]]:
        answer = await self.http.get("/received", params=query)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def raw(self, sent: bytes) -> bytes:
        """Everything that comes back for these bytes until the connection ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(sent)
            writer.write_eof()
            async with asyncio.timeout(LIMIT_S):
                return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Returns once it holds; fails after LIMIT_S."""
    async with asyncio.timeout(LIMIT_S):
        while not await holds():  # noqa: ASYNC110 - what is awaited lies behind HTTP
            await asyncio.sleep(0.01)


def a_mail() -> dict[str, Any]:
    return {
        "personalizations": [
            {"to": [{"email": "mei@example.com", "name": "Mei"}], "custom_args": {"action_id": "7", "attempt_id": "9"}}
        ],
        "from": {"email": "team@example.org", "name": "Example Realty"},
        "subject": "Your question",
        "headers": {"Message-ID": "<7@example.org>"},
        "content": [{"type": "text/plain", "value": "Hi Mei"}, {"type": "text/html", "value": "<p>Hi <b>Mei</b></p>"}],
    }


@asynccontextmanager
async def running_sandbox(product_url: str | None = None) -> AsyncIterator[Visitor]:
    """A sandbox on a free port, stopped cleanly at the end."""
    stop, base = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve("127.0.0.1", 0, product_url=product_url, ready=base.set_result, stop=stop))
    await asyncio.wait({base, serving}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    async with httpx.AsyncClient(base_url=base.result(), timeout=LIMIT_S, trust_env=False, verify=False) as http:
        yield Visitor(base.result(), http)
    stop.set()
    await serving


@dataclass
class Hook:
    """The product's side: takes posts and keeps them. answers: statuses it gives, the last one for ever."""

    url: str = ""
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=lambda: [204])

    async def until(self, holds: Callable[[Hook], bool]) -> None:
        """Returns once it holds; fails after LIMIT_S."""

        async def check() -> bool:
            return holds(self)

        await until(check)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
                body = await reader.readexactly(int(headers["content-length"]))
                self.posts.append((first.split(" ")[1], headers, body))
                status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                writer.write(b"HTTP/1.1 %d X\r\ncontent-length: 0\r\n\r\n" % status)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def a_hook() -> AsyncIterator[Hook]:
    """A listening hook on this machine."""
    hook = Hook()
    server = await asyncio.start_server(hook.take, "127.0.0.1", 0)
    hook.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield hook
    finally:
        server.close()
