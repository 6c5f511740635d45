"""A person signs, on their own page, that they want our texts or e-mails: kept with its proof, and they come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from psycopg.rows import DictRow

from leadwake.domain import agreement, consent
from leadwake.domain.agreement import Signed, Wording
from leadwake.domain.contact import normalise_phone
from leadwake.domain.values import Channel, ConsentLevel
from leadwake.metrics import CAPTURES
from leadwake.storage import intake as rows
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.storage.intake import Contact, ContactRow, RawCapture
from leadwake.workflows.office import Office

#: how the capture of such a page came in
DOOR = "consent"
_CHANNEL = "consent_page"


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What a signature came to.

    agreed: channels that are now agreed to in writing. missing: what the page still asks for, in its words.
    number: that texts will go to. came_back: it, or the address, had asked us to stop and no longer does.
    is_held: a number new to us had asked us to stop; only a text from it can take that back.
    """

    agreed: frozenset[Channel]
    missing: Sequence[str]
    number: str | None
    came_back: bool
    is_held: bool


@dataclass(frozen=True, slots=True)
class _Statement:
    """One channel of a page: for which contact, what it is worth, and what it lacks. point: None without a number."""

    channel: Channel
    contact: Contact | None
    level: ConsentLevel
    missing: Sequence[str]


async def sign(office: Office, point: int, signed: Signed) -> Outcome | None:
    """
    What was signed is a capture with its proof, sealed, and a statement of consent a channel, in one transaction.

    A page that lacks a proof field counts as an inquiry (R-TCPA-2). One that is whole clears an earlier stop of a
    contact that was theirs before (R-REV-8); a number that is new to us may be anybody's, and its stop stays.
    None when the link's contact point is nobody's any more. Raises DatabaseAway.
    """
    known = await office.db.all("choices_read", point=point)
    if not known:
        return None
    statements = _statements(office, known, point, signed)
    async with office.db.transaction() as connection:
        # 1. the contacts are locked, in everybody's order, then read again
        found = await _locked(connection, statements)
        known = await (await connection.execute(q("choices_read"), {"point": point})).fetchall()
        lead = await (
            await connection.execute(q("intake_lock_lead"), {"lead_id": known[0]["lead_id"] if known else None})
        ).fetchone()
        if lead is None:
            return None
        # 2. who comes back, and who cannot by this
        written = {s.contact.hash for s in statements if s.contact and s.level is ConsentLevel.WRITTEN}
        stopped = {found[mark]["contact_point_id"] for mark in written if found[mark]["opted_out_at"]}
        back = [row["point"] for row in known if row["point"] in stopped and _may_come_back(row, signed)]
        # 3. written, and on record
        await _write(office, connection, lead, known, statements, found, signed, back)
        for came_back in back:
            await record(connection, signed.at, "lead", "opted_in", lead_id=lead["id"], point=came_back, by="signed")
        await connection.execute(q("leads_told"), {"point": point})
    CAPTURES.labels(_CHANNEL, "known").inc()
    return _outcome(statements, came_back=bool(back), is_held=len(back) < len(stopped))


def _statements(office: Office, known: Sequence[DictRow], point: int, signed: Signed) -> list[_Statement]:
    business = office.settings.business_name
    found = []
    for channel in signed.channels:
        contact = _number(office, known, signed) if channel is Channel.SMS else _address(office, known, point)
        claim = signed.claim(agreement.wording(channel, business))
        given = contact is not None
        level = consent.level(claim, channel, _CHANNEL, given, seller=business)
        missing = agreement.lacking(claim, channel, business, has_number=given)
        found.append(_Statement(channel, contact, level, missing))
    return found


def _number(office: Office, known: Sequence[DictRow], signed: Signed) -> Contact | None:
    """The number that was typed; where none was, the one we have."""
    if signed.number.strip():
        value = normalise_phone(signed.number)
    else:
        value = next((_opened(office, row) for row in known if row["kind"] == "phone"), None)
    return Contact("phone", value, office.vault.blind("phone", value)) if value else None


def _address(office: Office, known: Sequence[DictRow], point: int) -> Contact:
    value = next(_opened(office, row) for row in known if row["point"] == point)
    return Contact("email", value, office.vault.blind("email", value))


def _opened(office: Office, row: DictRow) -> str:
    key = office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
    return key.open(row["sealed_value"], b"lead_contact.value").decode()


async def _locked(connection: Connection, statements: Sequence[_Statement]) -> dict[bytes, DictRow]:
    """The contact points by hash; those new to us exist now."""
    contacts = [statement.contact for statement in statements if statement.contact]
    values = {"kinds": [contact.kind for contact in contacts], "hashes": [contact.hash for contact in contacts]}
    found = await (await connection.execute(q("agreement_lock"), values)).fetchall()
    return {bytes(row["hash"]): row for row in found}


def _may_come_back(row: DictRow, signed: Signed) -> bool:
    """A stop that came before the signature, and was the person's own: a wrong number is somebody else's."""
    return bool(row["opted_out_at"] <= signed.at) and row["opted_out_by"] != "wrong_number"


async def _write(
    office: Office,
    connection: Connection,
    lead: DictRow,
    known: Sequence[DictRow],
    statements: Sequence[_Statement],
    found: Mapping[bytes, DictRow],
    signed: Signed,
    back: Sequence[int],
) -> None:
    before = {row["point"]: row["consent"] for row in known}
    contacts = []
    for statement in statements:
        if contact := statement.contact:
            point = found[contact.hash]["contact_point_id"]
            stands = rows.after(before.get(point), statement.level)
            channel = statement.channel.value
            contacts.append(ContactRow(point, contact, stands, channel, statement.level, statement.missing))
    lead_key = office.vault.open_data_key(lead["data_key_id"], lead["kek_id"], lead["wrapped"])
    profile = rows.open_profile(office.vault, lead)
    number = next((row.contact.value for row in contacts if row.contact.kind == "phone"), None)
    key = office.vault.new_data_key()
    await connection.execute(
        q("agreement_write"),
        {
            "now": signed.at,
            "capture_id": new_id(),
            "lead_id": lead["id"],
            "key_id": key.id,
            "kek_id": key.kek_id,
            "wrapped": key.wrapped,
            "body": _capture(office, signed).sealed(key),
            "profile": rows.sealed_profile(lead_key, {**profile, "phone": profile.get("phone") or number}),
            "back": list(back),
            **rows.write_parameters(signed.at, contacts, lead_key),
        },
    )


def _capture(office: Office, signed: Signed) -> RawCapture:
    """Everything the proof consists of, as it was shown and came back."""
    shown: list[Wording] = [agreement.wording(channel, office.settings.business_name) for channel in signed.channels]
    body: dict[str, Any] = {
        "name": signed.name,
        "number": signed.number,
        "agreements": [{"channel": one.channel.value, **msgspec.to_builtins(signed.claim(one))} for one in shown],
    }
    meta = {"ip": signed.ip, "user_agent": signed.user_agent, "url": signed.url}
    return RawCapture(DOOR, msgspec.json.encode(body), meta)


def _outcome(statements: Sequence[_Statement], *, came_back: bool, is_held: bool) -> Outcome:
    number = next((one.contact.value for one in statements if one.contact and one.channel is Channel.SMS), None)
    return Outcome(
        frozenset(one.channel for one in statements if one.level is ConsentLevel.WRITTEN),
        agreement.asked_for([field for one in statements for field in one.missing]),
        number,
        came_back,
        is_held,
    )
