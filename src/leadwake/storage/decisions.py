"""The decision log: what the gate was asked and answered about each message to a lead, and the answer found again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.compliance.decision import Decision, Facts, Message
from leadwake.compliance.gate import may_send
from leadwake.compliance.policy import Policy
from leadwake.compliance.tables import Tables
from leadwake.domain.values import Channel, Purpose
from leadwake.errors import LeadwakeError
from leadwake.storage.db import Database
from leadwake.storage.vault import DataKey, Vault

_json = msgspec.json.Encoder()
_CONTEXT = b"decision.message"
_BATCH = 500


class InputsErased(LeadwakeError):
    """The person was erased: whom the message was for cannot be read, so the decision cannot be made again."""


class RulesGone(LeadwakeError):
    """The tables or the policy that a decision was made by are not kept here."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a decision was made by. facts: JSON; message: whom it was for, sealed; sender: our number or address."""

    facts: str
    message: bytes
    data_key_id: UUID
    sender: str


def evidence(message: Message, facts: Facts, key: DataKey, sender: str) -> Evidence:
    """The inputs as they are kept; key: the lead's."""
    to = _json.encode((message.recipient, message.state, message.postal_code, message.country))
    return Evidence(_json.encode(facts).decode(), key.seal(to, _CONTEXT), key.id, sender)


async def of_lead(db: Database, lead_id: UUID) -> list[DictRow]:
    """Every decision about messages to the lead, oldest first, with what `replay` needs."""
    return await db.all("decisions_of_lead", lead_id=lead_id)


async def everything(db: Database) -> AsyncIterator[DictRow]:
    """Every decision there is, oldest first, a batch at a time."""
    last = 0
    while rows := await db.all("decisions_after", id=last, limit=_BATCH):
        for row in rows:
            yield row
        last = rows[-1]["id"]


def replay(row: DictRow, vault: Vault, tables: Mapping[str, Tables], policies: Mapping[int, Policy]) -> Decision:
    """
    The decision made again from its row, by the rules that were in force then.

    tables, policies: by version. Raises InputsErased, RulesGone, SealBroken, KekUnknown.
    """
    if row["wrapped"] is None:
        raise InputsErased(f"decision {row['id']}: the person was erased")
    try:
        by_tables, by_policy = tables[row["table_version"]], policies[row["policy_version"]]
    except KeyError as missing:
        raise RulesGone(f"decision {row['id']}: rules {missing} are not kept") from None
    key = vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
    recipient, state, postal_code, country = msgspec.json.decode(key.open(row["sealed_message"], _CONTEXT))
    message = Message(Channel(row["channel"]), Purpose(row["purpose"]), recipient, state, postal_code, country)
    return may_send(message, msgspec.convert(row["facts"], Facts), by_tables, row["at"], by_policy)


def differences(row: DictRow, again: Decision) -> list[str]:
    """In what the decision made again is not the row's; what newer versions of Leadwake add to it is no matter."""
    now: dict[str, Any] = again.as_json()
    kept = [*row["result"].items(), *((name, row[name]) for name in ("outcome", "reason", "rule"))]
    found = [f"{name}: {then!r} then, {now.get(name)!r} now" for name, then in kept if then != now.get(name)]
    return list(dict.fromkeys(found))
