"""What Calendly tells of a booking, and the inquiry in one by somebody we do not know: they asked for a meeting.

Both shapes of a webhook are read: the event's times stand in it (scheduled_event), or only its URI does (event). A
booking read by the API has the shape of a webhook's payload.

Contract: developer.calendly.com on webhook payloads and rescheduling, read 2026-11-22.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from leadwake.domain.meetings import Booking, MeetingTime, Word
from leadwake.domain.values import Inquiry
from leadwake.errors import AnomalousPayload, Unparsable
from leadwake.intake.fields import LIMITS, believed, clean_line, clean_text, inquiry

VENDOR: Final = "calendly"
CHANNEL: Final = "booking"

#: of what somebody typed, so much is kept
_LINE, _TEXT, _URL, _ANSWERS = 300, 2_000, 2_048, 20
_ID: Final = r"[A-Za-z0-9_-]{1,128}"
_BOOKING: Final = re.compile(rf"https?://[^\s?#]+?/scheduled_events/{_ID}/invitees/{_ID}")
_EVENT: Final = re.compile(rf"https?://[^\s?#]+?/scheduled_events/{_ID}")
_PHONE_WORDS: Final = ("phone", "mobile", "cell number", "number to call", "text you")

_WORDS: Final[Mapping[str, Word]] = {
    "invitee.created": Word.BOOKED,
    "invitee.canceled": Word.CANCELLED,
    "invitee_no_show.created": Word.NO_SHOW,
    "invitee_no_show.deleted": Word.CAME,
}


def parse_event(body: bytes) -> Booking | None:
    """What a webhook tells of a booking; None for an event that is about none. Raises AnomalousPayload."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise AnomalousPayload("The body is no JSON.") from None
    payload = told.get("payload") if isinstance(told, dict) else None
    if not isinstance(payload, dict):
        raise AnomalousPayload("The body has no payload.")
    word = _WORDS.get(_text(told, "event", _LINE))
    if word is None:
        return None
    said_at = _instant(told, "created_at")
    if said_at is None or not _BOOKING.fullmatch(_text(payload, "uri", _URL)):
        raise AnomalousPayload("The payload names no booking, or nobody knows when it was said.")
    if word is Word.CANCELLED and payload.get("rescheduled") is True:
        word = Word.MOVED
    return _booking(payload, word, said_at)


def read_booking(found: Mapping[str, Any], now: datetime) -> Booking:
    """
    A booking as the API shows it, as the last word about it. now: said then, where it does not say when.

    Raises AnomalousPayload.
    """
    if not _BOOKING.fullmatch(_text(found, "uri", _URL)):
        raise AnomalousPayload("The answer names no booking.")
    no_show, word = found.get("no_show"), Word.CAME
    if _text(found, "status", _LINE) == "canceled":
        word = Word.MOVED if found.get("rescheduled") is True else Word.CANCELLED
    elif isinstance(no_show, dict):
        return _booking(found, Word.NO_SHOW, _instant(no_show, "created_at") or now)
    return _booking(found, word, now)


def as_event(event: Mapping[str, Any], booking: Mapping[str, Any]) -> bytes:
    """The webhook that tells of a booking as the API shows it; it was lost, and is made up for."""
    word = "invitee.canceled" if _text(booking, "status", _LINE) == "canceled" else "invitee.created"
    said_at = _text(booking, "updated_at", _LINE) or _text(booking, "created_at", _LINE)
    told = {"event": word, "created_at": said_at, "payload": {**booking, "scheduled_event": dict(event)}}
    return msgspec.json.encode(told)


def read_time(event: Mapping[str, Any]) -> MeetingTime:
    """When and where an event takes place. Raises AnomalousPayload."""
    starts_at, ends_at = _instant(event, "start_time"), _instant(event, "end_time")
    if starts_at is None:
        raise AnomalousPayload("The event has no time.")
    return MeetingTime(starts_at, max(ends_at or starts_at, starts_at), _text(event, "name", _LINE), _place(event))


