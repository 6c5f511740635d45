"""Short messages to the team about whose a lead is: taken by a colleague, yours, or nobody's for too long."""

from __future__ import annotations

from typing import Final

from leadwake.actions.claims import Judgement
from leadwake.actions.states import State
from leadwake.domain import wording
from leadwake.domain.variables import line, visible
from leadwake.workflows import composing
from leadwake.workflows.composing import Addressee, Errand

#: a lead's name in a text to the team is cut after so many characters
_NAME_CHARS: Final = 40


def taken(errand: Errand) -> Judgement:
    """An agent who was asked by text hears that the lead is not theirs to take any more."""
    row, office = errand.row, errand.office
    if row["owner_id"] == row["agent_id"]:
        return Judgement(State.CANCELLED, "offer_over")  # given to them after all
    owner = office.person(row["owner_id"])
    said = f"{owner.name} has them now" if owner else "a colleague is asked now"
    return _text(errand, f"{name_of(errand)}: {said}. Nothing to do for you.")


def claim_answer(errand: Errand) -> Judgement:
    """What came of a claim or a pass that was texted."""
    row, office = errand.row, errand.office
    if row["lead_id"] is None:
        return _text(errand, "No lead is waiting for your answer just now.")
    called = name_of(errand)
    owner = office.person(row["owner_id"])
    if owner and owner.id == row["agent_id"]:
        _, profile = errand.opened()
        phone = profile.get("phone")
        number = f" {wording.phone(phone)}" if phone else ""
        return _text(errand, f"{called} is yours.{number} {link_of(errand)}".rstrip())
    if owner:
        return _text(errand, f"{called} is with {owner.name} already.")
    return _text(errand, f"{called} goes to a colleague.")


def unattended(errand: Errand) -> Judgement:
    """Management hears that nobody takes care of a lead, and what can be done."""
    row = errand.row
    person = errand.office.person(row["agent_id"])
    if person is None or person.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    if row["restricted_at"] is not None:
        return Judgement(State.CANCELLED, "restricted")
    key, _ = errand.opened()
    said = waits(errand)
    if row["channel"] == "sms":
        return _text(errand, f"{said} {link_of(errand)}".rstrip())
    body = f"{said}\n\nOpen the lead, then claim it or hand it to somebody:\n\n{link_of(errand)}"
    return composing.plain_mail(errand, Addressee(person.email, person.name, key), line(said), body)


def call_reminder(errand: Errand) -> Judgement:
    """Somebody is to be called now, and whose it is hears why now."""
    if is_call_over(errand):
        return Judgement(State.CANCELLED, "task_over")
    said = to_call(errand)
    if errand.row["channel"] == "sms":
        return _text(errand, f"{said} {link_of(errand)}".rstrip())
    person = errand.office.person(errand.row["agent_id"])
    if person is None or person.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    key, _ = errand.opened()
    body = f"{said}\n\nOpen the lead, call, and say with one tap how it went:\n\n{link_of(errand)}"
    return composing.plain_mail(errand, Addressee(person.email, person.name, key), line(said), body)


def is_call_over(errand: Errand) -> bool:
    """True when the call a reminder is about is made, or put off to another time."""
    task = errand.row["call_task"]
    return task is None or task["is_over"]


def to_call(errand: Errand) -> str:
    """Who is to be called, by which number, and why now."""
    _, profile = errand.opened()
    phone = profile.get("phone")
    called = name_of(errand)
    number = f", {wording.phone(phone)}" if phone and wording.phone(phone) != called else ""
    why = errand.row["call_task"]["why"]
    return f"Time to call {called}{number}." + (f" {wording.sentence(why)}." if why else "")


def waits(errand: Errand) -> str:
    """That the lead waits, and for whom, in one sentence."""
    row = errand.row
    owner = errand.office.person(row["owner_id"])
    whose = f"{owner.name} has them and was not in touch yet" if owner else "nobody has claimed them"
    return f"{row['temperature'].capitalize()} lead {name_of(errand)} waits: {whose}."


def _text(errand: Errand, body: str) -> Judgement:
    person = errand.office.person(errand.row["agent_id"])
    if person is None or person.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    if not person.phone:
        return Judgement(State.SKIPPED, "no_number")
    key = errand.opened()[0] if errand.row["lead_id"] is not None else None
    return composing.plain_text(errand, Addressee(person.phone, person.name, key), body)


def name_of(errand: Errand) -> str:
    """The lead's name, made safe to stand in a text; else how they can be reached."""
    _, profile = errand.opened()
    name = visible(profile.get("name") or "")[:_NAME_CHARS]
    return name or wording.phone(profile.get("phone") or "") or profile.get("email") or "A lead without a name"


def link_of(errand: Errand) -> str:
    """Where the person opens the lead."""
    person = errand.office.person(errand.row["agent_id"])
    return composing.alert_link(errand, person) if person else ""
