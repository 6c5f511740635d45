"""The one HTTP client for vendors: deadline, lease, status → error, secrets out of every text.

What is known of a request that failed, and why (DESIGN section 4: nobody is texted twice):

    nothing written (DNS, refused, TLS, no slot, lease gone)       Unavailable: it cannot have been accepted
    written, then cut, silent, unreadable, or past the deadline    OutcomeUnknown: it may have been accepted
    429                                                            Throttled: "the request was not processed"
    503, 408, 425, 3xx                                             Unavailable: turned away at the door
    500, 502, 504                                                  OutcomeUnknown: the front answered, what stood
                                                                   behind it may have acted; an adapter that knows
                                                                   better (an upsert, the vendor's own error
                                                                   document, its documentation) says `known=True`
    401, 403                                                       BadCredentials
    other 4xx                                                      Rejected

A keep-alive connection that the vendor closed while our request was on its way looks the same as one it closed after
accepting. Connections are therefore dropped after 4 s idle and looked at before use (wire.py); requests that may be
repeated are, once, inside the deadline.
"""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import msgspec

from leadwake.errors import (
    BadCredentials,
    ConfigError,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
    Unavailable,
)
from leadwake.providers.ports import CALL_DEADLINE_S, Bearer, Call
from leadwake.providers.wire import Wire

#: no vendor makes us wait longer than this
MAX_RETRY_AFTER_S = 86_400.0
#: at once to one vendor; the slots of the actions are the tighter bound
MAX_CONNECTIONS = 64

#: tokens of a connection that are kept out of texts: this one and a few before it
_LEARNT = 8

_LONG_NUMBER = re.compile(r"\+?\d(?:[\s().-]{0,3}\d){6,}")
_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


async def _at_once() -> None:
    pass


class LeaseLost(Exception):
    """The lease ended before anything was written."""


