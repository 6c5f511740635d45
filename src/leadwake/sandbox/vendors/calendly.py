"""
Stand-in for Calendly: single-use links, a page to book by, and webhooks signed as Calendly signs them.

Until a hook is set by the API, bookings are reported to the product's own hook, signed with SIGNING_KEY.
Sources: Calendly's OpenAPI (v2) and developer.calendly.com on webhook signatures and rescheduling (read 2026-11-22).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from leadwake.sandbox.behaviour import Behaviour
from leadwake.sandbox.bodies import Unreadable, form, json_object
from leadwake.sandbox.outbox import NotLocal, Outbox, locate
from leadwake.sandbox.vendors import oauth
from leadwake.sandbox.vendors.base import RETRY_AFTER_1S, bearer
from leadwake.sandbox.wire import Answer, Request

API = "https://api.calendly.com"
SIGNING_KEY = "practice"
HOOK = "/hooks/calendly"
USER, ORGANIZATION = f"{API}/users/PRACTICE", f"{API}/organizations/PRACTICE"
EVENTS = ("invitee.created", "invitee.canceled")
#: event type → what it is called, minutes
TYPES: Mapping[str, tuple[str, int]] = {
    f"{API}/event_types/PRACTICE15MIN": ("15 minute call", 15),
    f"{API}/event_types/PRACTICE60MIN": ("Home tour", 60),
}
MAX_KEPT = 2_000

_BOOKING = re.compile(r"/scheduled_events/(\w+)/invitees/(\w+)")


@dataclass(slots=True)
class Link:
    """A single-use link. used_by: the booking that it made."""

    token: str
    owner: str
    used_by: str = ""


@dataclass(slots=True)
class Hook:
    """Where bookings are reported to."""

    id: str
    url: str
    key: str
    order: dict[str, Any]
    at: float
    state: str = "active"


@dataclass(slots=True)
class Meeting:
    """A booking, as an invitee. old, new: the URIs of those it replaced and that replaced it."""

    id: str
    event: str
    owner: str
    name: str
    email: str
    tracking: dict[str, str | None]
    starts_at: datetime
    base: str
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    status: str = "active"
    old: str = ""
    new: str = ""
    no_show: str = ""

    @property
    def uri(self) -> str:
        """Its name in the API."""
        return f"{API}/scheduled_events/{self.event}/invitees/{self.id}"

    @property
    def ends_at(self) -> datetime:
        """When its time is over."""
        return self.starts_at + timedelta(minutes=TYPES.get(self.owner, ("", 30))[1])


class Calendly:
    """The stand-in."""

    name = "calendly"

    def __init__(self, outbox: Outbox, product_url: str | None = None) -> None:
        self._outbox = outbox
        self._product_url = product_url
        self._links: dict[str, Link] = {}
        self.meetings: dict[str, Meeting] = {}
        self.hooks: dict[str, Hook] = {}
        self.oauth = oauth.Authority(oauth.CALENDLY)

    # the vendor

    def work(self, request: Request, path: str, behaviour: Behaviour) -> Answer:  # noqa: ARG002 - no callbacks to shape
        if (answer := self.oauth.work(request, path)) is not None:
            return answer
        if not bearer(request) or self.oauth.refuses(request):
            return error(401, "Unauthenticated", "The access token is invalid")
        try:
            return self._routed(request, path) or error(404, "Resource Not Found", "The server could not find it.")
        except Unreadable:
            return error(400, "Invalid Argument", "The supplied parameters are invalid.")

    def throttled(self) -> Answer:
        body = {"title": "Too Many Requests", "message": "The request limit was reached."}
        return Answer.json(429, body, RETRY_AFTER_1S, ("x-ratelimit-reset", "1"))

    def failed(self) -> Answer:
        return error(500, "Unknown", "The server encountered an unexpected error")

    def _routed(self, request: Request, path: str) -> Answer | None:
        match request.method, path:
            case "GET", "/users/me":
                return _resource(200, _ME)
            case "GET", "/event_types":
                return self._types(form(request.query))
            case "POST", "/scheduling_links":
                return self._link(request)
            case "POST", "/webhook_subscriptions":
                return self._subscribe(json_object(request.body), request.at)
            case "GET", "/webhook_subscriptions":
                return self._subscriptions(form(request.query))
            case "DELETE", str() if path.startswith("/webhook_subscriptions/"):
                gone = self.hooks.pop(path.rpartition("/")[2], None)
                return Answer(204) if gone else None
            case "GET", "/scheduled_events":
                return self._events(form(request.query).get("min_start_time", ""))
            case "GET", str() if path.startswith("/scheduled_events/"):
                return self._booked(path)
        return None

    def _types(self, query: Mapping[str, str]) -> Answer:
        if not query.get("user") and not query.get("organization"):
            return error(400, "Invalid Argument", "user or organization is required")
        return _collection([_event_type(uri, name, minutes) for uri, (name, minutes) in TYPES.items()])

    def _link(self, request: Request) -> Answer:
        order = json_object(request.body)
        owner = order.get("owner")
        if order.get("max_event_count") != 1 or order.get("owner_type") != "EventType" or not isinstance(owner, str):
            return error(400, "Invalid Argument", "max_event_count must be 1, owner and owner_type are required")
        link = Link(secrets.token_hex(6), owner)
        self._links[link.token] = link
        _bound(self._links)
        url = f"http://{request.header(b'host')}/calendly/book?link={link.token}"
        return _resource(201, {"booking_url": url, "owner": owner, "owner_type": "EventType"})

    def _subscribe(self, order: Mapping[str, Any], at: float) -> Answer:
        url, events = order.get("url"), order.get("events")
        needed = (url, order.get("organization"), order.get("scope"))
        known = isinstance(events, list) and events and set(events) <= {*EVENTS, "routing_form_submission.created"}
        if not all(isinstance(value, str) and value for value in needed) or not known:
            return error(400, "Invalid Argument", "url, events, organization and scope are required")
        if order["scope"] == "user" and not order.get("user"):
            return error(400, "Invalid Argument", "user is required with the scope user")
        if any(hook.url == url for hook in self.hooks.values()):
            return error(409, "Already Exists", "Hook with this url already exists")
        hook = Hook(secrets.token_hex(8), str(url), str(order.get("signing_key") or ""), dict(order), at)
        self.hooks[hook.id] = hook
        return _resource(201, _subscription(hook))

    def _subscriptions(self, query: Mapping[str, str]) -> Answer:
        if not query.get("organization") or not query.get("scope"):
            return error(400, "Invalid Argument", "organization and scope are required")
        found = [hook for hook in self.hooks.values() if hook.order["scope"] == query["scope"]]
        return _collection([_subscription(hook) for hook in found])

    def _events(self, since: str) -> Answer:
        found = [one for one in self.meetings.values() if _iso(one.starts_at) >= since]
        return _collection([_event(one) for one in sorted(found, key=lambda one: one.starts_at)])

    def _booked(self, path: str) -> Answer | None:
        if match := _BOOKING.fullmatch(path):
            meeting = self.meetings.get(match[2])
            return _resource(200, invitee(meeting)) if meeting else None
        event, _, rest = path.removeprefix("/scheduled_events/").partition("/")
        found = [one for one in self.meetings.values() if one.event == event]
        if rest == "invitees" and found:
            return _collection([invitee(one) for one in found])
        return _resource(200, _event(found[0])) if found and not rest else None

    # what people do

    def link(self, token: str) -> Link | None:
        """The link of a page's address."""
        return self._links.get(token)

    def book(self, fields: Mapping[str, str], host: str, *, replaces: Meeting | None = None) -> Meeting | None:
        """Somebody takes a time; None where the link was used before, or the time cannot be read."""
        link = self._links.get(fields.get("link", ""))
        try:
            starts_at = datetime.fromisoformat(fields.get("time", "")).astimezone(UTC)
        except ValueError:
            return None
        if link is not None and link.used_by and replaces is None:
            return None
        owner = replaces.owner if replaces else link.owner if link else next(iter(TYPES))
        meeting = Meeting(
            secrets.token_hex(8), secrets.token_hex(8), owner,
            replaces.name if replaces else fields.get("name", "")[:200] or "Somebody",
            replaces.email if replaces else fields.get("email", "")[:200],
            replaces.tracking if replaces else _tracking(fields), starts_at, f"http://{host}/calendly",
        )  # fmt: skip
        if link is not None:
            link.used_by = meeting.id
        if replaces is not None:
            meeting.old, replaces.new, replaces.status = replaces.uri, meeting.uri, "canceled"
        self.meetings[meeting.id] = meeting
        _bound(self.meetings)
        if replaces is not None:
            self._tell("invitee.canceled", replaces)
        self._tell("invitee.created", meeting)
        return meeting

    def cancel(self, meeting: Meeting) -> None:
        """They, or whoever they were to meet, call it off."""
        if meeting.status == "active":
            meeting.status = "canceled"
            self._tell("invitee.canceled", meeting)

    def mark(self, meeting: Meeting, *, no_show: bool) -> None:
        """Whoever waited says that they did not come, or that they did after all."""
        if meeting.status != "active" or bool(meeting.no_show) == no_show:
            return
        meeting.no_show = f"{API}/invitee_no_shows/{secrets.token_hex(8)}" if no_show else ""
        self._tell("invitee_no_show.created" if no_show else "invitee_no_show.deleted", meeting)

    def disable(self) -> None:
        """Calendly has given up on every hook."""
        for hook in self.hooks.values():
            hook.state = "disabled"

    def _tell(self, event: str, meeting: Meeting) -> None:
        said = {
            "event": event, "created_at": _iso(datetime.now(UTC)), "created_by": USER,
            "payload": {**invitee(meeting), "scheduled_event": _event(meeting)},
        }  # fmt: skip
        body = json.dumps(said).encode()
        for url, key in self._targets():
            try:
                place = locate(url, self._product_url)
            except NotLocal:
                continue
            self._outbox.post(place, body, signed(key, body))

    def _targets(self) -> list[tuple[str, str]]:
        active = [(hook.url, hook.key) for hook in self.hooks.values() if hook.state == "active"]
        if self.hooks or self._product_url is None:
            return active
        return [(self._product_url.rstrip("/") + HOOK, SIGNING_KEY)]


