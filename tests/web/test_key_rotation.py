"""Keys and secrets change while everything runs: nothing that was right is refused, and the old ends in time."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from page_case import admin, logged_in

from leadwake.bootstrap import office_at
from leadwake.errors import RuleError
from leadwake.ops import key_change
from leadwake.setting_names import HOOK_SECRETS, former_name
from leadwake.settings import Settings
from leadwake.storage import reading
from leadwake.storage.credentials import api_key_id
from leadwake.storage.keyring import rotate_master_key
from leadwake.workflows.key_rotation import any_fits, rotate_api_key
from leadwake.workflows.office import Office
from leadwake.workflows.saving import save
from office_case import House, api_key
from office_case import until as holds

MARIA = {"name": "Maria Lopez", "phone": "+18135550142"}


async def status(house: House, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    return (await house.http.get("/v1/leads/00000000-0000-0000-0000-000000000000", headers=headers)).status_code


async def test_both_secrets_of_a_rotated_key_open_until_the_old_one_ends(idle_house: House) -> None:
    house = idle_house
    old = house.key
    key_id = api_key_id(old) or ""
    first = await house.post(MARIA, **{"Idempotency-Key": "one"})
    new, until = await rotate_api_key(house.office, key_id, 24, "cli")
    assert [await status(house, key) for key in (new, old)] == [404, 404], "at once, though the old was just seen"
    # the same inquiry under the new secret is the same inquiry
    again = await house.post(MARIA, **{"Idempotency-Key": "one", "Authorization": f"Bearer {new}"})
    assert again.json()["inquiry_id"] == first.json()["inquiry_id"]
    assert timedelta(hours=23) < until - datetime.now(UTC) <= timedelta(hours=24)

    await house.rows("update api_key set former_until = now() where id = %s", key_id)

    async def refused() -> bool:
        return await status(house, old) == 401

    await holds(refused, limit_s=5)  # what a process remembers of a key is two seconds old at most
    assert await status(house, new) == 404


async def test_an_old_secret_may_end_at_once_and_a_revoked_key_has_none(office: Office) -> None:
    key = await api_key(office)
    await rotate_api_key(office, api_key_id(key) or "", 0, "cli")
    row = await office.db.one("api_key_read", id=api_key_id(key))
    assert row is not None
    assert row["former_hash"] is None
    await office.db.run("api_key_revoke", id=api_key_id(key))
    with pytest.raises(RuleError, match="no key in use"):
        await rotate_api_key(office, api_key_id(key) or "", 24, "cli")


async def test_a_key_gets_a_new_secret_on_the_page(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    async with logged_in(house) as client:
        page = (await client.post(f"/setup/keys/{api_key_id(house.key)}/rotate")).text
        listed = (await client.get("/setup/keys")).text
        missing = await client.post("/setup/keys/nothing/rotate")

    assert "The old secret opens until" in page
    assert f"lw_{api_key_id(house.key)}_" in page
    assert house.key not in page
    assert "its old secret opens until" in listed
    assert f"lw_{api_key_id(house.key)}_" not in listed
    assert missing.status_code == 404
    assert await house.rows("select actor from event where kind = 'api_key_rotated'")


def typeform(secret: str, token: str) -> tuple[bytes, dict[str, str]]:
    body = json.dumps({"event_id": token, "event_type": "form_response", "form_response": {
        "token": token, "form_id": "f", "submitted_at": "2026-11-24T17:00:00Z", "definition": {"fields": []},
        "answers": [],
    }}).encode()  # fmt: skip
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return body, {"Typeform-Signature": "sha256=" + base64.b64encode(digest).decode()}


async def test_what_vendors_signed_with_yesterday_is_believed_for_a_day(idle_house: House) -> None:
    house = idle_house

    async def posted(secret: str, token: str) -> int:
        body, headers = typeform(secret, token)
        return (await house.http.post("/hooks/typeform", content=body, headers=headers)).status_code

    await save(house.office, {"TYPEFORM_WEBHOOK_SECRET": "first"}, "cli")
    await save(house.office, {"TYPEFORM_WEBHOOK_SECRET": "second"}, "cli")
    assert [await posted("second", "t1"), await posted("first", "t2"), await posted("guess", "t3")] == [200, 200, 401]

    await save(house.office, {"TYPEFORM_WEBHOOK_SECRET": "third"}, "cli")
    assert [await posted("third", "t4"), await posted("second", "t5"), await posted("first", "t6")] == [200, 200, 401]

    await save(house.office, {"TYPEFORM_WEBHOOK_SECRET": None}, "cli")
    assert [await posted("third", "t7"), await posted("second", "t8")] == [401, 401]


@pytest.mark.parametrize("name", HOOK_SECRETS)
def test_a_former_secret_ends_with_its_day_or_with_its_line_in_the_environment(name: str) -> None:
    now = datetime.now(UTC)
    former, until = former_name(name), (now + timedelta(hours=1)).isoformat()
    saved = Settings({former: f"{until} old one"}, {former: "saved"})
    written = Settings({former: "old"}, {former: "environment"})

    assert saved.former_secret(name, now) == "old one"
    assert saved.former_secret(name, now + timedelta(hours=2)) == ""
    assert written.former_secret(name, now + timedelta(days=9)) == "old"


async def test_no_secret_at_all_is_never_a_reason_to_believe(office: Office) -> None:
    assert not any_fits(office, "", "TYPEFORM_WEBHOOK_SECRET", bool)


async def test_nothing_is_refused_while_the_master_key_is_rotated(house: House) -> None:
    await admin(house)
    stop, answers = asyncio.Event(), []

    async def send(lane: int) -> None:
        n = 0
        while not stop.is_set():
            lead = {"name": f"Lead {lane} {n}", "email": f"l{lane}-{n}@example.com", "message": f"about {n}"}
            receipt = await house.post(lead)
            answers.append(receipt.status_code)
            answers.append((await house.http.get(f"/v1/leads/{receipt.json()['lead_id']}")).status_code)
            n += 1

    async def look() -> None:
        async with logged_in(house) as client:
            while not stop.is_set():
                answers.append((await client.get("/leads")).status_code)

    async def more() -> None:
        count = len(answers) + 12

        async def served() -> bool:
            return len(answers) > count

        await holds(served)

    async with asyncio.TaskGroup() as group:
        for lane in range(3):
            group.create_task(send(lane))
        group.create_task(look())
        before, data_dir = house.office.vault.master_key_id, house.office.settings.data_dir
        for turn in range(3):
            await more()
            new = await rotate_master_key(house.office.db, data_dir, None)
            if turn == 1:  # a KEK changes under the new key as well
                await key_change.change(house.office)
        await more()
        stop.set()

    assert set(answers) <= {200, 202}, Counter(answers)
    assert new.key_id != before
    await house.settled()
    assert (await house.ledger()).problems == []
    async with office_at(house.office.base_settings, house.office.db.url) as elsewhere:  # a process that starts now
        page = await reading.leads(elsewhere.db, elsewhere.vault, elsewhere.clock.now())
        assert elsewhere.vault.master_key_id == new.key_id
        assert all((lead.name or "").startswith("Lead ") for lead in page.leads)