class VendorHttp:
    """
    One vendor's API. headers: sent with every request; secrets: never shown in any error or repr.

    base_url: scheme, host and prefix, the documented paths follow it. deadline_s: one call, all its requests.
    Raises ConfigError when a header holds a line break or the URL is none.
    """

    def __init__(
        self,
        vendor: str,
        base_url: str,
        *,
        headers: Mapping[str, str],
        secrets: Iterable[str] = (),
        deadline_s: float = CALL_DEADLINE_S,
        max_connections: int = MAX_CONNECTIONS,
        tls: ssl.SSLContext | None = None,
        admit: Callable[[Sequence[str]], list[str]] = list,
    ) -> None:
        self.vendor = vendor
        #: returns once a question that nobody waits for may be asked; the workers set it to what the limits say
        self.pace: Callable[[], Awaitable[None]] = _at_once
        #: whose token every request carries, where that changes: an OAuth connection
        self.bearer: Bearer | None = None
        self.deadline_s = deadline_s
        self._base = base_url.rstrip("/")
        self._redact = Redaction(secrets)
        self._wire = Wire(_checked(vendor, self._base), max_connections=max_connections, tls=tls, admit=admit)
        fixed = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "leadwake"}
        if any(not value.isascii() or _CONTROL.search(value) for value in headers.values()):
            raise ConfigError(f"{vendor}: its credentials hold a character that no header can carry; paste them again")
        self._headers = httpx.Headers({**fixed, **headers})

    def __repr__(self) -> str:
        url = httpx.URL(self._base)
        return f"VendorHttp({self.vendor!r}, '{url.scheme}://{url.netloc.decode('ascii')}')"

    async def aclose(self) -> None:
        """Its connections are closed."""
        await self._wire.aclose()

    def until(self) -> float:
        """The loop's instant at which a call that begins now must have ended."""
        return asyncio.get_running_loop().time() + self.deadline_s

    async def send(
        self,
        call: Call,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | str | None = None,
        form: Mapping[str, str | Sequence[str]] | None = None,
        json: object = None,
        reads: bool = False,
        repeatable: bool = False,
        until: float | None = None,
    ) -> httpx.Response:
        """
        The vendor's answer, whatever its status; body read, at most 1 MiB.

        reads: changes nothing at the vendor, so its failure is never unknown and `call.written` stays as it is.
        repeatable: doing it twice is doing it once; tried again when the connection closed without an answer.
        until: from `until()`, when one call needs several requests.
        Raises Unavailable (nothing was accepted) or OutcomeUnknown (see the module).
        """
        call.requests += 1
        exchange = _Exchange(call, reads=reads)
        request = self._request(method, path, query, form, json, exchange)
        try:
            async with asyncio.timeout_at(self.until() if until is None else until):
                if self.bearer is not None:
                    return await self._as_bearer(self.bearer, request, exchange, again=repeatable or reads)
                return await self._deliver(request, again=repeatable or reads)
        except LeaseLost:
            raise Unavailable("the lease ended before anything was sent", vendor=self.vendor, code="lease") from None
        except TimeoutError:
            raise self._failed(exchange, "deadline", f"no answer within {self.deadline_s:g} s") from None
        except httpx.TransportError as error:
            raise self._failed(exchange, "connection", str(error)) from None

    async def ask(
        self, method: str, path: str, *, query: Mapping[str, str | int] | str | None = None, json: object = None
    ) -> httpx.Response:
        """
        The answer to a question that nobody waits for: asked when the vendor's limits allow it, with a deadline of its
        own from then on. Raises as `send` does, and Throttled when the limits leave nothing for it today.
        """
        await self.pace()
        return await self.send(Call.for_seconds(self.deadline_s), method, path, query=query, json=json, reads=True)

    def refusal(
        self, answer: httpx.Response, message: str = "", *, code: str = "", known: bool = False
    ) -> ProviderError:
        """
        The error that a status stands for; see the table above.

        message, code: the vendor's own words, scrubbed here. known: a 5xx is known not to have been accepted.
        """
        status = answer.status_code
        code = self.clean(code)[:40] or str(status)
        text = self.clean(f"{self.vendor} answered {status}" + (f": {message}" if message else ""))
        wait = retry_after_s(answer.headers)
        if status == 429:
            return Throttled(text, vendor=self.vendor, code=code, retry_after_s=wait)
        if status in {408, 425, 503} or 300 <= status < 400 or (status >= 500 and known):
            return Unavailable(text, vendor=self.vendor, code=code, retry_after_s=wait)
        if status in {401, 403}:
            return BadCredentials(text, vendor=self.vendor, code=code)
        if 400 <= status < 500:
            return Rejected(text, vendor=self.vendor, code=code)
        return OutcomeUnknown(text, vendor=self.vendor, code=code, retry_after_s=wait)

    def unreadable(self, answer: httpx.Response) -> OutcomeUnknown:
        """A success that does not say what was made: accepted or not, nobody knows."""
        text = f"{self.vendor} answered {answer.status_code} with a body that cannot be read"
        return OutcomeUnknown(text, vendor=self.vendor, code="unreadable")

    def clean(self, text: str) -> str:
        """The vendor's words without secrets, numbers, addresses or line breaks; at most 300 characters."""
        return self._redact(text)

    async def _as_bearer(
        self, bearer: Bearer, request: httpx.Request, exchange: _Exchange, *, again: bool
    ) -> httpx.Response:
        """The answer with the token of now; a request whose token is refused was not acted on, and goes once more."""
        token = await bearer.token()
        answer = await self._deliver(self._signed(request, token), again=again)
        if not bearer.is_refusal(answer):
            return answer
        exchange.refused()
        return await self._deliver(self._signed(request, await bearer.another(token)), again=again)

    def _signed(self, request: httpx.Request, token: str) -> httpx.Request:
        if not token.isascii() or not token.isprintable():
            raise BadCredentials(f"{self.vendor}: its token holds a character that no header can carry",
                                 vendor=self.vendor, code="token")  # fmt: skip
        self._redact.learn(token)
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    async def _deliver(self, request: httpx.Request, *, again: bool) -> httpx.Response:
        try:
            return await self._wire.handle_async_request(request)
        except (httpx.ReadError, httpx.RemoteProtocolError):
            if not again:
                raise
        self._wire.forget_idle()  # they may have been closed together
        return await self._wire.handle_async_request(request)

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | int] | str | None,
        form: Mapping[str, str | Sequence[str]] | None,
        json: object,
        exchange: _Exchange,
    ) -> httpx.Request:
        headers, content = self._headers, None
        if form is not None:
            content = urlencode(form, doseq=True).encode("ascii")
            headers = httpx.Headers(headers)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif json is not None:
            content = msgspec.json.encode(json)
            headers = httpx.Headers(headers)
            headers["Content-Type"] = "application/json"
        asked = query if isinstance(query, str) else urlencode(query, quote_via=quote) if query else ""
        url = httpx.URL(f"{self._base}{path}?{asked}") if asked else _url(f"{self._base}{path}")
        return httpx.Request(
            method, url, headers=headers, content=content, extensions={"before_write": exchange.before_write}
        )

    def _failed(self, exchange: _Exchange, code: str, reason: str) -> ProviderError:
        kind = OutcomeUnknown if exchange.written and not exchange.reads else Unavailable
        return kind(self.clean(f"{self.vendor}: {reason}"), vendor=self.vendor, code=code)


