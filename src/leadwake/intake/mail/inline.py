"""Labels and values within one line, however they are parted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from leadwake.intake.mail.labels import FOREIGN, field_of, is_plain

#: a label, what parts it from its value, the value; colon, equals sign, a row of dots, or a wide gap
_PAIR = re.compile(
    r"[^\w(]{0,6}(?P<label>[^\W\d_][^:=\n]{0,100}?\??)"
    r"(?P<parted>\s*(?:\.{2,}|…+)?\s*[:：][\s:：]*|\s*[-–—]\s+|\s+(?:=>?|[→➜➔⇒»›~])\s+|=(?=[^\s=])|\s*\.{3,}\s*|\s*…+\s*|(?<=\S)\s{2,}(?=\S))(?P<value>.*)"
)
#: a second pair in the same line, after a wide gap
_NEXT = re.compile(r"(?:\s{2,}|\s+[|;/·•]\s+|;\s+)(?=[A-Z][\w /#'-]{1,30}:\s)")
#: the words before a colon, of which the last may be a label
_BEFORE_COLON = re.compile(r"((?:[\w'/#.-]{1,40}\s{1,9}){0,4}[\w'/#.-]{1,40})\s{0,20}:(?!//)")
#: a label in brackets before its value
_BRACKETS = re.compile(r"\[([^\]\n]{2,40})\]:?\s+(.*)")
#: labels that end in a number: Phone 2, Vehicle 1
_NUMBERED = re.compile(r"[^\W\d_][\w ]+ \d")
_URL_SCHEME = re.compile(r"(?:https?|ftp|mailto|tel|file)$", re.IGNORECASE)
_GREETING = re.compile(r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hola|estimad[oa])\b", re.IGNORECASE)
#: three of these part a label from its value as well as three thousand, which take time squared
_RUN = re.compile(r"([ \t\u00a0.…])\1{3,}")
#: a row of marks that leads the eye from a label to its value
_LEADER = re.compile(r"\s(?:[._·]\s?){3,}(?=[^\s._·:])")
_LINE_CHARS = 2_000


def inline(text: str) -> list[tuple[str, str]]:
    """The labels and values within a line; the last value may be empty."""
    text = _LEADER.sub(" ... ", _RUN.sub(r"\1\1\1", text.strip()))
    text = _BRACKETS.sub(r"\1: \2", text)
    starts = list(_label_starts(text)) if text.count(":") > 1 else []
    if len(starts) > 1 and (pairs := _read_pieces([text[a:b] for a, b in pairwise([*starts, len(text)])])):
        return _read_pieces([text[: starts[0]]]) + pairs
    pieces = _NEXT.split(text)
    return _read_pieces(pieces) or (_read_pieces([text]) if len(pieces) > 1 else [])


def _label_starts(text: str) -> Iterator[int]:
    """Where labels begin that nobody mistakes, in a line that holds several: the longest known before each colon."""
    for match in _BEFORE_COLON.finditer(text[:_LINE_CHARS]):
        words = list(re.finditer(r"\S+", match[1]))
        for first in words:
            label = match[1][first.start() :]
            if is_plain(label) or field_of(label) == FOREIGN:
                yield match.start(1) + first.start()
                break


def _read_pieces(pieces: Sequence[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for at, given in enumerate(pieces):
        piece = given.strip() if at == len(pieces) - 1 else given.strip(" \t,;|")
        match = _PAIR.fullmatch(piece)
        if match is not None and _parts(match):
            found.append((match["label"].strip(" *_"), match["value"].strip()))
        elif not found:
            return []
        else:
            label, value = found.pop()
            found.append((label, f"{value} {piece}"))
    return found


def _parts(match: re.Match[str]) -> bool:
    """Whether what looks like a pair is one, and no time, address of a page, or sentence."""
    label, value, parted = match["label"].strip(), match["value"], match["parted"]
    if _GREETING.match(label) or _URL_SCHEME.search(label) or value.startswith("//") or "@" in label:
        return False
    if label[-1:].isdigit() and value[:1].isdigit() and ":" in parted and not _NUMBERED.fullmatch(label):
        return False  # 10:30
    known = field_of(label) is not None
    if not parted.strip(" \t-–—"):  # a gap or a dash parts only what nobody mistakes
        return known and is_plain(label)
    if ":" not in parted and not known:
        return bool(parted.strip(" .…")) and len(label.split()) <= 6  # dots part only what we know
    words = len(label.split())
    return words <= (14 if known or label.endswith("?") else 6) and not re.search(r"[.!,;]\s", label)
