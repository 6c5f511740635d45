"""The team: users and who of them takes leads. Their names, addresses and numbers are sealed, like everybody's."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

import msgspec
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.domain.names import split_name
from leadwake.domain.shifts import read_shifts, shifts_json
from leadwake.domain.work import Work
from leadwake.errors import InputError, RuleError
from leadwake.storage.db import Connection, Database, q
from leadwake.storage.ids import new_id
from leadwake.storage.vault import Vault

INVITE_FOR = timedelta(days=7)
SESSION_FOR = timedelta(days=30)
#: an alert's link gets a working day, no more
LINK_SESSION_FOR = timedelta(hours=12)
ROLES = ("admin", "manager", "agent")
#: until they say otherwise
FOR_GOOD = datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    """
    A member of the team. phone: E.164 or None. practice: one of the sample team.

    is_bound: somebody at an identity provider is known to be them, which opens nothing while that provider is off.
    """

    id: UUID
    name: str
    email: str
    phone: str | None
    role: str
    takes_leads: bool
    practice: bool = False
    disabled: bool = False
    has_password: bool = False
    is_bound: bool = False
    work: Work = field(default_factory=Work)

    @property
    def first_name(self) -> str:
        """The name a lead knows them by."""
        return _first_name(self.name)


@lru_cache(maxsize=256)  # in every message; the names of the team, not of leads
def _first_name(name: str) -> str:
    return split_name(name)[0] or name


async def everybody(db: Database, vault: Vault) -> list[Person]:
    """The whole team, oldest first, former members among them."""
    return [person_of(vault, row) for row in await db.all("users")]


def person_of(vault: Vault, row: DictRow) -> Person:
    """The person of a row of `users`."""
    profile = msgspec.json.decode(vault.open_setting(f"user {row['id']}", row["sealed_profile"]))
    return Person(
        row["id"],
        profile["name"],
        profile["email"],
        profile["phone"],
        row["role"],
        row["takes_leads"],
        row["practice"],
        row["disabled_at"] is not None,
        row["has_password"],
        row["is_bound"],
        _work(row),
    )


def _work(row: DictRow) -> Work:
    return Work(
        tuple(row["licences"]), tuple(row["languages"]), tuple(row["specialties"]), tuple(row["areas"]),
        row["time_zone"], read_shifts(row["shifts"]), frozenset(row["days_off"]), row["capacity"], row["on_call"],
        row["paused_until"], row["slack_id"],
    )  # fmt: skip


async def add(
    db: Database,
    vault: Vault,
    *,
    name: str,
    email: str,
    phone: str | None,
    role: str,
    takes_leads: bool,
    practice: bool = False,
    password_hash: str | None = None,
) -> Person:
    """A new member of the team. Raises InputError on a wrong address, number or role, RuleError when already there."""
    person = newcomer(name=name, email=email, phone=phone, role=role, takes_leads=takes_leads, practice=practice)
    async with db.connection() as connection:
        await insert(connection, vault, person, password_hash)
    return person


def newcomer(
    *, name: str, email: str, phone: str | None, role: str, takes_leads: bool, practice: bool = False
) -> Person:
    """Somebody who is not in the team yet. Raises InputError on a wrong address, number or role."""
    found, number = _checked(name, email, phone, role)
    return Person(new_id(), name.strip(), found, number, role, takes_leads, practice)


async def insert(connection: Connection, vault: Vault, person: Person, password_hash: str | None = None) -> None:
    """The newcomer is in the team. Raises RuleError when somebody with this address is already."""
    values = {
        "id": person.id, "email_hash": vault.blind("email", person.email), "profile": _profile(vault, person),
        "role": person.role, "takes_leads": person.takes_leads, "practice": person.practice,
        "password_hash": password_hash,
    }  # fmt: skip
    if not (await connection.execute(q("user_add"), values)).rowcount:
        raise RuleError(f"a member of the team already: {person.email}")


async def change(db: Database, vault: Vault, person: Person) -> None:
    """The person's name, phone, role and whether they take leads are as given; the address stays. Raises InputError."""
    async with db.connection() as connection:
        await update(connection, vault, person)


async def update(connection: Connection, vault: Vault, person: Person) -> None:
    """As `change`, within a transaction of the caller's."""
    _, number = _checked(person.name, person.email, person.phone, person.role)
    sealed = _profile(vault, replace(person, phone=number))
    values = {"id": person.id, "profile": sealed, "takes_leads": person.takes_leads, "role": person.role}
    await connection.execute(q("user_change"), values)


async def change_work(connection: Connection, user_id: UUID, work: Work) -> None:
    """What they may take and when is as given; whether they are paused is another matter (`pause`)."""
    values = {
        "id": user_id, "licences": list(work.licences), "languages": list(work.languages),
        "specialties": list(work.specialties), "areas": list(work.areas), "time_zone": work.time_zone,
        "shifts": Jsonb(shifts_json(work.shifts)), "days_off": sorted(work.days_off), "capacity": work.capacity,
        "on_call": work.on_call, "slack_id": work.slack_id,
    }  # fmt: skip
    await connection.execute(q("user_work"), values)


async def pause(connection: Connection, user_id: UUID, until: datetime | None) -> None:
    """They take no new leads until then (aware; FOR_GOOD: until they say otherwise); None: they take them again."""
    for_good = until is not None and until >= FOR_GOOD
    values = {"id": user_id, "until": None if for_good else until, "for_good": for_good}
    await connection.execute(q("user_pause"), values)


def new_invite_token() -> str:
    """192 random bits for a URL."""
    return secrets.token_urlsafe(24)


async def invite(db: Database, user_id: UUID | None) -> str:
    """A one-time token for setting a password; user_id None: whoever opens it becomes the first admin."""
    token = new_invite_token()
    async with db.connection() as connection:
        await add_invite(connection, token, user_id)
    return token


async def add_invite(connection: Connection, token: str, user_id: UUID | None) -> None:
    """The token sets a password, once, within a week."""
    expires_at = datetime.now(UTC) + INVITE_FOR
    values = {"token_hash": token_hash(token), "user_id": user_id, "expires_at": expires_at}
    await connection.execute(q("invite_add"), values)


async def start_session(db: Database, user_id: UUID, *, via: str = "password", agent_text: str | None = None) -> str:
    """
    A session's token, for the cookie.

    via: password, link or passkey: a link's session is short and never more than an agent's. agent_text: the browser.
    """
    token = secrets.token_urlsafe(32)
    lasts = LINK_SESSION_FOR if via == "link" else SESSION_FOR
    await db.run(
        "session_add", token_hash=token_hash(token), user_id=user_id, expires_at=datetime.now(UTC) + lasts, via=via,
        agent_text=agent_text,
    )  # fmt: skip
    return token


def token_hash(token: str) -> bytes:
    """What is stored of a session's or an invite's token; 192 random bits and more need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _checked(name: str, email: str, phone: str | None, role: str) -> tuple[str, str | None]:
    wrong = {}
    address, number = normalise_email(email), normalise_phone(phone) if phone else None
    if not name.strip():
        wrong["name"] = "write a name"
    if address is None:
        wrong["email"] = "not an e-mail address"
    if phone and number is None:
        wrong["phone"] = "not a phone number; write it with its area code"
    if role not in ROLES:
        wrong["role"] = f"one of {', '.join(ROLES)}"
    if wrong or address is None:
        raise InputError(wrong)
    return address, number


def _profile(vault: Vault, person: Person) -> bytes:
    content = msgspec.json.encode({"name": person.name, "email": person.email, "phone": person.phone})
    return vault.seal_setting(f"user {person.id}", content.decode())
