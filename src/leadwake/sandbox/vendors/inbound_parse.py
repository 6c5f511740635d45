"""
What SendGrid's Inbound Parse posts when somebody answers a mail: the form, field by field, and who it is from.

Source: twilio.com/docs/sendgrid/for-developers/parsing-email (read 2026-11-22).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, formataddr
from typing import Any

import msgspec

PATH = "/hooks/sendgrid/inbound"
BOUNDARY = "xYzZY"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def answer(mail: Mapping[str, Any], words: str) -> bytes:
    """The body posted when the first recipient of this mail/send answers it in these words."""
    person = mail["personalizations"][0]
    to = person["to"][0]
    back = mail.get("reply_to") or mail["from"]
    subject = f"Re: {mail.get('subject') or person.get('subject') or ''}"
    headers = {**(mail.get("headers") or {}), **(person.get("headers") or {})}
    ours = next((str(value) for name, value in headers.items() if name.lower() == "message-id"), "")
    sender = formataddr((to.get("name") or "", to["email"]), "utf-8")
    lines = [
        f"Message-ID: <{secrets.token_hex(12)}@practice.example.com>", f"Date: {format_datetime(datetime.now(UTC))}",
        f"From: {sender}", f"To: {back['email']}", f"Subject: {subject}", *([f"In-Reply-To: {ours}"] if ours else []),
    ]  # fmt: skip
    return _form({
        "headers": "\n".join(" ".join(line.split()) for line in lines) + "\n", "dkim": "{@practice.example.com : pass}",
        "to": back["email"], "from": sender, "subject": subject, "text": words, "sender_ip": "127.0.0.1",
        "envelope": msgspec.json.encode({"to": [back["email"]], "from": to["email"]}).decode(), "attachments": "0",
        "charsets": '{"to":"UTF-8","subject":"UTF-8","from":"UTF-8","text":"UTF-8"}', "SPF": "pass",
    })  # fmt: skip


def _form(fields: Mapping[str, str]) -> bytes:
    pieces = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return ("".join(pieces) + f"--{BOUNDARY}--\r\n").encode("utf-8", "replace")
