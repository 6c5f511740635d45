"""Leads as people and programs read them: rows in, everything opened out. Nothing here writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.domain.names import name_words
from leadwake.storage.db import Connection, Database, q
from leadwake.storage.intake import open_details, open_profile
from leadwake.storage.vault import Vault

PAGE = 30
#: a lead that nothing has reached after this long needs a look
LATE = timedelta(seconds=60)
#: entries of one kind that a lead's page reads, the newest
MANY = 500
_LAST_ID = UUID(int=(1 << 128) - 1)
_WORD_CHARS = 40


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the next one begins behind it."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{int(self.at.timestamp() * 1_000_000)}.{self.id.hex}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor of a link; None when it is none of ours."""
        micros, _, key = text.partition(".")
        try:
            return cls(datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(micros[:20])), UUID(hex=key))
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class ActionBrief:
    """The newest action of one kind, for a chip."""

    kind: str
    channel: str
    state: str
    reason: str | None
    sentence: str | None
    due_at: datetime | None
    vendor: str | None
    possible_duplicate: bool


@dataclass(frozen=True, slots=True)
class Lead:
    """
    A lead opened. reasons: [{"text", "points"}], the weightiest first. asked_at: of their first inquiry.

    asked, asked_last_at: their last inquiry's message and time. paused_why: code of why automation is paused, if it is.
    lives_at: blind place where they said they live (see workflows.confirming). offered_to: who is asked to claim them.
    actions: {"sms", "email", "crm"} → the newest that says something.
    """

    id: UUID
    name: str | None
    phone: str | None
    email: str | None
    phone_raw: str | None
    email_raw: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    agent_id: UUID | None
    status: str
    score: int
    temperature: str
    reasons: Sequence[Mapping[str, Any]]
    source: str
    channel: str
    practice: bool
    created_at: datetime
    last_at: datetime
    asked_at: datetime
    first_touch_at: datetime | None
    paused_at: datetime | None = None
    paused_why: str | None = None
    lives_at: int | None = None
    offered_to: UUID | None = None
    asked: str | None = None
    asked_last_at: datetime | None = None
    actions: Mapping[str, ActionBrief] = field(default_factory=dict)

    @property
    def first_touch_s(self) -> float | None:
        """Seconds from their asking to the first message a vendor took for them; None while there is none."""
        if self.first_touch_at is None:
            return None
        return max(0.0, (self.first_touch_at - self.asked_at).total_seconds())

    @property
    def called(self) -> str:
        """What to call them on a page: their name, else how they can be reached."""
        return self.name or self.phone or self.email or self.phone_raw or self.email_raw or "Somebody without a name"

    @property
    def is_waiting(self) -> bool:
        """True while nothing has reached them and something still may."""
        return self.first_touch_at is None and any(
            brief.state in {"planned", "deferred", "sending"} for kind, brief in self.actions.items() if kind != "crm"
        )


