"""Alerts in Slack: what they say, where they go, and how they are taken back when somebody has the lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leadwake.actions.claims import Judgement
from leadwake.actions.planning import Planned, plan_now
from leadwake.actions.states import State
from leadwake.compliance.decision import Message
from leadwake.compliance.place import shown_clock
from leadwake.domain import wording
from leadwake.domain.values import Channel, Purpose
from leadwake.providers.block_kit import Block, actions, bold, button, context, escaped, link, quoted, section
from leadwake.providers.ports import ChatMessage, ChatUpdate
from leadwake.storage.db import Connection, q
from leadwake.storage.staff import Person
from leadwake.storage.vault import DataKey
from leadwake.workflows import composing, hot_leads, meeting_messages, staff_news, telling
from leadwake.workflows.composing import Errand, Values
from leadwake.workflows.instant_response import is_off
from leadwake.workflows.office import Office

#: the buttons, as Slack names them back to us
CLAIM, PASS, CALL = "claim", "pass", "call"
#: an alert that is being posted just now is taken back a moment later (business time)
_POSTED_SOON = timedelta(seconds=2)
_TWICE = "Sent a second time: Slack did not say whether the first arrived."


async def retract(
    connection: Connection,
    office: Office,
    lead_id: UUID,
    taken_by: Person | None,
    now: datetime,
    *,
    agent_id: UUID | None = None,
) -> int:
    """
    Every alert of the lead in Slack loses its buttons and says who has them; how many are changed.

    In the caller's transaction. taken_by: the new owner, None where only the offer is over. agent_id: whose alerts,
    None for everybody's. Planned once for each alert and owner, so that calling it again changes nothing.
    """
    if is_off(office.settings, "slack"):
        return 0
    found = await connection.execute(q("slack_alerts_open"), {"lead_id": lead_id, "agent_id": agent_id, "now": now})
    cause = taken_by.id if taken_by else lead_id
    changes = [
        Planned("alert_taken_slack", str(alert["id"]), Purpose.STAFF, alert["practice"], agent_id=alert["agent_id"])
        for alert in await found.fetchall()
    ]
    return len(await plan_now(connection, changes, cause_id=cause, now=now, lead_id=lead_id))


async def retract_stale(office: Office) -> int:
    """
    Alerts whose offer is over by a way that told nobody (a letter, a stop, "done") are taken back; how many.

    Looked for each second, so that no way of ending an offer has to remember Slack.
    """
    if is_off(office.settings, "slack"):
        return 0
    changed = 0
    for row in await office.db.all("slack_alerts_stale", now=office.clock.now()):
        async with office.db.transaction() as connection:
            owner, now = office.person(row["owner_id"]), office.clock.now()
            changed += await retract(connection, office, row["lead_id"], owner, now)
    return changed


def lead_alert(errand: Errand) -> Judgement:
    """A lead to the agent it is offered to, or whose it is."""
    agent, row = _agent(errand), errand.row
    if agent is None:
        return Judgement(State.CANCELLED, "agent_left")
    if telling.is_over(row):
        return Judgement(State.CANCELLED, "offer_over")
    if not (channel := _channel(errand, agent)):
        return Judgement(State.SKIPPED, "no_slack")
    key, profile = errand.opened()
    values = {**composing.values_of(errand, profile, agent), **telling.told(errand)}
    head = [*_for_whom(agent), section(_facts(errand, values, profile))]
    said = quoted(values["lead.message"])
    status = values.get("lead.reply_status")
    blocks = [
        *head,
        *([section(said)] if said else []),
        *([context(escaped(f"{status}."))] if status else []),
        *_buttons(_page(errand, values, agent), lead_id=None if row["owner_id"] else row["lead_id"]),
        *_twice(errand),
    ]
    about = f"{values['lead.temperature'] or 'new'} lead: {_name(values)}"
    return _post(errand, channel, key, wording.sentence(about), blocks)


def reply_alert(errand: Errand) -> Judgement:
    """What a lead wrote back, to the agent who is to look."""
    agent = _agent(errand)
    if agent is None:
        return Judgement(State.CANCELLED, "agent_left")
    if not (channel := _channel(errand, agent)):
        return Judgement(State.SKIPPED, "no_slack")
    key, profile = errand.opened()
    values = {**composing.values_of(errand, profile, agent), **telling.told(errand)}
    said, meaning = quoted(values.get("lead.reply")), values.get("lead.reply_meaning")
    blocks = [
        *_for_whom(agent),
        section("\n".join(part for part in (f"{bold(_name(values))} wrote back", _number(profile)) if part)),
        *([section(said)] if said else []),
        *([context(escaped(meaning))] if meaning else []),
        *_buttons(_page(errand, values, agent), lead_id=None),
        *_twice(errand),
    ]
    return _post(errand, channel, key, f"{_name(values)} wrote back: please look", blocks)


def unattended(errand: Errand) -> Judgement:
    """Management hears that nobody takes care of a lead, and can claim it there and then."""
    person, row = _agent(errand), errand.row
    if person is None:
        return Judgement(State.CANCELLED, "agent_left")
    if not (channel := _channel(errand, person)):
        return Judgement(State.SKIPPED, "no_slack")
    key, profile = errand.opened()
    values, said = composing.values_of(errand, profile, person), staff_news.waits(errand)
    blocks = [
        *_for_whom(person),
        section("\n".join(part for part in (escaped(said, 500), _facts(errand, values, profile)) if part)),
        *_buttons(_page(errand, values, person), lead_id=None if row["owner_id"] else row["lead_id"], may_pass=False),
        *_twice(errand),
    ]
    return _post(errand, channel, key, said, blocks)


def hot_alert(errand: Errand) -> Judgement:
    """Who became hot, and why, to whose they are or who is asked just now."""
    _, profile = errand.opened()
    told = hot_leads.said(errand)
    return _told(errand, told, (bold(told), *(escaped(one) for one in hot_leads.sums(errand)), _number(profile)))


def call_reminder(errand: Errand) -> Judgement:
    """Somebody is to be called now."""
    if staff_news.is_call_over(errand):
        return Judgement(State.CANCELLED, "task_over")
    _, profile = errand.opened()
    said = staff_news.to_call(errand)
    facts = _facts(errand, composing.values_of(errand, profile, _agent(errand)), profile)
    return _told(errand, said, (escaped(said, 500), facts))


def meeting_alert(errand: Errand) -> Judgement:
    """A meeting booked, moved or cancelled, to whoever is to be there."""
    agent = _agent(errand)
    if agent is None:
        return Judgement(State.CANCELLED, "agent_left")
    if not (channel := _channel(errand, agent)):
        return Judgement(State.SKIPPED, "no_slack")
    key, profile = errand.opened()
    zone = agent.work.hours(errand.office.settings.time_zone).zone
    values = {**composing.values_of(errand, profile, agent), **meeting_messages.told(errand, key, zone)}
    about = f"{_name(values)} {values['meeting.news']}"
    told = [values["meeting.when"], values["meeting.title"], values["meeting.place"]]
    lines = (bold(about), *(escaped(one, 500) for one in told if one), _number(profile))
    blocks = [
        *_for_whom(agent),
        section("\n".join(line for line in lines if line)),
        *_buttons(_page(errand, values, agent), lead_id=None),
        *_twice(errand),
    ]
    return _post(errand, channel, key, about, blocks)


def taken(errand: Errand) -> Judgement:
    """An alert changed to what is true now: who has the lead, or that it is offered no more; nothing to press."""
    row, alert = errand.row, errand.row["alert"] or {}
    if not alert.get("ref"):
        if alert.get("state") in {State.PLANNED, State.DEFERRED, State.SENDING}:
            return Judgement(State.PLANNED, "the alert is being sent", due_at=errand.now + _POSTED_SOON)
        return Judgement(State.CANCELLED, "never_shown")
    key, profile = errand.opened()
    asked, owner = errand.office.person(row["agent_id"]), errand.office.person(row["owner_id"])
    name = profile.get("name") or "Somebody new"
    said = _standing(asked, owner)
    lines = [bold(name), escaped(said)]
    base = errand.office.settings.links_base
    if owner is not None and asked is not None and owner.id == asked.id and base:
        lines.append(link(f"{base}/leads/{row['lead_id']}", "Open the lead"))
    text = escaped(f"{name}: {said}")
    content = errand.seal(key, {"to": alert["ref"].partition("/")[0], "body": f"{name}: {said}"})
    change = ChatUpdate(alert["ref"], text, [section("\n".join(lines))])
    return Judgement(State.SENDING, outgoing=change, content=content, data_key_id=key.id)


def _standing(asked: Person | None, owner: Person | None) -> str:
    is_direct = asked is not None and asked.work.slack_id is not None
    if owner is None:
        return "No longer offered to you." if is_direct or asked is None else f"No longer offered to {asked.name}."
    if is_direct and asked is not None and owner.id == asked.id:
        return "You have this lead."
    return f"Taken by {owner.name}."


def sequence_alert(errand: Errand, values: Values) -> Judgement:
    """What a sequence wants a person to look at."""
    _, profile = errand.opened()
    said = values["sequence.says"] or ""
    return _told(errand, f"{_name(values)}: {said}", (bold(_name(values)), _number(profile), escaped(said)))


def _told(errand: Errand, about: str, lines: Sequence[str]) -> Judgement:
    """A few lines about a lead to its agent, with the ways to call and open them; empty lines are left out."""
    agent = _agent(errand)
    if agent is None:
        return Judgement(State.CANCELLED, "agent_left")
    if not (channel := _channel(errand, agent)):
        return Judgement(State.SKIPPED, "no_slack")
    key, profile = errand.opened()
    values = composing.values_of(errand, profile, agent)
    blocks = [
        *_for_whom(agent),
        section("\n".join(line for line in lines if line)),
        *_buttons(_page(errand, values, agent), lead_id=None),
        *_twice(errand),
    ]
    return _post(errand, channel, key, about, blocks)


def _agent(errand: Errand) -> Person | None:
    agent = errand.office.person(errand.row["agent_id"])
    return None if agent is None or agent.disabled else agent


def _channel(errand: Errand, agent: Person) -> str:
    """Where the agent reads: their own messages, else the team's channel; "" for neither."""
    return agent.work.slack_id or errand.office.settings.credential("slack", "SLACK_CHANNEL")


