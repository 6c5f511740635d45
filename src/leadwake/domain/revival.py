"""Who of those that went quiet is worth waking, and in what order: a sum of points in words. Pure.

The weights are ours, set by judgement and not learned: they order who is written to first, and never decide about
anybody for good. Nothing that stands for a protected class is looked at (domain/learning/fairness.py; a test holds it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from leadwake.domain.scoring import Reason
from leadwake.domain.timeline import BROWSING, read_timeline

#: how somebody is woken: by the sequence for those who went quiet, or by a colleague's call
Way = Literal["email", "call"]

#: quiet for at most so many days → points
_QUIET: Final = (
    (120, Reason("Quiet for less than four months", 12)),
    (240, Reason("Quiet for less than eight months", 5)),
    (450, Reason("Quiet for about a year", 0)),
    (900, Reason("Quiet for more than a year", -8)),
)
_LONG_QUIET: Final = Reason("Quiet for years", -16)
_REFERRED: Final = re.compile(r"\b(?:referrals?|referred|past client|repeat|friend|sphere)\b")
_BOUGHT: Final = re.compile(r"\b(?:aged|list|expo|booth|display|cold)\b")
#: a time they named counts as now from so many days before it to so many after
_EARLY_DAYS, _LATE_DAYS = 45, 90
#: a visit so lately says that they look again
_LATELY_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Quiet:
    """
    What is known of somebody who went quiet.

    quiet_since: the last touch either way, None for a name of a list that never had one. asked_at: when they asked
    last, None for who never did. timeline: when they wanted to act, in their words, said at asked_at. score: 0-100, as
    it stands. seen_at: their last visit to a website of ours. woken: how often they were and stayed quiet.
    """

    lead_id: UUID
    quiet_since: datetime | None
    asked_at: datetime | None
    source: str
    score: int
    timeline: str | None = None
    replies: int = 0
    talks: int = 0
    meetings: int = 0
    seen_at: datetime | None = None
    woken: int = 0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Chance:
    """points: the sum of the reasons', without a bound; reasons: the weightiest first, none of 0 points."""

    points: int
    reasons: tuple[Reason, ...]


def chance(quiet: Quiet, now: datetime) -> Chance:
    """How likely it is that they come back to life, against the others."""
    found = [reason for reason in _reasons(quiet, now) if reason.points]
    found.sort(key=lambda reason: (-abs(reason.points), reason.text))
    return Chance(sum(reason.points for reason in found), tuple(found))


def ranked(quiet: Iterable[Quiet], now: datetime) -> list[tuple[Quiet, Chance]]:
    """Everybody, the likeliest first; of equals, who was quiet for the shortest time."""
    found = [(each, chance(each, now)) for each in quiet]
    return sorted(found, key=lambda each: (-each[1].points, -_instant(each[0].quiet_since), each[0].lead_id))


def way(*, may_mail: bool, may_call: bool) -> Way | None:
    """How they are woken: mail first, a call where mail may not go; None when nobody may reach them."""
    return "email" if may_mail else "call" if may_call else None


def _reasons(quiet: Quiet, now: datetime) -> Iterator[Reason]:
    since = quiet.quiet_since or quiet.asked_at
    if since is not None:
        days = (now - since).days
        yield next((reason for most, reason in _QUIET if days <= most), _LONG_QUIET)
    yield Reason(f"Scored {quiet.score} of 100", round((quiet.score - 40) / 5))
    yield from _engaged(quiet, now)
    source = quiet.source.casefold().replace("_", " ")
    if _REFERRED.search(source):
        yield Reason("Referred to us", 10)
    elif _BOUGHT.search(source):
        yield Reason("From a bought list or a campaign", -6)
    if quiet.asked_at is None:
        yield Reason("Never asked us themselves", -10)
    if timely := _timely(quiet, now):
        yield timely
    if quiet.woken:
        yield Reason(f"Woken before and stayed quiet, {quiet.woken} time{'s' * (quiet.woken > 1)}", -12 * quiet.woken)
    if quiet.finished:
        yield Reason("A colleague was done with them", -8)


def _engaged(quiet: Quiet, now: datetime) -> Iterator[Reason]:
    if quiet.replies:
        yield Reason(_times("Wrote back", quiet.replies), min(20, 10 + 2 * quiet.replies))
    if quiet.talks:
        yield Reason(_times("Talked with us", quiet.talks), min(18, 10 + 2 * quiet.talks))
    if quiet.meetings:
        yield Reason(_times("Booked a meeting", quiet.meetings), 10)
    if quiet.seen_at is not None:
        lately = (now - quiet.seen_at).days <= _LATELY_DAYS
        yield Reason("Looked at the website in the last month", 18) if lately else Reason("Looked at the website", 4)


def _timely(quiet: Quiet, now: datetime) -> Reason | None:
    """The time they named is about now, still ahead, or over."""
    if quiet.asked_at is None or not quiet.timeline:
        return None
    wanted = read_timeline(quiet.timeline, now=quiet.asked_at)
    if wanted == BROWSING:
        return Reason("Was just looking", -4)
    if not isinstance(wanted, int) or wanted < 30:
        return None  # who was in a hurry then has bought, or not: it says nothing of now
    ahead = wanted - (now - quiet.asked_at).days
    if ahead > _EARLY_DAYS:
        return Reason("The time they named is still ahead", -12)
    return Reason("The time they named is about now", 20) if ahead >= -_LATE_DAYS else None


def _times(what: str, n: int) -> str:
    return what if n == 1 else f"{what} {n} times"


def _instant(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0
