"""Calendly: links, the hook and bookings as its contract says; a token that goes nowhere else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from vendor_on_loopback import Answer, Vendor

from leadwake.domain.meetings import Booking, Word
from leadwake.errors import (
    AnomalousPayload,
    BadCredentials,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
    Unavailable,
)
from leadwake.intake.calendly import parse_booking, parse_event, read_booking, read_time
from leadwake.providers.calendly import Account, Calendly, verify_signature
from leadwake.providers.ports import Call

API = "https://api.calendly.com"
TYPE = f"{API}/event_types/AAAA"
DANA = Account(f"{API}/users/U1", f"{API}/organizations/O1", "Dana")
ME = Answer(200, {"resource": {"uri": DANA.user, "current_organization": DANA.organization, "name": "Dana"}})
LINK = Answer(201, {"resource": {"booking_url": "https://calendly.com/d/abcd-brv8/call"}})
NO_PLAN = Answer(403, {"title": "Permission Denied", "message": "Please upgrade your Calendly account", "details": []})


def hook(number: int, scope: str, state: str = "active") -> dict[str, Any]:
    return {
        "uri": f"{API}/webhook_subscriptions/W{number}", "callback_url": f"https://ours.example/{number}",
        "state": state, "events": ["invitee.created", "invitee.canceled"], "scope": scope,
    }  # fmt: skip


def page(*found: dict[str, Any], token: str | None = None) -> Answer:
    return Answer(200, {"collection": list(found), "pagination": {"count": len(found), "next_page_token": token}})


@pytest.fixture
async def calendly(calendly_api: Vendor) -> Any:
    found = Calendly(calendly_api.url, "pat-secret", deadline_s=2)
    yield found
    await found.aclose()


def asked(api: Vendor) -> list[tuple[str, str]]:
    return [(seen.method, seen.path) for seen in api.received]


# Requests; each is held against the contract by the fixture.


async def test_a_single_use_link_is_for_one_meeting(calendly: Calendly, calendly_api: Vendor) -> None:
    calendly_api.answers(LINK)

    assert await calendly.single_use_link(TYPE, Call.for_seconds()) == "https://calendly.com/d/abcd-brv8/call"
    assert calendly_api.received[0].json() == {"max_event_count": 1, "owner": TYPE, "owner_type": "EventType"}


async def test_what_can_be_booked_is_listed_page_by_page(calendly: Calendly, calendly_api: Vendor) -> None:
    calendly_api.answers(
        ME,
        page({"uri": TYPE, "name": "Call", "duration": 15}, token="more"),
        page({"uri": f"{TYPE}B", "name": "Tour", "duration": 60}, {"name": "without a URI"}),
    )
    found = await calendly.event_types(await calendly.me())

    assert [(one.name, one.minutes) for one in found] == [("Call", 15), ("Tour", 60)]
    assert "page_token=more" in calendly_api.received[2].target


async def test_a_hook_is_set_for_the_organization_or_else_for_its_user(
    calendly: Calendly, calendly_api: Vendor
) -> None:
    made = Answer(201, {"resource": hook(1, "user")})
    calendly_api.answers(NO_PLAN, made)

    assert await calendly.set_hook(DANA, "https://ours.example/hooks/calendly", "key")
    first, second = (seen.json() for seen in calendly_api.received)
    assert (first["scope"], second["scope"], second["user"]) == ("organization", "user", DANA.user)
    assert second["events"] == ["invitee.created", "invitee.canceled"]
    assert second["signing_key"] == "key"


async def test_a_hook_that_is_there_already_is_no_error(calendly: Calendly, calendly_api: Vendor) -> None:
    calendly_api.answers(Answer(409, {"title": "Already Exists", "message": "Hook with this url already exists"}))

    assert not await calendly.set_hook(DANA, "https://ours.example/hooks/calendly", "key")


async def test_a_plan_without_hooks_is_said_and_not_taken_for_a_wrong_token(
    calendly: Calendly, calendly_api: Vendor
) -> None:
    calendly_api.answers(NO_PLAN, NO_PLAN)
    with pytest.raises(Rejected, match="another plan") as caught:
        await calendly.set_hook(DANA, "https://ours.example/hooks/calendly", "key")

    assert not isinstance(caught.value, BadCredentials)


async def test_hooks_of_both_scopes_are_seen_and_one_that_is_gone_is_gone(
    calendly: Calendly, calendly_api: Vendor
) -> None:
    calendly_api.answers(
        page(hook(1, "organization", "disabled")),
        page(hook(2, "user")),
        Answer(404, {"title": "Resource Not Found", "message": "gone"}),
    )
    found = await calendly.hooks(DANA)
    await calendly.remove_hook(found[0].uri)

    assert [(one.url[-1], one.is_active) for one in found] == [("1", False), ("2", True)]
    assert asked(calendly_api)[-1] == ("DELETE", "/webhook_subscriptions/W1")


async def test_a_booking_and_its_event_are_read_by_their_uris_from_nowhere_else(
    calendly: Calendly, calendly_api: Vendor
) -> None:
    calendly_api.answers(
        Answer(200, {"resource": {"uri": f"{API}/scheduled_events/E/invitees/I"}}),
        Answer(200, {"resource": {"start_time": "2026-12-01T15:00:00Z"}}),
    )
    await calendly.booking("https://evil.example.com/scheduled_events/E/invitees/I")
    await calendly.event(f"{API}/scheduled_events/E")

    assert asked(calendly_api) == [("GET", "/scheduled_events/E/invitees/I"), ("GET", "/scheduled_events/E")]
    for uri in (f"{API}/users/me", f"{API}/scheduled_events/../users/me", f"{API}/scheduled_events/E?x=1", ""):
        with pytest.raises(Rejected):
            await calendly.event(uri)


# Refusals.


@pytest.mark.parametrize(
    ("answer", "kind", "wait_s"),
    [
        (Answer(401, {"title": "Unauthenticated", "message": "The access token is invalid"}), BadCredentials, None),
        (Answer(400, {"title": "Invalid Argument", "message": "owner"}), Rejected, None),
        (Answer(404, {"title": "Resource Not Found", "message": "x"}), Rejected, None),
        (Answer(429, {"title": "Too Many Requests", "message": "x"}, {"X-RateLimit-Reset": "17"}), Throttled, 17.0),
        (Answer(503, {}), Unavailable, None),
        (Answer(500, {"title": "Unknown", "message": "x"}), OutcomeUnknown, None),
        (Answer(201, {"resource": {"booking_url": "javascript:alert(1)"}}), OutcomeUnknown, None),
    ],
)
async def test_each_refusal_of_a_link_has_its_meaning(
    calendly: Calendly, calendly_api: Vendor, answer: Answer, kind: type[ProviderError], wait_s: float | None
) -> None:
    calendly_api.answers(answer)
    with pytest.raises(ProviderError) as caught:
        await calendly.single_use_link(TYPE, Call.for_seconds())

    assert type(caught.value) is kind
    assert caught.value.retry_after_s == wait_s
    assert "pat-secret" not in str(caught.value)


async def test_what_only_reads_is_never_in_doubt(calendly: Calendly, calendly_api: Vendor) -> None:
    calendly_api.answers(Answer(500, {"title": "Unknown", "message": "x"}))
    with pytest.raises(Unavailable):
        await calendly.me()


# Webhooks.


def test_the_published_vector_is_believed_and_one_changed_byte_is_not(shared: Path) -> None:
    vectors = json.loads((shared / "vendor-specs/samples/signature_vectors.json").read_text())["vectors"]
    [vector] = [one for one in vectors if one["vendor"] == "calendly"]
    key, body, now = vector["signing_key"], vector["body"].encode(), datetime.fromtimestamp(vector["now"], UTC)
    header = vector["header"]["Calendly-Webhook-Signature"]

    def believed(header: str = header, body: bytes = body, key: str = key, at: datetime = now) -> bool:
        return verify_signature(key, header, body, now=at)

    assert believed()
    assert not any(believed(body=body[:place] + b"!" + body[place + 1 :]) for place in range(len(body)))
    changed = (
        header[:place] + ("0" if header[place] != "0" else "1") + header[place + 1 :] for place in range(len(header))
    )
    assert not any(believed(header=one) for one in changed)
    assert not believed(key="another")
    assert not believed(key="")
    assert believed(at=now + timedelta(seconds=170))
    assert not believed(at=now + timedelta(seconds=171))
    assert not believed(at=now - timedelta(seconds=191))
    assert not any(believed(header=one) for one in ("", "v1=", header.partition(",")[2], f"t=é,{header[13:]}"))


def test_the_published_sample_is_a_booking_without_a_time(shared: Path) -> None:
    body = (shared / "vendor-specs/samples/calendly/invitee_created.json").read_bytes()
    found = parse_event(body)
    assert found is not None
    inquiry = parse_booking(body, datetime(2020, 11, 23, 18, tzinfo=UTC))

    assert (found.word, found.email, found.name, found.zone) == (
        Word.BOOKED, "test@example.com", "John Doe", "America/New_York",
    )  # fmt: skip
    assert (found.time, found.event_ref[-16:]) == (None, "A" * 16)
    assert found.said_at == datetime(2020, 11, 23, 17, 51, 19, tzinfo=UTC)
    assert (inquiry.name, inquiry.email, inquiry.channel, inquiry.source) == (
        "John Doe", "test@example.com", "booking", "calendly",
    )  # fmt: skip
    assert inquiry.asked_at == datetime(2020, 11, 23, 17, 51, 18, 327602, tzinfo=UTC)


def told(event: str, **payload: object) -> Booking | None:
    base = {"uri": f"{API}/scheduled_events/E/invitees/I", "email": "a@example.com"}
    return parse_event(
        json.dumps({"event": event, "created_at": "2026-11-24T17:00:00Z", "payload": base | payload}).encode()
    )


def test_each_event_is_the_word_it_means() -> None:
    other = f"{API}/scheduled_events/F/invitees/J"
    moved = told("invitee.canceled", rescheduled=True, new_invitee=other)
    new = told("invitee.created", old_invitee=other, first_name="Ann", last_name="Lee")

    assert moved is not None
    assert (moved.word, moved.moved_to) == (Word.MOVED, other)
    assert new is not None
    assert (new.word, new.moved_from, new.name) == (Word.BOOKED, other, "Ann Lee")
    for event, word in (
        ("invitee.canceled", Word.CANCELLED), ("invitee_no_show.created", Word.NO_SHOW),
        ("invitee_no_show.deleted", Word.CAME),
    ):  # fmt: skip
        found = told(event)
        assert found is not None
        assert found.word is word
    assert told("routing_form_submission.created") is None


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b"null", b"\xff", b"[" * 100_000, b'{"event":"invitee.created"}',
        b'{"event":"invitee.created","created_at":"yesterday","payload":{"uri":"https://x/scheduled_events/E/invitees/I"}}',
        b'{"event":"invitee.created","created_at":"2026-11-24T17:00:00Z","payload":{"uri":7}}',
    ],
)  # fmt: skip
def test_what_is_no_webhook_is_anomalous(body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        parse_event(body)


def test_odd_values_are_passed_over() -> None:
    found = told(
        "invitee.created", email=7, name=None, tracking={"utm_content": {"a": 1}}, questions_and_answers=[7, {}, None],
        scheduled_event={"start_time": "9999-99-99", "location": []}, cancel_url="javascript:x", new_invitee="x",
        created_at="0001-01-01T00:00:00+14:00",
    )  # fmt: skip

    assert found is not None
    assert (found.email, found.name, found.lead_id, found.answers) == ("", "", None, ())
    assert (found.time, found.cancel_url, found.moved_to) == (None, "", "")


def test_a_booking_that_is_read_says_how_it_stands() -> None:
    now = datetime(2026, 11, 24, 17, tzinfo=UTC)
    uri = f"{API}/scheduled_events/E/invitees/I"
    missed = {"uri": "x", "created_at": "2026-11-24T16:00:00Z"}

    def word(**found: object) -> tuple[Word, datetime]:
        booking = read_booking({"uri": uri, **found}, now)
        return booking.word, booking.said_at

    assert word(status="active", no_show=None) == (Word.CAME, now)
    assert word(status="active", no_show=missed) == (Word.NO_SHOW, now - timedelta(hours=1))
    assert word(status="canceled", no_show=missed) == (Word.CANCELLED, now)
    assert word(status="canceled", rescheduled=True) == (Word.MOVED, now)


def test_a_place_is_its_link_or_its_address() -> None:
    def place(location: object) -> str:
        return read_time({"start_time": "2026-12-01T10:00:00-05:00", "location": location}).place

    assert place({"type": "zoom", "join_url": "https://zoom.example/1", "location": None}) == "https://zoom.example/1"
    assert place({"type": "physical", "location": "12 Oak St"}) == "12 Oak St"
    assert place(None) == ""
    assert read_time({"start_time": "2026-12-01T10:00:00-05:00"}).starts_at == datetime(2026, 12, 1, 15, tzinfo=UTC)
