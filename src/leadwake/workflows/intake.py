"""An arrival becomes a capture, an inquiry, a lead and its first actions: one transaction, then acknowledged.

What cannot be understood is stored alone and tried again; what is refused for its content is stored, too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake import log
from leadwake.actions.planning import Planned
from leadwake.actions.states import State
from leadwake.compliance.reply import read_reply
from leadwake.domain import consent
from leadwake.domain.matching import pick_person
from leadwake.domain.names import index_tokens
from leadwake.domain.registered_form import completed
from leadwake.domain.scoring import Score, score
from leadwake.domain.values import Channel, Inquiry, Temperature
from leadwake.errors import DatabaseAway, InputError
from leadwake.intake import api, form
from leadwake.metrics import CAPTURES
from leadwake.storage import intake as rows
from leadwake.storage.db import Connection, is_of_destroyed_kek, q, was_unreachable
from leadwake.storage.ids import new_id
from leadwake.storage.intake import Contact, ContactRow, RawCapture, Receipt
from leadwake.storage.vault import DataKey
from leadwake.storage.wakeups import attempt_arguments
from leadwake.workflows import instant_response, routing, suppression
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: whoever wants us to stop says so at the beginning; a form may hold a novel
_READ_CHARS = 1_000
#: how often storing is tried when the connection breaks in the middle
_TRIES = 3


async def receive_lead(office: Office, body: bytes, *, door: str = "api", source_ip: str | None = None) -> Receipt:
    """A lead in the shape of POST /v1/leads is taken in. Raises InputError, DatabaseAway."""
    return await receive(office, RawCapture(door, body, {"ip": source_ip} if source_ip else {}))


async def receive(office: Office, raw: RawCapture) -> Receipt:
    """
    The capture is stored durably, with all that follows from it if it was understood.

    Raises InputError and Unparsable (stored as rejected), KeyReused, and DatabaseAway: then nothing is promised.
    """
    now = office.clock.now()
    try:
        inquiry = understand(raw, now)
    except InputError as error:
        await keep(office, raw, "rejected", now, reason=f"refused: {', '.join(sorted(error.reasons))}"[:200])
        raise
    except Exception:
        _log.exception("not_understood", capture=str(raw.id))
        return await keep(office, raw, "pending", now, reason="understanding failed")
    try:
        return await _durably(office, raw, inquiry, now)
    except Suppressed:
        # counted, and nothing else: the bytes would bring the person back
        await keep(office, dataclasses.replace(raw, body=b"", meta={}, source=""), "rejected", now, reason="suppressed")
        raise
    except (DatabaseAway, KeyReused):
        raise
    except Exception:
        _log.exception("not_admitted", capture=str(raw.id))
        return await keep(office, raw, "pending", now, reason="storing failed")


class KeyReused(InputError):
    """The Idempotency-Key came before with another body."""

    def __init__(self) -> None:
        super().__init__({"Idempotency-Key": "was used with another body; use a new key for a new lead"})


class Suppressed(InputError):
    """A file or a CRM names somebody who was erased (R-GDPR-8); only the person themself may come back."""

    def __init__(self) -> None:
        super().__init__({"lead": "suppressed: this person was erased at their request"})


def understand(raw: RawCapture, now: datetime) -> Inquiry:
    """The inquiry in a capture. Raises InputError; anything else is a fault of ours."""
    if raw.door == "form":
        fields = msgspec.json.decode(raw.body, type=dict[str, list[str]])
        meta = raw.meta
        return form.parse_form(
            fields,
            form=meta["form"],
            ip=meta.get("ip"),
            user_agent=meta.get("user_agent"),
            url=meta.get("url"),
            now=now,
        )
    return api.parse_lead(raw.body, now)


async def keep(office: Office, raw: RawCapture, outcome: str, now: datetime, *, reason: str) -> Receipt:
    """The raw capture alone is stored: rejected, spam, or pending (then a job tries to understand it again)."""
    try:
        await _keep(office, raw, outcome, now, reason)
    except psycopg.errors.ForeignKeyViolation as error:
        if not is_of_destroyed_kek(error):
            raise
        await office.refresh_keys()
        await _keep(office, raw, outcome, now, reason)
    except psycopg.errors.UniqueViolation:
        return await _told_before(office, raw)
    CAPTURES.labels(raw.door, outcome).inc()
    return Receipt(raw.id, None, duplicate=False)


async def _keep(office: Office, raw: RawCapture, outcome: str, now: datetime, reason: str) -> None:
    key = office.vault.new_data_key()
    await office.db.run(
        "capture_only",
        key_id=key.id,
        kek_id=key.kek_id,
        wrapped=key.wrapped,
        capture_id=raw.id,
        now=now,
        door=raw.door,
        source=raw.source,
        outcome=outcome,
        reason=reason,
        body=raw.sealed(key),
        api_key_id=raw.api_key_id,
        idempotency_hash=raw.idempotency_hash if outcome == "pending" else None,
        body_hash=raw.body_hash,
    )


async def understand_again(office: Office, capture_id: UUID) -> Receipt | None:
    """A pending capture is understood now, or waits for the next try; None when another worker has it or it is done."""
    now = office.clock.now()
    async with office.db.transaction() as connection:
        row = await (await connection.execute(q("capture_for_understanding"), {"id": capture_id})).fetchone()
        if row is None:
            return None
        key = office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
        raw = rows.opened_capture(key, row["body"], capture_id=capture_id, door=row["door"], source=row["source"])
        try:
            inquiry = understand(raw, row["at"])
            async with connection.transaction():
                return await _admit(office, connection, raw, inquiry, now, key, is_first=False)
        except Suppressed:
            await connection.execute(q("capture_suppress"), {"id": capture_id, "now": now})
        except InputError as error:
            reason = f"refused: {', '.join(sorted(error.reasons))}"[:200]
            await connection.execute(q("capture_reject"), {"id": capture_id, "reason": reason})
        except psycopg.OperationalError:
            raise
        except Exception:
            _log.exception("not_understood_again", capture=str(capture_id), tries=row["tries"])
            await connection.execute(q("capture_try_again"), {"id": capture_id, "reason": "understanding failed"})
    return None


async def _durably(office: Office, raw: RawCapture, inquiry: Inquiry, now: datetime) -> Receipt:
    """Stored once, also when the connection breaks and nobody knows whether the commit went through."""
    for attempt in range(_TRIES):
        try:
            if attempt and (receipt := await _stored(office, raw.id)):
                return receipt
            if raw.idempotency_hash is None and (contacts := rows.contacts_of(office.vault, inquiry)):
                async with office.db.transaction_after("intake_lock", **_contacts(contacts)) as (connection, found):
                    return await _admit(
                        office, connection, raw, inquiry, now, office.vault.new_data_key(), is_first=True, found=found
                    )
            async with office.db.transaction() as connection:
                if raw.idempotency_hash and (known := await _claimed_before(connection, raw)):
                    return known
                return await _admit(office, connection, raw, inquiry, now, office.vault.new_data_key(), is_first=True)
        except psycopg.errors.UniqueViolation as error:
            if receipt := await _stored(office, raw.id):
                return receipt  # by the try before, whose commit was still under way when we looked
            if error.diag.constraint_name != "idempotency_pkey":
                raise
            return await _told_before(office, raw)
        except psycopg.errors.DeadlockDetected:
            continue
        except psycopg.errors.ForeignKeyViolation as error:
            if attempt == _TRIES - 1 or not is_of_destroyed_kek(error):
                raise
            await office.refresh_keys()  # the keys were changed, and we had not heard
        except DatabaseAway as error:
            if attempt == _TRIES - 1 or was_unreachable(error):
                raise
    raise DatabaseAway("the capture could not be stored")


async def _admit(
    office: Office,
    connection: Connection,
    raw: RawCapture,
    inquiry: Inquiry,
    now: datetime,
    key: DataKey,
    *,
    is_first: bool,
    found: Sequence[DictRow] | None = None,
) -> Receipt:
    """The inquiry is its person's. found: of `intake_lock`, when the transaction began with it."""
    # 1. whoever it may be is locked, then read
    contacts = rows.contacts_of(office.vault, inquiry)
    if found is None:
        found = await _lock(connection, contacts)
    lead = await _known_lead(office, connection, found, inquiry)
    lead_id = lead["id"] if lead else new_id()
    lead_key = _lead_key(office, lead) if lead else key
    if (inquiry.channel in _LISTS or raw.door in _LISTS) and await _is_erased(connection, found, lead_id):
        raise Suppressed
    is_restricted = lead is not None and lead["restricted_at"] is not None
    # 2. what is known of them, what they say now
    mark = rows.fingerprint(office.vault, inquiry)
    said_before, repeats = await _before(connection, lead, found, mark, now)
    contact_rows = _contact_rows(office, inquiry, contacts, found, said_before, lead_id)
    points = {row.contact.kind: row.point_id for row in contact_rows}
    # 3. what follows
    rating = score(inquiry, now=now) if not is_restricted else Score(0, Temperature.COLD, ())
    stops = _asks_to_stop(inquiry)
    assignment = await _assign(office, connection, lead["agent_id"] if lead else None, found)
    planned = [
        *instant_response.answer(office.settings, inquiry, points, repeats=repeats, stops=stops),
        *routing.alert(office.settings, assignment.agent),
    ]
    if is_restricted:  # stored, never processed
        planned = [dataclasses.replace(action, state=State.SKIPPED, reason="restricted") for action in planned]
    # 4. written, with one wake-up job
    profile = rows.merged(rows.open_profile(office.vault, lead), inquiry) if lead else rows.profile_of(inquiry)
    agent = assignment.agent
    await connection.execute(
        q("intake_write"),
        {
            "now": now,
            "is_first": is_first,
            "is_new": lead is None,
            "capture_id": raw.id,
            "lead_id": lead_id,
            "key_id": key.id,
            "kek_id": key.kek_id,
            "wrapped": key.wrapped,
            "door": raw.door,
            "source": inquiry.source,
            "channel": inquiry.channel,
            "outcome": "known" if lead else "lead",
            "body": raw.sealed(key) if is_first else None,
            "profile": rows.sealed_profile(lead_key, profile),
            "details": rows.sealed_details(key, inquiry),
            "status": "new" if points else "unreachable",
            "practice": office.is_practice,
            "fingerprint": mark,
            "repeats": repeats,
            "agent_id": agent.id if agent else None,
            "agent_because": assignment.because,
            "tokens": [office.vault.blind_token(word) for word in index_tokens(inquiry.name)],
            "planned": len(planned),
            "api_key_id": raw.api_key_id,
            "idempotency_hash": raw.idempotency_hash,
            "body_hash": raw.body_hash,
            **_rating(rating),
            **rows.write_parameters(inquiry.asked_at, contact_rows, lead_key),
            **_actions(planned),
        },
    )
    if stops:  # R-REV-1: a form is as good a way to say it as any
        for point in points.values():
            await suppression.opt_out(connection, point, [{"id": lead_id}], now, by="inquiry")
    CAPTURES.labels(
        inquiry.source if inquiry.source in _COUNTED_SOURCES else "other", "known" if lead else "lead"
    ).inc()
    return Receipt(raw.id, lead_id, duplicate=lead is not None)


