"""Setup: what is saved counts, what is wrong is said beside its field, and secrets are never shown again."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from page_case import PASSWORD, admin, browser, logged_in

from leadwake.storage.staff import Person
from leadwake.vendors import Mode
from office_case import House, a_house, hire

TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "a1" * 16,
    "TWILIO_AUTH_TOKEN": "s3cret-of-twilio",
    "TWILIO_FROM": "+18135550100",
}
MARIA = {"name": "Maria Lopez", "phone": "813-555-0194", "email": "maria@example.com", "message": "Hello"}


async def an_agent(house: House) -> Person:
    return await admin(house, name="Sam Seller", email="sam@example.com", role="agent")


@pytest.mark.parametrize("page", ["/setup", "/setup/messages", "/setup/team", "/setup/keys"])
async def test_only_admins_open_the_setup(house: House, page: str) -> None:
    await an_agent(house)
    async with logged_in(house, "sam@example.com") as client:
        answer = await client.get(page)

    assert answer.status_code == 403
    assert "Ask an admin" in answer.text


async def test_every_page_of_setup_is_in_its_menus_which_say_where_one_is(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        menus = re.compile(r'<nav[^>]*aria-label="Setup">(.*?)</nav>', re.DOTALL)
        wide, phone = menus.findall((await client.get("/setup")).text)
        places = dict(re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', wide))
        assert places == dict(re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', phone))
        assert len(places) == 19
        for place, label in places.items():
            page = (await client.get(place)).text
            assert page.count(f'<a href="{place}" aria-current="page">{label}</a>') == 2, place
            assert f"<summary>{label}<span>all of Setup</span></summary>" in page, place


async def test_only_admins_change_anything(house: House) -> None:
    agent = await an_agent(house)
    async with logged_in(house, "sam@example.com") as client:
        for place in (
            "/setup/settings/twilio", "/setup/messages", "/setup/preview", "/setup/team", "/setup/keys",
            f"/setup/team/{agent.id}", f"/setup/team/{agent.id}/disable", "/setup/test/sms",
        ):  # fmt: skip
            assert (await client.post(place, data={"role": "admin", "name": "x"})).status_code == 403, place


@pytest.fixture
async def quiet_house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A house in real time with nobody at work: a vendor may go live in it, and nothing is ever sent."""
    async with a_house(database_url, tmp_path / "data", at_work=False, now=None) as running:
        yield running


async def test_a_vendor_goes_live_with_its_last_credential_and_keeps_its_secret(quiet_house: House) -> None:
    house = quiet_house
    await admin(house)
    async with logged_in(house) as client:
        first = {name: TWILIO[name] for name in ("TWILIO_ACCOUNT_SID", "TWILIO_FROM")}
        assert (await client.post("/setup/settings/twilio", data=first)).status_code == 303
        assert house.office.settings.mode("twilio") is Mode.PRACTICE

        assert (await client.post("/setup/settings/twilio", data=TWILIO)).status_code == 303
        assert house.office.settings.mode("twilio") is Mode.LIVE
        page = (await client.get("/setup")).text

    assert "s3cret" not in page
    assert TWILIO["TWILIO_ACCOUNT_SID"] in page
    assert '<span class="mode live">live</span>' in page
    stored = await house.rows("select name, sealed from setting")
    assert not any(b"s3cret" in row["sealed"] for row in stored)
    (event,) = await house.rows(
        "select data::text as data from event where kind = 'settings_changed' order by id limit 1"
    )
    assert "TWILIO_FROM" in event["data"]
    assert "813" not in event["data"]


async def test_a_secret_left_blank_stays_and_is_removed_only_when_asked(quiet_house: House) -> None:
    house = quiet_house
    await admin(house)
    async with logged_in(house) as client:
        await client.post("/setup/settings/twilio", data=TWILIO)
        await client.post("/setup/settings/twilio", data={**TWILIO, "TWILIO_AUTH_TOKEN": ""})
        assert house.office.settings.get("TWILIO_AUTH_TOKEN") == "s3cret-of-twilio"

        gone = {**TWILIO, "TWILIO_AUTH_TOKEN": "", "forget_TWILIO_AUTH_TOKEN": "on"}
        await client.post("/setup/settings/twilio", data=gone)

    assert house.office.settings.get("TWILIO_AUTH_TOKEN") == ""
    assert house.office.settings.mode("twilio") is Mode.PRACTICE