def _for_whom(agent: Person) -> list[Block]:
    """In the team's channel, whose turn it is; in their own messages they know."""
    return [] if agent.work.slack_id else [context(f"For {bold(agent.name)}")]


def _facts(errand: Errand, values: Values, profile: Mapping[str, Any]) -> str:
    """Who it is, what they are worth a minute for, where they come from and how they are reached; a line each."""
    score = f"{wording.sentence(values['lead.temperature'] or 'new')}, score {values['lead.score']}"
    reasons = "; ".join(f"{one['text']} ({one['points']:+d})" for one in composing.weightiest(errand.row))
    clock = _clock(errand, profile)
    about = (values["lead.interest"], values["lead.source"], f"{clock} where they are" if clock else None)
    lines = (
        bold(_name(values)),
        escaped(f"{score}: {reasons}" if reasons else score, 500),
        escaped(" · ".join(part for part in about if part), 500),
        _number(profile),
    )
    return "\n".join(line for line in lines if line)


def _clock(errand: Errand, profile: Mapping[str, Any]) -> str | None:
    message = Message(
        Channel.SMS, Purpose.HUMAN, profile.get("phone") or "", profile.get("state"), profile.get("postal_code"),
        profile.get("country"),
    )  # fmt: skip
    return shown_clock(message, errand.office.tables, errand.now)


