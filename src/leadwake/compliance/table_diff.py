"""What one set of tables says differently from another, in a line each; what became looser is marked."""

from __future__ import annotations

from collections.abc import Iterator

from leadwake.compliance.hours import SHUT, WEEKDAYS, Hours
from leadwake.compliance.policy_json import span_text
from leadwake.compliance.tables import StateRule, Tables

LOOSER = "(looser)"


def differences(before: Tables, after: Tables) -> list[str]:
    """Every difference, by state, then by table; empty when they say the same."""
    return [*_states(before, after), *_holidays(before, after), *_codes(before, after), *_zips(before, after)]


def _states(before: Tables, after: Tables) -> Iterator[str]:
    for code in sorted(before.states.keys() | after.states.keys()):
        old, new = before.states.get(code), after.states.get(code)
        if old is None or new is None:
            yield f"{code}: {'added' if old is None else 'no usable row any more'}"
        elif old != new:
            yield from (f"{code}: {line}" for line in _rule(old, new))


def _rule(old: StateRule, new: StateRule) -> Iterator[str]:
    for day, was, now in zip(WEEKDAYS, old.week, new.week, strict=True):
        if was != now:
            yield f"{day} {_span(was)} → {_span(now)}{_mark(_is_wider(was, now))}"
    if old.holiday != new.holiday:
        is_looser = new.holiday is None or (old.holiday is not None and _is_wider(old.holiday, new.holiday))
        yield f"holidays {_holiday(old)} → {_holiday(new)}{_mark(is_looser)}"
    if old.cap != new.cap:
        is_looser = old.cap is not None and (new.cap is None or new.cap > old.cap)
        yield f"messages in 24 hours {old.cap or 'any'} → {new.cap or 'any'}{_mark(is_looser)}"
    if (old.reply_exempt, old.reply_unverified) != (new.reply_exempt, new.reply_unverified):
        yield f"answers at night {_exempt(old)} → {_exempt(new)}{_mark(new.reply_exempt and not old.reply_exempt)}"
    if old.zones != new.zones:
        yield f"clocks {_zones(old)} → {_zones(new)}"
    if old.voice != new.voice:
        yield "hours of automated calls changed"


def _holidays(before: Tables, after: Tables) -> Iterator[str]:
    for code in sorted(before.holidays.keys() | after.holidays.keys()):
        old = before.holidays[code].days if code in before.holidays else frozenset()
        new = after.holidays[code].days if code in after.holidays else frozenset()
        for day in sorted(old ^ new):
            yield f"{code}: {day.isoformat()} {'is a holiday' if day in new else 'is no holiday any more ' + LOOSER}"


def _codes(before: Tables, after: Tables) -> Iterator[str]:
    old, new = before.area_codes, after.area_codes
    for npa in sorted(npa for npa in old.keys() | new.keys() if old.get(npa) != new.get(npa)):
        yield f"area code {npa}: {'added' if npa not in old else 'taken out' if npa not in new else 'changed'}"


def _zips(before: Tables, after: Tables) -> Iterator[str]:
    old, new = before.zips, after.zips
    if count := sum(old.get(prefix) != new.get(prefix) for prefix in old.keys() | new.keys()):
        yield f"ZIP codes: {count} groups of a hundred changed"


def _is_wider(old: Hours, new: Hours) -> bool:
    if new == SHUT:
        return False
    return old == SHUT or new.opens < old.opens or new.closes > old.closes


def _span(hours: Hours) -> str:
    return "closed" if hours == SHUT else span_text(hours)


def _holiday(rule: StateRule) -> str:
    return "as any day" if rule.holiday is None else _span(rule.holiday)


def _exempt(rule: StateRule) -> str:
    return "yes" if rule.reply_exempt else "unverified" if rule.reply_unverified else "no"


def _zones(rule: StateRule) -> str:
    return ", ".join(zone.key for zone in rule.zones)


def _mark(is_looser: bool) -> str:
    return f" {LOOSER}" if is_looser else ""
