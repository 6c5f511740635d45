"""What stands beside each figure of Proof: what it counts, in words that leave no doubt. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from leadwake.domain import wording

PERIODS: Final[Mapping[str, str]] = {
    "today": "Today", "7": "7 days", "28": "28 days", "90": "90 days", "month": "This month",
}  # fmt: skip

OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "lead": ("New people", "somebody we did not know; stored as a lead"),
    "known": ("Known people", "somebody who had asked before"),
    "spam": ("Spam", "a form whose hidden field was filled in; kept 30 days, nothing follows"),
    "rejected": ("Refused", "content that cannot be used; the sender was told why"),
    "pending": ("Waiting to be understood", "stored and safe; tried again until it is understood"),
    "lost": ("Not accounted for", "said to be a lead, and no lead is there; run: leadwake ledger"),
}

DEFINITIONS: Final[Mapping[str, str]] = {
    "captures": "Everything that came in at the front door in this time, counted by what became of it. It is accounted "
    "for when that outcome holds: a lead is there, or the reason why not. What became nobody's lead cannot be told "
    "apart from practice and is counted.",
    "machine": "From the person's asking to the first text or e-mail that a vendor accepted for them. Repeats of the "
    "same words within ten minutes are left out.",
    "delivered": "From the person's asking to the first text or e-mail that arrived, as the carrier or the mailbox "
    "says. Some never say so.",
    "human": "From the moment an agent first heard of the inquiry to the first time a person was in touch. "
    "Messages by the machine never count.",
    "within_60s": "Inquiries answered by the machine within 60 seconds, of all inquiries: those that the law held "
    "until later count as late.",
    "hot_within_4h": "Hot inquiries that a person was in touch with within 4 hours of the first offer, of all hot ones "
    "offered. Those whose 4 hours are not over and who still wait are left out.",
    "percentiles": "p90 means: nine of ten were this fast or faster. It is one of the times that were, rounded up, "
    "never an average.",
    "sources": "Leads are new people, by the source that brought them. Reached: a message arrived, or a person was in "
    "touch. Replied: they wrote to us, stops aside. Human: a person of the team was in touch. Times are over all "
    "inquiries of the source.",
    "agents": "Leads held out to somebody, and what they did: claimed, passed on, or let the time run out. The rest "
    "are open or were taken back. The response is theirs alone: from their own offer to their first touch. In the "
    "order of names; who gets harder leads answers later.",
    "held": "What was not sent at once, or not at all, and why. One message can stand here twice: held overnight, "
    "then refused.",
    "messages": "What was meant to go out in this time, by where it stands now.",
    "before": "Before: the same number of days just before, up to the same time of day.",
}

CHANNELS: Final[Mapping[str, str]] = {
    "sms": "Texts", "email": "E-mails", "voice": "Calls", "crm": "CRM records", "staff": "To the team",
}  # fmt: skip

#: a decision of the gate → what it means; states have their own words
_HELD: Final[Mapping[str, str]] = {"defer": "held until later", "block": "not sent"}
#: where the bars of a distribution end
BARS: Final = ("up to 10 s", "up to 1 min", "up to 5 min", "up to 1 h", "up to 4 h", "up to 1 day", "later")


def what(held: str) -> str:
    """What happened to a message that did not go at once."""
    return _HELD.get(held) or wording.chip("sms", held)[0]


def why(reason: str) -> str:
    """Why, for people."""
    return wording.reason(reason) or "no reason on record"


def day(value: date) -> str:
    """A day as people write it, "3 Nov"."""
    return f"{value.day} {value:%b}"


def took(seconds: float | None) -> str:
    """A stretch of time, or a dash where there is none."""
    return "–" if seconds is None else wording.duration(seconds)
