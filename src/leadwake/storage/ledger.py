"""The ledger: every capture and every action in a stated place, and whether it all adds up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leadwake.storage.db import Database, q

OUTCOMES = ("lead", "known", "spam", "rejected", "pending")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Counts by outcome and by state, and what does not hold, in plain words."""

    captures: dict[str, int]
    actions: dict[str, int]
    problems: list[str]

    @property
    def balanced(self) -> bool:
        """True when nothing is unaccounted for."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """The shape of `leadwake ledger --json`."""
        return {
            "captures": {"total": sum(self.captures.values()), "by_outcome": self.captures},
            "actions": {"total": sum(self.actions.values()), "by_state": self.actions},
            "balanced": self.balanced,
            "problems": self.problems,
        }


async def read(db: Database, now: datetime) -> Ledger:
    """The ledger as of one instant: all counts come from one snapshot. now: business time."""
    async with db.transaction() as connection:
        await connection.execute("set transaction isolation level repeatable read, read only")
        await connection.execute("set local statement_timeout = '120s'")
        captures = {
            row["outcome"]: row["n"] for row in await (await connection.execute(q("ledger_captures"))).fetchall()
        }
        actions = {row["state"]: row["n"] for row in await (await connection.execute(q("ledger_actions"))).fetchall()}
        found = await (await connection.execute(q("ledger_problems"), {"now": now})).fetchall()
    problems = [f"{row['n']} × {row['problem']} (such as {row['example']})" for row in found]
    return Ledger({outcome: captures.get(outcome, 0) for outcome in OUTCOMES}, actions, problems)
