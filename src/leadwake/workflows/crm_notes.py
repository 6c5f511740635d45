"""What was said, and what agents noted, as notes in the CRM: one a message, call or note, in the bulk queue.

Looked for rather than planned where it happens, so that no answer to a lead waits for it. A CRM that the sandbox stands
in for gets none: a note for each message would only hide what practice is there to show.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid5

import msgspec
from psycopg.rows import DictRow

from leadwake.actions.claims import Judgement
from leadwake.actions.planning import Planned, plan
from leadwake.actions.states import State
from leadwake.domain import wording
from leadwake.domain.values import Purpose
from leadwake.providers.ports import CrmNote
from leadwake.storage.db import Connection, q
from leadwake.storage.wakeups import wake
from leadwake.vendors import Mode
from leadwake.workflows.composing import Errand
from leadwake.workflows.office import Office

#: what became true a little before the last look may not have been seen by it
OVERLAP: Final = timedelta(seconds=90)
_BATCH: Final = 200
_CONTEXT: Final = b"action.content"
_BODIES: Final = {"reply": b"message.body", "note": b"note.body"}
_WHAT: Final = {
    "sms": "Text to them", "email": "E-mail to them", "human_sms": "Text to them", "human_email": "E-mail to them",
    "human_chat": "Chat to them", "reply": "They wrote", "note": "Note",
}  # fmt: skip


async def plan_due(office: Office, crm: str) -> int:
    """What was said since the last look has its note planned, and whoever got a lead is told to the CRM; how many."""
    if office.settings.mode(crm) is Mode.OFF:
        return 0
    async with office.db.transaction() as connection:
        now = office.clock.now()
        await connection.execute(q("crm_cursor_begin"), {"vendor": crm, "now": now})
        row = await (await connection.execute(q("crm_cursor_take"), {"vendor": crm})).fetchone()
        if row is None:
            return 0  # another process looks
        values = {"vendor": crm, "since": row["at"] - OVERLAP, "limit": _BATCH}
        owners = await (await connection.execute(q("crm_owner_news"), values)).fetchall()
        is_live = office.settings.mode(crm) is Mode.LIVE
        said = await (await connection.execute(q("crm_said"), values)).fetchall() if is_live else []
        planned = [await _plan_owner(office, connection, crm, one, now) for one in owners]
        planned += [await _plan_note(office, connection, crm, one, now) for one in said]
        await wake(connection, [(one.channel, one.id) for one in planned if one], "bulk")
        if max(len(owners), len(said)) < _BATCH:  # else the rest is looked for from where we were
            await connection.execute(q("crm_cursor_set"), {"vendor": crm, "now": now})
        return len(owners) + len(said)


def judge(errand: Errand) -> Judgement:
    """The note is to be written."""
    row = errand.row
    key = errand.office.vault.open_data_key(row["content_key_id"], row["content_kek_id"], row["content_wrapped"])
    told: dict[str, Any] = msgspec.json.decode(key.open(row["content"], _CONTEXT))
    mark = f"lw{row['id'].hex}"
    at = datetime.fromisoformat(told["at"])
    outgoing = CrmNote(told["contact"], told["text"], at, mark, maybe_there=row["attempts"] > 0)
    return Judgement(State.SENDING, outgoing=outgoing, content=row["content"], data_key_id=row["content_key_id"])


async def _plan_owner(office: Office, connection: Connection, crm: str, row: DictRow, now: datetime) -> Planned | None:
    is_practice = office.settings.mode(crm) is Mode.PRACTICE
    planned = Planned("crm", crm, Purpose.STAFF, is_practice)
    cause = uuid5(row["lead_id"], f"owner {row['claimed_at'].isoformat()}")
    if not await plan(connection, planned, cause_id=cause, now=now, lead_id=row["lead_id"], queue="bulk"):
        return None
    await connection.execute(q("action_known_as"), {"id": planned.id, "ref": row["ref"]})
    return planned


async def _plan_note(office: Office, connection: Connection, crm: str, row: DictRow, now: datetime) -> Planned | None:
    key = office.vault.open_data_key(row["lead_key_id"], row["lead_kek_id"], row["lead_wrapped"])
    planned = Planned("crm_note", crm, Purpose.STAFF, practice=False)
    told = {"contact": row["ref"], "text": _text(office, row), "at": row["at"].isoformat()}
    sealed = key.seal(msgspec.json.encode(told), _CONTEXT), key.id
    is_new = await plan(
        connection, planned, cause_id=row["cause"], now=now, lead_id=row["lead_id"], queue="bulk", sealed=sealed
    )
    return planned if is_new else None


def _text(office: Office, row: DictRow) -> str:
    """What the note says: who, what, and the words themselves."""
    person = office.person(row["user_id"])
    if row["kind"].startswith("call"):
        return _call(row, person.name if person else None)
    head = _WHAT[row["kind"]] + (f", {person.name}" if person else "")
    if row["content"] is None or row["wrapped"] is None:
        return head
    key = office.vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"])
    if context := _BODIES.get(row["kind"]):
        return f"{head}:\n{key.open(row['content'], context).decode('utf-8', 'replace')}"
    said = msgspec.json.decode(key.open(row["content"], _CONTEXT))
    subject = f"{said['subject']}\n" if said.get("subject") else ""
    return f"{head}:\n{subject}{said.get('body') or said.get('text') or ''}"


def _call(row: DictRow, name: str | None) -> str:
    """A call, and what came of it where somebody has said so."""
    words, _ = wording.call(row["kind"].removeprefix("call_"), row["state"], name)
    came_of = wording.outcome(row["outcome"])
    return f"{words}: {came_of}" if came_of else words
