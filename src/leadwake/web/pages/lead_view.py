"""The page of one lead, gathered: who they are, the thread, what is to come, and the composer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain import outcome_words, snooze
from leadwake.domain.calls import TAPS
from leadwake.domain.looks import How, how_words
from leadwake.domain.remedies import remedy
from leadwake.domain.story import Teller
from leadwake.domain.thread import Item
from leadwake.domain.values import Channel
from leadwake.storage import calls, enrichment, reading, snippets
from leadwake.storage.chats import OfLead
from leadwake.storage.staff import Person
from leadwake.storage.thread import Thread, about, thread
from leadwake.web.pages import composer as composers
from leadwake.web.pages import view
from leadwake.web.pages.cards import card
from leadwake.web.pages.composer import Composer
from leadwake.web.pages.enrollment import enrollments
from leadwake.web.pages.score_plot import plot
from leadwake.web.pages.waiting import call_time
from leadwake.web.read_api import parse_id
from leadwake.web.seen import saw
from leadwake.workflows import confirming, letters, looks, phone_calls, sequence_calls
from leadwake.workflows.letters import UNDO_S
from leadwake.workflows.next_actions import Refusal
from leadwake.workflows.office import Office
from leadwake.workflows.reach import Reach, reach
from leadwake.workflows.suggestions import suggested
from leadwake.workflows.tasks import UNDO_FOR

#: whether they came to a meeting can be said for so long
SAID_WITHIN = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Holding:
    """Whose the lead is. offered_until: while it is held out to the reader. others: to whom else it is held out."""

    owner: Person | None
    is_mine: bool
    claimed_at: datetime | None
    replied_at: datetime | None
    finished_at: datetime | None
    offered_until: datetime | None
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """
    What of a lead is looked at. whole: everything, not the conversation alone. before: items before it.

    write: the channel to write by; draft: a letter taken back; say: which of the suggested answers, from 1.
    """

    whole: bool = False
    before: datetime | None = None
    write: str | None = None
    draft: UUID | None = None
    say: int = 0


async def lead_page(
    request: Request, person: Person, lead_id: str, shown: Shown, *, composer: Composer | None = None,
    refusal: tuple[UUID, Refusal] | None = None, said: str = "", status: int = 200,
) -> Response:  # fmt: skip
    """
    The page. composer: with what was typed, and why it was not written. refusal: why an action does not go now.

    said: what came of what the reader just did. Raises 404.
    """
    office: Office = request.app.state.office
    found, ways = await found_lead(office, lead_id)
    saw(request, How.PAGE, [found.id])
    now, zone = office.clock.now(), office.settings.time_zone
    tell = Teller(zone, {member.id: member.name for member in office.team}, now)
    async with office.db.connection() as connection:
        talk = await thread(
            connection, office.vault, found.id, tell, called=found.called, whole=shown.whole, before=shown.before
        )
        beside = await about(connection, office.vault, found.id)
    standing = await office.db.one("talk_standing", lead_id=found.id)
    assert standing is not None
    own = await snippets.everything(office.db, person.id)
    answers = _answers(office, found, person, talk) if standing["replied_at"] else ()
    if composer is None:
        composer = await _composer(office, person, found.id, ways, shown, standing["last_channel"])
        if 0 < shown.say <= len(answers):
            composer = replace(composer, body=answers[shown.say - 1])
    return await view.page(
        request, "lead.html", here="leads", status=status, lead=found, card=card(office, found), talk=talk, shown=shown,
        about=beside, holding=_holding(office, person, standing), ways=ways, composer=composer, snippets=own,
        choices=composers.choices(ways), chat=_chat(ways), answers=answers,
        can_write={name for name, way in ways.ways.items() if way.why_not is None},
        undoing=_undoing(office, talk, person), refusal=refusal,
        there=ways.zone or zone, knows_there=ways.zone is not None, agents=office.agents,
        lives_there=_lives_there(office, found), may_change=letters.may_change, clock=_clock, remedy=remedy, said=said,
        known=await enrichment.known(office.db, office.vault, found.id),
        calls=await calls.of_lead(office.db, found.id), cannot_call=phone_calls.unavailable(office, person), taps=TAPS,
        met=await office.db.all("meetings_to_say", lead_id=found.id, now=now, since=now - SAID_WITHIN),
        undo_since=(undo_since := now - UNDO_FOR * max(1.0, office.clock.speed)),
        undo_call=await office.db.one("call_own_undoable", lead_id=found.id, by=person.id, since=undo_since),
        call_task=(call := await office.db.one("call_task_of", lead_id=found.id)),
        to_call=call_time(office, found, call, person, now) if call else None,
        snoozes=snooze.choices(now, person.work.hours(zone).zone),
        outcomes=await office.db.all("outcomes_of", lead_id=found.id), outcome_words=outcome_words,
        visited=await office.db.one("visits_standing", lead_id=found.id), plot=await plot(office, found),
        ways_through=await enrollments(office, found.id, ways.zone or zone),
        looked=await looks.of_lead(office, found.id), how_words=how_words,
        call_about=(await sequence_calls.about(office, [found.id])).get(found.id),
    )  # fmt: skip


async def found_lead(office: Office, lead_id: str) -> tuple[reading.Lead, Reach]:
    """The lead named in the path, and how it is reached. Raises 404."""
    wanted = parse_id(lead_id)
    lead = await reading.lead(office.db, office.vault, wanted) if wanted else None
    ways = await reach(office, lead.id) if lead else None
    if lead is None or ways is None:
        raise HTTPException(404)
    return lead, ways


async def _composer(
    office: Office, person: Person, lead_id: UUID, ways: Reach, shown: Shown, last: str | None
) -> Composer:
    words = await letters.words_of(office, lead_id, shown.draft, person) if shown.draft else None
    if words is not None:  # taken back, or not seen in the chat and wanted by another way
        return composers.of_words(words, shown.write)
    return Composer(composers.first_choice(ways, shown.write, last))


def _answers(office: Office, lead: reading.Lead, person: Person, talk: Thread) -> Sequence[str]:
    """What might be answered to the last words of theirs that are in sight."""
    last = next((item for item in reversed(talk.items) if item.kind == "reply" and item.body), None)
    return suggested(office, last.body, lead, person) if last and last.body else ()


def _chat(ways: Reach) -> OfLead | None:
    """The chat they have open."""
    way = ways.ways.get(Channel.CHAT)
    return way.chat if way else None


def _holding(office: Office, person: Person, row: dict[str, Any]) -> Holding:
    owner = office.person(row["agent_id"])
    offers = {UUID(offer["agent_id"]): datetime.fromisoformat(offer["due_at"]) for offer in row["offers"]}
    others = [member.name for member in office.team if member.id in offers and member.id != person.id]
    return Holding(
        owner, owner is not None and owner.id == person.id, row["claimed_at"], row["replied_at"], row["finished_at"],
        offers.get(person.id), tuple(others),
    )  # fmt: skip


def _undoing(office: Office, talk: Thread, person: Person) -> list[Item]:
    """The reader's letters that are about to go: what the bar with Undo shows."""
    now = office.clock.now()
    window_s = office.clock.speed * (UNDO_S + 5)
    return [
        item
        for item in talk.items
        if item.letter_id and item.writer_id == person.id and item.due_at
        and (item.due_at - now).total_seconds() <= window_s
    ]  # fmt: skip


def _lives_there(office: Office, lead: reading.Lead) -> bool:
    given = {"state": lead.state, "postal_code": lead.postal_code}
    return lead.lives_at is not None and lead.lives_at == confirming.place(office, given)


def _clock(at: datetime, zone: ZoneInfo) -> str:
    """What a clock there shows: "8:00"."""
    local = at.astimezone(zone)
    return f"{local.hour}:{local.minute:02}"
