"""The compliance procedure once more, by other means: plain dictionaries and a scan of the clock.

Written from the requirements alone, slow and simple, reading the CSV files itself and sharing no code with the gate.
Where both agree on random cases, a misreading would have to have been made twice.

A case is {digits, state, zip, now, channel, purpose, consent, inquiry, prior, dnc} and perhaps {country, confirmed,
answered, a2p}; a policy is what a team may write as JSON.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

DATA = Path(__file__).parents[2] / "src" / "leadwake" / "compliance" / "data"
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MINUTE = timedelta(minutes=1)
#: every span of the tables, every offset from UTC and every clock change is a multiple of it
STEP = timedelta(minutes=5)
DAY = timedelta(days=1)
TERRITORIES = {"AS", "GU", "MP", "PR", "VI"}

#: what a case may leave out
USUAL = {"country": "", "confirmed": False, "answered": None, "a2p": True}

Case = dict[str, Any]
Policy = dict[str, Any]


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


STATES = {row["state"]: row for row in rows("us_state_rules.csv")}
CODES = {row["npa"]: row for row in rows("area_codes.csv")}
HOLIDAYS = {(row["state"], row["date"]) for row in rows("state_holidays.csv")}


def zip_sample() -> list[dict[str, str]]:
    """ZIPs drawn at random from the source of our table, with the source's own zones."""
    with (Path(__file__).parent / "zip_samples.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ZIPS = {row["zip"]: row for row in zip_sample()}


def inside(span: str, clock: str) -> bool:
    opens, closes = span.split("-")
    return opens <= clock < closes


def voice_span(windows: str, day: str, is_holiday: bool) -> str:
    """The span of an auto_voice_window for the day, 'none' where it names none."""
    for part in windows.split("; "):
        if is_holiday and part.startswith("Hol "):
            return part.removeprefix("Hol ")
    for part in windows.split("; "):
        days, span = part.split(" ")
        first, last = (days.split("-") * 2)[:2]
        if days != "Hol" and DAYS.index(first) <= DAYS.index(day) <= DAYS.index(last):
            return span
    return "none"


def shut(
    at: datetime, states: list[str], zones: list[str], voice: bool, marketing: bool, policy: Policy | None = None
) -> str | None:
    """The reason the instant is shut, the strongest of all states and zones; None when it is open."""
    found = set()
    for zone in zones:
        local = at.astimezone(ZoneInfo(zone))
        clock, day = f"{local.hour:02}:{local.minute:02}", DAYS[local.weekday()]
        if not "08:00" <= clock < "21:00":
            found.add("quiet_hours")
        for state in states:
            rule = STATES[state]
            is_holiday = (state, local.date().isoformat()) in HOLIDAYS
            if marketing:
                usual = f"{rule['quiet_end']}-{rule['quiet_start']}"
                span = {"Sat": rule["saturday_rule"], "Sun": rule["sunday_rule"]}.get(day, "same").replace(
                    "same", usual
                )
                if span == "none":
                    found.add("day_closed")
                elif not inside(span, clock):
                    found.add("quiet_hours")
                if is_holiday and rule["holiday_rule"] == "none":
                    found.add("holiday")
            if voice and rule["auto_voice_window"]:
                span = voice_span(rule["auto_voice_window"], day, is_holiday)
                if span == "none":
                    found.add("day_closed")
                elif not inside(span, clock):
                    found.add("quiet_hours")
        if policy and marketing:
            spans = [policy.get("hours"), *(policy.get("state_hours", {}).get(state) for state in states)]
            if day in policy.get("closed_days", []) or not all(inside(span, clock) for span in spans if span):
                found.add("team_hours")
    reasons = ("holiday", "day_closed", "quiet_hours", "team_hours")
    return next((reason for reason in reasons if reason in found), None)


def address(case: Case) -> str:
    """The declared state, else the ZIP's; a territory may be declared as a country."""
    known = ZIPS.get(case["zip"])
    return case["state"] or (known["state"] if known else "") or (
        case["country"] if case["country"] in TERRITORIES else ""
    )  # fmt: skip


def place(case: Case, policy: Policy) -> tuple[list[str], list[str]]:
    area = CODES[case["digits"][:3]]
    area_zones = area["zones"].split("|")
    known, home = ZIPS.get(case["zip"]), address(case)
    zip_zones = [known["zone"]] if known and known["zone"] and known["state"] == home else []
    if home in {"", area["state"]}:
        return [area["state"]], zip_zones or area_zones
    if home not in STATES:
        return [area["state"], home], area_zones
    there = zip_zones or STATES[home]["zones"].split("|")
    if case["confirmed"] and given_up(policy, "confirmed_address"):
        return [home], there
    return [area["state"], home], area_zones + there


def given_up(policy: Policy, name: str) -> Any:
    """The loosening of this name, if there is one."""
    return next((each for each in policy.get("loosenings", []) if each["name"] == name), None)


def months_later(at: datetime, months: int) -> datetime:
    """The same day of a later month, or that month's last."""
    first = datetime(at.year + (at.month - 1 + months) // 12, (at.month - 1 + months) % 12 + 1, 1, tzinfo=UTC)
    last = (first + 31 * DAY).replace(day=1) - DAY
    return at.replace(year=first.year, month=first.month, day=min(at.day, last.day))


def refusal(case: Case, policy: Policy) -> str | None:
    """Why the message is blocked whatever the hour: R-CASE-1 to R-CASE-4, in their order."""
    now, consent, channel, inquiry = case["now"], case["consent"], case["channel"], case["inquiry"]
    abroad = case["country"] not in {"", "US", *TERRITORIES}
    if channel != "email":
        digits = case["digits"]
        area = CODES.get(digits[:3])
        if area is None or digits[3] in "01" or digits[4:6] == "11" or len(digits) != 10:
            return "invalid_number"
        if area["country"] in {"toll_free", "non_geographic"}:
            return "number_type"
        if area["country"] != "US" or abroad:
            return "country_not_enabled"
    if consent == "revoked":
        return "opted_out"
    if case["dnc"] == "internal":
        return "internal_dnc"
    if channel == "sms" and not case["a2p"]:
        return "a2p_not_approved"
    if consent == "declined" and case["purpose"] != "transactional":
        return "declined"
    purpose = judged(case)
    if {f"{channel}/{purpose}", f"{channel}/{case['purpose']}"} & set(policy.get("off", [])):
        return "switched_off"
    answered = case["answered"]
    if channel == "sms" and case["purpose"] == "instant_reply" and answered and now - answered <= 10 * MINUTE:
        return "already_answered"
    # a late answer to somebody who agreed in writing is never stopped by a registry: it is written
    if case["purpose"] == "marketing" and channel != "email" and case["dnc"] in {"national", "state"}:
        recent = inquiry is not None and now < months_later(inquiry, 3)
        if consent != "written" and (case["dnc"] == "state" or not recent):
            return "dnc_registry"
    if consent == "none":
        return "no_consent"
    if case["purpose"] == "instant_reply" and purpose == "instant_reply" and is_stale(case):
        return "inquiry_stale"
    if consent == "written":
        return None
    if purpose == "instant_reply" and channel == "voice":
        return "needs_written_consent"
    if purpose != "marketing":
        return None
    return None if may_market_without_writing(case, policy, abroad) else "needs_written_consent"


def may_market_without_writing(case: Case, policy: Policy, abroad: bool) -> bool:
    """Marketing mail in the US; and what the team has decided otherwise."""
    if case["channel"] == "email":
        return not abroad or bool(given_up(policy, "uk_soft_opt_in") and case["country"] == "GB" and case["inquiry"])
    if case["channel"] == "voice" or case["consent"] != "oral" or not given_up(policy, "oral_consent_texts"):
        return False
    return set(place(case, policy)[0]) <= {"TX", "LA", "MS"}


def is_stale(case: Case) -> bool:
    return case["inquiry"] is None or case["now"] - case["inquiry"] > timedelta(hours=72)


def judged(case: Case) -> str:
    """An answer that comes too late is marketing to whoever agreed in writing."""
    late = case["purpose"] == "instant_reply" and is_stale(case)
    return "marketing" if late and case["consent"] == "written" else str(case["purpose"])


def hold(policy: Policy, states: list[str], now: datetime) -> datetime | None:
    """When the last of the team's holds on the states ends."""
    ends = [datetime.fromisoformat(policy["holds"][state]) for state in states if state in policy.get("holds", {})]
    return max((end for end in ends if end > now), default=None)


def judge(case: Case, policy: Policy | None = None) -> tuple[str, datetime | None, str]:
    """Decision, instant and reason for an automated message."""
    case, policy = USUAL | case, policy or {}
    now, voice, purpose = case["now"], case["channel"] == "voice", judged(case)
    if why := refusal(case, policy):
        return "block", None, why
    if case["channel"] == "email":
        held = hold(policy, [address(case)], now) if purpose == "marketing" else None
        if held is None:
            return "send", now, "ok"
        return ("defer", held, "held_state") if held <= now + 14 * DAY else ("block", None, "held_state")
    states, zones = place(case, policy)
    if any(state not in STATES for state in states):
        return "block", None, "fail_closed"
    hours = (states, zones, voice, purpose != "transactional", policy)
    reason = shut(now, *hours)
    if purpose == "instant_reply" and not voice and is_answered_at_any_hour(case, states, policy):
        return "send", now, "ok_fresh_inquiry" if reason else "ok"
    start = now
    if purpose == "marketing":
        cap = min(policy.get("cap", 10), (given_up(policy, "product_cap") or {"limit": 3})["limit"])
        limit = min([cap] + [int(STATES[state]["max_per_24h"]) for state in states if STATES[state]["max_per_24h"]])
        while sum(start - sent < DAY for sent in case["prior"]) >= limit:
            start += timedelta(seconds=1) if start.second else MINUTE
            reason = "cap_24h"
        if held := hold(policy, states, now):
            start, reason = max(start, held), "held_state"
    if reason is None:
        return "send", now, "ok"
    at = first_open(start, now + 14 * DAY, hours)
    if at is None:
        return "block", None, "held_state" if reason == "held_state" else "no_common_window"
    return "defer", at, reason


def is_answered_at_any_hour(case: Case, states: list[str], policy: Policy) -> bool:
    """R-CASE-8, unless the team answers in permitted hours only. A clock that runs ahead by minutes is no matter."""
    exempt = {"yes", "unverified"} if given_up(policy, "unverified_replies") else {"yes"}
    fresh = abs(case["now"] - case["inquiry"]) <= 5 * MINUTE
    return fresh and policy.get("fresh_replies", True) and all(
        STATES[state]["inquiry_reply_exempt"] in exempt for state in states
    )  # fmt: skip


def first_open(start: datetime, until: datetime, hours: tuple[Any, ...]) -> datetime | None:
    """The first open instant: the start itself, or the first full step of the clock after it."""
    at = start
    while at <= until:
        if shut(at, *hours) is None:
            return at
        at = at.replace(minute=at.minute - at.minute % 5, second=0, microsecond=0) + STEP
    return None


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)
