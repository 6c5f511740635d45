"""The HubSpot stand-in against what HubSpot documents."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from sandbox_case import BEARER, CONTACTS, Visitor, specs
from test_sandbox_twilio import conforms

from leadwake.sandbox.behaviour import OK
from leadwake.sandbox.vendors.hubspot import HubSpot
from leadwake.sandbox.wire import Request

MEI = {"email": "mei@example.com", "firstname": "Mei", "phone": "+15025550192"}


async def create(sandbox: Visitor, **properties: str) -> httpx.Response:
    return await sandbox.http.post(CONTACTS, json={"properties": properties}, headers=BEARER)


async def upsert(sandbox: Visitor, *inputs: dict[str, Any]) -> httpx.Response:
    return await sandbox.http.post(f"{CONTACTS}/batch/upsert", json={"inputs": list(inputs)}, headers=BEARER)


def by(name: str, key: str, **properties: str) -> dict[str, Any]:
    return {"id": key, "idProperty": name, "properties": properties}


@pytest.mark.vendor_specs
async def test_answers_have_the_documented_shape(sandbox: Visitor) -> None:
    document = json.loads((specs() / "hubspot.openapi.json").read_text())
    schemas = document["components"]["schemas"]

    def misfits(name: str, answer: httpx.Response) -> list[str]:
        return conforms(schemas[name], document, answer.json())

    assert misfits("SimplePublicObject", await create(sandbox, **MEI)) == []
    assert misfits("BatchResponseSimplePublicUpsertObject", await upsert(sandbox, by("email", "a@example.com"))) == []
    conflict = await upsert(sandbox, by("lead_key", "1", email="mei@example.com"))
    assert misfits("BatchResponseSimplePublicUpsertObjectWithErrors", conflict) == []
    assert misfits("Error", await create(sandbox, **MEI)) == []
    owners = await sandbox.http.get("/hubspot/crm/v3/owners", headers=BEARER)
    assert misfits("CollectionResponsePublicOwnerForwardPaging", owners) == []


async def test_a_second_create_names_the_contact_that_is_there(sandbox: Visitor) -> None:
    first = await create(sandbox, **MEI)
    second = await create(sandbox, email="MEI@Example.com")

    assert (first.status_code, second.status_code) == (201, 409)
    assert second.json()["message"] == f"Contact already exists. Existing ID: {first.json()['id']}"
    assert second.json()["category"] == "CONFLICT"


async def test_an_upsert_twice_is_one_contact(sandbox: Visitor) -> None:
    first = (await upsert(sandbox, by("email", "mei@example.com", firstname="Mei"))).json()["results"][0]
    second = (await upsert(sandbox, by("email", "MEI@example.com", lastname="Lin"))).json()["results"][0]

    assert (first["new"], second["new"]) == (True, False)
    assert first["id"] == second["id"]
    assert (second["properties"]["firstname"], second["properties"]["lastname"]) == ("Mei", "Lin")


async def test_an_upsert_by_our_own_key_keeps_people_without_mail_apart(sandbox: Visitor) -> None:
    batch = await upsert(sandbox, by("lead_key", "L1", firstname="Mei"), by("lead_key", "L2", firstname="Ann"))
    again = await upsert(sandbox, by("lead_key", "L1", phone="+15025550192"))

    assert [result["new"] for result in batch.json()["results"]] == [True, True]
    assert again.json()["results"][0]["properties"]["firstname"] == "Mei"


async def test_a_batch_may_half_succeed(sandbox: Visitor) -> None:
    await create(sandbox, **MEI)
    answer = await upsert(
        sandbox, by("lead_key", "L1", email="mei@example.com"), by("lead_key", "L2", email="ann@example.com")
    )

    assert answer.status_code == 207
    assert [result["properties"]["email"] for result in answer.json()["results"]] == ["ann@example.com"]
    assert answer.json()["errors"][0]["category"] == "CONFLICT"


async def test_patch_changes_and_frees_the_old_address(sandbox: Visitor) -> None:
    contact = (await create(sandbox, **MEI)).json()["id"]
    patched = await sandbox.http.patch(
        f"{CONTACTS}/mei%40example.com?idProperty=email",
        json={"properties": {"email": "new@example.com"}},
        headers=BEARER,
    )
    missing = await sandbox.http.patch(f"{CONTACTS}/999999", json={"properties": {}}, headers=BEARER)

    assert (patched.status_code, patched.json()["id"]) == (200, contact)
    assert (await create(sandbox, **MEI)).status_code == 201
    assert (await sandbox.http.get(f"{CONTACTS}/{contact}", headers=BEARER)).json()["properties"][
        "email"
    ] == "new@example.com"
    assert missing.status_code == 404


async def test_search_finds_by_property(sandbox: Visitor) -> None:
    await create(sandbox, **MEI)
    await create(sandbox, email="ann@example.com", firstname="Ann")

    async def found(*filters: dict[str, Any], **more: Any) -> list[str]:
        order = {"filterGroups": [{"filters": list(filters)}] if filters else [], **more}
        answer = await sandbox.http.post(f"{CONTACTS}/search", json=order, headers=BEARER)
        assert answer.status_code == 200
        return [contact["properties"]["email"] for contact in answer.json()["results"]]

    assert await found({"propertyName": "email", "operator": "EQ", "value": "MEI@example.com"}) == ["mei@example.com"]
    assert await found({"propertyName": "phone", "operator": "HAS_PROPERTY"}) == ["mei@example.com"]
    assert await found({"propertyName": "firstname", "operator": "NEQ", "value": "mei"}) == ["ann@example.com"]
    by_phone = [
        {"filters": [{"propertyName": name, "operator": "EQ", "value": "+15025550192"}]}
        for name in ("phone", "mobilephone")
    ]
    assert await found(filterGroups=by_phone) == ["mei@example.com"]
    assert await found(query="ann") == ["ann@example.com"]
    assert await found(limit=1) == ["mei@example.com"]
    assert await found(limit=1, after="1") == ["ann@example.com"]


REFUSED_CONTACTS = (
    b"", b"[]", b"{", b'{"properties": {"firstname": 5}}',
    b'{"properties": {"UPPER": "x"}}', b'{"properties": {"email": "nobody"}}', b'{"properties": null}',
)  # fmt: skip


@pytest.mark.parametrize("body", REFUSED_CONTACTS)
async def test_what_hubspot_refuses_is_refused(sandbox: Visitor, body: bytes) -> None:
    headers = BEARER | {"content-type": "application/json"}
    answer = await sandbox.http.post(CONTACTS, content=body, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"


TWICE = by("email", "a@example.com")


@pytest.mark.parametrize("inputs", [[], [{}] * 101, [5], [by("email", "")], [TWICE, TWICE], [by("Not A Name", "x")]])
async def test_a_malformed_batch_is_refused_whole(sandbox: Visitor, inputs: list[Any]) -> None:
    answer = await upsert(sandbox, *inputs)

    assert answer.status_code == 400
    assert (await sandbox.http.post(f"{CONTACTS}/search", json={}, headers=BEARER)).json()["total"] == 0


def test_the_oldest_contacts_make_room_and_free_their_addresses() -> None:
    hubspot = HubSpot(max_contacts=10)
    headers = {b"authorization": b"Bearer k", b"content-type": b"application/json"}
    path = "/crm/v3/objects/contacts"

    def add(number: int) -> int:
        body = json.dumps({"properties": {"email": f"p{number}@example.com"}}).encode()
        return hubspot.work(Request("POST", path, "", headers, body, float(number)), path, OK).status

    assert [add(number) for number in range(25)] == [201] * 25
    assert add(24) == 409
    assert add(3) == 201
    assert len(list(hubspot.newest(-1.0, 100))) == 10
