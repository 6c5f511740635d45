"""The team's policy: every version there was; a change is a new row, and every process hears of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

import msgspec
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake.compliance.policy import MAX_REASON_CHARS, STANDARD, Policy
from leadwake.compliance.policy_json import parse_policy, policy_json
from leadwake.errors import ConfigError, RuleError
from leadwake.storage.db import Database, q
from leadwake.storage.events import record

#: versions shown as history
MANY = 50


class PolicyMoved(RuleError):
    """Somebody else changed the policy meanwhile: look at it as it is now, and decide again."""


async def in_force(db: Database, known: Policy, version: int | None) -> Policy:
    """The policy of the version, `known` if it is that; the defaults for None. Raises ConfigError."""
    if (version or 0) == known.version:
        return known
    row = await db.one("policy_read", version=version) if version else None
    return policy_of(row) if row else STANDARD


async def change(db: Database, *, at: datetime, by: str, reason: str, before: int, value: Policy) -> Policy:
    """
    The policy is the team's from now on, under a version of its own; what waits by the old one is decided anew.

    before: the version it was made from. Raises PolicyMoved when another is in force by now.
    """
    async with db.transaction() as connection:
        await connection.execute(q("policies_lock"))
        row = await (await connection.execute(q("policy_latest"))).fetchone()
        old = policy_of(row) if row else STANDARD
        if old.version != before:
            raise PolicyMoved("somebody else changed the rules a moment ago")
        body = policy_json(value)
        new = parse_policy(body, old.version + 1)
        await connection.execute(
            q("policy_add"),
            {"version": new.version, "at": at, "by": by, "reason": reason[:MAX_REASON_CHARS], "value": Jsonb(body)},
        )
        digest = hashlib.sha256(msgspec.json.encode([body, reason], order="deterministic")).hexdigest()
        given_up = sorted(loosening.name.value for loosening in new.loosenings)
        await record(
            connection, at, by, "policy_changed", version=new.version, given_up=given_up, sha256=digest
        )  # fmt: skip
        await connection.execute(q("deferred_asked_again"), {"now": at})
        await connection.execute(q("office_changed"))
    return new


async def history(db: Database) -> list[DictRow]:
    """The last versions, newest first: {version, at, by, reason, value}."""
    return await db.all("policies", limit=MANY)


async def by_version(db: Database, versions: Iterable[int]) -> dict[int, Policy]:
    """The policies of these versions; one that is not kept is left out. Raises ConfigError."""
    found = {0: STANDARD}
    for version in set(versions) - {0}:
        if row := await db.one("policy_read", version=version):
            found[version] = policy_of(row)
    return found


def policy_of(row: DictRow) -> Policy:
    """
    The policy of a row.

    Raises ConfigError when this version of Leadwake does not know all it says: to leave something out could let
    through what the team has forbidden, so nothing is sent until this process is as new as whoever wrote it.
    """
    try:
        return parse_policy(row["value"], row["version"])
    except ValueError as error:
        raise ConfigError(
            f"version {row['version']} of the team's rules cannot be read ({error}): it was written by a newer "
            "Leadwake; bring this one up to date"
        ) from error
