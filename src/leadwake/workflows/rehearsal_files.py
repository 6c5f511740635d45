"""Leads and teams for a rehearsal out of files alone: no database, no settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from leadwake.compliance.decision import Facts
from leadwake.compliance.gate import may_send
from leadwake.domain import consent
from leadwake.domain.scoring import Signal, signals_of
from leadwake.domain.sequence.rehearsal import Sign
from leadwake.domain.values import Channel, ConsentLevel, Inquiry, Purpose
from leadwake.domain.variables import examples
from leadwake.errors import InputError
from leadwake.intake import crm_contact, whatif
from leadwake.intake.api import read_object, understand
from leadwake.intake.asked import asked as asked_of
from leadwake.intake.whatif import BadLine
from leadwake.storage import intake as rows
from leadwake.workflows import gate_facts
from leadwake.workflows.admission import asks_to_stop
from leadwake.workflows.rehearsal import Contact, LeadNow, Team
from leadwake.workflows.rehearsal_leads import Asked, Life

#: the same words again within this time are the same request
_AGAIN: Final = timedelta(minutes=10)
#: what may be said of the lead beyond the shape of POST /v1/leads
_BEYOND: Final = ("score", "temperature", "owner_id", "owner")


def example_values(business: str | None) -> Mapping[str, str]:
    """What templates may say of a business that nobody has set up. business: its name, the example's without one."""
    given = examples("en")
    names = [name for name in given if name.startswith("business.")]
    named = {"business.name": business} if business else {}
    return {**{name: given[name] for name in (*names, "booking_link", "privacy_link")}, **named}


def lead_of(document: Mapping[str, Any], at: datetime, team: Team, seller: str | None = None) -> LeadNow:
    """
    A lead as POST /v1/leads takes it, as it is known at an instant; score and temperature may be said.

    seller: the business that a consent must name; None: any. Raises InputError.
    """
    inquiry = _understood(document, at)
    name = str(document.get("id") or inquiry.email or inquiry.phone or inquiry.name)
    return _life(name, [(document, inquiry)], at, team, seller).now


def lives(
    lines: Iterable[str], now: datetime, team: Team, seller: str | None, on_bad: Callable[[BadLine], None]
) -> Iterator[Life]:
    """
    Each person of a file of leads, with all that they asked, by the instants that it says (now, where it says none).

    The same person is found again as `whatif intake` finds them. on_bad: told of each line that is no lead.
    """
    documents = dict(_documents(lines, now, on_bad))
    people: dict[str, list[str]] = {}
    for row in whatif.run(json.dumps(document) for document in documents.values()):
        people.setdefault(row.duplicate_of or row.id, []).append(row.id)
    for first, ids in people.items():
        given = [(documents[each], _understood(documents[each], now)) for each in ids]
        yield _life(first, sorted(given, key=lambda pair: pair[1].asked_at), now, team, seller)


def _documents(
    lines: Iterable[str], now: datetime, on_bad: Callable[[BadLine], None]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip("\ufeff \t\r\n"):
            continue
        try:
            document = read_object(line)
            _understood(document, now)
        except InputError as error:
            on_bad(BadLine(number, str(error)))
            continue
        name = str(document.get("id") or f"line-{number}")
        yield name, {**document, "id": name}


def _understood(document: Mapping[str, Any], now: datetime) -> Inquiry:
    """The inquiry, when it arrived: at the instant that it says, if that is not ahead of now."""
    plain = {name: value for name, value in document.items() if name not in _BEYOND}
    first = understand(plain, now)
    if first.claimed_at is None or first.claimed_at > now:
        return first
    return understand(plain, first.claimed_at)


def _life(
    name: str, given: Sequence[tuple[Mapping[str, Any], Inquiry]], now: datetime, team: Team, seller: str | None
) -> Life:
    """given: what the person asked, oldest first."""
    profile = rows.profile_of(given[0][1])
    for _, inquiry in given[1:]:
        profile = rows.merged(profile, inquiry)
    inquiries = [inquiry for _, inquiry in given]
    contacts = {kind: each for kind in ("phone", "email") if (each := _contact(kind, inquiries, team, seller))}
    asked = tuple(_asked(document, inquiry, inquiries[:at], team) for at, (document, inquiry) in enumerate(given))
    last = asked[-1]
    lead = LeadNow(
        name, profile, last.details, contacts, last.score, last.temperature, last.source, last.channel,
        booking_link=team.values.get("booking_link") or "", signals=tuple(_signals(given)),
    )  # fmt: skip
    signs = tuple(Sign(each.asked_at, "opt_out") for each in inquiries if asks_to_stop(each) and each.asked_at <= now)
    return Life(lead, asked, signs=signs)


def _signals(given: Sequence[tuple[Mapping[str, Any], Inquiry]]) -> Iterator[Signal]:
    """What they asked says; nothing where a score or temperature was said to stand."""
    if any(document.get(name) is not None for document, _ in given for name in ("score", "temperature")):
        return
    for number, (_, inquiry) in enumerate(given):
        for code in signals_of(inquiry, now=inquiry.asked_at):
            yield Signal(code, inquiry.asked_at, UUID(int=number))


def _asked(document: Mapping[str, Any], inquiry: Inquiry, before: Sequence[Inquiry], team: Team) -> Asked:
    found = asked_of(document, team.tables, inquiry.asked_at)
    repeats = any(
        _words(each) == _words(inquiry) and inquiry.asked_at - each.asked_at < _AGAIN for each in before
    )  # fmt: skip
    return Asked(
        inquiry.asked_at, inquiry.asked_at, inquiry.channel, inquiry.source, found.score, found.temperature,
        msgspec.to_builtins(inquiry), begins=not repeats and inquiry.channel != crm_contact.CHANNEL,
    )  # fmt: skip


def _words(inquiry: Inquiry) -> tuple[str | None, ...]:
    """What makes a second submit of a form a repetition, as storage/intake.fingerprint has it."""
    return inquiry.message, inquiry.interest, inquiry.page_url, inquiry.source


def _contact(kind: str, inquiries: Sequence[Inquiry], team: Team, seller: str | None) -> Contact | None:
    """The last number or address they gave, with what they allowed for it by and by."""
    address: str | None = next((value for each in reversed(inquiries) if (value := getattr(each, kind))), None)
    if address is None:
        return None
    channel = Channel.SMS if kind == "phone" else Channel.EMAIL
    gave = [each for each in inquiries if getattr(each, kind) == address]
    stood: list[tuple[datetime, ConsentLevel]] = []
    for each in gave:
        said = consent.level(each.consent, channel, each.channel, True, seller=seller)
        stood.append((each.asked_at, rows.after(stood[-1][1].value if stood else None, said)))
    stopped_at = next((each.asked_at for each in gave if asks_to_stop(each)), None)
    contact = Contact(address, tuple(stood), tuple(each.asked_at for each in gave), stopped_at)
    if channel is Channel.EMAIL:
        return contact
    return replace(contact, sends=tuple(at for each in gave if (at := _answered_at(contact, each, team))))


def _answered_at(contact: Contact, inquiry: Inquiry, team: Team) -> datetime | None:
    """When the instant text left, which counts among the texts of a day; None where the gate says no."""
    message = gate_facts.message(Channel.SMS, Purpose.INSTANT_REPLY, contact.address, rows.profile_of(inquiry))
    at = inquiry.asked_at
    facts = Facts(contact.consent(at), inquiry_at=at, a2p_approved=team.abilities.a2p_approved)
    return may_send(message, facts, team.tables, at, team.policy).at
