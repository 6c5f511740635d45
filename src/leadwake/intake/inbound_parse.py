"""SendGrid's Inbound Parse: a mail as it posts it, raw or taken apart, becomes the mail's own bytes again. Pure.

Fields read from twilio.com/docs/sendgrid/for-developers/parsing-email on 2026-11-22. `envelope` says who really sent it
and to which address of ours; `dkim` looks like JSON and is none.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr, getaddresses
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from leadwake.intake.attachments import may_hold_a_lead
from leadwake.intake.multipart import Part, parts

_MAX_FIELDS: Final = 200
_ADDRESSES: Final = 20
#: headers that are written anew, with all lines that go on with them: those of the body, and what a field says better
_OF_THE_BODY: Final = ("content-type", "content-transfer-encoding", "content-disposition", "mime-version")
_OF_A_FIELD: Final = ("from", "to", "cc", "subject")
_BOUNDARY: Final = "=_leadwake_inbound_parse_"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What SMTP said beside the mail. sender: None when nobody told, "" for the empty sender of a bounce."""

    sender: str | None = None
    recipients: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """A mail as it was posted."""

    mail: bytes
    envelope: Envelope


def posted(body: bytes, content_type: str) -> Posted | None:
    """The mail in a request of Inbound Parse; None for a body that holds none."""
    found = _fields(body, content_type)
    fields = {part.name: part for part in reversed(found) if part.filename is None}
    envelope = _envelope(fields)
    if raw := fields.get("email"):
        return Posted(raw.body, envelope)
    if not fields.keys() & {"headers", "text", "html", "subject", "from"}:
        return None
    return Posted(_rebuilt(fields, [part for part in found if part.filename is not None]), envelope)


def _fields(body: bytes, content_type: str) -> Sequence[Part]:
    if not content_type.lower().startswith("application/x-www-form-urlencoded"):
        return parts(body, content_type)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="replace")
    except ValueError:
        return ()
    return [Part(name, value.encode(), charset="utf-8") for name, value in pairs]


def _envelope(fields: Mapping[str, Part]) -> Envelope:
    """Of the field `envelope`, where it is what it should be."""
    try:
        said = msgspec.json.decode(fields["envelope"].body) if "envelope" in fields else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = {}
    if not isinstance(said, dict):
        return Envelope()
    sender, to = said.get("from"), said.get("to")
    given = to if isinstance(to, list) else [to]
    return Envelope(
        sender if isinstance(sender, str) else None, [one for one in given[:_ADDRESSES] if isinstance(one, str)]
    )


def _rebuilt(fields: Mapping[str, Part], files: Sequence[Part]) -> bytes:
    """A mail of the fields it was taken apart into: its headers, its texts, its attachments by name."""
    charsets = _charsets(fields)
    said = {name: _text(part, charsets) for name, part in fields.items()}
    named = [name for name in _OF_A_FIELD if said.get(name, "").strip()]
    lines = [*_kept(said.get("headers", ""), {*_OF_THE_BODY, *named})]
    lines += [f"{name.title()}: {_encoded(said[name], name)}" for name in named]
    outer = _BOUNDARY
    while any(outer in text for text in said.values()):
        outer += "x"
    inner = f"{outer}_texts"
    lines += ["MIME-Version: 1.0", f'Content-Type: multipart/mixed; boundary="{outer}"', "", f"--{outer}"]
    lines += [f'Content-Type: multipart/alternative; boundary="{inner}"', ""]
    for name, kind in (("text", "plain"), ("html", "html")):
        if text := said.get(name):
            lines += [f"--{inner}", f"Content-Type: text/{kind}; charset=utf-8", *_as_base64(text.encode())]
    lines.append(f"--{inner}--")
    for file in files:
        lines += [f"--{outer}", *_attachment(file)]
    return "\r\n".join([*lines, f"--{outer}--", ""]).encode("utf-8", "replace")


def _charsets(fields: Mapping[str, Part]) -> Mapping[str, str]:
    try:
        said = msgspec.json.decode(fields["charsets"].body) if "charsets" in fields else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return {name: value for name, value in said.items() if isinstance(value, str)} if isinstance(said, dict) else {}


def _text(part: Part, charsets: Mapping[str, str]) -> str:
    charset = (part.charset or charsets.get(part.name, "")).strip()[:40] or "utf-8"
    try:
        return part.body.decode(charset, "replace").replace("\0", "")
    except (LookupError, UnicodeError):
        return part.body.decode("utf-8", "replace").replace("\0", "")


def _kept(headers: str, dropped: set[str]) -> list[str]:
    """The header lines as they came, but for those dropped and the lines that go on with them."""
    kept, keeping = [], False
    for line in headers.splitlines():
        if line[:1] in {" ", "\t"}:
            if keeping and line.strip():
                kept.append(line)
            continue
        name, colon, _ = line.partition(":")
        keeping = bool(colon) and re.fullmatch(r"[!-9;-~]{1,100}", name) is not None and name.lower() not in dropped
        if keeping:
            kept.append(line)
    return kept


def _encoded(value: str, name: str = "") -> str:
    """A header's value on one line, in ASCII; of addresses only their names are encoded."""
    line = " ".join(value.split())[:2_000]
    if line.isascii():
        return line
    if name in {"from", "to", "cc"}:
        return ", ".join(formataddr((called, address.encode("ascii", "replace").decode()), "utf-8")
                         for called, address in getaddresses([line])[:_ADDRESSES])  # fmt: skip
    return Header(line, "utf-8", maxlinelen=10_000).encode(linesep="")


def _attachment(file: Part) -> list[str]:
    name = re.sub(r'[\x00-\x1f\x7f"\\]', "_", file.filename or "")[:200]
    kind = file.content_type if re.fullmatch(r"[\w.+-]+/[\w.+-]+", file.content_type) else "application/octet-stream"
    return [
        f"Content-Type: {kind}" + (f"; charset={file.charset}" if re.fullmatch(r"[\w.-]{1,40}", file.charset) else ""),
        f'Content-Disposition: attachment; filename="{_encoded(name)}"',
        *_as_base64(file.body if may_hold_a_lead(kind, name) else b""),
    ]


def _as_base64(body: bytes) -> list[str]:
    return ["Content-Transfer-Encoding: base64", "", encodebytes(body).decode("ascii").rstrip("\n")]
