"""A test message to oneself: the same path, templates and vendor as a lead's, to a member of the team."""

from __future__ import annotations

from uuid import UUID

from leadwake.actions.planning import Planned, plan_now
from leadwake.domain.values import Channel, Purpose
from leadwake.errors import RuleError
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.workflows.instant_response import is_off, is_practice
from leadwake.workflows.office import Office


async def send_test(office: Office, person: Person, channel: Channel) -> UUID:
    """The id of the planned action. Raises RuleError when there is no vendor or no number to send to."""
    if is_off(office.settings, channel.value):
        raise RuleError("no vendor is set up for this channel yet; save its credentials first")
    if channel is Channel.SMS and not person.phone:
        raise RuleError("you have no phone number here; add it to your entry in the team list")
    action = Planned(
        f"test_{channel.value}",
        str(person.id),
        Purpose.STAFF,
        is_practice(office.settings, channel.value),
        agent_id=person.id,
    )
    async with office.db.transaction() as connection:
        await plan_now(connection, [action], cause_id=new_id(), now=office.clock.now())
    return action.id
