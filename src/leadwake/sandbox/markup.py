"""HTML put together so that nothing gets in unescaped."""

from __future__ import annotations

import re
from html import escape
from typing import Final, LiteralString

#: an address as phones find it; a stop at its end belongs to the sentence
_LINK: Final = re.compile(r"(https?://[^\s<>\"']*[^\s<>\"'.,;:!?)])")


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def html(template: LiteralString, *values: object) -> Markup:
    """The template with each `{}` filled; whatever is not Markup is escaped, None is empty."""
    return Markup(template.format(*map(_safe, values)))


def join(parts: list[Markup]) -> Markup:
    """The parts one after another."""
    return Markup("".join(parts))


def linked(text: str) -> Markup:
    """The text with its addresses to tap, as a phone or a mailbox shows it."""
    return join(
        [
            html('<a href="{}" rel="noreferrer">{}</a>', part, part) if n % 2 else html("{}", part)
            for n, part in enumerate(_LINK.split(text))  # every other one is what was found
        ]
    )


def _safe(value: object) -> str:
    if isinstance(value, Markup):
        return value
    return "" if value is None else escape(str(value))
