"""Pages for the people we write to, opened by a link in a message: no login, no cookie, no script.

/u/… ends our mail; /p/… offers every choice; /c/… is where texts are agreed to in writing. Looking changes nothing, for
scanners follow links. Whatever we did not sign is not there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain import agreement
from leadwake.domain.agreement import Signed
from leadwake.domain.values import Channel
from leadwake.intake.fields import LIMITS, clean_line
from leadwake.storage import links
from leadwake.storage.credentials import TokenRefused
from leadwake.storage.links import Page
from leadwake.web.bodies import form_fields, read_body
from leadwake.web.clients import client_ip
from leadwake.web.pages import view
from leadwake.web.pages.route import MAX_FORM, PageRoute
from leadwake.web.problems import Problem
from leadwake.workflows import agreement as agreements
from leadwake.workflows import choices
from leadwake.workflows.choices import Choice, Way
from leadwake.workflows.office import Office

LOOK = ["GET", "HEAD"]

_ANSWER_INSTEAD = "or answer it and say what you want: a person reads it."
_SAID: Mapping[int, tuple[str, str]] = {
    404: (
        "This link does not work",
        f"Mail programs sometimes cut long links. Open it again from the whole message, {_ANSWER_INSTEAD}",
    ),
    429: ("That was too often", "Wait a minute, then try again."),
    503: ("We cannot do this just now", "Nothing was changed. Please try again in a minute."),
}
_OTHERWISE = (
    "Something went wrong",
    f"Nothing was changed. Please open the link from our message again in a minute, {_ANSWER_INSTEAD}",
)


class PublicRoute(PageRoute):
    """A page for anybody who has the link: mailboxes post to it from wherever they are (RFC 8058)."""

    own_posts_only = False
    holds_secret = True

    def error(self, request: Request, status: int) -> Response:
        """The page of an error, in words for somebody who has never heard of us."""
        headline, advice = _SAID.get(status, _OTHERWISE)
        response = _page(request, "public_error.html", status, headline=headline, advice=advice)
        if status in {429, 503}:
            response.headers["Retry-After"] = "60" if status == 429 else "5"
        return response


router = APIRouter(route_class=PublicRoute)


# Ending our mail.


@router.api_route("/u/{token}", methods=LOOK)
async def unsubscribe_page(request: Request, token: str) -> Response:
    """One button, and what it stops."""
    return await _unsubscribe(request, _point(request, Page.UNSUBSCRIBE, token))


@router.post("/u/{token}")
async def unsubscribe(request: Request, token: str) -> Response:
    """Done at once, whether the button posts it or a mailbox (RFC 8058, 3.2); anything else changes nothing."""
    point = _point(request, Page.UNSUBSCRIBE, token)
    given = await _given(request)
    if given.get("List-Unsubscribe", "").strip().lower() != "one-click":
        return await _unsubscribe(request, point, status=400)
    await choices.unsubscribe(request.app.state.office, point)
    return await _unsubscribe(request, point, done=True)


async def _unsubscribe(request: Request, point: int, *, status: int = 200, done: bool = False) -> Response:
    office: Office = request.app.state.office
    ways = await choices.ways(office, point)
    mine = next((way for way in ways if way.point == point), None)
    return _page(
        request, "unsubscribe.html", status, address=mine.value if mine else None,
        is_stopped=done or (mine is not None and mine.is_stopped),
        preferences=links.path(office.vault, Page.PREFERENCES, point),
    )  # fmt: skip


# Choosing.


@router.api_route("/p/{token}", methods=LOOK)
async def preferences_page(request: Request, token: str) -> Response:
    """What we may send, channel by channel."""
    return await _preferences(request, _point(request, Page.PREFERENCES, token))


@router.post("/p/{token}")
async def choose(request: Request, token: str) -> Response:
    """What was chosen has ended. Coming back takes a signature, on the page for that (R-REV-8)."""
    point = _point(request, Page.PREFERENCES, token)
    try:
        choice = Choice((await _given(request)).get("stop", ""))
    except ValueError:
        return await _preferences(request, point, status=400)
    await choices.stop(request.app.state.office, point, choice)
    return await _preferences(request, point, done=choice)


async def _preferences(request: Request, point: int, *, status: int = 200, done: Choice | None = None) -> Response:
    office: Office = request.app.state.office
    ways = await choices.ways(office, point)
    return _page(
        request, "preferences.html", status, phones=_of(ways, "phone"), emails=_of(ways, "email"), done=done,
        consent=links.path(office.vault, Page.CONSENT, point),
    )  # fmt: skip


def _of(ways: list[Way], kind: str) -> list[Way]:
    return [way for way in ways if way.kind == kind]


# Agreeing.


@router.api_route("/c/{token}", methods=LOOK)
async def consent_page(request: Request, token: str) -> Response:
    """The exact wording, a box that is not ticked, and a line to sign on."""
    return await _consent(request, _point(request, Page.CONSENT, token))


@router.post("/c/{token}")
async def agree(request: Request, token: str) -> Response:
    """What was signed is kept with its proof; what is missing is asked for."""
    point = _point(request, Page.CONSENT, token)
    ip = client_ip(request, request.app.state.trusted_proxies)
    if wait_s := request.app.state.form_buckets.wait_s(ip):
        raise Problem(429, "Too many tries.", headers={"Retry-After": str(math.ceil(wait_s))})
    office: Office = request.app.state.office
    given = await _given(request)
    signed = Signed(
        ticked=frozenset(channel for channel in agreement.VERSIONS if f"agree_{channel}" in given),
        marks=frozenset(given.get(f"shown_{channel}", "") for channel in agreement.VERSIONS),
        name=clean_line(given.get("name", ""), LIMITS["signature"]) or "",
        number=clean_line(given.get("number", ""), LIMITS["phone"]) or "",
        at=office.clock.now(),
        ip=ip,
        user_agent=clean_line(request.headers.get("user-agent", ""), LIMITS["user_agent"]) or "",
        url=f"{office.settings.links_base or _own(request)}{request.url.path}",
    )
    outcome = await agreements.sign(office, point, signed)
    return await _consent(request, point, outcome=outcome, given=given)


async def _consent(
    request: Request, point: int, *, outcome: agreements.Outcome | None = None, given: dict[str, str] | None = None
) -> Response:
    office: Office = request.app.state.office
    if not office.settings.business_name:
        raise HTTPException(404)  # nobody to agree with yet
    ways = await choices.ways(office, point)
    phones, mail = _of(ways, "phone"), next((way for way in ways if way.point == point), None)
    offered = [Channel.SMS, *([Channel.EMAIL] if _may_agree_to_mail(mail, given) else [])]
    is_done = outcome is not None and not outcome.missing
    return _page(
        request, "consent_page.html", 200 if outcome is None or is_done else 422, outcome=outcome, is_done=is_done,
        wordings=[agreement.wording(channel, office.settings.business_name) for channel in offered],
        phone=phones[0].value if phones else None, is_known=bool(ways), given=given or {},
        has_agreed=any(way.consent == "written" and not way.is_stopped for way in phones),
        sender=office.settings.credential("twilio", "TWILIO_FROM"),
        preferences=links.path(office.vault, Page.PREFERENCES, point),
    )  # fmt: skip


def _may_agree_to_mail(mail: Way | None, given: dict[str, str] | None) -> bool:
    """E-mail is offered to whoever ended it; and again while the same page is being mended."""
    return (mail is not None and mail.is_stopped) or f"agree_{Channel.EMAIL}" in (given or {})


# What they share.


def _point(request: Request, page: Page, token: str) -> int:
    """The contact point of the link; a link that is forged, cut or meant for another page is not there."""
    office: Office = request.app.state.office
    try:
        return links.point_of(office.vault, page, token, office.clock.now())
    except TokenRefused:
        raise HTTPException(404) from None


async def _given(request: Request) -> dict[str, str]:
    """The first value of each posted field, in either encoding. Raises Problem 400, 413, 415."""
    body = await read_body(request, MAX_FORM)
    found = await form_fields(request, body) if body else {}
    return {name: values[0].replace("\0", "") for name, values in found.items()}


def _own(request: Request) -> str:
    return f"{request.url.scheme}://{urlsplit(str(request.url)).netloc}"


def _page(request: Request, template: str, status: int, **values: Any) -> Response:
    response = view.bare(request, template, status=status, **values)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
