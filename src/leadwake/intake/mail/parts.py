"""The parts of a mail: headers decoded, every text in it as text. Any bytes give some; time and memory are bounded.

The standard library's parser is asked for headers only: on nested or endless bodies its time grows with their product.
"""

from __future__ import annotations

import binascii
import codecs
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

#: bytes read of a mail; what a lead says stands in the first kilobytes, the rest are pictures
MAIL_BYTES = 8_000_000
#: characters kept of one text, and of all texts together
TEXT_CHARS, ALL_CHARS = 1_000_000, 3_000_000
_HEAD_BYTES, _HEADERS, _HEADER_CHARS = 200_000, 400, 4_000
_DEPTH, _PARTS = 10, 100

#: text encodings whose decoders are slow on long input, or no encodings of mail at all
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,128}@[^\s<>,;\"()\[\]@]{1,255}")
_HEADER_LINE = re.compile(rb"[!-9;-~]{1,80}[ \t]*:")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,998})>")


@dataclass(frozen=True, slots=True)
class Part:
    """A text of a mail. kind: its media type, lower case ("text/html"); name: of its file, "" when it has none."""

    kind: str
    text: str
    name: str = ""
    is_attached: bool = False


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address with the name beside it, each "" when absent."""

    name: str = ""
    address: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()

    @property
    def local(self) -> str:
        return self.address.rpartition("@")[0].lower()


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail taken apart. headers: lower-case name → values as they came; kind: its media type."""

    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    kind: str = ""
    report: str = ""  # of multipart/report: "delivery-status", …

    def line(self, name: str) -> str:
        """The first header of that name, decoded, in one line."""
        return decoded(self.headers.get(name, ("",))[0])

    def mailboxes(self, *names: str) -> tuple[Mailbox, ...]:
        return tuple(box for name in names for value in self.headers.get(name, ()) for box in mailboxes(value))

    def ids(self, name: str) -> tuple[str, ...]:
        """The message ids in the header, without their brackets."""
        return tuple(_MESSAGE_ID.findall(" ".join(self.headers.get(name, ()))))

    def texts(self, kind: str) -> Iterator[str]:
        return (part.text for part in self.parts if part.kind == kind and not part.is_attached)


def take_apart(raw: bytes) -> Mail:
    """The mail in the bytes; without headers it is one text."""
    raw = raw[:MAIL_BYTES].lstrip(b"\r\n") if raw[:1] in b"\r\n" else raw[:MAIL_BYTES]
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if raw.startswith(b"From ") and b"\n" in raw[:1000]:
        raw = raw.partition(b"\n")[2]  # the first line of a mailbox file
    if not _HEADER_LINE.match(raw):
        return Mail(parts=(Part("text/plain", as_text(raw, "utf-8")),), kind="text/plain")
    walk = _Walk()
    head, body = _split(raw)
    walk.visit(head, body, 0, "text/plain")
    return Mail(_headers(head), tuple(walk.parts), head.get_content_type(), _parameter(head, "report-type"))


class _Walk:
    """The parts below a head, in their order, until the allowance is spent."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.visited, self.chars = 0, ALL_CHARS

    def visit(self, head: Message, body: bytes, depth: int, default: str) -> None:
        self.visited += 1
        kind = head.get_content_type() if "content-type" in head else default
        boundary = _parameter(head, "boundary")
        if kind.startswith("multipart/") and boundary and depth < _DEPTH:
            inner = "message/rfc822" if kind == "multipart/digest" else "text/plain"
            for piece in _pieces(body, boundary):
                if self.visited >= _PARTS:
                    return
                self.visit(*_split(piece), depth + 1, inner)
        elif _is_mail(kind, _name(head)) and depth < _DEPTH:
            self.parts.append(
                Part("message/rfc822", self._kept(as_text(_bytes(head, body), "utf-8")), is_attached=True)
            )
        elif kind.startswith(("text/", "multipart/", "message/")) or _may_be_text(kind, _name(head)):
            self._add(kind, head, body)

    def _add(self, kind: str, head: Message, body: bytes) -> None:
        text = as_text(_bytes(head, body), _parameter(head, "charset"))
        if not text.strip():
            return
        attached = (head.get("content-disposition") or "").strip().lower().startswith("attachment")
        self.parts.append(Part(kind, self._kept(text), _name(head), attached))

    def _kept(self, text: str) -> str:
        text = text[: min(TEXT_CHARS, self.chars)]
        self.chars -= len(text)
        return text


def as_text(data: bytes, charset: str) -> str:
    """The bytes as text: in the charset when it is one and fits, else as UTF-8, else as Windows writes."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        charset = "utf-16"
    for name in (_codec(charset), "utf-8"):
        try:
            return data.decode(name).removeprefix("\ufeff")
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def _codec(charset: str) -> str:
    """The codec of the charset; what calls itself ASCII or Latin-1 is mostly UTF-8 or what Windows writes."""
    try:
        name = codecs.lookup(charset).name.replace("_", "-")
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name in {"iso8859-1", "ascii", *_NO_CHARSETS} else name


