"""Signals of leads, and the weights they count by: rows ⇄ values; each version of the weights is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake.domain.scoring import SHIPPED, Signal, Weights
from leadwake.domain.scoring.weights import read
from leadwake.errors import ConfigError, RuleError
from leadwake.storage.db import Connection, Database, q
from leadwake.storage.events import record

#: rows of signals that are looked at of one lead, the newest, besides what they asked
MOST_SIGNALS: Final = 250
#: versions shown as history
MANY: Final = 50
MAX_REASON_CHARS: Final = 500


class WeightsMoved(RuleError):
    """Somebody else changed the weights meanwhile: look at them as they are now, and decide again."""


async def signals_of(connection: Connection, lead_id: UUID) -> list[Signal]:
    """What is known of a lead, in the order in which it was told."""
    found = await connection.execute(q("signals_of"), {"lead_id": lead_id, "limit": MOST_SIGNALS})
    return signals_in(await found.fetchall())


def signals_in(rows: Iterable[DictRow]) -> list[Signal]:
    """The signals of rows, one for each code."""
    return [Signal(code, row["at"], row["cause_id"]) for row in rows for code in row["codes"]]


async def add(connection: Connection, lead_id: UUID, cause: UUID, at: datetime, codes: Sequence[str]) -> None:
    """The signals stand with whatever else the transaction writes, and the lead is scored anew after it."""
    await connection.execute(q("signal_add"), {"lead_id": lead_id, "cause_id": cause, "at": at, "codes": list(codes)})


# Weights.


async def in_force(db: Database, known: Weights, version: int | None) -> Weights:
    """The weights of the version, `known` if they are that; as shipped for None. Raises ConfigError."""
    if (version or 0) == known.version:
        return known
    return await by_version(db, version or 0) or SHIPPED


async def by_version(db: Database, version: int) -> Weights | None:
    """The weights of this version, 0 as shipped; None when there are none. Raises ConfigError."""
    if version == 0:
        return SHIPPED
    row = await db.one("score_weights_read", version=version)
    return weights_of(row) if row else None


async def publish(db: Database, *, at: datetime, by: str, reason: str, before: int, value: Weights) -> Weights:
    """
    Every lead is scored by them from now on, those there are one after the other, under a version of their own.

    before: the version they were made from. Raises WrongWeights, and WeightsMoved when another is in force by now.
    """
    async with db.transaction() as connection:
        await connection.execute(q("score_weights_lock"))
        row = await (await connection.execute(q("score_weights_latest"))).fetchone()
        last = (row["version"] if row else None) or 0
        if last != before:
            raise WeightsMoved("somebody else changed the weights a moment ago")
        body = value.as_json()
        new = read(body, last + 1, SHIPPED)
        written = {
            "version": new.version,
            "at": at,
            "by": by,
            "reason": reason[:MAX_REASON_CHARS],
            "value": Jsonb(body),
        }
        await connection.execute(q("score_weights_add"), written)
        digest = hashlib.sha256(msgspec.json.encode([body, reason], order="deterministic")).hexdigest()
        await record(connection, at, by, "score_weights_changed", version=new.version, sha256=digest)
        await connection.execute(q("score_sweep_begin"), {"version": new.version})
        await connection.execute(q("office_changed"))
    return new


async def versions(db: Database) -> list[tuple[datetime, Weights]]:
    """Every version with the instant since when it held, as shipped first. Raises ConfigError."""
    found = [(row["at"], weights_of(row)) for row in await db.all("score_weights_all")]
    return [(datetime.min.replace(tzinfo=UTC), SHIPPED), *found]


async def history(db: Database) -> list[DictRow]:
    """The last versions, newest first: {version, at, by, reason, value}."""
    return await db.all("score_weights_history", limit=MANY)


def weights_of(row: Mapping[str, object]) -> Weights:
    """
    The weights of a row; what a later Leadwake counts besides, counts as it ships.

    Raises ConfigError when this version of Leadwake does not know all they say.
    """
    value, version = row["value"], row["version"]
    assert isinstance(value, Mapping)
    assert isinstance(version, int)
    try:
        return read(value, version, SHIPPED)
    except ValueError as error:
        raise ConfigError(
            f"version {version} of the weights cannot be read ({error}): it was written by a newer Leadwake; "
            "bring this one up to date"
        ) from error