def parse_booking(body: bytes, now: datetime) -> Inquiry:
    """The inquiry in a webhook. Raises Unparsable."""
    try:
        booking = parse_event(body)
    except AnomalousPayload as error:
        raise Unparsable(str(error)) from error
    if booking is None:
        raise Unparsable("The event is about no booking.")
    asked_at, claimed_at = believed(booking.made_at, now)
    fields = {
        "name": clean_line(booking.name, LIMITS["name"]),
        "email": clean_line(booking.email, LIMITS["email"]),
        "phone": clean_line(booking.phone or _typed_phone(booking), LIMITS["phone"]),
        "message": clean_text(_message(booking), LIMITS["message"]),
    }
    return inquiry(fields, asked_at=asked_at, claimed_at=claimed_at, channel=CHANNEL, source=VENDOR)


def _message(booking: Booking) -> str:
    title = booking.time.title if booking.time else ""
    said = [f"{question}: {answer}" for question, answer in booking.answers]
    return "\n".join([f"Booked a meeting{f': {title}' if title else ''}.", *said])


def _typed_phone(booking: Booking) -> str:
    """The number they typed where they were asked for one."""
    asked = ((question.lower(), answer) for question, answer in booking.answers)
    return next((answer for question, answer in asked if any(word in question for word in _PHONE_WORDS)), "")


def _booking(found: Mapping[str, Any], word: Word, said_at: datetime) -> Booking:
    event = found.get("scheduled_event")
    embedded: Mapping[str, Any] = event if isinstance(event, dict) else {}
    event_ref = _text(embedded, "uri", _URL) or _text(found, "event", _URL)
    tracking = found.get("tracking")
    return Booking(
        vendor=VENDOR,
        ref=_text(found, "uri", _URL),
        word=word,
        said_at=said_at,
        made_at=_instant(found, "created_at") or said_at,
        name=_text(found, "name", _LINE) or _joined(found),
        email=_text(found, "email", _LINE),
        phone=_text(found, "text_reminder_number", 100),
        zone=_text(found, "timezone", 64),
        lead_id=_our_id(tracking.get("utm_content")) if isinstance(tracking, dict) else None,
        event_ref=event_ref if _EVENT.fullmatch(event_ref) else "",
        time=read_time(embedded) if _instant(embedded, "start_time") else None,
        answers=_answers(found.get("questions_and_answers")),
        change_url=_web(found, "reschedule_url"),
        cancel_url=_web(found, "cancel_url"),
        moved_from=_ref(found, "old_invitee"),
        moved_to=_ref(found, "new_invitee"),
    )


def _place(event: Mapping[str, Any]) -> str:
    location = event.get("location")
    if not isinstance(location, dict):
        return ""
    return _text(location, "join_url", _URL) or _text(location, "location", _LINE)


def _answers(found: object) -> Sequence[tuple[str, str]]:
    entries = [entry for entry in found[:_ANSWERS] if isinstance(entry, dict)] if isinstance(found, list) else []
    pairs = [(_text(entry, "question", _LINE), _text(entry, "answer", _TEXT)) for entry in entries]
    return tuple(pair for pair in pairs if all(pair))


def _our_id(found: object) -> UUID | None:
    try:
        return UUID(found) if isinstance(found, str) else None
    except ValueError:
        return None


def _ref(found: Mapping[str, Any], name: str) -> str:
    ref = _text(found, name, _URL)
    return ref if _BOOKING.fullmatch(ref) else ""


def _web(found: Mapping[str, Any], name: str) -> str:
    url = _text(found, name, _URL)
    return url if url.startswith(("https://", "http://")) else ""


def _joined(found: Mapping[str, Any]) -> str:
    return f"{_text(found, 'first_name', _LINE)} {_text(found, 'last_name', _LINE)}".strip()


def _text(entry: Mapping[str, Any], name: str, limit: int) -> str:
    value = entry.get(name)
    return value.replace("\0", "").strip()[:limit] if isinstance(value, str) else ""


def _instant(entry: Mapping[str, Any], name: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(_text(entry, name, 64))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
