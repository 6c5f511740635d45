"""What a sequence sends: its step's words in the lead's language, judged at the moment of sending like all else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from leadwake.actions.claims import Judgement
from leadwake.actions.states import State
from leadwake.compliance.decision import Decision
from leadwake.compliance.explain import explain
from leadwake.compliance.gate import may_send
from leadwake.domain import wording
from leadwake.domain.mail_words import mail_words
from leadwake.domain.sequence.model import Alert, Sequence, Step, say
from leadwake.domain.values import Channel, Purpose
from leadwake.storage.decisions import evidence
from leadwake.storage.staff import Person
from leadwake.workflows import composing, gate_facts, sequence_facts, slack_alerts
from leadwake.workflows.composing import Addressee, Errand, Values

#: a version that this process has not read yet is read by then
READ_SOON: Final = timedelta(seconds=2)


def judge(errand: Errand) -> Judgement:
    """Whether the step's message leaves now, and in which words."""
    row, office = errand.row, errand.office
    if row["enrollment_state"] != "under_way" or row["enrollment_step"] != row["ordinal"]:
        return Judgement(State.CANCELLED, "sequence_stopped")
    key, profile = errand.opened()
    if row["sealed_value"] is None:
        return Judgement(State.CANCELLED, "contact_gone")
    channel = Channel(row["channel"])
    address = key.open(row["sealed_value"], b"lead_contact.value").decode()
    message = gate_facts.message(channel, Purpose.MARKETING, address, profile)
    facts = gate_facts.facts(office, row, profile)
    decision = may_send(message, facts, office.tables, errand.now, office.policy)
    agent = office.person(row["owner_id"] or row["inquiry_agent_id"])
    to = Addressee(address, profile.get("name"), key, agent, row["contact_point_id"])
    said = {**decision.as_json(), "sentence": explain(decision, message), **_named(errand)}
    verdict = _not_now(decision, said) or _composed(errand, to, profile, said)
    return replace(verdict, evidence=evidence(message, facts, key, gate_facts.sender(office, channel)))


def _not_now(decision: Decision, said: dict[str, object]) -> Judgement | None:
    if decision.outcome == "block":
        return Judgement(State.BLOCKED, decision.reason, decision=said)
    if decision.outcome == "defer":
        return Judgement(State.DEFERRED, decision.reason, due_at=decision.at, decision=said)
    return None


def _composed(errand: Errand, to: Addressee, profile: Mapping[str, Any], said: dict[str, object]) -> Judgement:
    row = errand.row
    if not errand.office.settings.business_name:
        return Judgement(State.DEAD, "LEADWAKE_BUSINESS_NAME is not set: set it, then replay", decision=said)
    found = _step(errand)
    if found is None:
        return Judgement(State.PLANNED, "sequence_not_read_yet", due_at=errand.now + READ_SOON)
    _, step = found
    more = {"texts_link": composing.texts_link(errand)} if row["channel"] == "email" else {}

    def values(language: str | None) -> Values:
        return {**composing.values_of(errand, profile, to.sender, language), **more}

    words = say(step, row["channel"], row["cause_id"].bytes, sequence_facts.language(errand.details()), values)
    if words.subject is None:
        return composing.plain_text(errand, to, words.body, said)
    to = replace(to, words=mail_words(words.language))
    return composing.plain_mail(errand, to, words.subject, words.body, said)


def _named(errand: Errand) -> dict[str, object]:
    """Which step of which sequence it is, also where it does not leave."""
    row, found = errand.row, _step(errand)
    if found is None:
        return {}
    return {"template": f"{found[0].name}/{found[1].name}", "template_version": row["sequence_version"]}


def _step(errand: Errand) -> tuple[Sequence, Step] | None:
    """None when it was published a moment ago, and this process has not read it."""
    row = errand.row
    sequence = errand.office.sequences.version(row["sequence"], row["sequence_version"])
    return (sequence, sequence.steps[row["ordinal"]]) if sequence else None


def alert(errand: Errand) -> Judgement:
    """A sequence asks for a person: told to the lead's agent."""
    row, agent = errand.row, errand.office.person(errand.row["agent_id"])
    if agent is None or agent.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    found = _step(errand)
    if found is None:
        return Judgement(State.PLANNED, "sequence_not_read_yet", due_at=errand.now + READ_SOON)
    key, profile = errand.opened()
    values = {**composing.values_of(errand, profile, agent), **said_by(*found), **_link(errand, agent)}
    if row["channel"] == "slack":
        return slack_alerts.sequence_alert(errand, values)
    to = Addressee(agent.email, agent.name, key)
    if row["channel"] == "email":
        phone = profile.get("phone")
        call = (f"Call {wording.phone(phone)}", f"tel:{phone}") if phone else None
        return composing.mail(errand, to, "nurture_alert", values, button=call)
    if not agent.phone:
        return Judgement(State.SKIPPED, "no_number")
    return composing.text(errand, Addressee(agent.phone, agent.name, key), "nurture_alert.sms", values)


def said_by(sequence: Sequence, step: Step) -> dict[str, str | None]:
    """What an alert's template may say of its step."""
    assert isinstance(step.act, Alert)
    return {"sequence.says": step.act.says, "sequence.title": sequence.title}


def _link(errand: Errand, agent: Person) -> dict[str, str | None]:
    return {"lead.alert_link": composing.alert_link(errand, agent)}
