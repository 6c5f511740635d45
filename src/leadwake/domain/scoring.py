"""The rule score: how much a lead deserves an agent's next minute, 0-100, with reasons an agent can check.

Only what is known in the first minute. No learned weights: the tables below are the whole of it, and reasons add up to
the value. It orders work and never refuses anybody (R-GDPR-11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from leadwake.domain.timeline import BROWSING, read_timeline
from leadwake.domain.values import Inquiry, Temperature

#: lowest score of each temperature, hottest first
THRESHOLDS: Final[tuple[tuple[int, Temperature], ...]] = (
    (70, Temperature.HOT),
    (40, Temperature.WARM),
    (0, Temperature.COLD),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the sum. points: never 0, save that the base may stand alone."""

    text: str
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """value: 0-100, the sum of the reasons' points; reasons: the base first, then the weightiest."""

    value: int
    temperature: Temperature
    reasons: tuple[Reason, ...]


_BASE: Final = Reason("New inquiry", 19)

# At most so many days away → points.
_TIMELINE: Final[tuple[tuple[int, Reason], ...]] = (
    (7, Reason("Wants to act this week", 26)),
    (31, Reason("Wants to act within a month", 15)),
    (93, Reason("Wants to act within three months", 7)),
    (186, Reason("Wants to act within six months", 1)),
)
_LATER: Final = Reason("More than six months away", -5)
_JUST_BROWSING: Final = Reason("Just browsing for now", -9)

_CHANNEL: Final = {
    "phone_call": Reason("Called us", 12),
    "sms": Reason("Texted us", 10),
    "live_chat": Reason("Chatted with us", 7),
    "web_form": Reason("Filled in a form", 4),
    "portal_email": Reason("Wrote through a portal", 4),
    "email": Reason("Wrote us an e-mail", 4),
    "portal": Reason("Wrote through a portal", 4),
    "csv": Reason("Came as a row of a list", -6),
}


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{phrase})\b" for phrase in phrases))


# First match of the source's name.
_SOURCE: Final[tuple[tuple[re.Pattern[str], Reason], ...]] = (
    (_any_of("referrals?", "referred", "past client", "repeat", "friend"), Reason("Referred to us", 10)),
    (_any_of("open house", "sign ?in"), Reason("Met at an open house", 6)),
    (
        _any_of("aged", "list", "newsletter", "expo", "booth", "display", "cold"),
        Reason("From a list or a campaign", -5),
    ),
    (
        _any_of(
            "everquote", "quotewizard", "selectquote", "lendingtree", "angi", "thumbtack", "homeadvisor", "insureme"
        ),
        Reason("Sold to several sellers at once", -4),
    ),
    (
        _any_of("zillow", "trulia", "realtor", r"homes\.com", "redfin", r"apartments(?:\.com)?", "streeteasy"),
        Reason("Asked on a property portal", 3),
    ),
    (_any_of("facebook", "instagram", "tiktok", "meta", "snapchat"), Reason("Social ad form, often casual", -3)),
    (_any_of("google", "bing", "search"), Reason("Was searching for it", 2)),
    (_any_of("website", "landing", "own site"), Reason("Came to our own site", 3)),
)

_INTEREST: Final = {
    "sell_home": Reason("Wants to sell", 5),
    "home_valuation": Reason("Asks what a home is worth", 3),
    "buy_home": Reason("Wants to buy", 3),
    "roof_replacement": Reason("Needs a roof", 3),
    "hvac_repair": Reason("Needs a repair", 4),
    "auto_insurance": Reason("Wants auto insurance", 2),
    "home_insurance": Reason("Wants home insurance", 2),
    "life_insurance": Reason("Wants life insurance", 2),
}

