"""The lead in a letter, put together: who, what they wrote, about which property, when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from leadwake.intake.mail.contact import contact_of, lists_people
from leadwake.intake.mail.extra import extra_of
from leadwake.intake.mail.labels import words_of
from leadwake.intake.mail.lead import MailLead
from leadwake.intake.mail.letter import Letter
from leadwake.intake.mail.quotes import without_signature
from leadwake.intake.mail.said import Said
from leadwake.intake.mail.shapes import is_closing, is_rule
from leadwake.intake.mail.speech import own_words, prose, quoted_words, said_words
from leadwake.intake.mail.values import read_instant
from leadwake.intake.portals import senders_in
from leadwake.intake.us_address import addresses_in, find_address, looks_like_street, one_line

_SUBJECT_ADDRESS = re.compile(
    r"(?:\b(?:about|at|for|regarding|re|of|in|on|to see|tour|property)|[:–—-])\s*:?\s*(\d+ .{3,120})$", re.IGNORECASE
)


@dataclass(frozen=True)
class Found:
    """A lead, and how it was found. is_labelled: its phone or address stood at a label. is_list: a table of several.

    is_named: a name stood at a label. is_of_another: so did an address or number, and it is not the sender's own.
    """

    lead: MailLead
    is_labelled: bool
    is_list: bool
    can_be_reached: bool
    is_named: bool
    is_of_another: bool


def find_lead(letter: Letter, source: str | None, via: str | None) -> Found:
    """What the letter says of a lead, much or little; whether it is one is another question."""
    said = Said(letter)
    contact, extra = contact_of(said), extra_of(said)
    if contact.other_phones:
        extra["other_phones"] = contact.other_phones
    lead = MailLead(
        source=source,
        via=via,
        name=contact.name,
        email=contact.email,
        relay_email=contact.relay,
        phone=contact.phones[0] if contact.phones else None,
        message=_message(said, contact.name, is_relayed=contact.relay is not None),
        property_address=_property_address(said, is_insurance="line" in extra and not letter.is_from_person),
        external_id=extra.get("leadgen_id") or extra.get("lead_id"),
        requested_at=_requested_at(said),
        extra=extra,
    )
    is_named = bool(said.values("name", "first_name", "last_name"))
    is_of_another = is_named and contact.is_labelled and contact.email != letter.sender.address
    is_list = any(pairs.is_list for pairs in letter.pairs) or lists_people(said)
    return Found(lead, contact.is_labelled, is_list, contact.can_be_reached, is_named, is_of_another)


def sent_at(header: str) -> datetime | None:
    """The instant of a Date header."""
    try:
        at = parsedate_to_datetime(header[:200])
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _message(said: Said, name: str | None, *, is_relayed: bool) -> str | None:
    """What the person wrote, without what its sender put below: a rule, its name, and a greeting above that."""
    lines = (_words(said, name, is_relayed=is_relayed) or "").splitlines()
    is_signed = False
    while lines and (not lines[-1].strip() or is_rule(lines[-1]) or _is_of_sender(said, lines[-1])):
        is_signed = is_signed or bool(lines[-1].strip("-_=* "))
        lines.pop()
    if is_signed and lines and is_closing(lines[-1]):
        lines.pop()
    return "\n".join(lines).strip() or None


def _is_of_sender(said: Said, line: str) -> bool:
    """Whether a line is no more than the name of who sent the mail."""
    name = said.letter.sender.name.lower()
    if len(line.split()) > 5 or said.letter.is_from_person:
        return False
    return (bool(name) and name in line.lower()) or (not line.endswith("?") and bool(senders_in(line)))


def _words(said: Said, name: str | None, *, is_relayed: bool) -> str | None:
    """The person's own words: at a label, in quotation marks, after "says:"; of a relayed mail all that is left."""
    if given := said.meta("message") or said.meta("comments"):
        return given
    if texts := list(dict.fromkeys(said.values("message"))):
        return _joined(texts)
    if spoken := said.spoken_by(name):
        return spoken
    for pairs in said.letter.pairs:
        if words := quoted_words(pairs.lines) or said_words(pairs):
            return words
    if told := said.told:
        return told
    lines = without_signature(said.lines)
    return prose(said.free) or (own_words(lines, said.used) if is_relayed else None)


def _joined(texts: list[str]) -> str:
    """Several messages as one; what one of them holds already is left out."""
    kept: list[str] = []
    for text in sorted(texts, key=len, reverse=True):
        if not any(words_of(text[:90]) in words_of(other[:90]) for other in kept):
            kept.append(text)
    return "\n\n".join(text for text in texts if text in kept)


def _property_address(said: Said, *, is_insurance: bool) -> str | None:
    """
    The property: at its label, in its parts, in the subject, in a sentence; one without a city only where named.

    Who wants insurance lives where an address without a label says.
    """
    if given := _property_of_tags(said) or _labelled_address(said) or _property_parts(said):
        return given
    whole = find_address(said.letter.subject)
    told = [*([] if is_insurance else ["\n".join(said.free)]), *said.values("message")]
    if not whole and (street := _named_street(said)):
        same = (
            address
            for text in [*told, *said.values("address")]
            for address in addresses_in(text)
            if _begins(address, street)
        )
        return next(same, street)
    return whole or next((address for text in told if (address := find_address(text))), None)


def _property_of_tags(said: Said) -> str | None:
    """The property in meta tags, its city in tags of their own where the street has none."""
    street = said.meta("property_address")
    if not street or find_address(street):
        return one_line(street) if street else None
    state, code = said.meta("property_state"), said.meta("property_zip") or said.meta("property_postal_code")
    region = " ".join(filter(None, (state, code)))
    return one_line("\n".join(filter(None, (street, said.meta("property_city"), region))))


def _labelled_address(said: Said) -> str | None:
    """A full address at a label of a property, or at one that we do not know."""
    values = said.values("property_address", "property", "interest")
    if said.is_address_of_property:
        values += said.values("address")
    values += [pair.value for pair in said.pairs if pair.field is None and not senders_in(pair.label)]
    return next((address for value in values if (address := find_address(value))), None)


def _named_street(said: Said) -> str | None:
    """A street without its city, at its label or in the subject."""
    for value in said.values("property_address"):
        if looks_like_street(value):
            return one_line(value)
    named = _SUBJECT_ADDRESS.search(said.letter.subject)
    return one_line(named[1].rstrip(" .!")) if named and looks_like_street(named[1]) else None


def _begins(address: str, street: str) -> bool:
    return words_of(address).startswith(words_of(street.partition(",")[0]))


def _property_parts(said: Said) -> str | None:
    """An address told in parts, a label each."""
    street, city = said.first("property_street"), said.first("property_city")
    if not street and not city:
        return None
    unit = said.first("property_unit")
    region = " ".join(filter(None, (said.first("property_state"), said.first("property_postal_code"))))
    parts = (street or said.first("property_address"), f"#{unit}" if unit else None, city, region)
    return one_line("\n".join(filter(None, parts))) or None


def _requested_at(said: Said) -> datetime | None:
    """When the person asked, where the mail names the zone too."""
    instants = (read_instant(value) for value in said.values("requested_at"))
    return next((at for at in instants if at and at.tzinfo), None)
