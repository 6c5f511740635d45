"""GoHighLevel's opportunities: made once, moved forwards, left where a person has put them; and their pipelines.

Contract: highlevel-api-docs apps/opportunities.json, read 2026-11-22. Its documented upsert names no contact, and
nothing of ours is unique there. As its own upsert has it, a contact has one open opportunity in a pipeline: that one is
looked for before one is made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import httpx

from leadwake.domain.deals import Stage
from leadwake.errors import BadCredentials, ProviderError, Rejected
from leadwake.providers import gohighlevel_words
from leadwake.providers.crm_values import cents, ref, word
from leadwake.providers.http import VendorHttp, document
from leadwake.providers.ports import FORGOTTEN, Accepted, Call, OutgoingDeal

Refusal = Callable[[httpx.Response], ProviderError]
OwnerOf = Callable[[str, float], Awaitable[str | None]]
IsGone = Callable[[httpx.Response], bool]
#: open ones of one contact in one pipeline; there is rarely more than one
_OPEN: Final = 20


class GoHighLevelDeals:
    """The opportunities of a location. refusal, is_gone: what an answer stands for; owner_of: its id of a colleague."""

    def __init__(
        self, http: VendorHttp, location_id: str, refusal: Refusal, is_gone: IsGone, owner_of: OwnerOf
    ) -> None:
        self._http, self._location_id = http, location_id
        self._refusal, self._is_gone, self._owner_of = refusal, is_gone, owner_of

    async def write(self, deal: OutgoingDeal, call: Call) -> Accepted:
        """The opportunity stands there, at its stage or further. Raises as GoHighLevel.upsert_contact does."""
        until = self._http.until()
        if deal.known_as:
            return await self._move(deal.known_as, deal, call, until)
        found = await self._find(deal, call, until)
        if found is None:
            try:
                return await self._create(deal, call, until)
            except Rejected as error:  # a location that allows one at a time has got one meanwhile
                if isinstance(error, BadCredentials) or not (found := await self._find(deal, call, until)):
                    raise
        return await self._move(found, deal, call, until)

    async def unname(self, found: str, call: Call, until: float) -> None:
        """The opportunity does not name its person any more; its money stays. Gone already is well, too."""
        order = {"name": FORGOTTEN}
        path = f"/opportunities/{found}"
        answer = await self._http.send(call, "PUT", path, json=order, repeatable=True, until=until)
        if not answer.is_success and not self._is_gone(answer):
            raise self._refusal(answer)

    async def stages(self) -> Sequence[Stage]:
        """Every stage of every pipeline. Raises ProviderError; BadCredentials without the scope for it."""
        answer = await self._http.ask("GET", "/opportunities/pipelines", query={"locationId": self._location_id})
        if not answer.is_success:
            raise self._refusal(answer)
        return gohighlevel_words.stages(document(answer))

    async def _create(self, deal: OutgoingDeal, call: Call, until: float) -> Accepted:
        owner = await self._owner_of(deal.owner_email, until) if deal.owner_email else None
        own = {
            "locationId": self._location_id, "contactId": deal.contact, "name": deal.name, "pipelineId": deal.pipeline,
            "pipelineStageId": deal.stage, "status": deal.status, "assignedTo": owner, "monetaryValue": _money(deal),
        }  # fmt: skip
        order = {name: value for name, value in own.items() if value is not None}
        answer = await self._http.send(call, "POST", "/opportunities/", json=order, until=until)
        if not answer.is_success:
            raise self._unless_allowed(answer)
        made = document(answer).get("opportunity")
        if not isinstance(made, dict) or (known := ref(made.get("id"))) is None:
            raise self._http.unreadable(answer)
        return Accepted(known)

    async def _find(self, deal: OutgoingDeal, call: Call, until: float) -> str | None:
        query: dict[str, str | int] = {
            "location_id": self._location_id, "contact_id": deal.contact, "pipeline_id": deal.pipeline,
            "status": "open", "limit": _OPEN,
        }  # fmt: skip
        answer = await self._http.send(call, "GET", "/opportunities/search", query=query, reads=True, until=until)
        if not answer.is_success:
            raise self._unless_allowed(answer)
        return gohighlevel_words.open_deal(document(answer), deal.contact, deal.pipeline)

    async def _move(self, found: str, deal: OutgoingDeal, call: Call, until: float) -> Accepted:
        """Forwards, and only what a person has left blank; one that is gone was deleted by a person, and stays so."""
        path = f"/opportunities/{found}"
        answer = await self._http.send(call, "GET", path, reads=True, until=until)
        if self._is_gone(answer):
            return Accepted(found)
        if not answer.is_success:
            raise self._unless_allowed(answer)
        has = document(answer).get("opportunity")
        changed = await self._changes(has if isinstance(has, dict) else {}, deal, until)
        if changed:
            answer = await self._http.send(call, "PUT", path, json=changed, repeatable=True, until=until)
            if not answer.is_success and not self._is_gone(answer):
                raise self._unless_allowed(answer)
        return Accepted(found)

    async def _changes(self, has: Mapping[str, Any], deal: OutgoingDeal, until: float) -> dict[str, Any]:
        """An opportunity that somebody has closed stays as it is, but for an amount that nobody wrote."""
        changed: dict[str, Any] = {}
        if word(has, "status") == "open" and word(has, "pipelineId") == deal.pipeline:
            if deal.stage and word(has, "pipelineStageId") in deal.may_leave:
                changed["pipelineStageId"] = deal.stage
            if deal.status != "open":
                changed["status"] = deal.status
        if deal.money and not cents(has.get("monetaryValue")):
            changed["monetaryValue"] = _money(deal)
        if deal.owner_email and not word(has, "assignedTo"):
            owner = await self._owner_of(deal.owner_email, until)
            changed |= {"assignedTo": owner} if owner else {}
        return changed

    def _unless_allowed(self, answer: httpx.Response) -> ProviderError:
        """A token without the scope for opportunities may still write contacts: it is this one that fails."""
        error = self._refusal(answer)
        if isinstance(error, BadCredentials) and answer.status_code == 403:
            text = "gohighlevel's token may not write opportunities: give it opportunities.readonly and .write"
            return Rejected(text, vendor=error.vendor, code=error.code)
        return error


def _money(deal: OutgoingDeal) -> float | None:
    return None if deal.cents is None else deal.cents / 100
