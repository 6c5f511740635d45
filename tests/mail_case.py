"""Mails of invented people, as their senders would lay them out, and what is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

DESK = "Leads Desk <leads@agency.example.com>"


@dataclass(frozen=True)
class Case:
    """A mail. lead: what must come out, by the names of `whatif email`; None when it holds no lead."""

    name: str
    raw: bytes
    lead: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def mail(
    sender: str,
    subject: str,
    text: str = "",
    html: str = "",
    *,
    to: str = DESK,
    headers: Mapping[str, str] | None = None,
    files: Sequence[tuple[str, str, bytes]] = (),
    cte: str | None = None,
    charset: str = "utf-8",
) -> bytes:
    """The bytes of a mail. files: (media type, name, content)."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = "Tue, 03 Mar 2026 22:04:11 +0000"
    message["Message-ID"] = f"<{abs(hash(subject + text + html))}@mail.example.com>"
    for name, value in (headers or {}).items():
        message[name] = value
    if text:
        message.set_content(text, cte=cte, charset=charset)
    if html and text:
        message.add_alternative(html, subtype="html", cte=cte, charset=charset)
    elif html:
        message.set_content(html, subtype="html", cte=cte, charset=charset)
    for kind, name, content in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def lead(
    name: str | None,
    email: str | None,
    phone: str | None,
    source: str | None,
    *,
    via: str | None = None,
    relay: str | None = None,
    message: str | None = None,
    address: str | None = None,
) -> dict[str, Any]:
    """What comes out. message: a part of it; None: none may come."""
    return {
        "name": name, "email": email, "phone_e164": phone, "source": source, "via": via, "relay_email": relay,
        "message": message, "property_address": address,
    }  # fmt: skip


def table(rows: Mapping[str, str], *, cell: str = "td", style: str = "") -> str:
    """An HTML table of labels and values."""
    return (
        f"<table {style}>"
        + "".join(f"<tr><{cell}>{key}</{cell}><td>{value}</td></tr>" for key, value in rows.items())
        + "</table>"
    )
