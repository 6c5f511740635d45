"""A delivery to an endpoint that somebody of the team named: one guarded POST, and what its answer means.

Receivers know a delivery by its id, so it may always be made again: no outcome is unknown here, only failed.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import OrderedDict
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import httpx

from leadwake.errors import ProviderError, Rejected, Throttled, Unavailable
from leadwake.providers.guarded import Reach, admitted
from leadwake.providers.http import LeaseLost, retry_after_s
from leadwake.providers.ports import CALL_DEADLINE_S, Accepted, Call
from leadwake.providers.wire import Wire

#: deliveries under way to one endpoint, for each process
SLOTS: Final = 8
#: origins whose connections are kept
_WIRES: Final = 64
_VENDOR: Final = "endpoint"
_FIXED: Final = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "Leadwake-Webhooks"}
#: the endpoint wants nothing any more
GONE: Final = "410"


class WebhookSender:
    """Posts to whatever URL it is given, where `reach` lets it. tls: None for the world's certificates."""

    def __init__(self, reach: Reach, *, tls: ssl.SSLContext | None = None) -> None:
        self.reach = reach
        self._tls = tls
        self._wires: OrderedDict[tuple[str, str, int | None], Wire] = OrderedDict()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, call: Call) -> Accepted:
        """
        Somebody there took it; `ref` says how: "204 in 31 ms".

        Raises Rejected (code GONE: it wants nothing more), Throttled (with its wish), else ProviderError: try again.
        """
        began = time.monotonic()
        try:
            async with asyncio.timeout(CALL_DEADLINE_S):
                answer = await self._exchange(httpx.URL(url), headers, body, call)
        except LeaseLost:
            raise Unavailable("the lease ended before anything was sent", vendor=_VENDOR, code="lease") from None
        except TimeoutError:
            text = f"no answer within {CALL_DEADLINE_S:g} s"
            raise ProviderError(text, vendor=_VENDOR, code="deadline") from None
        except (httpx.TransportError, httpx.InvalidURL, ValueError) as error:
            raise ProviderError(str(error)[:200], vendor=_VENDOR, code="connection") from None
        took = f"in {(time.monotonic() - began) * 1000:.0f} ms"
        if answer.is_success:
            return Accepted(f"{answer.status_code} {took}")
        raise _refusal(answer, took)

    async def aclose(self) -> None:
        """Its connections are closed."""
        while self._wires:
            await self._wires.popitem()[1].aclose()

    async def _exchange(self, url: httpx.URL, headers: Mapping[str, str], body: bytes, call: Call) -> httpx.Response:
        def before_write() -> None:
            if not call.may_write():
                raise LeaseLost
            call.written = True

        request = httpx.Request(
            "POST", url, headers={**_FIXED, **headers}, content=body, extensions={"before_write": before_write}
        )
        return await self._wire(url).handle_async_request(request)

    def _wire(self, url: httpx.URL) -> Wire:
        origin = (url.scheme, url.host, url.port)
        wire = self._wires.pop(origin, None)
        if wire is None:
            wire = Wire(url, max_connections=SLOTS, tls=self._tls, admit=admitted(url.scheme, self.reach))
        self._wires[origin] = wire
        if len(self._wires) > _WIRES:
            self._wires.popitem(last=False)[1].forget_idle()
        return wire


def _refusal(answer: httpx.Response, took: str) -> ProviderError:
    status = answer.status_code
    name = next((known.phrase for known in HTTPStatus if known == status), "unknown status")
    text, code, wait = f"{name}, {took}", str(status), retry_after_s(answer.headers)
    if code == GONE:
        return Rejected(text, vendor=_VENDOR, code=code)
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.SERVICE_UNAVAILABLE and wait is not None):
        return Throttled(text, vendor=_VENDOR, code=code, retry_after_s=wait)
    if answer.is_redirect:
        text = f"{text}; redirects are not followed"
    return ProviderError(text, vendor=_VENDOR, code=code)
