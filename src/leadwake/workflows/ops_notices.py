"""The team's channel for operations in Slack: trouble that begins, trouble that is over, and each day in a line.

Told once for each trouble and each day, whoever looks and however often: the notice's row is the cause of the message.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from leadwake.actions.claims import Judgement
from leadwake.actions.planning import Planned, plan_now
from leadwake.actions.states import State
from leadwake.domain import ops_words
from leadwake.domain.ops_words import Said
from leadwake.domain.values import Purpose
from leadwake.providers.block_kit import bold, escaped, link, section
from leadwake.providers.ports import ChatMessage
from leadwake.settings import Settings
from leadwake.storage.db import Connection, q
from leadwake.storage.ids import new_id
from leadwake.workflows.composing import Errand
from leadwake.workflows.instant_response import is_off, is_practice
from leadwake.workflows.office import Office

#: what a message of a notice says: its beginning, or its end
BEGUN, OVER = "begun", "over"
#: an ending is told only where the beginning was
_TOLD: Final = frozenset({"sending", "sent", "delivered", "unknown"})


def channel(settings: Settings) -> str:
    """Where operations are told, "" where the team has not chosen a channel or Slack is off."""
    return "" if is_off(settings, "slack") else settings.credential("slack", "SLACK_OPS_CHANNEL")


async def begin(
    connection: Connection,
    office: Office,
    about: str,
    content: Mapping[str, Any],
    now: datetime,
    *,
    notice_id: UUID | None = None,
    lasts: bool = True,
) -> bool:
    """
    The notice stands and its message is on its way; False when it is going on already, or is known.

    about, content: as domain.ops_words reads them. lasts: it goes on until `end`; False for what is only said.
    notice_id: for what may be said once.
    """
    notice = notice_id or new_id()
    values = {
        "id": notice,
        "about": about,
        "now": now,
        "over_at": None if lasts else now,
        "content": Jsonb(dict(content)),
    }
    if (await connection.execute(q("ops_begin"), values)).rowcount == 0:
        return False
    await _plan(connection, office, notice, BEGUN, now)
    return True


async def end(connection: Connection, office: Office, notice: UUID, now: datetime, *, silently: bool = False) -> None:
    """The trouble is over, and said to be, unless it goes on under another notice (silently)."""
    changed = (await connection.execute(q("ops_end"), {"id": notice, "now": now})).rowcount
    if changed and not silently:
        await _plan(connection, office, notice, OVER, now)


async def say(connection: Connection, office: Office, title: str, text: str, now: datetime) -> None:
    """News that is only said: a registration that was approved, records that are gone."""
    await begin(connection, office, "notice", {"title": title, "text": text}, now, lasts=False)


async def _plan(connection: Connection, office: Office, notice: UUID, part: str, now: datetime) -> None:
    if not channel(office.settings):
        return
    planned = Planned("ops_slack", part, Purpose.STAFF, is_practice(office.settings, "slack"))
    await plan_now(connection, [planned], cause_id=notice, now=now, queue="bulk")


def judge(errand: Errand) -> Judgement:
    """The notice as it is now; an ending only where the beginning was told."""
    found, to = errand.row["ops"], channel(errand.office.settings)
    if found is None:
        return Judgement(State.CANCELLED, "too_late")
    if not to:
        return Judgement(State.SKIPPED, "no_slack")
    is_over, over_at = errand.row["recipient"] == OVER, found["over_at"]
    if is_over and found["told"] not in _TOLD:
        return Judgement(State.CANCELLED, "never_shown")
    began = datetime.fromisoformat(found["at"])
    if is_over:
        said = ops_words.over(found["about"], found["content"], datetime.fromisoformat(over_at) - began)
    elif over_at is not None and datetime.fromisoformat(over_at) > began:
        return Judgement(State.CANCELLED, "over_already")
    else:
        said = ops_words.begun(found["about"], found["content"])
    return _post(errand, to, said)


def _post(errand: Errand, to: str, said: Said) -> Judgement:
    base = errand.office.settings.links_base
    lines = [bold(said.headline), escaped(said.text, 1000), link(f"{base}{said.page}", "Open") if base else ""]
    message = ChatMessage(to, escaped(said.headline), [section("\n".join(line for line in lines if line))])
    content = errand.seal(None, {"to": to, "body": f"{said.headline}\n{said.text}".strip()})
    return Judgement(State.SENDING, outgoing=message, content=content)
