"""What one version of the weights says that the one before did not, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from leadwake.domain.scoring.weights import Weight, Weights


def difference(before: Weights, after: Weights) -> list[str]:
    """A line for each change; empty where both count the same."""
    return list(_lines(before, after))


def _lines(before: Weights, after: Weights) -> Iterator[str]:
    for name in ("hot", "warm"):
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield f"{name.capitalize()} from {was} → from {now}"
    for code, one in after.by_code.items():
        was_one = before.by_code[code]
        if said := ", ".join(_changes(was_one, one)):
            yield f"{one.text}: {said}"


def _changes(was: Weight, now: Weight) -> Iterator[str]:
    if was.points != now.points:
        yield f"{was.points:+d} → {now.points:+d}"
    if was.half_life_days != now.half_life_days:
        yield f"half after {lasting(was)} → {lasting(now)}"
    if was.most != now.most and now.most != abs(now.points):
        yield f"all together {was.most} → {now.most} at most"


def lasting(weight: Weight) -> str:
    """How long it counts: "14 days", "never"."""
    if weight.half_life_days is None:
        return "never"
    return "1 day" if weight.half_life_days == 1 else f"{weight.half_life_days} days"
