"""Threads as the inbox lists them: a page at a time, and only a page's words are opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.storage.db import Database
from leadwake.storage.intake import open_profile
from leadwake.storage.reading import Cursor, rows
from leadwake.storage.vault import Vault

PAGE: Final = 30
#: characters of the last words that are shown
_PREVIEW: Final = 160
_LAST_ID: Final = UUID(int=(1 << 128) - 1)
_FIRST_ID: Final = UUID(int=0)
#: what may be shown → its name on the page
SHOWN: Final[Mapping[str, str]] = {
    "all": "All", "unanswered": "Unanswered", "overdue": "Overdue", "failed": "Failed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """Which threads. show: of SHOWN. agent_id: one agent's, None for the team's. longest: who waits longest first."""

    show: str = "all"
    agent_id: UUID | None = None
    longest: bool = False

    @property
    def query(self) -> str:
        """The named query that lists them."""
        if self.show == "all":
            return "inbox_mine" if self.agent_id else "inbox_all"
        return f"inbox_{self.show}_{'longest' if self.is_ascending else 'newest'}"

    @property
    def is_ascending(self) -> bool:
        """True when the oldest stands first."""
        return self.longest and self.show != "all"


@dataclass(frozen=True, slots=True)
class Line:
    """
    One thread. sort_at: the instant it is ordered by. said: the last words, theirs or ours (by_us, and by whom).

    due_at: of the answer they wait for. failed: why something of ours did not arrive. is_here: in a chat, just now.
    """

    id: UUID
    called: str
    agent_id: UUID | None
    score: int
    temperature: str
    status: str
    sort_at: datetime
    talked_at: datetime | None
    replied_at: datetime | None
    due_at: datetime | None
    failed: str | None
    said: str
    by_us: bool
    writer_id: UUID | None
    channel: str | None
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Threads in order; next: where the following page begins, None at the end."""

    threads: Sequence[Line]
    next: Cursor | None = None


async def page(db: Database, vault: Vault, view: View, now: datetime, *, before: Cursor | None = None) -> Page:
    """A page of threads. before: where the page before ended."""
    start = before or _start(view)
    values = {"at": start.at, "id": start.id, "agent_id": view.agent_id, "now": now, "limit": PAGE + 1}
    async with db.connection() as connection:
        found = await rows(connection, view.query, values)
        shown = found[:PAGE]
        ids = [row["id"] for row in shown]
        opened = {row["id"]: row for row in await rows(connection, "inbox_opened", {"ids": ids})} if ids else {}
    lines = [_line(vault, row, opened[row["id"]]) for row in shown if row["id"] in opened]
    last = Cursor(shown[-1]["sort_at"], shown[-1]["id"]) if len(found) > PAGE else None
    return Page(lines, last)


def _start(view: View) -> Cursor:
    if view.is_ascending:
        return Cursor(datetime.fromtimestamp(0, UTC), _FIRST_ID)
    return Cursor(datetime.max.replace(tzinfo=UTC), _LAST_ID)


def _line(vault: Vault, row: DictRow, opened: DictRow) -> Line:
    profile = open_profile(vault, opened)
    called = next(
        (profile[name] for name in ("name", "phone", "email") if profile.get(name)), "Somebody without a name"
    )
    theirs, ours = opened["message_at"], opened["letter_at"]
    by_us = ours is not None and (theirs is None or ours > theirs)
    return Line(
        row["id"], called, opened["agent_id"], opened["score"], opened["temperature"], opened["status"], row["sort_at"],
        opened["talked_at"], opened["replied_at"], opened["due_at"], opened["failed"],
        _ours(vault, opened) if by_us else _theirs(vault, opened), by_us, opened["letter_user_id"] if by_us else None,
        opened["letter_channel"] if by_us else opened["message_channel"], opened["is_here"],
    )  # fmt: skip


def _theirs(vault: Vault, row: DictRow) -> str:
    if not row["message_body"] or row["message_wrapped"] is None:
        return ""
    key = vault.open_data_key(row["message_key_id"], row["message_kek_id"], row["message_wrapped"])
    return _cut(key.open(row["message_body"], b"message.body").decode("utf-8", "replace"))


def _ours(vault: Vault, row: DictRow) -> str:
    if not row["letter_content"]:
        return ""
    key = vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
    content = msgspec.json.decode(key.open(row["letter_content"], b"letter.content"))
    return _cut(content["body"])


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _PREVIEW else line[:_PREVIEW].rstrip() + "…"
