"""Connecting a vendor by OAuth, from the admin's button to a lead's record, over real HTTP."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from page_case import admin, logged_in

from oauth_case import at_the_stand_in, carried, connect, order, press, sent_away, standing
from office_case import House

MARIA = {
    "name": "Maria Lopez", "phone": "+18135550142", "email": "maria@example.com", "source": "website",
    "channel": "web_form", "message": "Is 12 Oak St still open?",
}  # fmt: skip


async def test_a_leads_record_goes_with_the_token_of_the_connection(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        answer = await connect(client, "hubspot")
        assert (answer.status_code, answer.headers["location"]) == (303, "/setup/vendors/hubspot?done=connected")
        page = (await client.get(answer.headers["location"])).text
        setup = (await client.get("/setup")).text
    assert "This connection counts" in page
    assert "62515" in page
    assert "See the connection" in setup

    cause = (await house.post(MARIA)).json()["inquiry_id"]
    await house.reaches(cause, "crm", "sent")

    tokens = await carried(house, "hubspot")
    assert len(tokens) == 1
    assert "practice" not in tokens
    assert (await standing(house, "hubspot")).account == "62515"


@pytest.mark.parametrize("vendor", ["hubspot", "gohighlevel", "calendly", "slack"])
async def test_each_vendor_goes_live_by_a_connection_alone(idle_house: House, vendor: str) -> None:
    await at_the_stand_in(idle_house, vendor)
    await admin(idle_house)
    assert idle_house.office.settings.mode(vendor).value == "off"

    async with logged_in(idle_house) as client:
        away = await sent_away(client, vendor)
        answer = await client.get(await press(away))
        tried = await client.post(f"/setup/health/vendors/{vendor}")

    assert answer.headers["location"] == f"/setup/vendors/{vendor}?done=connected", answer.text
    assert idle_house.office.settings.mode(vendor).value == "live"
    assert tried.status_code < 400
    rows = await idle_house.rows("select data from event where kind = 'vendor_tested'")
    assert [row["data"]["ok"] for row in rows] == [True]
    query = parse_qs(urlsplit(away).query)
    assert ("code_challenge" in query) is (vendor == "calendly")
    assert "highlevel" not in query["redirect_uri"][0]  # GoHighLevel refuses a redirect URL that says it
    if vendor == "gohighlevel":
        assert idle_house.office.settings.credential(vendor, "GOHIGHLEVEL_LOCATION_ID") == "l1C08ntBrFjLS0elLIYU"


async def test_an_answer_that_this_browser_did_not_ask_for_connects_nothing(idle_house: House) -> None:
    await admin(idle_house)
    await admin(idle_house, name="Bo Admin", email="bo@example.com", phone="+18135550171")
    async with logged_in(idle_house) as alex, logged_in(idle_house, "bo@example.com") as bo:
        back = await press(await sent_away(alex, "hubspot"))
        forged = back.replace("state=", "state=x")

        for client, url in ((bo, back), (alex, forged), (alex, back.replace("hubspot", "calendly"))):
            refused = await client.get(url)
            assert refused.status_code == 409
            assert "was not begun in this browser" in refused.text
        async with logged_in(idle_house) as elsewhere:  # the same person's other browser
            assert (await elsewhere.get(back)).status_code == 409
        assert idle_house.office.settings.grants == {}

        assert (await alex.get(back)).status_code == 303
        again = await alex.get(back)
    assert again.status_code == 409
    assert (await standing(idle_house, "hubspot")).state == "connected"


async def test_nothing_is_connected_where_nobody_agreed(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        denied = await client.get(await press(await sent_away(client, "slack"), "deny"))
        late = await press(await sent_away(client, "slack"))
        await idle_house.rows("update vendor_authorization set expires_at = expires_at - interval '16 minutes'")
        too_late = await client.get(late)
        led_here = await client.get("/setup/vendors/slack/authorize", headers={"Sec-Fetch-Site": "cross-site"})

    assert denied.status_code == 409
    assert "nobody agreed there. Nothing was changed." in denied.text
    assert too_late.status_code == 409
    assert led_here.status_code == 403
    assert idle_house.office.settings.grants == {}


async def test_a_code_the_vendor_refuses_says_why_and_changes_nothing(idle_house: House) -> None:
    await admin(idle_house)
    await order(idle_house, "calendly", secret="another")
    async with logged_in(idle_house) as client:
        answer = await connect(client, "calendly")

    assert answer.status_code == 502
    assert "are our client id and secret right?" in answer.text
    assert idle_house.office.settings.grants == {}


async def test_a_token_set_by_hand_counts_until_connected_and_again_after(idle_house: House) -> None:
    await at_the_stand_in(idle_house, "hubspot", HUBSPOT_TOKEN="by-hand")
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        before = (await client.get("/setup/vendors/hubspot")).text
        await connect(client, "hubspot")
        during = (await client.get("/setup/vendors/hubspot")).text
        await client.post("/setup/health/vendors/hubspot")
        token = await idle_house.office.tokens.bearer("hubspot").token()
        gone = await client.post("/setup/vendors/hubspot/disconnect")
        await client.post("/setup/health/vendors/hubspot")

    assert "A token that was set by hand counts" in before
    assert "A token was set by hand, too; it waits" in during
    assert gone.headers["location"] == "/setup/vendors/hubspot?done=disconnected"
    assert list(await carried(idle_house, "hubspot")) == [token, "by-hand"]
    refused = await idle_house.sandbox.get("/hubspot/crm/v3/owners", headers={"authorization": f"Bearer {token}"})
    assert refused.status_code == 401, "the vendor was told"


async def test_what_cannot_be_revoked_is_forgotten_here_and_said_so(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        await connect(client, "slack")
        await idle_house.behave("slack", mode="error")
        gone = await client.post("/setup/vendors/slack/disconnect")
        page = (await client.get(gone.headers["location"])).text

    assert "remove the app in your account there, too" in page
    assert idle_house.office.settings.grants == {}


async def test_client_id_and_secret_are_saved_sealed_and_the_secret_is_never_shown(idle_house: House) -> None:
    await admin(idle_house)
    given = {"HUBSPOT_CLIENT_ID": "app-1234", "HUBSPOT_CLIENT_SECRET": "very-secret-words"}
    async with logged_in(idle_house) as client:
        saved = await client.post("/setup/vendors/hubspot/app", data=given)
        page = (await client.get(saved.headers["location"])).text
        url = await sent_away(client, "hubspot")

    assert "app-1234" in page
    assert "very-secret-words" not in page
    assert url.startswith("https://app.hubspot.com/oauth/authorize?response_type=code&client_id=app-1234&")
    assert "very-secret-words" not in url
