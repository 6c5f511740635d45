"""The team's routing rules: every version there was; a change is a new row, and every process hears of it."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake.domain.routing_rules import STANDARD, RoutingRules
from leadwake.domain.routing_rules_json import read_rules, rules_json
from leadwake.errors import ConfigError, RuleError
from leadwake.storage.db import Database, q
from leadwake.storage.events import record

#: versions shown as history
MANY = 50
MAX_REASON_CHARS = 500


class RulesMoved(RuleError):
    """Somebody else changed the routing rules meanwhile: look at them as they are now, and decide again."""


async def in_force(db: Database, known: RoutingRules, version: int | None) -> RoutingRules:
    """The rules of the version, `known` if they are that; the default alone for None. Raises ConfigError."""
    if (version or 0) == known.version:
        return known
    return await by_version(db, version or 0) or STANDARD


async def by_version(db: Database, version: int) -> RoutingRules | None:
    """The rules of this version; None when there are none. Raises ConfigError."""
    row = await db.one("routing_rules_read", version=version) if version else None
    return rules_of(row) if row else None


async def change(db: Database, *, at: datetime, by: str, reason: str, before: int, value: RoutingRules) -> RoutingRules:
    """
    The rules are the team's from the next lead on, under a version of their own.

    before: the version they were made from. Raises WrongRules, and RulesMoved when another is in force by now.
    """
    async with db.transaction() as connection:
        await connection.execute(q("routing_rules_lock"))
        row = await (await connection.execute(q("routing_rules_latest"))).fetchone()
        last = row["version"] if row else 0
        if last != before:
            raise RulesMoved("somebody else changed the routing rules a moment ago")
        body = rules_json(value)
        new = read_rules(body, last + 1)
        await connection.execute(
            q("routing_rules_add"),
            {"version": new.version, "at": at, "by": by, "reason": reason[:MAX_REASON_CHARS], "value": Jsonb(body)},
        )
        digest = hashlib.sha256(msgspec.json.encode([body, reason], order="deterministic")).hexdigest()
        await record(connection, at, by, "routing_rules_changed", version=new.version, sha256=digest)
        await connection.execute(q("office_changed"))
    return new


async def history(db: Database) -> list[DictRow]:
    """The last versions, newest first: {version, at, by, reason, value}."""
    return await db.all("routing_rules_history", limit=MANY)


def rules_of(row: DictRow) -> RoutingRules:
    """
    The rules of a row.

    Raises ConfigError when this version of Leadwake does not know all they say: a lead could go to somebody the team
    did not mean.
    """
    try:
        return read_rules(row["value"], row["version"])
    except ValueError as error:
        raise ConfigError(
            f"version {row['version']} of the routing rules cannot be read ({error}): it was written by a newer "
            "Leadwake; bring this one up to date"
        ) from error
