"""Meta's Graph API: what somebody wrote into a Facebook or Instagram lead form, by the id its webhook named.

Contract: Graph API v25.0, "Retrieving leads", "Handling errors", "Rate limits" (read 2026-11-22). Trouble of every kind
comes as 400 with a code in the body; throttling, too, without a Retry-After.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import httpx
import msgspec

from leadwake.errors import BadCredentials, OutcomeUnknown, ProviderError, Rejected, Throttled, Unavailable
from leadwake.providers.http import MAX_RETRY_AFTER_S, VendorHttp, document
from leadwake.providers.ports import CALL_DEADLINE_S, Call

VENDOR = "meta"
VERSION: Final = "v25.0"

#: what every page token with leads_retrieval may read, and what needs a permission for ads as well
_PLAIN: Final = "id,created_time,form_id,platform,is_organic,custom_disclaimer_responses,field_data"
_OF_ADS: Final = "ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name"

_THROTTLED: Final = frozenset({4, 17, 32, 613, *range(80000, 80015)})
_PASSING: Final = frozenset({1, 2, 341})
#: blocked for a while because of what else the app does: hours rather than minutes
_BLOCKED: Final = 368
_BLOCKED_WAIT_S: Final = 3600.0
_BAD_TOKEN: Final = frozenset({102, 190})


class NotAllowed(Rejected):
    """The token may not read this lead; with the right permission it may."""


class Meta:
    """Reads the leads of one page, or of several whose token this is."""

    def __init__(self, url: str, token: str, *, deadline_s: float = CALL_DEADLINE_S) -> None:
        self.http = VendorHttp(
            VENDOR, url, headers={"Authorization": f"Bearer {token}"}, secrets=(token,), deadline_s=deadline_s
        )

    def __repr__(self) -> str:
        return f"Meta({self.http!r})"

    async def aclose(self) -> None:
        """Its connections are closed."""
        await self.http.aclose()

    async def fetch_lead(self, lead_id: str) -> Mapping[str, Any]:
        """
        What they wrote: {"id", "created_time", "field_data": [{"name", "values"}], …}, as Meta has it.

        Where the token may not read about ads, the same without them. Raises NotAllowed, Rejected (no such lead),
        BadCredentials, Throttled, Unavailable.
        """
        until = self.http.until()
        try:
            return await self._read(lead_id, f"{_PLAIN},{_OF_ADS}", until)
        except NotAllowed:
            return await self._read(lead_id, _PLAIN, until)

    async def prove(self, mail_from: str) -> str:
        """The token is right. Raises ProviderError."""
        del mail_from
        found = await self._read("me", "id,name", self.http.until())
        return f"the token is right, of {self.http.clean(str(found.get('name') or 'a page'))}"

    async def _read(self, node: str, fields: str, until: float) -> Mapping[str, Any]:
        call = Call.for_seconds(self.http.deadline_s)
        path, query = f"/{VERSION}/{node}", {"fields": fields}
        answer = await self.http.send(call, "GET", path, query=query, reads=True, until=until)
        told = document(answer)
        if not answer.is_success or "error" in told:
            raise self._refusal(answer, told)
        if not isinstance(told.get("id"), str | int):
            raise Unavailable("meta answered with a body that cannot be read", vendor=VENDOR, code="unreadable")
        return told

    def _refusal(self, answer: httpx.Response, told: Mapping[str, Any]) -> ProviderError:
        """The code in the body says what the status does not."""
        error = told.get("error")
        error = error if isinstance(error, dict) else {}
        code, message = error.get("code"), self.http.clean(f"meta answered {error.get('message') or ''}".strip())
        if not isinstance(code, int) or isinstance(code, bool):
            plain = self.http.refusal(answer, known=True)
            return plain if not isinstance(plain, OutcomeUnknown) else _unavailable(str(plain), plain.code)
        if code in _THROTTLED or code == _BLOCKED:
            wait_s = _BLOCKED_WAIT_S if code == _BLOCKED else _regained_s(answer.headers)
            return Throttled(message, vendor=VENDOR, code=str(code), retry_after_s=wait_s)
        if code in _PASSING:
            return _unavailable(message, str(code))
        if code in _BAD_TOKEN:
            return BadCredentials(message, vendor=VENDOR, code=str(code))
        if code == 10 or 200 <= code < 300:
            return NotAllowed(message, vendor=VENDOR, code=str(code))
        return Rejected(message, vendor=VENDOR, code=str(code))


def _unavailable(message: str, code: str) -> Unavailable:
    return Unavailable(message, vendor=VENDOR, code=code)


def _regained_s(headers: Mapping[str, str]) -> float | None:
    """Seconds until Meta takes requests again: the longest of what X-Business-Use-Case-Usage says in minutes."""
    try:
        usage = msgspec.json.decode(headers.get("X-Business-Use-Case-Usage", ""), type=dict[str, list[dict[str, Any]]])
    except (ValueError, RecursionError):
        return None
    said = [entry.get("estimated_time_to_regain_access") for entries in usage.values() for entry in entries]
    minutes = [one for one in said if isinstance(one, int | float) and not isinstance(one, bool) and one > 0]
    return min(max(minutes) * 60.0, MAX_RETRY_AFTER_S) if minutes else None
