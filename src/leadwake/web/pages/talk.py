"""/leads/{id}/…: what is written from a lead's page: letters, notes, what is to come; taken back, hurried, skipped."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from leadwake.domain.looks import How
from leadwake.domain.values import Channel
from leadwake.errors import InputError, RuleError
from leadwake.storage import reading, snippets
from leadwake.storage.staff import Person
from leadwake.web.pages import composer as composers
from leadwake.web.pages import view
from leadwake.web.pages.composer import NOTE, Composer
from leadwake.web.pages.lead_view import Shown, found_lead, lead_page
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.read_api import parse_id
from leadwake.web.seen import saw
from leadwake.web.sessions import SignedIn
from leadwake.workflows import letters, next_actions, notes, snippet_words, waiting
from leadwake.workflows.letters import Held, Written
from leadwake.workflows.office import Office
from leadwake.workflows.reach import Reach

router = APIRouter(route_class=PageRoute)

_LATE = "That one has gone already; it could not be taken back."


@router.get("/leads/{lead_id}")
async def lead(
    request: Request,
    lead_id: str,
    person: SignedIn,
    show: str = "",
    before: str = "",
    write: str = "",
    draft: str = "",
    say: str = "",
) -> Response:
    """
    The lead's page.

    show: "all" for everything; write: the channel to write by; draft: a letter taken back; say: a suggested answer.
    """
    shown = Shown(show == "all", _instant(before), write or None, parse_id(draft), int(say) if say in {"1", "2"} else 0)
    return await lead_page(request, person, lead_id, shown)


@router.post("/leads/{lead_id}/letters")
async def write(request: Request, lead_id: str, person: SignedIn) -> Response:
    """A text, mail or note is written; or the page comes back with the words and what keeps them."""
    given = await fields(request)
    composer, office = composers.read(given), _office(request)
    found, ways = await found_lead(office, lead_id)
    if given.get("do") == "insert":
        composer = await _with_snippet(office, composer, found, person, given)
        return await lead_page(request, person, lead_id, Shown(), composer=composer)
    if given.get("do") == "open":
        composer = dataclasses.replace(composer, when="open")
    accepted = given.get("asks", "").split() if given.get("do") == "anyway" else []
    try:
        outcome = await _written(office, person, found.id, ways, composer, accepted)
    except InputError as error:
        composer = dataclasses.replace(composer, wrong=error.reasons)
        return await lead_page(request, person, lead_id, Shown(), composer=composer, status=422)
    except RuleError as error:
        composer = dataclasses.replace(composer, held=Held(f"{error}."))
        return await lead_page(request, person, lead_id, Shown(), composer=composer, status=409)
    if isinstance(outcome, Held):
        composer = dataclasses.replace(composer, held=outcome)
        return await lead_page(request, person, lead_id, Shown(), composer=composer, status=409)
    # one that was taken back meanwhile is not sent by the late half of a double tap: its words are shown again
    draft = f"?draft={composer.id}" if outcome and not outcome.is_new else ""
    return see(f"/leads/{found.id}{draft}#latest")


@router.post("/leads/{lead_id}/letters/{letter_id}/undo")
async def undo(request: Request, lead_id: str, letter_id: str, person: SignedIn) -> Response:
    """The letter never leaves and its words are in the composer again; a page says so when it was too late."""
    office = _office(request)
    found, ways = await found_lead(office, lead_id)
    wanted = parse_id(letter_id)
    if wanted is None:
        raise HTTPException(404)
    try:
        words = await letters.undo(office, found.id, wanted, person)
    except RuleError:
        raise HTTPException(403) from None
    if words is None:
        composer = Composer(composers.first_choice(ways, None, None), held=Held(_LATE))
        return await lead_page(request, person, lead_id, Shown(), composer=composer, status=409)
    return see(f"/leads/{found.id}?draft={wanted}#words")


@router.post("/leads/{lead_id}/actions/{action_id}/skip")
async def skip(request: Request, lead_id: str, action_id: str, person: SignedIn) -> Response:
    """What was to come never happens."""
    office = _office(request)
    found, action = (await found_lead(office, lead_id))[0], _action(action_id)
    try:
        await next_actions.skip(office, found.id, action, person)
    except RuleError:
        raise HTTPException(403) from None
    return see(f"/leads/{found.id}#latest")


@router.post("/leads/{lead_id}/actions/{action_id}/send-now")
async def send_now(request: Request, lead_id: str, action_id: str, person: SignedIn) -> Response:
    """What was to come goes at once; or the page says what the gate has against it."""
    given, office = await fields(request), _office(request)
    found, action = (await found_lead(office, lead_id))[0], _action(action_id)
    accepted = given.get("asks", "").split() if given.get("do") == "anyway" else []
    try:
        refusal = await next_actions.send_now(office, found.id, action, person, accepted=accepted)
    except RuleError:
        raise HTTPException(403) from None
    if refusal is not None:
        return await lead_page(request, person, lead_id, Shown(), status=409, refusal=(action, refusal))
    return see(f"/leads/{found.id}#latest")


@router.post("/leads/{lead_id}/answered")
async def answered(request: Request, lead_id: str, person: SignedIn) -> Response:
    """Somebody read what they wrote, and there is nothing to answer."""
    office = _office(request)
    found, _ = await found_lead(office, lead_id)
    await waiting.needs_no_answer(office, found.id, person)
    back = (await fields(request)).get("back", "")
    return see("/inbox" if back == "inbox" else f"/leads/{found.id}#latest")


@router.get("/leads/{lead_id}/snippets/{snippet_id}")
async def snippet(request: Request, lead_id: str, snippet_id: str, person: SignedIn) -> Response:
    """The snippet's words for this lead, for the script."""
    office = _office(request)
    found, _ = await found_lead(office, lead_id)
    words = await _snippet_words(office, found, person, snippet_id)
    if words is None:
        raise HTTPException(404)
    saw(request, How.PAGE, [found.id])
    return PlainTextResponse(words, headers=view.headers())


async def _written(
    office: Office, person: Person, lead_id: UUID, ways: Reach, composer: Composer, accepted: list[str]
) -> Written | Held | None:
    """What came of it; None for a note, which stands. Raises InputError, RuleError."""
    if composer.channel == NOTE:
        await notes.add(office, person, lead_id, composer.body, note_id=composer.id)
        return None
    at = composers.send_at(composer, ways, office.clock.now(), office.settings.time_zone)
    return await letters.write(
        office, person, lead_id, Channel(composer.channel), composer.body, composer.subject, at,
        letter_id=composer.id, accepted=accepted,
    )  # fmt: skip


async def _with_snippet(
    office: Office, composer: Composer, found: reading.Lead, person: Person, given: Mapping[str, str]
) -> Composer:
    """The composer with the chosen snippet's words at its end."""
    words = await _snippet_words(office, found, person, given.get("snippet", "")) or ""
    body = f"{composer.body.rstrip()} {words}" if composer.body.strip() and words else composer.body + words
    return dataclasses.replace(composer, body=body)


async def _snippet_words(office: Office, found: reading.Lead, person: Person, snippet_id: str) -> str | None:
    wanted = parse_id(snippet_id)
    mine = await snippets.everything(office.db, person.id) if wanted else []
    chosen = next((each for each in mine if each.id == wanted), None)
    return snippet_words.words(office, chosen, found, person) if chosen else None


def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


def _action(text: str) -> UUID:
    action_id = parse_id(text)
    if action_id is None:
        raise HTTPException(404)
    return action_id


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
