"""Ad forms, surveys and portals that post to us: whoever made the form chose the names, and the person is found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.consent import level
from leadwake.domain.values import Channel, ConsentLevel, Inquiry
from leadwake.errors import InputError
from leadwake.intake import doors, google_ads, meta, typeform, zillow
from leadwake.intake.questions import Answer, field_of, read

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def parse(door: str, document: object) -> Inquiry:
    return doors.understand(door, json.dumps(document).encode(), {}, NOW)


def sample(shared: Path, name: str) -> bytes:
    return (shared / "vendor-specs" / "samples" / name).read_bytes()


# Questions


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("full_name", "name"), ("FULL_NAME", "name"), ("Nombre completo", "name"), ("vollständiger_name", "name"),
        ("What is your first name?", "first_name"), ("Last Name", "last_name"), ("phone_number", "phone"),
        ("número_de_teléfono", "phone"), ("Best mobile number?", "phone"), ("E-Mail-Adresse", "email"),
        ("Where can we e-mail you?", "email"), ("ZIP / Postal code", "postal_code"), ("post_code", "postal_code"),
        ("company_name", None), ("Company name", None), ("car_make", None), ("Name of your dog", None), ("", None),
        ("???", None), ("street_address", None), ("city", None),
    ],
)  # fmt: skip
def test_a_question_is_known_by_its_name_or_its_words(question: str, field: str | None) -> None:
    assert field_of(question) == field


def test_a_question_that_only_mentions_an_address_is_no_address() -> None:
    found = read([Answer("Do you prefer e-mail or phone?", "Phone"), Answer("Is it a mobile home?", "Yes")])

    assert found.fields == {}
    assert found.extra == {"Do you prefer e-mail or phone?": "Phone", "Is it a mobile home?": "Yes"}


def test_an_address_or_a_number_under_a_name_nobody_foresaw_is_found() -> None:
    found = read([Answer("q7", "ann@example.com"), Answer("q8", "+1 813 555 0142"), Answer("q9", "Tampa")])

    assert found.fields == {"email": "ann@example.com", "phone": "+1 813 555 0142"}
    assert found.extra == {"q9": "Tampa"}


def test_the_first_answer_to_a_field_counts_and_none_is_lost() -> None:
    found = read([Answer("email", " "), Answer("email", "a@example.com"), Answer("work_email", "b@example.com"),
                  Answer("Pet", "cat"), Answer("Pet", "dog"), Answer("form", "website")])  # fmt: skip

    assert found.fields == {"email": "a@example.com"}
    assert found.extra == {"work_email": "b@example.com", "Pet": "cat", "Pet 2": "dog", "form_": "website"}


@pytest.mark.parametrize(
    ("question", "value", "sms", "email"),
    [
        ("May we text you?", "Yes", True, None), ("May we text you?", "No, e-mail only", False, None),
        ("sms_consent", True, True, None), ("I agree to receive texts and e-mail", "true", True, True),
        ("May we text you?", "whenever", None, None), ("May we e-mail you our newsletter?", "no", None, None),
        ("When may we text you?", "No preference", None, None), ("May we text you?", "No.", False, None),
        ("Do you agree to our terms?", "yes", None, None),
    ],
)  # fmt: skip
def test_a_question_of_consent_is_a_claim(question: str, value: object, sms: bool | None, email: bool | None) -> None:
    found = read([Answer(question, value)])

    assert (found.sms, found.email) == (sms, email)
    assert list(found.extra.values()) == [value]


@pytest.mark.parametrize(("answer", "worth"), [("Yes", ConsentLevel.INQUIRY), ("No", ConsentLevel.DECLINED)])
def test_no_ad_form_is_ever_written_consent(answer: str, worth: ConsentLevel) -> None:
    """R-TCPA-2: without the sender's address and browser a yes proves no more than an inquiry."""
    columns = [{"column_id": "PHONE_NUMBER", "string_value": "8135550142"},
               {"column_id": "may we text you?", "string_value": answer}]  # fmt: skip
    lead = parse("google_ads", {"lead_id": "1", "user_column_data": columns})

    assert level(lead.consent, Channel.SMS, lead.channel, True, signature_name="Ann Lee") is worth


# Google Ads


