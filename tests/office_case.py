"""What the tests of the core share: a whole house in one process, everything real and on loopback.

The application on a socket, workers, the sandbox vendors over HTTP, one database of the test's own. Clients do not
verify: there is no TLS on loopback, and reading the world's certificates takes each of them 20 ms.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlencode

import httpx
import psycopg

from leadwake.bootstrap import open_office
from leadwake.clock import Clock
from leadwake.config import load
from leadwake.sandbox.server import serve
from leadwake.settings import Settings
from leadwake.storage import ledger, staff
from leadwake.storage.credentials import new_api_key
from leadwake.storage.db import Database
from leadwake.storage.wakeups import QUEUES
from leadwake.vendors import PRACTICE_VALUES
from leadwake.web.app import create_app
from leadwake.web.server import serve_app
from leadwake.workers import Workers
from leadwake.workflows.office import Office

#: a condition that has not come true by then never will
LIMIT_S = 30.0
#: a Tuesday, 12:00 in New York, 9:00 in Los Angeles: open hours wherever the test's people live
NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


async def until(holds: Callable[[], Awaitable[object]], *, limit_s: float = LIMIT_S) -> None:
    """Returns once it holds; fails after limit_s."""
    async with asyncio.timeout(limit_s):
        while not await holds():  # noqa: ASYNC110 - what is awaited lies behind the database or HTTP
            await asyncio.sleep(0.02)


def practice(data_dir: Path, **more: str) -> Settings:
    """Settings as a first start has them, each vendor still without an address."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return load({
        "LEADWAKE_DATA_DIR": str(data_dir), "LEADWAKE_BUSINESS_NAME": "Example Realty",
        **{f"LEADWAKE_{name}": value for name, value in more.items()},
    })  # fmt: skip


async def hire(office: Office, **changes: Any) -> staff.Person:
    """One agent more."""
    about: dict[str, Any] = {
        "name": "Dana Reyes", "email": "dana@example.com", "phone": "+18135550101", "role": "agent",
        "takes_leads": True, "practice": True,
    } | changes  # fmt: skip
    person = await staff.add(office.db, office.vault, **about)
    await office.refresh()
    return person


async def api_key(office: Office, *scopes: str) -> str:
    """A key as `api-key create` makes it."""
    key = new_api_key()
    await office.db.run(
        "api_key_add",
        id=key.id,
        name="test",
        secret_hash=key.hash,
        scopes=list(scopes or ("leads:write", "leads:read")),
    )
    return key.text


