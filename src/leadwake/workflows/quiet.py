"""Those who went quiet, read: who they are, how likely they come back, and by whom and how they may be reached."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.compliance.decision import Facts
from leadwake.compliance.gate import may_send
from leadwake.domain.revival import Chance, Quiet, Way, chance, way
from leadwake.domain.sequence.model import Start
from leadwake.domain.values import Channel, ConsentLevel, Purpose
from leadwake.storage.db import Connection, q
from leadwake.storage.intake import open_profile
from leadwake.workflows import gate_facts
from leadwake.workflows.instant_response import is_off
from leadwake.workflows.office import Office
from leadwake.workflows.sequence_facts import details_of, facts_of

#: whoever was woken and stayed quiet is let be for so long
REST: Final = timedelta(days=90)
#: looked at in one go, the last to go quiet
LOOK: Final = 2000
_BREATH: Final = 50
#: of a call, what a colleague is warned of and what keeps it from being asked for
_NO_CALL: Final = frozenset({"declined", "dnc_registry"})


@dataclass(frozen=True, slots=True)
class Sleeper:
    """
    Somebody who went quiet. way: how they may be woken, None when nobody may reach them. why_not: of each way that is
    closed, the reason's code. sequence: the one that is for them, by its name. profile: theirs, opened; owner_id: whose
    they are.
    """

    lead_id: UUID
    chance: Chance
    way: Way | None
    why_not: Mapping[str, str]
    sequence: str | None
    profile: Mapping[str, Any]
    owner_id: UUID | None
    quiet_since: datetime | None


async def sleepers(
    office: Office, connection: Connection, quiet_days: int, now: datetime, *, lead_id: UUID | None = None,
    limit: int = LOOK,
) -> list[Sleeper]:  # fmt: skip
    """Whoever is quiet for so many days, the likeliest to come back first. lead_id: that one alone."""
    values = {
        "practice": office.is_practice, "before": now - timedelta(days=quiet_days), "woken_before": now - REST,
        "id": lead_id, "limit": limit,
    }  # fmt: skip
    found = await (await connection.execute(q("quiet_leads"), values)).fetchall()
    asleep = []
    for n, row in enumerate(found):
        asleep.append(_sleeper(office, row, now))
        if n % _BREATH == 0:
            await asyncio.sleep(0)  # opening two thousand people takes a third of a second: others go on meanwhile
    return sorted(asleep, key=lambda each: (-each.chance.points, -_instant(each.quiet_since), each.lead_id))


def _sleeper(office: Office, row: DictRow, now: datetime) -> Sleeper:
    details, profile = details_of(office.vault, row), open_profile(office.vault, row)
    quiet = _quiet(row, details)
    contacts = {contact["kind"]: contact for contact in reversed(row["contacts"])}
    sequence = office.sequences.choice.of(Start.DORMANT, facts_of({**row, "contacts": contacts}, details))
    no_mail = _no_mail(office, row, profile, now) or (None if sequence else "no_sequence")
    why_not = {
        name: reason for name, reason in (("email", no_mail), ("call", _no_call(office, row, profile, now))) if reason
    }
    return Sleeper(
        row["id"], chance(quiet, now), way(may_mail="email" not in why_not, may_call="call" not in why_not), why_not,
        sequence.name if sequence else None, profile, row["agent_id"], quiet.quiet_since,
    )  # fmt: skip


def _quiet(row: DictRow, details: Mapping[str, Any]) -> Quiet:
    """A name of a list was last in touch when the list says they asked, if it does."""
    claimed = details.get("claimed_at")
    asked_at = datetime.fromisoformat(claimed) if claimed else None if row["listed"] else row["asked_at"]
    is_listed_alone = row["status"] == "imported"
    return Quiet(
        row["id"], asked_at if is_listed_alone else row["touched_at"], asked_at, row["source"], row["score"],
        timeline=details.get("timeline"), replies=row["replies"], talks=row["talks"], meetings=row["meetings"],
        seen_at=row["seen_at"], woken=row["woken"], finished=row["finished_at"] is not None,
    )  # fmt: skip


def _no_mail(office: Office, row: DictRow, profile: Mapping[str, Any], now: datetime) -> str | None:
    """Why no e-mail may go, as the gate decides it; None when one may."""
    if is_off(office.settings, "email"):
        return "vendor_off"
    contact = _first(row, "email")
    if contact is None:
        return "no_email"
    never = {"prior_sends": None, "answered_at": None, "paused_at": None, "created_at": now}
    known = {**contact, **never, "lives_at": row["lives_at"], "mail_paused": row["mail_paused"]}
    message = gate_facts.message(Channel.EMAIL, Purpose.MARKETING, _address(office, row, contact), profile)
    decision = may_send(message, gate_facts.facts(office, known, profile), office.tables, now, office.policy)
    return decision.reason if decision.outcome == "block" else None


def _no_call(office: Office, row: DictRow, profile: Mapping[str, Any], now: datetime) -> str | None:
    """Why nobody is asked to call; None when somebody may be."""
    contact = _first(row, "phone")
    if contact is None:
        return "no_number"
    stopped = contact["opted_out_at"] or contact["voice_stopped_at"]
    level = ConsentLevel(contact["consent"]) if contact["consent"] else ConsentLevel.NONE
    facts = Facts(ConsentLevel.REVOKED if stopped else level, inquiry_at=contact["inquiry_at"])
    message = gate_facts.message(Channel.VOICE, Purpose.HUMAN, _address(office, row, contact), profile)
    decision = may_send(message, facts, office.tables, now, office.policy)
    if decision.outcome == "block":
        return decision.reason
    return next((warning for warning in decision.warnings if warning in _NO_CALL), None)


def _first(row: DictRow, kind: str) -> dict[str, Any] | None:
    """The contact of a kind that is best used, its instants read."""
    found = next((contact for contact in row["contacts"] if contact["kind"] == kind), None)
    if found is None:
        return None
    return {name: _read(value) if name.endswith("_at") else value for name, value in found.items()}


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _address(office: Office, row: DictRow, contact: Mapping[str, Any]) -> str:
    key = office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
    return key.open(b64decode(contact["value"]), b"lead_contact.value").decode()


def _instant(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0


def by_way(found: Sequence[Sleeper]) -> dict[Way | None, int]:
    """How many may be woken by each way, and how many by none."""
    counts: dict[Way | None, int] = {"email": 0, "call": 0, None: 0}
    for each in found:
        counts[each.way] += 1
    return counts
