"""POST /forms/{form}: fields of plain HTML forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from leadwake.domain.consent import level, missing_proof
from leadwake.domain.values import Channel, ConsentLevel, Inquiry
from leadwake.errors import InputError
from leadwake.intake.form import HONEYPOT, is_spam, parse_form

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def parse(url: str | None = "https://www.example.com/sell", **fields: str | Sequence[str]) -> Inquiry:
    given = {key: [value] if isinstance(value, str) else list(value) for key, value in fields.items()}
    return parse_form(given, form="sell", ip="192.0.2.17", user_agent="Mozilla/5.0", url=url, now=NOW)


def test_a_form_is_an_inquiry_of_now() -> None:
    lead = parse(
        first_name="Samantha", last_name="Lewis", email="SLewis@example.net", phone="(813) 555-0194",
        message="Hello\r\nthere", postal_code="33606", state="Florida", interest="sell_home", budget="450K",
        timeline="ASAP", utm_source="google", pets=["dog", "cat"], _csrf="secret",
    )  # fmt: skip

    assert (lead.name, lead.phone, lead.email) == ("Samantha Lewis", "+18135550194", "slewis@example.net")
    assert (lead.message, lead.state, lead.postal_code) == ("Hello\nthere", "FL", "33606")
    assert (lead.channel, lead.source, lead.asked_at) == ("web_form", "website", NOW)
    assert (lead.interest, lead.budget, lead.timeline) == ("sell_home", "450K", "ASAP")
    assert lead.page_url == "https://www.example.com/sell"
    assert lead.utm == {"utm_source": "google"}
    assert lead.extra == {"pets": ["dog", "cat"], "form": "sell"}


def test_names_of_other_forms_are_understood() -> None:
    lead = parse(**{"Full-Name": "Sam Lewis", "Email Address": "s@example.net", "tel": "8135550194", "zip": "33606"})

    assert (lead.name, lead.email, lead.phone, lead.postal_code) == (
        "Sam Lewis", "s@example.net", "+18135550194", "33606",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["yes"], True), (["on"], True), (["TRUE"], True), (["1"], True), (["no", "yes"], True),
        (["no"], False), (["0"], False), ([""], False), (["maybe"], False),
    ],
)  # fmt: skip
def test_an_answer_is_yes_only_when_it_says_so(given: list[str], expected: bool) -> None:
    assert parse(name="x", sms_consent=given).consent.sms is expected
    assert parse(name="x", email_consent=given).consent.email is expected


def test_a_box_that_is_not_there_was_not_asked() -> None:
    consent = parse(name="x").consent

    assert (consent.sms, consent.email, consent.checkbox) == (None, None, None)


def test_the_hidden_fields_and_the_request_complete_the_proof() -> None:
    lead = parse(
        name="Samantha Lewis", phone="8135550194", sms_consent="yes", consent_text="Example Realty may text me.",
        wording_version="3", signature="Samantha Lewis",
    )  # fmt: skip

    assert level(lead.consent, Channel.SMS, lead.channel, True) is ConsentLevel.WRITTEN


def test_a_form_that_says_its_box_is_pre_ticked_proves_nothing() -> None:
    lead = parse(phone="8135550194", sms_consent="yes", consent_text="x", wording_version="3", signature="S",
                 consent_checkbox="pre-ticked")  # fmt: skip

    assert missing_proof(lead.consent) == ["checkbox"]


@pytest.mark.parametrize("fields", [{}, {"message": "hi"}, {"name": "  ", "email": "\x00"}])
def test_a_form_of_nobody_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(InputError) as refused:
        parse(**fields)

    assert refused.value.reasons.keys() == {"name", "phone", "email"}


def test_what_fills_the_honeypot_is_spam() -> None:
    assert is_spam({HONEYPOT: ["", "http://buy.example"]})
    assert not is_spam({HONEYPOT: [" "]})
    assert not is_spam({HONEYPOT: []})
    assert not is_spam({"name": ["Sam"]})


def test_a_page_address_that_is_no_link_is_not_one() -> None:
    assert parse(name="x", url="javascript:alert(1)").page_url is None
    assert parse(name="x", url=None).page_url is None
