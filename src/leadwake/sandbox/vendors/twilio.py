"""
Stand-in for Twilio's Messages API: validates, accepts, lists at once, reports delivery by signed callbacks. Calls are
in `twilio_voice`.

Its own opt-out keywords are off, as an account may have them: a text that must not leave
is taken here, so that it shows.
Sources: twilio-oai `twilio_api_v2010.json`; twilio.com/docs/api/errors; twilio.com/docs/iam/test-credentials;
twilio.com/docs/usage/security (read 2026-11-22).
"""

from __future__ import annotations

import re
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from urllib.parse import unquote, urlencode

from leadwake.sandbox.behaviour import Behaviour
from leadwake.sandbox.bodies import FORM, Unreadable, form, json_object
from leadwake.sandbox.outbox import NotLocal, Outbox, Place, Undelivered, locate
from leadwake.sandbox.vendors import twilio_account
from leadwake.sandbox.vendors.base import RETRY_AFTER_1S
from leadwake.sandbox.vendors.twilio_voice import Switchboard
from leadwake.sandbox.vendors.twilio_wire import API_VERSION, basic, credentials, refusal, rfc2822, signed_headers
from leadwake.sandbox.wire import Answer, Request

MAX_TEXTS = 50_000
MAX_REPLIES = 500
MAX_BODY_CHARS = 1_600
MAX_PAGE = 1_000
PAGE = 50
SMS_HOOK = "/hooks/twilio/sms"

#: After acceptance: handed to the carrier, then at the handset; each text takes a little of its own on top.
SENT_AFTER_S = 0.2
DELIVERED_AFTER_S = 0.5
JITTER_S = 0.4

UNREACHABLE = 30003

_PATH = re.compile(r"/2010-04-01/Accounts/([^/]{1,64})/(Messages|Calls)(?:/([^/]{1,64}))?\.json")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")

#: twilio.com/docs/iam/test-credentials: numbers that are always refused.
REFUSED_TO: Mapping[str, tuple[int, str]] = {
    "+15005550001": (21211, "The 'To' number +15005550001 is not a valid phone number."),
    "+15005550002": (21612, "The 'To' phone number is not currently reachable via SMS from this 'From' number."),
    "+15005550003": (21408, "Permission to send an SMS has not been enabled for the region of the 'To' number."),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": (21614, "'To' number is not a valid mobile number"),
}
REFUSED_FROM: Mapping[str, tuple[int, str]] = {
    "+15005550001": (
        21212,
        "The 'From' number +15005550001 is not a valid phone number, shortcode, or alphanumeric sender ID.",
    ),
    "+15005550007": (21606, "The 'From' phone number is not a valid, SMS-capable number of this account."),
    "+15005550008": (21611, "The 'From' number has exceeded the maximum number of queued messages."),
}

#: Characters that travel in 7 bits; one other makes the whole text UCS-2 (3GPP TS 23.038).
_GSM_TWICE = frozenset("^{}\\[~]|€")
_GSM = _GSM_TWICE | frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text as accepted. at: Unix seconds; outcome: how it ends. token signs what is reported about it."""

    sid: str
    account: str
    token: str
    to: str
    from_: str
    service: str
    body: str
    callback: str
    at: float
    failed: bool

    def lag_s(self) -> float:
        """0 to JITTER_S, its own and always the same."""
        return int(self.sid[-4:], 16) / 0xFFFF * JITTER_S

    def status(self, now: float) -> str:
        """Where the text is by now, in Twilio's words."""
        age = now - self.at - self.lag_s()
        if age < SENT_AFTER_S:
            return "queued"
        if age < DELIVERED_AFTER_S:
            return "sent"
        return "undelivered" if self.failed else "delivered"


@dataclass(frozen=True, slots=True)
class Reply:
    """A text that a person of the practice wrote back. outcome: what came of it, None while it is under way."""

    id: int
    person: str
    to: str
    body: str
    at: float
    outcome: str | None = None
    arrived: bool = False


