"""Leads posted as a careful sender does, and the proof afterwards: what was acknowledged, what was sent, how often."""

from __future__ import annotations

import asyncio
import csv
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from harness import Installation, until
from leadwake.storage import ledger

#: states in which an action rests for good
SENT = frozenset({"sent", "delivered"})


def people(start: int = 0) -> Iterator[dict[str, Any]]:
    """Invented leads without end, no two of one number or address: 555-0100 to 555-0199 of every area code."""
    with files("leadwake.compliance").joinpath("data", "area_codes.csv").open() as table:
        rows = list(csv.DictReader(line for line in table if not line.startswith("#")))
    codes = [row["npa"] for row in rows if row["state"] in _STATES]
    number = start
    while True:
        code, line = codes[number % len(codes)], 100 + number // len(codes) % 100
        yield {
            "name": f"{_FIRST[number % len(_FIRST)]} {_LAST[number // len(_FIRST) % len(_LAST)]}",
            "phone": f"{code}5550{line}", "email": f"lead.{number}@example.com", "source": "website",
            "channel": "web_form", "message": f"Is number {number} still open?", "interest": "buy_home",
        }  # fmt: skip
        number += 1


#: where texts may go at noon in New York under every state's hours
_STATES = frozenset({"FL", "NY", "GA", "NC", "VA", "MA", "NJ", "OH", "MI", "PA", "TX", "IL", "TN", "CA", "AZ", "WA"})
_FIRST = ("Ana", "Ben", "Cleo", "Dov", "Eve", "Finn", "Gus", "Hana", "Ivo", "Jo", "Kim", "Lia", "Max", "Nia", "Oz")
_LAST = ("Abel", "Boone", "Cruz", "Dunn", "Ek", "Foss", "Grey", "Hahn", "Ito", "Jones", "Kern", "Lowe", "Mata")


