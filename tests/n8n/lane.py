"""Leadwake and n8n beside each other: four workflows imported, credentials and endpoints made as docs/n8n.md says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from n8n_case import CANVASES, N8n, an_n8n, canvas, ran

from harness import AGENTS, Installation, served, until
from leadwake.domain import webhook_signing
from leadwake.storage.credentials import new_api_key
from leadwake.workflows import sequences, webhook_endpoints
from ports import free_port

#: workflow → the events that its note names
HEARS: Mapping[str, tuple[str, ...]] = {
    "intelligence": ("lead.scored",),
    "routing": (
        "lead.offered", "lead.assigned", "lead.claimed", "lead.passed", "lead.owner_lost", "lead.unattended",
    ),
    "nurture": ("lead.answered", "lead.replied", "lead.sequence_stopped", "lead.sequence_done", "lead.opted_out"),
}  # fmt: skip
SENDERS = {"X-Lead-Key": "a key for those who send leads"}
#: agent who has what nobody was in touch with
STANDBY = AGENTS[9]
#: begun by the canvas
SEQUENCE = """\
sequence: canvas
title: From the canvas
about: Begun by n8n.
starts: by_hand
window: {days: every day, from: "8:00", to: "8 pm"}
steps:
  - wait: 20 minutes
  - email:
      subject: {en: "Still looking?", es: "¿Sigue buscando?"}
      body: {en: "Hi {{ lead.first_name }}. {{ business.name }}", es: "Hola. {{ business.name }}"}
  - wait: 2 days
  - email:
      subject: {en: "And now?", es: "¿Y ahora?"}
      body: {en: "Hi {{ lead.first_name }}. {{ business.name }}", es: "Hola. {{ business.name }}"}
"""


class Wire:
    """What n8n takes for Leadwake: passes everything on, and while `is_deaf` loses the answers."""

    def __init__(self, target_port: int) -> None:
        self.port, self.is_deaf, self._target = free_port(), False, target_port
        self.url = f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            theirs, ours = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._pass(reader, ours, answers=False), self._pass(theirs, writer, answers=True))

    async def _pass(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, *, answers: bool) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                if answers and self.is_deaf:
                    break
                to.write(data)
                await to.drain()
        to.close()


@dataclass(slots=True)
class Lane:
    """Both at work. flows: intelligence, routing, nurture, response → the workflow's id."""

    it: Installation
    n8n: N8n
    wire: Wire
    flows: Mapping[str, str]
    secrets: Mapping[str, str]
    web: httpx.AsyncClient = field(repr=False)

    async def lead_comes(self, lead: Mapping[str, Any], **headers: str) -> httpx.Response:
        """Some tool posts a lead to n8n."""
        return await self.web.post(f"{self.n8n.url}/webhook/leadwake-lead", json=lead, headers={**SENDERS, **headers})

    async def deliver(self, flow: str, body: bytes, secret: str, sent_at: float | None = None) -> httpx.Response:
        """A delivery of somebody who has this secret."""
        signed = webhook_signing.headers([secret], f"by-hand-{time.monotonic_ns()}", int(sent_at or time.time()), body)
        headers = {**signed, "content-type": "application/json"}
        return await self.web.post(f"{self.n8n.url}/webhook/leadwake-{flow}", content=body, headers=headers)

    async def read(self, lead_id: str) -> dict[str, Any]:
        """The lead as the API tells it."""
        answer = await self.web.get(
            f"{self.it.url}/v1/leads/{lead_id}", headers={"authorization": f"Bearer {self.it.key}"}
        )
        return answer.json()  # type: ignore[no-any-return]

    async def passes(self, flow: str, node: str, lead_id: str, *, seconds: float = 60) -> None:
        """A run of the workflow about this lead has gone through the node, without a fault."""

        async def went() -> bool:
            return any(
                node in ran(run) and lead_id in str(run["data"])
                for run in await self.n8n.executions(self.flows[flow], status="success")
            )

        await until(went, seconds=seconds, what=f"{flow} goes through {node!r}", every_s=1)


