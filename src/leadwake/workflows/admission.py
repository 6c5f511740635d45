"""An inquiry is admitted: its person found under their row locks, everything that follows written in one statement."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake.actions.planning import Planned
from leadwake.actions.states import State
from leadwake.compliance.reply import read_reply
from leadwake.domain import consent
from leadwake.domain.matching import pick_person
from leadwake.domain.names import index_tokens
from leadwake.domain.registered_form import completed
from leadwake.domain.scoring import Rated, Score, rated
from leadwake.domain.values import Channel, Inquiry, Temperature
from leadwake.errors import InputError
from leadwake.intake import crm_contact
from leadwake.metrics import CAPTURES
from leadwake.storage import intake as rows
from leadwake.storage.db import Connection, q
from leadwake.storage.ids import new_id
from leadwake.storage.intake import Contact, ContactRow, RawCapture, Receipt
from leadwake.storage.staff import Person
from leadwake.storage.vault import DataKey
from leadwake.storage.wakeups import attempt_arguments
from leadwake.workflows import instant_response, opening, routing, scoring, suppression
from leadwake.workflows.office import Office

#: whoever wants us to stop says so at the beginning; a form may hold a novel
_READ_CHARS = 1_000
#: doors and channels by which others speak of a person, never the person themself
_LISTS = frozenset({"csv", "file", "import", "crm"})
#: sources that get a line of their own in the metrics: a hostile sender must not make lines without end
_COUNTED_SOURCES = frozenset(
    {
        "website",
        "website_chat",
        "google_ads",
        "facebook_lead_ads",
        "typeform",
        "tracking_line",
        "Zillow",
        "Realtor.com",
        "referral",
        "newsletter",
        "api",
        "form",
        "sms",
        "practice",
        "phone",
        "calendly",
    }
)


class Suppressed(InputError):
    """A file or a CRM names somebody who was erased (R-GDPR-8); only the person themself may come back."""

    def __init__(self) -> None:
        super().__init__({"lead": "suppressed: this person was erased at their request"})


@dataclass(frozen=True, slots=True)
class _Person:
    """Whose inquiry it is, locked. found: of `intake_lock`; lead: None for somebody new; key: their own."""

    found: Sequence[DictRow]
    lead: DictRow | None
    id: UUID
    key: DataKey

    @property
    def is_restricted(self) -> bool:
        """True for somebody whose data is kept and not used (R-GDPR-4)."""
        return self.lead is not None and self.lead["restricted_at"] is not None


@dataclass(frozen=True, slots=True)
class _Following:
    """What follows from an inquiry. mark: its fingerprint; stops: it asks us to stop. counted: it is scored."""

    mark: bytes
    repeats: bool
    stops: bool
    contacts: Sequence[ContactRow]
    rating: Rated
    counted: bool
    opening: opening.Opening
    planned: Sequence[Planned]


async def admit(
    office: Office,
    connection: Connection,
    raw: RawCapture,
    inquiry: Inquiry,
    now: datetime,
    key: DataKey,
    *,
    is_first: bool,
    found: Sequence[DictRow] | None = None,
    unrouted: bool = False,
) -> Receipt:
    """
    The inquiry is its person's, and what follows is planned, with one wake-up job; it is counted.

    is_first: the capture is not stored yet. found: of `intake_lock`, when the transaction began with it. unrouted: an
    agent is looked for afterwards. Raises Suppressed; RestrictViolation when the agent may not have it after all.
    """
    receipt = await put(
        office, connection, raw, inquiry, now, key, is_first=is_first, found=found, unrouted=unrouted
    )  # fmt: skip
    outcome = "known" if receipt.duplicate else "lead"
    CAPTURES.labels(inquiry.source if inquiry.source in _COUNTED_SOURCES else "other", outcome).inc()
    return receipt


async def put(
    office: Office, connection: Connection, raw: RawCapture, inquiry: Inquiry, now: datetime, key: DataKey, *,
    is_first: bool, found: Sequence[DictRow] | None = None, unrouted: bool = False,
) -> Receipt:  # fmt: skip
    """The same, and no metric counts it: a probe takes it back."""
    contacts = rows.contacts_of(office.vault, inquiry)
    if found is None:
        found = await _lock(connection, contacts)
    person = await _person(office, connection, inquiry, found, key)
    if (inquiry.channel in _LISTS or raw.door in _LISTS) and await _is_erased(connection, found, person.id):
        raise Suppressed
    following = await _following(office, connection, inquiry, contacts, person, now, unrouted=unrouted)
    capture = _capture(raw, inquiry, key, now, is_first=is_first)
    await connection.execute(q("intake_write"), capture | _written(office, inquiry, person, following))
    if following.stops:  # R-REV-1: a form is as good a way to say it as any
        for row in following.contacts:
            await suppression.opt_out(connection, row.point_id, [{"id": person.id}], now, by="inquiry")
    return Receipt(raw.id, person.id, duplicate=person.lead is not None)


async def _person(
    office: Office, connection: Connection, inquiry: Inquiry, found: Sequence[DictRow], key: DataKey
) -> _Person:
    lead = await _known_lead(office, connection, found, inquiry)
    if lead is None:
        return _Person(found, None, new_id(), key)
    return _Person(
        found, lead, lead["id"], office.vault.open_data_key(lead["data_key_id"], lead["kek_id"], lead["wrapped"])
    )


async def _following(
    office: Office,
    connection: Connection,
    inquiry: Inquiry,
    contacts: Sequence[Contact],
    person: _Person,
    now: datetime,
    *,
    unrouted: bool,
) -> _Following:
    mark = rows.fingerprint(office.vault, inquiry)
    said_before, repeats = await _before(connection, person.lead, person.found, mark, now)
    contact_rows = _contact_rows(office, inquiry, contacts, person.found, said_before, person.id)
    points = {row.contact.kind: row.point_id for row in contact_rows}
    stops = asks_to_stop(inquiry)
    taker, is_from_crm = _taker(office, inquiry), inquiry.channel == crm_contact.CHANNEL
    rating = rated(inquiry, now=now, weights=office.weights, listed=is_from_crm)
    if is_from_crm:  # they asked for nothing: whose they are there, they are here, and nobody is sent after them
        is_free = taker is not None and person.lead is None
        opened = opening.Opening(taker, "crm", owner_id=taker.id if taker and is_free else None)
    else:
        opened = opening.Opening(taker, "call") if taker else opening.Opening()
    if not person.is_restricted and taker is None and not is_from_crm:
        opened = await _opening(office, connection, inquiry, person, rating.score, now, unrouted=unrouted, stops=stops)
    planned = [
        *instant_response.answer(
            office.settings,
            inquiry,
            points,
            repeats=repeats,
            stops=stops,
            is_taken=taker is not None,
            is_asking=not is_from_crm,
        ),
        *routing.alert(office.settings, None if taker else opened.agent),
    ]
    if person.is_restricted:
        rating = Rated((), Score(0, Temperature.COLD, ()), None)
        planned = [dataclasses.replace(action, state=State.SKIPPED, reason="restricted") for action in planned]
    counted = not repeats and not person.is_restricted
    return _Following(mark, repeats, stops, contact_rows, rating, counted, opened, planned)


def _capture(raw: RawCapture, inquiry: Inquiry, key: DataKey, now: datetime, *, is_first: bool) -> dict[str, Any]:
    """The columns of `intake_write` that are the capture's own."""
    return {
        "now": now,
        "is_first": is_first,
        "capture_id": raw.id,
        "key_id": key.id,
        "kek_id": key.kek_id,
        "wrapped": key.wrapped,
        "door": raw.door,
        "source": inquiry.source,
        "channel": inquiry.channel,
        "body": raw.sealed(key) if is_first else None,
        "details": rows.sealed_details(key, inquiry),
        "api_key_id": raw.api_key_id,
        "idempotency_hash": raw.idempotency_hash,
        "body_hash": raw.body_hash,
    }


