"""/team/people/…: who is there now, and what each of the team may take, and when; for managers and admins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain import wording
from leadwake.domain.interests import INTERESTS
from leadwake.domain.languages import LANGUAGES
from leadwake.domain.shift_words import WEEKDAYS, shift_words
from leadwake.domain.work import Work
from leadwake.errors import InputError
from leadwake.storage.db import Connection, q
from leadwake.storage.staff import FOR_GOOD, Person
from leadwake.web.pages import view, work_form
from leadwake.web.pages.route import PageRoute, fields, safe_next, see
from leadwake.web.read_api import parse_id
from leadwake.web.sessions import Manager
from leadwake.workflows import people
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

_PLACE = "/team/people"


@dataclass(frozen=True, slots=True)
class PersonView:
    """
    A member of the team as a list shows them. is_on: on shift now. next_at: when they work next, None within 15 days.

    owned, offered: open leads of theirs, and leads held out to them. zone: their own clock.
    """

    person: Person
    zone: ZoneInfo
    is_on: bool
    next_at: datetime | None
    owned: int
    offered: int
    is_paused: bool

    @property
    def paused_until(self) -> datetime | None:
        """When the pause ends by itself; None while it lasts until they say, or there is none."""
        until = self.person.work.paused_until
        return until if self.is_paused and until is not None and until < FOR_GOOD else None

    @property
    def languages(self) -> str:
        """What they speak, in words; blank when it is English alone."""
        spoken = self.person.work.languages
        return "" if spoken == ("en",) else ", ".join(LANGUAGES.get(code, code) for code in spoken)


async def people_view(office: Office, connection: Connection) -> list[PersonView]:
    """Everybody who works here: who takes leads first, by name; the sample team only while nobody real does."""
    loads = {row["agent_id"]: row for row in await (await connection.execute(q("people_loads"))).fetchall()}
    agents = {agent.id for agent in office.agents}
    shown = [one for one in office.team if not one.disabled and (one.id in agents or not one.practice)]
    shown.sort(key=lambda one: (not one.takes_leads, one.name.casefold()))
    return [person_view(office, one, loads.get(one.id, {})) for one in shown]


def person_view(office: Office, person: Person, load: Mapping[str, Any]) -> PersonView:
    """One of them. load: their row of agent_load."""
    now, hours = office.clock.now(), person.work.hours(office.settings.time_zone)
    return PersonView(
        person, hours.zone, hours.is_on(now), hours.next_begin(now), load.get("owned", 0), load.get("offered", 0),
        person.work.is_paused(now),
    )  # fmt: skip


@router.get(_PLACE + "/{user_id}")
async def member_page(request: Request, user_id: str, person: Manager, saved: str = "") -> Response:
    """What one of them may take, and when."""
    del person
    return await _page(request, member_of(request.app.state.office, user_id), saved=saved)


@router.post(_PLACE + "/{user_id}/hours")
async def hours(request: Request, user_id: str, person: Manager) -> Response:
    """Their shifts, zone and on-call are as given; so is what else the page's form says."""
    return await _change(request, user_id, person, "hours", work_form.everything)


@router.post(_PLACE + "/{user_id}/days-off")
async def days_off(request: Request, user_id: str, person: Manager) -> Response:
    """Their days off are as given."""
    office: Office = request.app.state.office
    today = local_day(office, member_of(office, user_id))
    return await _change(
        request, user_id, person, "days-off", lambda work, given: work_form.days_off(work, given, today)
    )


@router.post(_PLACE + "/{user_id}/work")
async def what_they_take(request: Request, user_id: str, person: Manager) -> Response:
    """Licences, languages, specialties, areas, capacity and Slack id are as given; so are shifts, if they are."""
    return await _change(request, user_id, person, "work", work_form.everything)


@router.post(_PLACE + "/{user_id}/pause")
async def pause(request: Request, user_id: str, person: Manager) -> Response:
    """They get no new leads for a while."""
    return await set_pause(request, member_of(request.app.state.office, user_id), person, f"{_PLACE}/{user_id}")


@router.post(_PLACE + "/{user_id}/resume")
async def resume(request: Request, user_id: str, person: Manager) -> Response:
    """They get new leads again."""
    return await end_pause(request, member_of(request.app.state.office, user_id), person, f"{_PLACE}/{user_id}")


