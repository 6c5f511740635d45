"""A policy in plain words: what each loosening gives up and risks, and what a team has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from leadwake.compliance.hours import WEEKDAYS, Hours
from leadwake.compliance.policy import HIGHEST_CAP, PRODUCT_CAP, Loosened, Loosening, Policy
from leadwake.compliance.states import STATE_NAMES
from leadwake.domain.values import Channel, Purpose

_CHANNELS: Final[Mapping[Channel, str]] = {Channel.SMS: "texts", Channel.EMAIL: "e-mails", Channel.VOICE: "calls"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


_LOOSER = "Looser than the default"


@dataclass(frozen=True, slots=True)
class Risk:
    """What giving up a default means. now: how it is as long as nobody does."""

    title: str
    now: str
    then: str
    risk: str


RISKS: Final[Mapping[Loosened, Risk]] = {
    Loosened.PRODUCT_CAP: Risk(
        "More automated messages a day",
        f"A number gets at most {PRODUCT_CAP} automated messages in 24 hours, in every state.",
        f"It may get more, up to a number you choose ({HIGHEST_CAP} at most). Florida, Oklahoma, Maryland and Oregon "
        "keep their own limit of 3, whatever you choose.",
        "People who are written to often say stop, and carriers block numbers that many people complain about. A state "
        "may set a limit that our tables do not know yet. Damages are counted per message: 500 to 1,500 dollars each.",
    ),
    Loosened.UNVERIFIED_REPLIES: Risk(
        "Instant answers at night in states nobody could verify",
        "In some states (such as Pennsylvania, Connecticut and Oklahoma) the law's text on answering an inquiry at "
        "night was not found. There, an answer waits for permitted hours.",
        "A text to somebody who asked within five minutes goes at once there, too, at any hour and on closed days.",
        "If one of these states counts the answer as a solicitation, each text outside its hours is a violation, with "
        "damages per message and, in Oklahoma and others, the right of every recipient to sue.",
    ),
    Loosened.ORAL_CONSENT_TEXTS: Risk(
        "Spoken consent is enough for marketing texts in Texas, Louisiana and Mississippi",
        "Marketing texts need consent in writing, everywhere.",
        "Where the number and the address are both in Texas, Louisiana or Mississippi, consent by word of mouth is "
        "enough for a marketing text. The do-not-call registries, hours and closed days stay as they are.",
        "The Fifth Circuit said so on 2026-02-25; the FCC's own rule still asks for writing, other courts do not "
        "follow, and the Supreme Court may decide otherwise. A spoken yes is hard to prove: keep a note of who heard "
        "it and when. Carriers still ask for written opt-in for promotional texts.",
    ),
    Loosened.CONFIRMED_ADDRESS: Risk(
        "A confirmed address beats the area code",
        "Both the area code's state and the address's state count, and the stricter of the two decides.",
        "When somebody has confirmed where they live, only that state's rules and that state's clocks count.",
        "Florida, Connecticut, Oklahoma and Virginia presume that a number lives in its area code's state. If the "
        "address is old or wrong, a text may reach somebody outside permitted hours, and the presumption is theirs.",
    ),
    Loosened.UK_SOFT_OPT_IN: Risk(
        "Marketing e-mail to people in the United Kingdom who asked you something",
        "Marketing e-mail to the United Kingdom needs consent in writing.",
        "Somebody there who sent you an inquiry may get marketing e-mail without it.",
        "The exception is narrow: the address was given in a sale or in talks about one, the mail is about your own "
        "similar services, and refusing was offered then and is offered in every mail. A portal's or a bought lead "
        "does not qualify. The regulator's fines go up to 17.5 million pounds or 4 % of turnover.",
    ),
    Loosened.GDPR_ENRICHMENT: Risk(
        "Looking people up in Europe",
        "Whoever may live in the European Economic Area, the United Kingdom or Switzerland, by their country, number "
        "or address, is never looked up at a data vendor.",
        "They are looked up like everybody else.",
        "Collecting what third parties know of somebody needs a legal basis that an inquiry to you is not, and the "
        "person must be told within a month what was collected and from whom (GDPR, Art. 6 and 14). Leadwake does not "
        "tell them for you. Fines go up to 20 million euros or 4 % of turnover.",
    ),
}


def described(policy: Policy, zone: ZoneInfo) -> list[str]:
    """What the team has changed, a sentence each; empty for the defaults. zone: the reader's clock."""
    lines = []
    if policy.hours:
        lines.append(f"Marketing and late answers only from {clock(policy.hours)}, everywhere")
    for state, hours in sorted(policy.state_hours.items()):
        lines.append(f"Marketing and late answers only from {clock(hours)} in {STATE_NAMES[state]}")
    if policy.closed_days:
        days = ", ".join(WEEKDAYS[day] for day in sorted(policy.closed_days))
        lines.append(f"No marketing and no late answers on {days}")
    if policy.cap is not None:
        lines.append(f"At most {policy.cap} automated message{'s' if policy.cap > 1 else ''} to a number in 24 hours")
    if not policy.fresh_replies:
        lines.append("No instant answers outside permitted hours")
    lines += [f"Off: {switch(channel, purpose)}" for channel, purpose in sorted(policy.off)]
    for state, until in sorted(policy.holds.items()):
        lines.append(f"Marketing in {STATE_NAMES[state]} held until {_moment(until, zone)}")
    lines += [f"{_LOOSER}: {loosened(loosening)}" for loosening in policy.loosenings]
    return lines


def changed(before: Policy, after: Policy, zone: ZoneInfo) -> list[str]:
    """What one version says and the one before did not, and the other way round."""
    old, new = described(before, zone), described(after, zone)
    return [line for line in new if line not in old] + [_over(line) for line in old if line not in new]


def _over(line: str) -> str:
    return line.replace(_LOOSER, "Back to the default") if line.startswith(_LOOSER) else f"No longer: {line}"


def loosened(loosening: Loosening) -> str:
    """The loosening's name, with its number where it has one."""
    title = RISKS[loosening.name].title
    return title if loosening.limit is None else f"{title}: {loosening.limit}"


def switch(channel: Channel, purpose: Purpose) -> str:
    """What a switch is about: `marketing texts`."""
    noun = _CHANNELS[channel]
    if purpose is Purpose.MARKETING:
        return f"marketing {noun}"
    return f"first answers by {noun[:-1]}" if purpose is Purpose.INSTANT_REPLY else f"{noun} about appointments"


def clock(hours: Hours) -> str:
    """`9:00 to 18:00`."""
    return f"{hours.opens // 60}:{hours.opens % 60:02} to {hours.closes // 60}:{hours.closes % 60:02}"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    day = f"{WEEKDAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{day}, {local.hour}:{local.minute:02}"
