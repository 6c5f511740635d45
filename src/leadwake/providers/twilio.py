"""Twilio: texts out, what became of them, texts in.

Contract: Twilio's OpenAPI (api v2010) and the error pages at twilio.com/docs/api/errors, read 2026-11-22.
There is no idempotency key for a message: what was sent is found by listing it (`find_texts`).
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from hashlib import sha1, sha256
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

import httpx

from leadwake.errors import (
    AnomalousPayload,
    BadCredentials,
    NotYet,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
    Unavailable,
)
from leadwake.providers.http import VendorHttp, document
from leadwake.providers.ports import (
    CALL_DEADLINE_S,
    Accepted,
    Call,
    Delivery,
    DeliveryStatus,
    ForgetTexts,
    InboundText,
    OutgoingText,
    SeenText,
)

VENDOR = "twilio"

STATUSES: dict[str, DeliveryStatus] = {
    "accepted": DeliveryStatus.ACCEPTED,
    "scheduled": DeliveryStatus.ACCEPTED,
    "queued": DeliveryStatus.ACCEPTED,
    "sending": DeliveryStatus.ACCEPTED,
    "sent": DeliveryStatus.SENT,
    "partially_delivered": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.OPENED,
    "undelivered": DeliveryStatus.UNDELIVERED,
    "failed": DeliveryStatus.UNDELIVERED,
    "canceled": DeliveryStatus.UNDELIVERED,
}


class Do(Enum):
    """What an error code of a send calls for, where the HTTP status alone does not say it."""

    WAIT = "throttled"
    STOP = "every send would fail: pause the vendor, tell the owner"
    NEVER = "this text will never go"
    OPTED_OUT = "never, and the recipient has opted out"


#: Only codes with an effect of their own: Twilio splits codes without notice (changelog of July 2024) and advises
#: against logic that hangs on single ones, so every other 21xxx with a 4xx is NEVER.
CODES: dict[int, Do] = {
    14107: Do.WAIT,  # message rate of the account
    20003: Do.STOP,  # authentication
    20005: Do.STOP,  # account not active
    20429: Do.WAIT,  # too many requests, "was not processed"
    21408: Do.NEVER,  # country not enabled; comes with 403, which otherwise means STOP
    21606: Do.STOP,  # From cannot send SMS or is not ours: no text of ours can
    21610: Do.OPTED_OUT,  # replied STOP
    21611: Do.WAIT,  # From has more than its share queued
    21659: Do.STOP,  # From is not a number of this account (split from 21606)
    21660: Do.STOP,  # From belongs to another account (split from 21606)
    30001: Do.WAIT,  # queue overflow
    30002: Do.STOP,  # account suspended
    30034: Do.STOP,  # sender not registered for A2P 10DLC
}

#: What a delivery's error code means, and whether the same text may get through later.
DELIVERY_CODES: dict[str, tuple[bool, str]] = {
    "30001": (True, "Twilio's queue was full"),
    "30002": (False, "the Twilio account is suspended"),
    "30003": (True, "the phone is off or out of reach"),
    "30004": (False, "the message is blocked by the recipient or the carrier"),
    "30005": (False, "the number is unknown to its carrier"),
    "30006": (False, "a landline, or a carrier that cannot be reached"),
    "30007": (False, "filtered by the carrier; the same text must not be sent again"),
    "30008": (True, "the carrier gave no reason"),
    "30034": (False, "the sending number is not registered for A2P 10DLC"),
    "21610": (False, "the recipient has opted out"),
}

_SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
_OUR_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
#: our clock against Twilio's when old messages are told from new ones
_SKEW = timedelta(minutes=2)
_PAGE_SIZE, _PAGES = 100, 20
#: Twilio takes at most this many characters
MAX_BODY = 1600


class Twilio:
    """Sends texts from one number (or one Messaging Service, `from_` = MG…)."""

    def __init__(
        self, url: str, account_sid: str, auth_token: str, from_: str, *, deadline_s: float = CALL_DEADLINE_S
    ) -> None:
        self._path = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._account = f"/2010-04-01/Accounts/{account_sid}"
        self._from = {"MessagingServiceSid" if _is_service(from_) else "From": from_}
        basic = basic_auth(account_sid, auth_token)
        self.http = VendorHttp(
            VENDOR,
            url,
            headers={"Authorization": f"Basic {basic}"},
            secrets=(auth_token, basic, account_sid),
            deadline_s=deadline_s,
        )

    def __repr__(self) -> str:
        return f"Twilio({self.http!r})"

    async def aclose(self) -> None:
        """Its connections are closed."""
        await self.http.aclose()

    async def send_text(self, text: OutgoingText, call: Call) -> Accepted:
        """
        Twilio has queued the text; `ref` is its sid.

        Raises Rejected (`opted_out` when the person had said STOP to Twilio), BadCredentials, Throttled, Unavailable,
        or OutcomeUnknown: then `find_texts` may tell.
        """
        if len(text.body) > MAX_BODY:
            raise Rejected(f"twilio takes at most {MAX_BODY} characters", vendor=VENDOR, code="21617")
        form = {"To": text.to, **self._from, "Body": text.body}
        if text.status_callback:
            form["StatusCallback"] = text.status_callback
        answer = await self.http.send(call, "POST", self._path, form=form)
        if not answer.is_success:
            raise refusal(self.http, answer)
        made = document(answer)
        sid = made.get("sid")
        if not isinstance(sid, str) or not _SID.fullmatch(sid):
            raise self.http.unreadable(answer)
        return Accepted(sid, {key: made.get(key) for key in ("sid", "status", "num_segments", "error_code")})

    async def find_texts(self, to: str, since: datetime) -> Sequence[SeenText]:
        """
        What Twilio has from us to `to`, made since then (two minutes of grace for the clocks), newest first.

        since: aware, real time. Twilio's DateSent filter is not used: a message that is still queued has no such
        date, and missing it would send it twice.
        Raises Unavailable or Throttled when the list cannot be had whole, Rejected when it never can.
        """
        oldest = since.astimezone(UTC) - _SKEW
        filters: dict[str, str | int] = {"To": to, "PageSize": _PAGE_SIZE}
        if "From" in self._from:
            filters["From"] = self._from["From"]
        query: Mapping[str, str | int] | str = filters
        seen: list[SeenText] = []
        until = self.http.until()
        for _ in range(_PAGES):
            page = await self._page(query, until)
            texts = [_seen_text(entry) for entry in page["messages"] if isinstance(entry, dict)]
            recent = [text for text in texts if text.created_at is None or text.created_at >= oldest]
            seen += [text for text in recent if text.to == to]
            following = page.get("next_page_uri")
            if not isinstance(following, str) or not following or not recent:
                return seen
            # Only its query: the path and the host that our credentials go to stay ours.
            query = urlsplit(following).query
        raise Unavailable("twilio lists more texts to this number than were read", vendor=VENDOR, code="list")

    async def forget_texts(self, texts: ForgetTexts, call: Call) -> Accepted:
        """
        Twilio has none of the texts and calls any more, with their numbers and words; again changes nothing.

        Raises NotYet while one of them is still on its way (Twilio deletes only what has come to its end), else
        Rejected, BadCredentials, Throttled or Unavailable.
        """
        until = self.http.until()
        await asyncio.gather(*(self._forget(ref, call, until) for ref in texts.refs))
        return Accepted(None)

    async def _forget(self, ref: str, call: Call, until: float) -> None:
        if not _SID.fullmatch(ref):
            return
        path = f"{self._account}/{'Calls' if ref.startswith('CA') else 'Messages'}/{ref}.json"
        answer = await self.http.send(call, "DELETE", path, repeatable=True, until=until)
        if answer.is_success or answer.status_code == 404:
            return
        if answer.status_code == 409:  # 20009: not at its end yet
            raise NotYet("a text is still on its way and cannot be deleted yet", vendor=VENDOR, code="409")
        refused = refusal(self.http, answer)
        if isinstance(refused, OutcomeUnknown):  # deleting twice is deleting once
            raise Unavailable(str(refused), vendor=VENDOR, code=refused.code)
        raise refused

    async def prove(self, mail_from: str) -> str:
        """The account and its token are right: its texts can be listed. Raises ProviderError."""
        del mail_from
        await self._page({"PageSize": 1}, self.http.until())
        return "the account and its token are right"

    async def _page(self, query: Mapping[str, str | int] | str, until: float) -> dict[str, Any]:
        answer = await self.http.send(
            Call.for_seconds(self.http.deadline_s), "GET", self._path, query=query, reads=True, until=until
        )
        if not answer.is_success:
            refused = refusal(self.http, answer)
            if isinstance(refused, OutcomeUnknown):  # nothing to be unknown about: it was a question
                raise Unavailable(str(refused), vendor=VENDOR, code=refused.code)
            raise refused
        page = document(answer)
        if not isinstance(page.get("messages"), list):
            raise Unavailable("twilio's list cannot be read", vendor=VENDOR, code="unreadable")
        return page


def basic_auth(account_sid: str, auth_token: str) -> str:
    """What follows "Basic " in the header."""
    return base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode("ascii")


def refusal(http: VendorHttp, answer: httpx.Response) -> ProviderError:
    """
    The error of an answer that is not a success.

    A 500, 502 or 504 with Twilio's own error document is Twilio saying no; without one it may be a front that lost the
    answer of a Twilio that said yes.
    """
    told = document(answer)
    code = told.get("code")
    code = code if isinstance(code, int) and not isinstance(code, bool) else None
    message = told.get("message")
    error = http.refusal(
        answer,
        message if isinstance(message, str) else "",
        code=str(code or ""),
        known=code is not None and isinstance(message, str),
    )
    return _by_code(error, code, answer.status_code)


def _by_code(error: ProviderError, code: int | None, status: int) -> ProviderError:
    """The same error in the class its code asks for."""
    do = CODES.get(code) if code is not None else None
    if do is None and code is not None and 21000 <= code < 22000 and 400 <= status < 500 and status != 429:
        do = Do.NEVER
    text = str(error)
    match do:
        case Do.WAIT:
            return Throttled(text, vendor=VENDOR, code=error.code, retry_after_s=error.retry_after_s)
        case Do.STOP:
            return BadCredentials(text, vendor=VENDOR, code=error.code)
        case Do.NEVER:
            return Rejected(text, vendor=VENDOR, code=error.code)
        case Do.OPTED_OUT:
            return Rejected(text, vendor=VENDOR, code=error.code, opted_out=True)
        case None:
            return error


def is_temporary(code: str | None) -> bool:
    """True when an undelivered text with this code may get through later."""
    return DELIVERY_CODES.get(code or "", (False, ""))[0]


def parse_status(form: Mapping[str, str], query: Mapping[str, str]) -> Delivery:
    """
    A status callback as an event. form: the posted parameters; query: those of our StatusCallback URL.

    Our ids come back as `action` and `attempt` in the query. Callbacks overtake each other: compare ranks.
    Raises AnomalousPayload when the message or its status is not named.
    """
    sid = form.get("MessageSid") or form.get("SmsSid") or ""
    word = (form.get("MessageStatus") or form.get("SmsStatus") or "").strip().lower()[:40]
    if not _SID.fullmatch(sid) or not word:
        raise AnomalousPayload("a Twilio status callback without MessageSid or MessageStatus")
    code = (form.get("ErrorCode") or "").strip()[:10] or None
    return Delivery(
        vendor=VENDOR,
        event_id=f"{sid}:{word}",
        status=STATUSES.get(word, DeliveryStatus.UNKNOWN),
        ref=sid,
        action_id=_our_id(query.get("action")),
        attempt_id=_our_id(query.get("attempt")),
        code=code,
        reason=DELIVERY_CODES[code][1] if code in DELIVERY_CODES else None,
        recipient=form.get("To") or None,
    )


def parse_inbound(form: Mapping[str, str]) -> InboundText:
    """
    A text somebody sent us. New parameters appear without notice and are passed over.

    Raises AnomalousPayload when it does not say which message it is, or who sent it.
    """
    sid = form.get("MessageSid") or form.get("SmsSid") or ""
    sender, to = form.get("From") or "", form.get("To") or ""
    if not _SID.fullmatch(sid) or not sender or not to:
        raise AnomalousPayload("a Twilio message without MessageSid, From or To")
    acted = (form.get("OptOutType") or "").strip().upper()
    media = [form.get(f"MediaUrl{number}", "") for number in range(10)]  # Twilio's limit
    return InboundText(
        ref=sid,
        from_=sender,
        to=to,
        body=form.get("Body") or "",
        opt_out_type=acted if acted in {"STOP", "START", "HELP"} else None,
        media_urls=tuple(url for url in media if url),
    )


def verify_signature(
    auth_token: str, url: str, params: Sequence[tuple[str, str]], signature: str, *, body: bytes | None = None
) -> bool:
    """
    True when Twilio signed this request with our auth token (header X-Twilio-Signature).

    url: as Twilio called it, so from our public URL behind a proxy; path and query exactly as received.
    params: the form's pairs, repeated names kept; empty for GET. body: the raw bytes when they are not a form:
    then the query must carry their `bodySHA256`, and the URL alone is signed.
    A blank token verifies nothing.

    Source: twilio.com/docs/usage/security and twilio-python's request_validator: base64(HMAC-SHA1(token, URL + each
    name + value, names sorted, a repeated name's values sorted and without duplicates)), the URL tried with and
    without its port.
    """
    if not auth_token:
        return False
    try:
        parts = urlsplit(url)
        candidates = {url, *_with_and_without_port(parts)}
        hashes = parse_qs(parts.query).get("bodySHA256", [])
    except ValueError:
        return False
    is_whole = True
    if body is not None:
        given = hashes[0] if hashes else ""
        is_whole = hmac.compare_digest(sha256(body).hexdigest().encode(), given.lower().encode("utf-8", "replace"))
        params = ()
    signed = "".join(name + value for name, value in sorted(set(params))).encode("utf-8", "replace")
    given_signature = signature.encode("utf-8", "replace")
    is_signed = False
    for candidate in sorted(candidates):  # every one, so that the time says nothing
        digest = hmac.new(auth_token.encode(), candidate.encode("utf-8", "replace") + signed, sha1).digest()
        is_signed |= hmac.compare_digest(base64.b64encode(digest), given_signature)
    return is_signed and is_whole


def _with_and_without_port(parts: SplitResult) -> tuple[str, str]:
    login, at, _ = parts.netloc.rpartition("@")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.netloc[len(login + at) :].split(":")[0]
    port = parts.port or (443 if parts.scheme == "https" else 80)
    bare = parts._replace(netloc=f"{login}{at}{host}")
    return urlunsplit(bare), urlunsplit(bare._replace(netloc=f"{login}{at}{host}:{port}"))


def _seen_text(entry: Mapping[str, Any]) -> SeenText:
    def text(name: str) -> str:
        value = entry.get(name)
        return value if isinstance(value, str) else ""

    return SeenText(
        ref=text("sid"),
        to=text("to"),
        from_=text("from"),
        body=text("body"),
        status=STATUSES.get(text("status"), DeliveryStatus.UNKNOWN),
        created_at=_instant(text("date_created")),
    )


def _instant(rfc_2822: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(rfc_2822)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _our_id(text: str | None) -> str | None:
    return text if text and _OUR_ID.fullmatch(text) else None


def _is_service(sender: str) -> bool:
    return sender.startswith("MG") and _SID.fullmatch(sender) is not None
