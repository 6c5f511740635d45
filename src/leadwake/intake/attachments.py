"""A mail without its pictures and documents: what may hold a lead stays, of all else only the name. Pure, linear.

Attachments are named to whoever reads the thread, never kept and never served.
"""

from __future__ import annotations

import re
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import Final

from leadwake.intake.mail.parts import decoded

#: kept of a mail; a lead stands in its first lines
KEPT_BYTES: Final = 1024 * 1024
_READABLE: Final = re.compile(r"text/|message/|multipart/|application/(?:xml|json|x-?adf)\Z|.*\+xml\Z")
_READABLE_NAME: Final = re.compile(r"\.(?:xml|adf|txt|csv|json|eml)\Z", re.IGNORECASE)
_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_HEAD_BYTES: Final = 200_000
#: parts looked at, boundaries remembered: more is an attack, and what comes after is left out
_MAX_MARKS: Final = 20_000
_MAX_NAMES: Final = 50
_NAME_CHARS: Final = 120


def may_hold_a_lead(kind: str, name: str) -> bool:
    """Whether a part is read at all. kind: its media type, lower case; name: of its file, "" when it has none."""
    return bool(_READABLE.match(kind) or _READABLE_NAME.search(name))


def without_files(raw: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The mail without the bodies of its files, no longer than KEPT_BYTES; and the names of all files in it."""
    kept, names, boundaries = _Kept(), list[str](), set[bytes]()
    at, is_head, is_read = 0, True, True
    for _ in range(_MAX_MARKS):
        if is_head:
            end = _head_end(raw, at)
            head = BytesHeaderParser(policy=compat32).parsebytes(raw[at:end].lstrip(b"\r\n"))
            kept.add(raw[at:end])
            at, is_read = end, _note(head, boundaries, names)
            if is_head := head.get_content_type() == "message/rfc822" and end < len(raw):
                continue  # its own headers follow
        mark, line_end = _next_line_of_dashes(raw, at)
        if is_read:
            kept.add(raw[at:mark])
        if mark >= len(raw) or kept.is_full:
            break
        line = raw[mark:line_end].strip()
        is_head, is_end = line[2:] in boundaries, line.endswith(b"--") and line[2:-2] in boundaries
        is_read = is_read or is_head or is_end
        if is_read:
            kept.add(raw[mark:line_end])
        at = line_end
    return kept.bytes, tuple(names)


class _Kept:
    """What is kept, up to the limit."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._left = KEPT_BYTES

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece[: self._left])
        self._left -= len(self._pieces[-1])

    @property
    def is_full(self) -> bool:
        return self._left <= 0

    @property
    def bytes(self) -> bytes:
        return b"".join(self._pieces)


def _head_end(raw: bytes, at: int) -> int:
    """Where the headers that begin here end, their empty line with them."""
    if raw[at : at + 1] in {b"\r", b"\n"}:
        return at + (2 if raw.startswith(b"\r\n", at) else 1)
    found = _HEAD_END.search(raw, at, at + _HEAD_BYTES)
    return found.end() if found else min(len(raw), at + _HEAD_BYTES)


def _next_line_of_dashes(raw: bytes, at: int) -> tuple[int, int]:
    """Where the next line that may be a delimiter begins and ends; twice the end when there is none."""
    mark = at if raw.startswith(b"--", at) else raw.find(b"\n--", at) + 1
    if mark == 0:
        return len(raw), len(raw)
    end = raw.find(b"\n", mark) + 1
    return mark, end or len(raw)


def _note(head: Message, boundaries: set[bytes], names: list[str]) -> bool:
    """The part's boundary and name are remembered; whether its body is read."""
    name = _file_name(head)
    if name and len(names) < _MAX_NAMES:
        names.append(name)
    kind = head.get_content_type()
    if kind.startswith("multipart/") and (boundary := head.get_boundary("")):
        boundaries.add(boundary.encode("utf-8", "replace").strip())
    return may_hold_a_lead(kind, name)


def _file_name(head: Message) -> str:
    """On one line, without a path; "" when it has none."""
    try:
        name = decoded(head.get_filename() or "")
    except (ValueError, LookupError, TypeError):
        return ""
    return re.sub(r"[\x00-\x1f\x7f]", "", name).replace("\\", "/").rpartition("/")[2].strip()[:_NAME_CHARS]
