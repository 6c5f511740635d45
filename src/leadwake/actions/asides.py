"""What only some kinds of action are judged by: read for those alone, so that no other claim opens a table for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from psycopg.rows import DictRow

from leadwake.storage.db import Connection, q


class Aside(NamedTuple):
    """kinds: it is asked for these; columns: what they are given, in the query's order."""

    kinds: frozenset[str]
    columns: tuple[str, ...]


ASIDES: Final[Mapping[str, Aside]] = {
    "aside_alert": Aside(frozenset({"alert_taken_slack"}), ("alert",)),
    "aside_reply": Aside(
        frozenset({"reply_alert_sms", "reply_alert_email", "reply_alert_slack"}),
        ("reply_body", "reply_intent", "reply_key_id", "reply_kek_id", "reply_wrapped"),
    ),
    "aside_letter": Aside(
        frozenset({"human_sms", "human_email", "human_chat", "chat"}),
        (
            "letter_content", "letter_send_at", "letter_accepted", "chat_id", "chat_talked_at", "chat_ended_at",
            "chat_welcome", "chat_language", "mail_before",
        ),
    ),
    "aside_digest": Aside(frozenset({"digest_email", "digest_slack"}), ("digest",)),
    "aside_ops": Aside(frozenset({"ops_slack", "ops_email"}), ("ops",)),
    "aside_page": Aside(frozenset({"page_sms", "page_email", "page_slack"}), ("page",)),
    "aside_lookup": Aside(frozenset({"enrich"}), ("looked_up",)),
    "aside_deal": Aside(frozenset({"crm_deal"}), ("deal",)),
    "aside_call": Aside(frozenset({"call_reminder_sms", "call_reminder_email", "call_reminder_slack"}), ("call_task",)),
    "aside_webhook": Aside(frozenset({"webhook"}), ("webhook",)),
    "aside_hot": Aside(frozenset({"hot_alert_sms", "hot_alert_email", "hot_alert_slack"}), ("hot_because",)),
    "aside_meeting": Aside(
        frozenset(
            {
                "meeting_reminder_sms", "meeting_reminder_email", "no_show_sms", "no_show_email", "meeting_alert_sms",
                "meeting_alert_email", "meeting_alert_slack",
            }
        ),
        ("meeting_state", "meeting_starts_at", "meeting_sealed", "reminds_of", "is_texted"),
    ),
    "aside_found": Aside(
        frozenset({"nurture_sms", "nurture_email", "nurture_alert_sms", "nurture_alert_email", "nurture_alert_slack"}),
        ("enriched",),
    ),
}  # fmt: skip
_NOTHING: Final[Mapping[str, Any]] = {column: None for aside in ASIDES.values() for column in aside.columns}


async def read(connection: Connection, now: datetime, found: Sequence[DictRow]) -> list[DictRow]:
    """The rows of `claim_read` with what their kinds ask besides; a column that is not theirs is None."""
    rows = {row["id"]: {**_NOTHING, **row} for row in found}
    for name, aside in ASIDES.items():
        if ids := [row["id"] for row in found if row["kind"] in aside.kinds]:
            for more in await (await connection.execute(q(name), {"ids": ids, "now": now})).fetchall():
                rows[more["id"]].update(more)
    return list(rows.values())