def _asks_to_stop(inquiry: Inquiry) -> bool:
    reading = read_reply((inquiry.message or "")[:_READ_CHARS])
    return reading.intent == "stop" and reading.scope == "all"


async def _is_erased(connection: Connection, found: Sequence[DictRow], lead_id: UUID) -> bool:
    """True when a contact is that of somebody erased, and not this lead's own by now."""
    points = [row["contact_point_id"] for row in found]
    row = await (await connection.execute(q("tombstoned"), {"points": points, "lead_id": lead_id})).fetchone()
    return row is not None


async def _lock(connection: Connection, contacts: Sequence[Contact]) -> list[DictRow]:
    if not contacts:
        return []
    return await (await connection.execute(q("intake_lock"), _contacts(contacts))).fetchall()


def _contacts(contacts: Sequence[Contact]) -> dict[str, list[Any]]:
    return {"kinds": [contact.kind for contact in contacts], "hashes": [contact.hash for contact in contacts]}


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


def _lead_key(office: Office, lead: DictRow) -> DataKey:
    return office.vault.open_data_key(lead["data_key_id"], lead["kek_id"], lead["wrapped"])


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


async def _assign(
    office: Office, connection: Connection, owner_id: UUID | None, found: Sequence[DictRow]
) -> routing.Assignment:
    agents = office.agents
    if owner_id is not None and any(agent.id == owner_id for agent in agents):
        return routing.assign(agents, 0, owner_id)
    row = found[0] if found and found[0]["turn"] is not None else None
    row = row or await (await connection.execute(q("intake_agent_turn"))).fetchone()
    assert row is not None
    return routing.assign(agents, row["turn"], owner_id)


