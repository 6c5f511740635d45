"""HTML put together so that nothing gets in unescaped."""

from __future__ import annotations

from html import escape
from typing import LiteralString


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def html(template: LiteralString, *values: object) -> Markup:
    """The template with each `{}` filled; whatever is not Markup is escaped, None is empty."""
    return Markup(template.format(*map(_safe, values)))


def join(parts: list[Markup]) -> Markup:
    """The parts one after another."""
    return Markup("".join(parts))


def _safe(value: object) -> str:
    if isinstance(value, Markup):
        return value
    return "" if value is None else escape(str(value))
