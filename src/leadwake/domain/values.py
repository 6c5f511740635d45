"""The values every part of Leadwake speaks in: who asked, for what, and what they allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Channel(StrEnum):
    """How a message travels."""

    SMS = "sms"
    EMAIL = "email"
    VOICE = "voice"
    CHAT = "chat"


class Purpose(StrEnum):
    """Why a message is sent; the gate judges by it (compliance rules, section 1)."""

    INSTANT_REPLY = "instant_reply"
    TRANSACTIONAL = "transactional"
    MARKETING = "marketing"
    HUMAN = "human"
    STAFF = "staff"
    CONFIRMATION = "confirmation"


class ConsentLevel(StrEnum):
    """What a person allowed on one channel, weakest first."""

    NONE = "none"
    INQUIRY = "inquiry"
    ORAL = "oral"
    WRITTEN = "written"
    DECLINED = "declined"  # said no to automated messages in the inquiry itself
    REVOKED = "revoked"


class Temperature(StrEnum):
    """What the score 0-100 means to an agent."""

    HOT = "hot"
    WARM = "warm"
    COLD = "cold"


@dataclass(frozen=True, slots=True)
class Shown:
    """
    How a form that our script put on a page was seen, and whether we can prove that its words were ours.

    verdict: "proven", or what is in the way. issued_at: when we gave its words out for that page. ticked_at: when the
    box was ticked, None when it was not. text, text_hash: the form's visible text as it stood there when it was sent,
    and its SHA-256.
    """

    verdict: str
    issued_at: datetime | None = None
    ticked_at: datetime | None = None
    website: str | None = None
    screen: str | None = None
    viewport: str | None = None
    language: str | None = None
    text: str | None = None
    text_hash: str | None = None

    @property
    def is_proven(self) -> bool:
        """True when the words were ours, as they are today, and the person ticked the box beside them."""
        return self.verdict == "proven"


@dataclass(frozen=True, slots=True)
class ConsentClaim:
    """What a capture says about consent, as it came; the proof fields may be missing."""

    sms: bool | None = None
    email: bool | None = None
    text: str | None = None  # the wording shown
    ip: str | None = None
    timestamp: datetime | None = None
    user_agent: str | None = None
    wording_version: str | None = None
    checkbox: str | None = None  # state of the box: "ticked", never "pre-ticked"
    signature: str | None = None  # typed name or other e-signature
    url: str | None = None
    shown: Shown | None = None  # of a form that our script showed


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A capture understood: who asks, for what, by which channel and source. Everything normalised.

    phone: E.164 ("+18135550194") or None; email: address only, lower-cased, or None.
    phone_raw / email_raw: what was typed, kept for a person to read when it could not be normalised.
    asked_at: when the person asked (aware UTC); claimed_at: a sender's instant that was not believed.
    """

    name: str | None
    phone: str | None
    email: str | None
    channel: str  # web_form, live_chat, portal_email, phone_call, csv, api, ...
    source: str  # website, Zillow, ...
    asked_at: datetime
    message: str | None = None
    interest: str | None = None
    postal_code: str | None = None
    state: str | None = None  # two letters
    country: str | None = None  # ISO 3166 alpha-2
    budget: str | None = None
    timeline: str | None = None
    page_url: str | None = None
    phone_raw: str | None = None
    email_raw: str | None = None
    claimed_at: datetime | None = None
    taken_by: str | None = None  # of a call: the id of the colleague who took it
    consent: ConsentClaim = field(default_factory=ConsentClaim)
    utm: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
