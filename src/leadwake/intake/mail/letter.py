"""A mail as it is read for a lead: who wrote, about what, in which lines; a forwarded one is the mail inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from leadwake.intake.mail.lines import Body, Line, html_body, text_body
from leadwake.intake.mail.pairs import Pairs
from leadwake.intake.mail.parts import Mail, Mailbox
from leadwake.intake.mail.quotes import is_reply, new_lines
from leadwake.intake.mail.words import asks_first
from leadwake.intake.phrases import words_in
from leadwake.intake.portals import FREE_MAIL, Sender, sender_at

#: mailboxes that no single person writes from
_ROLES: Final = words_in("""
  noreply no-reply donotreply do-not-reply do_not_reply no_reply leads lead info support help service team hello
  sales contact notifications notification notify alerts alert mailer news newsletter marketing billing admin office
  site www cgi
  web website webmaster wordpress forms form rentals messages message mail email postmaster system updates accounts
  account feedback inquiries inquiry enquiries reservations partner-leads leadmanager crm bot daemon auto automated
  reply replies webforms form-submission submissions orders instant-updates listings reviews privacy legal press
  contacto ventas soporte ayuda avisos notificaciones formulario formularios noresponder no-responder
  care customerservice customer-service unsubscribe
""")
_TO = ("to", "cc", "delivered-to", "x-original-to", "x-forwarded-to", "envelope-to")


@dataclass(frozen=True)
class Letter:
    """
    sender, reply_to: mailboxes, the latter None when absent. own: addresses it was sent to. bodies: its texts, the
    richest first. is_bulk: went to many. is_answer: belongs to a conversation that we had.
    """

    sender: Mailbox
    reply_to: Mailbox | None
    subject: str
    bodies: Sequence[Body]
    own: frozenset[str] = frozenset()
    is_bulk: bool = False
    is_answer: bool = False
    meta: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def known(self) -> Sender | None:
        """The portal, or whoever passes leads on, that sent it."""
        return sender_at(self.sender.domain) or (sender_at(self.reply_to.domain) if self.reply_to else None)

    @cached_property
    def pairs(self) -> Sequence[Pairs]:
        return [Pairs(body.lines) for body in self.bodies]

    @cached_property
    def own_domains(self) -> frozenset[str]:
        return frozenset(address.rpartition("@")[2] for address in self.own) - FREE_MAIL

    @property
    def lines(self) -> Sequence[Line]:
        return self.bodies[0].lines if self.bodies else ()

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    @property
    def opening(self) -> str:
        """The first lines that say something."""
        return "\n".join([line.text for line in self.lines if line.text][:5])[:1_000]

    @property
    def is_from_role(self) -> bool:
        return is_role(self.sender.local)

    @property
    def is_ours(self) -> bool:
        """Whether it comes from the domain it was sent to."""
        return self.sender.domain in self.own_domains

    @property
    def is_from_person(self) -> bool:
        """Whether somebody wrote it by hand who is no machine and none of ours, and not in answer to us."""
        is_machine = self.is_from_role or self.known is not None or self.is_bulk or not self.sender.address
        is_machine = is_machine or asks_first(self.subject)
        return not (is_machine or self.is_ours or self.is_answer)

    def is_own(self, address: str) -> bool:
        """Whether an address is one of ours, and so no lead's."""
        return address in self.own or address.rpartition("@")[2] in self.own_domains


def is_role(local: str) -> bool:
    """Whether the part before the @ is an office's, not a person's."""
    plain, _, tag = local.lower().partition("+")
    return (plain in _ROLES and len(tag) < 10) or any(
        word in plain for word in ("noreply", "no-reply", "donotreply", "notification")
    )


def letter_of(mail: Mail, *, is_bulk: bool) -> Letter:
    """The letter of a mail."""
    sender = next(iter(mail.mailboxes("from", "sender")), Mailbox())
    subject = mail.line("subject")
    bodies = [*map(html_body, mail.texts("text/html")), *map(text_body, mail.texts("text/plain"))]
    bodies = [body for body in bodies if body.text.strip() or body.meta]
    answers = is_reply(subject)
    if answers:
        bodies = [Body(new_lines(body.lines), body.meta) for body in bodies]
    meta = {name: value for body in bodies for name, value in body.meta.items()}
    return Letter(
        sender,
        next((box for box in mail.mailboxes("reply-to") if box.address != sender.address), None),
        subject,
        bodies,
        frozenset(box.address for box in mail.mailboxes(*_TO)),
        is_bulk,
        answers or bool(mail.ids("in-reply-to")),
        meta,
    )