_STREETS: Final = (
    "st|street|ave|avenue|rd|road|ln|lane|blvd|boulevard|dr|drive|way|ct|court|pl|place|ter|terrace|cir|circle|pkwy|hwy"
)
_NAMES_A_PLACE: Final = Reason("Names an address or a listing", 5)
_MESSAGE: Final[tuple[tuple[re.Pattern[str], Reason], ...]] = (
    (
        _any_of("urgent(?:ly)?", "asap", "emergency", "leak(?:s|ing)?", "today", "tonight", "tomorrow", "right away",
                "immediately", "stopped (?:working|blowing)", "no heat"),
        Reason("Message sounds urgent", 7),
    ),
    (
        _any_of("(?:call|phone|text) me", "please call", "call back", "tour", "showing", "see (?:it|the)", "viewing",
                "visit", "meet", "appointment", "open house", "come (?:out|by|today)", "schedule"),
        Reason("Asks to meet, see it or be called", 8),
    ),
    (
        _any_of("pre-?approved", "closing on", "lender", "adjuster", "non-?renewed", "need (?:coverage|a new policy)",
                "cash", "credit", "down payment", "need to sell", "need (?:an )?estimate"),
        Reason("Mentions money or a real deadline", 5),
    ),
    (_any_of(rf"[0-9]{{1,6}} (?:[a-z.'-]{{1,20}} ){{1,3}}(?:{_STREETS})", "mls ?#? ?[0-9]{4,}"), _NAMES_A_PLACE),
    (_any_of("just (?:curious|looking|browsing)", "not sure", "don'?t know"), Reason("Is not sure yet", -4)),
    (
        _any_of("not interested", "no sales(?:people|men|calls)?", "wrong number", "by mistake", "email only",
                "do not call", "don'?t call"),
        Reason("Keeps us at a distance", -8),
    ),
)  # fmt: skip
_LISTING_KEYS: Final = ("property_address", "listing", "listing_id", "listing_address", "mls", "vehicle")
_READ_CHARS: Final = 2000


def score(inquiry: Inquiry, *, now: datetime) -> Score:
    """The score of one inquiry. now: aware; only for dates the lead names and for how long ago they asked."""
    now = _aware(now)
    features = [
        *_timeline(inquiry, now),
        *_origin(inquiry),
        *_reach(inquiry),
        *_wording(inquiry),
        *_age(inquiry, now),
    ]
    reasons = [_BASE, *sorted(features, key=lambda reason: -abs(reason.points))]
    total = sum(reason.points for reason in reasons)
    value = min(max(total, 0), 100)
    if value != total:
        reasons.append(Reason("A score goes from 0 to 100", value - total))
    return Score(value, temperature_of(value), tuple(reasons))


def temperature_of(value: int) -> Temperature:
    """Hot from 70, warm from 40, else cold."""
    return next((temperature for lowest, temperature in THRESHOLDS if value >= lowest), Temperature.COLD)


def _timeline(inquiry: Inquiry, now: datetime) -> Iterator[Reason]:
    when = read_timeline(inquiry.timeline, now=now)
    if when == BROWSING:
        yield _JUST_BROWSING
    elif isinstance(when, int):
        yield next((reason for days, reason in _TIMELINE if when <= days), _LATER)


def _origin(inquiry: Inquiry) -> Iterator[Reason]:
    if channel := _CHANNEL.get(inquiry.channel):
        yield channel
    name = inquiry.source[:200].lower().replace("_", " ")
    if source := next((reason for pattern, reason in _SOURCE if pattern.search(name)), None):
        yield source
    if interest := _INTEREST.get((inquiry.interest or "").lower()):
        yield interest
    if re.search("[0-9]", (inquiry.budget or "")[:200]):
        yield Reason("Gave a budget", 6)


def _reach(inquiry: Inquiry) -> Iterator[Reason]:
    if inquiry.phone:
        yield Reason("Has a valid phone number", 6)
    elif inquiry.email:
        yield Reason("No phone number to call", -6)
    else:
        yield Reason("No way to reach them", -20)
    if inquiry.phone and inquiry.email:
        yield Reason("Has a valid e-mail address", 2)
    if inquiry.consent.sms is True:
        yield Reason("Agreed to texts", 4)
    elif inquiry.consent.sms is False:
        yield Reason("Does not want texts", -3)


def _wording(inquiry: Inquiry) -> Iterator[Reason]:
    message = (inquiry.message or "")[:_READ_CHARS].lower()
    found = [reason for pattern, reason in _MESSAGE if pattern.search(message)]
    yield from found
    if _NAMES_A_PLACE not in found and _has_listing(inquiry):
        yield Reason("Asks about one listing", 5)
    if len(message.strip()) >= 60 and re.search("[0-9]", message):
        yield Reason("Wrote details", 3)
    elif len(message.strip()) < 15:
        yield Reason("Wrote next to nothing", -2)


def _has_listing(inquiry: Inquiry) -> bool:
    return any(isinstance(value := inquiry.extra.get(key), str) and value.strip() for key in _LISTING_KEYS)


def _age(inquiry: Inquiry, now: datetime) -> Iterator[Reason]:
    age = now - _aware(inquiry.claimed_at or inquiry.asked_at)
    if age > timedelta(days=30):
        yield Reason("Asked more than a month ago", -10)
    elif age > timedelta(days=3):
        yield Reason("Asked days ago", -4)


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
