"""How many of those who went quiet are woken in a day: the team's amounts, as they are set. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any, Final

from leadwake.errors import InputError

#: setting → the least and the most it may be
BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "mails_a_day": (0, 1000), "calls_a_day": (0, 200), "quiet_days": (14, 720), "untouched_days": (0, 60),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """
    Off, until somebody switches it on.

    mails_a_day, calls_a_day: at most. quiet_days: without a touch either way. untouched_days: since they asked without
    a person in touch; 0: nobody is looked for. That search goes on while the waking is off: it writes to nobody.
    """

    is_on: bool = False
    mails_a_day: int = 20
    calls_a_day: int = 10
    quiet_days: int = 60
    untouched_days: int = 3

    @property
    def amounts(self) -> tuple[int, int]:
        """What may be done in a day: mails, calls."""
        return (self.mails_a_day, self.calls_a_day) if self.is_on else (0, 0)

    def switched_off(self) -> Rule:
        """The same amounts, off."""
        return replace(self, is_on=False)

    def as_values(self) -> dict[str, Any]:
        """By the names of the columns."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Rule:
        """The rule of a row."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})


def dollars(segments: int, mails: int, prices: Mapping[tuple[str, str], Decimal]) -> Decimal | None:
    """What messages cost by what the team says of their prices (domain/report.py); None while one is not said."""
    total = Decimal(0)
    for name, count in (("segment_price", segments), ("mail_price", mails)):
        price = prices.get((name, ""))
        if count and price is None:
            return None
        total += count * (price or Decimal(0))
    return total


_WAYS: Final[Mapping[str, str]] = {"email": "by e-mail", "call": "a colleague is to call them"}
_SIGNS: Final[Mapping[str, str]] = {
    "reply": "they wrote back", "booking": "they booked a meeting", "call": "they talked with us",
    "asked_again": "they asked again",
}  # fmt: skip


def told(kind: str, data: Mapping[str, Any]) -> tuple[str, str | None] | None:
    """An event of the log as a line of the timeline, and why; None for what is none of recovery's."""
    if kind == "woken":
        return "Woken after going quiet", _WAYS.get(str(data.get("way")))
    if kind == "recovered":
        took = [f"{n} {name[:-1] if n == 1 else name}" for name in ("texts", "mails", "calls") if (n := data.get(name))]
        sign = _SIGNS.get(str(data.get("by")), "a sign of life")
        return "Came back to life", sign + (f"; it took {', '.join(took)}" if took else "")
    return None


def read_rule(given: Mapping[str, str]) -> Rule:
    """The rule as a form has it. Raises InputError with a reason a field."""
    values: dict[str, Any] = {"is_on": given.get("is_on") == "on"}
    wrong: dict[str, str] = {}
    for name, (least, most) in BOUNDS.items():
        text = given.get(name, "").strip()
        if text.isascii() and text.isdecimal() and least <= int(text[:6]) <= most:
            values[name] = int(text[:6])
        else:
            wrong[name] = f"write a number from {least} to {most:,}"
    if wrong:
        raise InputError(wrong)
    return Rule(**values)
