"""What a capture that was set aside says at a glance, and who might stand behind it. Any bytes give a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from leadwake.intake.fields import LIMITS, clean_line, clean_text
from leadwake.intake.mail.fields import find_lead
from leadwake.intake.mail.letter import is_role, letter_of
from leadwake.intake.mail.parts import Mailbox, take_apart
from leadwake.intake.mail.source import source_of

#: shown of it before it is unfolded
EXCERPT_CHARS: Final = 400
_MAILS: Final = frozenset({"mail", "portal_mail"})
_ASKED: Final = ("name", "phone", "email", "message")


@dataclass(frozen=True, slots=True)
class Guess:
    """title: what it is headed; sender: who sent it, "" where nobody says; fields: name, phone, email, message."""

    title: str = ""
    sender: str = ""
    excerpt: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def guess(door: str, body: bytes) -> Guess:
    """A guess at what stands in the bytes that came by this door."""
    try:
        return _of_mail(body) if door in _MAILS else _of_form(body) if door == "form" else _of_text(body)
    except (ValueError, LookupError, RecursionError, msgspec.MsgspecError):
        return Guess(excerpt=_short(body.decode("utf-8", "replace")))


def _of_mail(body: bytes) -> Guess:
    mail = take_apart(body)
    letter = letter_of(mail, is_bulk=False)
    sender, text = letter.sender, letter.text.strip()
    lead = find_lead(letter, *source_of(letter)).lead
    is_person = bool(sender.address) and not is_role(sender.local)
    return Guess(
        clean_line(letter.subject, 200) or "",
        _called(sender),
        _short(text),
        _asked({
            "name": lead.name or (sender.name if is_person else ""), "phone": lead.phone,
            "email": lead.email or lead.relay_email or (sender.address if is_person else ""),
            "message": lead.message or text,
        }),
    )  # fmt: skip


def _of_form(body: bytes) -> Guess:
    values = msgspec.json.decode(body, type=dict[str, list[str]])
    given = {name: next((one for one in all_ if one.strip()), "") for name, all_ in values.items()}
    text = "\n".join(f"{name}: {value}" for name, value in given.items() if value)
    name = given.get("name") or " ".join(filter(None, (given.get("first_name"), given.get("last_name"))))
    return Guess("A form", excerpt=_short(text), fields=_asked({**given, "name": name}))


def _of_text(body: bytes) -> Guess:
    text = body.decode("utf-8", "replace")
    found = msgspec.json.decode(body)
    given = {name: str(found[name]) for name in _ASKED if found.get(name)} if isinstance(found, dict) else {}
    return Guess(excerpt=_short(text), fields=_asked(given))


def _asked(given: Mapping[str, str | None]) -> dict[str, str]:
    """What a person is to confirm, bounded and clean."""
    lines = {name: clean_line(given.get(name) or "", LIMITS[name]) for name in _ASKED[:3]}
    said = {**lines, "message": clean_text(given.get("message") or "", LIMITS["message"])}
    return {name: value for name, value in said.items() if value}


def _called(sender: Mailbox) -> str:
    if not sender.address:
        return ""
    return f"{sender.name} <{sender.address}>" if sender.name else sender.address


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= EXCERPT_CHARS else f"{words[:EXCERPT_CHARS].rstrip()}…"
