"""The way in and out: login, logout, invitations. Every way in ends in `enter`."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain.wording import duration
from leadwake.errors import InputError, RuleError
from leadwake.providers.oidc import providers
from leadwake.web.clients import client_ip
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, safe_next, see
from leadwake.web.passwords import InviteOver, TooManyTries, WrongLogin, accept, check, invited
from leadwake.web.sessions import COOKIE, NeedsLogin, begin, clear_cookie, log_out, visiting
from leadwake.workflows.office import Office
from leadwake.workflows.sign_in import passwords_count

router = APIRouter(route_class=PageRoute)

_NO_PASSWORDS = "Your team logs in with one of the accounts below, not with passwords."
_BY_PROVIDER = "You are in the team. Log in below with the account that has the address {email}."


class InviteRoute(PageRoute):
    """A page for whoever holds an invitation."""

    holds_secret = True

    def error(self, request: Request, status: int) -> Response:
        """The page of an error; an invitation that opens nothing says where another one comes from."""
        return view.bare(request, "invite_over.html", status=404) if status == 404 else super().error(request, status)


invites = APIRouter(route_class=InviteRoute)


@router.get("/login")
async def login_form(request: Request) -> Response:
    """The form; whoever is logged in already goes on."""
    place = safe_next(request.query_params.get("next"))
    try:
        visit = await visiting(request)
    except NeedsLogin:
        return await login_page(request, place)
    # whoever came by an alert's link logs in here to do more
    return await login_page(request, place) if visit.by_link else see(place)


@router.post("/login")
async def login(request: Request) -> Response:
    """Logged in, or told why not."""
    given = await fields(request)
    office: Office = request.app.state.office
    place, email = safe_next(given.get("next")), given.get("email", "")
    client = client_ip(request, request.app.state.trusted_proxies)
    if not await passwords_count(office):
        return await login_page(request, place, status=403, wrong=_NO_PASSWORDS)
    try:
        user_id = await check(office, request.app.state.login_tries, email, given.get("password", ""), client)
    except WrongLogin as error:
        return await login_page(request, place, status=401, email=email, wrong=str(error))
    except TooManyTries as error:
        wrong = f"Too many tries. The next one is possible in {duration(error.wait_s)}."
        response = await login_page(request, place, status=429, email=email, wrong=wrong)
        response.headers["Retry-After"] = str(int(error.wait_s) + 1)
        return response
    return await enter(request, user_id, via="password", answer=see(place))


async def enter(request: Request, user_id: UUID, *, via: str, answer: Response) -> Response:
    """
    The answer for whoever proved to be this person, which carries their session from now on.

    A second factor would be asked for here, with another answer: nobody gets a session elsewhere. via: password, link,
    or the key of an identity provider.
    """
    await begin(request, answer, user_id, via=via)
    return answer


@router.post("/logout")
async def logout(request: Request) -> Response:
    """Nobody is logged in here any more."""
    await log_out(request.app.state.office, request.cookies.get(COOKIE, ""))
    response = see("/login")
    clear_cookie(request, response)
    return response


@invites.get("/invite/{token}")
async def invite_form(request: Request, token: str) -> Response:
    """The form; looking at it changes nothing, for mail scanners look at every link."""
    try:
        person = await invited(request.app.state.office, token)
    except InviteOver:
        raise HTTPException(404) from None
    if person and not await passwords_count(request.app.state.office):
        return await login_page(request, "/", wrong=_BY_PROVIDER.format(email=person.email))
    given = {"name": person.name} if person else {"takes_leads": "on"}
    ways = providers(request.app.state.office.settings) if person else []
    return view.bare(request, "invite.html", for_person=person, given=given, wrong={}, providers=ways)


@invites.post("/invite/{token}")
async def invite(request: Request, token: str) -> Response:
    """The invited person has a password and is logged in."""
    given = await fields(request)
    office: Office = request.app.state.office
    person = None
    try:
        person = await invited(office, token)
        if person and not await passwords_count(office):
            return await login_page(request, "/", status=403, wrong=_BY_PROVIDER.format(email=person.email))
        user_id = await accept(
            office, token, name=given.get("name", ""), password=given.get("password", ""), email=given.get("email", ""),
            phone=given.get("phone", ""), takes_leads="takes_leads" in given,
        )  # fmt: skip
    except InviteOver:
        raise HTTPException(404) from None
    except (InputError, RuleError) as error:
        wrong = error.reasons if isinstance(error, InputError) else {"email": str(error)}
        return view.bare(request, "invite.html", status=422, for_person=person, given=given, wrong=wrong, providers=[])
    return await enter(request, user_id, via="password", answer=see("/"))


router.routes.extend(invites.routes)


async def login_page(request: Request, place: str, *, status: int = 200, email: str = "", wrong: str = "") -> Response:
    """The login, with every way in that is open. Raises DatabaseAway."""
    office: Office = request.app.state.office
    ways, by_password = providers(office.settings), await passwords_count(office)
    nobody_yet = by_password and not ways and not any(member.has_password for member in office.team)
    return view.bare(
        request, "login.html", status=status, next=place, email=email, wrong=wrong, nobody_yet=nobody_yet,
        providers=ways, by_password=by_password,
    )  # fmt: skip
