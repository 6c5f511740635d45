"""What a call is about that a sequence asked for, in the team's own words."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.domain.sequence.model import CallTask
from leadwake.workflows.office import Office


async def about(office: Office, lead_ids: Sequence[UUID]) -> dict[UUID, str]:
    """By the leads that wait for such a call."""
    found = await office.db.all("sequence_calls", ids=list(lead_ids)) if lead_ids else []
    return {row["lead_id"]: _about(office, row) for row in found}


def _about(office: Office, row: DictRow) -> str:
    plan = office.sequences.version(row["sequence"], row["version"])
    act = plan.steps[row["step"]].act if plan and row["step"] < len(plan.steps) else None
    if isinstance(act, CallTask):
        return act.says
    return f"“{plan.title if plan else row['sequence']}” could not text them here: call instead."