def _written(office: Office, inquiry: Inquiry, person: _Person, following: _Following) -> dict[str, Any]:
    """The columns of `intake_write` that are the person's, and what follows."""
    lead = person.lead
    profile = rows.merged(rows.open_profile(office.vault, lead), inquiry) if lead else rows.profile_of(inquiry)
    return {
        "is_new": lead is None,
        "lead_id": person.id,
        "outcome": "known" if lead else "lead",
        "profile": rows.sealed_profile(person.key, profile),
        "status": _status(inquiry, following),
        "practice": office.is_practice,
        "fingerprint": following.mark,
        "repeats": following.repeats,
        "tokens": [office.vault.blind_token(word) for word in index_tokens(inquiry.name)],
        "planned": len(following.planned),
        "listed": inquiry.channel == crm_contact.CHANNEL,
        "signals": list(following.rating.codes) if following.counted else [],
        "rescore_at": following.rating.fades_at,
        **following.opening.columns(),
        **scoring.columns(following.rating.score),
        **rows.write_parameters(inquiry.asked_at, following.contacts, person.key),
        **_actions(following.planned),
    }


def _status(inquiry: Inquiry, following: _Following) -> str:
    """Where somebody new stands; whom the CRM brought waits for no answer."""
    if inquiry.channel == crm_contact.CHANNEL:
        return "imported"
    return "new" if following.contacts else "unreachable"


