"""Who is at the page: login by e-mail and password, a session cookie, one-time invitations."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from leadwake.domain.contact import normalise_email
from leadwake.errors import InputError, LeadwakeError
from leadwake.storage import staff
from leadwake.storage.credentials import MAX_PASSWORD_CHARS, hash_password, needs_rehash, verify_password
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.staff import Person, token_hash
from leadwake.web.clients import Buckets
from leadwake.workflows.office import Office

COOKIE: Final = "leadwake_session"
MIN_PASSWORD_CHARS: Final = 10
TRIES: Final = 10
WINDOW_S: Final = 600.0
#: password hashes computed at once: each takes 19 MiB and a core
_HASHING = asyncio.Semaphore(2)


class NeedsLogin(Exception):
    """Nobody is logged in; the page is shown after a login."""


class NeedsAdmin(Exception):
    """Whoever is logged in may not do this."""


class TooManyTries(LeadwakeError):
    """Too many logins were tried; `wait_s` seconds until the next."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("too many tries")
        self.wait_s = wait_s


class WrongLogin(LeadwakeError):
    """No such address with this password; which of the two is wrong is not said."""


class InviteOver(LeadwakeError):
    """The invitation was used, is too old, or never was."""


# Reading the cookie.


async def signed_in(request: Request) -> Person:
    """Whoever is at the page. Raises NeedsLogin, DatabaseAway."""
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
    person = dataclasses.replace(person, role=row["role"])
    request.state.person = person
    return person


async def manager(request: Request) -> Person:
    """Whoever is at the page, a manager or an admin. Raises NeedsLogin, NeedsAdmin, DatabaseAway."""
    person = await signed_in(request)
    if person.role not in {"manager", "admin"}:
        raise NeedsAdmin
    return person


async def admin(request: Request) -> Person:
    """Whoever is at the page, an admin. Raises NeedsLogin, NeedsAdmin, DatabaseAway."""
    person = await signed_in(request)
    if person.role != "admin":
        raise NeedsAdmin
    return person


# Logging in and out.


@dataclass(slots=True)
class LoginTries:
    """Ten tries in ten minutes, for an address and for a client; in memory, for one process."""

    addresses: Buckets = field(default_factory=lambda: Buckets(TRIES, TRIES / WINDOW_S))
    clients: Buckets = field(default_factory=lambda: Buckets(TRIES, TRIES / WINDOW_S))

    def wait_s(self, address: str, client: str) -> float:
        """0 when the try may be made (and is counted), else the seconds until it may."""
        return self.clients.wait_s(client) or self.addresses.wait_s(address)


async def log_in(office: Office, tries: LoginTries, email: str, password: str, client: str) -> str:
    """A new session's token. client: the caller's address. Raises TooManyTries, WrongLogin, DatabaseAway."""
    address = normalise_email(email)
    mark = office.vault.blind("email", address or email.strip().lower()[:320])
    if wait_s := tries.wait_s(mark.hex(), client):
        raise TooManyTries(wait_s)
    row = await office.db.one("user_for_login", email_hash=mark) if address else None
    stored = row["password_hash"] if row else None
    async with _HASHING:
        matches = await asyncio.to_thread(verify_password, stored, password)
    now = office.clock.now()
    if row is None or not matches:
        async with office.db.transaction() as connection:
            await record(connection, now, "somebody", "login_failed", address=mark.hex()[:16])
        raise WrongLogin("This address and password do not belong together.")
    if stored and needs_rehash(stored):
        await _set_password(office, row["id"], password)
    async with office.db.transaction() as connection:
        await record(connection, now, f"user {row['id']}", "login")
    return await staff.start_session(office.db, row["id"])


async def log_out(office: Office, token: str) -> None:
    """The session is over. Raises DatabaseAway."""
    await office.db.run("session_end", token_hash=token_hash(token))


def set_cookie(request: Request, response: Response, token: str) -> None:
    """The browser sends the session with what it asks of us from now on."""
    response.set_cookie(
        COOKIE, token, max_age=int(staff.SESSION_FOR.total_seconds()), path="/", httponly=True, samesite="lax",
        secure=is_https(request),
    )  # fmt: skip


def clear_cookie(request: Request, response: Response) -> None:
    """The browser forgets the session."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=is_https(request))


def is_https(request: Request) -> bool:
    """True when the browser came by TLS, here or at the proxy that stands at our public URL."""
    public = urlsplit(request.app.state.office.settings.public_url)
    return request.url.scheme == "https" or (public.scheme == "https" and request.headers.get("host") == public.netloc)


# Invitations.


async def invited(office: Office, token: str) -> Person | None:
    """Whom the invitation is for; None: whoever becomes the first admin. Raises InviteOver; changes nothing."""
    row = await office.db.one("invite_read", token_hash=token_hash(token))
    if row is None:
        raise InviteOver
    if row["user_id"] is None:
        return None
    if office.person(row["user_id"]) is None:
        await office.refresh()
    person = office.person(row["user_id"])
    if person is None or person.disabled:
        raise InviteOver
    return person


async def accept(
    office: Office, token: str, *, name: str, password: str, email: str = "", phone: str = "", takes_leads: bool = False
) -> str:
    """
    The invited person has a name and password; a session's token. email, phone, takes_leads: of a first admin.

    The invitation is used up with it, or not at all. Raises InviteOver, InputError, RuleError, DatabaseAway.
    """
    person = await invited(office, token)
    _check(name, password, email)
    async with _HASHING:
        hashed = await asyncio.to_thread(hash_password, password)
    async with office.db.transaction() as connection:
        # 1. the invitation's row is ours until the end of this transaction: nobody can use it meanwhile
        used = await connection.execute(q("invite_use"), {"token_hash": token_hash(token)})
        if used.rowcount == 0:
            raise InviteOver
        # 2. the person, on a connection of its own: a wrong address leaves the invitation as it was
        if person is None:
            person = await staff.add(
                office.db, office.vault, name=name, email=email, phone=phone or None, role="admin",
                takes_leads=takes_leads, password_hash=hashed,
            )  # fmt: skip
            await record(connection, office.clock.now(), f"user {person.id}", "user_added", role="admin")
        else:
            await staff.change(office.db, office.vault, dataclasses.replace(person, name=name.strip()))
            await office.db.run("user_password", id=person.id, password_hash=hashed)
        # 3. everybody knows
        await record(connection, office.clock.now(), f"user {person.id}", "invite_used")
        await connection.execute(q("office_changed"))
    await office.refresh()
    return await staff.start_session(office.db, person.id)


def _check(name: str, password: str, email: str) -> None:
    wrong = {}
    if not name.strip():
        wrong["name"] = "Write your name; leads see the first part of it."
    if len(password) < MIN_PASSWORD_CHARS:
        wrong["password"] = (
            f"At least {MIN_PASSWORD_CHARS} characters: shorter ones can be guessed. A few words in a row do well."
        )
    elif len(password) > MAX_PASSWORD_CHARS:
        wrong["password"] = f"At most {MAX_PASSWORD_CHARS:,} characters."
    elif len(set(password)) < 5 or password.strip().lower() in {email.strip().lower(), name.strip().lower()}:
        wrong["password"] = "Too easy to guess: your own name or address, or few characters again and again."  # noqa: S105
    if wrong:
        raise InputError(wrong)


async def _set_password(office: Office, user_id: UUID, password: str) -> None:
    async with _HASHING:
        hashed = await asyncio.to_thread(hash_password, password)
    await office.db.run("user_password", id=user_id, password_hash=hashed)
