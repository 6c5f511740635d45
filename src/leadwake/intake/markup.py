"""Markup taken apart, HTML and XML alike, broken or not: tags, text, comments. One pass, whatever the bytes are.

The standard library's readers refuse what is broken (expat) or take time squared over it (html.parser); nothing here
defines an entity, opens a file or an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape

#: a tag; no branch passes a "<" and none is tried twice, so that what is never closed is looked at once
_TAG = re.compile(r"""<(/?)([A-Za-z_][\w:.-]{0,80}+)((?:[^<>"']|"[^"<]*"|'[^'<]*'|["'])*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s=<>"'/]{1,100})(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+))?""")
_CLOSED_BY = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>", "<!": ">"}
_INTERNAL_SUBSET = re.compile(r"<!DOCTYPE[^\[<>]*\[", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """name: of a tag, lower case and without its prefix, "" for text. text: of text; the attributes of a tag."""

    name: str
    text: str
    is_end: bool = False
    is_empty: bool = False

    @property
    def attributes(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for name, value in _ATTRIBUTE.findall(self.text[:4_000]):
            found.setdefault(name.lower(), plain(value[1:-1] if value[:1] in {'"', "'"} else value))
        return found


def tokens(text: str) -> Iterator[Token]:
    """Tags and texts in their order; comments, declarations and instructions left out."""
    at, absent = 0, set[str]()
    while at < len(text):
        opens = text.find("<", at)
        if opens < 0:
            break
        if opens > at:
            yield Token("", plain(text[at:opens]))
        if tag := _TAG.match(text, opens):
            yield Token(tag[2].rpartition(":")[2].lower(), tag[3], bool(tag[1]), tag[3].endswith("/"))
            at = tag.end()
            continue
        start = next((mark for mark in _CLOSED_BY if text.startswith(mark, opens)), "")
        at = _closed(text, opens, start, absent) if start else -1
        if at < 0:
            yield Token("", "<")
            at = opens + 1
        elif start == "<![CDATA[":
            yield Token("", text[opens + len(start) : at - 3])
    if at < len(text):
        yield Token("", plain(text[at:]))


def plain(text: str) -> str:
    """The text with its character references read; none that a document defines itself."""
    if "&" not in text:
        return text
    try:
        return unescape(text)
    except ValueError:  # a number of thousands of digits
        return text


def _closed(text: str, opens: int, start: str, absent: set[str]) -> int:
    """The place behind what `start` opens; -1 when it is never closed. absent: what was looked for in vain."""
    end = "]>" if start == "<!" and _INTERNAL_SUBSET.match(text, opens) else _CLOSED_BY[start]
    if end in absent:
        return -1
    found = text.find(end, opens + len(start))
    if found < 0:
        absent.add(end)
        return -1
    return found + len(end)