def asks_to_stop(inquiry: Inquiry) -> bool:
    """True when what they wrote asks us to stop altogether."""
    if not inquiry.message:
        return False
    reading = read_reply(inquiry.message[:_READ_CHARS])
    return reading.intent == "stop" and reading.scope == "all"


async def _is_erased(connection: Connection, found: Sequence[DictRow], lead_id: UUID) -> bool:
    """True when a contact is that of somebody erased, and not this lead's own by now."""
    points = [row["contact_point_id"] for row in found]
    row = await (await connection.execute(q("tombstoned"), {"points": points, "lead_id": lead_id})).fetchone()
    return row is not None


async def _lock(connection: Connection, contacts: Sequence[Contact]) -> list[DictRow]:
    if not contacts:
        return []
    return await (await connection.execute(q("intake_lock"), rows.lock_parameters(contacts))).fetchall()


async def _known_lead(
    office: Office, connection: Connection, found: Sequence[DictRow], inquiry: Inquiry
) -> DictRow | None:
    """The lead the inquiry is from, locked: the address's owner, else whoever shares the number and the name."""
    owners = [row for row in found if row["kind"] == "email" and row["lead_id"]]
    if not owners:
        sharing = [row for row in found if row["kind"] == "phone" and row["lead_id"]]
        names = [rows.open_profile(office.vault, row).get("names") or [None] for row in sharing]
        picked = pick_person(inquiry.name, names) if sharing else None
        if picked is None:
            return None
        owners = [sharing[picked]]
    return await (await connection.execute(q("intake_lock_lead"), {"lead_id": owners[0]["lead_id"]})).fetchone()


async def _before(
    connection: Connection, lead: DictRow | None, found: Sequence[DictRow], mark: bytes, now: datetime
) -> tuple[dict[int, str], bool]:
    """Consent that stands for each contact point of a known lead, and whether this inquiry repeats one."""
    if lead is None:
        return {}, False
    known = await (
        await connection.execute(
            q("intake_contacts"),
            {
                "lead_id": lead["id"],
                "points": [row["contact_point_id"] for row in found],
                "fingerprint": mark,
                "now": now,
            },
        )
    ).fetchall()
    consents = {row["contact_point_id"]: row["consent"] for row in known if row["contact_point_id"] is not None}
    return consents, any(row["repeats"] for row in known)