class Twilio:
    """The stand-in."""

    name = "twilio"

    def __init__(self, outbox: Outbox, product_url: str | None = None, max_texts: int = MAX_TEXTS) -> None:
        self._outbox = outbox
        self._product_url = product_url
        self._inbound_url = None if product_url is None else product_url.rstrip("/") + SMS_HOOK
        self._max_texts = max_texts
        self.voice = Switchboard(outbox, product_url)
        self._texts: dict[str, Text] = {}
        self._by_to: dict[str, deque[Text]] = {}
        self._order: deque[Text] = deque()
        self.replies: dict[int, Reply] = {}
        self._reply_seq = 0
        self.account = twilio_account.Account()

    # the vendor

    def work(self, request: Request, path: str, behaviour: Behaviour) -> Answer:
        if about := twilio_account.PATHS.fullmatch(path):
            return self._about(request, path, about)
        match = _PATH.fullmatch(path)
        if match is None:
            return refusal(404, 20404, f"The requested resource {path[:200]} was not found")
        account, sid = unquote(match[1]), match[3]
        token = credentials(request, account)
        if not token:
            return refusal(401, 20003, "Authenticate")
        self.voice.account, self.voice.token = account, token
        if match[2] == "Calls":
            return self._call(request, account, token, sid, behaviour)
        try:
            if sid is not None and request.method == "GET":
                return self._fetch(account, sid)
            if sid is not None and request.method == "DELETE":
                return self._delete(account, sid)
            if sid is None and request.method == "GET":
                return self._list(account, form(request.query), request.query)
            if sid is None and request.method == "POST":
                is_form = request.header(b"content-type").partition(";")[0].strip().lower() == FORM
                return self._create(account, token, form(request.body) if is_form else {}, request.at, behaviour)
        except Unreadable as problem:
            return refusal(400, 20001, str(problem))
        return refusal(405, 20004, "Method not allowed")

    def _call(self, request: Request, account: str, token: str, sid: str | None, behaviour: Behaviour) -> Answer:
        if sid is not None and request.method in ("GET", "POST", "DELETE"):
            return self.voice.one(account, sid, request)
        if sid is None and request.method == "POST":
            return self.voice.create(account, token, request.body, request.at, behaviour)
        return refusal(405, 20004, "Method not allowed")

    def _about(self, request: Request, path: str, match: re.Match[str]) -> Answer:
        """The account itself: its numbers, services and registration."""
        account = unquote(match["account"]) if match["account"] else basic(request)[0]
        if not credentials(request, account):
            return refusal(401, 20003, "Authenticate")
        try:
            answer = self.account.work(request, match, account)
        except Unreadable as problem:
            return refusal(400, 20001, str(problem))
        return answer or refusal(404, 20404, f"The requested resource {path[:200]} was not found")

    def throttled(self) -> Answer:
        return refusal(429, 20429, "Too Many Requests", RETRY_AFTER_1S)

    def failed(self) -> Answer:
        return refusal(503, 20503, "Service Unavailable")

    def _create(self, account: str, token: str, fields: Mapping[str, str], at: float, behaviour: Behaviour) -> Answer:
        refused = _refused(fields)
        if refused is not None:
            return refusal(400, *refused)
        text = Text(
            sid="SM" + secrets.token_hex(16),
            account=account,
            token=token,
            to=fields["To"],
            from_=fields.get("From", ""),
            service=fields.get("MessagingServiceSid", ""),
            body=fields.get("Body", ""),
            callback=fields.get("StatusCallback", ""),
            at=at,
            failed=behaviour.delivery == "failed",
        )
        self._keep(text)
        self.voice.number = text.from_ or self.voice.number
        if text.callback and behaviour.callbacks:
            self._report_later(text)
        return Answer.json(201, message(text, "queued"))

    def _keep(self, text: Text) -> None:
        self._texts[text.sid] = text
        self._order.append(text)
        self._by_to.setdefault(text.to, deque()).append(text)
        if len(self._order) > self._max_texts:
            oldest = self._order.popleft()
            del self._texts[oldest.sid]
            same_number = self._by_to[oldest.to]
            same_number.popleft()
            if not same_number:
                del self._by_to[oldest.to]

    def _fetch(self, account: str, sid: str) -> Answer:
        text = self._texts.get(sid)
        if text is None or text.account != account:
            return refusal(404, 20404, f"The requested resource {sid} was not found")
        return Answer.json(200, message(text, text.status(time.time())))

    def _delete(self, account: str, sid: str) -> Answer:
        """Only what has come to its end can be deleted; what a person wrote to us is not kept here at all."""
        text = self._texts.get(sid)
        if text is None or text.account != account:
            return refusal(404, 20404, f"The requested resource {sid} was not found")
        if text.status(time.time()) in ("queued", "sent"):
            return refusal(409, 20009, "Cannot delete this resource before it is complete")
        del self._texts[sid]
        self._order.remove(text)
        same_number = self._by_to[text.to]
        same_number.remove(text)
        if not same_number:
            del self._by_to[text.to]
        return Answer(204, b"", "text/plain")

    def _list(self, account: str, query: Mapping[str, str], raw_query: str) -> Answer:
        """Newest first, at once after acceptance, also what was accepted under a cut answer."""
        try:
            size = min(max(int(query.get("PageSize", PAGE)), 1), MAX_PAGE)
            page = max(int(query.get("Page", 0)), 0)
            on_time = _date_filter(query)
        except ValueError as problem:
            raise Unreadable(f"Invalid query: {problem}") from problem
        chosen = (
            text
            for text in self._newest(query.get("To"))
            if text.account == account and query.get("From", text.from_) == text.from_ and on_time(text.at)
        )
        found = list(islice(_after(chosen, query.get("PageToken")), size + 1))
        now = time.time()
        uri = f"/{API_VERSION}/Accounts/{account}/Messages.json"
        follow = None
        if len(found) > size:
            found.pop()
            kept = {name: value for name, value in query.items() if name not in ("Page", "PageToken", "PageSize")}
            follow = (
                f"{uri}?{urlencode(kept | {'PageSize': size, 'Page': page + 1, 'PageToken': 'PA' + found[-1].sid})}"
            )
        return Answer.json(
            200,
            {
                "end": page * size + max(len(found) - 1, 0),
                "first_page_uri": f"{uri}?PageSize={size}&Page=0",
                "next_page_uri": follow,
                "page": page,
                "page_size": size,
                "previous_page_uri": None,
                "start": page * size,
                "uri": f"{uri}?{raw_query}" if raw_query else uri,
                "messages": [message(text, text.status(now)) for text in found],
            },
        )

    def _newest(self, to: str | None) -> Iterator[Text]:
        return reversed(self._order if to is None else self._by_to.get(to, ()))

    # delivery reports

    def _report_later(self, text: Text) -> None:
        try:
            place = locate(text.callback, self._product_url)
        except NotLocal:
            return
        url = text.callback.partition("#")[0]  # the fragment is Twilio's own settings, neither sent nor signed
        for due, status in ((SENT_AFTER_S, "sent"), (DELIVERED_AFTER_S, text.status(text.at + 3600))):
            self._outbox.later(due + text.lag_s(), lambda status=status: self._report(text, status, place, url))  # type: ignore[misc]

    def _report(self, text: Text, status: str, place: Place, url: str) -> None:
        fields = {
            "SmsSid": text.sid,
            "SmsStatus": status,
            "MessageStatus": status,
            "To": text.to,
            "MessageSid": text.sid,
            "AccountSid": text.account,
            "From": text.from_,
            "ApiVersion": API_VERSION,
        }
        if text.service:
            fields["MessagingServiceSid"] = text.service
        if status == "undelivered":
            fields["ErrorCode"] = str(UNREACHABLE)
        elif status == "delivered":
            fields["RawDlrDoneDate"] = datetime.now(UTC).strftime("%y%m%d%H%M")
        self._outbox.post(place, urlencode(fields).encode(), signed_headers(url, fields, text.token))

    # the sandbox's own desk

    def desk(self, request: Request, path: str) -> Answer | None:
        if path == "/_a2p" and request.method in ("GET", "PUT"):
            return self.account.desk(request)
        if path != "/_inbound":
            return None
        if request.method == "GET":
            return Answer.json(200, {"url": self._inbound_url})
        if request.method != "PUT":
            return Answer.json(405, {"error": "GET or PUT"}, ("allow", "GET, PUT"))
        try:
            url = json_object(request.body).get("url")
            if not isinstance(url, str):
                raise NotLocal("must be an http:// URL of this machine")
            locate(url)
        except (Unreadable, NotLocal) as problem:
            return Answer.json(422, {"errors": {"url": str(problem)}})
        self._inbound_url = url
        return Answer.json(200, {"url": url})

    def conversations(self, since: float, limit: int) -> list[tuple[str, list[Text | Reply]]]:
        """Newest conversation first: (the person's number, what was said after `since`, oldest first)."""
        found: dict[str, list[Text | Reply]] = {}
        said: Iterable[Text | Reply] = sorted(
            (*islice(reversed(self._order), 2_000), *self.replies.values()), key=lambda item: item.at, reverse=True
        )
        for item in said:
            if item.at <= since:
                break
            person = item.to if isinstance(item, Text) else item.person
            if person in found:
                found[person].append(item)
            elif len(found) < limit:
                found[person] = [item]
        return [(person, items[::-1]) for person, items in found.items()]

    def knows(self, person: str) -> bool:
        """True for a number that was texted."""
        return person in self._by_to

    async def reply_as(self, person: str, body: str) -> Reply:
        """The person texts back to the number that texted them last; the product gets it, signed. Raises KeyError."""
        last = self._by_to[person][-1]
        self._reply_seq += 1
        reply = Reply(self._reply_seq, person, last.from_ or "+15005550006", body[:MAX_BODY_CHARS], time.time())
        self.replies[reply.id] = reply
        while len(self.replies) > MAX_REPLIES:
            del self.replies[next(iter(self.replies))]
        done = await self._deliver_reply(reply, last)
        if reply.id in self.replies:
            self.replies[reply.id] = done
        return done

    async def _deliver_reply(self, reply: Reply, last: Text) -> Reply:
        if self._inbound_url is None:
            return replace(
                reply, outcome="not delivered: the sandbox was not told where the product is (--product-url)"
            )
        sid = "SM" + secrets.token_hex(16)
        fields = {
            "ToCountry": "US",
            "SmsMessageSid": sid,
            "NumMedia": "0",
            "SmsSid": sid,
            "SmsStatus": "received",
            "FromCountry": "US",
            "Body": reply.body,
            "To": reply.to,
            "NumSegments": str(segments(reply.body)),
            "MessageSid": sid,
            "AccountSid": last.account,
            "From": reply.person,
            "ApiVersion": API_VERSION,
        }
        started = time.monotonic()
        try:
            headers = signed_headers(self._inbound_url, fields, last.token)
            answer = await self._outbox.request(locate(self._inbound_url), urlencode(fields).encode(), headers)
        except (Undelivered, NotLocal) as problem:
            return replace(reply, outcome=f"not delivered: {problem}")
        took_ms = round((time.monotonic() - started) * 1000)
        good = 200 <= answer.status < 300
        said = "taken" if good else f"answered {answer.status}"
        return replace(reply, outcome=f"{said} in {took_ms} ms", arrived=good)


