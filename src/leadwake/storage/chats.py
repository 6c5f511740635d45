"""Chats: the secret that opens one, and what stands in it, opened for the visitor's browser."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.domain.chat import OPEN_FOR, is_open
from leadwake.storage.db import Database
from leadwake.storage.vault import Vault

#: lines read at once
PAGE: Final = 200
#: as messages and actions name what carries a chat: nobody but us
VENDOR: Final = "chat"


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat whose secret was shown. point: the contact given in it."""

    id: UUID
    lead_id: UUID
    website_id: UUID
    point: int
    language: str


@dataclass(frozen=True, slots=True)
class Line:
    """
    What stands in a chat. number: 1, 2, 3 …

    side: you (the visitor), us (a person of the team, `agent_id`), or house (said by itself). ref: of theirs, the id
    that their browser gave it.
    """

    number: int
    at: datetime
    side: str
    text: str
    agent_id: UUID | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class OfLead:
    """The chat that a lead has open. is_here: their page shows itself; here_until: it did, till then."""

    id: UUID
    origin: str
    is_here: bool
    here_until: datetime

    @property
    def website(self) -> str:
        """As people say it: example.com."""
        return self.origin.partition("://")[2]


def token_hash(token: str) -> bytes:
    """What is kept of the secret."""
    return hashlib.sha256(token.encode()).digest()


async def opened(db: Database, chat_id: UUID, token: str, now: datetime) -> Chat | None:
    """The chat that this secret opens; None for any other, and once it is over. Raises DatabaseAway."""
    row = await db.one("chat_read", id=chat_id)
    if row is None or not hmac.compare_digest(row["token_hash"], token_hash(token)):
        return None
    if not is_open(row["talked_at"], row["ended_at"], now):
        return None
    return Chat(row["id"], row["lead_id"], row["website_id"], row["contact_point_id"], row["language"])


async def lines(db: Database, vault: Vault, chat_id: UUID, after: int) -> Sequence[Line]:
    """What stands in the chat after this number, in order."""
    found = await db.all("chat_lines", chat_id=chat_id, after=after, limit=PAGE)
    return [_line(vault, row) for row in found]


async def of_lead(db: Database, lead_id: UUID, now: datetime) -> OfLead | None:
    """The chat the lead has open."""
    row = await db.one("chat_of_lead", lead_id=lead_id, since=now - OPEN_FOR)
    return OfLead(**row) if row else None


def _line(vault: Vault, row: DictRow) -> Line:
    if row["action_id"] is None:
        return Line(row["number"], row["at"], "you", _theirs(vault, row), ref=row["ref"].rpartition(":")[2])
    side = "us" if row["kind"] == "human_chat" else "house"
    return Line(row["number"], row["at"], side, _ours(vault, row), row["agent_id"])


def _theirs(vault: Vault, row: Mapping[str, Any]) -> str:
    """Blank when it is kept no longer."""
    if not row["body"] or row["wrapped"] is None:
        return ""
    key = vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"])
    return key.open(row["body"], b"message.body").decode("utf-8", "replace")


def _ours(vault: Vault, row: Mapping[str, Any]) -> str:
    if not row["content"] or row["a_wrapped"] is None:
        return ""
    key = vault.open_data_key(row["a_key_id"], row["a_kek_id"], row["a_wrapped"])
    body: str = msgspec.json.decode(key.open(row["content"], b"action.content"))["body"]
    return body
