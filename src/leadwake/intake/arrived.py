"""A mail that came in: what it is to us, before anybody is looked up. Pure.

Who wrote it decides: a person, a machine that answers for one, a mail server that gives one of ours back, a list.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from leadwake.intake.attachments import without_files
from leadwake.intake.inbound_parse import Envelope
from leadwake.intake.mail.letter import is_role
from leadwake.intake.mail.parts import Mail, take_apart
from leadwake.intake.mail.reading import MailReading, read_mail
from leadwake.intake.mail.source import EMAIL

Machine = Literal["", "bounce", "auto_reply", "list"]

_DAEMONS: Final = frozenset({"mailer-daemon", "postmaster"})
_ABSENT: Final = re.compile(
    r"(?:automatic (?:reply|response)|auto\W?(?:reply|response|matische antwort)|out of (?:the )?office|"
    r"respuesta autom[aá]tica|fuera de (?:la )?oficina|r[eé]ponse automatique|abwesenheits)",
    re.IGNORECASE,
)
_REPLY_MARK: Final = re.compile(r"^(?:\s*(?:re|aw|sv|rv|fwd?|wg)\s*:)+", re.IGNORECASE)
#: the Message-ID of a mail of ours: the action's id, at the domain it was sent from
_OURS: Final = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)
_RETURNED_ID: Final = re.compile(rf"^Message-ID:\s*<{_OURS.pattern}", re.IGNORECASE | re.MULTILINE)
_FAILED: Final = re.compile(r"^Action:\s*failed\b", re.IGNORECASE | re.MULTILINE)
_FOR_GOOD: Final = re.compile(r"^Status:\s*5\.", re.IGNORECASE | re.MULTILINE)
_MAX_ANSWERS: Final = 50


@dataclass(frozen=True, slots=True)
class Arrived:
    """
    A mail that came in.

    id: its Message-ID; of a mail without one, a hash of its bytes. kept: its bytes without files. files: their names.
    text: what is new in it. machine: what wrote it, "" for a person as far as it can be told. has_person: somebody
    stands behind its address. recipients: where it went, ours among them. answers: ids of our actions whose mails it
    refers to. gave_back: of those that it says cannot be delivered, ever.
    """

    id: str
    kept: bytes
    reading: MailReading
    text: str
    machine: Machine
    has_person: bool
    files: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    answers: tuple[UUID, ...] = ()
    gave_back: tuple[UUID, ...] = ()

    @property
    def is_personal(self) -> bool:
        """True when its only lead is whoever wrote it, in their own words."""
        reading = self.reading
        return [(lead.source, lead.email) for lead in reading.leads] == [(EMAIL, reading.from_address)]

    @property
    def own_id(self) -> UUID | None:
        """The action whose mail this looks like; None for a mail that is none of ours."""
        return next(iter(_ours((self.reading.message_id,))), None)

    @property
    def subject(self) -> str:
        """The subject without "Re:" and the like."""
        return _REPLY_MARK.sub("", self.reading.subject).strip()

    @property
    def is_new_thread(self) -> bool:
        """True when its subject is the sender's own."""
        return _REPLY_MARK.match(self.reading.subject) is None


def arrived(raw: bytes, envelope: Envelope, own_domain: str = "") -> Arrived:
    """The mail in the bytes; any bytes are one. own_domain: a group of the team's own is no mailing list."""
    kept, files = without_files(raw)
    reading, mail = read_mail(kept), take_apart(kept)
    machine = _machine(mail, reading, envelope, own_domain)
    return Arrived(
        id=reading.message_id or hashlib.sha256(raw).hexdigest(),
        kept=kept,
        reading=reading,
        text=reading.text.strip() or _unquoted(mail),
        machine=machine,
        has_person=bool(reading.from_address) and not is_role(reading.from_address.partition("@")[0]),
        files=files,
        recipients=tuple(dict.fromkeys([*map(str.lower, envelope.recipients), *reading.to_addresses])),
        answers=_ours((reading.in_reply_to, *reading.references)),
        gave_back=_given_back(mail) if machine == "bounce" else (),
    )


def _unquoted(mail: Mail) -> str:
    """What stands below the history that it answers, or between its lines: a stop there is a stop."""
    lines = (line for text in mail.texts("text/plain") for line in text.splitlines())
    return "\n".join(line for line in lines if not line.lstrip().startswith(">")).strip()


def _machine(mail: Mail, reading: MailReading, envelope: Envelope, own_domain: str) -> Machine:
    if mail.report == "delivery-status" or reading.from_address.partition("@")[0].lower() in _DAEMONS:
        return "bounce"
    if "x-failed-recipients" in mail.headers or reading.why == "bounce":
        return "bounce"
    sent_by = mail.line("auto-submitted").partition(";")[0].strip().lower()
    if sent_by not in {"", "no"} or _says_so(mail) or _is_from_nobody(mail, envelope) or _ABSENT.match(reading.subject):
        return "auto_reply"
    return "list" if _is_list(mail, own_domain) else ""


def _says_so(mail: Mail) -> bool:
    asked = {"x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-mail-autoreply"}
    return not asked.isdisjoint(mail.headers) or mail.line("precedence").lower() == "auto_reply"


def _is_from_nobody(mail: Mail, envelope: Envelope) -> bool:
    """RFC 3834 and 5321: answers of machines leave with an empty sender, so that nobody answers them."""
    said = mail.line("return-path").strip() if envelope.sender is None else envelope.sender.strip()
    return said == "<>" or (envelope.sender is not None and not said)


def _is_list(mail: Mail, own_domain: str) -> bool:
    name = mail.line("list-id").lower()
    if own_domain and name.rstrip(">").endswith(own_domain):
        return False
    is_bulk = mail.line("precedence").lower() in {"bulk", "list", "junk"}
    return bool(name) or is_bulk or "list-unsubscribe" in mail.headers


def _ours(ids: tuple[str, ...]) -> tuple[UUID, ...]:
    found = (_OURS.match(each) for each in ids[-_MAX_ANSWERS:])
    return tuple(dict.fromkeys(UUID(match[1]) for match in found if match))


def _given_back(mail: Mail) -> tuple[UUID, ...]:
    """RFC 3464: failed, and for good; a delay or a full mailbox says nothing of the address."""
    said = [part.text for part in mail.parts if part.kind == "message/delivery-status"]
    if not any(_FAILED.search(text) and _FOR_GOOD.search(text) for text in said):
        return ()
    texts = [part.text for part in mail.parts if part.kind in {"message/rfc822", "text/rfc822-headers"}]
    return tuple(dict.fromkeys(UUID(found) for text in texts for found in _RETURNED_ID.findall(text)))
