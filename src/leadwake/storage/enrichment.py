"""What a data vendor found about people: values ⇄ rows, sealed under the lead's own key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.storage.db import Database
from leadwake.storage.vault import DataKey, Vault

_CONTEXT: Final = b"enrichment.found"
#: numbers, and addresses, kept of one person
_MOST: Final = 20


class Found(msgspec.Struct, frozen=True):
    """
    What is known of somebody. facts: by name (title, seniority, company, industry, employees, location, linkedin).

    emails, phones: found, not given by the person: shown, and never written to.
    """

    facts: dict[str, str] = {}
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.facts or self.emails or self.phones)

    def with_more(self, facts: Mapping[str, str], emails: Sequence[str], phones: Sequence[str]) -> Found:
        """The same and what is new; said twice stands once."""
        return Found(
            {**self.facts, **facts},
            tuple(dict.fromkeys((*self.emails, *emails)))[:_MOST],
            tuple(dict.fromkeys((*self.phones, *phones)))[:_MOST],
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a vendor. outcome: found, not_found, pending. is_awaited: more may come."""

    vendor: str
    practice: bool
    asked_at: datetime
    outcome: str
    credits: Decimal
    is_awaited: bool
    found: Found


def sealed(key: DataKey, found: Found) -> bytes:
    """What was found, for a row."""
    return key.seal(msgspec.json.encode(found), _CONTEXT)


def opened(key: DataKey, value: bytes) -> Found:
    """What a row holds."""
    return msgspec.json.decode(key.open(value, _CONTEXT), type=Found)


def answer_of(vault: Vault, row: DictRow) -> Answer:
    """The answer of a row of `enrichments_of_lead`."""
    key = vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"])
    found = opened(key, row["sealed_found"])
    is_awaited = row["late"] == "awaited"
    return Answer(row["vendor"], row["practice"], row["asked_at"], row["outcome"], row["credits"], is_awaited, found)


@dataclass(frozen=True, slots=True)
class Known:
    """
    What a page shows. answer: the latest in which somebody was found, else the latest; None without any.

    state, reason, due_at: of the latest look-up; "" and None without one.
    """

    answer: Answer | None
    state: str = ""
    reason: str | None = None
    due_at: datetime | None = None


#: answers that are looked through for one in which somebody was found
_LATEST: Final = 5


async def known(db: Database, vault: Vault, lead_id: UUID) -> Known:
    """What was found about a lead, or why nothing was."""
    answers = [answer_of(vault, row) for row in await db.all("enrichments_of_lead", lead_id=lead_id, limit=_LATEST)]
    answer = next((one for one in answers if one.found), answers[0] if answers else None)
    last = await db.one("enrichment_last", lead_id=lead_id)
    return Known(answer, last["state"], last["reason"], last["due_at"]) if last else Known(answer)
