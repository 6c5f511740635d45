"""Calendly: single-use booking links, the hook that tells of bookings, and those bookings read. API v2.

Contract: Calendly's OpenAPI (a 2024 copy) and developer.calendly.com on webhook signatures, limits and rescheduling,
read 2026-11-22. Things are named by whole URIs; only the ids in them are used, so that the token goes to no other
host. Making a link is not idempotent: whoever asks keeps it. The contract lets a hook be set for bookings and
cancellations alone; no-shows are read from the booking itself, and understood where they are told all the same.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import httpx

from leadwake.errors import BadCredentials, OutcomeUnknown, ProviderError, Rejected, Unavailable
from leadwake.providers.http import VendorHttp, document
from leadwake.providers.ports import CALL_DEADLINE_S, Call

VENDOR: Final = "calendly"
#: what a hook may be set for
EVENTS: Final = ("invitee.created", "invitee.canceled")
TOLERANCE: Final = timedelta(minutes=3)
#: so much is read of a name, and of a URL
_LINE, _URL = 300, 2_048

_ID: Final = r"[A-Za-z0-9_-]{1,128}"
_BOOKING: Final = re.compile(rf"https?://[^\s?#]+?(/scheduled_events/{_ID}/invitees/{_ID})")
_EVENT: Final = re.compile(rf"https?://[^\s?#]+?(/scheduled_events/{_ID})")
_HOOK: Final = re.compile(rf"https?://[^\s?#]+?(/webhook_subscriptions/{_ID})")
_SIGNATURE: Final = re.compile(r"t=([0-9]{1,11}),v1=([0-9a-f]{64})")
_PAGES: Final = 10
#: events read one by one, within what a free plan allows in two minutes
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Account:
    """Whose token it is. user, organization: URIs."""

    user: str
    organization: str
    name: str


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of meeting that can be booked. uri: its name in the API."""

    uri: str
    name: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Hook:
    """Where bookings are reported to. is_active: False once Calendly has given up on it."""

    uri: str
    url: str
    is_active: bool
    events: frozenset[str]


