"""The compliance procedure once more, by other means: plain dictionaries and a scan of every minute.

Written from the requirements alone, slow and simple, reading the CSV files itself and sharing no code with the gate.
Where both agree on random cases, a misreading would have to have been made twice.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

DATA = Path(__file__).parents[2] / "src" / "leadwake" / "compliance" / "data"
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MINUTE = timedelta(minutes=1)


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


def shut(at: datetime, states: list[str], zones: list[str], voice: bool, marketing: bool) -> str | None:
    """The reason the instant is shut, the strongest of all states and zones; None when it is open."""
    found = set()
    for zone in zones:
        local = at.astimezone(ZoneInfo(zone))
        clock, day = local.strftime("%H:%M"), DAYS[local.weekday()]
        if not "08:00" <= clock < "21:00":
            found.add("quiet_hours")
        for state in states:
            rule = STATES[state]
            is_holiday = (state, local.strftime("%Y-%m-%d")) in HOLIDAYS
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
    return next((reason for reason in ("holiday", "day_closed", "quiet_hours") if reason in found), None)


def place(case: dict) -> tuple[list[str], list[str]]:
    area = CODES[case["digits"][:3]]
    area_zones = area["zones"].split("|")
    known = ZIPS.get(case["zip"])
    address = case["state"] or (known["state"] if known else "")
    zip_zones = [known["zone"]] if known and known["zone"] and known["state"] == address else []
    if address in {"", area["state"]}:
        return [area["state"]], zip_zones or area_zones
    if address not in STATES:
        return [area["state"], address], area_zones
    return [area["state"], address], area_zones + (zip_zones or STATES[address]["zones"].split("|"))


def judge(case: dict) -> tuple[str, datetime | None, str]:
    """Decision, instant and reason for a text or call to a US number."""
    now, consent, purpose, voice = case["now"], case["consent"], case["purpose"], case["channel"] == "voice"
    area = CODES.get(case["digits"][:3])
    if area is None:
        return "block", None, "invalid_number"
    if area["country"] in {"toll_free", "non_geographic"}:
        return "block", None, "number_type"
    if area["country"] != "US":
        return "block", None, "country_not_enabled"
    if consent == "revoked":
        return "block", None, "opted_out"
    if case["dnc"] == "internal":
        return "block", None, "internal_dnc"
    inquiry = case["inquiry"]
    if purpose == "marketing" and case["dnc"] in {"national", "state"} and consent != "written":
        # inquiries of the generator are whole days from the edge of three calendar months
        recent = inquiry is not None and now - inquiry < timedelta(days=89)
        if case["dnc"] == "state" or not recent:
            return "block", None, "dnc_registry"
    if consent == "none":
        return "block", None, "no_consent"
    if purpose == "instant_reply" and (inquiry is None or now - inquiry > timedelta(hours=72)):
        if consent != "written":
            return "block", None, "inquiry_stale"
        purpose = "marketing"
    if consent != "written" and (purpose == "marketing" or (purpose == "instant_reply" and voice)):
        return "block", None, "needs_written_consent"

    states, zones = place(case)
    if any(state not in STATES for state in states):
        return "block", None, "fail_closed"
    hours = (states, zones, voice, purpose != "transactional")
    reason = shut(now, *hours)
    fresh = purpose == "instant_reply" and not voice and now - inquiry <= timedelta(minutes=5)
    if fresh and all(STATES[state]["inquiry_reply_exempt"] == "yes" for state in states):
        return "send", now, "ok_fresh_inquiry" if reason else "ok"
    start = now
    if purpose == "marketing":
        limit = min([3] + [int(STATES[state]["max_per_24h"]) for state in states if STATES[state]["max_per_24h"]])
        while sum(start - sent < timedelta(hours=24) for sent in case["prior"]) >= limit:
            start += timedelta(seconds=1) if start.second else MINUTE
            reason = "cap_24h"
    if reason is None:
        return "send", now, "ok"
    at = start
    while shut(at, *hours):
        at = at.replace(second=0) + MINUTE
        if at > now + timedelta(days=14):
            return "block", None, "no_common_window"
    return "defer", at, reason


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)
