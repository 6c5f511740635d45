"""Proving a vendor: a question its contract allows, that sends nothing, and whose refusal says whose fault it is."""

from __future__ import annotations

import pytest
from test_smtp import PASSWORD, inbox
from vendor_on_loopback import Answer, Vendor

from leadwake.errors import BadCredentials, Rejected, Unavailable
from leadwake.providers.gohighlevel import GoHighLevel
from leadwake.providers.hubspot import HubSpot
from leadwake.providers.sendgrid import SendGrid
from leadwake.providers.slack import Slack
from leadwake.providers.smtp import Smtp
from leadwake.providers.twilio import Twilio

SENDER = "sam@realty.example.com"
SID = "AC" + "0" * 32


async def test_twilio_is_asked_for_one_text_of_its_list(twilio_api: Vendor) -> None:
    twilio_api.answers(Answer(200, {"messages": []}), Answer(401, {"code": 20003, "message": "Authenticate"}))
    twilio = Twilio(twilio_api.url, SID, "token", "+15005550006")

    assert "right" in await twilio.prove(SENDER)
    with pytest.raises(BadCredentials):
        await twilio.prove(SENDER)
    assert [seen.method for seen in twilio_api.received] == ["GET", "GET"]

    await twilio.aclose()


async def test_sendgrid_is_given_a_mail_that_it_must_not_deliver(sendgrid_api: Vendor) -> None:
    sendgrid_api.answers(Answer(200), Answer(403, {"errors": [{"message": "access forbidden"}]}))
    sendgrid = SendGrid(sendgrid_api.url, "SG.key")

    assert "may send" in await sendgrid.prove(SENDER)
    with pytest.raises(BadCredentials):
        await sendgrid.prove(SENDER)
    assert all(seen.json()["mail_settings"] == {"sandbox_mode": {"enable": True}} for seen in sendgrid_api.received)

    await sendgrid.aclose()


async def test_hubspot_is_asked_whether_contacts_may_be_read(hubspot_api: Vendor) -> None:
    hubspot_api.answers(Answer(200, {"total": 0, "results": []}), Answer(401, {"category": "INVALID_AUTHENTICATION"}))
    hubspot = HubSpot(hubspot_api.url, "pat-practice")

    assert "may read" in await hubspot.prove(SENDER)
    with pytest.raises(BadCredentials):
        await hubspot.prove(SENDER)

    await hubspot.aclose()


async def test_gohighlevel_is_asked_for_one_contact_of_the_location(gohighlevel_api: Vendor) -> None:
    refused = Answer(401, {"statusCode": 401, "message": "Invalid JWT"})
    gohighlevel_api.answers(Answer(200, {"contacts": [], "count": 0}), refused)
    gohighlevel = GoHighLevel(gohighlevel_api.url, "pit-practice", "ve9EPM428h8vShlRW1KT")

    assert "may read" in await gohighlevel.prove(SENDER)
    with pytest.raises(BadCredentials):
        await gohighlevel.prove(SENDER)

    await gohighlevel.aclose()


async def test_slack_is_asked_who_we_are(slack_api: Vendor) -> None:
    slack_api.answers(
        Answer(200, {"ok": True, "team": "Harbor Homes"}), Answer(200, {"ok": False, "error": "invalid_auth"})
    )
    slack = Slack(slack_api.url, "xoxb-1")

    assert "Harbor Homes" in await slack.prove(SENDER)
    with pytest.raises(BadCredentials):
        await slack.prove(SENDER)

    await slack.aclose()


async def test_a_mail_server_proves_login_and_sender_without_a_mail() -> None:
    login = f"sam:{PASSWORD.replace('@', '%40').replace('/', '%2F').replace(':', '%3A')}@"
    async with inbox(login=login, auth_require_tls=False) as box:
        assert "login" in await Smtp(box.url).prove(SENDER)
        assert [user for user, _ in box.logins] == [b"sam"]
        assert box.mails == []
        with pytest.raises(BadCredentials):
            await Smtp(box.url.replace("p%40ss", "wrong")).prove(SENDER)
        with pytest.raises(Rejected):
            await Smtp(box.url).prove("no address")


async def test_a_vendor_that_is_not_there_is_unavailable() -> None:
    for vendor in (Twilio("http://127.0.0.1:9", SID, "t", "+15005550006"), HubSpot("http://127.0.0.1:9", "t")):
        with pytest.raises(Unavailable):
            await vendor.prove(SENDER)
        await vendor.aclose()
    with pytest.raises(Unavailable):
        await Smtp("smtp://127.0.0.1:9").prove(SENDER)
