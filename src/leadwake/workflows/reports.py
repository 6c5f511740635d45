"""What vendors report about messages of ours: settled, delivered, bounced, complained of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from leadwake.actions import deliveries
from leadwake.actions.states import State
from leadwake.metrics import ACTIONS, DELIVERED, FIRST_TOUCH
from leadwake.providers.ports import Delivery, DeliveryStatus
from leadwake.storage.db import Connection, past_deadlocks, q
from leadwake.workflows import mail_standing, suppression
from leadwake.workflows.office import Office

#: reports after which the address gets no automated mail any more
_ENDS_MAIL = frozenset({DeliveryStatus.COMPLAINED, DeliveryStatus.UNSUBSCRIBED})
#: Twilio's word for "this person has opted out"
_OPTED_OUT_CODE = "21610"


async def reported(office: Office, reports: Sequence[Delivery], is_temporary: Callable[[str], bool]) -> int:
    """Every report is applied, each in a transaction of its own; how many moved an action on. Raises DatabaseAway."""
    moved = 0
    for report in reports:
        now = office.clock.now()
        change = await past_deadlocks(partial(_apply, office, report, now, is_temporary))
        if change:
            moved += 1
            _count(change, now)
    return moved


async def _apply(
    office: Office, report: Delivery, now: datetime, is_temporary: Callable[[str], bool]
) -> deliveries.Moved | None:
    async with office.db.transaction() as connection:
        await _suppress(office, connection, report)  # the contact before its action, as everybody locks them
        return await deliveries.apply(connection, report, now, is_temporary)


async def _suppress(office: Office, connection: Connection, report: Delivery) -> None:
    """What a report says about its contact for good: they stopped, complained, or there is no such address."""
    opted_out = report.code == _OPTED_OUT_CODE or report.status in _ENDS_MAIL
    has_bounced = report.status is DeliveryStatus.BOUNCED
    action_id = deliveries.own_id(report.action_id)
    if action_id is None or not (opted_out or has_bounced):
        return
    action = await (await connection.execute(q("action_point"), {"id": action_id})).fetchone()
    if action is None:
        return
    now, point = office.clock.now(), action["contact_point_id"]
    if has_bounced:
        await mail_standing.bounced(connection, point, action["lead_id"], report.vendor, now)
    if report.status is DeliveryStatus.COMPLAINED:
        await mail_standing.complained(connection, action_id, report.vendor, now)
    if opted_out and action["opted_out_at"] is None:
        leads = await (await connection.execute(q("reply_leads"), {"point": point})).fetchall()
        await suppression.opt_out(connection, point, leads, now, by=report.status.value)
        await connection.execute(q("leads_told"), {"point": point})


def _count(change: deliveries.Moved, now: datetime) -> None:
    kind, channel = change.action["kind"], change.action["channel"]
    ACTIONS.labels(kind, change.state.value).inc()
    if change.asked_at is None or change.action["purpose"] != "instant_reply":
        return
    seconds = max(0.0, (now - change.asked_at).total_seconds())
    if change.first_touch:
        FIRST_TOUCH.labels(channel).observe(seconds)
    if change.state is State.DELIVERED:
        DELIVERED.labels(channel).observe(seconds)
