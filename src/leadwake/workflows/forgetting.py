"""Vendors told to forget a person: what is asked of each, sealed under a key that is the erasure's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.actions.claims import Judgement, Outgoing
from leadwake.actions.planning import Planned
from leadwake.actions.states import State
from leadwake.domain.values import Purpose
from leadwake.providers.ports import ForgetContact, ForgetMessages, ForgetTexts
from leadwake.settings import Settings
from leadwake.storage.db import Connection, q
from leadwake.storage.vault import DataKey
from leadwake.storage.wakeups import wake
from leadwake.vendors import CRMS, VENDORS, Mode
from leadwake.workflows.composing import Errand

#: kind of action → the vendor it tells
KINDS: Final[Mapping[str, str]] = {
    "forget_texts": "twilio",
    "forget_crm": "hubspot",
    "forget_slack": "slack",
    "forget_gohighlevel": "gohighlevel",
}
#: texts or messages that one call may delete within its deadline
TEXTS_A_CALL: Final = 10
_CONTEXT: Final = b"erasure.order"
_json = msgspec.json.Encoder()


def texts(errand: Errand) -> Judgement:
    """Twilio is to delete these texts."""
    return _go(errand, ForgetTexts(_order(errand)["refs"]))


def contact(errand: Errand) -> Judgement:
    """The CRM is to delete this contact."""
    order = _order(errand)
    return _go(errand, ForgetContact(order["refs"], order.get("email")))


def messages(errand: Errand) -> Judgement:
    """What Slack shows of alerts about the person is to say nothing of them."""
    return _go(errand, ForgetMessages(_order(errand)["refs"]))


async def order(
    connection: Connection, settings: Settings, key: DataKey, erasure: Mapping[str, Any], known: Sequence[DictRow]
) -> int:
    """
    Each vendor that has something of the person is to be told, in the caller's transaction; how many orders that makes.

    erasure: {"id", "at", "email", "orders"}, orders: how many there are already. known: what vendors know them by:
    [{"kind", "ref", "practice"}]; a ref may be None where only the address tells.
    """
    made = int(erasure["orders"])
    jobs: list[tuple[str, UUID]] = []
    for kind in KINDS:
        for practice in (False, True):
            mine = [row for row in known if row["kind"] == kind and row["practice"] is practice]
            for refs in _chunks([row["ref"] for row in mine if row["ref"]]) if mine else ():
                planned = Planned(kind, KINDS[kind], Purpose.STAFF, practice, ordinal=made)
                content = {"refs": refs, "email": erasure["email"] if KINDS[kind] in CRMS else None}
                values = {
                    "id": planned.id, "cause_id": erasure["id"], "kind": kind, "recipient": KINDS[kind],
                    "ordinal": made, "channel": planned.channel, "purpose": planned.purpose.value,
                    "practice": practice, "now": erasure["at"], "key_id": key.id,
                    "content": key.seal(_json.encode(content), _CONTEXT),
                    "state": _state(settings, kind, practice=practice).value,
                }  # fmt: skip
                await connection.execute(q("erasure_order"), values)
                made += 1
                jobs.append((planned.channel, planned.id))
    await wake(connection, jobs, "bulk")
    return made - int(erasure["orders"])


def _state(settings: Settings, kind: str, *, practice: bool) -> State:
    """The sandbox's memory ends with it: what was practice there is not asked of a vendor that is live now."""
    is_live = settings.mode(KINDS[kind]) is Mode.LIVE
    return State.CANCELLED if practice and is_live else State.PLANNED


def _chunks(refs: Sequence[str]) -> list[list[str]]:
    chunks = [list(refs[at : at + TEXTS_A_CALL]) for at in range(0, len(refs), TEXTS_A_CALL)]
    return chunks or [[]]


def _order(errand: Errand) -> dict[str, Any]:
    row = errand.row
    key = errand.office.vault.open_data_key(row["content_key_id"], row["content_kek_id"], row["content_wrapped"])
    found: dict[str, Any] = msgspec.json.decode(key.open(row["content"], _CONTEXT))
    return found


def _go(errand: Errand, outgoing: Outgoing) -> Judgement:
    row = errand.row
    if not row["practice"] and errand.office.settings.mode(errand.vendor) is Mode.PRACTICE:
        return Judgement(State.DEAD, "vendor_off")  # the stand-in cannot forget what the vendor itself was told
    return Judgement(State.SENDING, outgoing=outgoing, content=row["content"], data_key_id=row["content_key_id"])


def label(kind: str) -> str:
    """The vendor's name as people know it."""
    return VENDORS[KINDS[kind]].label
