"""Who the lead in a letter is, and where they can be reached; what is the sender's or ours is told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.intake.mail.letter import is_role
from leadwake.intake.mail.parts import Mailbox
from leadwake.intake.mail.said import Said
from leadwake.intake.mail.values import is_nothing
from leadwake.intake.mail.words import is_name, names_in
from leadwake.intake.portals import FREE_MAIL, sender_at, senders_in

_EMAIL = re.compile(r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_PHONE = re.compile(
    r"(?<![\w.@#/=-])(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-]?)\d{3}[ .-]?\d{4}(?![\w@-])"
    r"|(?<![\w@])\+\d[\d ().-]{7,17}\d"
)
_META_PREFIX = re.compile(r"^[a-z]{1,2}:(?=[+\d])")  # p:+1512… of Meta's exports
#: an address made for one conversation: a long token, or a word for what it does
_TOKEN = re.compile(r"(?=[a-z0-9]*\d)[a-z0-9]{10,}")
_FORWARDS = re.compile(r"(?:convo|relay|repl(?:y|ies)|messag\w*|inbox|conversation|proxy|masked|lead)\b")
_ITEM = re.compile(r"\s*(?:\d{1,2}[.)]|[-*•–])\s")
#: where a name ends in a value that says more
_AFTER_NAME = re.compile(r"\s*[<(\[|\n]|\s+[-–—]\s+|,?\s+(?=\S+@\S)|,?\s+(?=[+(]?\d{3})")


@dataclass(frozen=True, slots=True)
class Contact:
    """phones: as they were written, what can be called first. is_labelled: a phone or address stood at a label."""

    name: str | None
    email: str | None
    relay: str | None
    phones: Sequence[str]
    is_labelled: bool

    @property
    def other_phones(self) -> list[str]:
        """The further numbers in E.164."""
        numbers = [number for number in dict.fromkeys(map(normalise_phone, self.phones)) if number]
        return numbers[1:]

    @property
    def can_be_reached(self) -> bool:
        return bool(self.email or self.relay or (self.phones and normalise_phone(self.phones[0])))


def contact_of(said: Said) -> Contact:
    """The person a letter tells of; fields are None where it tells nothing."""
    is_nobody = _name(said, ()) is None  # then what stands below an agent's name is the agent's
    emails_at_labels = said.values("email", only_sure=is_nobody)
    labelled_emails = [address for value in emails_at_labels for address in _EMAIL.findall(value)]
    phones_at_labels = said.values("phone", "phone_other", only_sure=is_nobody)
    labelled_phones = [_META_PREFIX.sub("", value) for value in phones_at_labels]
    labelled_phones.sort(key=lambda text: normalise_phone(text) is None)
    emails, relays = _emails(said, labelled_emails)
    is_labelled = bool(_told_apart(said, labelled_emails)[0]) or any(map(normalise_phone, labelled_phones))
    phones = [*filter(None, [said.meta("phone")]), *labelled_phones] or _loose_phones(said)
    return Contact(
        name=_name(said, relays),
        email=emails[0] if emails else None,
        relay=relays[0] if relays else None,
        phones=list(dict.fromkeys(phones)),
        is_labelled=is_labelled or bool(said.meta("email") or said.meta("phone")),
    )


def lists_people(said: Said) -> bool:
    """Whether several people to be reached are named: a line each, or more addresses or numbers than one has."""
    lines = [line for line in said.free if _EMAIL.search(line) or _PHONE.search(line)]
    entries = [line for line in lines if _words_beside(line)]
    numbers = {number for line in lines for number in map(normalise_phone, _PHONE.findall(line)) if number}
    addresses = {address.lower() for line in lines for address in _EMAIL.findall(line)}
    return len(entries) > 2 or sum(map(_is_item, entries)) > 1 or max(len(numbers), len(addresses)) > 2


def _words_beside(line: str) -> bool:
    """Whether a line says more than how to reach somebody."""
    return any(map(str.isalpha, _PHONE.sub("", _EMAIL.sub("", line))))


def _is_item(line: str) -> bool:
    return _ITEM.match(line) is not None


def _emails(said: Said, labelled: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """(addresses of the person, addresses that forward to them), the likeliest first."""
    beside_names = [address for value in said.values("name") for address in _EMAIL.findall(value)]
    own, relays = _told_apart(said, [*filter(None, [said.meta("email")]), *labelled, *beside_names])
    letter = said.letter
    for box in filter(None, (letter.reply_to, letter.sender)):
        if not box.address or is_role(box.local) or letter.is_own(box.address):
            continue
        if _is_relay(box):
            relays.append(box.address)
        elif box is letter.reply_to and box.domain != letter.sender.domain and not sender_at(box.domain):
            own.append(box.address)
    if not own:
        told = map(str.lower, _EMAIL.findall("\n".join([letter.subject, *said.free])))
        loose, more = _told_apart(said, [address for address in told if not _is_offices(said, address)])
        own, relays = loose, relays or more
    return own, relays


def _is_offices(said: Said, address: str) -> bool:
    """Whether an address in a sentence is our own office's, or of the office that sent the mail."""
    letter, domain = said.letter, address.rpartition("@")[2]
    is_senders = domain == letter.sender.domain and domain not in FREE_MAIL and letter.is_from_role
    return is_senders or letter.is_own(address)