def test_googles_own_test_lead_is_understood_and_known_as_a_test(shared: Path) -> None:
    document, key = google_ads.read_post(sample(shared, "google_ads/lead_test.json"))
    lead = doors.understand("google_ads", google_ads.stored(document), {}, NOW)

    assert (key, google_ads.is_test(document)) == ("secret-key", True)
    assert b"secret-key" not in google_ads.stored(document)
    assert (lead.name, lead.phone, lead.email) == ("FirstName LastName", "+16505550123", "test@example.com")
    assert (lead.postal_code, lead.channel, lead.source) == ("94043", "web_form", "google_ads")
    assert lead.extra["SERVICE"] == "Roofing"
    assert (lead.extra["campaign_id"], lead.extra["creative_id"]) == ("10000000000", "30000000000")


def test_a_google_lead_with_every_odd_type_is_understood() -> None:
    lead = parse("google_ads", {
        "lead_id": 9_007_199_254_740_993, "lead_submit_time": "2026-11-22T14:58:00Z", "form_id": 2**62,
        "is_test": False, "asset_group_id": 7, "lead_stage": "NEW", "surprise": [1],
        "user_column_data": [
            {"column_id": "FIRST_NAME", "string_value": "Ann"}, {"column_id": "LAST_NAME", "string_value": "Lee"},
            {"column_id": "WORK_EMAIL", "string_value": "ann@example.com"},
            {"column_id": "REGION", "string_value": "Florida"},
            {"column_id": "What is your budget?", "column_name": "What is your budget?", "string_value": "450k"},
            {"column_id": "CITY"}, "no object", {"string_value": "nameless"}, {"column_id": None, "string_value": 7},
        ],
    })  # fmt: skip

    assert (lead.name, lead.email, lead.state, lead.asked_at.minute) == ("Ann Lee", "ann@example.com", "FL", 58)
    assert lead.extra["What is your budget?"] == "450k"
    assert (lead.extra["lead_id"], lead.extra["form_id"]) == ("9007199254740993", str(2**62))


# Meta


def completed(lead: dict[str, Any], notice: dict[str, Any] | None = None) -> Inquiry:
    (told,) = meta.read_notices(hook({"leadgen_id": "7", **(notice or {})}))
    return doors.understand("meta", doors.completed("meta", told.body, lead), {}, NOW)


def hook(value: dict[str, Any]) -> bytes:
    changes = [{"field": "leadgen", "value": value}]
    return json.dumps({"object": "page", "entry": [{"id": "1", "time": 1, "changes": changes}]}).encode()


def test_metas_own_samples_are_understood(shared: Path) -> None:
    (notice,) = meta.read_notices(sample(shared, "meta/leadgen_change.json"))
    body = doors.completed("meta", notice.body, json.loads(sample(shared, "meta/lead_get_200.json")))
    lead = doors.understand("meta", body, {}, NOW)

    assert notice.leadgen_id == doors.wanted("meta", notice.body) == "100000000000004"
    assert doors.wanted("meta", body) is None
    assert (lead.name, lead.email, lead.source, lead.channel) == (
        "Joe Example", "joe@example.com", "facebook_lead_ads", "web_form",
    )  # fmt: skip
    assert lead.claimed_at == datetime(2018, 2, 28, 8, 49, 14, tzinfo=UTC)
    assert lead.extra == {
        "leadgen_id": "100000000000004", "page_id": "100000000000001", "form_id": "1000000000000003",
        "ad_id": "1000000000000002", "car_make": "Honda",
    }  # fmt: skip


