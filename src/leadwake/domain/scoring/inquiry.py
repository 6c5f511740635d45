"""What an inquiry says that matters to a score: signals, and nothing of the person. Pure.

Not looked at: names, addresses, ZIP codes, states, language, e-mail domains, area codes: they stand for protected
classes. Of a listing only that one was named counts, never which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from leadwake.domain.scoring import lexicon
from leadwake.domain.scoring.signals import Score, Signal
from leadwake.domain.scoring.weighing import weighed
from leadwake.domain.scoring.weights import SHIPPED, Weights
from leadwake.domain.timeline import BROWSING, read_timeline
from leadwake.domain.values import Inquiry

# At most so many days away → the signal.
_TIMELINE: Final = ((7, "act_week"), (31, "act_month"), (93, "act_quarter"), (186, "act_half_year"))

_CHANNEL: Final = {
    "phone_call": "by_call",
    "sms": "by_text",
    "live_chat": "by_chat",
    "web_form": "by_form",
    "portal_email": "by_portal",
    "portal": "by_portal",
    "email": "by_email",
    "csv": "by_list",
}


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{phrase})\b" for phrase in phrases))


# First match of the source's name.
_SOURCE: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (_any_of("referrals?", "referred", "past client", "repeat", "friend"), "referred"),
    (_any_of("open house", "sign ?in"), "open_house"),
    (_any_of("aged", "list", "newsletter", "expo", "booth", "display", "cold"), "campaign"),
    (
        _any_of(
            "everquote", "quotewizard", "selectquote", "lendingtree", "angi", "thumbtack", "homeadvisor", "insureme"
        ),
        "sold_lead",
    ),
    (
        _any_of("zillow", "trulia", "realtor", r"homes\.com", "redfin", r"apartments(?:\.com)?", "streeteasy"),
        "property_portal",
    ),
    (_any_of("facebook", "instagram", "tiktok", "meta", "snapchat"), "social_ad"),
    (_any_of("google", "bing", "search"), "searched"),
    (_any_of("website", "landing", "own site"), "own_site"),
)

#: interest → its signal
INTEREST: Final = {
    "sell_home": "wants_sell",
    "home_valuation": "wants_value",
    "buy_home": "wants_buy",
    "roof_replacement": "wants_roof",
    "hvac_repair": "wants_repair",
    "auto_insurance": "wants_auto_cover",
    "home_insurance": "wants_home_cover",
    "life_insurance": "wants_life_cover",
}
_LISTING_KEYS: Final = ("property_address", "listing", "listing_id", "listing_address", "mls", "vehicle")
#: what only stands for the inquiry itself, where nobody is to be told apart
_ONE: Final = UUID(int=0)


def signals_of(inquiry: Inquiry, *, now: datetime, listed: bool = False) -> list[str]:
    """
    The signals of one inquiry, the base first, each once.

    now: aware; only for dates the lead names and for how long ago they asked. listed: somebody else spoke of them.
    """
    now = _aware(now)
    found = ["on_a_list" if listed else "asked", *_timeline(inquiry, now), *_origin(inquiry), *_reach(inquiry)]
    found += [*_wording(inquiry), *_age(inquiry, now)]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Rated:
    """An inquiry by itself, in the minute it came. codes: of its signals; fades_at: when it counts less."""

    codes: tuple[str, ...]
    score: Score
    fades_at: datetime | None


def rated(inquiry: Inquiry, *, now: datetime, weights: Weights = SHIPPED, listed: bool = False) -> Rated:
    """What the inquiry says, and what that counts. now, listed: as for `signals_of`."""
    now = _aware(now)
    codes = tuple(signals_of(inquiry, now=now, listed=listed))
    signals = [Signal(code, now, _ONE) for code in codes]
    return Rated(codes, *weighed(signals, weights, now))


def _timeline(inquiry: Inquiry, now: datetime) -> Iterator[str]:
    said = inquiry.timeline or ""
    when = read_timeline(lexicon.in_english(said) if said.strip() else lexicon.time_said(inquiry.message), now=now)
    if when == BROWSING:
        yield "browsing"
    elif isinstance(when, int):
        yield next((code for days, code in _TIMELINE if when <= days), "act_later")


def _origin(inquiry: Inquiry) -> Iterator[str]:
    if channel := _CHANNEL.get(inquiry.channel):
        yield channel
    name = inquiry.source[:200].lower().replace("_", " ")
    if source := next((code for pattern, code in _SOURCE if pattern.search(name)), None):
        yield source
    if interest := INTEREST.get((inquiry.interest or "").lower()):
        yield interest
    if re.search("[0-9]", (inquiry.budget or "")[:200]):
        yield "budget"


def _reach(inquiry: Inquiry) -> Iterator[str]:
    if inquiry.phone:
        yield "has_phone"
    else:
        yield "no_phone" if inquiry.email else "no_contact"
    if inquiry.phone and inquiry.email:
        yield "has_email"
    if inquiry.consent.sms is not None:
        yield "agrees_texts" if inquiry.consent.sms else "declines_texts"


def _wording(inquiry: Inquiry) -> Iterator[str]:
    yield from lexicon.said(inquiry.message)
    if any(isinstance(value := inquiry.extra.get(key), str) and value.strip() for key in _LISTING_KEYS):
        yield "one_place"


def _age(inquiry: Inquiry, now: datetime) -> Iterator[str]:
    age = now - _aware(inquiry.claimed_at or inquiry.asked_at)
    if age > timedelta(days=30):
        yield "asked_month_ago"
    elif age > timedelta(days=3):
        yield "asked_days_ago"


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