@asynccontextmanager
async def a_lane(root: Path, installed: Path, clock: str) -> AsyncIterator[Lane]:
    """Everything runs, and what a person sets up by hand is set up."""
    async with (
        served(root, LEADWAKE_CLOCK=clock, LEADWAKE_WEBHOOKS_ALLOW_PRIVATE="on") as it,
        an_n8n(installed, root / "n8n") as n8n,
        httpx.AsyncClient(timeout=120, trust_env=False) as web,
    ):
        await _own_sequence(it)
        wire = Wire(it.port)
        server = await asyncio.start_server(wire.serve, "127.0.0.1", wire.port)
        secrets = await _endpoints(it, n8n)
        n8n.bring("credentials", await _credentials(it, secrets))
        names = sorted(file.stem for file in CANVASES.glob("[1-4]-*.json"))
        settings = {
            "leadwake_url": wire.url, "standby_agent": STANDBY[1], "tries": 6,
            **{f"sequence_{temperature}": "canvas" for temperature in ("hot", "warm", "cold")},
        }  # fmt: skip
        n8n.bring("workflow", [_forgetful(canvas(name, **settings)) for name in names])
        await n8n.start()
        ids = await n8n.activate()
        flows = {name.rsplit(" ", 1)[1]: flow for name, flow in ids.items()}
        lane = Lane(it, n8n, wire, flows, secrets, web)
        await _listening(lane)
        try:
            yield lane
        finally:
            server.close()


def _forgetful(flow: dict[str, Any]) -> dict[str, Any]:
    """The routing workflow's memory for what it has heard is full after two events."""
    for node in flow["nodes"]:
        if flow["name"].endswith("routing") and node["name"] == "Heard of it before?":
            node["parameters"]["options"]["historySize"] = 2
    return flow


async def _own_sequence(it: Installation) -> None:
    """What Leadwake would begin by itself stands still: the canvas chooses."""
    for name in list(it.office.sequences.published):
        await sequences.pause(it.office, name, None)
    await sequences.publish(it.office, SEQUENCE, None)
    await it.office.db.run("office_changed")


async def _endpoints(it: Installation, n8n: N8n) -> dict[str, str]:
    """Leadwake tells n8n; workflow → secret."""
    person = it.office.team[0]
    return {
        flow: (await webhook_endpoints.add(it.office, f"{n8n.url}/webhook/leadwake-{flow}", types, person))[1]
        for flow, types in HEARS.items()
    }


async def _credentials(it: Installation, secrets: Mapping[str, str]) -> list[dict[str, Any]]:
    """By the names and types that docs/n8n.md gives."""
    key, (header, value) = new_api_key(), next(iter(SENDERS.items()))
    it.key = key.text
    await it.office.db.run(
        "api_key_add", id=key.id, name="n8n", secret_hash=key.hash,
        scopes=["leads:write", "leads:read", "leads:assign"],
    )  # fmt: skip
    return [
        {"id": "apikey", "name": "Leadwake API key", "type": "httpBearerAuth", "data": {"token": key.text}},
        {"id": "senders", "name": "Lead senders", "type": "httpHeaderAuth", "data": {"name": header, "value": value}},
        *(
            {
                "id": flow, "name": f"Leadwake {flow} webhook", "type": "crypto",
                "data": {"hmacSecret": webhook_signing.key_text(secret)},
            }
            for flow, secret in secrets.items()
        ),
    ]  # fmt: skip


async def _listening(lane: Lane) -> None:
    """n8n answers an activation before its webhooks are there."""
    test = b'{"type": "webhook.test", "timestamp": "2026-12-01T17:00:00Z", "sequence": 0, "data": {"event": {}}}'

    async def all_hear() -> bool:
        answers = [await lane.deliver(flow, test, secret) for flow, secret in lane.secrets.items()]
        posted = await lane.lead_comes({}, **{"X-Lead-Key": "wrong"})
        return all(one.status_code == 200 for one in answers) and posted.status_code == 403

    await until(all_hear, seconds=60, what="every workflow listens", every_s=0.5)
