"""A person's own text or mail at the moment of sending: the gate says stop or go, and what it warns of is the writer's.

Outside permitted hours nothing goes that its writer did not know to be outside of them (rules, purpose `human`): what
was accepted stands with the letter; what was not waits until the hours open.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

import msgspec

from leadwake.actions.claims import Judgement
from leadwake.actions.states import State
from leadwake.compliance.decision import Decision
from leadwake.compliance.explain import explain
from leadwake.compliance.gate import may_send
from leadwake.domain import wording
from leadwake.domain.values import Channel, Purpose
from leadwake.domain.variables import visible
from leadwake.storage.decisions import evidence
from leadwake.storage.staff import Person
from leadwake.workflows import composing, gate_facts
from leadwake.workflows.composing import Addressee, Errand

#: warnings of the gate that a writer has to accept; the others are shown, and recorded with the decision
ASKED: Final = frozenset({"quiet_hours", "day_closed", "holiday", "team_hours", "hours_unknown"})


class Content(msgspec.Struct, frozen=True):
    """What somebody wrote. subject: of a mail, "" for a text."""

    subject: str
    body: str


def unaccepted(decision: Decision, accepted: Collection[str]) -> Sequence[str]:
    """The warnings that keep a message back until its writer accepts them."""
    return [warning for warning in decision.warnings if warning in ASKED and warning not in accepted]


def judge(errand: Errand) -> Judgement:
    """What becomes of a letter now: sent as it was written, later, or never, with the reason."""
    office, row = errand.office, errand.row
    writer = office.person(row["agent_id"])
    if writer is None or writer.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    if row["letter_content"] is None or row["sealed_value"] is None:
        return Judgement(State.CANCELLED, "contact_gone")
    key, profile = errand.opened()
    channel = Channel(row["channel"])
    address = key.open(row["sealed_value"], b"lead_contact.value").decode()
    message = gate_facts.message(channel, Purpose.HUMAN, address, profile)
    facts = gate_facts.facts(office, row, profile)
    decision = may_send(message, facts, office.tables, errand.now, office.policy)
    said = {**decision.as_json(), "sentence": explain(decision, message), "accepted": list(row["letter_accepted"])}
    found = evidence(message, facts, key, gate_facts.sender(office, channel))
    if decision.outcome == "block":
        return Judgement(State.BLOCKED, decision.reason, decision=said, evidence=found)
    if held := unaccepted(decision, row["letter_accepted"]):
        state = State.DEFERRED if decision.opens_at else State.BLOCKED
        return Judgement(state, held[0], due_at=decision.opens_at, decision=said, evidence=found)
    content = msgspec.json.decode(key.open(row["letter_content"], b"letter.content"), type=Content)
    to = Addressee(address, profile.get("name"), key, writer, row["contact_point_id"])
    if channel is Channel.SMS:
        return replace(composing.plain_text(errand, to, content.body, said), evidence=found)
    body = signed(content.body, writer)
    mail = composing.plain_mail(errand, to, content.subject, body, said, answers=row["mail_before"])
    return replace(mail, evidence=found)


def signed(body: str, writer: Person) -> str:
    """The mail's words with the writer's name and number below, where they did not sign it themselves."""
    last = body.rstrip().rpartition("\n")[2]
    if visible(writer.first_name).lower() in last.lower() and len(last) <= len(writer.name) + 20:
        return body.rstrip()
    lines = [writer.name, wording.phone(writer.phone) if writer.phone and not writer.practice else ""]
    return f"{body.rstrip()}\n\n" + "\n".join(line for line in lines if line)