def _name(values: Values) -> str:
    return values["lead.name"] or "Somebody new"


def _number(profile: Mapping[str, Any]) -> str:
    phone = profile.get("phone")
    return link(f"tel:{phone}", wording.phone(phone)) if phone else escaped(profile.get("email"), 300)


def _page(errand: Errand, values: Values, agent: Person) -> str:
    """The lead's page; in the agent's own messages, which nobody else reads, by the link that needs no password."""
    return composing.alert_link(errand, agent) if agent.work.slack_id else values["lead.link"] or ""


def _buttons(page: str, *, lead_id: UUID | None, may_pass: bool = True) -> list[Block]:
    """Claim and Pass while nobody has the lead (lead_id), and the way to call them. Empty when there is none."""
    found = []
    if lead_id is not None:
        found.append(button("Claim", CLAIM, value=str(lead_id), style="primary"))
    if lead_id is not None and may_pass:
        found.append(button("Pass", PASS, value=str(lead_id)))
    if page:
        found.append(button("Call", CALL, url=page))
    return [actions(found)] if found else []


def _twice(errand: Errand) -> list[Block]:
    return [context(_TWICE)] if errand.row["possible_duplicate"] else []


def _post(errand: Errand, channel: str, key: DataKey, about: str, blocks: Sequence[Block]) -> Judgement:
    content = errand.seal(key, {"to": channel, "body": about})
    message = ChatMessage(channel, escaped(about), blocks)
    return Judgement(State.SENDING, outgoing=message, content=content, data_key_id=key.id)
