"""Who is at the page: a session's cookie, what it lets one do, how it begins and ends.

Whatever proves who somebody is (a password, an alert's link, one day a passkey) ends in `begin`; `session.via` says
which it was. A session that began with a link is never more than an agent's and changes nothing about its owner.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from leadwake.domain.browsers import browser_words
from leadwake.storage import staff
from leadwake.storage.events import record
from leadwake.storage.staff import Person, token_hash
from leadwake.workflows.office import Office

COOKIE: Final = "leadwake_session"
#: a link in a text may be read by whoever holds the phone
LINK: Final = "link"
_RANK: Final = {"agent": 0, "manager": 1, "admin": 2}


class NeedsLogin(Exception):
    """Nobody is logged in; the page is shown after a login."""


class NeedsPassword(NeedsLogin):
    """Whoever came by a link has to log in for this."""


class NeedsAdmin(Exception):
    """Whoever is logged in may not do this."""


@dataclass(frozen=True, slots=True)
class Visit:
    """
    Somebody at the page. person: with the role this session has; role: the one they have by password.

    via: how the session began. mark: names it among its owner's; opens nothing.
    """

    person: Person
    role: str
    via: str
    mark: str

    @property
    def by_link(self) -> bool:
        """True when an alert's link began it."""
        return self.via == LINK


# Reading the cookie.


async def visiting(request: Request) -> Visit:
    """Whoever is at the page, and how they came. Raises NeedsLogin, DatabaseAway."""
    token = request.cookies.get(COOKIE, "")
    office: Office = request.app.state.office
    row = await office.db.one("session_user", token_hash=token_hash(token)) if token else None
    if row is None:
        raise NeedsLogin
    if office.person(row["id"]) is None:  # added a moment ago by another process
        await office.refresh()
    person = office.person(row["id"])
    if person is None:
        raise NeedsLogin
    role = "agent" if row["via"] == LINK else row["role"]
    person = dataclasses.replace(person, role=role)
    request.state.person = person
    return Visit(person, row["role"], row["via"], row["mark"])


async def signed_in(request: Request) -> Person:
    """Whoever is at the page. Raises NeedsLogin, DatabaseAway."""
    return (await visiting(request)).person


async def manager(request: Request) -> Person:
    """Whoever is at the page, a manager or an admin. Raises NeedsLogin, NeedsPassword, NeedsAdmin, DatabaseAway."""
    return await _at_least(request, "manager")


async def admin(request: Request) -> Person:
    """Whoever is at the page, an admin. Raises NeedsLogin, NeedsPassword, NeedsAdmin, DatabaseAway."""
    return await _at_least(request, "admin")


async def owner(request: Request) -> Visit:
    """Whoever is at the page, who did not come by a link. Raises NeedsLogin, NeedsPassword, DatabaseAway."""
    visit = await visiting(request)
    if visit.by_link:
        raise NeedsPassword
    return visit


async def _at_least(request: Request, role: str) -> Person:
    visit = await visiting(request)
    if _RANK[visit.role] < _RANK[role]:
        raise NeedsAdmin
    if visit.by_link:
        raise NeedsPassword
    return visit.person


AnyVisit = Annotated[Visit, Depends(visiting)]
SignedIn = Annotated[Person, Depends(signed_in)]
Manager = Annotated[Person, Depends(manager)]
Admin = Annotated[Person, Depends(admin)]
#: for what changes somebody's own account
Owner = Annotated[Visit, Depends(owner)]


# Beginning and ending.


async def begin(request: Request, response: Response, user_id: UUID, *, via: str) -> None:
    """
    The browser has a session of this person's from now on, a new one; the one it had before is over.

    Raises DatabaseAway.
    """
    office: Office = request.app.state.office
    if former := request.cookies.get(COOKIE, ""):
        await log_out(office, former)
    async with office.db.transaction() as connection:
        await record(connection, office.clock.now(), f"user {user_id}", "login", via=via)
    words = browser_words(request.headers.get("user-agent", ""))
    token = await staff.start_session(office.db, user_id, via=via, agent_text=words)
    lasts = staff.LINK_SESSION_FOR if via == LINK else staff.SESSION_FOR
    response.set_cookie(
        COOKIE, token, max_age=int(lasts.total_seconds()), path="/", httponly=True, samesite="lax",
        secure=is_https(request),
    )  # fmt: skip


async def log_out(office: Office, token: str) -> None:
    """The session is over. Raises DatabaseAway."""
    await office.db.run("session_end", token_hash=token_hash(token))


def clear_cookie(request: Request, response: Response) -> None:
    """The browser forgets the session."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=is_https(request))


def is_https(request: Request) -> bool:
    """True when the browser came by TLS, here or at the proxy that stands at our public URL."""
    public = urlsplit(request.app.state.office.settings.public_url)
    return request.url.scheme == "https" or (public.scheme == "https" and request.headers.get("host") == public.netloc)
