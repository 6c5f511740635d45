"""The tables of the gate: loaded whole, checked row by row, versioned; what cannot be read is reported and missing.

Loading never refuses: a state whose row is unreadable is blocked, the others are judged (R-CASE-12, R-STATE-1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leadwake.compliance.csv_table import Problems, read_table
from leadwake.compliance.decision import Missing
from leadwake.compliance.hours import Hours, VoiceHours, parse_day, parse_span, parse_voice
from leadwake.compliance.states import STATE_NAMES
from leadwake.compliance.table_files import (
    CODES_FILE,
    HOLIDAYS_FILE,
    RULES_FILE,
    TABLE_FILES,
    ZIPS_FILE,
    read_files,
    version_of,
)
from leadwake.compliance.zip_table import ZipPlace, ZipPrefix, find_zip, parse_prefix, zip_digits


@dataclass(frozen=True, slots=True)
class StateRule:
    """What one state asks.

    week: marketing hours Monday to Sunday. holiday: on its holidays, None when they are ordinary days.
    cap: automated messages in 24 hours, None when the state sets none.
    reply_exempt: a reply to a fresh inquiry may leave at any hour.
    voice: when an automated voice may call, None when the state adds nothing.
    reply_unverified: whether such a reply is bound was not found in the state's law.
    """

    code: str
    zones: tuple[ZoneInfo, ...]
    week: tuple[Hours, ...]
    holiday: Hours | None
    cap: int | None
    reply_exempt: bool
    voice: VoiceHours | None
    reply_unverified: bool = False


@dataclass(frozen=True, slots=True)
class AreaCode:
    """Where an area code's numbers are. country: ISO code, `toll_free`, `non_geographic`; empty: unreadable."""

    country: str
    state: str = ""
    zones: tuple[ZoneInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class Holidays:
    """One state's holidays, and the dates for which they are known."""

    days: frozenset[date]
    known_from: date
    known_years: frozenset[int]

    def are_known(self, on: date) -> bool:
        """Whether a date that is not among the days is known to be an ordinary one."""
        return on >= self.known_from and on.year in self.known_years


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything the gate looks up. version: effective date and digest. problems: what was left out, for an alert."""

    version: str
    states: Mapping[str, StateRule]
    area_codes: Mapping[str, AreaCode]
    holidays: Mapping[str, Holidays]
    zips: Mapping[str, ZipPrefix]
    problems: tuple[str, ...] = field(default=())

    @classmethod
    def load(cls, directory: Traversable | Path | None = None) -> Tables:
        """The tables of the directory, or the package's own; what is unreadable stands in `problems` and is missing."""
        contents, problems = read_files(directory)
        return cls._parse(contents, problems)

    @classmethod
    def of(cls, contents: Mapping[str, bytes]) -> Tables:
        """The tables of files by their names, as `read_files` gives them; what is missing stands in `problems`."""
        problems: Problems = [f"{name}: there is none" for name in TABLE_FILES if name not in contents]
        return cls._parse(contents, problems)

    @classmethod
    def _parse(cls, contents: Mapping[str, bytes], problems: Problems) -> Tables:
        zones = _Zones()
        states = _state_rules(contents.get(RULES_FILE), zones, problems)
        area_codes = _area_codes(contents.get(CODES_FILE), zones, problems)
        holidays = _holidays(contents.get(HOLIDAYS_FILE), problems)
        zips = _zips(contents.get(ZIPS_FILE), zones, problems)
        problems.extend(_gaps(states, area_codes, holidays))
        version = version_of(contents, problems)
        return cls(version, states, area_codes, holidays, zips, tuple(problems))

    @property
    def effective(self) -> str:
        """The date on which these tables were last read against their sources; `undated` without one."""
        return self.version.partition(".")[0]

    @property
    def holidays_end(self) -> date | None:
        """The last day on which the holidays of every closing state are known; None when no state closes."""
        known = [self.holidays[code] for code, rule in self.states.items() if _closes(rule) and code in self.holidays]
        return min((date(max(holidays.known_years), 12, 31) for holidays in known), default=None)

    def rule(self, state: str) -> StateRule:
        """The state's rule. Raises Missing."""
        try:
            return self.states[state]
        except KeyError:
            raise Missing(f"no usable rule for state {state[:20]!r} in {RULES_FILE}") from None

    def area_code(self, npa: str) -> AreaCode | None:
        """Where the area code is; None when nobody uses it. Raises Missing when the table or its row is unreadable."""
        if not self.area_codes:
            raise Missing(CODES_FILE)
        area = self.area_codes.get(npa)
        if area is not None and not area.country:
            raise Missing(f"no usable row for area code {npa} in {CODES_FILE}")
        return area

    def is_holiday(self, state: str, on: date) -> bool:
        """Whether the date is a holiday in the state. Raises Missing when the table does not reach that far."""
        holidays = self.holidays.get(state)
        if holidays is None or not holidays.are_known(on):
            raise Missing(f"holidays of {state} on {on.isoformat()} in {HOLIDAYS_FILE}")
        return on in holidays.days

    def zip_place(self, postal_code: str | None) -> ZipPlace | None:
        """Where the ZIP is; None when there is none or it does not exist. Raises Missing without the table."""
        digits = zip_digits(postal_code)
        if digits is None:
            return None
        if not self.zips:
            raise Missing(ZIPS_FILE)
        return find_zip(self.zips, digits)


class _Zones(dict[str, ZoneInfo]):
    """Each zone by name, looked up once. Raises ValueError for a name that is no zone."""

    def __missing__(self, name: str) -> ZoneInfo:
        try:
            zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"unknown zone {name!r}") from error
        self[name] = zone
        return zone

    def parse(self, text: str) -> tuple[ZoneInfo, ...]:
        """The zones of `Area/City|Area/City`; at least one. Raises ValueError."""
        return tuple(self[name] for name in dict.fromkeys(text.split("|")))


