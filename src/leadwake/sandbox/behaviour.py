"""How a stand-in behaves: well, slowly, or badly, for as long as it was told to."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Mode = Literal["ok", "slow", "throttle", "error", "cut", "refuse"]
Delivery = Literal["delivered", "failed"]
MODES: tuple[Mode, ...] = get_args(Mode)

MAX_DELAY_MS = 600_000
MAX_FOR_S = 86_400
DEFAULT_SLOW_MS = 2_000


class BadBehaviour(ValueError):
    """The order cannot be followed. `reasons` maps field → reason."""

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in reasons.items()))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Behaviour:
    """
    One order.

    ok: works at once, answers after delay_ms. slow: waits delay_ms, then works. throttle: 429, nothing done.
    error: 5xx, nothing done. cut: works, then cuts the connection without an answer (after delay_ms).
    refuse: closes the connection before the body is read.
    share: the fraction of requests that get it, evenly spread (0.25: each fourth); the others get ok without delay.
    callbacks: whether delivery states are reported. delivery: how it ends for what was accepted.
    """

    mode: Mode = "ok"
    delay_ms: int = 0
    for_s: float | None = None
    share: float = 1.0
    callbacks: bool = True
    delivery: Delivery = "delivered"


OK = Behaviour()


class Conduct:
    """One vendor's behaviour over time: the order it was given last, until that order has run out."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._ordered = OK
        self._until: float | None = None
        self._owed = 0.0

    def order(self, behaviour: Behaviour) -> None:
        """The vendor behaves so from now on; any earlier order is forgotten."""
        self._ordered = behaviour
        self._until = None if behaviour.for_s is None else self._now() + behaviour.for_s
        self._owed = 0.0

    @property
    def current(self) -> Behaviour:
        """The order in force; ok when it has run out."""
        if self._until is not None and self._now() >= self._until:
            self.order(OK)
        return self._ordered

    def draw(self) -> Behaviour:
        """How the next request is treated: `current`, or ok when it is not among the share."""
        behaviour = self.current
        if behaviour.share >= 1.0:
            return behaviour
        self._owed += behaviour.share
        if self._owed >= 1.0 - 1e-9:  # 0.1 ten times over is a hair less than one
            self._owed = max(0.0, self._owed - 1.0)
            return behaviour
        return OK

    def as_json(self) -> dict[str, Any]:
        """The order in force, with `left_s`: seconds until it runs out, None for never."""
        left = None if self.current.for_s is None or self._until is None else round(self._until - self._now(), 3)
        return asdict(self.current) | {"left_s": left}


def read(order: object) -> Behaviour:
    """The behaviour that a JSON value asks for. Raises BadBehaviour naming each field that is wrong."""
    if not isinstance(order, dict):
        raise BadBehaviour({"body": 'must be a JSON object like {"mode": "slow", "delay_ms": 2000, "for_s": 60}'})
    reasons = {str(name): "is not a setting of a behaviour" for name in order if name not in _CHECKS}
    fields: dict[str, Any] = {}
    for name, (check, reason) in _CHECKS.items():
        if name in order and not (order[name] is None and name == "for_s"):
            if check(order[name]):
                fields[name] = order[name]
            else:
                reasons[name] = reason
    if "mode" not in order:
        reasons["mode"] = _CHECKS["mode"][1]
    if reasons:
        raise BadBehaviour(reasons)
    if fields["mode"] == "slow":
        fields.setdefault("delay_ms", DEFAULT_SLOW_MS)
    return Behaviour(**fields)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "mode": (lambda v: isinstance(v, str) and v in MODES, f"must be one of {', '.join(MODES)}"),
    "delay_ms": (
        lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 <= v <= MAX_DELAY_MS,
        f"must be a whole number of milliseconds, 0 to {MAX_DELAY_MS}",
    ),
    "for_s": (lambda v: _is_number(v) and 0 < v <= MAX_FOR_S, f"must be seconds, more than 0, at most {MAX_FOR_S}"),
    "share": (lambda v: _is_number(v) and 0 <= v <= 1, "must be a fraction, 0 to 1"),
    "callbacks": (lambda v: isinstance(v, bool), "must be true or false"),
    "delivery": (lambda v: isinstance(v, str) and v in get_args(Delivery), "must be delivered or failed"),
}
