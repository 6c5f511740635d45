"""The team: users and who of them takes leads. Their names, addresses and numbers are sealed, like everybody's."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg.rows import DictRow

from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.domain.names import split_name
from leadwake.domain.shifts import Hours, Shift, read_shifts
from leadwake.errors import InputError, RuleError
from leadwake.storage.db import Database
from leadwake.storage.ids import new_id
from leadwake.storage.vault import Vault

INVITE_FOR = timedelta(days=7)
SESSION_FOR = timedelta(days=30)
ROLES = ("admin", "manager", "agent")


@dataclass(frozen=True, slots=True)
class Work:
    """
    What an agent may take, and when.

    licences: states, two letters. languages: ISO 639-1. specialties: interests (buy_home, auto_insurance …).
    areas: states or beginnings of ZIP codes. time_zone: IANA name, None for the team's. capacity: open leads and
    unanswered offers at once, None without limit. paused_until: aware; the end of time is "until they say otherwise".
    """

    licences: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    specialties: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    time_zone: str | None = None
    shifts: tuple[Shift, ...] = ()
    days_off: frozenset[date] = frozenset()
    capacity: int | None = None
    on_call: bool = False
    paused_until: datetime | None = None
    slack_id: str | None = None

    def hours(self, team_zone: ZoneInfo) -> Hours:
        """Their hours, on their own clock."""
        return Hours(ZoneInfo(self.time_zone) if self.time_zone else team_zone, self.shifts, self.days_off)

    def is_paused(self, now: datetime) -> bool:
        """True while they take no new leads."""
        return self.paused_until is not None and self.paused_until > now


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the team. phone: E.164 or None. practice: one of the sample team."""

    id: UUID
    name: str
    email: str
    phone: str | None
    role: str
    takes_leads: bool
    practice: bool = False
    disabled: bool = False
    has_password: bool = False
    work: Work = Work()

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
    found, number = _checked(name, email, phone, role)
    person = Person(new_id(), name.strip(), found, number, role, takes_leads, practice)
    added = await db.run(
        "user_add",
        id=person.id,
        email_hash=vault.blind("email", found),
        profile=_profile(vault, person),
        role=role,
        takes_leads=takes_leads,
        practice=practice,
        password_hash=password_hash,
    )
    if not added:
        raise RuleError(f"{found} is a member of the team already")
    return person


async def change(db: Database, vault: Vault, person: Person) -> None:
    """The person's name, phone, role and whether they take leads are as given; the address stays."""
    _checked(person.name, person.email, person.phone, person.role)
    await db.run(
        "user_change", id=person.id, profile=_profile(vault, person), takes_leads=person.takes_leads, role=person.role
    )


async def invite(db: Database, user_id: UUID | None) -> str:
    """A one-time token for setting a password; user_id None: whoever opens it becomes the first admin."""
    token = secrets.token_urlsafe(24)
    await db.run("invite_add", token_hash=token_hash(token), user_id=user_id, expires_at=datetime.now(UTC) + INVITE_FOR)
    return token


async def start_session(db: Database, user_id: UUID) -> str:
    """A session's token, for the cookie."""
    token = secrets.token_urlsafe(32)
    await db.run(
        "session_add", token_hash=token_hash(token), user_id=user_id, expires_at=datetime.now(UTC) + SESSION_FOR
    )
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