#: parsing costs as much as the rest of a request; addresses with a query may hold a number and are not kept
_url = lru_cache(maxsize=64)(httpx.URL)


class _Exchange:
    """One request of a call: whether it may leave, and whether it did."""

    __slots__ = ("_before", "call", "reads", "written")

    def __init__(self, call: Call, *, reads: bool) -> None:
        self.call = call
        self.reads = reads
        self.written = False
        self._before = call.written

    def before_write(self) -> None:
        """Called with nothing between it and the write. Raises LeaseLost when the lease is over."""
        if not self.call.may_write():
            raise LeaseLost
        self.written = True
        if not self.reads:
            self.call.written = True

    def refused(self) -> None:
        """The vendor did not act on what was written, and it is about to be written once more."""
        self.call.requests += 1
        self.written, self.call.written = False, self._before


class Redaction:
    """Takes secrets (also as Basic and URL encodings of them), numbers and addresses out of a text."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets: list[str] = []
        self._learnt: deque[str] = deque(maxlen=_LEARNT)
        for secret in secrets:
            self._add(secret)

    def learn(self, token: str) -> None:
        """One more secret; of those that follow each other, the last few are known."""
        if token not in self._learnt:
            self._learnt.append(token)

    def _add(self, secret: str) -> None:
        if secret:
            self._secrets += {secret, base64.b64encode(secret.encode()).decode(), quote(secret)}
            self._secrets.sort(key=len, reverse=True)

    def __repr__(self) -> str:
        return f"Redaction({len(self._secrets)} secrets)"

    def __call__(self, text: str) -> str:
        """`text` as one line of at most 300 characters that may be logged."""
        for secret in (*self._secrets, *self._learnt):
            text = text.replace(secret, "[secret]")
        text = _CONTROL.sub(" ", text)
        return _LONG_NUMBER.sub("[number]", _EMAIL.sub("[address]", text))[:300]


def document(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; empty when the body is none."""
    try:
        found = msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """
    Seconds the vendor asks us to wait, 0 to 86,400; None when it says nothing that can be read.

    Retry-After (seconds or a date) before X-RateLimit-Reset (SendGrid: a Unix instant; others: seconds left).
    """
    at = (now or datetime.now(UTC)).timestamp()
    asked = headers.get("Retry-After", "").strip()
    if asked:
        seconds = _seconds(asked)
        if seconds is None:
            seconds = _until_date(asked, at)
        if seconds is not None:
            return _bounded(seconds)
    reset = _seconds(headers.get("X-RateLimit-Reset", "").strip())
    if reset is None:
        return None
    return _bounded(reset - at if reset > 1e9 else reset)


def _seconds(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,9})?", text) else None


def _until_date(text: str, at: float) -> float | None:
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - at


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_S)


def _checked(vendor: str, base_url: str) -> httpx.URL:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        raise ConfigError(f"LEADWAKE_{vendor.upper()}_URL is no URL") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigError(f"LEADWAKE_{vendor.upper()}_URL must start with http:// or https:// and name a host")
    return url