def _told_apart(said: Said, addresses: Sequence[str]) -> tuple[list[str], list[str]]:
    """(the person's, the portal's); where it was sent to, and the sender's, are neither."""
    own: list[str] = []
    relays: list[str] = []
    letter = said.letter
    for address in dict.fromkeys(filter(None, map(normalise_email, addresses))):
        box = Mailbox(address=address)
        if address in letter.own or (address == letter.sender.address and not letter.is_from_person):
            continue
        if _is_relay(box):
            relays.append(address)
        elif not is_role(box.local) and not sender_at(box.domain):
            own.append(address)
    return own, relays


def _is_relay(box: Mailbox) -> bool:
    """Whether an address forwards to a person, and is none of their own."""
    if is_role(box.local):
        return False
    has_token = _TOKEN.search(box.local) is not None
    if sender_at(box.domain):
        return has_token or _FORWARDS.search(box.domain) is not None or len(box.local) > 20
    return len(box.local) >= 16 and has_token and _FORWARDS.search(box.address) is not None


def _loose_phones(said: Said) -> list[str]:
    """Numbers in sentences, then in what the person wrote."""
    texts = ["\n".join([*said.values("name"), said.letter.subject, *said.free])]
    texts.append("\n".join([*said.values("message"), said.meta("message") or ""]))
    return [number for text in texts for number in _PHONE.findall(text[:20_000]) if normalise_phone(number)]


def _name(said: Said, relays: Sequence[str]) -> str | None:
    """The likeliest name; of two that begin alike the longer one."""
    names = list(_names(said, relays))
    if not names:
        return None
    first = names[0]
    names += [pair.label for pair in said.pairs if pair.field is None and is_name(pair.label)]  # who speaks in a chat
    same = (name for name in names if name.split()[0].lower() == first.split()[0].lower() and len(name) > len(first))
    return next(same, first)


def _names(said: Said, relays: Sequence[str]) -> Iterator[str]:
    given = said.meta("name") or " ".join(filter(None, (said.meta("first_name"), said.meta("last_name"))))
    if given:
        yield given
    first, middle, last = (said.first(part) or "" for part in ("first_name", "middle_name", "last_name"))
    if first and last:
        yield " ".join(part for part in (first, middle, last) if part)
    for name in filter(None, map(person, said.values("name"))):
        yield name
        if last and len(name.split()) == 1 and name != last:
            yield f"{name} {last}"  # "Name" and "Surname"
    yield from filter(None, (first, last))
    letter = said.letter
    for box in filter(None, (letter.reply_to, letter.sender)):
        name = re.sub(r"\s+(?:via|through|from|on|\().*$", "", box.name).strip(" '\"")
        speaks = box.address in relays or (box is letter.reply_to and not is_role(box.local))
        if speaks and person(name) and not senders_in(name):
            yield name
    yield from names_in(letter.subject, letter.lines)
    lines = [line for line in said.free if line]
    for at, line in enumerate(lines):
        if _stands_alone(line) and (at < 2 or _EMAIL.search("".join(lines[at + 1 : at + 3]))):
            yield line


def person(value: str) -> str | None:
    """The name in a value, without an address or number behind it; None when it is no name."""
    name = _AFTER_NAME.split(value.strip(), maxsplit=1)[0].strip(" ,;\"'")
    if not name or len(name) > 100 or "@" in name or "://" in name or not re.search(r"[^\W\d_]", name):
        return None
    return None if is_nothing(name) else name


def _stands_alone(line: str) -> bool:
    """Whether a line is a name and no more."""
    return len(line.split()) in {2, 3} and line[-1] not in ".,:!?" and is_name(line)
