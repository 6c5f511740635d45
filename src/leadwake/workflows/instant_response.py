"""Workflow 1: within seconds of asking, a person has a text, an e-mail with a booking link, and a CRM record."""

from __future__ import annotations

from collections.abc import Mapping

from leadwake.actions.planning import CRM_CHANNELS, Planned
from leadwake.actions.states import State
from leadwake.domain.values import Inquiry, Purpose
from leadwake.intake import calendly
from leadwake.settings import Settings
from leadwake.vendors import CRMS, Mode


def answer(
    settings: Settings,
    inquiry: Inquiry,
    points: Mapping[str, int],
    *,
    repeats: bool,
    stops: bool = False,
    is_taken: bool = False,
    is_asking: bool = True,
) -> list[Planned]:
    """
    The first answers, the record and the look-up: always all of them, one that cannot be given skipped with its reason.

    points: "phone" and "email" → contact point id, for the contacts given. repeats: the person said just this a moment
    ago; it stands on the timeline and the agent hears of it, nobody is answered twice. stops: it asks us to stop.
    is_taken: a colleague is talking with them already. is_asking: False when others speak of them, as a CRM does.
    """
    refused = "opted_out" if stops else "in_touch" if is_taken else "same_inquiry_again" if repeats else None
    if inquiry.channel == calendly.CHANNEL:
        refused = refused or "booked"  # the answer asks them to book; the scheduler has confirmed it already
    refused = refused if is_asking else "not_asked"
    return [
        _message(settings, "sms", "phone", points, refused),
        _message(settings, "email", "email", points, refused),
        *records(settings, inquiry),
        lookup(settings, refused if stops or repeats or not is_asking else None),
    ]


def records(settings: Settings, inquiry: Inquiry) -> list[Planned]:
    """The person in each CRM that is on; skipped, and said so, where none is."""
    return [_record(settings, inquiry, crm) for crm in crms(settings) or CRMS[:1]]


def crms(settings: Settings) -> list[str]:
    """The CRMs that are on."""
    return [crm for crm in CRMS if settings.mode(crm) is not Mode.OFF]


def _record(settings: Settings, inquiry: Inquiry, crm: str) -> Planned:
    mode = settings.mode(crm)
    reason = None
    if mode is Mode.OFF:
        reason = "vendor_off"
    elif not (inquiry.email or inquiry.phone):
        reason = "no_contact"
    return Planned(
        "crm",
        crm,
        Purpose.STAFF,
        mode is Mode.PRACTICE,
        state=State.SKIPPED if reason else State.PLANNED,
        reason=reason,
    )


def lookup(settings: Settings, refused: str | None) -> Planned:
    """The person looked up at a data vendor; whether they may be is judged when it is their turn."""
    mode = settings.mode("apollo")
    reason = "vendor_off" if mode is Mode.OFF else refused
    return Planned(
        "enrich",
        "apollo",
        Purpose.STAFF,
        mode is Mode.PRACTICE,
        state=State.SKIPPED if reason else State.PLANNED,
        reason=reason,
    )


def _message(settings: Settings, kind: str, contact: str, points: Mapping[str, int], refused: str | None) -> Planned:
    reason = None
    if contact not in points:
        reason = "no_address" if contact == "email" else "no_number"
    elif is_off(settings, kind):
        reason = "vendor_off"
    else:
        reason = refused
    return Planned(
        kind,
        contact,
        Purpose.INSTANT_REPLY,
        is_practice(settings, kind),
        contact_point_id=points.get(contact),
        state=State.SKIPPED if reason else State.PLANNED,
        reason=reason,
    )


def is_off(settings: Settings, channel: str) -> bool:
    """True when no vendor serves the channel."""
    return all(settings.mode(vendor) is Mode.OFF for vendor in VENDORS[channel])


def is_practice(settings: Settings, channel: str) -> bool:
    """True when the sandbox stands in for the channel."""
    return not is_off(settings, channel) and all(settings.mode(vendor) is not Mode.LIVE for vendor in VENDORS[channel])


#: channel → the vendors that serve it, the preferred first
VENDORS: Mapping[str, tuple[str, ...]] = {
    "sms": ("twilio",),
    "voice": ("twilio",),
    "email": ("sendgrid", "smtp"),
    "slack": ("slack",),
    **{channel: (crm,) for crm, channel in CRM_CHANNELS.items()},
    "enrich": ("apollo",),
}
