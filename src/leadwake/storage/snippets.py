"""Words that a team, or one of it, uses again and again: templates with the same sandbox as every message."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from leadwake.domain.template import Template, TemplateRefused, compile_template
from leadwake.errors import InputError, RuleError
from leadwake.storage.db import Database, is_taken
from leadwake.storage.ids import new_id

MAX_NAME_CHARS: Final = 60
MAX_SOURCE_CHARS: Final = 4_000
CHANNELS: Final = ("sms", "email")


@dataclass(frozen=True, slots=True)
class Snippet:
    """channel: sms, email, or None for both. user_id: whose it is; None: the whole team's."""

    id: UUID
    name: str
    channel: str | None
    source: str
    user_id: UUID | None = None


async def everything(db: Database, user_id: UUID) -> list[Snippet]:
    """One's own, then the team's, by name."""
    rows = await db.all("snippets", user_id=user_id)
    return [Snippet(row["id"], row["name"], row["channel"], row["source"], row["user_id"]) for row in rows]


async def save(
    db: Database, *, name: str, source: str, channel: str | None, user_id: UUID | None, snippet_id: UUID | None = None
) -> None:
    """
    The snippet is as given, new without an id. user_id: whose, None for the team's; nobody else's is changed.

    Raises InputError (name, source), RuleError.
    """
    name, source, wrong = " ".join(name.split()), source.strip(), {}
    if not name or len(name) > MAX_NAME_CHARS:
        wrong["name"] = f"Give it a name of at most {MAX_NAME_CHARS} characters."
    if not source or len(source) > MAX_SOURCE_CHARS:
        wrong["source"] = f"Write at most {MAX_SOURCE_CHARS:,} characters."
    else:
        try:
            compiled(source)
        except TemplateRefused as error:
            wrong["source"] = " · ".join(str(problem) for problem in error.problems)
    if wrong:
        raise InputError(wrong)
    values = {"name": name, "source": source, "channel": channel if channel in CHANNELS else None, "user_id": user_id}
    try:
        saved = await db.run("snippet_save", id=snippet_id or new_id(), **values)
    except Exception as error:
        if is_taken(error, "snippet_name"):
            raise InputError({"name": "There is one of that name already."}) from None
        raise
    if not saved:
        raise RuleError("this snippet is not yours to change")


async def forget(db: Database, snippet_id: UUID, user_id: UUID | None) -> bool:
    """The snippet is gone; False when it was not this person's (None: the team's)."""
    return await db.run("snippet_forget", id=snippet_id, user_id=user_id) == 1


@lru_cache(maxsize=512)  # by their text: compiling checks them thrice, and pages show them again and again
def compiled(source: str) -> Template:
    """The snippet's template. Raises TemplateRefused."""
    return compile_template(source)
