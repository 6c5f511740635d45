"""What an erasure leaves for the person: what went, what is kept and why, what each vendor confirmed."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.errors import RuleError
from leadwake.ops.erasure import BACKUP_DAYS
from leadwake.workflows import forgetting
from leadwake.workflows.office import Office

#: counts of the scope that tell what went, in words
GONE: Final[Mapping[str, str]] = {
    "contacts": "numbers and addresses",
    "inquiries": "inquiries",
    "captures": "arrivals as they came",
    "messages_in": "messages from the person",
    "messages_out": "messages to or about the person",
    "calls": "calls, which were never recorded",
    "meetings": "meetings the person booked",
    "visits": "visits of the person to your websites",
    "signals": "what was held to say something about the person",
    "sequences": "the person's ways through sequences",
    "letters": "letters of the team to the person",
    "notes": "notes about the person",
    "enrichments": "what was looked up about the person",
    "open_actions": "actions that were still to come",
    "keys": "keys of the person's data, destroyed",
}
#: what is kept, and by what right
KEPT: Final = (
    ("A keyed code of each number and address", "no list brings the person back; an opt-out holds (Art. 17(3)(b))."),
    ("The log, by a number that leads to nobody", "what was done when, without a name or a word (Art. 17(3)(b), (e))."),
    ("This certificate", "to show that it was done."),
)  # fmt: skip
#: what vendors keep by themselves for a while, and no program can take from them
BY_THEMSELVES: Final = (
    "HubSpot keeps a deleted contact restorable for 90 days.",
    "Calendly keeps what was booked by its pages; its account's owner deletes it there (Privacy, Data deletion).",
    "SendGrid has no record of a person to delete; its list of sent mail expires by itself.",
)


@dataclass(frozen=True, slots=True)
class VendorAnswer:
    """What one vendor said. confirmed_at: when the last of its records was gone; None while it was not."""

    vendor: str
    records: int
    confirmed_at: datetime | None
    standing: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """One erasure. dark_at: when backups hold nothing of the person any more, at the latest (real time)."""

    id: UUID
    at: datetime
    actor: str
    scope: Mapping[str, Any]
    keys_changed_at: datetime | None
    dark_at: datetime
    vendors: Sequence[VendorAnswer]
    business: str


async def read(office: Office, number: UUID) -> Certificate:
    """The certificate of this number. Raises RuleError when there is none."""
    row = await office.db.one("erasure", id=number)
    if row is None:
        raise RuleError("no certificate has this number")
    return (await _certificates(office, [row]))[0]


async def newest(office: Office, limit: int = 100) -> list[Certificate]:
    """The latest certificates, newest first."""
    return await _certificates(office, await office.db.all("erasures", limit=limit))


async def _certificates(office: Office, rows: Sequence[DictRow]) -> list[Certificate]:
    orders: dict[UUID, list[DictRow]] = {row["id"]: [] for row in rows}
    for order in await office.db.all("erasure_orders", ids=list(orders)):
        orders[order["cause_id"]].append(order)
    return [
        Certificate(
            row["id"], row["at"], row["actor"], row["scope"], row["keys_changed_at"],
            row["real_at"] + timedelta(days=BACKUP_DAYS), _answers(orders[row["id"]]), office.settings.business_name,
        )
        for row in rows
    ]  # fmt: skip


def _answers(orders: Sequence[DictRow]) -> list[VendorAnswer]:
    return [
        _answer(kind, mine)
        for kind in forgetting.KINDS
        if (mine := [order for order in orders if order["kind"] == kind])
    ]


def _answer(kind: str, orders: Sequence[DictRow]) -> VendorAnswer:
    vendor, states = forgetting.label(kind), {order["state"] for order in orders}
    confirmed = max((order["settled_at"] for order in orders if order["state"] == "sent"), default=None)
    if states & {"dead", "unknown", "expired"}:
        return VendorAnswer(vendor, len(orders), None, "not yet: it failed, and a person has to look (dead letters)")
    if states & {"planned", "deferred", "sending"}:
        return VendorAnswer(vendor, len(orders), None, "told; not confirmed yet")
    if confirmed is None:
        return VendorAnswer(vendor, len(orders), None, "practice only: nothing was ever sent there")
    return VendorAnswer(vendor, len(orders), confirmed, "confirmed")


def as_text(one: Certificate) -> str:
    """The certificate as plain text, for a file or a letter. No name stands in it: its number is all."""
    lines = [
        "CERTIFICATE OF ERASURE", "", f"Number      {one.id}", f"Erased      {_at(one.at)}",
        f"By          {one.business or 'this business'}", "", "What is gone",
        *(f"  {one.scope.get(name, 0):>5}  {words}" for name, words in GONE.items()), "", "What is kept, and why",
    ]  # fmt: skip
    for what, why in KEPT:
        lines += textwrap.wrap(f"{what}: {why}", 76, initial_indent="  - ", subsequent_indent="    ")
    lines += ["", "Who else was told"]
    for answer in one.vendors:
        when = f" by {answer.vendor} at {_at(answer.confirmed_at)}" if answer.confirmed_at else ""
        lines.append(f"  - {answer.vendor}: {answer.standing}{when}")
    if not one.vendors:
        lines.append("  - nobody: no vendor had a record of the person")
    for sentence in BY_THEMSELVES:
        lines += textwrap.wrap(sentence, 76, initial_indent="  - ", subsequent_indent="    ")
    changed = f"since {_at(one.keys_changed_at)}" if one.keys_changed_at else "within 24 hours of the erasure"
    lines += ["", "Backups"]
    backups = (
        f"Copies of the keys open nothing of the person's {changed}. Disk snapshots and archives that hold older bytes "
        f"expire by {_at(one.dark_at)} ({BACKUP_DAYS} days). A backup restored before then leaves the person out."
    )
    lines += textwrap.wrap(backups, 76, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(lines)


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