class Calendly:
    """
    One account by its token. url: of api.calendly.com's stand-in or itself.

    Raises ProviderError. Whatever only reads may be repeated, and so may setting and removing a hook.
    """

    def __init__(self, url: str, token: str, *, deadline_s: float = CALL_DEADLINE_S) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self.http = VendorHttp(VENDOR, url, headers=headers, secrets=(token,), deadline_s=deadline_s)

    def __repr__(self) -> str:
        return f"Calendly({self.http!r})"

    async def aclose(self) -> None:
        """Its connections are closed."""
        await self.http.aclose()

    async def prove(self, mail_from: str) -> str:
        """The token is right. Raises ProviderError."""
        del mail_from
        return f"the token is right, it is {(await self.me()).name or 'an account without a name'}'s"

    async def me(self) -> Account:
        """Whose token it is."""
        found = _resource(await self._read("/users/me"))
        user, organization = _text(found, "uri", _URL), _text(found, "current_organization", _URL)
        if not user or not organization:
            raise _unreadable()
        return Account(user, organization, _text(found, "name", _LINE))

    async def event_types(self, account: Account) -> list[EventType]:
        """What can be booked with this account, by name."""
        found = await self._list("/event_types", {"user": account.user, "active": "true", "sort": "name:asc"})
        return [
            EventType(_text(entry, "uri", _URL), _text(entry, "name", _LINE), _number(entry, "duration"))
            for entry in found
            if _text(entry, "uri", _URL)
        ]

    async def single_use_link(self, event_type: str, call: Call) -> str:
        """
        A URL by which one meeting of this kind can be booked, once. Made anew with each call.

        Calendly lets it lapse when nobody books for 90 days.
        """
        order = {"max_event_count": 1, "owner": event_type, "owner_type": "EventType"}
        answer = await self.http.send(call, "POST", "/scheduling_links", json=order)
        if not answer.is_success:
            raise self._refusal(answer)
        url = _text(_resource(document(answer)), "booking_url", _URL)
        if not url.startswith(("https://", "http://")):
            raise self.http.unreadable(answer)
        return url

    # The hook.

    async def hooks(self, account: Account) -> list[Hook]:
        """Every hook of the account: the organization's, where the token may see them, and the user's own."""
        found: list[Hook] = []
        for scope in ({"scope": "organization"}, {"scope": "user", "user": account.user}):
            try:
                entries = await self._list("/webhook_subscriptions", {"organization": account.organization, **scope})
            except Rejected as error:
                if scope["scope"] == "user" or isinstance(error, BadCredentials):
                    raise
                continue  # only who manages the organization may look
            found += [hook for hook in map(_hook, entries) if hook]
        return found

    async def set_hook(self, account: Account, url: str, signing_key: str) -> bool:
        """
        Bookings are reported there, signed; False when they were already (409), by whatever key that was set with.

        For the whole organization where the token may, else for its user alone. Raises Rejected when the plan or the
        role allows neither.
        """
        order = {
            "url": url, "events": list(EVENTS), "organization": account.organization, "signing_key": signing_key,
        }  # fmt: skip
        for scope in ({"scope": "organization"}, {"scope": "user", "user": account.user}):
            answer = await self.http.send(
                self._call(), "POST", "/webhook_subscriptions", json=order | scope, repeatable=True
            )
            if answer.status_code != 403:
                break
        if answer.status_code == 409:
            return False
        if not answer.is_success:
            raise self._refusal(answer, known=True)
        return True

    async def remove_hook(self, uri: str) -> None:
        """The hook is no more."""
        path = _path(_HOOK, uri)
        answer = await self.http.send(self._call(), "DELETE", path, repeatable=True)
        if not answer.is_success and answer.status_code != 404:
            raise self._refusal(answer, known=True)

    # What was booked.

    async def event(self, uri: str) -> Mapping[str, Any]:
        """The event of a booking, as Calendly shows it: {start_time, end_time, name, location, …}."""
        return _resource(await self._read(_path(_EVENT, uri)))

    async def booking(self, uri: str) -> Mapping[str, Any]:
        """A booking as it stands now: an invitee, as webhooks tell of them."""
        return _resource(await self._read(_path(_BOOKING, uri)))

    async def to_come(self, account: Account, now: datetime) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """What this user has before them, the next first: (event, booking), cancelled ones, too. At most a hundred."""
        query = {"user": account.user, "min_start_time": f"{now:%Y-%m-%dT%H:%M:%S}Z", "sort": "start_time:asc"}
        found = []
        for event in (await self._list("/scheduled_events", query))[:_MOST]:
            path = _path(_EVENT, _text(event, "uri", _URL))
            found += [(event, booking) for booking in await self._list(f"{path}/invitees", {})]
        return found

    # How it is asked.

    def _call(self) -> Call:
        return Call.for_seconds(self.http.deadline_s)

    async def _read(self, path: str, query: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        answer = await self.http.send(self._call(), "GET", path, query=query, reads=True)
        if not answer.is_success:
            raise self._refusal(answer, known=True)
        return document(answer)

    async def _list(self, path: str, query: Mapping[str, str | int]) -> list[Mapping[str, Any]]:
        """Every entry, page by page."""
        found: list[Mapping[str, Any]] = []
        token = ""
        for _ in range(_PAGES):
            page = await self._read(path, {**query, "count": 100, **({"page_token": token} if token else {})})
            entries, pagination = page.get("collection"), page.get("pagination")
            if not isinstance(entries, list):
                raise _unreadable()
            found += [entry for entry in entries if isinstance(entry, dict)]
            token = _text(pagination, "next_page_token", _URL) if isinstance(pagination, dict) else ""
            if not token:
                break
        return found

    def _refusal(self, answer: httpx.Response, *, known: bool = False) -> ProviderError:
        """{title, message, details}. A 403 is the plan's or the role's, and no wrong token."""
        said = document(answer)
        title, message = _text(said, "title", _LINE), _text(said, "message", _LINE)
        if answer.status_code == 403:
            text = self.http.clean(f"calendly allows this on another plan or to another role only: {message or title}")
            return Rejected(text, vendor=VENDOR, code="plan_or_role")
        error = self.http.refusal(answer, message or title, code=title, known=known)
        if known and isinstance(error, OutcomeUnknown):
            return Unavailable(str(error), vendor=VENDOR, code=error.code)
        return error


def verify_signature(signing_key: str, header: str, body: bytes, *, now: datetime | None = None) -> bool:
    """
    True when Calendly signed the raw body within 3 minutes of `now` (default: the real time).

    header: Calendly-Webhook-Signature. A blank key verifies nothing.

    Source: developer.calendly.com/api-docs, webhook signatures: hex of HMAC-SHA256(key, t + "." + body).
    """
    match = _SIGNATURE.fullmatch(header.replace(" ", ""))
    if not signing_key or match is None:
        return False
    digest = hmac.new(signing_key.encode(), match[1].encode() + b"." + body, sha256).hexdigest()
    age_s = abs((now or datetime.now(UTC)).timestamp() - int(match[1]))
    return hmac.compare_digest(digest, match[2]) and age_s <= TOLERANCE.total_seconds()


def _hook(entry: Mapping[str, Any]) -> Hook | None:
    uri, url, events = _text(entry, "uri", _URL), _text(entry, "callback_url", _URL), entry.get("events")
    if not _HOOK.fullmatch(uri):
        return None
    names = [event for event in events if isinstance(event, str)] if isinstance(events, list) else []
    return Hook(uri, url, _text(entry, "state", _LINE) == "active", frozenset(names))


def _path(pattern: re.Pattern[str], uri: str) -> str:
    """The path behind Calendly's host, which stays ours to choose. Raises Rejected."""
    match = pattern.fullmatch(uri)
    if match is None:
        raise Rejected("calendly has nothing by this name", vendor=VENDOR, code="uri")
    return match[1]


def _resource(found: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = found.get("resource")
    if not isinstance(inner, dict):
        raise _unreadable()
    return inner


def _unreadable() -> Unavailable:
    return Unavailable("calendly's answer cannot be read", vendor=VENDOR, code="unreadable")


def _text(entry: Mapping[str, Any], name: str, limit: int) -> str:
    value = entry.get(name)
    return value.strip()[:limit] if isinstance(value, str) else ""


def _number(entry: Mapping[str, Any], name: str) -> int:
    value = entry.get(name)
    return int(value) if isinstance(value, int | float) and 0 <= value < 100_000 else 0
