"""multipart/form-data as it really comes: either line end, any charset, no limit but the body's own. Pure, linear.

The framework's parser refuses what SendGrid's own published sample holds (bare line feeds), and a body refused there is
a lead lost: nobody posts it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Final

#: more parts than any mail has
_MAX_PARTS: Final = 1_000
_MAX_HEAD: Final = 16 * 1024
_PARAMETER: Final = re.compile(r';\s*([\w*-]{1,40})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')
_FIRST_LINE: Final = re.compile(rb"--([^\r\n]{1,200})\r?\n")


@dataclass(frozen=True, slots=True)
class Part:
    """One field. filename: of a file, else None. charset: as the part says, "" when it does not."""

    name: str
    body: bytes
    filename: str | None = None
    content_type: str = ""
    charset: str = ""


def parts(body: bytes, content_type: str) -> list[Part]:
    """Every part, in order; empty when there is no boundary to go by."""
    boundary = _boundary(body, content_type)
    return [part for piece in _pieces(body, boundary) if (part := _part(piece))] if boundary else []


def _boundary(body: bytes, content_type: str) -> bytes:
    """The declared one; the one the body begins with when none was declared."""
    given = dict(_parameters(content_type)).get("boundary", "").encode("latin-1", "replace")
    found = _FIRST_LINE.match(body[:300])
    return given or (found[1].rstrip() if found else b"")


def _pieces(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """What lies between the delimiters, each of which is a line of its own."""
    mark, start = b"--" + boundary, -1
    for _ in range(_MAX_PARTS):
        at = _delimiter(body, mark, max(start, 0))
        if start >= 0:
            yield body[start : at - 1 if at >= 0 else len(body)]
        if at < 0 or body.startswith(b"--", at + len(mark)):
            return
        start = at + len(mark)


def _delimiter(body: bytes, mark: bytes, start: int) -> int:
    """Where the next delimiter begins, -1 when there is none; a longer boundary that begins like ours is another's."""
    at = body.find(mark, start)
    while at >= 0:
        begins_line = at == 0 or body[at - 1 : at] == b"\n"
        if begins_line and body[at + len(mark) : at + len(mark) + 1] in {b"", b"-", b"\r", b"\n", b" ", b"\t"}:
            return at
        at = body.find(mark, at + 1)
    return -1


def _part(piece: bytes) -> Part | None:
    """A part without the line ends around it; None when it has no name."""
    _, _, rest = piece.partition(b"\n")  # what stands on the delimiter's own line
    head, body = _split(rest)
    headers = Message()
    for line in head.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip()] = value.strip()
    disposition = dict(_parameters(headers.get("Content-Disposition", "")))
    if "name" not in disposition:
        return None
    content_type = headers.get("Content-Type", "")
    return Part(
        disposition["name"], body.removesuffix(b"\r"), disposition.get("filename"),
        content_type.partition(";")[0].strip().lower(), dict(_parameters(content_type)).get("charset", ""),
    )  # fmt: skip


def _split(rest: bytes) -> tuple[bytes, bytes]:
    """The headers of a part, and what comes after the first empty line."""
    for blank in (b"\r\n", b"\n"):
        if rest.startswith(blank):
            return b"", rest[len(blank) :]
    found = [(at, blank) for blank in (b"\r\n\r\n", b"\n\n") if (at := rest.find(blank, 0, _MAX_HEAD)) >= 0]
    if not found:
        return b"", b""
    at, blank = min(found)
    return rest[:at], rest[at + len(blank) :]


def _parameters(value: str) -> Iterator[tuple[str, str]]:
    for name, quoted, plain in _PARAMETER.findall(value[:2_000]):
        yield name.lower(), re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
