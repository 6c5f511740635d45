"""HTTP to hosts that an admin or an identity provider named: guarded like webhooks, any origin, one deadline."""

from __future__ import annotations

import asyncio
from typing import Final

import httpx

from leadwake.errors import Unavailable
from leadwake.providers.guarded import Reach, admitted
from leadwake.providers.wire import Wire

#: one question, connecting included; somebody waits for it with a browser
DEADLINE_S: Final = 5.0
_FIXED: Final = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Leadwake"}


class Outward:
    """
    Asks whatever URL it is given, where `reach` lets it. Redirects are not followed. whom: said when it fails.

    A connection a question: sign-ins are rare, and what is named may change.
    """

    def __init__(self, whom: str, reach: Reach) -> None:
        self.whom, self.reach = whom, reach

    async def ask(
        self, method: str, url: str, *, headers: dict[str, str] | None = None, content: str = ""
    ) -> httpx.Response:
        """The answer, whatever its status; at most 1 MiB. Raises Unavailable."""
        try:
            where = httpx.URL(url)
            wire = Wire(where, max_connections=1, admit=admitted(where.scheme, self.reach))
            request = httpx.Request(
                method, where, headers={**_FIXED, **(headers or {})}, content=content.encode(),
                extensions={"before_write": lambda: None},
            )  # fmt: skip
            try:
                async with asyncio.timeout(DEADLINE_S):
                    answer = await wire.handle_async_request(request)
            finally:
                await wire.aclose()
        except TimeoutError:
            raise Unavailable(f"{self.whom} did not answer within {DEADLINE_S:g} s", vendor=self.whom) from None
        except (httpx.TransportError, httpx.InvalidURL, ValueError, TypeError) as error:
            raise Unavailable(f"{self.whom} cannot be reached: {str(error)[:120]}", vendor=self.whom) from None
        answer.request = request
        return answer
