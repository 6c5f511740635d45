"""A lead's conversation as one thread: what they wrote, what went to them and who wrote it, what was noted. Pure.

One item a letter, text, call or note, at the instant it began; what became of it stands with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from leadwake.domain import sequence_story, wording
from leadwake.domain.chat import SEEN_WITHIN
from leadwake.domain.remedies import remedy
from leadwake.domain.story import Entry, Row, Teller
from leadwake.domain.visits import Page

#: states of an action that nothing came of, so that the page says why and what would have to change
NOT_SENT: Final = frozenset({
    "deferred", "blocked", "cancelled", "skipped", "expired", "dead", "unknown", "undelivered", "bounced",
})  # fmt: skip
#: events that belong into a conversation; the others stand under "everything"
TALKED: Final = frozenset({
    "opted_out", "opted_in", "no_calls", "paused", "resumed", "claimed", "assigned", "owner_lost", "finished",
    "passed", "contacted", "outcome", "restricted", "unrestricted", "unattended",
    "meeting_cancelled", "meeting_no_show", "follow_up", "enrolled", "sequence_stopped", "sequence_done",
})  # fmt: skip
#: a letter that waits longer than its undo was scheduled
_SOON: Final = timedelta(minutes=5)
#: kinds that are planned long before they go
_TIMED: Final = frozenset({"meeting_reminder_sms", "meeting_reminder_email", "no_show_sms", "no_show_email"})
#: what stands in the thread already, in their words
_SAID_ALREADY: Final = frozenset({"replied", "human_touch", "meeting_booked", "meeting_moved", "visited"})


@dataclass(frozen=True, slots=True)
class Item:
    """
    One thing in the thread.

    side: them, us, note, or quiet for what nobody said. title: who or what. words, tone: of its state, on a chip.
    why_not, remedy: for what was not sent. proof: the decision's particulars. steps: all that happened to it.
    letter_id: of a person's letter that still waits until due_at; writer_id: whose. is_undone: it was taken back.
    files: names of what was attached to a mail that came in. missed_id: of a letter in a chat that they left unseen.
    """

    at: datetime
    side: str
    kind: str
    title: str
    body: str | None = None
    subject: str | None = None
    channel: str | None = None
    words: str | None = None
    tone: str = "quiet"
    why: str | None = None
    why_not: str | None = None
    remedy: str | None = None
    proof: str | None = None
    points: Sequence[Any] = ()
    steps: Sequence[Entry] = ()
    action_id: UUID | None = None
    letter_id: UUID | None = None
    writer_id: UUID | None = None
    due_at: datetime | None = None
    is_undone: bool = False
    files: Sequence[str] = ()
    missed_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Threader:
    """Makes items of rows, for one reader. tell: words for what happened. whole: with what nobody said to anybody.

    lead: how they are called.
    """

    tell: Teller
    lead: str
    whole: bool = False

    def inquiry(self, row: Row, details: Row, *, first: bool, routed: Sequence[Row] = ()) -> Item:
        """What they asked, by form, chat or portal. routed: to whom, and why, oldest first."""
        entry, *rest = self.tell.inquiry(row, details, first=first, routed=routed)
        side = "them" if entry.body else "quiet"
        return Item(entry.at, side, "inquiry", entry.text, entry.body, channel=row["channel"], tone="said",
                    why=entry.why if self.whole else None, steps=rest)  # fmt: skip

    def message(self, row: Row, body: str, heading: Row) -> Item:
        """What they wrote to us. heading: of a mail, {"subject", "files", "from"}; empty for a text."""
        entry = self.tell.message(row, body)
        sender = heading.get("from")
        return Item(
            entry.at, "them", "reply", f"{entry.text}, from {sender}" if sender else entry.text, body or None,
            heading.get("subject") or None, row["channel"], tone="said", why=entry.why,
            files=tuple(heading.get("files") or ()),
        )  # fmt: skip

    def note(self, row: Row, body: str) -> Item:
        """What a colleague noted."""
        return Item(row["at"], "note", "note", self.tell.note(row, body).text, body)

    def call(self, row: Row) -> Item:
        """A call."""
        entry = self.tell.call(row, self.lead)
        return Item(entry.at, "quiet", "call", entry.text, channel="voice", tone=entry.tone, why=entry.why)

    def meeting(self, row: Row, title: str) -> Item:
        """A meeting they booked."""
        entry = self.tell.meeting(row, title)
        return Item(entry.at, "quiet", "meeting", entry.text, tone=entry.tone, why=entry.why)

    def visit(self, row: Row, pages: Sequence[Page]) -> Item:
        """Pages of our website that they looked at."""
        entry = self.tell.visit(row, pages)
        return Item(entry.at, "quiet", "visit", entry.text, why=entry.why)

    def consent(self, row: Row) -> Item:
        """What they allowed."""
        entry = self.tell.consent(row)
        return Item(entry.at, "quiet", "consent", entry.text, why=entry.why)

    def routing(self, row: Row) -> Item:
        """Whom the rules chose for them, and why."""
        entry = self.tell.routing(row)
        return Item(entry.at, "quiet", "assigned", entry.text, tone=entry.tone, why=entry.why)

    def event(self, row: Row) -> Item:
        """A line of the audit log."""
        entry = self.tell.event(row)
        text = f"{entry.text} ({entry.author})" if entry.author else entry.text
        return Item(entry.at, "quiet", entry.kind, text, tone=entry.tone, why=entry.why)

    def action(self, row: Row, attempts: Sequence[Row], content: Row) -> Item:
        """Something of ours to them, or about them, and what became of it."""
        steps = list(self.tell.action(row, attempts, content))
        state, decision = row["state"], row["decision"] or {}
        is_human = row["purpose"] == "human"
        words, tone = wording.chip(row["kind"], state)
        waits = is_human and state in {"planned", "deferred"}
        went = next((step for step in steps if step.state in {"sending", "sent"} and step.why), None)
        body = content.get("body") or content.get("text")
        is_timed = waits or row["kind"] in _TIMED
        if is_timed and state == "planned" and row["due_at"] - row["created_at"] > _SOON:
            words, tone = "scheduled", "wait"
        is_missed = row["kind"] == "human_chat" and state == "sent" and self.tell.now - row["claimed_at"] > SEEN_WITHIN
        if is_missed:
            words, tone = "not seen", "wait"
        is_news = went is not None and (not is_human or bool(decision.get("warnings")))
        return Item(
            row["created_at"], "us" if body and row["purpose"] != "staff" else "quiet", row["kind"],
            self._title(row, is_human=is_human), body, content.get("subject") or None, row["channel"],
            f"{words}, perhaps twice" if row["possible_duplicate"] else words, tone,
            went.why if went and is_news else None, self._why_not(row, decision), _remedy(row, decision),
            steps[-1].proof or (went.proof if went else None), steps=steps, action_id=row["id"],
            letter_id=row["cause_id"] if waits else None, writer_id=row["agent_id"] if is_human else None,
            due_at=row["due_at"], is_undone=row["reason"] == "undone",
            missed_id=row["cause_id"] if is_missed else None,
        )  # fmt: skip

    def _title(self, row: Row, *, is_human: bool) -> str:
        if is_human:
            return self.tell.name(row["agent_id"])
        if said := sequence_story.noun(row):
            return said
        noun = wording.noun(row["kind"])
        if row["agent_id"]:
            return noun.replace("the agent", self.tell.name(row["agent_id"]))
        return f"{noun}, automatic" if row["purpose"] != "staff" else noun

    def _why_not(self, row: Row, decision: Row) -> str | None:
        if row["state"] not in NOT_SENT:
            return None
        said = decision.get("sentence") if row["state"] in {"deferred", "blocked"} else None
        reason = wording.reason(row["reason"])
        if said and not said.endswith("may go now"):
            return wording.sentence(said.rpartition("is not sent: ")[2])
        return wording.sentence(reason) if reason else "The vendor did not say why"


def _remedy(row: Row, decision: Row) -> str | None:
    return remedy(row["reason"] or decision.get("reason"), row["state"]) if row["state"] in NOT_SENT else None


def is_shown(item: Item, *, whole: bool) -> bool:
    """Whether an item belongs into the view: the conversation, or everything."""
    if item.kind in _SAID_ALREADY:
        return False
    return whole or not item.is_undone


def in_order(items: Iterable[Item]) -> list[Item]:
    """Oldest first."""
    return sorted(items, key=lambda item: (item.at, _RANK.get(item.kind, 5)))


_RANK: Final = {"inquiry": 0, "reply": 0, "consent": 1}
