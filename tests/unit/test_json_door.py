"""Any program's JSON: understood by the names of its fields, or as somebody said what they mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.consent import level
from leadwake.domain.values import Channel, ConsentLevel, Inquiry
from leadwake.errors import InputError, Unparsable
from leadwake.intake import json_door

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)

ZAPIER = {"id": 77, "Full Name": "Ann Lee", "Phone": "(813) 555-0142", "Email": "ann@example.com", "Budget": "450k",
          "utm_source": "fb", "created_at": "2026-11-24T16:58:00Z", "Pets": "two cats"}  # fmt: skip
BUILDER = {
    "formName": "Contact", "data": {"contact": {"name": {"first": "Ann"}, "email": "ann@example.com"}},
    "answers": [{"label": "Your name", "value": "Ann Lee"}, {"label": "Mobile", "value": "8135550142"},
                {"label": "May we text you?", "value": "Yes"}, {"label": "When?", "value": ["soon", "later"]}],
}  # fmt: skip


def parse(document: object, mapping: Mapping[str, str] | None = None, channel: str = "web_form") -> Inquiry:
    meta = {"door": "zapier", "channel": channel, "mapping": json.dumps(mapping or {})}
    return json_door.read_lead(json.dumps(document).encode(), meta, NOW)


def test_a_flat_object_is_understood_by_its_names() -> None:
    lead = parse(ZAPIER)

    assert (lead.name, lead.phone, lead.email) == ("Ann Lee", "+18135550142", "ann@example.com")
    assert (lead.budget, lead.source, lead.channel, lead.asked_at.minute) == ("450k", "zapier", "web_form", 58)
    assert lead.utm == {"utm_source": "fb"}
    assert lead.extra == {"id": 77, "Pets": "two cats"}


def test_a_repetition_is_known_by_a_number_of_the_submission_never_by_one_of_the_person() -> None:
    assert json_door.their_id(ZAPIER, {}) is None
    assert json_door.their_id(ZAPIER, {"id": "id"}) == "77"
    assert json_door.their_id({**ZAPIER, "submission_id": "s-1"}, {}) == "s-1"
    assert json_door.their_id({**ZAPIER, "submission_id": "s-1"}, {"id": "-"}) is None


def test_answers_of_a_form_builder_are_known_by_their_labels() -> None:
    lead = parse(BUILDER)

    assert (lead.name, lead.phone, lead.email) == ("Ann Lee", "+18135550142", "ann@example.com")
    assert lead.extra["formName"] == "Contact"
    assert lead.extra["May we text you?"] == "Yes"
    assert json_door.guess(BUILDER)["phone"] == "answers[label=Mobile].value"


def test_what_somebody_said_wins_over_what_is_guessed() -> None:
    mapping = {"name": "data.contact.name.first", "phone": "-", "sms_consent": "answers[label=May we text you?].value"}
    lead = parse(BUILDER, mapping)

    assert (lead.name, lead.phone, lead.consent.sms) == ("Ann", None, True)
    assert lead.extra["Mobile"] == "8135550142"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("a.b", 1), ("l[1]", "y"), ("l[9]", None), ("l[-1]", None), ("q[name=x].v", 2), ("q[name=z].v", None),
        ("dotted.key", "d"), ("a.dotted.key", "e"), ("", None), ("[", None), ("a[0]", None), ("a.b.c", None),
    ],
)  # fmt: skip
def test_a_place_leads_to_what_stands_there(place: str, value: object) -> None:
    document = {"a": {"b": 1, "dotted.key": "e"}, "l": ["x", "y"], "q": [7, {"name": "x", "v": 2}], "dotted.key": "d"}
    found = json_door.at(document, place)

    assert found == (document if place == "" else value)


@pytest.mark.parametrize(("channel", "worth"), [("web_form", ConsentLevel.INQUIRY), ("csv", ConsentLevel.NONE)])
def test_a_tick_in_somebodys_json_is_no_written_consent(channel: str, worth: ConsentLevel) -> None:
    """Whoever posts rows of a list gives nobody's consent (R-CTIA-4); whoever posts inquiries gives an inquiry's."""
    lead = parse(
        {**ZAPIER, "sms_consent": True, "form": "website", "ip": "192.0.2.1", "user_agent": "x"}, None, channel
    )

    assert lead.consent.sms is True
    assert "form" not in lead.extra
    assert level(lead.consent, Channel.SMS, lead.channel, True, signature_name="Ann Lee") is worth


def test_a_trial_says_what_was_found_where_and_why_it_would_be_no_lead() -> None:
    found = json_door.trial(ZAPIER, {}, "web_form", NOW)
    refused = json_door.trial({"a": 1}, {"name": "b"}, "web_form", NOW)

    assert found.inquiry is not None
    assert (found.places["name"], found.places["received_at"]) == ("Full Name", "created_at")
    assert refused.inquiry is None
    assert "no name" in refused.refused


def test_a_body_is_one_lead_or_a_list_of_them() -> None:
    assert json_door.read_leads(b' {"a": 1}') == [{"a": 1}]
    assert json_door.read_leads(b' [{"a": 1}, {"b": 2}]') == [{"a": 1}, {"b": 2}]
    for body, error in ((b"[1]", InputError), (b"7", InputError), (b"[", Unparsable), (b"", Unparsable)):
        with pytest.raises(error):
            json_door.read_leads(body)


def test_names_of_fields_that_hold_a_person_are_not_shown() -> None:
    document = {
        "ok": 1,
        "ann@example.com": 2,
        "tel 8135550142": 3,
        "x" * 300: 4,
        "q": [{"label": "8135550142", "value": 1}],
    }

    assert json_door.names(document) == ["ok"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    document=st.dictionaries(st.sampled_from(["name", "email", "a", "label", "value"]) | st.text(max_size=8), _JSON),
    place=st.text(alphabet="ab.[]=0name-", max_size=12),
)
def test_no_document_and_no_place_is_a_fault_of_ours(document: dict[str, Any], place: str) -> None:
    json_door.their_id(document, {"id": place})
    assert json_door.trial(document, {"email": place}, "web_form", NOW).places.get("email") != ""
    for where, value in json_door.leaves(document):
        if "[" not in where and "." not in where and where:
            assert json_door.at(document, where) == value