def decoded(value: str) -> str:
    """A header's value with its encoded words read, in one line."""
    value = " ".join(value[:_HEADER_CHARS].split())
    if "=?" not in value:
        return value
    try:
        words = decode_header(value)
    except (HeaderParseError, binascii.Error, ValueError):
        return value
    texts = (word if isinstance(word, str) else as_text(word, charset or "utf-8") for word, charset in words)
    return " ".join("".join(texts).split())


def mailboxes(value: str) -> list[Mailbox]:
    """The addresses in a header's value, each with the name before it."""
    found, end = [], 0
    for match in _ADDRESS.finditer(value[:_HEADER_CHARS]):
        name = value[end : match.start()].strip().strip(",;<>").strip().strip("\"'()").strip()
        found.append(Mailbox(decoded(name.replace('\\"', '"')), match[0].strip("'").lower()))
        end = match.end()
    return found


def _split(raw: bytes) -> tuple[Message, bytes]:
    """Head and body, parted by the first blank line."""
    if raw[:1] in b"\r\n":
        end, start = 0, len(raw) - len(raw.lstrip(b"\r\n"))
    else:
        blank = _BLANK_LINE.search(raw, 0, _HEAD_BYTES)
        end, start = (blank.start(), blank.end()) if blank else (min(len(raw), _HEAD_BYTES), min(len(raw), _HEAD_BYTES))
    return BytesHeaderParser(policy=compat32).parsebytes(raw[:end]), raw[start:]


def _headers(head: Message) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, value in list(head.raw_items())[:_HEADERS]:
        text = as_text(str(value)[:_HEADER_CHARS].encode("utf-8", "surrogateescape"), "utf-8")
        found.setdefault(name.lower(), []).append(text)
    return {name: tuple(values) for name, values in found.items()}


def _pieces(body: bytes, boundary: str) -> Iterator[bytes]:
    """What stands between the boundary's lines; a missing last one ends with the body."""
    mark = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    start: int | None = None
    for match in mark.finditer(body):
        if start is not None:
            yield body[start : match.start()]
        if match[1]:
            return
        start = match.end() + (2 if body[match.end() : match.end() + 2] == b"\r\n" else 1)
    if start is not None:
        yield body[start:]


def _bytes(head: Message, body: bytes) -> bytes:
    """The body without its transfer encoding; what is broken in it is skipped."""
    encoding = (head.get("content-transfer-encoding") or "").strip().lower()
    try:
        if encoding == "base64":
            return _from_base64(body)
        if encoding == "quoted-printable":
            return quopri.decodestring(body)
    except (binascii.Error, ValueError):
        pass
    return body


def _from_base64(body: bytes) -> bytes:
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
    return binascii.a2b_base64(letters[: len(letters) // 4 * 4] + _rest(letters))


def _rest(letters: bytes) -> bytes:
    over = len(letters) % 4
    return letters[len(letters) - over :] + b"=" * (4 - over) if over > 1 else b""


def _may_be_text(kind: str, name: str) -> bool:
    """Whether a file may hold a lead: XML by its type, or by its name when the type says nothing."""
    return kind.endswith(("xml", "adf")) or name.lower().endswith((".xml", ".adf", ".txt", ".eml"))


def _is_mail(kind: str, name: str) -> bool:
    return kind in {"message/rfc822", "message/global"} or name.lower().endswith(".eml")


def _name(head: Message) -> str:
    try:
        return decoded(head.get_filename() or "")
    except (ValueError, LookupError, TypeError):
        return ""


def _parameter(head: Message, name: str) -> str:
    """A parameter of the content type, "" when absent or unreadable."""
    try:
        value = head.get_param(name, "")
    except (ValueError, LookupError, TypeError, AssertionError):
        return ""
    return str(value[2] if isinstance(value, tuple) else value).strip()[:200]
