"""Two CRMs at once: each has its own record of a lead, and neither waits for the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from leadwake.ops import erasure
from office_case import House, a_house, a_sandbox, until

LEAD = {"name": "Maria Lopez", "email": "maria@example.com", "phone": "+18135550142", "message": "Is it open?"}


@pytest.fixture
async def vendors() -> AsyncIterator[httpx.AsyncClient]:
    """The stand-in that the team's GoHighLevel is."""
    async with a_sandbox() as running:
        yield running


@pytest.fixture
async def both(database_url: str, tmp_path: Path, vendors: httpx.AsyncClient) -> AsyncIterator[House]:
    """A house whose team keeps HubSpot and GoHighLevel."""
    live = {
        "GOHIGHLEVEL_TOKEN": "pit", "GOHIGHLEVEL_LOCATION_ID": "ve9EPM428h8vShlRW1KT",
        "GOHIGHLEVEL_URL": f"{vendors.base_url}/gohighlevel",
    }  # fmt: skip
    async with a_house(database_url, tmp_path / "data", **live) as house:
        yield house


async def records(house: House, cause: str) -> dict[str, str]:
    found = await house.rows("select recipient, state from action where cause_id = %s::uuid and kind = 'crm'", cause)
    return {row["recipient"]: row["state"] for row in found}


async def test_a_crm_that_hangs_holds_up_nothing_of_the_other(both: House, vendors: httpx.AsyncClient) -> None:
    await vendors.put("/behaviour/gohighlevel", json={"mode": "slow", "delay_ms": 9_000})
    first = (await both.post(LEAD)).json()["inquiry_id"]
    second = (await both.post({**LEAD, "message": "And the garden?"})).json()["inquiry_id"]

    await until(lambda: sent(both, first, second, "hubspot"), limit_s=5)
    assert (await records(both, first))["gohighlevel"] in {"planned", "sending"}
    await vendors.put("/behaviour/gohighlevel", json={"mode": "ok"})


async def sent(house: House, first: str, second: str, crm: str) -> bool:
    return [(await records(house, cause)).get(crm) for cause in (first, second)] == ["sent", "sent"]


async def test_each_crm_has_the_lead_and_both_forget_them(both: House, vendors: httpx.AsyncClient) -> None:
    receipt = (await both.post(LEAD)).json()
    await until(lambda: sent(both, receipt["inquiry_id"], receipt["inquiry_id"], "gohighlevel"))
    await both.settled()
    asked = {"headers": {"authorization": "Bearer x", "version": "2021-07-28"}}
    (contact,) = (await vendors.get("/gohighlevel/contacts/?locationId=x", **asked)).json()["contacts"]

    assert (contact["email"], contact["lastName"]) == ("maria@example.com", "Lopez")
    await erasure.erase(both.office, UUID(receipt["lead_id"]), "test")
    await both.settled()
    assert (await vendors.get("/gohighlevel/contacts/?locationId=x", **asked)).json()["contacts"] == []
    found = await both.rows("select kind, state from action where kind like 'forget%%'")
    assert {(row["kind"], row["state"]) for row in found} >= {("forget_crm", "sent"), ("forget_gohighlevel", "sent")}
    assert (await both.ledger()).balanced
