"""Health: the same findings as the command's, a light a dependency, and no vendor asked to show them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from page_case import PASSWORD, admin, logged_in

from leadwake.ops import health, proving
from leadwake.ops.doctor import database, work
from leadwake.ops.doctor.finding import Level
from leadwake.storage.credentials import hash_password
from office_case import House, hire

MARIA = {"name": "Maria Lopez", "phone": "813-555-0194", "email": "maria@example.com"}


async def page(client: httpx.AsyncClient) -> str:
    answer = await client.get("/setup/health")
    assert answer.status_code == 200
    return answer.text


async def asked(house: House) -> int:
    """How often anything was asked of any vendor."""
    return len((await house.sandbox.get("/received", params={"refused": "1"})).json())


async def test_opening_the_page_asks_nobody(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        before = await asked(house)
        found = await page(client)

        assert await asked(house) == before
        assert "not tried yet" in found
        assert (await client.post("/setup/health/vendors/twilio")).status_code == 303
        assert await asked(house) > before
        assert "the account and its token are right; +15005550006 (Practice line) is there" in await page(client)


async def test_a_vendor_that_does_not_answer_is_red_with_what_mends_it(house: House) -> None:
    await admin(house)
    await house.behave("sendgrid", mode="refuse")
    async with logged_in(house) as client:
        await client.post("/setup/health/vendors/sendgrid")
        found = await page(client)

    assert "it does not take our messages" in found
    assert "Something is broken" in found
    assert [one.level for one in (await health.look(house.office)).vendors if one.health.name == "sendgrid"] == [
        Level.FAILED
    ]


async def test_page_and_command_say_the_same(house: House) -> None:
    at_a_glance = [one async for one in work.at_a_glance(house.office, house.office.settings)]

    shown = (await health.look(house.office)).lights

    assert {one.about for one in at_a_glance} <= {one.about for one in shown}
    assert [one for one in at_a_glance if one not in shown and one.about != "workers"] == []
    assert next(one.level for one in shown if one.about == "backups") is Level.OK
    assert shown[0].level is Level.WARNING, "the worst first"


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("postgresql://leadwake:x@/leadwake?host=%2Ftmp%2Fsocket&port=5432", "embedded"),
        ("postgresql://db.example.com/leadwake", "at LEADWAKE_DATABASE_URL"),
    ],
)
async def test_our_own_database_server_is_called_so(idle_house: House, tmp_path: Path, url: str, where: str) -> None:
    (tmp_path / "postgres").mkdir()
    settings = replace(idle_house.office.settings, values={"DATA_DIR": str(tmp_path), "DATABASE_URL": url})
    row = await idle_house.office.db.one("doctor_server")
    assert row is not None

    found = next(database.of_server(settings, row, datetime.now(UTC)))
    assert found.text.endswith(where)


async def test_what_waits_longest_is_shown_with_its_lead(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await house.rows("update action set due_at = due_at - interval '90 seconds' where due_at is not null")
    async with logged_in(house) as client:
        found = await page(client)

    assert found.count(f'<a href="/leads/{lead_id}">Text</a>, due') == 2, "of Twilio, and of its queue"
    assert f'<a href="/leads/{lead_id}">CRM record</a>, due' in found


async def test_success_failure_and_what_was_heard_have_their_age(house: House) -> None:
    await house.post(MARIA)
    await house.settled()
    await house.hear("+18135550194", "hello")

    found = {one.health.name: one for one in (await health.look(house.office)).vendors}

    assert found["hubspot"].took_at is not None
    assert found["hubspot"].failed_at is None
    assert "sms" in [one.name for one in found["twilio"].heard]


async def test_a_test_goes_to_whoever_asks(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        answer = await client.post("/setup/health/test/sms")
        assert answer.status_code == 303
        await house.settled()
        found = (await client.get(answer.headers["location"])).text
    assert [text["To"] for text in await house.texts()] == ["+18135550170"]
    assert "Test text" in found


async def test_managers_read_and_admins_act(house: House) -> None:
    for role in ("agent", "manager"):
        await hire(
            house.office, name=role.title(), email=f"{role}@example.com", role=role, practice=False,
            password_hash=hash_password(PASSWORD),
        )  # fmt: skip
    async with logged_in(house, "agent@example.com") as client:
        assert (await client.get("/setup/health")).status_code == 403
    async with logged_in(house, "manager@example.com") as client:
        found = await page(client)
        assert "Try it now" not in found
        assert 'href="/setup/audit"' not in found
        for path in ("vendors/twilio", "test/sms"):
            assert (await client.post(f"/setup/health/{path}")).status_code == 403


async def test_what_a_vendor_says_is_text_and_nothing_more(house: House) -> None:
    await admin(house)
    evil = "<script>alert(1)</script>"
    check = proving.Check(False, evil, evil, house.now, "practice")
    sealed = house.office.vault.seal_setting("CHECK_hubspot", json.dumps({
        "ok": False, "text": check.text, "mend": check.mend, "at": check.at.isoformat(), "mode": check.mode,
    }))  # fmt: skip
    await house.office.db.run("setting_save", name="CHECK_hubspot", sealed=sealed)
    await house.office.db.run("vendor_state_write", vendor="twilio", state="open", reason=evil, open_s=30)
    await house.rows("insert into heard values ('twilio', %s, %s, %s)", evil, house.now, evil)
    async with logged_in(house) as client:
        found = await page(client)
        live = (await client.get("/setup/live")).text

    assert evil not in found
    assert "&lt;script&gt;" in found
    assert evil not in live


async def test_an_admin_switches_what_is_done_by_itself_and_a_manager_reads_it(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        assert "Nothing asked in 28 days" in await page(client)
        assert (await client.post("/setup/health/acts", data={"page": "on"})).status_code == 303
        assert idle_house.office.settings.slo_acts == {"page"}
        assert (await client.post("/setup/health/acts", data={})).status_code == 303
        assert idle_house.office.settings.slo_acts == frozenset()
        every = {"page": "on", "mail_second": "on", "mail_for_text": "on"}
        assert (await client.post("/setup/health/acts", data=every)).status_code == 303
        assert "SLO_ACTS" not in idle_house.office.settings.saved, "all of them is what is done when nobody says"
    await admin(idle_house, name="Mo", email="mo@example.com", role="manager")
    async with logged_in(idle_house, "mo@example.com") as client:
        assert "/setup/health/acts" not in await page(client)
        assert (await client.post("/setup/health/acts", data={})).status_code == 403
