"""What the gate is told about a person, from the rows that know it; the same whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadwake.compliance.decision import Facts, Message
from leadwake.domain.values import Channel, ConsentLevel, Purpose
from leadwake.settings import Settings
from leadwake.workflows import confirming
from leadwake.workflows.office import Office

Row = Mapping[str, Any]


def message(channel: Channel, purpose: Purpose, recipient: str, profile: Row) -> Message:
    """The message as the gate sees it. profile: of the lead it is for."""
    place = (profile.get("state"), profile.get("postal_code"), profile.get("country"))
    return Message(channel, purpose, recipient, *place)


def facts(office: Office, row: Row, profile: Row) -> Facts:
    """
    What is known of the recipient now.

    row: as a claim reads it, or any with its columns consent, inquiry_at, opted_out_at, person_stopped_at, bounced_at,
    created_at (when the message was meant), prior_sends, answered_at, paused_at, lives_at and mail_paused.
    """
    is_there = row["lives_at"] is not None and row["lives_at"] == confirming.place(office, profile)
    return facts_of(row, abilities(office.settings), lives_there=is_there)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What this team's messages can be and hold, as far as the gate asks."""

    a2p_approved: bool = True
    has_postal_address: bool = True
    has_unsubscribe_link: bool = True


def abilities(settings: Settings) -> Abilities:
    """As the team has set itself up."""
    return Abilities(settings.a2p_approved(), bool(settings.postal_address), bool(settings.links_base))


def facts_of(row: Row, team: Abilities, *, lives_there: bool = False) -> Facts:
    """The same of a row alone. lives_there: they confirmed the address that stands in their profile."""
    level = ConsentLevel(row["consent"]) if row["consent"] else ConsentLevel.NONE
    return Facts(
        ConsentLevel.REVOKED if row["opted_out_at"] or _was_stopped(row, level) else level,
        inquiry_at=row["inquiry_at"],
        prior_sends=tuple(row["prior_sends"] or ()),
        already_answered_at=row["answered_at"],
        confirmed_address=lives_there,
        a2p_approved=team.a2p_approved,
        paused_at=row["paused_at"],
        address_bounced=_has_bounced(row),
        mail_paused=row["mail_paused"],
        has_postal_address=team.has_postal_address,
        has_unsubscribe_link=team.has_unsubscribe_link,
    )


def sender(office: Office, channel: Channel) -> str:
    """Our number, or Messaging Service, or address that a message by the channel would come from."""
    settings = office.settings
    return settings.mail_from if channel is Channel.EMAIL else settings.credential("twilio", "TWILIO_FROM")


def _has_bounced(row: Row) -> bool:
    """Mail to the address came back, and its person has not asked from it since."""
    bounced_at, asked_at = row["bounced_at"], row["inquiry_at"]
    return bounced_at is not None and (asked_at is None or asked_at <= bounced_at)


def _was_stopped(row: Row, level: ConsentLevel) -> bool:
    """
    R-REV-7: a stop from one number ends the person's mail and other numbers, too, until they ask again or agreed in
    writing.

    Also of what was being sent when the stop came and is planned again since, so that nobody could cancel it.
    """
    stopped_at, asked_at = row["person_stopped_at"], row["inquiry_at"]
    if stopped_at is None:
        return False
    asked_since = asked_at is not None and asked_at > stopped_at
    return bool(row["created_at"] <= stopped_at) or not (asked_since or level is ConsentLevel.WRITTEN)
