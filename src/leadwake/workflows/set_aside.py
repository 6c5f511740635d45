"""What was set aside, looked through by people: taken in after all, or found to be no lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.domain import aside_words
from leadwake.errors import InputError
from leadwake.intake.guess import Guess, guess
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.intake import RawCapture, Receipt, opened_capture
from leadwake.workflows import intake
from leadwake.workflows.office import Office

#: shown on one page
LIMIT: Final = 25
_LAST: Final = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))


@dataclass(frozen=True, slots=True)
class Aside:
    """Something that came in and is nobody's lead. why: in words."""

    id: UUID
    at: datetime
    door: str
    source: str
    why: str
    guess: Guess


async def waiting(office: Office, before: tuple[datetime, UUID] | None = None) -> Sequence[Aside]:
    """What nobody has judged yet, the newest first, at most LIMIT."""
    at, after = before or _LAST
    return [
        _opened(office, row) for row in await office.db.all("aside_waiting", before_at=at, before_id=after, limit=LIMIT)
    ]


async def count(office: Office) -> int:
    """How many wait to be judged, at most 100."""
    row = await office.db.one("aside_count")
    return row["n"] if row else 0


async def one(office: Office, capture_id: UUID) -> Aside | None:
    """One of them that nobody has taken in; None when there is none."""
    row = await office.db.one("aside_one", id=capture_id)
    return _opened(office, row) if row and row["inquiry_id"] is None else None


async def take_in(office: Office, aside: Aside, given: Mapping[str, str], by: UUID) -> Receipt:
    """
    It is a lead: what the person confirmed is taken in as if it had just come, once. Raises InputError.

    given: name, phone, email, message. What is older than three days counts as asked now (SURFACES.md, section 3).
    """
    fields = {
        name: given[name].strip() for name in ("name", "phone", "email", "message") if given.get(name, "").strip()
    }
    if not fields.keys() & {"name", "phone", "email"}:
        raise InputError(dict.fromkeys(("name", "phone", "email"), "give a name, a phone or an e-mail"))
    lead = {
        **fields,
        "source": aside.source or "email",
        "received_at": aside.at.isoformat(),
        "channel": _channel(aside),
    }
    raw = RawCapture.once("set_aside", str(aside.id), msgspec.json.encode(lead), {}, aside.source)
    receipt = await intake.receive(office, raw)
    await _decide(office, aside.id, by, receipt.inquiry_id)
    return receipt


async def dismiss(office: Office, capture_id: UUID, by: UUID) -> None:
    """It is no lead."""
    await _decide(office, capture_id, by, None)


async def bring_back(office: Office, capture_id: UUID) -> None:
    """Whoever said that it is no lead was wrong, or quick."""
    await office.db.run("aside_back", id=capture_id)


async def _decide(office: Office, capture_id: UUID, by: UUID, inquiry_id: UUID | None) -> None:
    now = office.clock.now()
    async with office.db.transaction() as connection:
        values = {"id": capture_id, "now": now, "by": by, "inquiry_id": inquiry_id}
        if (await connection.execute(q("aside_decide"), values)).rowcount:
            if inquiry_id:
                await connection.execute(q("aside_empty"), {"id": capture_id})
            kind = "aside_taken_in" if inquiry_id else "aside_dismissed"
            await record(connection, now, f"user {by}", kind, capture=str(capture_id))


def _channel(aside: Aside) -> str:
    return "web_form" if aside.door == "form" else "email"


def _opened(office: Office, row: DictRow) -> Aside:
    key = office.vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"])
    raw = opened_capture(key, row["body"], capture_id=row["id"], door=row["door"], source=row["source"])
    return Aside(
        row["id"], row["at"], row["door"], row["source"], aside_words.why(row["outcome"], row["reason"]),
        guess(row["door"], raw.body),
    )  # fmt: skip
