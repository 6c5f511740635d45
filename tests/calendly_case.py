"""What the tests of meetings share: words of Calendly's, signed as it signs them, and what stands afterwards."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from office_case import NOON, House

API = "https://api.calendly.com"
MARIA = {
    "name": "Maria Lopez", "phone": "+18135550142", "email": "maria@example.com", "source": "website",
    "channel": "web_form", "message": "Is 12 Oak St still open?",
}  # fmt: skip
BEARER = {"authorization": "Bearer practice"}
#: Friday, 10:00 in New York
FRIDAY = NOON + timedelta(days=2, hours=22)


def booking(number: int) -> str:
    """The URI of a booking."""
    return f"{API}/scheduled_events/EVENT{number}/invitees/INVITEE{number}"


def word(
    kind: str, number: int = 1, *, said_at: datetime | None = None, starts_at: datetime = FRIDAY, **more: Any
) -> dict[str, Any]:
    """A webhook about booking `number`, in the newer shape; more: of its payload."""
    said = (said_at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    payload = {
        "uri": booking(number), "email": MARIA["email"], "name": MARIA["name"], "status": "active",
        "timezone": "America/New_York", "questions_and_answers": [], "created_at": said, "updated_at": said,
        "tracking": {"utm_content": None}, "rescheduled": False, "old_invitee": None, "new_invitee": None,
        "cancel_url": f"https://calendly.com/cancellations/I{number}",
        "reschedule_url": f"https://calendly.com/reschedulings/I{number}",
        "scheduled_event": {
            "uri": f"{API}/scheduled_events/EVENT{number}", "name": "15 minute call",
            "start_time": starts_at.isoformat(), "end_time": (starts_at + timedelta(minutes=15)).isoformat(),
            "location": {"type": "physical", "location": "100 Example Street"},
        },
    }  # fmt: skip
    return {"event": kind, "created_at": said, "created_by": f"{API}/users/U1", "payload": payload | more}


def moved(old: int, new: int, starts_at: datetime = FRIDAY + timedelta(days=3)) -> list[dict[str, Any]]:
    """The two words by which a meeting is moved."""
    return [
        word("invitee.canceled", old, rescheduled=True, new_invitee=booking(new), status="canceled"),
        word("invitee.created", new, starts_at=starts_at, old_invitee=booking(old)),
    ]


def signature(body: bytes, key: str = "practice", at: int | None = None) -> str:
    """As Calendly documents it; written here once more so that the product's own is checked."""
    stamp = str(int(time.time()) if at is None else at)
    mark = hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={mark}"


async def say(house: House, told: dict[str, Any] | bytes, header: str | None = None) -> httpx.Response:
    """The word reaches us, signed unless a header is given."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    signed = {"calendly-webhook-signature": signature(body) if header is None else header}
    return await house.http.post("/hooks/calendly", content=body, headers=signed)


async def said(house: House, *words: dict[str, Any]) -> None:
    """Every word is taken, one after another."""
    for told in words:
        answer = await say(house, told)
        assert answer.status_code == 204, answer.text


async def unheard(house: House) -> None:
    """Webhooks go astray from here on."""
    order = {
        "url": f"{house.url}/hooks/nowhere", "events": ["invitee.created"], "organization": f"{API}/organizations/O1",
        "scope": "organization",
    }  # fmt: skip
    answer = await house.sandbox.post("/calendly/webhook_subscriptions", json=order, headers=BEARER)
    assert answer.status_code == 201, answer.text


async def books(house: House, starts_at: datetime = FRIDAY) -> dict[str, Any]:
    """Maria books by the stand-in's page; her booking as the API shows it."""
    given = {"name": MARIA["name"], "email": MARIA["email"], "time": starts_at.isoformat()}
    assert (await house.sandbox.post("/calendly/_book", data=given)).status_code == 303
    events = (await house.sandbox.get("/calendly/scheduled_events", headers=BEARER)).json()["collection"]
    path = max(events, key=lambda event: event["created_at"])["uri"].removeprefix(API)
    found = (await house.sandbox.get(f"/calendly{path}/invitees", headers=BEARER)).json()["collection"]
    return found[0]  # type: ignore[no-any-return]


async def states(house: House) -> dict[str, str]:
    """Booking → where it stands: {"INVITEE1": "booked"}."""
    return {row["ref"].rpartition("/")[2]: row["state"] for row in await house.rows("select ref, state from meeting")}


async def kinds(house: House, *wanted: str) -> list[tuple[str, int, str, str | None]]:
    """(kind, ordinal, state, reason) of the actions of these kinds."""
    found = await house.rows(
        "select kind, ordinal, state, reason from action where kind = any(%s) order by kind, ordinal", list(wanted)
    )
    return [(row["kind"], row["ordinal"], row["state"], row["reason"]) for row in found]