def _state_rules(raw: bytes | None, zones: _Zones, problems: Problems) -> dict[str, StateRule]:
    columns = (
        "state", "quiet_start", "quiet_end", "saturday_rule", "sunday_rule", "holiday_rule", "max_per_24h", "zones",
        "inquiry_reply_exempt", "auto_voice_window",
    )  # fmt: skip
    table = read_table(RULES_FILE, raw, columns, problems)
    rules = table.parse(lambda row: _state_rule(row, zones), problems)
    problems.extend(f"{RULES_FILE}: no usable row for {code}" for code in STATE_NAMES if code not in rules)
    return rules


def _state_rule(row: Mapping[str, str], zones: _Zones) -> StateRule:
    usual = parse_span(f"{row['quiet_end']}-{row['quiet_start']}")
    cap = int(row["max_per_24h"]) if row["max_per_24h"] else None
    if cap is not None and cap < 1:
        raise ValueError("max_per_24h is at least 1")
    if row["inquiry_reply_exempt"] not in {"yes", "no", "unverified"}:
        raise ValueError(f"inquiry_reply_exempt {row['inquiry_reply_exempt']!r} is not yes, no or unverified")
    weekend = (parse_day(row["saturday_rule"], usual), parse_day(row["sunday_rule"], usual))
    return StateRule(
        code=row["state"],
        zones=zones.parse(row["zones"]),
        week=(usual,) * 5 + weekend,
        holiday=None if row["holiday_rule"] == "same" else parse_day(row["holiday_rule"], usual),
        cap=cap,
        reply_exempt=row["inquiry_reply_exempt"] == "yes",
        voice=parse_voice(row["auto_voice_window"]),
        reply_unverified=row["inquiry_reply_exempt"] == "unverified",
    )


def _area_codes(raw: bytes | None, zones: _Zones, problems: Problems) -> dict[str, AreaCode]:
    table = read_table(CODES_FILE, raw, ("npa", "country", "state", "zones"), problems)
    codes = table.parse(lambda row: _area_code(row, zones), problems)
    # an unreadable row must not make its numbers look unassigned: they are blocked for what is missing
    return codes | {npa: AreaCode("") for npa in table.broken}


def _area_code(row: Mapping[str, str], zones: _Zones) -> AreaCode:
    if not row["country"]:
        raise ValueError("no country")
    if row["country"] != "US":
        return AreaCode(row["country"])
    if not row["state"]:
        raise ValueError("no state")
    return AreaCode("US", row["state"], zones.parse(row["zones"]))


def _holidays(raw: bytes | None, problems: Problems) -> dict[str, Holidays]:
    table = read_table(HOLIDAYS_FILE, raw, ("state", "date"), problems, unique=False)
    days: dict[str, set[date]] = {}
    for row in table.rows:
        try:
            days.setdefault(row["state"], set()).add(date.fromisoformat(row["date"]))
        except ValueError as error:
            problems.append(f"{HOLIDAYS_FILE}: {row['state']}: {error}")
            table.broken.add(row["state"])
    # a state with one unreadable day is closed on a day nobody knows: none of its days is known
    return {
        state: Holidays(frozenset(known), min(known).replace(day=1), frozenset(day.year for day in known))
        for state, known in days.items()
        if state not in table.broken
    }


def _zips(raw: bytes | None, zones: _Zones, problems: Problems) -> dict[str, ZipPrefix]:
    table = read_table(ZIPS_FILE, raw, ("prefix", "state", "zone", "valid", "exceptions"), problems)
    prefixes = table.parse(lambda row: parse_prefix(row, zones), problems)
    # with a prefix unreadable, "no such ZIP" would be a guess
    return {} if table.broken else prefixes


def _closes(rule: StateRule) -> bool:
    return rule.holiday is not None or (rule.voice is not None and rule.voice.holiday is not None)


def _gaps(
    states: Mapping[str, StateRule], area_codes: Mapping[str, AreaCode], holidays: Mapping[str, Holidays]
) -> list[str]:
    """Where one table needs what another lacks."""
    found = [
        f"{CODES_FILE}: {npa}: {area.state} is no state of {RULES_FILE}"
        for npa, area in area_codes.items()
        if area.country == "US" and area.state not in STATE_NAMES
    ]
    if holidays:
        found += [
            f"{HOLIDAYS_FILE}: {code} closes on holidays and has no usable ones"
            for code, rule in states.items()
            if rule.holiday is not None and code not in holidays
        ]
    return found
