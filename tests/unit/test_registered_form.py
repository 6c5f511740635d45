"""Registered forms complete the proof of what came from them, and never make more of a record than it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.agreement import VERSIONS, wording
from leadwake.domain.consent import level, missing_proof
from leadwake.domain.registered_form import Completed, RegisteredForm, completed, problems
from leadwake.domain.values import Channel, ConsentClaim, ConsentLevel, Inquiry

NOW = datetime(2026, 11, 24, 17, tzinfo=UTC)
WORDING = "I agree that Example Realty may text me by automated means. Agreeing is not a condition of a purchase."
FORM = RegisteredForm(uuid4(), "sell-home", WORDING, "2026-11", "https://www.example.com/sell-home", signs_by_name=True)
CLAIM = ConsentClaim(sms=True, timestamp=NOW, ip="192.0.2.7", user_agent="Mozilla/5.0", checkbox="ticked")
INQUIRY = Inquiry(
    "Ann Lee", "+18135550142", None, "web_form", "website", NOW, consent=CLAIM, extra={"form": "sell-home"}
)
GOOD: dict[str, Any] = {
    "name": "sell-home", "wording": WORDING, "wording_version": "2026-11", "url": FORM.url, "not_pre_ticked": True,
    "business": "Example Realty",
}  # fmt: skip


def _worth(inquiry: Inquiry, *forms: RegisteredForm) -> ConsentLevel:
    whole = completed(inquiry, forms)
    return level(
        whole.claim, Channel.SMS, inquiry.channel, inquiry.phone is not None, signature_name=whole.signature_name,
        seller="Example Realty",
    )  # fmt: skip


def _with(**changes: Any) -> Inquiry:
    return replace(INQUIRY, consent=replace(CLAIM, **changes))


def test_name_number_time_address_and_browser_complete_the_proof_of_a_registered_form() -> None:
    assert _worth(INQUIRY) is ConsentLevel.INQUIRY
    assert _worth(INQUIRY, FORM) is ConsentLevel.WRITTEN


@pytest.mark.parametrize("change", [{"timestamp": None}, {"ip": None}, {"ip": "unknown"}, {"user_agent": None}])
def test_what_the_person_did_not_bring_stays_missing(change: dict[str, Any]) -> None:
    assert _worth(_with(**change), FORM) is ConsentLevel.INQUIRY


def test_without_a_name_nobody_signed() -> None:
    assert _worth(replace(INQUIRY, name=None), FORM) is ConsentLevel.INQUIRY


def test_a_form_with_a_signature_field_of_its_own_needs_it_filled() -> None:
    own = replace(FORM, signs_by_name=False)

    assert _worth(INQUIRY, own) is ConsentLevel.INQUIRY
    assert _worth(_with(signature="Ann Lee"), own) is ConsentLevel.WRITTEN


@pytest.mark.parametrize(
    "change",
    [
        {"checkbox": "pre-ticked"},
        {"checkbox": "unticked"},
        {"wording_version": "2025-01"},
        {"text": "I agree to something else."},
        {"url": "https://elsewhere.example.net/sell-home"},
    ],
)
def test_what_a_capture_says_against_the_form_stands(change: dict[str, Any]) -> None:
    assert _worth(_with(**change), FORM) is ConsentLevel.INQUIRY


def test_the_site_alone_is_all_that_browsers_tell_of_the_page() -> None:
    assert _worth(_with(url="https://www.example.com/"), FORM) is ConsentLevel.WRITTEN


def test_a_no_and_a_form_without_a_box_stay_what_they_are() -> None:
    assert _worth(_with(sms=False, checkbox=None), FORM) is ConsentLevel.DECLINED
    assert _worth(_with(sms=None, checkbox=None), FORM) is ConsentLevel.INQUIRY


def test_a_program_may_name_the_wording_and_the_page_instead_of_the_form() -> None:
    named = replace(_with(wording_version="2026-11", url=FORM.url + "/"), extra={}, channel="api")

    assert _worth(named, FORM) is ConsentLevel.WRITTEN
    assert _worth(replace(named, consent=replace(named.consent, url=FORM.url + "/other")), FORM) is ConsentLevel.INQUIRY
    assert _worth(replace(INQUIRY, extra={}), FORM) is ConsentLevel.INQUIRY
    assert _worth(replace(INQUIRY, extra={"form": ["sell-home"]}), FORM) is ConsentLevel.INQUIRY


@given(
    st.builds(
        ConsentClaim,
        sms=st.sampled_from([True, False, None]),
        text=st.none() | st.text(max_size=5),
        wording_version=st.sampled_from([None, "", "2026-11", "x"]),
        checkbox=st.sampled_from([None, "ticked", "pre-ticked"]),
        url=st.sampled_from([None, "", "http://[", FORM.url, "https://www.example.com"]),
        ip=st.sampled_from([None, "192.0.2.7"]),
        user_agent=st.sampled_from([None, "x"]),
        timestamp=st.sampled_from([None, NOW]),
        signature=st.none() | st.just("Ann"),
    ),
    st.sampled_from([None, "Ann Lee"]),
    st.sampled_from(["sell-home", "SELL-HOME", "other", None, 7]),
)
def test_a_form_never_brings_what_only_the_person_can(claim: ConsentClaim, name: str | None, form: Any) -> None:
    inquiry = replace(INQUIRY, name=name, consent=claim, extra={"form": form})
    whole = completed(inquiry, [FORM])
    before = set(missing_proof(claim, Channel.SMS))
    after = set(missing_proof(whole.claim, Channel.SMS, signature_name=whole.signature_name))

    assert after <= before
    assert {"time", "IP address", "user agent"} & before == {"time", "IP address", "user agent"} & after
    assert (whole.claim.sms, whole.claim.email) == (claim.sms, claim.email)
    if claim.checkbox is not None:
        assert whole.claim.checkbox == claim.checkbox


def test_without_forms_nothing_is_added() -> None:
    assert completed(INQUIRY, []) == Completed(CLAIM)


def test_a_form_as_it_should_be_can_be_registered() -> None:
    assert problems(**GOOD) == {}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Sell Home"}, "name"),
        ({"wording": ""}, "wording"),
        ({"wording": WORDING.replace("Example Realty", "our partners")}, "wording"),
        ({"wording": WORDING.replace("condition", "thing")}, "wording"),
        ({"wording": WORDING.replace("by automated means", "")}, "wording"),
        ({"wording": WORDING + "x" * 5000}, "wording"),
        ({"wording_version": " "}, "wording_version"),
        ({"url": "our page"}, "url"),
        ({"not_pre_ticked": False}, "not_pre_ticked"),
    ],
)
def test_a_form_that_would_prove_nothing_is_not_registered(change: dict[str, Any], field: str) -> None:
    assert list(problems(**{**GOOD, **change})) == [field]


# Our own page's wording


@pytest.mark.parametrize("channel", list(VERSIONS))
def test_our_own_wording_could_be_registered_and_its_version_is_of_exactly_these_words(channel: Channel) -> None:
    shown = wording(channel, "Example Realty")

    assert problems(**{**GOOD, "wording": shown.text, "wording_version": shown.version}) == {}
    # a changed word changes the mark: give the wording a new version, then mend this
    assert {Channel.SMS: "b617ff3f27236a03", Channel.EMAIL: "e7a749286da56362"}[channel] == shown.mark