@pytest.mark.parametrize(
    ("section", "name", "value", "said"),
    [
        ("business", "BOOKING_URL", "javascript:alert(1)", "Write a whole link"),
        ("business", "PUBLIC_URL", "leads.example.com", "Write a whole link"),
        ("business", "TIME_ZONE", "Mars/Olympus", "no such time zone"),
        ("twilio", "TWILIO_FROM", "813 555 0100", "Write the number as"),
        ("twilio", "TWILIO_ACCOUNT_SID", "AC123", "An Account SID is"),
        ("sendgrid", "SENDGRID_FROM", "Dana <dana@example.com>", "one plain address"),
        ("sendgrid", "SENDGRID_API_KEY", "SG.“curly”", "copy it again"),
        ("smtp", "SMTP_URL", "mail.example.com:587", "smtp://"),
        ("business", "POSTAL_ADDRESS", "x" * 501, "At most 500"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(
    idle_house: House, section: str, name: str, value: str, said: str
) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        answer = await client.post(f"/setup/settings/{section}", data={name: value})

    assert answer.status_code == 422
    beside = re.search(rf'id="h-{name}"><strong>([^<]*)</strong>', answer.text)
    assert beside
    assert said in beside[1]
    assert not await idle_house.rows("select 1 from setting")


async def test_what_the_environment_decides_is_locked(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False, SENDGRID_API_KEY="SG.environment") as house:
        await admin(house)
        async with logged_in(house) as client:
            await client.post("/setup/settings/sendgrid", data={"SENDGRID_API_KEY": "SG.page"})
            page = (await client.get("/setup")).text

        assert house.office.settings.get("SENDGRID_API_KEY") == "SG.environment"
        assert "SG.environment" not in page
        assert "locked: it comes from the environment" in page


async def test_only_settings_of_the_section_are_saved(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        await client.post("/setup/settings/business", data={"BUSINESS_NAME": "X", "DATABASE_URL": "x", "DATA_DIR": "/"})
        assert (await client.post("/setup/settings/nothing", data={})).status_code == 404

    assert {row["name"] for row in await idle_house.rows("select name from setting")} <= {"BUSINESS_NAME"}


# Messages.


async def test_a_template_shows_as_it_will_arrive_before_it_is_saved(idle_house: House) -> None:
    await admin(idle_house)
    given = {"instant_reply.sms": "Hi {{ lead.first_name }}, {{ business.name }} here. {{ opt_out_line }}"}
    async with logged_in(idle_house) as client:
        page = (await client.post("/setup/preview", data=given)).text
        piece = (await client.post("/setup/preview", data=given, headers={"X-Fragment": "1"})).text

    for shown in (page, piece):
        assert "Hi Maria, Example Realty here. Reply STOP to opt out" in shown
        assert "1 segment (GSM-7)" in shown
    assert "<html" not in piece
    assert not await idle_house.rows("select 1 from message_template")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("Hi {{ lead.first_name }} from {{ business.name }}", "how to opt out"),
        ("Hi {{ lead.frist_name }} {{ business.name }} {{ opt_out_line }}", "did you mean"),
        ("{% for x in (1..9999999) %}{{ x }}{% endfor %}", "not for messages"),
        ("Hi {{ lead.first_name", "}}"),
    ],
)
async def test_a_template_that_is_not_fit_to_send_is_not_saved(idle_house: House, source: str, said: str) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        answer = await client.post("/setup/messages", data={"instant_reply.sms": source})

    assert answer.status_code == 422
    assert said in answer.text
    assert not await idle_house.rows("select 1 from message_template")


async def test_the_next_lead_gets_the_saved_template_and_an_empty_one_goes_back_to_ours(house: House) -> None:
    await admin(house)
    ours = house.office.templates["instant_reply.sms"].source
    own = "Ahoy {{ lead.first_name }}, {{ business.name }} here. {{ opt_out_line }}"
    async with logged_in(house) as client:
        assert (await client.post("/setup/messages", data={"instant_reply.sms": own})).status_code == 303
        await house.post(MARIA)
        await house.settled()
        assert any(text["Body"].startswith("Ahoy Maria") for text in await house.texts())

        await client.post("/setup/messages", data={"instant_reply.sms": ""})

    assert house.office.templates["instant_reply.sms"].source == ours
    assert not await house.rows("select 1 from message_template")


async def test_a_test_message_reaches_oneself_and_its_state_is_shown(house: House) -> None:
    person = await admin(house)
    async with logged_in(house) as client:
        sent = await client.post("/setup/test/sms", data={})
        place = sent.headers["location"].partition("#")[0]
        assert place.startswith("/setup/messages?test=")
        await house.settled()
        page = (await client.get(place)).text

    assert [text["To"] for text in await house.texts()] == [person.phone]
    assert re.search(r"Test text <b>(sent|delivered)</b>", page)


async def test_a_test_text_without_a_number_says_where_to_write_it(house: House) -> None:
    await admin(house, phone=None)
    async with logged_in(house) as client:
        sent = await client.post("/setup/test/sms", data={})
        page = (await client.get(sent.headers["location"].partition("#")[0])).text

    assert "You have no phone number here" in page


# Team and keys.


async def test_a_new_member_gets_a_link_that_lets_them_in(house: House) -> None:
    await admin(house)
    given = {
        "name": "Sam Seller",
        "email": "sam@example.com",
        "phone": "813 555 0166",
        "role": "agent",
        "takes_leads": "on",
    }
    async with logged_in(house) as client:
        page = (await client.post("/setup/team", data=given)).text
        again = await client.post("/setup/team", data=given)
    link = re.search(rf"{house.url}(/invite/[\w-]+)", page)
    assert link
    assert again.status_code == 422
    assert "<strong>A member of the team already: sam@example.com.</strong>" in again.text
    assert re.findall(r'name="(\w+)"[^>]* autofocus', again.text) == ["email"], "what is wrong is in sight"
    async with browser(house) as newcomer:
        begun = await newcomer.post(link[1], data={"name": "Sam Seller", "password": PASSWORD})
        assert begun.status_code == 303
        assert (await newcomer.get("/")).status_code == 200

    (sam,) = [member for member in house.office.team if member.email == "sam@example.com"]
    assert sam.phone == "+18135550166"
    assert sam in house.office.agents


async def test_a_member_taken_out_is_logged_out_and_nobody_takes_out_themselves(house: House) -> None:
    alex, sam = await admin(house), await an_agent(house)
    async with logged_in(house, "sam@example.com") as out, logged_in(house) as client:
        assert (await out.get("/")).status_code == 200
        assert (await client.post(f"/setup/team/{sam.id}/disable")).status_code == 303
        assert (await out.get("/")).status_code == 303
        assert (await client.post(f"/setup/team/{alex.id}/disable")).status_code == 403
        assert (await client.post(f"/setup/team/{alex.id}", data={"name": "Alex", "role": "agent"})).status_code == 303
        assert (await client.get("/setup")).status_code == 200, "nobody demotes themselves by accident"


async def test_a_key_is_shown_once_opens_the_api_and_can_be_revoked(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        page = (await client.post("/setup/keys", data={"name": "the booking site", "scope_leads:write": "on"})).text
        key = re.search(r"lw_([0-9a-f]{12})_[\w-]{43}", page)
        assert key
        assert key[0] not in (await client.get("/setup/keys")).text
        headers = {"authorization": f"Bearer {key[0]}"}
        taken = await client.post("/v1/leads", json=MARIA, headers=headers)
        assert taken.status_code == 202
        read = await client.get(f"/v1/leads/{taken.json()['lead_id']}", headers=headers)
        assert read.status_code == 403

        await client.post(f"/setup/keys/{key[1]}/revoke")
        assert "the booking site" not in (await client.get("/setup/keys")).text


async def test_a_key_without_a_name_or_a_right_is_not_made(house: House) -> None:
    await admin(house)
    await hire(house.office, email="other@example.com")
    async with logged_in(house) as client:
        for given in ({"name": "", "scope_leads:write": "on"}, {"name": "x"}):
            assert (await client.post("/setup/keys", data=given)).status_code == 422

    assert len(await house.rows("select 1 from api_key")) == 1, "the house's own"