@asynccontextmanager
async def a_sandbox(product_url: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """The stand-in vendors on a free port; a client that speaks to them."""
    stop, base = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve("127.0.0.1", 0, product_url=product_url, ready=base.set_result, stop=stop))
    await asyncio.wait({base, serving}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    async with httpx.AsyncClient(base_url=base.result(), timeout=LIMIT_S, trust_env=False, verify=False) as http:
        yield http
    stop.set()
    await serving


@asynccontextmanager
async def working(office: Office) -> AsyncIterator[Workers]:
    """The workers of one process at work, stopped cleanly at the end."""
    workers, stop = Workers(office), asyncio.Event()
    running = asyncio.create_task(workers.run(QUEUES, stop))
    try:
        yield workers
    finally:
        stop.set()
        await running


@asynccontextmanager
async def served(office: Office, listening: socket.socket | None = None) -> AsyncIterator[str]:
    """The real application on a loopback socket; its URL."""
    listening = listening or a_socket()
    stop = asyncio.Event()
    app = create_app(office)
    serving = asyncio.create_task(serve_app(app, listening, stop))
    url = url_of(listening)
    async with httpx.AsyncClient(base_url=url, trust_env=False, verify=False) as probe:

        async def answers() -> bool:
            try:
                return (await probe.get("/healthz")).status_code == 200
            except httpx.TransportError:
                return False

        await until(answers)
    try:
        yield url
    finally:
        stop.set()
        await serving


def a_socket() -> socket.socket:
    """A listening socket on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    listening.setblocking(False)
    return listening


def url_of(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@dataclass
class Wheel:
    """The real time, and how far the test has turned it on."""

    offset_s: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.offset_s


@dataclass
class House:
    """Everything running: the product at `url`, the stand-ins behind `sandbox`."""

    office: Office
    url: str
    sandbox: httpx.AsyncClient
    http: httpx.AsyncClient
    key: str
    wheel: Wheel
    workers: Workers | None = None
    _refs: int = field(default=0)

    @property
    def now(self) -> datetime:
        return self.office.clock.now()

    def advance(self, by: timedelta) -> None:
        """Business time stands later by this much, for everybody in the house."""
        self.wheel.offset_s += by.total_seconds()

    async def post(self, lead: Mapping[str, Any], **headers: str) -> httpx.Response:
        """One lead to the API."""
        return await self.http.post("/v1/leads", json=lead, headers=headers)

    async def timeline(self, lead_id: str) -> list[dict[str, Any]]:
        answer = await self.http.get(f"/v1/leads/{lead_id}/timeline")
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def action(self, cause: str, kind: str) -> dict[str, Any]:
        """The action of an inquiry."""
        return (await self.rows("select * from action where cause_id = %s::uuid and kind = %s", cause, kind))[0]

    async def reaches(self, cause: str, kind: str, *states: str) -> dict[str, Any]:
        """The action of an inquiry, once it has come to one of the states."""
        found: dict[str, Any] = {}

        async def holds() -> bool:
            found.update(await self.action(cause, kind))
            return found["state"] in states

        await until(holds)
        return found

    async def leases_pass(self) -> None:
        """Real time goes on for everything under way: leases end, and whoever looks again may do so now."""
        await self.rows(
            "update action set lease_until = lease_until - interval '60 seconds', "
            "wake_at = wake_at - interval '60 seconds' where state = 'sending'"
        )

    async def wakes(self) -> None:
        """What is due is looked at by the pump's next turn, a moment from now, rather than when its own time comes."""
        await self.rows(
            "update action set wake_at = now() where state in ('planned', 'deferred') and due_at <= %s", self.now
        )

    async def behave(self, vendor: str, **order: object) -> None:
        answer = await self.sandbox.put(f"/behaviour/{vendor}", json=order)
        assert answer.status_code == 200, answer.text

    async def texts(self) -> list[dict[str, str]]:
        """Every text the stand-in took, oldest first: {To, From, Body, StatusCallback}."""
        answer = await self.sandbox.get("/received", params={"vendor": "twilio"})
        posted = [entry for entry in answer.json() if entry["method"] == "POST"]
        return [entry["body"] for entry in posted if entry["path"].endswith("/Messages.json")]

    async def mails(self) -> list[dict[str, Any]]:
        """Every mail the stand-in took, oldest first, as mail/send has it."""
        answer = await self.sandbox.get("/received", params={"vendor": "sendgrid"})
        return [entry["body"] for entry in answer.json() if entry["method"] == "POST"]

    async def hear(self, from_: str, body: str, **more: str) -> httpx.Response:
        """A text somebody sends us, signed as Twilio signs it."""
        self._refs += 1
        form = {
            "MessageSid": f"SM{self._refs:032x}", "From": from_, "To": PRACTICE_VALUES["TWILIO_FROM"], "Body": body,
        } | more  # fmt: skip
        return await self.twilio("/hooks/twilio/sms", form)

    async def twilio(self, path: str, form: Mapping[str, str], *, token: str = "practice") -> httpx.Response:
        """A post of Twilio's to us."""
        signature = twilio_signature(token, f"{self.url}{path}", form)
        return await self.http.post(path, data=dict(form), headers={"X-Twilio-Signature": signature})

    async def rows(self, query: LiteralString, *values: object) -> list[dict[str, Any]]:
        """What a query of the test's own finds."""
        return await rows(self.office.db, query, *values)

    async def settled(self, *, limit_s: float = LIMIT_S) -> None:
        """Returns once no action is due any more and none is under way."""

        async def holds() -> bool:
            return not await self.rows(
                "select 1 from action where state = 'sending' "
                "or (state in ('planned', 'deferred') and due_at <= %s) limit 1",
                self.now,
            )

        await until(holds, limit_s=limit_s)

    async def ledger(self) -> ledger.Ledger:
        return await ledger.read(self.office.db, self.now)


async def rows(db: Database, query: LiteralString, *values: object) -> list[dict[str, Any]]:
    """What a query of the test's own finds."""
    async with db.connection() as connection:
        cursor = await connection.execute(query, values)
        return await cursor.fetchall() if cursor.description else []


def twilio_signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """As twilio.com/docs/usage/security describes it; written here once more so that the product's own is checked."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def form_body(fields: Mapping[str, str]) -> bytes:
    return urlencode(fields).encode()


@asynccontextmanager
async def a_house(
    database_url: str,
    data_dir: Path,
    *,
    at_work: bool = True,
    now: datetime | None = NOON,
    speed: float = 1.0,
    pool: int = 8,
    **settings: str,
) -> AsyncIterator[House]:
    """
    A whole house with one agent, in practice.

    at_work False: nobody works yet (see `working`). now: where business time stands when it opens, None: the real time.
    """  # fmt: skip
    listening = a_socket()
    url = url_of(listening)
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(a_sandbox(url))
        events_key = (await sandbox.get("/sendgrid/_public_key")).text.strip()
        wheel = Wheel()
        clock = Clock(now, speed, datetime.now(UTC), wheel) if now else Clock(real=wheel)
        found = practice(data_dir, **settings)
        office_settings = Settings(
            found.values, found.sources, sandbox_url=str(sandbox.base_url).rstrip("/"), local_url=url, clock=clock,
            practice_values={"SENDGRID_WEBHOOK_SECRET": events_key},
        )  # fmt: skip
        office, _ = await open_office(office_settings, database_url, pool=pool)
        stack.push_async_callback(office.db.close)
        await hire(office)
        await stack.enter_async_context(served(office, listening))
        workers = await stack.enter_async_context(working(office)) if at_work else None
        token = await api_key(office)
        http = await stack.enter_async_context(
            httpx.AsyncClient(
                base_url=url,
                timeout=LIMIT_S,
                trust_env=False,
                verify=False,
                headers={"authorization": f"Bearer {token}"},
                limits=httpx.Limits(max_connections=64),
            )
        )
        yield House(office, url, sandbox, http, token, wheel, workers)


def with_database(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return psycopg.conninfo.make_conninfo(url, dbname=name)