@dataclass(frozen=True, slots=True)
class Page:
    """Leads, newest activity first; next: where the following page begins, None at the end."""

    leads: Sequence[Lead]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which leads a list shows. to_see: only those a person has to look at; owner: only whom they have in hand."""

    to_see: bool = False
    owner: UUID | None = None
    temperature: str | None = None


EVERYBODY = Wanted()


async def leads(
    db: Database, vault: Vault, now: datetime, *, before: Cursor | None = None, wanted: Wanted = EVERYBODY,
    limit: int = PAGE,
) -> Page:  # fmt: skip
    """A page of leads."""
    start = before or Cursor(datetime.max.replace(tzinfo=UTC), _LAST_ID)
    values = {
        "before_at": start.at, "before_id": start.id, "limit": limit + 1, "late_at": now - LATE,
        "owner": wanted.owner, "temperature": wanted.temperature,
    }  # fmt: skip
    name = "reading_leads_to_see" if wanted.to_see else "reading_leads_of" if wanted.owner else "reading_leads"
    async with db.connection() as connection:
        found = await rows(connection, name, values)
        shown = found[:limit]
        last = Cursor(shown[-1]["last_at"], shown[-1]["id"]) if len(found) > limit else None
        return Page(await _opened(connection, vault, shown), last)


async def search(db: Database, vault: Vault, words: str) -> Page:
    """
    The leads of a phone number, an e-mail address, or whose name has all these words or beginnings of words.

    At most fifty, newest first. Beginnings have three letters or more; numbers and addresses are found whole.
    """
    async with db.connection() as connection:
        ids = [row["lead_id"] for row in await _matches(connection, vault, words)]
        return Page(await among(connection, vault, ids) if ids else [])


async def by_contact(db: Database, vault: Vault, kind: str, text: str) -> list[UUID]:
    """The leads of a phone number or e-mail address as somebody typed it; none when it cannot be read."""
    value = normalise_email(text) if kind == "email" else normalise_phone(text)
    if value is None:
        return []
    hashed = vault.blind(kind, value)  # type: ignore[arg-type]
    return [row["lead_id"] for row in await db.all("reading_by_contact", kind=kind, hash=hashed)]


async def lead(db: Database, vault: Vault, lead_id: UUID) -> Lead | None:
    """One lead; None when there is none, or its data was erased."""
    async with db.connection() as connection:
        found = await among(connection, vault, [lead_id])
    return found[0] if found else None


async def _matches(connection: Connection, vault: Vault, words: str) -> list[DictRow]:
    for kind, value in (("email", normalise_email(words)), ("phone", normalise_phone(words))):
        if value is not None:
            hashed = vault.blind(kind, value)  # type: ignore[arg-type]
            return await rows(connection, "reading_by_contact", {"kind": kind, "hash": hashed})
    found = sorted({word[:_WORD_CHARS] for word in name_words(words)[:8]}, key=len, reverse=True)
    if not found:
        return []
    first, *others = (vault.blind_token(word) for word in found)  # the longest is of the fewest
    return await rows(connection, "reading_by_words", {"first": first, "others": others})


async def among(connection: Connection, vault: Vault, ids: Sequence[UUID], *, actions: bool = True) -> list[Lead]:
    """The leads of these ids that are there, newest activity first. actions False: without what was sent to them."""
    found = await rows(connection, "reading_leads_among", {"ids": list(ids)})
    return await _opened(connection, vault, found, with_actions=actions)


async def _opened(
    connection: Connection, vault: Vault, found: Sequence[DictRow], *, with_actions: bool = True
) -> list[Lead]:
    """The leads of the rows, with what they asked last and how far each kind of answer is."""
    if not found:
        return []
    ids = {"ids": [row["id"] for row in found]}
    actions: dict[UUID, dict[str, ActionBrief]] = {}
    for row in await rows(connection, "reading_latest_actions", ids) if with_actions else ():
        actions.setdefault(row["lead_id"], {})[row["kind"]] = _brief(row)
    asked: dict[UUID, tuple[str | None, datetime | None]] = {}
    for row in await rows(connection, "reading_latest_inquiries", ids):
        details = open_details(vault, row["key_id"], row["kek_id"], row["wrapped"], row["sealed_details"])
        asked[row["lead_id"]] = details.get("message"), row["asked_at"]
    return [_lead(vault, row, *asked.get(row["id"], (None, None)), actions.get(row["id"], {})) for row in found]


def _lead(
    vault: Vault, row: DictRow, asked: str | None, asked_at: datetime | None, actions: Mapping[str, ActionBrief]
) -> Lead:
    profile = open_profile(vault, row)
    return Lead(
        id=row["id"], **{name: profile.get(name) for name in _PROFILE}, agent_id=row["agent_id"], status=row["status"],
        score=row["score"], temperature=row["temperature"], reasons=row["reasons"], source=row["source"],
        channel=row["channel"], practice=row["practice"], created_at=row["created_at"], last_at=row["last_at"],
        asked_at=row["asked_at"] or row["created_at"], first_touch_at=row["first_touch_at"],
        paused_at=row["paused_at"], paused_why=row["paused_why"], lives_at=row["lives_at"],
        offered_to=row["offered_to"], asked=asked, asked_last_at=asked_at, actions=actions,
    )  # fmt: skip


_PROFILE = ("name", "phone", "email", "phone_raw", "email_raw", "state", "postal_code", "country")


def _brief(row: DictRow) -> ActionBrief:
    return ActionBrief(
        row["kind"], row["channel"], row["state"], row["reason"], row["sentence"], row["due_at"], row["vendor"],
        row["possible_duplicate"],
    )  # fmt: skip


def said(vault: Vault, row: DictRow) -> str:
    """What somebody wrote, from a row of `message` with its key; blank when that is kept no longer."""
    if not row["body"]:
        return ""
    key = vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"])
    return key.open(row["body"], b"message.body").decode("utf-8", "replace")


async def rows(connection: Connection, name: str, values: Mapping[str, Any]) -> list[DictRow]:
    """The rows of a named query, on a connection at hand."""
    return await (await connection.execute(q(name), values)).fetchall()
