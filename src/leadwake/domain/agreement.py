"""The page on which people agree to texts and e-mails in writing: its wording, and what a signature of it is worth.

Source: 47 CFR 64.1200(f)(9), CTIA's messaging principles and the carriers' A2P 10DLC opt-in rules (read 2026-11-22):
who sends, what, how often, that it is no condition of a purchase, what it costs, STOP and HELP, a box that is not
ticked beforehand, and a signature.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from leadwake.domain.consent import missing_proof
from leadwake.domain.values import Channel, ConsentClaim

#: a wording that changes by a letter gets another version; tests hold the two together
VERSIONS: Final = {Channel.SMS: "texts-2026-11", Channel.EMAIL: "emails-2026-11"}

_TEXTS: Final = (
    "I agree that {business} may send me text messages, marketing among them, by automated means, at the number given "
    "on this page. My agreement is not a condition of buying anything. How many messages come varies. Message and data "
    "rates may apply. I can reply STOP to end the texts at any time, or HELP for help."
)
_EMAILS: Final = (
    "I agree that {business} may send me e-mails, marketing among them, by automated means, at the address this page "
    "was sent to. My agreement is not a condition of buying anything. I can end them at any time by the link in each."
)

#: proof field → what the page says when it is missing
_ASKED: Final = {
    "checkbox": "Tick the box: without it you have not agreed.",
    "signature": "Type your full name: it is your signature.",
    "number": "Write a US mobile number.",
    "disclosure text": "The wording has changed since you opened this page. Please read it again.",
    "wording version": "The wording has changed since you opened this page. Please read it again.",
    "IP address": "We could not see where you are writing from, so this does not count as signed. Try another browser.",
    "user agent": "Your browser did not say what it is, so this does not count as signed. Try another browser.",
    "URL": "This page does not know its own address; tell us, so that we can mend it.",
    "time": "This page does not know the time; tell us, so that we can mend it.",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """What is agreed to on one channel, as it is shown. mark: stands for exactly this text and version."""

    channel: Channel
    version: str
    text: str

    @property
    def mark(self) -> str:
        """What the form sends back, so that only the text that was shown is ever said to have been signed."""
        return hashlib.sha256(f"{self.version}\0{self.text}".encode()).hexdigest()[:16]


def wording(channel: Channel, business: str) -> Wording:
    """The wording of today. business: the name it is signed for."""
    text = _TEXTS if channel is Channel.SMS else _EMAILS
    return Wording(channel, VERSIONS[channel], text.format(business=business))


@dataclass(frozen=True, slots=True)
class Signed:
    """
    What came back from the page. ticked: the boxes that were; marks: of the wordings that were shown.

    at: aware UTC. ip, user_agent, url: as the request shows them.
    """

    ticked: frozenset[Channel]
    marks: frozenset[str]
    name: str
    number: str
    at: datetime
    ip: str
    user_agent: str
    url: str

    @property
    def channels(self) -> Sequence[Channel]:
        """What was asked for: what is ticked; texts when nothing is, for that is what the page is about."""
        return [channel for channel in VERSIONS if channel in self.ticked] or [Channel.SMS]

    def claim(self, shown: Wording) -> ConsentClaim:
        """What this says about one channel, with its proof; a wording that was not the one shown proves nothing."""
        was_shown = shown.mark in self.marks
        return ConsentClaim(
            sms=True if shown.channel is Channel.SMS else None,
            email=True if shown.channel is Channel.EMAIL else None,
            text=shown.text if was_shown else None,
            wording_version=shown.version if was_shown else None,
            checkbox="ticked" if shown.channel in self.ticked else "unticked",
            signature=self.name or None,
            timestamp=self.at,
            ip=self.ip,
            user_agent=self.user_agent,
            url=self.url,
        )


def asked_for(missing: Sequence[str]) -> list[str]:
    """What is missing, as the page asks for it."""
    return list(dict.fromkeys(_ASKED[field] for field in missing))


def lacking(claim: ConsentClaim, channel: Channel, business: str, *, has_number: bool) -> list[str]:
    """The proof fields a claim of this page lacks."""
    return missing_proof(claim, channel, contact_given=has_number, seller=business)
