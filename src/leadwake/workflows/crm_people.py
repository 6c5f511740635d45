"""A contact as the CRM has it, made ours: who they are to us, whose they are, what nobody may use any more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from psycopg.rows import DictRow

from leadwake import log
from leadwake.domain.contact import normalise_email
from leadwake.errors import InputError, RuleError
from leadwake.providers.ports import CrmPerson
from leadwake.storage import reading
from leadwake.storage.db import Connection, past_deadlocks, q
from leadwake.storage.events import record
from leadwake.storage.intake import RawCapture
from leadwake.storage.staff import Person
from leadwake.workflows import claiming, intake, suppression
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: the address of a colleague by the CRM's own id of them. Raises ProviderError.
OwnerEmail = Callable[[str], Awaitable[str | None]]


async def known(office: Office, vendor: str, person: CrmPerson) -> UUID | None:
    """The lead that this contact is: by the CRM's id, else by number or address (an address is one person's)."""
    if row := await _seen(office, vendor, person.ref):
        return UUID(str(row["lead_id"]))
    for kind, value in (("email", person.email), ("phone", person.phone)):
        found = await reading.by_contact(office.db, office.vault, kind, value) if value else []
        if len(found) == 1:
            return found[0]
    return None


async def heard(office: Office, vendor: str, person: CrmPerson, owner_email: OwnerEmail, *, created: bool) -> str:
    """
    What the CRM has of this person holds here, too; what came of it, in a word.

    created: they were made there, so that somebody we do not know becomes a lead. Raises ProviderError, DatabaseAway.
    """
    lead_id = await known(office, vendor, person)
    agent = await _agent(office, person, owner_email)
    if lead_id is None:
        lead_id = await _brought_in(office, vendor, person, agent) if created else None
        if lead_id is None:
            return "nobody we know"
    before = await _seen(office, vendor, person.ref)
    await past_deadlocks(partial(_stop, office, vendor, lead_id, person.stopped))
    await _owner(office, vendor, lead_id, person, agent, before)
    return "done"


async def gone(office: Office, vendor: str, ref: str) -> str:
    """Somebody deleted the contact there: noted; the lead stays, and its next record makes a new one."""
    row = await _seen(office, vendor, ref)
    if row is None:
        return "nobody we know"
    async with office.db.transaction() as connection:
        now = office.clock.now()
        values = {"vendor": vendor, "ref": ref, "lead_id": row["lead_id"], "owner": row["owner"], "now": now}
        if (await connection.execute(q("crm_contact_gone"), values)).rowcount:
            await record(connection, now, f"vendor {vendor}", "crm_gone", lead_id=row["lead_id"])
            await connection.execute(q("lead_told"), {"id": row["lead_id"]})
    return "done"


async def _seen(office: Office, vendor: str, ref: str) -> DictRow | None:
    return await office.db.one("crm_lead", vendor=vendor, ref=ref)


async def _agent(office: Office, person: CrmPerson, owner_email: OwnerEmail) -> Person | None:
    """The colleague who has them there: found by the address, which is the same in both places."""
    email = normalise_email(await owner_email(person.owner) or "") if person.owner else None
    return next((one for one in office.team if one.email == email and not one.disabled), None) if email else None


async def _brought_in(office: Office, vendor: str, person: CrmPerson, agent: Person | None) -> UUID | None:
    """Somebody new, whom others speak of: a lead that nobody writes to by itself. None when they may not come back."""
    meta = {
        "vendor": vendor, "ref": person.ref, "owner": str(agent.id) if agent else "", "email": person.email or "",
        "phone": person.phone or "", "first_name": person.first_name or "", "last_name": person.last_name or "",
    }  # fmt: skip
    try:
        receipt = await intake.receive(office, RawCapture.once("crm", f"{vendor}:{person.ref}", b"", meta, vendor))
    except InputError as error:
        _log.info("crm_contact_refused", vendor=vendor, reason=",".join(error.reasons))
        return None
    return receipt.lead_id


async def _stop(office: Office, vendor: str, lead_id: UUID, stopped: frozenset[str]) -> None:
    """R-REV-1: what they told the team by way of the CRM, told us; each channel by itself, and never taken back."""
    if not stopped:
        return
    async with office.db.transaction() as connection:
        now = office.clock.now()
        points = await (await connection.execute(q("crm_points"), {"lead_id": lead_id})).fetchall()
        for point in points:
            channel = "email" if point["kind"] == "email" else "sms"
            if channel in stopped and point["opted_out_at"] is None:
                await _end(connection, point["id"], now, is_all={"sms", "email"} <= stopped)
            if point["kind"] == "phone" and "voice" in stopped and point["voice_stopped_at"] is None:
                await connection.execute(q("stop_voice"), {"point": point["id"], "now": now})
                await record(connection, now, f"vendor {vendor}", "no_calls", lead_id=lead_id, point=point["id"])
        await connection.execute(q("lead_told"), {"id": lead_id})


async def _end(connection: Connection, point: int, now: datetime, *, is_all: bool) -> None:
    leads = await (await connection.execute(q("reply_leads"), {"point": point})).fetchall()
    if is_all:
        await suppression.opt_out(connection, point, leads, now, by="crm_all")
    else:
        await suppression.end_contact(connection, point, leads, now, by="crm")


async def _owner(
    office: Office, vendor: str, lead_id: UUID, person: CrmPerson, agent: Person | None, before: DictRow | None
) -> None:
    """
    The colleague who was given them there has them here.

    Only a change counts: what the CRM said before, and what our own record says while it is on its way there, is no
    news. Of somebody seen for the first time it counts where nobody has them here.
    """
    values = {"vendor": vendor, "ref": person.ref, "lead_id": lead_id, "owner": person.owner}
    if await office.db.one("crm_write_is_open", **values):
        return
    last = before if before is not None and before["is_seen"] else None
    if agent is not None and (last is None or last["owner"] != person.owner):
        await _given(office, vendor, lead_id, agent, only_if_free=last is None)
    await office.db.run("crm_contact_seen", **values, now=office.clock.now())


async def _given(office: Office, vendor: str, lead_id: UUID, agent: Person, *, only_if_free: bool) -> None:
    try:
        await claiming.given_from_outside(
            office, lead_id, agent, actor=f"vendor {vendor}", because="crm", only_if_free=only_if_free
        )
    except RuleError as error:
        _log.warning("crm_owner_refused", vendor=vendor, lead=str(lead_id), reason=str(error))
        async with office.db.transaction() as connection:
            now, actor = office.clock.now(), f"vendor {vendor}"
            await record(connection, now, actor, "crm_owner_refused", lead_id=lead_id, user=str(agent.id))
