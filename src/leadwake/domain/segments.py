"""How many segments a text costs, and what makes it cost more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

#: Twilio's limit for `Body` (its API reference)
MAX_TEXT_CHARS: Final = 1600

# 3GPP TS 23.038 (GSM 03.38): the default alphabet, one septet each, and its extension table, two (an escape first).
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")

_PLAIN: Final = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"',
    "\u201e": '"', "\u2013": "-", "\u2014": "-", "\u2010": "-", "\u2011": "-", "\u2212": "-", "\u2026": "...",
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ",
})  # fmt: skip

#: public link shorteners, which carriers filter (R-10DLC-2)
SHORTENERS: Final = frozenset({
    "adf.ly", "bit.do", "bit.ly", "bitly.com", "bl.ink", "buff.ly", "cutt.ly", "dlvr.it", "goo.gl", "is.gd", "j.mp",
    "lnkd.in", "ow.ly", "rb.gy", "rebrand.ly", "s.id", "shorte.st", "shorturl.at", "snip.ly", "soo.gd", "t.co", "t.ly",
    "tiny.cc", "tiny.one", "tinyurl.com", "tr.im", "v.gd", "x.co",
})  # fmt: skip
_SHORTENER: Final = re.compile(
    r"(?<![\w.-])(?:www\.)?("
    + "|".join(re.escape(host) for host in sorted(SHORTENERS))
    + r")(?=[/:?#\s]|$|[.,;!)](?:\s|$))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Segments:
    """encoding: "GSM-7" or "UCS-2"; units: septets or 16-bit units; count: segments, each billed as a text."""

    encoding: str
    units: int
    count: int


def segments(text: str) -> Segments:
    """
    What the text costs: 160 septets or 70 units alone, 153 or 67 a part when longer.

    A character of two units (an extended one, an emoji) is not split between parts, so a part may end one short.
    """
    if all(character in _BASIC or character in _EXTENDED for character in text):
        return _packed("GSM-7", [2 if character in _EXTENDED else 1 for character in text], 160, 153)
    return _packed("UCS-2", [2 if ord(character) > 0xFFFF else 1 for character in text], 70, 67)


def costly_characters(text: str) -> list[str]:
    """The characters outside GSM-7, each once: one of them makes the whole text cost more than twice as much."""
    return list(dict.fromkeys(c for c in text if c not in _BASIC and c not in _EXTENDED))


def plain_typography(text: str) -> str:
    """Curly quotes, dashes and odd spaces as the GSM alphabet has them; letters stay as they are."""
    return text.translate(_PLAIN)


def shorteners_in(text: str) -> list[str]:
    """The public link shorteners that the text names."""
    return [match[1].lower() for match in _SHORTENER.finditer(text)]


def is_shortener(url: str) -> bool:
    """True when the URL's host is a public link shortener."""
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return False
    return host in SHORTENERS


def _packed(encoding: str, widths: list[int], alone: int, part: int) -> Segments:
    units = sum(widths)
    if units <= alone:
        return Segments(encoding, units, 1 if units else 0)
    count, room = 1, part
    for width in widths:
        if width > room:
            count, room = count + 1, part
        room -= width
    return Segments(encoding, units, count)
