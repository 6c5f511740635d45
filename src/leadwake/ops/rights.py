"""What a person may ask for beside a copy and erasure: corrections, restriction, no more marketing (R-GDPR-4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.actions.planning import plan
from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.domain.names import index_tokens, split_name
from leadwake.domain.values import Inquiry
from leadwake.errors import InputError, RuleError
from leadwake.storage.db import Connection, past_deadlocks, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.storage.intake import open_profile, sealed_profile
from leadwake.storage.wakeups import wake
from leadwake.workflows import instant_response
from leadwake.workflows.office import Office
from leadwake.workflows.suppression import opt_out

_NO_LEAD = "no lead has this id: leadwake lead list"


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to stand from now on; None: as it is. Already normalised."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def fields(self) -> list[str]:
        """The names of what changes; never the values (R-GDPR-6)."""
        return [name for name in ("name", "email", "phone") if getattr(self, name) is not None]


def correction(name: str | None, email: str | None, phone: str | None) -> Correction:
    """The correction as somebody typed it. Raises InputError."""
    address = normalise_email(email) if email else None
    number = normalise_phone(phone) if phone else None
    wrong = {}
    if email and address is None:
        wrong["email"] = "not an e-mail address"
    if phone and number is None:
        wrong["phone"] = "not a phone number; write it with its area code"
    if not (name and name.strip()) and not email and not phone:
        wrong["name"] = "say what is to be corrected"
    if wrong:
        raise InputError(wrong)
    return Correction(name.strip()[:200] if name and name.strip() else None, address, number)


async def correct(office: Office, lead_id: UUID, new: Correction, actor: str) -> None:
    """
    The person's data is as given, and the CRM is told (R-GDPR-4, Art. 19). The log says which fields, never the values.

    A corrected number or address has no consent of its own: what was allowed was allowed for the one before.
    Raises RuleError when there is no such lead, or the address is another lead's.
    """

    async def once() -> None:
        async with office.db.transaction() as connection:
            await _correct(office, connection, lead_id, new, actor)

    await past_deadlocks(once)


async def _correct(office: Office, connection: Connection, lead_id: UUID, new: Correction, actor: str) -> None:
    now = office.clock.now()
    # 1. the new contacts and the lead, locked in everybody's order
    given = [(kind, value) for kind, value in (("email", new.email), ("phone", new.phone)) if value]
    hashes = {kind: office.vault.blind(kind, value) for kind, value in given}  # type: ignore[arg-type]
    points = await _locked(connection, hashes) if hashes else []
    lead = await _row(connection, "intake_lock_lead", lead_id=lead_id)
    if lead is None:
        raise RuleError(_NO_LEAD)
    if any(row["kind"] == "email" and row["lead_id"] not in {None, lead_id} for row in points):
        raise RuleError("this e-mail address is another lead's: erase that one first, or choose another")
    # 2. their rows
    key = office.vault.open_data_key(lead["data_key_id"], lead["kek_id"], lead["wrapped"])
    profile = _corrected(open_profile(office.vault, lead), new)
    await connection.execute(q("correct_profile"), {"lead_id": lead_id, "profile": sealed_profile(key, profile)})
    for kind, value in given:
        point = next(row["contact_point_id"] for row in points if row["kind"] == kind)
        values = {"lead_id": lead_id, "kind": kind, "point": point, "now": now}
        await connection.execute(q("correct_contact_gone"), values)
        sealed = key.seal(value.encode(), b"lead_contact.value")
        await connection.execute(q("correct_contact"), {**values, "value": sealed})
    if new.name:
        tokens = [office.vault.blind_token(word) for word in index_tokens(new.name)]
        await connection.execute(q("correct_tokens_gone"), {"lead_id": lead_id})
        await connection.execute(q("correct_tokens"), {"lead_id": lead_id, "tokens": tokens})
    # 3. whoever got it
    await _tell_crm(office, connection, lead_id, profile)
    await record(connection, now, actor, "corrected", lead_id=lead_id, fields=new.fields)
    await connection.execute("select pg_notify('leadwake_live', %s)", [str(lead_id)])


def _corrected(profile: dict[str, Any], new: Correction) -> dict[str, Any]:
    changed = dict(profile)
    if new.name:
        first, last = split_name(new.name)
        changed |= {"name": new.name, "names": [new.name], "first": first, "last": last}
    if new.email:
        changed |= {"email": new.email, "email_raw": new.email}
    if new.phone:
        changed |= {"phone": new.phone, "phone_raw": new.phone}
    return changed


async def _tell_crm(office: Office, connection: Connection, lead_id: UUID, profile: dict[str, Any]) -> None:
    """The record that we wrote before is written again in each CRM, by its own number of it."""
    now = office.clock.now()
    about = Inquiry(None, profile.get("phone"), profile.get("email"), channel="", source="", asked_at=now)
    cause_id = new_id()
    for planned in instant_response.records(office.settings, about):
        await plan(connection, planned, cause_id=cause_id, now=now, lead_id=lead_id)
        known = await _row(connection, "crm_record", lead_id=lead_id, crm=planned.recipient)
        if planned.reason is None:
            if known:
                await connection.execute(q("action_known_as"), {"id": planned.id, "ref": known["ref"]})
            await wake(connection, [(planned.channel, planned.id)])


async def restrict(office: Office, lead_id: UUID, actor: str, *, on: bool) -> bool:
    """
    What is kept of the person is kept only: nothing automated is planned, sent or scored; or again it is.

    True when that changed something. Raises RuleError when there is no such lead.
    """
    now = office.clock.now()
    async with office.db.transaction() as connection:
        if await _row(connection, "lead_standing", lead_id=lead_id) is None:
            raise RuleError(_NO_LEAD)
        changed = (await connection.execute(q("restrict"), {"lead_id": lead_id, "on": on, "now": now})).rowcount
        if changed:
            await record(connection, now, actor, "restricted" if on else "unrestricted", lead_id=lead_id)
            await connection.execute(q("rescore_ask"), {"lead_id": lead_id, "now": now})
            await connection.execute("select pg_notify('leadwake_live', %s)", [str(lead_id)])
    return bool(changed)


async def object_to_marketing(office: Office, lead_id: UUID, actor: str) -> None:
    """Art. 21: revoked on every channel, at once and for good. Raises RuleError when there is no such lead."""
    now = office.clock.now()
    async with office.db.transaction() as connection:
        points = await _rows(connection, "lead_points_locked", lead_id=lead_id)
        if await _row(connection, "lead_standing", lead_id=lead_id) is None:
            raise RuleError(_NO_LEAD)
        for point in points:
            leads = await _rows(connection, "reply_leads", point=point["id"])
            await opt_out(connection, point["id"], leads, now, by="objection")
        await record(connection, now, actor, "objected", lead_id=lead_id)
        await connection.execute("select pg_notify('leadwake_live', %s)", [str(lead_id)])


async def _locked(connection: Connection, hashes: dict[str, bytes]) -> list[DictRow]:
    values = {"kinds": list(hashes), "hashes": list(hashes.values())}
    return await (await connection.execute(q("intake_lock"), values)).fetchall()


async def _rows(connection: Connection, name: str, **values: Any) -> list[DictRow]:
    return await (await connection.execute(q(name), values)).fetchall()


async def _row(connection: Connection, name: str, **values: Any) -> DictRow | None:
    return await (await connection.execute(q(name), values)).fetchone()
