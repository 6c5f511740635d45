"""A lead's story: what was asked, decided, tried and answered, one entry each, in plain words. Pure.

Rows come in as mappings with everything sealed already opened; entries go out, oldest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from leadwake.domain import calls, ownership_story, recovery, routing_words, sequence_story, wording
from leadwake.domain.meaning import words as meanings
from leadwake.domain.visits import Page

Row = Mapping[str, Any]

#: how entries of one instant follow each other
_ORDER: Final = {"inquiry": 0, "consent": 1, "score": 2, "assigned": 3}
#: steps of placing a call that the call's own line tells better
_TOLD_OF_THE_CALL: Final = frozenset({"claimed", "accepted", "reported"})
#: a capture that reached us later than this after the asking says so
_LATE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One thing that happened.

    kind: inquiry, consent, score, assigned, reply, an action's kind (sms, email, crm, alert_sms …) or an event's.
    why: what it was decided by. body: what was written or said. tone: good, busy, wait, quiet, bad, or said.
    proof: the decision's particulars, for the record. points: of a score, [{text, points}]. author: who of the team
    wrote, called or did it.
    """

    at: datetime
    kind: str
    text: str
    why: str | None = None
    body: str | None = None
    subject: str | None = None
    tone: str = "quiet"
    state: str | None = None
    proof: str | None = None
    points: Sequence[Mapping[str, Any]] = ()
    action_id: UUID | None = None
    author: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; what is not known is left out."""
        found = {
            "at": self.at.isoformat(), "kind": self.kind, "text": self.text, "why": self.why, "state": self.state,
            "subject": self.subject, "body": self.body, "proof": self.proof, "reasons": list(self.points) or None,
            "action_id": str(self.action_id) if self.action_id else None, "author": self.author,
        }  # fmt: skip
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells a story to one reader. zone: the reader's clock; names: user id → name; now: business time."""

    zone: ZoneInfo
    names: Mapping[UUID, str]
    now: datetime

    def inquiry(self, row: Row, details: Row, *, first: bool, routed: Sequence[Row] = ()) -> Iterator[Entry]:
        """What somebody asked, what it scored, and whom it went to. routed: the decisions about it, oldest first."""
        if row.get("listed"):
            yield from self._listed(row, details, routed)
            return
        at = min(row["asked_at"], row["captured_at"])
        text = f"{'Asked' if first else 'Asked again,'} through {wording.door(row['channel'])}"
        notes = [f"source: {wording.humanised(row['source'])}"] if row["source"] else []
        if row["captured_at"] - at > _LATE:
            notes.append(f"reached us {wording.duration((row['captured_at'] - at).total_seconds())} later")
        if row["repeats"]:
            notes.append("the same words as a moment ago")
        yield Entry(at, "inquiry", text, "; ".join(notes) or None, details.get("message"), tone="said")
        scored = f"Scored {row['score']} of 100: {row['temperature']}"
        yield Entry(row["captured_at"], "score", scored, points=row["reasons"] or ())
        if routed:
            yield from (self.routing(each, row["score"] if each is routed[0] else None) for each in routed)
            return
        name = self.names.get(row["agent_id"], "a former colleague") if row["agent_id"] else "nobody"
        is_offer = row["agent_id"] and row["temperature"] != "cold" and row["agent_because"] != "owner"
        said = f"{'Offered' if is_offer else 'Given'} to {name}"
        yield Entry(row["captured_at"], "assigned", said, wording.because(row["agent_because"]))

    def _listed(self, row: Row, details: Row, routed: Sequence[Row]) -> Iterator[Entry]:
        """What a list said of them, and whom it gave them to."""
        notes = [f"source: {wording.humanised(row['source'])}"] if row["source"] else []
        if details.get("claimed_at"):
            asked_at = datetime.fromisoformat(details["claimed_at"]).astimezone(self.zone)
            notes.append(f"asked on {asked_at:%Y-%m-%d}, it says")
        at = row["captured_at"]
        yield Entry(at, "inquiry", "Named by a list", "; ".join(notes) or None, details.get("message"), tone="said")
        scored = f"Scored {row['score']} of 100: {row['temperature']}"
        yield Entry(at, "score", scored, points=row["reasons"] or ())
        yield from (self.routing(each) for each in routed)
        if row["agent_id"] and row["agent_because"] == "list":
            name = self.names.get(row["agent_id"], "a former colleague")
            yield Entry(at, "assigned", f"Given to {name}", wording.because(row["agent_because"]))

    def routing(self, row: Row, score: int | None = None) -> Entry:
        """Whom the rules chose for them, and why. score: theirs, where it is the first choice."""
        names = {str(user_id): name for user_id, name in self.names.items()}
        text, why = routing_words.routed(row["trace"], names, score)
        return Entry(row["at"], "assigned", text, why, tone="quiet" if row["agent_id"] else "wait")

    def consent(self, row: Row) -> Entry:
        """What somebody allowed."""
        missing = f"not proven in writing, missing: {', '.join(row['missing'])}" if row["missing"] else None
        text = f"{wording.channel(row['channel'])}: {wording.consent(row['level'])}"
        return Entry(row["at"], "consent", text, missing)

    def message(self, row: Row, body: str) -> Entry:
        """What somebody wrote to us."""
        seems = meanings.seems(body, row["at"].astimezone(self.zone).date()) if row["intent"] == "reply" else None
        return Entry(row["at"], "reply", wording.reply(row["intent"], row["channel"]), seems, body=body, tone="said")

    def call(self, row: Row, lead: str) -> Entry:
        """A call, in or out. lead: how they are called."""
        text, why, tone = calls.told(row, lead, self.names.get(row["agent_id"]))
        action_id = row["id"] if row["direction"] == "out" else None
        return Entry(
            row["at"],
            "call",
            text,
            why,
            tone=tone,
            state=row["state"],
            action_id=action_id,
            author=self.name(row["agent_id"]) if row["agent_id"] else None,
        )

    def visit(self, row: Row, pages: Sequence[Page]) -> Entry:
        """Pages of a website of ours that they looked at, one after the other. row: its seconds, and nth of theirs."""
        text = wording.visit([page.path for page in pages], row["views"], row["seconds"], row["nth"])
        campaign = next((page.path.partition("?")[2] for page in pages if "?" in page.path), "")
        named = campaign.removeprefix("utm_").replace("&utm_", ", ").replace("=", " ").replace("_", " ")
        return Entry(row["started_at"], "visit", text, f"through {named}" if named else None)

    def meeting(self, row: Row, title: str) -> Entry:
        """A meeting they booked, and where it stands."""
        text, tone = wording.meeting(row["state"], row["starts_at"], self.zone)
        return Entry(row["at"], "meeting", text, title or None, tone=tone, state=row["state"])

    def event(self, row: Row) -> Entry:
        """A line of the audit log."""
        if told := ownership_story.tell(row, self.names):
            tone = "bad" if row["kind"] in {"owner_lost", "unattended"} else "quiet"
            return Entry(row["at"], row["kind"], *told, tone=tone)
        if line := recovery.told(row["kind"], row["data"]):
            return Entry(row["at"], row["kind"], *line, tone="good" if row["kind"] == "recovered" else "quiet")
        if told := sequence_story.tell(row):
            return Entry(row["at"], row["kind"], *told, author=self._actor(row.get("actor") or ""))
        if row["kind"] == "follow_up":
            day = date.fromisoformat(row["data"]["until"])
            return Entry(row["at"], row["kind"], f"To be asked again on {day.day} {day:%B %Y}", "they said: not now")
        tone = "bad" if row["kind"] == "opted_out" else "quiet"
        author = self._actor(row.get("actor") or "")
        return Entry(
            row["at"], row["kind"], wording.event(row["kind"], row["data"].get("by")), tone=tone, author=author
        )

    def note(self, row: Row, body: str) -> Entry:
        """What somebody of the team wants to remember."""
        author = self.name(row["user_id"])
        return Entry(row["at"], "note", f"Note by {author}", body=body, tone="said", author=author)

    def name(self, user_id: UUID | None) -> str:
        """How a member of the team is called."""
        return self.names.get(user_id, "a former colleague") if user_id else "nobody"

    def _actor(self, actor: str) -> str | None:
        """Who of the team did it; None for everybody else."""
        kind, _, rest = actor.partition(" ")
        return self.name(UUID(rest)) if kind == "user" and len(rest) == 36 else None

    def action(self, action: Row, attempts: Sequence[Row], sent: Row) -> Iterator[Entry]:
        """Every step of an action. attempts: oldest first. sent: its content, or empty."""
        name = sequence_story.noun(action) or wording.noun(action["kind"])
        author = self.name(action["agent_id"]) if action["purpose"] == "human" else None
        if author:
            name = f"{name} by {author}"
        elif action["agent_id"] in self.names:
            name = name.replace("the agent", self.names[action["agent_id"]])
        if not attempts and action["kind"] != "call":
            yield replace(self._untried(action, name, sent), author=author)
        heard = {row["attempt_id"] for row in attempts if row["event"] != "claimed"}
        seen: set[str] = set()
        shown = False
        for row in attempts:
            if row["event"] == "claimed" and row["attempt_id"] in heard:
                continue
            if row["event"] == "reported" and row["state"] in seen:
                continue
            if action["kind"] == "call" and row["event"] in _TOLD_OF_THE_CALL:
                continue
            is_out = row["state"] == "sent" and not shown
            shown = shown or is_out
            seen.add(row["state"])
            entry = self._step(action, name, row, sent if is_out else {}, is_last=row is attempts[-1])
            yield replace(entry, author=author)

    def _untried(self, action: Row, name: str, sent: Row) -> Entry:
        words, _ = wording.chip(action["kind"], action["state"])
        return Entry(
            action["created_at"], action["kind"], f"{name} {words}", wording.reason(action["reason"]),
            sent.get("body"), sent.get("subject") or None, _tone(action, action["state"]), action["state"],
            action_id=action["id"],
        )  # fmt: skip

    def _step(self, action: Row, name: str, row: Row, sent: Row, *, is_last: bool) -> Entry:
        detail = row["detail"] or {}
        decided = row["state"] in {"sending", "sent"} or (is_last and row["state"] in {"deferred", "blocked"})
        decision = (action["decision"] or {}) if decided else {}
        text, why = self._said(action, name, row, detail, decision)
        tone = _tone(action, row["state"])
        return Entry(
            row["at"], action["kind"], text, why, sent.get("body") or sent.get("text"), sent.get("subject"), tone,
            row["state"], _proof(decision), action_id=action["id"],
        )  # fmt: skip

    def _said(self, action: Row, name: str, row: Row, detail: Row, decision: Row) -> tuple[str, str | None]:
        vendor, why = wording.vendor(detail.get("vendor") or action["vendor"]), wording.reason(detail.get("reason"))
        is_record = action["kind"] == "crm"
        match row["event"]:
            case "claimed":
                return f"{name} is being {'saved in' if is_record else 'handed to'} {vendor}", _let_go(decision)
            case "accepted":
                return self._accepted(action, name, row["at"], vendor), _let_go(decision)
            case "found":
                return f"{vendor} did not answer; looked it up: sent", why
            case "resend":
                return f"{vendor} did not answer; {name.lower()} goes once more, a possible duplicate", why
            case "made_again":
                return f"{vendor} did not answer; {'the record is written' if is_record else 'it is tried'} again", why
            case "failed" | "throttled" | "lease_lost":
                return f"{name} did not go through yet; it is tried again", why
            case "rejected":
                return f"{vendor} refused the {'record' if is_record else name.lower()}", why
            case "gave_up":
                return f"{name} failed; a person decides", why
            case "unheard":
                return f"{vendor} did not say whether it took the call", why
            case "unknown" | "gave_up_asking":
                return f"Nobody knows whether the {name.lower()} went out; a person decides", why
            case "reported":
                return _reported(name, row["state"], detail), why
            case "decided" | "cancelled":
                return self._decided(action, name, row, detail, decision)
            case "replayed":
                return f"{name}: tried again by hand", None
            case other:
                return f"{name}: {wording.humanised(other)}", why

    def _accepted(self, action: Row, name: str, at: datetime, vendor: str) -> str:
        if action["kind"] == "crm":
            return f"Saved in {vendor}"
        if action["kind"] == "enrich":
            return f"Looked up at {vendor}"
        if action["purpose"] == "instant_reply" and action["asked_at"] is not None:
            return f"{name} sent {wording.duration((at - action['asked_at']).total_seconds())} after the lead asked"
        return f"{name} sent"

    def _decided(self, action: Row, name: str, row: Row, detail: Row, decision: Row) -> tuple[str, str | None]:
        said, code = decision.get("sentence"), detail.get("reason")
        if row["state"] == "deferred":
            if said and "waits until" in said:
                return said, None
            until = self._instant(detail.get("due_at"), action)
            return f"{name} waits" + (f" until {until}" if until else ""), wording.reason(code)
        words, _ = wording.chip(action["kind"], row["state"])
        if row["state"] == "blocked" and said:
            return f"{name} {words}", wording.sentence(re.split("is not (?:sent|made): ", said)[-1])
        return f"{name} {words}", wording.reason(code)

    def _instant(self, text: object, action: Row) -> str | None:
        """The instant on the first clock that was decided by; on the reader's when none is known."""
        if not isinstance(text, str):
            return None
        zones = (action["decision"] or {}).get("zones") or []
        return wording.moment(datetime.fromisoformat(text), ZoneInfo(zones[0]) if zones else self.zone, self.now)


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Oldest first; what shares an instant in the order of cause and effect."""
    return sorted(entries, key=lambda entry: (entry.at, _ORDER.get(entry.kind, 9)))


def _tone(action: Row, state: str) -> str:
    """What went well between ourselves is nothing to look at."""
    _, tone = wording.chip(action["kind"], state)
    return "quiet" if action["kind"].startswith("alert_") and tone == "good" else tone


def _let_go(decision: Row) -> str | None:
    """Why a message went: the decision's sentence, or where that says no more than "may go now", what allowed it."""
    said: str = decision.get("sentence") or ""
    if not said.endswith("may go now"):
        return said or None
    clocks = decision.get("local_times") or [""]
    return wording.allowed(str(decision.get("consent")), clocks[0].partition(" ")[0] or None)


def _reported(name: str, state: str, detail: Row) -> str:
    status = str(detail.get("status") or "")
    said = {
        "opened": f"{name} opened", "clicked": f"A link in the {name.lower()} was followed",
        "complained": f"{name} marked as spam", "unsubscribed": "Unsubscribed",
    }.get(status)  # fmt: skip
    if said:
        return said
    if state == "planned":
        return f"{name} could not be delivered yet; it is sent again later"
    words, _ = wording.chip("", state)
    return f"{name} {words}"


def _proof(decision: Row) -> str | None:
    """What the gate went by, for whoever has to show it."""
    if not decision.get("rule"):
        return None
    parts = [f"rule {decision['rule']}", f"consent {decision.get('consent')}"]
    if clocks := decision.get("local_times"):
        parts.append(f"clock there {clocks[0]}")
    parts.append(f"tables {decision.get('table_version')}")
    return ", ".join(parts)