def test_a_meta_lead_with_every_optional_field_is_understood() -> None:
    data = {"FIRST_NAME": "Ann", "last_name": "Lee", "phone_number": "+18135550142", "zip_code": "33606",
            "state": "FL", "city": "Tampa", "street_address": "1 Oak St", "¿cuándo_quieres_mudarte?": "ya"}  # fmt: skip
    lead = completed({
        "id": 7, "created_time": "2026-11-22T14:58:00+0000", "platform": "ig", "is_organic": True,
        "campaign_name": "Fall",
        "field_data": [*({"name": name, "values": [value]} for name, value in data.items()),
                       {"name": "x", "values": []}, {"name": "pets", "values": ["cat", "dog"]}, {"name": None}, 7],
        "custom_disclaimer_responses": [{"checkbox_key": "sms_ok", "is_checked": "1"}, {"checkbox_key": "news"}],
        "home_listing": {"address": "12 Oak St"},
    }, {"page_id": 2**60})  # fmt: skip

    assert (lead.name, lead.phone, lead.postal_code, lead.state) == ("Ann Lee", "+18135550142", "33606", "FL")
    assert (lead.asked_at.minute, lead.consent.sms) == (58, True)
    assert lead.extra == {
        "leadgen_id": "7", "page_id": str(2**60), "platform": "ig", "campaign": "Fall", "is_organic": True,
        "home_listing": {"address": "12 Oak St"}, "city": "Tampa", "street_address": "1 Oak St", "pets": ["cat", "dog"],
        "¿cuándo_quieres_mudarte?": "ya", "sms_ok": True,
    }  # fmt: skip
    assert level(lead.consent, Channel.SMS, lead.channel, True, signature_name="Ann Lee") is ConsentLevel.INQUIRY


# Typeform


def test_typeforms_own_example_is_understood(shared: Path) -> None:
    body = sample(shared, "typeform/form_response_docs.json")
    lead = doors.understand("typeform", body, {}, NOW)

    assert typeform.response_id(json.loads(body)) == "a3a12ec67a1365927098a606107fac15"
    assert (lead.name, lead.email, lead.source) == ("Laura", "laura@example.com", "typeform")
    assert lead.message is not None
    assert lead.message.startswith("It's cold right now!")
    assert lead.claimed_at == datetime(2018, 1, 18, 18, 17, 2, tzinfo=UTC)
    assert lead.extra["user_id"] == "abc123456"
    assert ["London", "Sydney"] in lead.extra.values()
    assert lead.extra["variables"] == {"score": 4, "name": "typeform"}  # no person's name


def test_a_typeform_contact_block_is_found_within_its_group() -> None:
    questions = [{"id": "g", "type": "contact_info", "properties": {"fields": [
        {"id": "a", "title": "First name", "type": "short_text"},
        {"id": "b", "title": "Last name", "type": "short_text"},
        {"id": "c", "title": "Phone number", "type": "phone_number"},
    ]}}, {"id": "d", "title": "When do you want to move?", "type": "multiple_choice"}]  # fmt: skip
    answers = [
        {"type": "text", "text": "Ann", "field": {"id": "a", "type": "short_text"}},
        {"type": "text", "text": "Lee", "field": {"id": "b", "type": "short_text", "ref": "x"}},
        {"type": "phone_number", "phone_number": "+18135550142", "field": {"id": "c", "type": "phone_number"}},
        {"type": "choice", "choice": {"other": "in spring"}, "field": {"id": "d", "type": "multiple_choice"}},
        {"type": "novel", "novel": {"a": 1}, "field": {"id": "gone", "type": "novel"}}, {"type": "text"}, 7,
    ]  # fmt: skip
    lead = parse("typeform", {"form_response": {
        "token": "t", "submitted_at": "2026-11-22T14:59:00Z", "answers": answers, "definition": {"fields": questions},
        "hidden": {"utm_source": "google", "email": "ann@example.com", "listing": "A-12", "agent": None},
    }})  # fmt: skip

    assert (lead.name, lead.phone, lead.email) == ("Ann Lee", "+18135550142", "ann@example.com")
    assert lead.utm == {"utm_source": "google"}
    assert lead.extra == {"When do you want to move?": "in spring", "gone": "a: 1", "listing": "A-12"}


def test_answers_without_their_questions_are_understood_by_type_and_reference() -> None:
    answers = [
        {"type": "email", "email": "ann@example.com", "field": {"id": "1", "type": "email"}},
        {"type": "text", "text": "Ann", "field": {"id": "2", "type": "short_text", "ref": "first_name"}},
    ]
    lead = parse("typeform", {"form_response": {"token": "t", "submitted_at": "yesterday", "answers": answers}})

    assert (lead.name, lead.email, lead.asked_at) == ("Ann", "ann@example.com", NOW)


def test_what_is_no_whole_response_has_no_id() -> None:
    assert typeform.response_id({"event_type": "form_response_partial", "form_response": {"token": "t"}}) is None
    assert typeform.response_id({"event_type": "form_response", "event_id": "e", "form_response": {}}) == "e"


# Zillow


