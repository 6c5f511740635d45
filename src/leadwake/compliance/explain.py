"""A decision in one plain sentence, for an agent (R-REC-3, R-CASE-13)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from leadwake.compliance.decision import Decision, Message
from leadwake.compliance.hours import WEEKDAYS
from leadwake.compliance.states import STATE_NAMES
from leadwake.domain.values import Channel

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOUNS = {Channel.SMS: "Text", Channel.EMAIL: "E-mail", Channel.VOICE: "Call", Channel.CHAT: "Chat message"}

#: how people call these clocks; others go by their city
_CLOCKS = {
    "America/New_York": "Eastern time",
    "America/Chicago": "Central time",
    "America/Denver": "Mountain time",
    "America/Phoenix": "Arizona time",
    "America/Los_Angeles": "Pacific time",
    "America/Anchorage": "Alaska time",
    "Pacific/Honolulu": "Hawaii time",
    "America/Puerto_Rico": "Atlantic time",
}

_WAITS = {
    "quiet_hours": "{place} hours",
    "day_closed": "{place} hours: closed that day",
    "holiday": "a holiday in {place}",
    "cap_24h": "enough automated messages in 24 hours already",
    "held_state": "your team holds marketing in {place}",
    "team_hours": "your team's own hours",
}

_BLOCKS = {
    "invalid_number": "that is not a US phone number",
    "number_type": "the number is toll-free or a service number",
    "country_not_enabled": "the number or address is outside the United States",
    "opted_out": "they asked us to stop",
    "paused": "automation is paused for them until a person has looked",
    "internal_dnc": "they are on your own do-not-contact list",
    "a2p_not_approved": "your sending number is not yet approved by the carriers (A2P 10DLC)",
    "declined": "they said no to this channel when they asked",
    "already_answered": "this number got an instant text within the last ten minutes",
    "dnc_registry": "the number is on a do-not-call registry and they have not agreed in writing",
    "no_consent": "they have not given us this contact or asked for anything",
    "inquiry_stale": "their inquiry is more than three days old",
    "needs_written_consent": "they have not agreed to it in writing",
    "no_common_window": "no permitted hour within 14 days in {place}",
    "switched_off": "your team has switched these messages off",
    "held_state": "your team holds marketing in {place} for more than 14 days",
    "address_bounced": "mail to this address came back: it does not exist",
    "mail_paused": "marketing e-mail is paused, because too many marked it as spam",
    "no_postal_address": "your postal address is not set, and marketing e-mail must carry it",
    "no_unsubscribe_link": "your public address is not set, so it could hold no link to unsubscribe",
    "chat_over": "the chat is over",
    "chat_answers_only": "a chat holds answers only",
    "fail_closed": "a rule table is incomplete ({missing})",
}

_WARNINGS = {
    "quiet_hours": "outside {place} hours",
    "day_closed": "closed today in {place}",
    "holiday": "a holiday in {place}",
    "team_hours": "outside your team's own hours",
    "held_state": "your team holds marketing in {place}",
    "declined": "they said no to automated messages on this channel",
    "address_bounced": "mail to this address came back before",
    "dnc_registry": "the number is on a do-not-call registry",
    "number_type": "the number is toll-free or a service number",
    "country_not_enabled": "the number or address is outside the United States",
    "hours_unknown": "the hours there are not known",
}


def explain(decision: Decision, message: Message) -> str:
    """One sentence for an agent: `Text waits until Mon 30 Nov, 9:00 (Pennsylvania hours)`; in the recipient's time."""
    noun = _NOUNS[message.channel]
    words = {"place": _place(decision), "missing": decision.missing}
    if decision.outcome == "block":
        done = "made" if message.channel is Channel.VOICE else "sent"
        return f"{noun} is not {done}: {_BLOCKS[decision.reason].format(**words)}"
    if decision.outcome == "defer":
        assert decision.at is not None
        return f"{noun} waits until {_when(decision.at, decision)} ({_WAITS[decision.reason].format(**words)})"
    if decision.reason == "ok_fresh_inquiry":
        return f"{noun} goes now, out of hours: they asked within the last five minutes"
    if not decision.warnings:
        return f"{noun} may go now"
    warnings = "; ".join(_WARNINGS[warning].format(**words) for warning in decision.warnings)
    later = f"; hours begin {_when(decision.opens_at, decision)}" if decision.opens_at else ""
    return f"{noun} is yours to decide: {warnings}{later}"


def _place(decision: Decision) -> str:
    return " and ".join(STATE_NAMES.get(state, state) for state in decision.states)


def _when(at: datetime, decision: Decision) -> str:
    """The instant on the recipient's first clock, which is named only when there are several."""
    zone = decision.zones[0]
    local = at.astimezone(ZoneInfo(zone))
    day = f"{WEEKDAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"
    name = _CLOCKS.get(zone, zone.rpartition("/")[2].replace("_", " ") + " time")
    return f"{day}, {local.hour}:{local.minute:02}" + (f" {name}" if len(decision.zones) > 1 else "")
