"""Decisions made again, each by the tables and the policy of its time, read once and kept."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import msgspec
from psycopg.rows import DictRow

from leadwake.compliance.policy import Policy
from leadwake.compliance.tables import Tables
from leadwake.storage import decisions, policies, rule_tables
from leadwake.storage.decisions import InputsErased, RulesGone
from leadwake.storage.vault import SealBroken
from leadwake.workflows.office import Office


class Replayed(Enum):
    """How a decision came out."""

    SAME = "same"
    DIFFERENT = "different"
    ERASED = "erased"


class Replayer:
    """Replays rows of the decision log."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._tables: dict[str, Tables] = {office.tables.version: office.tables, office.shipped.version: office.shipped}
        self._policies: dict[int, Policy] = {0: Policy(), office.policy.version: office.policy}

    async def replay(self, row: DictRow) -> tuple[Replayed, Sequence[str]]:
        """How the row came out, and in what it differs. Raises KekUnknown, DatabaseAway."""
        await self._fetch(row)
        try:
            again = decisions.replay(row, self._office.vault, self._tables, self._policies)
        except InputsErased:
            return Replayed.ERASED, ()
        except (RulesGone, SealBroken, ValueError, msgspec.MsgspecError) as error:
            return Replayed.DIFFERENT, [str(error)]
        found = decisions.differences(row, again)
        return (Replayed.DIFFERENT if found else Replayed.SAME), found

    async def _fetch(self, row: DictRow) -> None:
        """The rules of the row's time are at hand, if they are kept."""
        db = self._office.db
        if row["table_version"] not in self._tables:
            self._tables.update(await rule_tables.by_version(db, [row["table_version"]]))
        if row["policy_version"] not in self._policies:
            self._policies.update(await policies.by_version(db, [row["policy_version"]]))
