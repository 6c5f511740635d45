"""Somebody who waits, as a card of "Now": what it is about, how long, and what whoever looks may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from leadwake.domain import wording
from leadwake.domain.call_time import on_both_clocks
from leadwake.domain.urgency import Waiting
from leadwake.storage import staff
from leadwake.storage.reading import Lead
from leadwake.storage.worklist import Item
from leadwake.web.pages.cards import Card, card
from leadwake.workflows.office import Office
from leadwake.workflows.reach import zone_of
from leadwake.workflows.tasks import leads_the_team, may_put_off

#: why somebody is to be called, by the task's reason
_CALLS: Final[Mapping[str | None, str]] = {
    "missed_call": "They called and nobody answered.",
    "no_show": "They did not come to the meeting.",
    "no_consent": "We may not text them: call.",
    "sequence": "Their sequence says: call them now.",
    "recovery": "They went quiet: a call may wake them.",
    "untouched": "They asked, and nobody of ours was in touch.",
    None: "They are to be called.",
}
#: how somebody got back to us who did not write, by the task's reason
_REPLIES: Final[Mapping[str | None, str]] = {"asked_again": "They asked again.", "chat": "They are in the chat."}
#: what else waits about the same person, in a word
_ALSO: Final[Mapping[str, str]] = {
    "claim": "nobody has them", "reply": "they wrote", "touch": "nobody was in touch", "call": "a call is due",
    "failed": "something did not arrive", "follow_up": "asked to hear from us again", "dead": "a dead letter",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WaitingCard:
    """
    card: the lead, as anywhere. about: what waits, in words; quote: their own. also: what else does. call: of a call to
    make, when best and why then, None of other things.

    since, due_at: of what waits longest and is due first; is_late: it is overdue now. tick: the tasks that "Done" ticks
    off and "Snooze" puts off, the first of them the card's own; dead: the dead letter's id, when it is about one.
    may_…: what this member of the team may do.
    """

    card: Card
    about: str
    quote: str | None
    call: str | None
    also: str
    since: datetime
    due_at: datetime
    is_late: bool
    tick: Sequence[str]
    dead: str | None
    may_claim: bool
    may_pass: bool
    may_snooze: bool
    may_finish: bool

    @property
    def also_tick(self) -> str:
        """The others that go with the first, as a form names them."""
        return ".".join(self.tick[1:])

    @property
    def may_tick(self) -> bool:
        """True when there is something to tick off."""
        return bool(self.tick) and not self.may_claim


def waiting_card(
    office: Office, item: Item, person: staff.Person, now: datetime, calls: Mapping[UUID, str] | None = None
) -> WaitingCard:
    """The card of what waits, for this member of the team. calls: what those that sequences asked for are about."""
    first, leads_team = item.person.first, leads_the_team(person)
    kinds = {it.kind for it in item.person.waiting}
    may_put = may_put_off(person, first.agent_id, item.lead.agent_id)
    is_held_out = item.offered_to not in {None, person.id}
    return WaitingCard(
        card(office, item.lead), _about(office, item, person, now, calls or {}),
        item.said if first.kind == "reply" else None,
        call_time(office, item.lead, item.call, person, now) if item.call else None,
        ", ".join(_also(it, calls or {}) for it in item.person.waiting[1:]),
        min(it.at for it in item.person.waiting), first.due_at, first.is_overdue(now), _tick(item.person.waiting),
        str(first.id) if first.kind == "dead" else None,
        may_claim="claim" in kinds and (leads_team or not is_held_out),
        may_pass="claim" in kinds and item.offered_to == person.id,
        may_snooze="claim" not in kinds and first.kind != "dead" and may_put,
        may_finish=leads_team or item.lead.agent_id == person.id,
    )  # fmt: skip


def call_time(office: Office, lead: Lead, call: Mapping[str, Any], person: staff.Person, now: datetime) -> str | None:
    """When a call is best made, on both clocks, why then, and how often it was tried. call: of `storage.worklist`."""
    if call["best_at"] is None:
        return f"{wording.sentence(call['best_why'])}." if call["best_why"] else None
    profile = {name: getattr(lead, name) for name in ("phone", "state", "postal_code", "country")}
    yours = person.work.hours(office.settings.time_zone).zone
    when = on_both_clocks(max(call["best_at"], now), yours, zone_of(office, profile, now), now)
    tries = {1: " Tried once.", 2: " Tried twice."}.get(call["tries"], "")
    is_now = call["best_at"] <= now
    why = f", {call['best_why']}" if call["best_why"] else ""
    return f"{'Now' if is_now else 'Best'}: {when}{why}.{tries}"


def _also(waits: Waiting, calls: Mapping[UUID, str]) -> str:
    asked = calls.get(waits.lead_id) if waits.kind == "call" and waits.reason == "sequence" else None
    return f"a call is due: {asked.rstrip('.')}" if asked else _ALSO[waits.kind]


def _tick(waiting: Sequence[Waiting]) -> list[str]:
    return [str(it.id) for it in waiting if it.kind not in {"claim", "dead"}]


def _about(office: Office, item: Item, person: staff.Person, now: datetime, calls: Mapping[UUID, str]) -> str:
    first = item.person.first
    match first.kind:
        case "claim":
            return _claim(office, item, person, now)
        case "reply":
            if item.said and first.reason == "chat":
                return "They wrote in the chat:"
            return "They wrote:" if item.said else _REPLIES.get(first.reason, "They got back to us.")
        case "call" if first.reason == "sequence" and item.lead.id in calls:
            return calls[item.lead.id]
        case "call":
            return _CALLS.get(first.reason) or f"To be called: {wording.humanised(first.reason or '')}."
        case "touch":
            return _touch(office, item, person, now)
        case "follow_up":
            return f"{wording.sentence(wording.lately(now - first.at))} they said: not now, try again about today."
        case "failed":
            return _failed(item, first)
        case _:
            return f"A message about them failed: {wording.reason(first.reason) or 'nobody knows why'}."


def _claim(office: Office, item: Item, person: staff.Person, now: datetime) -> str:
    if item.offered_to is None or item.offered_until is None:
        return "Nobody has them."
    until = wording.moment(item.offered_until, office.settings.time_zone, now)
    return f"Offered to {_called(office, item.offered_to == person.id, item)} until {until}."


def _called(office: Office, is_me: bool, item: Item) -> str:
    colleague = office.person(item.offered_to)
    return "you" if is_me else colleague.first_name if colleague else "a colleague"


def _touch(office: Office, item: Item, person: staff.Person, now: datetime) -> str:
    owner = office.person(item.lead.agent_id)
    if owner is None:
        return "Nobody was in touch."
    who = "you" if owner.id == person.id else owner.first_name
    ago = f" {wording.lately(now - item.claimed_at)}" if item.claimed_at else ""
    return f"Claimed by {who}{ago}, nobody was in touch."


def _failed(item: Item, first: Waiting) -> str:
    noun = wording.noun(str(item.failed.get("kind") or "message"))
    why = wording.reason(item.failed.get("reason") or first.reason)
    return f"{noun} did not arrive" + (f": {why}." if why else ".")
