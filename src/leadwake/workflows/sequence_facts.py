"""What a sequence may look at of a lead, from the rows that know it; the same for enrolling, ticks and rehearsals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from leadwake.compliance.place import zones_of
from leadwake.compliance.tables import Tables
from leadwake.domain.language import declared_language, spoken
from leadwake.domain.sequence.progress import Fact
from leadwake.domain.values import Channel, ConsentLevel, Purpose
from leadwake.storage import intake as rows
from leadwake.storage.vault import Vault
from leadwake.workflows import gate_facts

Row = Mapping[str, Any]


def facts_of(row: Row, details: Row) -> dict[str, Fact]:
    """
    By the names of domain/sequence/model.FACTS.

    row: of `nurture_due`, or any with its columns contacts ({"phone": {"point", "consent"}, …}), score, temperature,
    source, channel, and, where looked for, visits, opened_booking, enriched. details: of the inquiry, opened.
    """
    contacts = row["contacts"] or {}
    return {
        "interest": details.get("interest"),
        "source": row["source"],
        "channel": row["channel"],
        "temperature": row["temperature"],
        "score": row["score"],
        "phone": "phone" in contacts,
        "email": "email" in contacts,
        "texts": contacts.get("phone", {}).get("consent") == ConsentLevel.WRITTEN,
        "timeline": bool(details.get("timeline")),
        "budget": bool(details.get("budget")),
        "visits": row.get("visits") or 0,
        "opened_booking": bool(row.get("opened_booking")),
        "enriched": bool(row.get("enriched")),
    }


def details_of(vault: Vault, row: Row) -> dict[str, Any]:
    """The inquiry of a row with sealed_details and the key's columns, opened; empty without one."""
    if row["sealed_details"] is None or row["details_key_id"] is None:
        return {}
    return rows.open_details(
        vault, row["details_key_id"], row["details_kek_id"], row["details_wrapped"], row["sealed_details"]
    )


def zones(profile: Row, tables: Tables, team: ZoneInfo, now: datetime) -> tuple[ZoneInfo, ...]:
    """Every zone the person may be in; the team's own where nobody knows."""
    recipient = profile.get("phone") or profile.get("email") or ""
    message = gate_facts.message(Channel.SMS, Purpose.MARKETING, recipient, profile)
    return zones_of(message, tables, now) or (team,)


def language(details: Row) -> str | None:
    """The language they speak, as far as they have shown it."""
    return spoken(declared_language(details.get("extra") or {}), details.get("message"))
