"""What people decide about our messages by themselves: the one-click unsubscribe and the page of choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import DictRow

from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.workflows import suppression
from leadwake.workflows.office import Office


class Choice(StrEnum):
    """What somebody ends."""

    TEXTS = "texts"
    EMAILS = "emails"
    CALLS = "calls"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a person. consent: the level that stands. calls_stopped: of a number, also alone."""

    point: int
    kind: str
    value: str
    consent: str
    is_stopped: bool
    calls_stopped: bool
    has_bounced: bool


async def ways(office: Office, point: int) -> list[Way]:
    """Every number and address of the person this e-mail's contact point belongs to; empty when it is nobody's."""
    return [_way(office, row) for row in await office.db.all("choices_read", point=point)]


async def unsubscribe(office: Office, point: int) -> None:
    """
    The address gets no more automated mail, and whatever was open for its person is cancelled.

    Returns when no mail to it is under way any more. Again, or for an address that is gone: nothing changes.
    """
    async with office.db.transaction() as connection:
        await end_mail(connection, point, office.clock.now())
    await suppression.in_flight_settled(office, point)


async def stop(office: Office, point: int, choice: Choice) -> None:
    """
    What was chosen has ended for the person the e-mail's contact point belongs to, in one transaction.

    EVERYTHING suppresses every number and address of theirs; the others leave the rest as it is.
    Returns when nothing of it is under way any more.
    """
    async with office.db.transaction() as connection:
        chosen = [row for row in await _locked(connection, "choices_lock", point) if _is_meant(choice, row["kind"])]
        now = office.clock.now()
        for row in chosen:
            if choice is Choice.EVERYTHING:
                await _end(connection, row, now, by="everything")
            elif choice is Choice.CALLS:
                await _no_calls(connection, row, now)
            else:
                await _end_channel(connection, row, now)
    for row in chosen:
        if choice is not Choice.CALLS:
            await suppression.in_flight_settled(office, row["id"])


def _is_meant(choice: Choice, kind: str) -> bool:
    return choice is Choice.EVERYTHING or (kind == "email") is (choice is Choice.EMAILS)


async def end_everything(connection: Connection, point: int, now: datetime, *, by: str) -> None:
    """Every number and address of the person this e-mail's contact point belongs to is suppressed."""
    for row in await _locked(connection, "choices_lock", point):
        await _end(connection, row, now, by=by)


async def end_mail(connection: Connection, point: int, now: datetime) -> None:
    """This address is suppressed, and whatever was open for its person is cancelled."""
    for row in await _locked(connection, "choices_lock_one", point):
        await _end(connection, row, now, by="unsubscribed")


async def _end(connection: Connection, row: DictRow, now: datetime, *, by: str) -> None:
    """R-REV-1: the same suppression as a STOP by text; only once on record."""
    if row["opted_out_at"] is None:
        leads = await _leads(connection, row["id"])
        await suppression.opt_out(connection, row["id"], leads, now, by=by)
    else:
        await connection.execute(q("cancel_for_contact"), {"point": row["id"], "now": now})
    if by in {"everything", "mail"} and row["kind"] == "phone":
        await connection.execute(q("stop_voice"), {"point": row["id"], "now": now})
    await connection.execute(q("leads_told"), {"point": row["id"]})


async def _end_channel(connection: Connection, row: DictRow, now: datetime) -> None:
    """R-REV-5: this number or address alone; the person chose to hear from us otherwise."""
    if row["opted_out_at"] is not None:
        return
    await connection.execute(q("opt_out"), {"point": row["id"], "now": now, "by": "preferences"})
    await connection.execute(q("cancel_for_point"), {"point": row["id"], "now": now})
    await _on_record(connection, row, "opted_out", now, by="preferences")


async def _no_calls(connection: Connection, row: DictRow, now: datetime) -> None:
    if row["voice_stopped_at"] is not None:
        return
    await connection.execute(q("stop_voice"), {"point": row["id"], "now": now})
    await _on_record(connection, row, "no_calls", now, by="preferences")


async def _on_record(connection: Connection, row: DictRow, kind: str, now: datetime, *, by: str) -> None:
    for lead in await _leads(connection, row["id"]):
        await record(connection, now, "lead", kind, lead_id=lead["id"], point=row["id"], by=by)
    await connection.execute(q("leads_told"), {"point": row["id"]})


async def _locked(connection: Connection, name: str, point: int) -> Sequence[DictRow]:
    return await (await connection.execute(q(name), {"point": point})).fetchall()


async def _leads(connection: Connection, point: int) -> list[DictRow]:
    return await (await connection.execute(q("reply_leads"), {"point": point})).fetchall()


def _way(office: Office, row: DictRow) -> Way:
    key = office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
    return Way(
        row["point"], row["kind"], key.open(row["sealed_value"], b"lead_contact.value").decode(), row["consent"],
        row["opted_out_at"] is not None, row["opted_out_at"] is not None or row["voice_stopped_at"] is not None,
        row["bounced_at"] is not None,
    )  # fmt: skip