@dataclass
class Sender:
    """Posts leads; keeps an Idempotency-Key for each and posts again, under the same key, until it is acknowledged."""

    installation: Installation
    patience_s: float = 90.0
    acknowledged: dict[str, str] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    unheard: int = 0
    without_retry_after: int = 0

    async def post_all(self, leads: list[dict[str, Any]], *, per_s: float) -> None:
        """Every lead is acknowledged; a new one begins `per_s` times a second whatever became of the others."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=40)
        async with (
            httpx.AsyncClient(timeout=30, trust_env=False, limits=limits) as client,
            asyncio.TaskGroup() as group,
        ):
            for number, lead in enumerate(leads):
                await asyncio.sleep(max(0.0, began + number / per_s - loop.time()))
                group.create_task(self.post(client, lead))

    async def post(self, client: httpx.AsyncClient, lead: dict[str, Any]) -> None:
        """The lead is acknowledged. A retry may find out what an answer that was not heard had said, nothing else."""
        key = f"crash-{lead['email']}"
        deadline = asyncio.get_running_loop().time() + self.patience_s
        while True:
            if (status := await self._once(client, lead, key)) == 202:
                return
            assert status in {0, 503}, f"a good lead was answered {status}"
            assert asyncio.get_running_loop().time() < deadline, f"not acknowledged within {self.patience_s:g} s"
            await asyncio.sleep(0.3)

    async def _once(self, client: httpx.AsyncClient, lead: dict[str, Any], key: str) -> int:
        headers = {"Authorization": f"Bearer {self.installation.key}", "Idempotency-Key": key}
        try:
            answer = await client.post(f"{self.installation.url}/v1/leads", json=lead, headers=headers)
        except httpx.TransportError:
            self.unheard += 1
            return 0
        self.answers[answer.status_code] += 1
        if answer.status_code == 202:
            inquiry = answer.json()["inquiry_id"]
            assert self.acknowledged.setdefault(key, inquiry) == inquiry
        elif answer.status_code == 503 and "retry-after" not in answer.headers:
            self.without_retry_after += 1
        return answer.status_code


async def settled(installation: Installation, *, seconds: float) -> None:
    """Nothing is planned, a retry neither, nor deferred and due; nothing is being sent; no capture waits."""

    async def nothing_open() -> bool:
        query = """select (select count(*) from capture where outcome = 'pending')
                        + (select count(*) from action
                            where state in ('planned', 'sending') or (state = 'deferred' and due_at <= %s))"""
        return bool(await installation.value(query, installation.office.clock.now()) == 0)

    await until(nothing_open, seconds=seconds, what="everything is settled", every_s=0.5)


@dataclass
class Proof:
    """What was found: counts, and everything that must not be."""

    leads: int = 0
    unheard: int = 0
    actions: dict[str, int] = field(default_factory=dict)
    texts: int = 0
    mails: int = 0
    marked: int = 0
    sent_twice: int = 0
    mailed_twice: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.leads} leads acknowledged ({self.unheard} answers unheard); "
            f"{self.texts} texts, {self.mails} mails; actions {self.actions}; "
            f"{self.marked} marked as possible duplicates, of them {self.sent_twice} texts, {self.mailed_twice} mails "
            f"out twice; {len(self.faults)} faults"
        )


async def prove(
    installation: Installation, sender: Sender, *, every_action_sent: bool = True, seconds: float = 60.0
) -> Proof:
    """Compares what was acknowledged, what the database says and what the vendors received."""

    async def found() -> Proof:
        return await _prove(installation, sender, every_action_sent=every_action_sent)

    proof: Proof = await until(found, seconds=seconds, what="the database answers")
    return proof


async def _prove(installation: Installation, sender: Sender, *, every_action_sent: bool) -> Proof:
    proof = Proof(leads=len(sender.acknowledged), unheard=sender.unheard)
    kept = await installation.rows("select id::text, outcome from capture")
    outcomes = {row["id"]: row["outcome"] for row in kept}
    for key, inquiry in sender.acknowledged.items():
        if outcomes.get(inquiry) not in {"lead", "known"}:
            proof.faults.append(f"{key} was acknowledged and is {outcomes.get(inquiry, 'lost')}")
    if len(set(sender.acknowledged.values())) != len(sender.acknowledged):
        proof.faults.append("two keys were told the same inquiry")
    twice_kept = len(outcomes) - len(set(sender.acknowledged.values()))
    if twice_kept:
        proof.faults.append(f"{twice_kept} captures more than leads")
    book = await ledger.read(installation.office.db, installation.office.clock.now())
    proof.actions = book.actions
    proof.faults += book.problems
    rows = {
        row["id"]: row for row in await installation.rows(
            "select id::text, kind, channel, state, reason, possible_duplicate from action"
        )
    }  # fmt: skip
    proof.marked = sum(row["possible_duplicate"] for row in rows.values())
    unsent = [row for row in rows.values() if row["state"] not in SENT]
    if every_action_sent:
        others = Counter(f"{row['kind']} {row['state']}: {row['reason']}" for row in unsent)
        proof.faults += [f"{n} × {what}" for what, n in others.items()]
    texts = Counter(action_of_text(record) for record in await installation.sandbox.received("twilio"))
    mails = Counter(action_of_mail(record) for record in await installation.sandbox.received("sendgrid"))
    proof.texts, proof.mails = texts.total(), mails.total()
    for name, sent, channel in (("text", texts, "sms"), ("mail", mails, "email")):
        for action_id, count in sent.items():
            row = rows.get(action_id)
            if row is None:
                proof.faults.append(f"a {name} of no action: {action_id}")
            elif count > 1 and not row["possible_duplicate"]:
                proof.faults.append(f"{name} {action_id} went out {count} times, unmarked")
            elif count > 1 and name == "text":
                proof.sent_twice += 1
            elif count > 1:
                proof.mailed_twice += 1
        for action_id, row in rows.items():
            if row["channel"] == channel and row["state"] in SENT and not sent[action_id]:
                proof.faults.append(f"{name} {action_id} is {row['state']} and never reached the vendor")
    return proof


def action_of_text(record: dict[str, Any]) -> str:
    """The action that a text at the sandbox is of, by its callback address."""
    query = urlsplit(str(record["body"].get("StatusCallback", ""))).query
    return parse_qs(query).get("action", [""])[0]


def action_of_mail(record: dict[str, Any]) -> str:
    """The action that a mail at the sandbox is of, by the ids that travel with it."""
    body = record["body"]
    ids = {**body.get("custom_args", {}), **body["personalizations"][0].get("custom_args", {})}
    return str(ids.get("action_id", ""))


def some_of(random_: random.Random, low: float, high: float) -> float:
    """A length of time: short ones as likely as long ones."""
    return float(low * (high / low) ** random_.random())
