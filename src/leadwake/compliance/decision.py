"""What the gate is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from leadwake.domain.values import Channel, ConsentLevel, Purpose

Outcome = Literal["send", "defer", "block"]
Registry = Literal["none", "national", "state", "internal"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the gate sees it: how, why, to whom, and what is declared about where that person is.

    recipient: a phone number in any notation, an e-mail address, or the id of a chat.
    state: two letters. postal_code: five digits, or nine. country: ISO 3166 alpha-2; None counts as the US.
    """

    channel: Channel
    purpose: Purpose
    recipient: str
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about the recipient at this moment, all instants aware.

    consent: on this message's channel.
    inquiry_at: when the person last asked this team.
    prior_sends: automated texts and calls to this number, any purpose, at least those of the last 24 hours.
    dnc: the registry the number stands on; `internal` is this team's own list.
    confirmed_address: the person said they live at the declared address; the area code's state then no longer counts,
    where the team's policy says so.
    already_answered_at: the last instant text to this number, whatever the inquiry.
    a2p_approved: the sending number's A2P 10DLC registration is approved.
    paused_at: when automation was paused for this person; an inquiry after it ends the pause.
    address_bounced: mail to this address came back for good, and nobody asked from it since.
    mail_paused: marketing mail stands still because of complaints.
    has_postal_address, has_unsubscribe_link: what the team's marketing mail can hold.
    chat_open: the chat that this message is for is the person's own, and open.
    """

    consent: ConsentLevel
    inquiry_at: datetime | None = None
    prior_sends: tuple[datetime, ...] = ()
    dnc: Registry = "none"
    confirmed_address: bool = False
    already_answered_at: datetime | None = None
    a2p_approved: bool = True
    paused_at: datetime | None = None
    address_bounced: bool = False
    mail_paused: bool = False
    has_postal_address: bool = True
    has_unsubscribe_link: bool = True
    chat_open: bool = False


class Refusal(NamedTuple):
    """A rule's no."""

    reason: str
    rule: str


class Missing(Exception):
    """A table does not say what a rule needs to know; the message names it. Never leaves the gate (R-CASE-12)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Send now, wait until `at`, or not at all; with all it was decided by, so that it can be shown and replayed.

    at: aware UTC; now for `send`, the first permitted instant for `defer`, None for `block`.
    reason: a word for programs (`ok`, `quiet_hours`, `opted_out` …); `explain` makes the sentence for people.
    rule: the number of the rule that decided.
    states, zones: whose hours were applied and where; empty when the decision fell before the place mattered.
    local_times: what the clocks there showed when it was decided ("19:05 Sat America/New_York").
    warnings: on a person's own message, what would have held an automated one back.
    opens_at: on a person's own message outside the hours, when they begin; for "schedule".
    missing: what the tables lack, on `fail_closed`.
    policy_version: which of the team's own rules were in force; 0 for the defaults.
    """

    outcome: Outcome
    at: datetime | None
    reason: str
    rule: str
    table_version: str
    consent: ConsentLevel
    states: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    local_times: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    opens_at: datetime | None = None
    missing: str = ""
    policy_version: int = 0

    def as_json(self) -> dict[str, Any]:
        """The decision as plain JSON values, all fields always present; instants as `2026-12-01T13:00:00Z`."""
        return {
            "outcome": self.outcome,
            "at": instant_text(self.at),
            "reason": self.reason,
            "rule": self.rule,
            "table_version": self.table_version,
            "consent": self.consent.value,
            "states": list(self.states),
            "zones": list(self.zones),
            "local_times": list(self.local_times),
            "warnings": list(self.warnings),
            "opens_at": instant_text(self.opens_at),
            "missing": self.missing,
            "policy_version": self.policy_version,
        }


def instant_text(at: datetime | None) -> str | None:
    """The instant in UTC, ISO 8601 with `Z`; fractions of a second only where there are any."""
    return None if at is None else at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
