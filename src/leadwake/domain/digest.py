"""When a digest is due, and what it says: who waits, what happened overnight, how the week was. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from leadwake.domain import wording
from leadwake.domain.shifts import Hours

#: on the person's own clock
AT_HOUR: Final = 8
#: whoever was off then sends it late until this hour, and not at all afterwards
UNTIL_HOUR: Final = 11
#: people named; the rest are counted
NAMED: Final = 12
#: a night without a shift before it began then
EVENING: Final = time(18)
_DAYS_BACK: Final = 4

#: kind of task → what is said of it; an offer is one more
_WAITS: Final[Mapping[str, str]] = {
    "offer": "is offered to you", "claim": "is nobody's yet", "reply": "wrote back", "touch": "has not heard from you",
    "call": "is to be called", "failed": "did not get what was sent",
    "follow_up": "asked to hear from you again about now",
}  # fmt: skip


def due_day(hours: Hours, now: datetime, *, weekly: bool) -> date | None:
    """
    The day of theirs whose digest is due now; None at other times.

    Daily ones on days with a shift, weekly ones on Mondays, from 8:00 to 11:00 on their own clock.
    """
    local = now.astimezone(hours.zone)
    if not AT_HOUR <= local.hour < UNTIL_HOUR:
        return None
    is_day = local.isoweekday() == 1 if weekly else hours.has_shift(local.date())
    return local.date() if is_day else None


def night_begins(hours: Hours, now: datetime) -> datetime:
    """When their last shift ended, at most four days ago; without one, 18:00 the evening before."""
    today = now.astimezone(hours.zone).date()
    days = [today - timedelta(days=n) for n in range(_DAYS_BACK + 1)]
    found = (shift.on(day, hours.zone) for day in days if day not in hours.days_off for shift in hours.shifts)
    ends = [stretch[1] for stretch in found if stretch and stretch[1].timestamp() <= now.timestamp()]
    return max(ends, key=datetime.timestamp) if ends else datetime.combine(days[1], EVENING, hours.zone)


def day_values(
    content: Mapping[str, Any], names: Mapping[str, str], links: Mapping[str, str], zone: ZoneInfo, now: datetime
) -> dict[str, str | None]:
    """
    What the daily templates may say. names, links: by lead id; somebody without a name here is "somebody".

    Whoever is gone since it was counted (their names is None) is left out: names holds everybody who is still here.
    """
    waiting = [_waits(each, names, links, now) for each in content["waiting"] if each["lead"] in names]
    count, more = len(waiting) + content["more"], content["more"]
    if more:
        waiting.append(f"- and {more} more")
    pool = content["pool"]
    return {
        "digest.waiting_count": str(count) if count else None,
        "digest.waiting": "\n".join(waiting) or None,
        "digest.pool": f"{_people(pool)} nobody's yet: whoever is quick can claim." if pool else None,
        "digest.night": "\n".join(_night(content, zone, now)),
    }


def week_values(content: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str | None]:
    """What the weekly templates may say. names: of the team, by id."""
    hot = content["hot"]
    lines = [_line(*line) for line in content["lines"]]
    if hot["whole"]:
        lines.append(f"- Hot, a person within 4 h: {hot['part']} of {hot['whole']}")
    agents = [_agent(agent, names) for agent in content["agents"]]
    failed = [f"- {n} {what}: {why}" for what, why, n in content["failed"]]
    if content["dead_letters"]:
        failed.append(f"- {content['dead_letters']} dead letters wait for a person now")
    return {
        "week.headline": f"{content['received']} received, {content['accounted']} accounted for",
        "week.days": content["days"],
        "week.span": content.get("span", "Last week"),
        "week.results": "\n".join(_figure(*figure) for figure in content.get("figures", ())) or None,
        "week.captures": "\n".join(f"- {n} {what}" for what, n in content["captures"]) or None,
        "week.responses": "\n".join(lines),
        "week.waiting": f"{_people(content['pool'])} nobody's now; {content['overdue']} things are overdue.",
        "week.agents": "\n".join(sorted(agents, key=str.casefold)) or None,
        "week.failed": "\n".join(failed) or None,
    }


def _waits(each: Mapping[str, Any], names: Mapping[str, str], links: Mapping[str, str], now: datetime) -> str:
    since = wording.duration((now - datetime.fromisoformat(each["at"])).total_seconds())
    late = ", overdue" if datetime.fromisoformat(each["due_at"]) < now else ""
    said = f"- {names[each['lead']]}, {each['temperature']}, {_WAITS.get(each['kind'], 'waits')}, {since}{late}"
    link = links.get(each["lead"])
    return f"{said}: {link}" if link else said


def _night(content: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> Sequence[str]:
    since = wording.moment(datetime.fromisoformat(content["since"]), zone, now)
    inquiries = content["inquiries"]
    if not inquiries and not content["held"] and not content["replied"]:
        return [f"- Since {since} nobody has asked."]
    lines = [f"- Since {since}: {_people(inquiries, 'asked')}, {content['answered']} answered."]
    if content["replied"]:
        lines.append(f"- {_people(content['replied'], 'wrote back')} and wait for an answer.")
    if content["held"]:
        until = wording.moment(datetime.fromisoformat(content["held_until"]), zone, now)
        lines.append(f"- {content['held']} held until permitted hours, the first until {until}.")
    return lines


def _people(n: int, verb: str | None = None) -> str:
    people = f"{n} {'person' if n == 1 else 'people'}"
    return f"{people} {verb}" if verb else f"{people} {'is' if n == 1 else 'are'}"


def _line(label: str, median: float | None, n: int, missing: int, missing_words: str) -> str:
    took = "none" if median is None else f"median {wording.duration(median)}, n {n}"
    return f"- {label}: {took}" + (f"; {missing} {missing_words}" if missing else "")


def _figure(label: str, words: str, n: int | None, before: str) -> str:
    return f"- {label}: {words}" + (f", n {n}" if n is not None else "") + f"; before {before}"


def _agent(agent: Mapping[str, Any], names: Mapping[str, str]) -> str:
    said = f"- {names.get(agent['id'], 'Somebody who left')}: {agent['offered']} offered, {agent['claimed']} claimed"
    return said + (f", median {wording.duration(agent['median'])}, n {agent['n']}" if agent["n"] else "")
