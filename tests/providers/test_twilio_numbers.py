"""Twilio's account: read and set by requests its contract allows; what is not surely approved is not approved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from openapi_lane import contract
from vendor_on_loopback import Answer, Vendor, conforming, running

from leadwake.errors import BadCredentials, Rejected, Throttled, Unavailable
from leadwake.providers.twilio_numbers import Hooks, Registration, Standing, TwilioAccount

SID, TOKEN = "AC" + "a" * 32, "an invented token"
NUMBER, SERVICE, BRAND = "PN" + "1" * 32, "MG" + "2" * 32, "BN" + "3" * 32
PHONE = "+18135550100"
OURS = Hooks("https://x.example/hooks/twilio/sms", "POST", "https://x.example/v", "POST", "https://x.example/v", "POST")


@pytest.fixture
async def messaging_api() -> AsyncIterator[Vendor]:
    """messaging.twilio.com. The pool of a service is not in the shared contract; its page is named in the adapter."""
    async with running() as started:
        yield started
    started.received = [seen for seen in started.received if not seen.path.endswith("/PhoneNumbers")]
    conforming("twilio-messaging", started)


@pytest.fixture
async def account(twilio_api: Vendor, messaging_api: Vendor) -> AsyncIterator[TwilioAccount]:
    made = TwilioAccount(twilio_api.url, messaging_api.url, SID, TOKEN)
    yield made
    await made.aclose()


def number(**more: Any) -> dict[str, Any]:
    return {
        "sid": NUMBER, "phone_number": PHONE, "friendly_name": "Front", "capabilities": {"sms": True, "voice": True},
        "sms_url": "https://old.example/sms", "sms_method": "GET", "voice_url": None,
    } | more  # fmt: skip


def numbers(*entries: dict[str, Any], **more: Any) -> Answer:
    return Answer(200, {"incoming_phone_numbers": list(entries), "next_page_uri": None} | more)


async def test_numbers_are_listed_with_what_they_can_and_where_they_report(
    account: TwilioAccount, twilio_api: Vendor
) -> None:
    twilio_api.answers(
        numbers(number(), number(sid="broken"), number(sid="PN" + "9" * 32, voice_application_sid="AP1"))
    )

    first, second = await account.numbers()

    assert (first.phone, first.texts, first.calls, first.label, first.handled_by) == (PHONE, True, True, "Front", "")
    assert first.hooks == Hooks(sms_url="https://old.example/sms", sms_method="GET")
    assert second.handled_by == "AP1"


async def test_a_long_list_is_read_to_its_end_and_credentials_stay_with_the_host(
    account: TwilioAccount, twilio_api: Vendor
) -> None:
    more = f"https://elsewhere.example/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers.json?PageSize=100&Page=1"
    twilio_api.answers(numbers(number(), next_page_uri=more), numbers(number(sid="PN" + "9" * 32)))

    assert len(await account.numbers()) == 2
    assert twilio_api.received[1].target.endswith("IncomingPhoneNumbers.json?PageSize=100&Page=1")


async def test_hooks_are_set_as_the_contract_has_them(account: TwilioAccount, twilio_api: Vendor) -> None:
    twilio_api.answers(Answer(200, number(**OURS.as_dict())))

    assert (await account.set_hooks(NUMBER, OURS)).hooks == OURS
    (seen,) = twilio_api.received
    assert seen.path.endswith(f"/IncomingPhoneNumbers/{NUMBER}.json")
    assert b"SmsUrl=https%3A%2F%2Fx.example%2Fhooks%2Ftwilio%2Fsms&SmsMethod=POST" in seen.body


async def test_a_hook_that_was_nowhere_is_taken_away_again(account: TwilioAccount, twilio_api: Vendor) -> None:
    twilio_api.answers(Answer(200, number(sms_url="")))

    await account.set_hooks(NUMBER, Hooks())
    assert b"SmsUrl=&" in twilio_api.received[0].body


async def test_no_other_path_is_reached_with_what_is_no_number(account: TwilioAccount, twilio_api: Vendor) -> None:
    with pytest.raises(Rejected):
        await account.set_hooks("../Messages", OURS)
    assert twilio_api.received == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(401, {"code": 20003, "message": "Authenticate"}), BadCredentials),
        (Answer(429, {"code": 20429, "message": "Too many"}), Throttled),
        (Answer(502), Unavailable),
        (Answer(200, b"<html>"), Unavailable),
        (Answer(404, {"code": 20404, "message": f"no {TOKEN}"}), Rejected),
    ],
)
async def test_what_goes_wrong_is_said_without_secrets(
    account: TwilioAccount, twilio_api: Vendor, answer: Answer, error: type[Exception]
) -> None:
    twilio_api.answers(answer)

    with pytest.raises(error) as raised:
        await account.numbers()
    assert TOKEN not in str(raised.value)
    assert SID not in str(raised.value)
    assert TOKEN not in repr(account)


# Registration.


def services(*sids: str) -> Answer:
    return Answer(200, {"services": [{"sid": sid, "friendly_name": "S"} for sid in sids], "meta": {}})


def pool(*phones: str) -> Answer:
    return Answer(200, {"phone_numbers": [{"phone_number": phone} for phone in phones], "meta": {}})


def campaigns(*statuses: str) -> Answer:
    entries = [{"campaign_status": status, "brand_registration_sid": BRAND} for status in statuses]
    return Answer(200, {"compliance": entries, "meta": {"next_page_url": None}})


def brand(status: str) -> Answer:
    return Answer(200, {"sid": BRAND, "status": status})


async def test_a_number_is_as_registered_as_the_campaign_of_its_service(
    account: TwilioAccount, messaging_api: Vendor
) -> None:
    messaging_api.answers(services(SERVICE), pool("+18135550199", PHONE), campaigns("VERIFIED"), brand("APPROVED"))

    assert await account.standing(PHONE) == Standing(Registration.APPROVED, "VERIFIED", "APPROVED")


async def test_an_approved_campaign_of_another_number_approves_nothing(
    account: TwilioAccount, messaging_api: Vendor
) -> None:
    messaging_api.answers(services(SERVICE), pool("+18135550199"))

    assert await account.standing(PHONE) == Standing(Registration.NONE)


@pytest.mark.parametrize(
    ("campaign", "of_brand", "state"),
    [
        ("VERIFIED", "APPROVED", Registration.APPROVED),
        ("VERIFIED", "IN_REVIEW", Registration.PENDING),
        ("VERIFIED", "SUSPENDED", Registration.FAILED),
        ("VERIFIED", "", Registration.FAILED),
        ("PENDING", "APPROVED", Registration.PENDING),
        ("IN_PROGRESS", "APPROVED", Registration.PENDING),
        ("FAILED", "APPROVED", Registration.FAILED),
        ("SUSPENDED", "APPROVED", Registration.FAILED),
        ("SOMETHING_NEW", "APPROVED", Registration.PENDING),
        ("", "APPROVED", Registration.PENDING),
    ],
)
async def test_only_a_verified_campaign_of_an_approved_brand_is_approved(
    account: TwilioAccount, messaging_api: Vendor, campaign: str, of_brand: str, state: Registration
) -> None:
    messaging_api.answers(campaigns(campaign), brand(of_brand))

    assert (await account.standing(SERVICE)).state is state


@pytest.mark.parametrize("sender", ["+18885550100", "+18445550100", "12345", "+442071838750"])
async def test_senders_that_are_registered_elsewhere_are_unknown(
    account: TwilioAccount, messaging_api: Vendor, sender: str
) -> None:
    assert (await account.standing(sender)).state is Registration.UNKNOWN
    assert messaging_api.received == []


async def test_a_service_without_a_campaign_is_not_registered(account: TwilioAccount, messaging_api: Vendor) -> None:
    messaging_api.answers(campaigns())

    assert (await account.standing(SERVICE)).state is Registration.NONE


def test_the_messaging_contract_is_at_hand(shared: object) -> None:
    del shared
    assert contract("twilio-messaging")
