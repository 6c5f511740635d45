"""/b/…: where a lead picks a time; opened by the link in a message, without a login.

Mail scanners, previews and prefetching browsers open links, too. What is not a person's own click gets a page with a
button and changes nothing; a person's click, or the button, leads on to their single-use link (ADR 0039).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from leadwake.domain import wording
from leadwake.storage import links
from leadwake.storage.credentials import TokenRefused
from leadwake.web.pages import view
from leadwake.web.pages.public import LOOK, PublicRoute
from leadwake.workflows import booking_links
from leadwake.workflows.booking_links import Guest
from leadwake.workflows.office import Office

router = APIRouter(route_class=PublicRoute)

#: what a browser says of a person's own click on a link (Fetch Metadata, W3C); no prefetch and no preview says it all
_A_CLICK: Final = {"sec-fetch-user": "?1", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
_PREFETCHES: Final = ("purpose", "sec-purpose", "x-purpose", "x-moz")


@router.api_route("/b/{token}", methods=LOOK)
async def open_page(request: Request, token: str) -> Response:
    """On to their link, when a person clicked and has booked nothing yet; else the page, which changes nothing."""
    office: Office = request.app.state.office
    lead_id = _lead(request, token)
    guest = await booking_links.guest(office, lead_id)
    if guest is None:
        raise HTTPException(404)
    if not guest.has_meeting and is_a_click(request):
        return await _on(request, lead_id, guest)
    return _page(request, guest)


@router.post("/b/{token}")
async def pick(request: Request, token: str) -> Response:
    """The button: on to their link."""
    office: Office = request.app.state.office
    lead_id = _lead(request, token)
    guest = await booking_links.guest(office, lead_id)
    if guest is None:
        raise HTTPException(404)
    return await _on(request, lead_id, guest)


def is_a_click(request: Request) -> bool:
    """True when the browser says that a person opened the link just now."""
    headers = request.headers
    if request.method != "GET" or any("prefetch" in headers.get(name, "").lower() for name in _PREFETCHES):
        return False
    return all(headers.get(name) == value for name, value in _A_CLICK.items())


async def _on(request: Request, lead_id: UUID, guest: Guest) -> Response:
    url = await booking_links.destination(request.app.state.office, lead_id)
    if not url:
        return _page(request, guest, is_closed=True)
    return RedirectResponse(url, 303, {**view.headers(), **_LEAVING})


def _page(request: Request, guest: Guest, *, is_closed: bool = False) -> Response:
    office: Office = request.app.state.office
    zone = guest.details.clock or office.settings.time_zone
    when = wording.appointment(guest.starts_at, zone) if guest.starts_at else None
    response = view.bare(request, "booking.html", guest=guest, when=when, is_closed=is_closed)
    response.headers.update(_LEAVING)
    # the button's answer leads to the scheduler, and a browser asks this header about that, too
    policy = response.headers["Content-Security-Policy"]
    response.headers["Content-Security-Policy"] = policy.replace(
        "form-action 'self'", f"form-action {_targets(office)}"
    )
    return response


def _targets(office: Office) -> str:
    """Where the button may lead: here, the scheduler's pages, the team's own."""
    own = urlsplit(office.settings.booking_url)
    sandbox = office.settings.sandbox_url or ""
    found = ["'self'", "https://calendly.com", f"{own.scheme}://{own.netloc}" if own.netloc else "", sandbox]
    return " ".join(part for part in found if part and ";" not in part and "," not in part)


_LEAVING: Final = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


def _lead(request: Request, token: str) -> UUID:
    """The lead of the link; one that is forged, cut or meant for another page is not there."""
    office: Office = request.app.state.office
    try:
        return links.booker_of(office.vault, token)
    except TokenRefused:
        raise HTTPException(404) from None
