"""What is kept no longer is taken away, every night (R-GDPR-9); suppression stays without end."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from leadwake.ops import erasure
from leadwake.settings import Settings
from leadwake.storage.db import past_deadlocks, q
from leadwake.storage.events import record
from leadwake.workflows.office import Office

#: rows in one transaction: short enough that nobody waits
BATCH: Final = 200
#: it runs once in so long (business time)
EVERY: Final = timedelta(hours=24)
CHORE: Final = "retention"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that has its time. name: of its queries; setting: how long; what, stays: for people."""

    name: str
    setting: str
    what: str
    stays: str


RULES: Final = (
    Rule(
        "leads", "RETENTION_LEAD_MONTHS", "leads, after the last contact",
        "what was allowed and decided, without a name",
    ),
    Rule(
        "inquiries", "RETENTION_UNANSWERED_MONTHS", "inquiries that the person never came back to",
        "that an inquiry came",
    ),
    Rule("messages_in", "RETENTION_MESSAGE_MONTHS", "what people wrote", "that they wrote, and what it meant"),
    Rule("messages_out", "RETENTION_MESSAGE_MONTHS", "what we wrote", "that it was sent, and by which decision"),
    Rule("letters", "RETENTION_MESSAGE_MONTHS", "letters of the team as they were written", "as with what we wrote"),
    Rule("notes", "RETENTION_MESSAGE_MONTHS", "notes about people", "nothing"),
    Rule("enrichments", "RETENTION_UNANSWERED_MONTHS", "what was looked up about people", "that they were looked up"),
    Rule("captures", "RETENTION_CAPTURE_DAYS", "what came in and became nobody's lead", "that it came"),
    Rule("strangers", "RETENTION_CAPTURE_DAYS", "texts of people who are nobody's lead", "nothing"),
    Rule("calls", "RETENTION_CAPTURE_DAYS", "that somebody called who is nobody's lead", "nothing"),
    Rule("meetings", "RETENTION_CAPTURE_DAYS", "that something was booked by nobody's lead", "nothing"),
    Rule("meeting_words", "RETENTION_MESSAGE_MONTHS", "what a meeting was called, and where", "that it was, and when"),
    Rule("webhooks", "RETENTION_CAPTURE_DAYS", "deliveries to webhook endpoints that are over", "the log of ids"),
    Rule("page_views", "RETENTION_CAPTURE_DAYS", "what nobody's lead looked at on your websites", "nothing"),
    Rule("visits", "RETENTION_MESSAGE_MONTHS", "what leads looked at on your websites", "that they were there"),
    Rule("signals", "RETENTION_MESSAGE_MONTHS", "what was held to say something about a lead", "their score"),
    Rule("looks", "RETENTION_MESSAGE_MONTHS", "who of the team looked at whom", "nothing"),
    Rule("proofs", "RETENTION_PROOF_YEARS", "proof of consent, after the lead is gone", "opt-outs, without end"),
    Rule("decisions", "RETENTION_PROOF_YEARS", "decisions of the gate, after the lead is gone", "the log of ids"),
    Rule("records", "RETENTION_PROOF_YEARS", "the record of what was sent, after the lead is gone", "the log of ids"),
)  # fmt: skip


def limits(settings: Settings, now: datetime) -> dict[str, datetime]:
    """The instants before which each kind is too old."""
    return {
        "unanswered_before": _months_before(now, settings.retention("RETENTION_UNANSWERED_MONTHS")),
        "lead_before": _months_before(now, settings.retention("RETENTION_LEAD_MONTHS")),
        "message_before": _months_before(now, settings.retention("RETENTION_MESSAGE_MONTHS")),
        "proof_before": _months_before(now, 12 * settings.retention("RETENTION_PROOF_YEARS")),
        "capture_before": now - timedelta(days=settings.retention("RETENTION_CAPTURE_DAYS")),
    }


async def due(office: Office) -> Mapping[str, int]:
    """How many of each kind would be taken away now."""
    values = limits(office.settings, office.clock.now())
    found = {}
    for rule in RULES:
        row = await office.db.one(f"retention_{rule.name}_count", **values)
        found[rule.name] = row["n"] if row else 0
    return found


async def run(office: Office, actor: str = "system") -> Mapping[str, int]:
    """All that has had its time is gone; how many of each kind. Cut off, the next run goes on."""
    now = office.clock.now()
    values = {**limits(office.settings, now), "now": now, "limit": BATCH}
    done = {}
    for rule in RULES:
        count = 0
        while taken := await _batch(office, rule, values):
            count += taken
        done[rule.name] = count
    async with office.db.transaction() as connection:
        await connection.execute(q("chore_done"), {"name": CHORE, "now": now})
        if any(done.values()):
            await connection.execute(q("keys_changed"), {"ids": ""})
            await record(connection, now, actor, "retention_ran", lead_id=None, **done)
    return done


async def run_if_due(office: Office) -> bool:
    """True when a day has passed since the last run, and it was done now."""
    row = await office.db.one("chore_at", name=CHORE)
    if row is not None and office.clock.now() - row["at"] < EVERY:
        return False
    await run(office)
    return True


async def _batch(office: Office, rule: Rule, values: Mapping[str, object]) -> int:
    async def once() -> int:
        async with office.db.transaction() as connection:
            if rule.name == "leads":
                rows = await (await connection.execute(q("retention_leads"), {**values, "limit": 20})).fetchall()
                for row in rows:
                    await erasure.forget(office, connection, row["id"])
                return len(rows)
            await connection.execute(q("forgetting_still"))
            return (await connection.execute(q(f"retention_{rule.name}"), values)).rowcount

    return await past_deadlocks(once)


def _months_before(now: datetime, months: int) -> datetime:
    """The same day so many months earlier; the last of the month where there is none."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, calendar.monthrange(year, month + 1)[1]))
