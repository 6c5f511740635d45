"""The manager is paged: leads wait, what Leadwake does about it by itself, what is left for a person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from leadwake.actions.claims import Judgement
from leadwake.actions.planning import plan_now
from leadwake.actions.states import State
from leadwake.domain import slo, wording
from leadwake.providers.block_kit import bold, escaped, link, section
from leadwake.providers.ports import ChatMessage
from leadwake.storage.db import Connection
from leadwake.workflows import composing, routing
from leadwake.workflows.composing import Addressee, Errand
from leadwake.workflows.escalation import managers
from leadwake.workflows.office import Office


async def page(connection: Connection, office: Office, cause_id: UUID, now: datetime) -> int:
    """Managers hear of it by mail and in Slack, by text while they are on shift; how many."""
    people = managers(office)
    for person in people:
        is_on = person.work.hours(office.settings.time_zone).is_on(now)
        told = [
            action for action in routing.alert(office.settings, person, "page")
            if (action.channel != "sms" or is_on)  # nobody's phone rings at night for it
            and (action.channel != "slack" or person.work.slack_id)  # the channel for operations knows already
        ]  # fmt: skip
        await plan_now(connection, told, cause_id=cause_id, now=now)
    return len(people)


def judge(errand: Errand) -> Judgement:
    """The page to one manager, composed now."""
    row, office = errand.row, errand.office
    person = office.person(row["agent_id"])
    if person is None or person.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    if row["page"] is None:
        return Judgement(State.CANCELLED, "too_late")
    said, base = _said(errand), office.settings.links_base
    where = f"{base}/setup/health" if base else ""
    to = Addressee(person.phone or person.email, person.name, None)
    if row["channel"] == "sms":
        if not person.phone:
            return Judgement(State.SKIPPED, "no_number")
        return composing.plain_text(errand, to, f"{' '.join(said)} {where}".strip())
    if row["channel"] == "email":
        return composing.plain_mail(
            errand, Addressee(person.email, person.name, None), said[0], "\n\n".join((*said, where)).strip()
        )
    if not (channel := person.work.slack_id):
        return Judgement(State.SKIPPED, "no_slack")
    lines = [bold(said[0]), *(escaped(line) for line in said[1:]), link(where, "Open") if where else ""]
    content = errand.seal(None, {"to": channel, "body": " ".join(said)})
    message = ChatMessage(channel, escaped(said[0]), [section("\n".join(line for line in lines if line))])
    return Judgement(State.SENDING, outgoing=message, content=content)


def _said(errand: Errand) -> tuple[str, ...]:
    why = errand.row["page"]
    span = wording.duration(why["minutes"] * 60)
    does = {
        slo.MAIL_SECOND: "E-mail goes by the second provider for now.",
        slo.MAIL_FOR_TEXT: "E-mail goes in place of texts that hang.",
    }
    return (
        f"Leads wait: {why['late']} of {why['total']} had no answer within 60 s in the last {span}.",
        *(words for act, words in does.items() if act in why["acting"]),
        "Please see to it that new leads are called.",
    )