def message(text: Text, status: str) -> dict[str, Any]:
    """The Message resource."""
    uri = f"/{API_VERSION}/Accounts/{text.account}/Messages/{text.sid}"
    created = rfc2822(int(text.at))
    return {
        "account_sid": text.account,
        "api_version": API_VERSION,
        "body": text.body,
        "date_created": created,
        "date_sent": None if status == "queued" else created,
        "date_updated": created,
        "direction": "outbound-api",
        "error_code": UNREACHABLE if status == "undelivered" else None,
        "error_message": None,
        "from": text.from_ or None,
        "messaging_service_sid": text.service or None,
        "num_media": "0",
        "num_segments": str(segments(text.body)),
        "price": None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": text.to,
        "uri": f"{uri}.json",
    }


def segments(body: str) -> int:
    """How many texts the carrier makes of it: 160 characters or 153 each, 70 or 67 with one outside GSM-7."""
    if _GSM.issuperset(body):
        septets = len(body) if _GSM_TWICE.isdisjoint(body) else len(body) + sum(map(_GSM_TWICE.__contains__, body))
        return 1 if septets <= 160 else -(-septets // 153)
    units = len(body.encode("utf-16-le")) // 2
    return 1 if units <= 70 else -(-units // 67)


def _refused(fields: Mapping[str, str]) -> tuple[int, str] | None:
    """Twilio's code and words when it would refuse these parameters, None when it takes them."""
    to, from_, body = fields.get("To", ""), fields.get("From", ""), fields.get("Body", "")
    if not to:
        return 21604, "A 'To' phone number is required."
    if not from_ and not fields.get("MessagingServiceSid"):
        return 21603, "A 'From' phone number is required."
    if not body and not fields.get("MediaUrl") and not fields.get("ContentSid"):
        return 21602, "Message body is required."
    if len(body) > MAX_BODY_CHARS:
        return 21617, "The concatenated message body exceeds the 1600 character limit."
    if not _E164.fullmatch(to):
        return 21211, f"The 'To' number {to[:40]} is not a valid phone number."
    if "StatusCallback" in fields and not re.match(r"https?://[^\s/]", fields["StatusCallback"]):
        return 21609, "The StatusCallback URL is not a valid URL."
    return REFUSED_FROM.get(from_) or REFUSED_TO.get(to)


def _after(texts: Iterator[Text], page_token: str | None) -> Iterator[Text]:
    """What follows the text that a page ended with; stable while newer ones arrive."""
    if page_token:
        for text in texts:
            if "PA" + text.sid == page_token:
                break
    return texts


def _date_filter(query: Mapping[str, str]) -> Callable[[float], bool]:
    """Whether an instant lies in `DateSent`, `DateSent>`, `DateSent<`: whole days, or instants. Raises ValueError."""
    day = 86_400.0
    low, high = 0.0, float("inf")
    for name, value in query.items():
        if name not in ("DateSent", "DateSent>", "DateSent<") or not value:
            continue
        at = datetime.fromisoformat(value)
        start = at.replace(tzinfo=at.tzinfo or UTC).timestamp()
        length = day if len(value) == len("YYYY-MM-DD") else 1.0
        if name != "DateSent<":
            low = max(low, start)
        if name != "DateSent>":
            high = min(high, start + length)
    return lambda at: low <= at < high
