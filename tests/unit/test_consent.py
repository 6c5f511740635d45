"""What captures say about consent: compliance rules, section 1 and R-TCPA-2."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from leadwake.domain.consent import PROOF_FIELDS, level, missing_proof
from leadwake.domain.values import Channel, ConsentClaim, ConsentLevel

PROVEN = ConsentClaim(
    sms=True,
    email=True,
    text="I agree that Example Realty may call or text me by automated means. Not a condition of purchase.",
    ip="192.0.2.179",
    timestamp=datetime(2026, 11, 22, 15, 4, 5, tzinfo=UTC),
    user_agent="Mozilla/5.0",
    wording_version="2026-03",
    checkbox="ticked",
    signature="Victoria Alvarez",
    url="https://www.example.com/sell-home",
)
BLANKS: list[tuple[dict[str, Any], str]] = [
    ({"text": None}, "disclosure text"),
    ({"text": "  "}, "disclosure text"),
    ({"wording_version": None}, "wording version"),
    ({"url": None}, "URL"),
    ({"url": "our form"}, "URL"),
    ({"url": "http://["}, "URL"),
    ({"checkbox": None}, "checkbox"),
    ({"checkbox": "pre-ticked"}, "checkbox"),
    ({"checkbox": "unticked"}, "checkbox"),
    ({"signature": None}, "signature"),
    ({"timestamp": None}, "time"),
    ({"timestamp": datetime(2026, 11, 22)}, "time"),  # noqa: DTZ001
    ({"ip": None}, "IP address"),
    ({"ip": "unknown"}, "IP address"),
    ({"user_agent": None}, "user agent"),
]


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_yes_with_every_proof_field_is_written(channel: Channel) -> None:
    assert level(PROVEN, channel, "web_form", True) is ConsentLevel.WRITTEN
    assert missing_proof(PROVEN, channel) == []


@pytest.mark.parametrize(("change", "missing"), BLANKS)
@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_yes_with_a_proof_field_missing_is_an_inquiry(channel: Channel, change: dict[str, Any], missing: str) -> None:
    claim = replace(PROVEN, **change)

    assert level(claim, channel, "web_form", True) is ConsentLevel.INQUIRY
    assert missing_proof(claim, channel) == [missing]


def test_a_bare_yes_lacks_every_field() -> None:
    assert missing_proof(ConsentClaim(sms=True), contact_given=False) == list(PROOF_FIELDS)


@pytest.mark.parametrize("inquiry_channel", ["web_form", "portal_email", "phone_call", "csv"])
def test_no_is_declined_wherever_it_stands(inquiry_channel: str) -> None:
    claim = replace(PROVEN, sms=False, email=False)

    assert level(claim, Channel.SMS, inquiry_channel, True) is ConsentLevel.DECLINED
    assert level(claim, Channel.EMAIL, inquiry_channel, True) is ConsentLevel.DECLINED


def test_a_no_on_one_channel_leaves_the_other() -> None:
    claim = replace(PROVEN, sms=False)

    assert level(claim, Channel.EMAIL, "web_form", True) is ConsentLevel.WRITTEN
    assert level(claim, Channel.VOICE, "web_form", True) is ConsentLevel.INQUIRY


@pytest.mark.parametrize("inquiry_channel", ["web_form", "live_chat", "portal_email", "phone_call", "api"])
@pytest.mark.parametrize("channel", list(Channel))
def test_what_was_not_asked_is_an_inquiry_when_the_contact_was_given(inquiry_channel: str, channel: Channel) -> None:
    assert level(ConsentClaim(), channel, inquiry_channel, True) is ConsentLevel.INQUIRY
    assert level(ConsentClaim(), channel, inquiry_channel, False) is ConsentLevel.NONE


@pytest.mark.parametrize("claim", [ConsentClaim(), ConsentClaim(sms=True, email=True), replace(PROVEN, ip=None)])
def test_a_file_row_without_proof_is_none(claim: ConsentClaim) -> None:
    assert level(claim, Channel.SMS, "csv", True) is ConsentLevel.NONE
    assert level(claim, Channel.EMAIL, " CSV ", True) is ConsentLevel.NONE
    assert level(claim, Channel.SMS, "web_form", True, imported=True) is ConsentLevel.NONE


def test_a_file_row_with_its_own_proof_is_written() -> None:
    assert level(PROVEN, Channel.SMS, "csv", True, imported=True) is ConsentLevel.WRITTEN


def test_a_yes_without_a_number_gives_no_right_to_a_number_from_elsewhere() -> None:
    assert level(PROVEN, Channel.SMS, "web_form", False) is ConsentLevel.NONE
    assert "number" in missing_proof(PROVEN, contact_given=False)
    assert "number" not in missing_proof(PROVEN, Channel.EMAIL, contact_given=False)


def test_the_typed_name_signs_a_registered_form() -> None:
    claim = replace(PROVEN, signature=None)

    assert level(claim, Channel.SMS, "web_form", True, signature_name="Victoria Alvarez") is ConsentLevel.WRITTEN
    assert level(claim, Channel.SMS, "web_form", True, signature_name=" ") is ConsentLevel.INQUIRY


def test_a_wording_that_does_not_name_the_seller_is_no_written_consent() -> None:
    assert level(PROVEN, Channel.SMS, "web_form", True, seller="EXAMPLE REALTY, LLC") is ConsentLevel.WRITTEN
    assert level(PROVEN, Channel.SMS, "web_form", True, seller="Sample Realty") is ConsentLevel.INQUIRY
    assert level(PROVEN, Channel.SMS, "web_form", True, seller="Real") is ConsentLevel.INQUIRY


def test_automated_calls_are_never_claimed() -> None:
    assert level(PROVEN, Channel.VOICE, "web_form", True) is ConsentLevel.INQUIRY
