"""A year of a busy team, written straight into the database: leads sealed as the product does, and all they did."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from leadwake.domain.names import index_tokens
from leadwake.domain.values import Inquiry
from leadwake.sandbox.samples import FIRST_NAMES, LAST_NAMES
from leadwake.storage.intake import profile_of, sealed_details, sealed_profile
from leadwake.storage.staff import Person
from leadwake.storage.vault import Vault

YEAR = timedelta(days=365)
#: leads written in one turn
_TURN = 5_000
_MESSAGE = (
    "Is the house at {} Linden Ave still for sale? I could come by this week, in the afternoon if that suits you."
)
_TEXT = "Hi {}, this is Example Realty. Thanks for asking! When may we call you? Reply STOP to opt out."
_REASONS = [
    {"text": "New inquiry", "points": 19},
    {"text": "Wants to act this week", "points": 26},
    {"text": "Has a valid phone number", "points": 6},
]
#: kind, channel, purpose of what each inquiry sets going
_ACTIONS = (
    ("sms", "sms", "instant_reply"),
    ("email", "email", "instant_reply"),
    ("crm", "crm", "instant_reply"),
    ("alert_sms", "sms", "staff"),
    ("alert_email", "email", "staff"),
)
_SENTENCE = "Text to them allowed: they asked us; 12:00 there"


def _columns(table: str, names: str) -> tuple[str, str]:
    return table, f"copy {table} ({names}) from stdin"


_COPIES = dict((
    _columns("vault.data_key", "id, kek_id, wrapped, lead_id"),
    _columns("capture", "id, at, door, source, outcome, data_key_id, body, lead_id"),
    _columns(
        "lead",
        "id, data_key_id, sealed_profile, agent_id, status, score, temperature, reasons, source, channel, created_at, "
        "last_at, first_touch_at, claimed_at, human_at, replied_at, talked_at, finished_at",
    ),
    _columns("contact_point", "id, kind, hash"),
    _columns("lead_contact", "lead_id, contact_point_id, kind, sealed_value, consent, consent_at, inquiry_at"),
    _columns("lead_token", "token, lead_id"),
    _columns("consent", "lead_id, contact_point_id, capture_id, channel, level, at"),
    _columns(
        "inquiry",
        "id, lead_id, channel, source, asked_at, sealed_details, fingerprint, score, temperature, reasons, agent_id, "
        "agent_because, planned, first_touch_at, offered_at, human_at, human_by, response_counted",
    ),
    _columns("message", "id, vendor, ref, lead_id, contact_point_id, channel, intent, data_key_id, body, at"),
    _columns(
        "action",
        "id, cause_id, kind, recipient, lead_id, contact_point_id, agent_id, channel, purpose, state, created_at, "
        "attempts, claimed_at, settled_at, vendor, vendor_ref, reason, decision, data_key_id, content",
    ),
    _columns("letter", "id, lead_id, user_id, channel, contact_point_id, data_key_id, content, at, send_at"),
    _columns("task", "lead_id, kind, agent_id, at, due_at, done_at, done_by"),
))  # fmt: skip

#: what follows from the rows above, written by the server itself
_FOLLOWS = (
    """insert into attempt (action_id, attempt_id, at, event, state, detail)
       select a.id, a.id, coalesce(a.claimed_at, a.created_at), 'claimed', 'sending', null from action a
       union all
       select a.id, a.id, a.settled_at, 'accepted', a.state, jsonb_build_object('vendor', a.vendor) from action a""",
    """insert into event (at, actor, kind, lead_id, data)
       select l.created_at + n * interval '40 minutes', case when n % 2 = 0 then 'system' else 'lead' end,
              (array['offered', 'claimed', 'replied', 'contacted', 'exported'])[n + 1], l.id, '{}'
         from lead l cross join generate_series(0, 4) n""",
    """update agent_load g
          set owned = (select count(*) from lead l
                        where l.agent_id = g.agent_id and l.finished_at is null and l.status <> 'opted_out')""",
    # the chain is not what is measured here, and half a million rows would keep its job busy for the whole run
    "insert into event_seal (upto_id, from_id, count, hash) select max(id), 1, count(*), '' from event",
    "select setval(pg_get_serial_sequence('contact_point', 'id'), (select max(id) from contact_point))",
)
#: tables whose triggers look at what happens now
_QUIET = ("lead", "inquiry", "message")
_COUNT = (
    "select (select count(*) from event) + (select count(*) from action) + (select count(*) from attempt) "
    "+ (select count(*) from task)"
)


@dataclass(slots=True)
class Crowd:
    """Leads of one year. agents: who has them; now: the last instant of the year."""

    vault: Vault
    agents: Sequence[Person]
    now: datetime
    leads: int
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {table: [] for table in _COPIES})
    ids: list[UUID] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    points_from: int = 0

    def write(self, url: str, say: Callable[[str], None]) -> int:
        """It is in the database; how many events, actions, attempts and tasks there are."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("set synchronous_commit = off")
            row = connection.execute("select coalesce(max(id), 0) from contact_point").fetchone()
            self.points_from = row[0] if row else 0
            # an agent's load is counted once at the end, and nobody of last year is enrolled now
            for table in _QUIET:
                connection.execute(f"alter table {table} disable trigger user".encode())
            for turn in range(0, self.leads, _TURN):
                self._turn(connection, range(turn, min(turn + _TURN, self.leads)))
                if (turn // _TURN) % 5 == 4:
                    say(f"  {turn + _TURN:,} leads")
            for table in _QUIET:
                connection.execute(f"alter table {table} enable trigger user".encode())
            for statement in _FOLLOWS:
                connection.execute(statement.encode())
            connection.execute("vacuum (analyze)")
            row = connection.execute(_COUNT).fetchone()
        assert row is not None
        return int(row[0])

    def _turn(self, connection: psycopg.Connection, numbers: range) -> None:
        for number in numbers:
            self._lead(number)
        with connection.transaction():
            for table, copy in _COPIES.items():
                with connection.cursor().copy(copy.encode()) as out:
                    for row in self.rows[table]:
                        out.write_row(row)
                self.rows[table].clear()

    def _lead(self, number: int) -> None:
        person = _Someone(self, number)
        self.ids.append(person.id)
        self.names.append(person.name)
        self.numbers.append(person.phone)
        for table, row in person.rows():
            self.rows[table].append(row)


class _Someone:
    """One person, what they asked, and what became of it."""

    def __init__(self, crowd: Crowd, number: int) -> None:
        self.crowd, self.number, chance = crowd, number, crowd.chance
        self.at = crowd.now - YEAR * (1 - number / crowd.leads)
        self.id, self.capture_id = (self._id(part) for part in (1, 2))
        self.name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
        self.phone = f"+1813{9_000_000 + number:07d}"
        self.email = f"{self.name.replace(' ', '.').lower()}.{number}@example.com"
        self.key = crowd.vault.new_data_key(self._id(3))
        self.score = min(100, max(0, round(chance.gauss(48, 18))))
        self.temperature = "hot" if self.score >= 70 else "warm" if self.score >= 40 else "cold"
        self.agent = chance.choice(crowd.agents).id if chance.random() < 0.9 else None
        self.status = chance.choices(("answered", "replied", "opted_out", "unreachable", "new"), (70, 22, 3, 4, 1))[0]
        self.was_reached = self.status in {"answered", "replied", "opted_out"}
        self.was_met = self.agent is not None and chance.random() < 0.7
        self.is_open = crowd.now - self.at < timedelta(days=30) or chance.random() < 0.2
        quiet = timedelta(hours=chance.expovariate(1 / 60))
        self.last_at = min(crowd.now, self.at + quiet)
        self.points = (crowd.points_from + 2 * number + 1, crowd.points_from + 2 * number + 2)

    def _id(self, part: int) -> UUID:
        """A UUID of version 7 of their own time, as the product makes them."""
        value = (
            (int(self.at.timestamp() * 1000) << 80)
            | (part << 64)
            | (self.number << 24)
            | self.crowd.chance.getrandbits(24)
        )
        return UUID(int=(value & ~(0xF << 76) & ~(0x3 << 62)) | (0x7 << 76) | (0x2 << 62))

    def after(self, minutes: float) -> datetime:
        """So long after they asked, never in the future."""
        return min(self.crowd.now, self.at + timedelta(minutes=minutes))

    def rows(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """(table, row) of everything."""
        yield "vault.data_key", (self.key.id, self.key.kek_id, self.key.wrapped, self.id)
        body = self.key.seal(b"{}", b"capture.body")
        yield "capture", (self.capture_id, self.at, "form", "website", "lead", self.key.id, body, self.id)
        yield from self._person()
        yield from self._contacts()
        yield from self._actions()
        yield from self._talk()
        yield from self._tasks()

    def _person(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        asked = Inquiry(
            self.name, self.phone, self.email, "web_form", "website", self.at,
            _MESSAGE.format(self.number % 9000), "buy_home", "33606", "FL", "US",
        )  # fmt: skip
        reasons, met = Jsonb(_REASONS), self.after(25) if self.was_met else None
        touched = self.at + timedelta(seconds=2) if self.was_reached else None
        replied = self.last_at if self.status == "replied" and self.is_open and self.number % 4 == 0 else None
        yield "lead", (
            self.id, self.key.id, sealed_profile(self.key, profile_of(asked)), self.agent, self.status, self.score,
            self.temperature, reasons, "website", "web_form", self.at, self.last_at, touched,
            self.after(4) if self.agent else None, met, replied, self._talked_at(),
            None if self.is_open else self.last_at,
        )  # fmt: skip
        yield "inquiry", (
            self.capture_id, self.id, "web_form", "website", self.at, sealed_details(self.key, asked), b"0" * 16,
            self.score, self.temperature, reasons, self.agent, "round_robin", len(_ACTIONS), touched,
            self.after(1) if self.agent else None, met, self.agent if met else None, True,
        )  # fmt: skip
        for token in {self.crowd.vault.blind_token(word) for word in index_tokens(self.name)}:
            yield "lead_token", (token, self.id)

    def _talked_at(self) -> datetime | None:
        """The last word of a person, theirs or ours; None where only the machine wrote."""
        if self.status == "replied":
            return self.after(30 + 60 * (self.number % 3))
        return self.after(25) if self.was_met else None

    def _contacts(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        for point, kind, value in zip(self.points, ("phone", "email"), (self.phone, self.email), strict=True):
            yield "contact_point", (point, kind, self.crowd.vault.blind(kind, value))  # type: ignore[arg-type]
            sealed = self.key.seal(value.encode(), b"lead_contact.value")
            yield "lead_contact", (self.id, point, kind, sealed, "inquiry", self.at, self.at)
            yield (
                "consent",
                (self.id, point, self.capture_id, "sms" if kind == "phone" else "email", "inquiry", self.at),
            )

    def _actions(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        for part, (kind, channel, purpose) in enumerate(_ACTIONS, 4):
            chance = self.crowd.chance.random()
            state = "delivered" if chance < 0.96 else "undelivered" if channel == "sms" else "bounced"
            if channel == "crm":
                state = "sent" if chance < 0.9998 else "dead"
            yield "action", self._action(part, self.capture_id, kind, channel, purpose, state, 0.05)

    def _action(
        self, part: int, cause: UUID, kind: str, channel: str, purpose: str, state: str, minutes: float
    ) -> tuple[Any, ...]:
        at, content = self.after(minutes), None
        if kind in {"sms", "email"}:
            body = msgspec.json.encode({"to": self.phone, "body": _TEXT.format(self.name)})
            content = self.key.seal(body, b"action.content")
        point = {"sms": self.points[0], "email": self.points[1]}.get(channel) if purpose != "staff" else None
        decision = Jsonb({"outcome": "send", "sentence": _SENTENCE}) if content else None
        vendor = {"sms": "twilio", "email": "sendgrid"}.get(channel, "hubspot")
        return (
            self._id(part), cause, kind, str(point or self.agent or ""), self.id, point,
            self.agent if purpose in {"staff", "human"} else None, channel, purpose, state, at, 1, at, at, vendor,
            f"SM{self.number:012x}{part:x}", "hubspot 400: refused" if state == "dead" else None, decision,
            self.key.id if content else None, content,
        )  # fmt: skip

    def _talk(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        if self.status == "replied":
            for turn in range(1 + self.number % 3):
                body = self.key.seal(b"Yes, Thursday would suit me. Is there parking?", b"message.body")
                yield "message", (
                    self._id(20 + turn), "twilio", f"IN{self.number:012x}{turn}", self.id, self.points[0], "sms",
                    "talk", self.key.id, body, self.after(30 + 60 * turn),
                )  # fmt: skip
        if self.was_met:
            letter, at = self._id(30), self.after(25)
            content = self.key.seal(b'{"subject":null,"body":"Thursday at five is fine."}', b"letter.content")
            yield "letter", (letter, self.id, self.agent, "sms", self.points[0], self.key.id, content, at, at)
            yield "action", self._action(31, letter, "human_sms", "sms", "human", "delivered", 25)

    def _tasks(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """One that is done long ago; of the last weeks' leads some that wait still."""
        at = self.after(1)
        yield "task", (self.id, "claim", None, at, self.after(6), self.after(9), "system")
        if self.crowd.now - self.at < timedelta(days=21) and self.crowd.chance.random() < 0.35:
            kind = self.crowd.chance.choice(("claim", "reply", "reply", "touch", "touch", "call", "failed"))
            due_at = self.at + timedelta(minutes=5 if self.temperature == "hot" else 240)
            yield "task", (self.id, kind, None if kind == "claim" else self.agent, at, due_at, None, None)
