"""HubSpot's properties of ours: `leadwake_id`, whose values are unique, so that two writers at once make one record.

Contract: CRM v3 properties (PropertyCreate), read 2026-11-29. A property becomes unique when it is made, or never; that
it is there already is answered by 409.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from leadwake.errors import BadCredentials, ProviderError, Rejected
from leadwake.providers.http import VendorHttp, document
from leadwake.providers.ports import Call

KEY: Final = "leadwake_id"
#: object → the group of properties that every portal has for it
GROUPS: Final[Mapping[str, str]] = {"contacts": "contactinformation", "deals": "dealinformation"}

Refusal = Callable[[httpx.Response, Mapping[str, Any]], ProviderError]


async def make(http: VendorHttp, refusal: Refusal) -> frozenset[str]:
    """
    The objects that have the property now. A token that may not make it for deals is no trouble for contacts.

    Raises Rejected: it may not for contacts either, or a property of that name is there and not unique; ProviderError.
    """
    made = set()
    for kind in GROUPS:
        try:
            await _make(http, refusal, kind)
            made.add(kind)
        except Rejected:
            if kind == "contacts":
                raise
    return frozenset(made)


async def _make(http: VendorHttp, refusal: Refusal, kind: str) -> None:
    order = {
        "name": KEY, "label": "Leadwake ID", "type": "string", "fieldType": "text", "groupName": GROUPS[kind],
        "description": "Keeps what Leadwake writes one record. Leave it as it is.", "hasUniqueValue": True,
    }  # fmt: skip
    call, path = Call.for_seconds(http.deadline_s), f"/crm/v3/properties/{kind}"
    answer = await http.send(call, "POST", path, json=order, repeatable=True)
    if answer.status_code == 409:
        answer = await http.send(call, "GET", f"{path}/{KEY}", reads=True)
        if answer.is_success and document(answer).get("hasUniqueValue") is not True:
            text = (
                f"hubspot has a property {KEY} of {kind} whose values are not unique: delete it there, then try again"
            )
            raise Rejected(text, vendor="hubspot", code="not_unique")
    if answer.is_success:
        return
    error = refusal(answer, document(answer))
    if isinstance(error, BadCredentials) and answer.status_code == 403:
        text = f"hubspot's token may not make properties: give it crm.schemas.{kind}.write"
        raise Rejected(text, vendor=error.vendor, code=error.code)
    raise error