def _rating(rating: Score) -> dict[str, Any]:
    return {
        "score": rating.value,
        "temperature": rating.temperature.value,
        "reasons": Jsonb([{"text": reason.text, "points": reason.points} for reason in rating.reasons]),
    }


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
        "a_purposes": [action.purpose.value for action in planned],
        "a_states": [action.state.value for action in planned],
        "a_practice": [action.practice for action in planned],
        "a_reasons": [action.reason for action in planned],
        "job": Jsonb({"actions": attempt_arguments(due)}) if due else None,
    }


async def _stored(office: Office, capture_id: UUID) -> Receipt | None:
    row = await office.db.one("capture_receipt", id=capture_id)
    return Receipt(row["id"], row["lead_id"], duplicate=row["outcome"] == "known") if row else None


async def _claimed_before(connection: Connection, raw: RawCapture) -> Receipt | None:
    """What the sender was told when this Idempotency-Key came first. Raises KeyReused."""
    row = await (
        await connection.execute(
            q("idempotency_claim"), {"api_key_id": raw.api_key_id, "key_hash": raw.idempotency_hash}
        )
    ).fetchone()
    if row is None:
        return None
    if row["body_hash"] != raw.body_hash:
        raise KeyReused
    first = await (await connection.execute(q("capture_receipt"), {"id": row["capture_id"]})).fetchone()
    assert first is not None
    return Receipt(first["id"], first["lead_id"], duplicate=first["outcome"] == "known")


async def _told_before(office: Office, raw: RawCapture) -> Receipt:
    """Another request with the same key was first by a moment, or the key's day is over: then it is free again."""
    async with office.db.transaction() as connection:
        if known := await _claimed_before(connection, raw):
            return known
    await office.db.run("idempotency_forget")
    return await receive(office, dataclasses.replace(raw, id=new_id()))


#: doors and channels by which others speak of a person, never the person themself
_LISTS = frozenset({"csv", "file", "import", "crm"})
#: sources that get a line of their own in the metrics: a hostile sender must not make lines without end
_COUNTED_SOURCES = frozenset(
    {
        "website",
        "website_chat",
        "google_ads",
        "facebook_lead_ads",
        "tracking_line",
        "Zillow",
        "Realtor.com",
        "referral",
        "newsletter",
        "api",
        "form",
        "sms",
        "practice",
    }
)