def read_zillow(fields: Mapping[str, str]) -> Inquiry:
    return parse("zillow", dict(fields))


def test_a_rental_lead_is_understood(shared: Path) -> None:
    lead = read_zillow(dict(parse_qsl(sample(shared, "zillow/rentals_lead.form.txt").decode())))

    assert (lead.name, lead.email, lead.source) == ("Rachel Lee", "rachel@example.com", "Zillow")
    assert (lead.phone, lead.phone_raw) == (None, "555-555-8378")  # no such area code: a person reads it
    assert (lead.interest, lead.timeline, lead.state) == ("rent_home", "2016-09-26", None)
    assert lead.message == "Looking for spacious 3 bedroom apartment or house"
    assert lead.extra["property_address"] == "246 Tennessee Avenue C102, Sunnyvale, CA, 94086"
    assert (lead.extra["move_in"], lead.extra["bedrooms"], lead.extra["lead_type"]) == (
        "2016-09-26",
        "3",
        "tourRequest",
    )


def test_every_field_of_zillow_may_be_empty_or_strange() -> None:
    lead = read_zillow({
        "listingId": "p1", "name": "Ann", "email": "", "phone": "", "movingDate": "soon",
        "petDetailsJson": '[{"pet":"cat"}]', "creditScoreRangeJson": "{broken", "movingFromState": "OH",
        "introduction": "We are two.", "new field": "x",
    })  # fmt: skip

    assert (lead.name, lead.email, lead.state, lead.message) == ("Ann", None, "OH", "We are two.")
    assert lead.extra == {
        "listing_id": "p1", "move_in": "soon", "pet_details": [{"pet": "cat"}], "credit_score": "{broken",
        "moving_from_state": "OH", "new field": "x",
    }  # fmt: skip
    with pytest.raises(InputError):
        read_zillow({"listingId": "p1", "name": " "})


def test_the_same_person_and_listing_on_one_day_is_one_lead() -> None:
    lead = {"listingId": "p1", "email": "Ann@Example.com", "phone": "(813) 555-0142", "message": "Hi"}
    day = date(2026, 11, 22)

    assert zillow.sent_id(lead, day) == zillow.sent_id({**lead, "email": "ann@example.com ", "message": "Hi!"}, day)
    assert zillow.sent_id(lead, day) != zillow.sent_id({**lead, "listingId": "p2"}, day)
    assert zillow.sent_id(lead, day) != zillow.sent_id(lead, date(2026, 11, 23))


# Anything


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_RESPONSE = st.fixed_dictionaries({
    "event_type": _JSON, "form_response": _JSON | st.fixed_dictionaries({
        "answers": st.lists(st.fixed_dictionaries({"type": _JSON, "field": _JSON, "text": _JSON}) | _JSON, max_size=3),
        "definition": st.fixed_dictionaries({"fields": st.lists(_JSON, max_size=2)}) | _JSON, "hidden": _JSON,
        "variables": _JSON, "submitted_at": _JSON, "token": _JSON,
    }),
})  # fmt: skip
_GOOGLE = st.fixed_dictionaries({
    "user_column_data": st.lists(st.fixed_dictionaries({"column_id": _JSON, "string_value": _JSON}) | _JSON),
    "lead_id": _JSON, "lead_submit_time": _JSON, "is_test": _JSON,
})  # fmt: skip


_META = st.fixed_dictionaries({
    "notice": _JSON, "lead": st.fixed_dictionaries({
        "field_data": st.lists(st.fixed_dictionaries({"name": _JSON, "values": _JSON}) | _JSON, max_size=3),
        "custom_disclaimer_responses": _JSON, "created_time": _JSON, "form_id": _JSON,
    }) | _JSON, "leadgen_id": _JSON,
})  # fmt: skip


@given(door=st.sampled_from(["google_ads", "typeform", "meta"]), document=_RESPONSE | _GOOGLE | _META)
def test_no_document_of_any_shape_is_a_fault_of_ours(door: str, document: dict[str, Any]) -> None:
    typeform.response_id(document)
    google_ads.lead_id(document)
    google_ads.is_test(document)
    try:
        meta.read_notices(hook(document))
        assert google_ads.read_post(google_ads.stored(document))
        lead = parse(door, document)
    except InputError:
        return
    assert lead.name or lead.phone_raw or lead.email_raw
