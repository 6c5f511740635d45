"""What is said about a meeting: reminders to the lead, another time after a no-show, news to the team."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from psycopg.rows import DictRow

from leadwake.actions.claims import Judgement
from leadwake.actions.states import State
from leadwake.compliance.decision import Facts
from leadwake.domain import wording
from leadwake.domain.meetings import NEWS
from leadwake.storage import meetings as rows
from leadwake.storage.meetings import Details
from leadwake.storage.vault import DataKey
from leadwake.workflows import composing
from leadwake.workflows.composing import Addressee, Errand, Values

#: kind → the state of the meeting that it speaks of
_SPEAKS_OF: Final[Mapping[str, str]] = {
    "meeting_reminder_sms": "booked", "meeting_reminder_email": "booked", "no_show_sms": "no_show",
    "no_show_email": "no_show",
}  # fmt: skip
_SAID: Final[Mapping[str, str]] = {
    "booked": "booked a meeting", "moved": "moved the meeting", "cancelled": "cancelled the meeting",
}  # fmt: skip


def is_over(row: DictRow) -> str | None:
    """Why a message about a meeting is of no use any more; None while it is."""
    speaks_of = _SPEAKS_OF.get(row["kind"])
    if speaks_of is None:
        return None
    if row["meeting_state"] != speaks_of:
        return "meeting_changed"
    return "texted" if row["is_texted"] else None


def arranged(row: DictRow, facts: Facts) -> Facts:
    """The facts; whoever answers them is reminded of what was arranged all the same, save after a reply in doubt."""
    is_reminder = row["reminds_of"] is not None
    return replace(facts, paused_at=None) if is_reminder and row["paused_why"] == "replied" else facts


def to_lead(errand: Errand, to: Addressee, values: Values, decision: Mapping[str, Any]) -> Judgement:
    """A reminder, or another time offered, in the team's words."""
    row = errand.row
    template = "no_show" if row["kind"].startswith("no_show") else "meeting_reminder"
    assert to.key is not None
    values = {**values, **told(errand, to.key, None)}
    if row["channel"] == "email":
        return composing.mail(errand, to, template, values, decision)
    return composing.text(errand, to, f"{template}.sms", values, decision)


def alert(errand: Errand) -> Judgement:
    """A meeting booked, moved or cancelled, to whoever is to be there."""
    row, agent = errand.row, errand.office.person(errand.row["agent_id"])
    if agent is None or agent.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    key, profile = errand.opened()
    zone = agent.work.hours(errand.office.settings.time_zone).zone
    values = {
        **composing.values_of(errand, profile, agent),
        **told(errand, key, zone),
        "lead.alert_link": composing.alert_link(errand, agent),
    }
    if row["channel"] == "email":
        phone = profile.get("phone")
        call = (f"Call {wording.phone(phone)}", f"tel:{phone}") if phone else None
        return composing.mail(errand, Addressee(agent.email, agent.name, key), "meeting_alert", values, button=call)
    if not agent.phone:
        return Judgement(State.SKIPPED, "no_number")
    return composing.text(errand, Addressee(agent.phone, agent.name, key), "meeting_alert.sms", values)


def told(errand: Errand, key: DataKey, zone: ZoneInfo | None) -> Values:
    """What templates may say of the meeting. zone: the reader's clock; None: the one it was booked by."""
    row, details = errand.row, rows.opened(key, errand.row["meeting_sealed"])
    return {
        "meeting.title": details.title or None,
        "meeting.when": _when(errand, details, zone),
        "meeting.place": details.place or None,
        "meeting.news": _SAID[NEWS[row["ordinal"]]] if row["kind"].startswith("meeting_alert") else None,
    }


def _when(errand: Errand, details: Details, zone: ZoneInfo | None) -> str | None:
    """ "Tue 1 Dec, 3:00 pm EST"; None while the vendor has not said."""
    starts_at = errand.row["meeting_starts_at"]
    if starts_at is None:
        return None
    return wording.appointment(starts_at, zone or details.clock or errand.office.settings.time_zone)