# What this page shares with the one of one's own.


def member_of(office: Office, user_id: str) -> Person:
    """The member of the team with this id. Raises HTTPException 404."""
    found = parse_id(user_id)
    member = office.person(found) if found else None
    if member is None or member.disabled:
        raise HTTPException(404)
    return member


def local_day(office: Office, member: Person) -> Any:
    """Today, on their own clock."""
    return office.clock.now().astimezone(member.work.hours(office.settings.time_zone).zone).date()


async def set_pause(request: Request, member: Person, by: Person, place: str) -> Response:
    """They get no new leads for as long as the button says; back to the page it was pressed on."""
    office: Office = request.app.state.office
    given = await fields(request)
    zone = member.work.hours(office.settings.time_zone).zone
    until = work_form.pause_until(given.get("for", ""), office.clock.now(), zone)
    if until is None:
        raise HTTPException(400)
    await people.pause(office, member.id, until, actor=f"user {by.id}")
    return see(safe_next(given.get("back") or place))


async def end_pause(request: Request, member: Person, by: Person, place: str) -> Response:
    """They get new leads again; back to the page it was pressed on."""
    given = await fields(request)
    await people.pause(request.app.state.office, member.id, None, actor=f"user {by.id}")
    return see(safe_next(given.get("back") or place))


async def save_work(
    request: Request, member: Person, by: Person, read: Callable[[Work, Mapping[str, str]], Work],
    again: Callable[[Mapping[str, str], Mapping[str, str]], Awaitable[Response]], place: str,
) -> Response:  # fmt: skip
    """Their work is what `read` makes of it and the form; else the page `again`, of the form and what is wrong."""
    given = await fields(request)
    try:
        new = read(member.work, given)
    except InputError as error:
        return await again(given, error.reasons)
    await people.change_work(request.app.state.office, member.id, new, actor=f"user {by.id}")
    return see(place)


def shown(
    office: Office, member: Person, base: str, given: Mapping[str, str], wrong: Mapping[str, str]
) -> dict[str, Any]:
    """What the forms of somebody's work need. base: where they post to."""
    work, today = member.work, local_day(office, member)
    has_rows = "row0_from" in given
    return {
        "member": member, "base": base, "given": given, "wrong": wrong, "weekdays": WEEKDAYS,
        "rows": work_form.rows_given(given) if has_rows else work_form.rows_of(work.shifts),
        "presets": work_form.PRESETS, "zones": work_form.ZONES,
        "hours_words": shift_words(work.shifts), "days_off": [day for day in sorted(work.days_off) if day >= today],
        "holidays": holiday_years(work, work_form.holidays(today)), "interests": INTERESTS,
        "spoken": ", ".join(LANGUAGES.get(code, code) for code in work.languages),
        "day_words": day_in_words, "today": today,
    }  # fmt: skip


def holiday_years(work: Work, coming: Sequence[Any]) -> dict[int, list[Any]]:
    """Year → the holidays that are still to come and are not off yet."""
    found: dict[int, list[Any]] = {}
    for holiday in coming:
        if holiday.day not in work.days_off:
            found.setdefault(holiday.day.year, []).append(holiday)
    return found


def day_in_words(day: Any) -> str:
    """ "Fri 25 Dec 2026"."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {wording.MONTHS[day.month - 1]} {day.year}"


async def _change(
    request: Request, user_id: str, by: Person, part: str, read: Callable[[Work, Mapping[str, str]], Work]
) -> Response:
    member = member_of(request.app.state.office, user_id)

    async def again(given: Mapping[str, str], wrong: Mapping[str, str]) -> Response:
        return await _page(request, member, status=422, given=given, wrong=wrong)

    return await save_work(request, member, by, read, again, f"{_PLACE}/{member.id}?saved={part}#{part}")


async def _page(
    request: Request, member: Person, *, status: int = 200, saved: str = "", given: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    load = {row["agent_id"]: row for row in await office.db.all("people_loads")}.get(member.id, {})
    return await view.page(
        request, "person.html", here="team", status=status, saved=saved, one=person_view(office, member, load),
        **shown(office, member, f"{_PLACE}/{member.id}", given or {}, wrong or {}),
    )  # fmt: skip
