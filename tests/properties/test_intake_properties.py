"""Always and never of intake: no body breaks it, and what the schema allows is taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.values import Inquiry
from leadwake.errors import InputError
from leadwake.intake.api import LEAD_SCHEMA, parse_lead
from leadwake.intake.fields import LIMITS
from leadwake.intake.form import is_spam, parse_form
from leadwake.intake.whatif import run

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
ANY = st.text(st.characters(), max_size=40)
WRITABLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY, inner, max_size=4),
    max_leaves=12,
)
INSTANTS = st.datetimes(timezones=st.timezones()).map(datetime.isoformat)
CONSENT_KEYS = st.sampled_from(sorted(LEAD_SCHEMA["properties"]["consent"]["properties"]))
KEYS = st.sampled_from(sorted(LEAD_SCHEMA["properties"])) | WRITABLE


def value_of(key: str) -> st.SearchStrategy[Any]:
    wrong = st.integers() | st.lists(WRITABLE, max_size=1)
    if key == "received_at":
        return st.none() | INSTANTS | wrong
    if key == "consent":
        return st.none() | wrong | st.dictionaries(CONSENT_KEYS | WRITABLE, st.none() | st.booleans() | WRITABLE)
    if key == "utm":
        return st.none() | wrong | st.dictionaries(WRITABLE, st.none() | WRITABLE | wrong, max_size=3)
    return st.none() | WRITABLE | wrong


LEADS = st.lists(KEYS, max_size=6, unique=True).flatmap(
    lambda keys: st.fixed_dictionaries({key: value_of(key) for key in keys})
)
validator = jsonschema.Draft202012Validator(LEAD_SCHEMA)


def check_storable(lead: Inquiry) -> None:
    """What a database takes: no NUL, no lone surrogate, finite numbers, aware instants, nothing beyond its limit."""
    kept = [getattr(lead, key, None) for key in LIMITS] + list(lead.utm.values()) + [lead.phone_raw, lead.email_raw]
    text = json.dumps([*kept, lead.extra], allow_nan=False, ensure_ascii=False)

    assert "\\u0000" not in text
    assert text.encode()
    assert lead.asked_at.tzinfo is not None
    assert all(len(getattr(lead, key, None) or "") <= limit for key, limit in LIMITS.items())


def check_answered(call: Callable[[], Inquiry]) -> dict[str, str]:
    """The reasons of a refusal, which must be there and fit to be sent; else none, and the lead can be stored."""
    reasons: dict[str, str] = {}
    try:
        check_storable(call())
    except InputError as error:
        reasons = error.reasons
        is_sendable = bool(reasons) and bool(json.dumps(reasons, ensure_ascii=False).encode())
    else:
        is_sendable = True

    assert is_sendable
    return reasons


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_a_body_is_always_a_lead_or_refused_with_reasons(body: bytes) -> None:
    check_answered(lambda: parse_lead(body, NOW))


@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_any_values_in_any_fields_are_a_lead_or_reasons_that_can_be_sent(document: dict[str, Any]) -> None:
    check_answered(lambda: parse_lead(json.dumps(document).encode(), NOW))


@given(LEADS)
def test_what_the_schema_allows_is_taken_and_what_it_forbids_is_refused(document: dict[str, Any]) -> None:
    is_allowed = validator.is_valid(document)
    try:
        parse_lead(json.dumps(document).encode(), NOW)
    except InputError:
        assert not is_allowed
    else:
        assert is_allowed


@given(
    st.dictionaries(ANY | st.sampled_from(["name", "phone", "sms_consent", "utm_x"]), st.lists(ANY, max_size=3)), ANY
)
def test_a_form_is_always_a_lead_or_nobody(fields: dict[str, list[str]], text: str) -> None:
    assert is_spam(fields) in (True, False)
    reasons = check_answered(lambda: parse_form(fields, form=text, ip=text, user_agent=text, url=text, now=NOW))

    assert reasons.keys() in (set(), {"name", "phone", "email"})


@given(st.lists(ANY | st.dictionaries(KEYS | st.just("id"), JSON, max_size=5).map(json.dumps), max_size=6))
def test_whatif_never_breaks_on_a_line(text: list[str]) -> None:
    rows = list(run(text))

    assert len(rows) <= len(text)


PEOPLE = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["Kate Hill", "K. Hill", "Katherine Hill", "Ken Hill", None])},
        optional={
            "phone": st.sampled_from(["8135550101", "(813) 555-0102"]),
            "email": st.sampled_from(["a@example.com", "B@example.com"]),
        },
    ),
    max_size=8,
)


@given(PEOPLE)
def test_a_duplicate_always_points_to_an_earlier_record_that_is_none(leads: list[dict[str, str | None]]) -> None:
    rows = list(run(json.dumps({"id": str(number), **lead}) for number, lead in enumerate(leads)))
    first = {row.id for row in rows if not row.duplicate_of}

    assert all(row.duplicate_of in first and int(row.duplicate_of) < int(row.id) for row in rows if row.duplicate_of)


@given(PEOPLE)
def test_one_email_is_always_one_person(leads: list[dict[str, str | None]]) -> None:
    rows = list(run(json.dumps({"id": str(number), **lead}) for number, lead in enumerate(leads)))
    people: dict[str, set[str]] = {}
    for row in rows:
        if row.email_normalised != "none":
            people.setdefault(row.email_normalised, set()).add(row.duplicate_of or row.id)

    assert all(len(ids) == 1 for ids in people.values())
