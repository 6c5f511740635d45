"""What of a mail its sender wrote new, and the mail inside a forwarded one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from leadwake.intake.mail.lines import Line
from leadwake.intake.mail.parts import Mailbox, mailboxes

_WROTE = re.compile(
    r"(?:on|am|le|el|op|em|il)\b.{4,200}(?:wrote|schrieb|écrit|escribió|schreef|escreveu|scritto)\s*:?\s*$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"[-_*\s]*(?:original message|reply above this line|please type your reply above)[-_*\s#]*$", re.IGNORECASE
)
_SIGNATURE = re.compile(
    r"--\s?$|(?:sent from my|get outlook for|sent from (?:mail|yahoo|outlook)|enviado desde mi|"
    r"von meinem .{2,20} gesendet|envoyé de mon)\b",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"[-_*\s>]*(?:begin forwarded message|forwarded message|original message|weitergeleitete nachricht|"
    r"mensaje reenviado|message transféré)[-_*\s:]*$",
    re.IGNORECASE,
)
_IS_FORWARD = re.compile(r"(?:fwd?|fw|wg|tr|rv|i)\s*:", re.IGNORECASE)
#: headers in a text, and what mail programs of other languages call them
_HEADERS = {
    "from": "from", "von": "from", "de": "from", "sent": "sent", "gesendet": "sent", "enviado": "sent",
    "enviado el": "sent", "envoyé": "sent", "date": "date", "datum": "date", "fecha": "date", "to": "to", "an": "to",
    "para": "to", "à": "to", "cc": "cc", "subject": "subject", "betreff": "subject", "asunto": "subject",
    "objet": "subject", "reply-to": "reply-to",
}  # fmt: skip
_HEADER = re.compile(rf"[*\s>]*({'|'.join(sorted(_HEADERS, key=len, reverse=True))})\s*:\*?\s*(.*)", re.IGNORECASE)
_REPLY = re.compile(r"\s*(?:re|aw|sv|antw|odp|res)(?:\[\d+\])?\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A mail within another: whose it was, and its lines."""

    sender: Mailbox
    reply_to: Mailbox | None
    subject: str
    lines: Sequence[Line]


def is_reply(subject: str) -> bool:
    return _REPLY.match(subject) is not None


def is_forward(subject: str) -> bool:
    return _IS_FORWARD.match(subject.strip()) is not None


def new_lines(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines above the quoted history and the signature of a mail program."""
    for at, line in enumerate(lines):
        text = line.text
        joined = f"{text} {lines[at + 1].text}" if at + 1 < len(lines) else text
        if _ORIGINAL.match(text) or _WROTE.match(text) or (text[:3] in {"On ", "Am ", "Le "} and _WROTE.match(joined)):
            return _until(lines, at)
        if _header_block(lines, at) and any(above.text for above in lines[:at]):
            return _until(lines, at)
        if line.is_quoted and text and all(below.is_quoted or not below.text for below in lines[at:]):
            return _until(lines, at)
    return _until(lines, len(lines))


def without_signature(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines above "-- " or "Sent from my phone"."""
    end = next((at for at, line in enumerate(lines) if _SIGNATURE.match(line.text)), len(lines))
    return _until(lines, end)


def forwarded(lines: Sequence[Line], subject: str) -> Forwarded | None:
    """The mail inside; None when there is none: a marker or a subject says so, and its headers stand in the text."""
    marked = is_forward(subject)
    for at, line in enumerate(lines):
        if _FORWARDED.match(line.text):
            marked = marked or "forward" in line.text.lower()
        elif marked and (block := _header_block(lines, at)):
            found, end = block
            inner = lines[end:]
            if all(each.is_quoted or not each.text for each in inner):
                inner = [replace(each, is_quoted=False) for each in inner]
            boxes = mailboxes(found.get("from", ""))
            return Forwarded(
                boxes[0] if boxes else Mailbox(name=found.get("from", "").strip(" <>[]\"'")),
                next(iter(mailboxes(found.get("reply-to", ""))), None),
                found.get("subject", ""),
                inner,
            )
    return None


def _header_block(lines: Sequence[Line], at: int) -> tuple[dict[str, str], int] | None:
    """The headers of a quoted mail that begin at a line, and where they end: From, and two of the others."""
    first = _HEADER.match(lines[at].text)
    if first is None or _HEADERS[first[1].lower()] != "from":
        return None
    found: dict[str, str] = {}
    end, last = at, ""
    while end < len(lines) and end - at < 14:
        match = _HEADER.match(lines[end].text)
        if match:
            last = _HEADERS[match[1].lower()]
            found.setdefault(last, match[2].strip())
        elif lines[end].text and last in {"to", "cc", "subject"} and len(found) < 4:
            found[last] += f" {lines[end].text}"  # a long line, wrapped
        elif lines[end].text or len(found) >= 3:
            break
        end += 1
    return (found, end) if len({"sent", "date", "to", "subject"} & found.keys()) >= 2 else None


def _until(lines: Sequence[Line], end: int) -> Sequence[Line]:
    while end and not lines[end - 1].text:
        end -= 1
    return lines[:end]
