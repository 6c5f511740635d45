"""HubSpot's deals: made once, moved forwards, left where a person has put them; and the pipelines they stand in.

Contract: CRM v3 objects/deals, pipelines, CRM v4 associations, read 2026-11-22. A batch upsert ties a deal to nobody
and would move one that a person has moved, so a deal is created tied, and found again before it is made twice: by our
unique property where the portal has it, else by our mark among the contact's deals.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import httpx

from leadwake.domain.deals import Stage
from leadwake.errors import BadCredentials, ProviderError, Rejected
from leadwake.providers import hubspot_words
from leadwake.providers.crm_values import cents, ref, word
from leadwake.providers.http import VendorHttp, document
from leadwake.providers.hubspot_keys import KEY
from leadwake.providers.ports import FORGOTTEN, Accepted, Call, OutgoingDeal

PATH: Final = "/crm/v3/objects/deals"
DEAL_TO_CONTACT: Final = 3
#: of a contact's deals so many are looked through for ours
_LOOKED_THROUGH: Final = 100
_NO_PROPERTY: Final = re.compile(r"PROPERTY_DOESNT_EXIST|does not exist", re.IGNORECASE)
_READ: Final = ("amount", "dealstage", "pipeline", "hs_is_closed", "hubspot_owner_id", "description")

Refusal = Callable[[httpx.Response, Mapping[str, Any]], ProviderError]
OwnerOf = Callable[[str, float], Awaitable[str | None]]


class HubSpotDeals:
    """The deals of a portal. refusal: what a status stands for; owner_of: HubSpot's id of a colleague."""

    def __init__(self, http: VendorHttp, refusal: Refusal, owner_of: OwnerOf) -> None:
        self._http, self._refusal, self._owner_of = http, refusal, owner_of

    async def write(self, deal: OutgoingDeal, call: Call) -> Accepted:
        """The deal stands there, at its stage or further. Raises as HubSpot.upsert_contact does."""
        until = self._http.until()
        found = deal.known_as or (await self._find(deal, call, until) if deal.maybe_there else None)
        return await (self._move(found, deal, call, until) if found else self._create(deal, call, until))

    async def unname(self, found: str, call: Call, until: float) -> None:
        """The deal says nothing of its person any more; its money stays, as a figure. Gone already is well, too."""
        order = {"properties": {"dealname": FORGOTTEN, "description": ""}}
        answer = await self._http.send(call, "PATCH", f"{PATH}/{found}", json=order, repeatable=True, until=until)
        if not answer.is_success and answer.status_code != 404:
            raise self._refusal(answer, document(answer))

    async def stages(self) -> Sequence[Stage]:
        """Every stage of every pipeline for deals. Raises ProviderError; BadCredentials without the scope for it."""
        answer = await self._http.ask("GET", "/crm/v3/pipelines/deals")
        told = document(answer)
        if not answer.is_success:
            raise self._refusal(answer, told)
        return hubspot_words.stages(told)

    async def _create(self, deal: OutgoingDeal, call: Call, until: float) -> Accepted:
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": DEAL_TO_CONTACT}]
        order = {
            "properties": await self._properties(deal, until),
            "associations": [{"to": {"id": deal.contact}, "types": types}],
        }
        answer = await self._http.send(call, "POST", PATH, json=order, until=until)
        told = document(answer)
        if answer.is_success:
            if (made := ref(told.get("id"))) is None:
                raise self._http.unreadable(answer)
            return Accepted(made)
        if deal.is_keyed and answer.status_code in {400, 409}:
            if found := await self._find(deal, call, until):  # somebody was faster: two of a key are refused
                return await self._move(found, deal, call, until)
            if _NO_PROPERTY.search(str(told)):
                return await self._create(replace(deal, is_keyed=False), call, until)  # it was deleted there
        raise self._unless_allowed(answer, told)

    async def _properties(self, deal: OutgoingDeal, until: float) -> dict[str, str]:
        owner = await self._owner_of(deal.owner_email, until) if deal.owner_email else None
        own = {
            "dealname": deal.name, "pipeline": deal.pipeline, "dealstage": deal.stage, "amount": deal.money,
            "hubspot_owner_id": owner, KEY: deal.key if deal.is_keyed else None,
            "description": None if deal.is_keyed else f"Made by Leadwake ({deal.mark})",
        }  # fmt: skip
        return {name: value for name, value in own.items() if value}

    async def _move(self, found: str, deal: OutgoingDeal, call: Call, until: float) -> Accepted:
        """Forwards, and only what a person has left blank; one that is gone was deleted by a person, and stays so."""
        path = f"{PATH}/{found}"
        answer = await self._http.send(
            call, "GET", path, query=f"properties={','.join(_READ)}", reads=True, until=until
        )
        if answer.status_code == 404:
            return Accepted(found)
        told = document(answer)
        if not answer.is_success:
            raise self._unless_allowed(answer, told)
        changed = await self._changes(hubspot_words.properties_of(told), deal, until)
        if changed:
            order = {"properties": changed}
            answer = await self._http.send(call, "PATCH", path, json=order, repeatable=True, until=until)
            if not answer.is_success and answer.status_code != 404:
                raise self._unless_allowed(answer, document(answer))
        return Accepted(found)

    async def _changes(self, has: Mapping[str, Any], deal: OutgoingDeal, until: float) -> dict[str, str]:
        changed: dict[str, str] = {}
        if deal.stage and word(has, "pipeline") == deal.pipeline and word(has, "dealstage") in deal.may_leave:
            changed["dealstage"] = deal.stage
        if deal.money and cents(has.get("amount")) is None:
            changed["amount"] = deal.money
        if deal.owner_email and not word(has, "hubspot_owner_id"):
            owner = await self._owner_of(deal.owner_email, until)
            changed |= {"hubspot_owner_id": owner} if owner else {}
        return changed

    async def _find(self, deal: OutgoingDeal, call: Call, until: float) -> str | None:
        """The deal that an earlier try made; None when none did."""
        found = await self._find_by_key(deal, call, until) if deal.is_keyed else None
        return found or await self._find_by_mark(deal, call, until)

    async def _find_by_key(self, deal: OutgoingDeal, call: Call, until: float) -> str | None:
        query = f"idProperty={KEY}&properties=dealstage"
        answer = await self._http.send(call, "GET", f"{PATH}/{deal.key}", query=query, reads=True, until=until)
        if answer.status_code in {400, 404}:  # 400: there is no such property any more
            return None
        told = document(answer)
        if not answer.is_success:
            raise self._unless_allowed(answer, told)
        return ref(told.get("id"))

    async def _find_by_mark(self, deal: OutgoingDeal, call: Call, until: float) -> str | None:
        """Among the contact's own: associations are known at once, while the search hears of them later."""
        path = f"/crm/v4/objects/contacts/{deal.contact}/associations/deals"
        answer = await self._http.send(call, "GET", path, query={"limit": 500}, reads=True, until=until)
        told = document(answer)
        if not answer.is_success and answer.status_code != 404:
            raise self._unless_allowed(answer, told)
        ids = hubspot_words.tied(told)[-_LOOKED_THROUGH:]
        if not ids:
            return None
        order = {"inputs": [{"id": one} for one in ids], "properties": ["description"], "propertiesWithHistory": []}
        answer = await self._http.send(call, "POST", f"{PATH}/batch/read", json=order, reads=True, until=until)
        told = document(answer)
        if not answer.is_success:
            raise self._unless_allowed(answer, told)
        return hubspot_words.marked(told, deal.mark)

    def _unless_allowed(self, answer: httpx.Response, told: Mapping[str, Any]) -> ProviderError:
        """A token without the scope for deals may still write contacts: it is this deal that fails, not the vendor."""
        error = self._refusal(answer, told)
        if isinstance(error, BadCredentials) and answer.status_code == 403:
            text = "hubspot's token may not write deals: give it crm.objects.deals.read and .write"
            return Rejected(text, vendor=error.vendor, code=error.code)
        return error
