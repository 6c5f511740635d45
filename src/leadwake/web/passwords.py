"""Proving who one is by a password: logging in, changing it, and the invitations that set one."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from leadwake.domain.contact import normalise_email
from leadwake.errors import InputError, LeadwakeError
from leadwake.storage import staff
from leadwake.storage.credentials import MAX_PASSWORD_CHARS, hash_password, needs_rehash, verify_password
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.staff import Person, token_hash
from leadwake.web.clients import Buckets
from leadwake.web.sessions import Visit
from leadwake.workflows.office import Office

MIN_PASSWORD_CHARS: Final = 10
TRIES: Final = 10
WINDOW_S: Final = 600.0
#: password hashes computed at once: each takes 19 MiB and a core
_HASHING = asyncio.Semaphore(2)


class TooManyTries(LeadwakeError):
    """Too many passwords were tried; `wait_s` seconds until the next."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("too many tries")
        self.wait_s = wait_s


class WrongLogin(LeadwakeError):
    """No such address with this password; which of the two is wrong is not said."""


class InviteOver(LeadwakeError):
    """The invitation was used, is too old, or never was."""


@dataclass(slots=True)
class LoginTries:
    """Ten tries in ten minutes, for an address and for a client; in memory, for one process."""

    addresses: Buckets = field(default_factory=lambda: Buckets(TRIES, TRIES / WINDOW_S))
    clients: Buckets = field(default_factory=lambda: Buckets(TRIES, TRIES / WINDOW_S))

    def wait_s(self, address: str, client: str) -> float:
        """0 when the try may be made (and is counted), else the seconds until it may."""
        return self.clients.wait_s(client) or self.addresses.wait_s(address)


async def check(office: Office, tries: LoginTries, email: str, password: str, client: str) -> UUID:
    """
    Whose address and password these are. client: the caller's address.

    An unknown address takes as long as a wrong password. Raises TooManyTries, WrongLogin, DatabaseAway.
    """
    address = normalise_email(email)
    mark = office.vault.blind("email", address or email.strip().lower()[:320])
    if wait_s := tries.wait_s(mark.hex(), client):
        raise TooManyTries(wait_s)
    row = await office.db.one("user_for_login", email_hash=mark) if address else None
    stored = row["password_hash"] if row else None
    matches = await _verified(stored, password)
    if row is None or not matches:
        async with office.db.transaction() as connection:
            await record(connection, office.clock.now(), "somebody", "login_failed", address=mark.hex()[:16])
        raise WrongLogin("This address and password do not belong together.")
    if stored and needs_rehash(stored):
        await office.db.run("user_password", id=row["id"], password_hash=await _hashed(password))
    user_id: UUID = row["id"]
    return user_id


async def change_password(office: Office, tries: LoginTries, visit: Visit, old: str, new: str, client: str) -> None:
    """
    The new password counts, every other session of theirs is over, and no invitation of theirs opens anything.

    Raises InputError (also for a wrong old one), TooManyTries, DatabaseAway.
    """
    person = visit.person
    if wait_s := tries.wait_s(f"own {person.id}", client):
        raise TooManyTries(wait_s)
    row = await office.db.one("user_for_login", email_hash=office.vault.blind("email", person.email))
    if not await _verified(row["password_hash"] if row else None, old):
        raise InputError({"old": "This is not your password of today."})
    _check(person.name, new, person.email)
    hashed = await _hashed(new)
    async with office.db.transaction() as connection:
        await connection.execute(q("user_password"), {"id": person.id, "password_hash": hashed})
        await connection.execute(q("sessions_end_others"), {"user_id": person.id, "mark": visit.mark})
        await connection.execute(q("invites_end"), {"user_id": person.id})
        await record(connection, office.clock.now(), f"user {person.id}", "password_changed")


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
) -> UUID:
    """
    The invited person, who has a name and a password now. email, phone, takes_leads: of a first admin.

    Whatever sessions and invitations they had before are over: somebody who lost a password may have lost more. The
    invitation is used up with it, or not at all. Raises InviteOver, InputError, RuleError, DatabaseAway.
    """
    person = await invited(office, token)
    _check(name, password, email)
    hashed = await _hashed(password)
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
            await staff.update(connection, office.vault, dataclasses.replace(person, name=name.strip()))
            await _begin_anew(connection, person.id, hashed)
        # 3. everybody knows
        await record(connection, office.clock.now(), f"user {person.id}", "invite_used")
        await connection.execute(q("office_changed"))
    await office.refresh()
    return person.id


async def _begin_anew(connection: Connection, user_id: UUID, password_hash: str) -> None:
    await connection.execute(q("user_password"), {"id": user_id, "password_hash": password_hash})
    await connection.execute(q("sessions_end_others"), {"user_id": user_id, "mark": ""})
    await connection.execute(q("invites_end"), {"user_id": user_id})


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


async def _verified(stored: str | None, password: str) -> bool:
    """In a thread, for it takes as long as it takes on purpose, and the pages go on meanwhile."""
    async with _HASHING:
        return await asyncio.to_thread(verify_password, stored, password)


async def _hashed(password: str) -> str:
    async with _HASHING:
        return await asyncio.to_thread(hash_password, password)