def _contact_rows(
    office: Office,
    inquiry: Inquiry,
    contacts: Sequence[Contact],
    found: Sequence[DictRow],
    before: dict[int, str],
    lead_id: UUID,
) -> list[ContactRow]:
    result = []
    whole, seller = completed(inquiry, office.forms), office.settings.business_name or None
    for contact in contacts:
        mine = [row for row in found if row["kind"] == contact.kind]
        if contact.kind == "email" and any(row["lead_id"] not in {None, lead_id} for row in mine):
            continue  # an address is one person's: it stays with whom it is
        point_id = mine[0]["contact_point_id"]
        channel = Channel.SMS if contact.kind == "phone" else Channel.EMAIL
        said = consent.level(
            whole.claim, channel, inquiry.channel, True, signature_name=whole.signature_name, seller=seller
        )
        missing = (
            consent.missing_proof(whole.claim, channel, signature_name=whole.signature_name, seller=seller)
            if getattr(whole.claim, channel.value)
            else []
        )
        result.append(
            ContactRow(point_id, contact, rows.after(before.get(point_id), said), channel.value, said, missing)
        )
    return result


def _taker(office: Office, inquiry: Inquiry) -> Person | None:
    """The colleague who is talking with them already: nobody else is asked, and nobody is alerted."""
    return office.person(UUID(inquiry.taken_by)) if inquiry.taken_by else None


async def _opening(
    office: Office,
    connection: Connection,
    inquiry: Inquiry,
    person: _Person,
    rating: Score,
    now: datetime,
    *,
    unrouted: bool,
    stops: bool,
) -> opening.Opening:
    """Whose the lead is from here on, or whom it is offered to."""
    lead = person.lead
    profile = {"state": inquiry.state, "postal_code": inquiry.postal_code, "country": inquiry.country}
    if lead is not None:
        profile = rows.merged(rows.open_profile(office.vault, lead), inquiry)
        if lead["agent_id"] is None and lead["is_wooed"]:
            return opening.offered_already(office, lead["offered_to"])
    asked = routing.asked_of(
        office, profile, _details(inquiry), score=rating.value, temperature=rating.temperature.value,
        owner_id=lead["agent_id"] if lead else None,
    )  # fmt: skip
    if unrouted:
        return opening.looked_for_later(office, asked, now)
    assignment = routing.assign(office, asked, await _loads(connection, person.found), now)
    return opening.opening(office, assignment, asked, now, stops=stops)


def _details(inquiry: Inquiry) -> dict[str, Any]:
    """What routing asks of an inquiry, as it reads it of a stored one."""
    names = ("extra", "message", "interest", "source", "channel")
    return {name: getattr(inquiry, name) for name in names}


async def _loads(connection: Connection, found: Sequence[DictRow]) -> routing.Loads:
    """What each agent has on their hands."""
    if found and found[0]["loads"] is not None:
        return {UUID(agent_id): load for agent_id, load in found[0]["loads"].items()}
    return {row["agent_id"]: row for row in await (await connection.execute(q("agent_loads"))).fetchall()}


def _actions(planned: Sequence[Planned]) -> dict[str, Any]:
    """The action columns of `intake_write`, and the job that wakes those to be carried out now."""
    due = [(action.channel, action.id) for action in planned if action.state is State.PLANNED]
    return {
        "a_ids": [action.id for action in planned],
        "a_kinds": [action.kind for action in planned],
        "a_recipients": [action.recipient for action in planned],
        "a_points": [action.contact_point_id for action in planned],
        "a_agents": [action.agent_id for action in planned],
        "a_channels": [action.channel for action in planned],
        "a_queues": ["bulk" if action.channel == "enrich" else "instant" for action in planned],
        "a_purposes": [action.purpose.value for action in planned],
        "a_states": [action.state.value for action in planned],
        "a_practice": [action.practice for action in planned],
        "a_reasons": [action.reason for action in planned],
        "job": Jsonb({"actions": attempt_arguments(due)}) if due else None,
    }
