"""An action before it exists: what is wanted, of whom, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from leadwake.actions.states import State
from leadwake.domain.values import Purpose
from leadwake.storage.db import Connection, q
from leadwake.storage.ids import new_id
from leadwake.storage.wakeups import wake

#: kind → the channel that carries it
CHANNELS = {
    "sms": "sms",
    "email": "email",
    "crm": "crm",
    "alert_sms": "sms",
    "alert_email": "email",
    "test_sms": "sms",
    "test_email": "email",
    "ops_email": "email",
    "ops_slack": "slack",
    "page_sms": "sms",
    "page_email": "email",
    "page_slack": "slack",
    "confirmation_sms": "sms",
    "help_sms": "sms",
    "reply_alert_sms": "sms",
    "reply_alert_email": "email",
    "reply_alert_slack": "slack",
    "alert_slack": "slack",
    "alert_taken_sms": "sms",
    "alert_taken_slack": "slack",
    "claim_answer_sms": "sms",
    "unattended_sms": "sms",
    "unattended_email": "email",
    "unattended_slack": "slack",
    "hot_alert_sms": "sms",
    "hot_alert_email": "email",
    "hot_alert_slack": "slack",
    "meeting_alert_sms": "sms",
    "meeting_alert_email": "email",
    "meeting_alert_slack": "slack",
    "meeting_reminder_sms": "sms",
    "meeting_reminder_email": "email",
    "no_show_sms": "sms",
    "no_show_email": "email",
    "nurture_sms": "sms",
    "nurture_email": "email",
    "nurture_alert_sms": "sms",
    "nurture_alert_email": "email",
    "nurture_alert_slack": "slack",
    "human_sms": "sms",
    "human_email": "email",
    "human_chat": "chat",
    "chat": "chat",
    "call": "voice",
    "call_reminder_sms": "sms",
    "call_reminder_email": "email",
    "call_reminder_slack": "slack",
    "digest_email": "email",
    "digest_slack": "slack",
    "enrich": "enrich",
    "forget_texts": "sms",
    "forget_crm": "crm",
    "forget_slack": "slack",
    "forget_gohighlevel": "crm_gohighlevel",
    "crm_note": "crm",
    "webhook": "webhook",
    "crm_deal": "crm",
}
#: CRM → the channel of its records: one each, so that one that hangs keeps the other's waiting for nothing
CRM_CHANNELS = {"hubspot": "crm", "gohighlevel": "crm_gohighlevel"}


@dataclass(frozen=True, slots=True)
class Planned:
    """
    One intended action. Unique by (cause, kind, recipient, ordinal): planning it twice plans it once.

    recipient: whom within the cause: a contact point's kind, an agent's id, a vendor. state: PLANNED, or SKIPPED with
    the reason. practice: the sandbox stands in for its vendor now, so that it is never sent later.
    """

    kind: str
    recipient: str
    purpose: Purpose
    practice: bool
    contact_point_id: int | None = None
    agent_id: UUID | None = None
    state: State = State.PLANNED
    reason: str | None = None
    ordinal: int = 0
    id: UUID = field(default_factory=new_id)

    @property
    def channel(self) -> str:
        """The channel that carries it."""
        return CRM_CHANNELS[self.recipient] if self.kind in {"crm", "crm_note", "crm_deal"} else CHANNELS[self.kind]


async def plan(
    connection: Connection,
    planned: Planned,
    *,
    cause_id: UUID,
    now: datetime,
    lead_id: UUID | None = None,
    queue: str = "instant",
    due_at: datetime | None = None,
    sealed: tuple[bytes, UUID] | None = None,
) -> bool:
    """
    The action exists once the transaction commits; False when it did already.

    sealed: what it says, and the data key it is sealed with, where that is known before it is claimed.
    """
    content, key_id = sealed or (None, None)
    return (
        await connection.execute(
            q("plan_action"),
            {
                "id": planned.id,
                "cause_id": cause_id,
                "kind": planned.kind,
                "recipient": planned.recipient,
                "ordinal": planned.ordinal,
                "lead_id": lead_id,
                "contact_point_id": planned.contact_point_id,
                "agent_id": planned.agent_id,
                "channel": planned.channel,
                "purpose": planned.purpose.value,
                "queue": queue,
                "state": planned.state.value,
                "practice": planned.practice,
                "now": now,
                "due_at": (due_at or now) if planned.state is State.PLANNED else None,
                "reason": planned.reason,
                "content": content,
                "key_id": key_id,
            },
        )
    ).rowcount == 1


async def plan_now(
    connection: Connection,
    actions: Iterable[Planned],
    *,
    cause_id: UUID,
    now: datetime,
    lead_id: UUID | None = None,
    queue: str = "instant",
) -> list[Planned]:
    """The actions exist once the transaction commits, with one wake-up for those to be done now; those that are new."""
    new = [
        action
        for action in actions
        if await plan(connection, action, cause_id=cause_id, now=now, lead_id=lead_id, queue=queue)
    ]
    await wake(connection, [(action.channel, action.id) for action in new if action.state is State.PLANNED], queue)
    return new
