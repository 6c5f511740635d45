"""The carriers' approval: asked for until it is there, told to the team once, and blocking whatever is not known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from leadwake.ops.doctor import going_live
from leadwake.providers.twilio_numbers import Registration
from leadwake.vendors import Mode
from leadwake.workflows import mail_domain, ops_mail, registration
from leadwake.workflows.saving import save
from office_case import House, a_house, hire, until

ACCOUNT = "AC" + "a" * 32
NUMBER = "+15005550006"
LIVE = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "token", "TWILIO_FROM": NUMBER}


@pytest.fixture
async def live_house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """
    A house in real time whose texts go to a Twilio that is not known to be on this machine: 0.0.0.0 is, but no
    loopback address, so that nothing counts as approved by itself. Dana is real and gets mail.
    """
    async with a_house(database_url, tmp_path / "data", at_work=False, now=None) as house:
        base = house.office.base_settings
        url = f"http://0.0.0.0:{house.sandbox.base_url.port}/twilio"
        house.office.base_settings = replace(base, values={**base.values, "TWILIO_URL": url})
        await hire(house.office, name="Ada Agent", email="ada@example.com", phone="+18135550171", practice=False)
        await hire(
            house.office, name="Alex Admin", email="alex@example.com", phone=None, role="admin", practice=False,
            takes_leads=False,
        )  # fmt: skip
        await save(house.office, LIVE, "cli")
        assert house.office.settings.mode("twilio") is Mode.LIVE
        yield house


async def campaign(house: House, status: str) -> None:
    answer = await house.sandbox.put("/twilio/_a2p", json={"campaign": status})
    assert answer.status_code == 200


async def notices(house: House) -> list[str]:
    """What the team was told, oldest first."""
    rows = await house.rows("select recipient from action where kind = 'ops_email' order by created_at, recipient")
    return [row["recipient"].partition("/")[2] for row in rows]


async def test_pending_blocks_texts_and_tells_everybody_once(live_house: House) -> None:
    house = live_house
    for _ in range(3):
        await registration.ask(house.office)

    assert not house.office.settings.a2p_approved()
    assert house.office.settings.texts_wait
    assert await notices(house) == ["a2p_waits"] * 2, "the agent and the admin, not the invented one"


async def test_approval_frees_texts_and_is_told(live_house: House) -> None:
    house = live_house
    await registration.ask(house.office)
    await campaign(house, "VERIFIED")
    house.advance(timedelta(minutes=14))
    await registration.ask_if_due(house.office)
    assert not house.office.settings.a2p_approved(), "asked a quarter of an hour later, not before"

    house.advance(timedelta(minutes=1))
    await registration.ask_if_due(house.office)

    assert house.office.settings.a2p_approved()
    assert (await notices(house))[2:] == ["a2p_approved"] * 2


async def test_an_approval_taken_back_stops_texts_again_and_is_told(live_house: House) -> None:
    house = live_house
    await campaign(house, "VERIFIED")
    await registration.ask(house.office)
    assert await notices(house) == []

    await campaign(house, "SUSPENDED")
    house.advance(timedelta(hours=23))
    await registration.ask_if_due(house.office)
    assert house.office.settings.a2p_approved(), "looked at daily once approved"
    house.advance(timedelta(hours=1))
    await registration.ask_if_due(house.office)
    await registration.ask(house.office)

    assert not house.office.settings.a2p_approved()
    assert await notices(house) == ["a2p_revoked"] * 2


async def test_an_outage_takes_no_approval_away_and_gives_none(live_house: House) -> None:
    house = live_house
    await house.behave("twilio", mode="error")
    seen = await registration.ask(house.office)
    assert seen is not None
    assert (seen.state, bool(seen.problem)) == (Registration.UNKNOWN, True)
    assert not house.office.settings.a2p_approved()

    await house.behave("twilio", mode="ok")
    await campaign(house, "VERIFIED")
    await registration.ask(house.office)
    await house.behave("twilio", mode="error")
    seen = await registration.ask(house.office)

    assert seen is not None
    assert (seen.state, bool(seen.problem)) == (Registration.APPROVED, True)
    assert house.office.settings.a2p_approved()


async def test_another_number_needs_its_own_approval(live_house: House) -> None:
    house = live_house
    await campaign(house, "VERIFIED")
    await registration.ask(house.office)
    await save(house.office, {"TWILIO_FROM": "+18135550188"}, "cli")

    assert not house.office.settings.a2p_approved()
    assert await registration.seen(house.office) is None
    found = await registration.ask(house.office)
    assert found is not None
    assert found.state is Registration.NONE


async def test_what_the_operator_says_counts_and_a_doubt_is_told_to_admins(live_house: House) -> None:
    house = live_house
    await save(house.office, {"TWILIO_A2P": "approved"}, "cli")
    await campaign(house, "FAILED")
    for _ in range(2):
        await registration.ask(house.office)

    assert house.office.settings.a2p_approved()
    assert await notices(house) == ["a2p_doubt"]


async def test_the_sandboxs_approval_approves_nothing_real(idle_house: House) -> None:
    await campaign(idle_house, "VERIFIED")
    seen = await registration.ask(idle_house.office)

    assert seen is not None
    assert seen.state is Registration.APPROVED
    assert idle_house.office.settings.get("SEEN_A2P") == ""
    assert await notices(idle_house) == []


async def test_the_notice_arrives_as_mail(house: House) -> None:
    await hire(house.office, name="Ada Agent", email="ada@example.com", practice=False)
    async with house.office.db.transaction() as connection:
        await ops_mail.tell(house.office, connection, house.office.team, "a2p_waits")

    async def came() -> bool:
        mails = await house.mails()
        return [mail["subject"] for mail in mails] == ["Texts are not sent yet"]

    await until(came)


async def test_doctor_names_what_others_still_have_to_do(live_house: House) -> None:
    house = live_house
    await registration.ask(house.office)

    found = {one.about: one async for one in going_live.findings(house.office, ask=True)}

    assert found["registration"].level == "failed"
    assert "PENDING" in found["registration"].text
    assert "webhooks" not in found, "without a public address there is nothing to compare"
    await save(house.office, {"PUBLIC_URL": "https://leads.example.com"}, "cli")
    found = {one.about: one async for one in going_live.findings(house.office, ask=True)}
    assert (found["webhooks"].level, "STOP" in found["webhooks"].text) == ("failed", True)


async def test_the_domain_is_looked_at_until_it_is_green_and_told_when_it_is_lost(idle_house: House) -> None:
    house = idle_house
    office = house.office
    base = office.base_settings
    url = f"{house.sandbox.base_url}/sendgrid"
    office.base_settings = replace(base, values={**base.values, "SENDGRID_URL": url})
    await hire(office, name="Alex Admin", email="alex@example.com", role="admin", practice=False)
    await save(office, {"SENDGRID_API_KEY": "SG.key", "SENDGRID_FROM": "hello@realty.example.com"}, "cli")
    await mail_domain.check_if_due(office)
    assert await mail_domain.seen(office) is None, "nobody has begun"

    await mail_domain.begin(office, "cli")
    valid = []
    for _ in range(3):
        house.advance(timedelta(minutes=15))
        await mail_domain.check_if_due(office)
        seen = await mail_domain.seen(office)
        assert seen is not None
        assert seen.domain is not None
        valid.append(seen.domain.valid)

    assert valid == [False, True, True]
    kinds = [row["kind"] for row in await house.rows("select kind from event where kind = 'mail_domain_seen'")]
    assert len(kinds) == 2, "made, and green; nothing in between"
    await save(office, {"SENDGRID_FROM": "hello@other.example.com"}, "cli")
    assert await mail_domain.seen(office) is None, "another domain has records of its own"