def invitee(meeting: Meeting) -> dict[str, Any]:
    """A booking as the API and webhooks show it."""
    stamp = _iso(meeting.made_at)
    return {
        "uri": meeting.uri, "event": f"{API}/scheduled_events/{meeting.event}", "email": meeting.email,
        "name": meeting.name, "first_name": None, "last_name": None, "status": meeting.status,
        "timezone": "America/New_York", "questions_and_answers": [], "created_at": stamp, "updated_at": stamp,
        "tracking": meeting.tracking, "text_reminder_number": None, "rescheduled": bool(meeting.new),
        "old_invitee": meeting.old or None, "new_invitee": meeting.new or None,
        "cancel_url": f"{meeting.base}/_booking?id={meeting.id}",
        "reschedule_url": f"{meeting.base}/_booking?id={meeting.id}", "routing_form_submission": None,
        "payment": None, "reconfirmation": None,
        "no_show": {"uri": meeting.no_show, "created_at": _iso(datetime.now(UTC))} if meeting.no_show else None,
    }  # fmt: skip


def signed(key: str, body: bytes) -> dict[str, str]:
    """The headers of a webhook; unsigned without a key."""
    headers = {"content-type": "application/json", "user-agent": "Calendly-Webhook"}
    if key:
        at = str(int(time.time()))
        mark = hmac.new(key.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers["calendly-webhook-signature"] = f"t={at},v1={mark}"
    return headers


def error(status: int, title: str, text: str) -> Answer:
    """Calendly's way to say no."""
    return Answer.json(status, {"title": title, "message": text, "details": []})


_ME = {
    "uri": USER, "name": "Dana Reyes", "slug": "dana", "email": "dana@example.com",
    "scheduling_url": "https://calendly.com/dana", "timezone": "America/New_York", "avatar_url": None,
    "created_at": "2026-01-02T03:04:05.678123Z", "updated_at": "2026-01-02T03:04:05.678123Z",
    "current_organization": ORGANIZATION,
}  # fmt: skip


def _event_type(uri: str, name: str, minutes: int) -> dict[str, Any]:
    return {
        "uri": uri, "name": name, "active": True, "booking_method": "instant", "slug": name.lower().replace(" ", "-"),
        "scheduling_url": f"https://calendly.com/dana/{minutes}", "duration": minutes, "kind": "solo",
        "pooling_type": None, "type": "StandardEventType", "kind_description": "One-on-One",
        "color": "#0a7f6b", "internal_note": None,
        "created_at": "2026-01-02T03:04:05.678123Z", "updated_at": "2026-01-02T03:04:05.678123Z",
        "description_plain": None, "description_html": None, "secret": False, "deleted_at": None,
        "admin_managed": False, "custom_questions": [],
        "profile": {"type": "User", "name": "Dana Reyes", "owner": USER},
    }  # fmt: skip


def _event(meeting: Meeting) -> dict[str, Any]:
    stamp = _iso(meeting.made_at)
    return {
        "uri": f"{API}/scheduled_events/{meeting.event}", "name": TYPES.get(meeting.owner, ("Meeting", 30))[0],
        "status": meeting.status, "booking_method": "instant", "start_time": _iso(meeting.starts_at),
        "end_time": _iso(meeting.ends_at), "event_type": meeting.owner,
        "location": {"type": "physical", "location": "100 Example Street, Springfield"},
        "invitees_counter": {"total": 1, "active": int(meeting.status == "active"), "limit": 1},
        "created_at": stamp, "updated_at": stamp, "event_memberships": [{"user": USER}], "event_guests": [],
        "calendar_event": {"kind": "google", "external_id": meeting.event},
    }  # fmt: skip


def _subscription(hook: Hook) -> dict[str, Any]:
    stamp = _iso(datetime.fromtimestamp(hook.at, UTC))
    return {
        "uri": f"{API}/webhook_subscriptions/{hook.id}", "callback_url": hook.url, "created_at": stamp,
        "updated_at": stamp, "retry_started_at": None, "state": hook.state, "events": hook.order["events"],
        "scope": hook.order["scope"], "organization": hook.order["organization"], "user": hook.order.get("user"),
        "creator": USER,
    }  # fmt: skip


def _tracking(fields: Mapping[str, str]) -> dict[str, str | None]:
    names = ("utm_campaign", "utm_source", "utm_medium", "utm_content", "utm_term", "salesforce_uuid")
    return {name: fields.get(name, "")[:200] or None for name in names}


def _resource(status: int, found: Mapping[str, Any]) -> Answer:
    return Answer.json(status, {"resource": found})


def _collection(found: list[dict[str, Any]]) -> Answer:
    pagination = {
        "count": len(found), "next_page": None, "previous_page": None, "next_page_token": None,
        "previous_page_token": None,
    }  # fmt: skip
    return Answer.json(200, {"collection": found, "pagination": pagination})


def _bound(kept: dict[str, Any]) -> None:
    while len(kept) > MAX_KEPT:
        del kept[next(iter(kept))]


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
