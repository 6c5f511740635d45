"""HubSpot's property of ours: made once, and two writers at once make one contact, address or not."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from openapi_lane import Contract
from test_crm_contract import MARIA, a_case
from vendor_on_loopback import Answer, Vendor

from leadwake.errors import ProviderError, Rejected
from leadwake.providers.hubspot import HubSpot
from leadwake.providers.ports import Call

NOBODYS = replace(MARIA, email=None, is_keyed=True)
_TEXT = {"type": "string"}
#: PropertyCreate of HubSpot's CRM v3 properties, as its client libraries generate it (read 2026-11-29)
PROPERTIES = Contract({
    "openapi": "3.0.1",
    "paths": {
        "/crm/v3/properties/{objectType}": {"post": {
            "parameters": [{"in": "path", "name": "objectType", "required": True, "schema": _TEXT}],
            "requestBody": {"content": {"application/json": {"schema": {
                "type": "object", "required": ["fieldType", "groupName", "label", "name", "type"],
                "properties": {
                    "name": _TEXT, "label": _TEXT, "groupName": _TEXT, "description": _TEXT,
                    "hasUniqueValue": {"type": "boolean"}, "hidden": {"type": "boolean"},
                    "type": {"enum": ["string", "number", "date", "datetime", "enumeration", "bool"]},
                    "fieldType": {"enum": ["textarea", "text", "date", "file", "number", "select", "radio"]},
                },
            }}}},
        }},
        "/crm/v3/properties/{objectType}/{propertyName}": {"get": {
            "parameters": [
                {"in": "path", "name": "objectType", "required": True, "schema": _TEXT},
                {"in": "path", "name": "propertyName", "required": True, "schema": _TEXT},
            ],
        }},
    },
})  # fmt: skip
MADE, THERE = Answer(201, {"name": "leadwake_id", "hasUniqueValue": True}), Answer(409, {"category": "CONFLICT"})


async def keyed(vendor: Vendor) -> frozenset[str]:
    crm = HubSpot(vendor.url, "pat", deadline_s=2)
    try:
        return await crm.make_key()
    finally:
        await crm.aclose()
        for seen in vendor.received:
            assert PROPERTIES.problems(seen.method, seen.target, seen.headers, seen.body) == []


async def test_the_property_is_made_for_contacts_and_deals(vendor: Vendor) -> None:
    vendor.answers(MADE, MADE)

    assert await keyed(vendor) == {"contacts", "deals"}
    assert [(one.path, one.json()["groupName"]) for one in vendor.received] == [
        ("/crm/v3/properties/contacts", "contactinformation"), ("/crm/v3/properties/deals", "dealinformation"),
    ]  # fmt: skip


async def test_one_that_is_there_already_is_taken_if_it_is_unique(vendor: Vendor) -> None:
    vendor.answers(THERE, Answer(200, {"hasUniqueValue": True}), THERE, Answer(200, {"hasUniqueValue": False}))

    assert await keyed(vendor) == {"contacts"}


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ((Answer(403, {"category": "MISSING_SCOPES"}),), r"crm\.schemas\.contacts\.write"),
        ((THERE, Answer(200, {"hasUniqueValue": False})), "not unique"),
    ],
)
async def test_why_it_cannot_be_made_is_said(vendor: Vendor, script: tuple[Answer, ...], says: str) -> None:
    vendor.answers(*script)
    with pytest.raises(Rejected, match=says):
        await keyed(vendor)


async def test_trouble_of_the_vendor_is_no_refusal(vendor: Vendor) -> None:
    vendor.answers(MADE, Answer(502, {}))
    with pytest.raises(ProviderError):
        await keyed(vendor)


async def test_two_writers_at_once_make_one_contact_of_somebody_without_an_address() -> None:
    async with a_case("hubspot") as case:
        await case.crm.make_key()
        refs = await asyncio.gather(*(case.upsert(NOBODYS) for _ in range(8)))
        (found,) = await case.contacts()

    assert set(refs) == {found["id"]}
    assert found["leadwake_id"] == "lead-7"


async def test_a_contact_that_was_there_is_given_the_key() -> None:
    async with a_case("hubspot") as case:
        await case.crm.make_key()
        by_phone = await case.upsert(replace(NOBODYS, is_keyed=False))
        assert await case.upsert(NOBODYS) == by_phone
        assert await case.upsert(replace(MARIA, is_keyed=True, known_as=by_phone)) == by_phone
        (found,) = await case.contacts()

    assert (found["leadwake_id"], found["email"]) == ("lead-7", "maria@example.com")


CONFLICT = {"status": "error", "category": "CONFLICT", "message": "Contact already exists. Existing ID: 77"}
NONE = Answer(200, {"total": 0, "results": []})


async def upserted(api: Vendor) -> str | None:
    crm = HubSpot(api.url, "pat", deadline_s=2)
    try:
        return (await crm.upsert_contact(NOBODYS, Call.for_seconds())).ref
    finally:
        await crm.aclose()


@pytest.mark.parametrize(
    "refusal", [Answer(409, CONFLICT), Answer(207, {"results": [], "numErrors": 1, "errors": [CONFLICT]})]
)
async def test_whoever_is_slower_writes_the_contact_that_is_there(hubspot_api: Vendor, refusal: Answer) -> None:
    hubspot_api.answers(NONE, refusal, Answer(200, {"id": "77"}))

    assert await upserted(hubspot_api) == "77"
    (entry,) = hubspot_api.received[1].json()["inputs"]
    assert (entry["idProperty"], entry["id"]) == ("leadwake_id", "lead-7")
    assert (hubspot_api.received[2].method, hubspot_api.received[2].path) == ("PATCH", "/crm/v3/objects/contacts/77")


async def test_a_key_that_another_record_holds_costs_nothing_else(hubspot_api: Vendor) -> None:
    found = Answer(200, {"results": [{"id": "78", "properties": {"firstname": "Maria"}}]})
    hubspot_api.answers(found, Answer(409, CONFLICT), Answer(200, {"id": "78"}))

    assert await upserted(hubspot_api) == "78"
    assert "leadwake_id" not in json.loads(hubspot_api.received[2].body)["properties"]


async def test_a_property_that_was_deleted_there_costs_the_others_nothing(hubspot_api: Vendor) -> None:
    missing = Answer(400, {"category": "VALIDATION_ERROR", "message": "Property leadwake_id does not exist"})
    hubspot_api.answers(NONE, missing, NONE, Answer(201, {"id": "79"}))

    assert await upserted(hubspot_api) == "79"
