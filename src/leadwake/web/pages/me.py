"""/me: one's own profile: name and number, password, sessions, shifts, and no new leads for a while."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from leadwake.domain.wording import duration
from leadwake.domain.work import Work
from leadwake.errors import InputError
from leadwake.providers.oidc import providers
from leadwake.storage import identities
from leadwake.storage.staff import Person
from leadwake.web.clients import client_ip
from leadwake.web.pages import view, work_form
from leadwake.web.pages.people import end_pause, local_day, person_view, save_work, set_pause, shown
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.passwords import TooManyTries, change_password
from leadwake.web.sessions import AnyVisit, Owner, SignedIn, Visit
from leadwake.workflows import people, sign_in
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

_PLACE = "/me"
#: what an agent says of their own; what they may take is their manager's to say
_OWN = ("languages", "slack_id")


@router.get(_PLACE)
async def me(request: Request, visit: AnyVisit, saved: str = "") -> Response:
    """Everything of one's own on one page."""
    return await _page(request, visit, saved=saved)


@router.post(_PLACE)
async def profile(request: Request, visit: Owner) -> Response:
    """Name and mobile number are as given."""
    office: Office = request.app.state.office
    given, mine = await fields(request), _myself(visit)
    phone = given.get("phone", "").strip()[:100] or None
    new = dataclasses.replace(mine, name=given.get("name", "").strip()[:200], phone=phone)
    try:
        await people.change_profile(office, new, actor=f"user {mine.id}")
    except InputError as error:
        return await _page(request, visit, status=422, given=given, wrong=error.reasons)
    return see(f"{_PLACE}?saved=profile#profile")


@router.post(_PLACE + "/password")
async def password(request: Request, visit: Owner) -> Response:
    """The new password counts, and every other session is over."""
    office: Office = request.app.state.office
    given, client = await fields(request), client_ip(request, request.app.state.trusted_proxies)
    old, new = given.get("old", ""), given.get("password", "")
    try:
        await change_password(office, request.app.state.login_tries, visit, old, new, client)
    except InputError as error:
        return await _page(request, visit, status=422, wrong=error.reasons)
    except TooManyTries as error:
        wrong = {"old": f"Too many tries. The next one is possible in {duration(error.wait_s)}."}
        response = await _page(request, visit, status=429, wrong=wrong)
        response.headers["Retry-After"] = str(int(error.wait_s) + 1)
        return response
    return see(f"{_PLACE}?saved=password#password")


@router.post(_PLACE + "/sessions/end-others")
async def end_others(request: Request, visit: Owner) -> Response:
    """Only this browser is logged in."""
    office: Office = request.app.state.office
    await office.db.run("sessions_end_others", user_id=visit.person.id, mark=visit.mark)
    return see(f"{_PLACE}?saved=sessions#sessions")


@router.post(_PLACE + "/sessions/{mark}/end")
async def end_one(request: Request, mark: str, visit: Owner) -> Response:
    """That browser is logged out; one's own, too."""
    office: Office = request.app.state.office
    await office.db.run("session_end_one", user_id=visit.person.id, mark=mark[:16])
    return see(f"{_PLACE}?saved=sessions#sessions")


@router.post(_PLACE + "/accounts/{provider}/unbind")
async def unbind(request: Request, provider: str, visit: Owner) -> Response:
    """That account elsewhere opens nothing here; browsers that came by it are logged out, but for this one."""
    office: Office = request.app.state.office
    mine = visit.person.id
    await sign_in.unbind(office, mine, provider[:16], actor=f"user {mine}", mark=visit.mark)
    return see(f"{_PLACE}?saved=accounts#accounts")


@router.post(_PLACE + "/pause")
async def pause(request: Request, person: SignedIn) -> Response:
    """No new leads for a while."""
    return await set_pause(request, person, person, _PLACE)


@router.post(_PLACE + "/resume")
async def resume(request: Request, person: SignedIn) -> Response:
    """New leads again."""
    return await end_pause(request, person, person, _PLACE)


@router.post(_PLACE + "/hours")
async def hours(request: Request, visit: AnyVisit) -> Response:
    """Shifts, zone and on-call are as given."""
    return await _change(request, visit, "hours", work_form.hours)


@router.post(_PLACE + "/days-off")
async def days_off(request: Request, visit: AnyVisit) -> Response:
    """Days off are as given."""
    today = local_day(request.app.state.office, visit.person)
    return await _change(request, visit, "days-off", lambda work, given: work_form.days_off(work, given, today))


@router.post(_PLACE + "/work")
async def about_me(request: Request, visit: Owner) -> Response:
    """Languages and Slack id are as given."""
    return await _change(request, visit, "work", lambda work, given: work_form.texts(work, given, _OWN))


def _myself(visit: Visit) -> Person:
    """Oneself with the role one has, not the session's."""
    return dataclasses.replace(visit.person, role=visit.role)


async def _change(
    request: Request, visit: Visit, part: str, read: Callable[[Work, Mapping[str, str]], Work]
) -> Response:
    async def again(given: Mapping[str, str], wrong: Mapping[str, str]) -> Response:
        return await _page(request, visit, status=422, given=given, wrong=wrong)

    return await save_work(request, visit.person, visit.person, read, again, f"{_PLACE}?saved={part}#{part}")


async def _page(
    request: Request, visit: Visit, *, status: int = 200, saved: str = "", given: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    mine = office.person(visit.person.id) or visit.person
    load = {row["agent_id"]: row for row in await office.db.all("people_loads")}.get(mine.id, {})
    return await view.page(
        request, "me.html", here="me", status=status, saved=saved, visit=visit, one=person_view(office, mine, load),
        sessions=await office.db.all("sessions_of", user_id=mine.id), real_now=datetime.now(UTC),
        bindings=await identities.of(office.db, office.vault, mine.id),
        labels={spec.key: spec.label for spec in providers(office.settings)},
        **shown(office, mine, _PLACE, given or {}, wrong or {}),
    )  # fmt: skip
