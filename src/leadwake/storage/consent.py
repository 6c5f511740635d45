"""Consent as the team looks at it: registered forms, and who of the last leads may be texted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.domain.consent import PROOF_FIELDS
from leadwake.domain.registered_form import RegisteredForm
from leadwake.storage.db import Database

#: leads looked at
LOOKED_AT: Final = timedelta(days=90)
#: sources with a line of their own; the rest are one line
SOURCES: Final = 20
#: rank of `consent_share` → why there are no marketing texts, in the order they are shown
REASONS: Final[Mapping[int, str]] = {0: "no_number", 1: "opted_out", 2: "declined", 3: "no_consent", 4: "asked"}
_AGREED: Final = 5


@dataclass(frozen=True, slots=True)
class Form:
    """A registered form with who registered it and when. retired_at: it counts for nothing that came after."""

    form: RegisteredForm
    registered_by: UUID
    registered_at: datetime
    retired_at: datetime | None


@dataclass(slots=True)
class Share:
    """Leads of one source. may: who may get marketing texts. why_not: reason → leads. source None: all the others."""

    source: str | None
    leads: int = 0
    may: int = 0
    why_not: Counter[str] = field(default_factory=Counter)

    @property
    def percent(self) -> int:
        """Who may, in a hundred."""
        return round(100 * self.may / self.leads) if self.leads else 0


@dataclass(frozen=True, slots=True)
class Overview:
    """total: over all sources. sources: the largest first. lacking: proof field → leads that said yes without it."""

    total: Share
    sources: Sequence[Share]
    lacking: Sequence[tuple[str, int]]


async def forms(db: Database) -> list[Form]:
    """Every form there was, those in use first."""
    return [_form(row) for row in await db.all("consent_forms")]


async def overview(db: Database, now: datetime, *, practice: bool) -> Overview:
    """Who of the leads of the last 90 days may get marketing texts. practice: count practice leads, too."""
    shares: dict[str | None, Share] = {}
    total, lacking = Share(None), Counter[str]()
    for row in await db.all("consent_share", since=now - LOOKED_AT, practice=practice, most=SOURCES):
        for share in (total, shares.setdefault(row["source"], Share(row["source"]))):
            share.leads += row["n"]
            if row["rank"] == _AGREED:
                share.may += row["n"]
            else:
                share.why_not[REASONS[row["rank"]]] += row["n"]
        for name in row["missing"]:
            lacking[name] += row["n"]
    by_size = sorted(shares.values(), key=lambda share: (share.source is None, -share.leads, share.source or ""))
    return Overview(total, by_size, [(name, lacking[name]) for name in PROOF_FIELDS if lacking[name]])


def _form(row: DictRow) -> Form:
    form = RegisteredForm(
        row["id"],
        row["name"],
        row["wording"],
        row["wording_version"],
        row["url"],
        row["signature"] == "typed_name",
        row["by_script"],
    )
    return Form(form, row["registered_by"], row["registered_at"], row["retired_at"])
