"""A vendor's circuit opened or closed: the page knows at once, the admins by mail when it was not just a moment."""

from __future__ import annotations

from datetime import timedelta

from leadwake import log
from leadwake.actions.circuit import RECONNECT
from leadwake.actions.planning import Planned, plan
from leadwake.domain.values import Purpose
from leadwake.errors import DatabaseAway
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.vendors import VENDORS
from leadwake.workflows.instant_response import is_off, is_practice
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: a failure shorter than this is nobody's mail
TELL_AFTER = timedelta(seconds=60)


async def noted(office: Office, vendor: str, *, is_open: bool, reason: str, wait_s: float) -> None:
    """The vendor's state stands in the database; a change from closed to open (or back) stands in the log."""
    now = office.clock.now()
    try:
        async with office.db.transaction() as connection:
            before = await (await connection.execute(q("vendor_state_read"), {"vendor": vendor})).fetchone()
            await connection.execute(
                q("vendor_state_write"),
                {
                    "vendor": vendor,
                    "state": "open" if is_open else "closed",
                    "reason": reason or None,
                    "open_s": wait_s,
                },
            )
            was_open = before is not None and before["state"] == "open"
            if is_open and not was_open:
                await record(connection, now, f"vendor {vendor}", "circuit_opened", reason=reason)
                if reason != RECONNECT:  # the admins are told of that by itself, with what to do
                    await _tell_admins(office, connection, vendor)
            elif was_open and not is_open:
                await record(connection, now, f"vendor {vendor}", "circuit_closed")
                await connection.execute(q("ops_cancel"), {"now": now, "vendor": f"%/{_label(vendor)}"})
            await connection.execute("select pg_notify('leadwake_live', '')")
    except DatabaseAway:
        _log.warning("circuit_unnoted", vendor=vendor)


async def _tell_admins(office: Office, connection: Connection, vendor: str) -> None:
    """Due in a minute, and cancelled if the vendor is back by then."""
    if is_off(office.settings, "email"):
        return
    now, cause = office.clock.now(), new_id()
    for person in office.team:
        if person.role == "admin" and not person.disabled and not person.practice:
            await plan(
                connection,
                Planned(
                    "ops_email",
                    f"{person.id}/{_label(vendor)}",
                    Purpose.STAFF,
                    is_practice(office.settings, "email"),
                    agent_id=person.id,
                ),
                cause_id=cause,
                now=now,
                due_at=now + TELL_AFTER,
            )


def _label(vendor: str) -> str:
    return VENDORS[vendor].label if vendor in VENDORS else vendor
