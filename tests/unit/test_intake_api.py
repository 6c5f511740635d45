"""POST /v1/leads: what bodies become, and why they are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leadwake.domain.values import ConsentClaim, Inquiry
from leadwake.errors import InputError, Unparsable
from leadwake.intake.api import LEAD_SCHEMA, parse_lead
from leadwake.intake.fields import EXTRA_CHARS, LIMITS

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def parse(**fields: Any) -> Inquiry:
    return parse_lead(json.dumps(fields).encode(), NOW)


def reasons(**fields: Any) -> dict[str, str]:
    with pytest.raises(InputError) as refused:
        parse(**fields)
    assert not isinstance(refused.value, Unparsable)
    return refused.value.reasons


def test_a_whole_lead_is_understood() -> None:
    lead = parse(
        received_at="2026-11-22T09:59:30-05:00",
        source="website",
        channel="web_form",
        name="Victoria Alvarez",
        email=" VAlvarez@Example.org ",
        phone="(718) 555-0154",
        message="Two lines\r\nof text.",
        postal_code="11215-1234",
        state="New York",
        country="USA",
        interest="sell_home",
        budget="450-500K",
        timeline="ASAP",
        consent={
            "sms": True, "email": False, "text": "I agree", "ip": "192.0.2.179", "timestamp": "2026-11-22T14:59:00Z",
            "user_agent": "Mozilla/5.0", "wording_version": "3", "checkbox": True, "signature": "V. Alvarez",
            "url": "https://www.example.com/sell",
        },
        utm={"utm_source": "google"},
        page_url="https://www.example.com/sell",
    )  # fmt: skip

    assert lead == Inquiry(
        name="Victoria Alvarez",
        phone="+17185550154",
        email="valvarez@example.org",
        phone_raw="(718) 555-0154",
        email_raw="VAlvarez@Example.org",
        channel="web_form",
        source="website",
        asked_at=datetime(2026, 11, 22, 14, 59, 30, tzinfo=UTC),
        message="Two lines\nof text.",
        interest="sell_home",
        postal_code="11215",
        state="NY",
        country="US",
        budget="450-500K",
        timeline="ASAP",
        page_url="https://www.example.com/sell",
        consent=ConsentClaim(
            sms=True,
            email=False,
            text="I agree",
            ip="192.0.2.179",
            timestamp=datetime(2026, 11, 22, 14, 59, tzinfo=UTC),
            user_agent="Mozilla/5.0",
            wording_version="3",
            checkbox="ticked",
            signature="V. Alvarez",
            url="https://www.example.com/sell",
        ),
        utm={"utm_source": "google"},
    )


@pytest.mark.parametrize("fields", [{"name": "Samantha"}, {"phone": "813 555 0194"}, {"email": "s@example.net"}])
def test_a_name_or_a_phone_or_an_email_is_enough(fields: dict[str, str]) -> None:
    lead = parse(**fields)

    assert (lead.channel, lead.source, lead.asked_at, lead.claimed_at) == ("api", "api", NOW, None)


def test_a_first_and_a_last_name_are_a_name() -> None:
    assert parse(first_name=" Samantha", last_name="Lewis ").name == "Samantha Lewis"
    assert parse(last_name="Lewis").name == "Lewis"
    assert parse(name="Sam", first_name="Samantha", last_name="Lewis").name == "Sam"


@pytest.mark.parametrize("fields", [{}, {"message": "hello"}, {"name": None, "phone": " ", "email": "\x00\u202e"}])
def test_a_lead_of_nobody_is_refused_with_a_reason_a_field(fields: dict[str, Any]) -> None:
    assert reasons(**fields).keys() == {"name", "phone", "email"}


def test_a_phone_and_an_email_that_cannot_be_read_are_kept_for_a_person() -> None:
    lead = parse(phone="555-0182", email="campbell@")

    assert (lead.phone, lead.phone_raw) == (None, "555-0182")
    assert (lead.email, lead.email_raw) == (None, "campbell@")


def test_every_bad_field_is_named_at_once() -> None:
    found = reasons(
        name=5,
        phone=["x"],
        email={},
        message=False,
        received_at="yesterday",
        utm={"utm_source": 1, "utm_\ud800\x00" + "x" * 999: []},
        consent={"sms": "yes", "email": 0, "text": [], "checkbox": 1, "timestamp": 5, "ip": 1.5},
    )

    assert found.keys() == {
        "name", "phone", "email", "message", "received_at", "utm.utm_source", "utm.utm_" + "x" * 60,
        "consent.sms", "consent.email", "consent.text", "consent.checkbox", "consent.timestamp", "consent.ip",
    }  # fmt: skip


def test_reasons_do_not_grow_with_the_body() -> None:
    assert len(reasons(utm={f"utm_{i}": i for i in range(5000)})) < 100


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nul", b'{"name": NaN}', b'{"name": "a"} x', b'{"name": "\xff"}', b"\xff\xfe{\x00}\x00",
        b'{"name": "a\x01"}', b"[" * 100_000, b'{"a":' * 100_000, b'{"name": "\\ud800", "a":' + b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_json_is_unparsable(body: bytes) -> None:
    with pytest.raises(Unparsable):
        parse_lead(body, NOW)


@pytest.mark.parametrize("body", [b"[]", b'"name"', b"null", b"1"])
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(InputError) as refused:
        parse_lead(body, NOW)

    assert not isinstance(refused.value, Unparsable)


def test_rare_but_valid_json_is_read() -> None:
    body = b'\xef\xbb\xbf{"name": "Sam\\ud800", "big": ' + b"9" * 100_000 + b', "e": 1e999, "name": "Ann\\u0000 Lee"}'

    lead = parse_lead(body, NOW)

    assert lead.name == "Ann Lee"
    assert lead.extra == {"big": None, "e": None}


def test_hostile_text_is_cleaned_and_keeps_its_meaning() -> None:
    lead = parse(
        name="A\u202enn\x00  Lee\r\nBcc: x",
        message="one\r\ntwo\u2028three\tx\x1b[31m\ud83d\ude0d\u202e",
        channel=" Web Form!",
    )

    assert lead.name == "Ann Lee Bcc: x"
    assert lead.message == "one\ntwo\nthree\tx[31m\U0001f60d"
    assert lead.channel == "web_form"


@pytest.mark.parametrize("channel", ["csv", "CSV", " csv\n", "C\x00SV"])
def test_no_spelling_of_csv_passes_for_an_inquiry(channel: str) -> None:
    assert parse(name="x", channel=channel).channel == "csv"


def test_long_fields_are_cut_and_never_refused() -> None:
    lead = parse(name="n" * 999, message="m" * 99_999, phone="1" * 999, email="e" * 999, utm={"k" * 99: "v" * 999})

    assert len(lead.name or "") == LIMITS["name"]
    assert len(lead.message or "") == LIMITS["message"]
    assert len(lead.phone_raw or "") == LIMITS["phone"]
    assert [(len(key), len(value)) for key, value in lead.utm.items()] == [(64, 300)]


@pytest.mark.parametrize(
    ("offset", "is_believed"),
    [
        (timedelta(0), True),
        (timedelta(hours=-72), True),
        (timedelta(hours=-72, seconds=-1), False),
        (timedelta(minutes=5), True),
        (timedelta(minutes=5, seconds=1), False),
    ],
)
def test_a_sender_is_believed_for_72_hours_back_and_5_minutes_ahead(offset: timedelta, is_believed: bool) -> None:
    claimed = NOW + offset

    lead = parse(name="x", received_at=claimed.isoformat())

    assert (lead.asked_at, lead.claimed_at) == ((claimed, None) if is_believed else (NOW, claimed))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T14:00:00", datetime(2026, 11, 22, 14, tzinfo=UTC)),  # naive: UTC
        ("2026-11-22t14:00:00.1234567z", datetime(2026, 11, 22, 14, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-22T14:59:60Z", datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC)),  # a leap second
        ("0001-01-01T00:00:00+12:00", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59-12:00", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_every_iso_8601_instant_is_read(text: str, expected: datetime) -> None:
    lead = parse(name="x", received_at=text)

    assert expected == (lead.claimed_at or lead.asked_at)


@pytest.mark.parametrize("text", ["yesterday", "11/22/2026", "2026-13-01T00:00:00Z", "\ud800", "1e9"])
def test_an_instant_that_is_none_is_refused(text: str) -> None:
    assert reasons(name="x", received_at=text).keys() == {"received_at"}


def test_an_unreadable_time_of_consent_is_less_proof_and_no_lost_lead() -> None:
    assert parse(name="x", consent={"sms": True, "timestamp": "just now"}).consent == ConsentClaim(sms=True)


def test_the_browser_of_the_lead_stands_in_for_that_of_the_consent() -> None:
    assert parse(name="x", user_agent="Mozilla/5.0").consent.user_agent == "Mozilla/5.0"
    assert parse(name="x", user_agent="a", consent={"user_agent": "b"}).consent.user_agent == "b"


def test_unknown_fields_are_kept_within_bounds() -> None:
    lead = parse(
        name="x",
        pets=["dog", 2, None, {"deep": {"deeper": {"deepest": 1}}}],
        consent={"sms": None, "gdpr": True},
        long="y" * 9999,
        **{f"k{i}": "z" * 400 for i in range(500)},
    )

    assert lead.extra["pets"] == ["dog", 2, None, {"deep": {"deeper": None}}]
    assert len(lead.extra["long"]) == 500
    assert len(json.dumps(lead.extra)) < 2 * EXTRA_CHARS


def test_unknown_consent_fields_are_kept() -> None:
    assert parse(name="x", consent={"sms": None, "gdpr": True}).extra == {"consent": {"gdpr": True}}


def test_places_that_cannot_be_read_are_kept_as_they_came() -> None:
    lead = parse(name="x", state="Bavaria", country="Elbonia", page_url="javascript:alert(1)")

    assert (lead.state, lead.country, lead.page_url) == (None, "ZZ", None)
    assert lead.extra == {"state_raw": "Bavaria", "country_raw": "Elbonia", "page_url_raw": "javascript:alert(1)"}


def test_a_number_is_read_as_the_declared_country_writes_it() -> None:
    assert parse(phone="020 7946 0600", country="UK").phone == "+442079460600"
    assert parse(phone="(813) 555-0194", country="UK").phone == "+18135550194"
    assert parse(phone="(813) 555-0194", country="Elbonia").phone == "+18135550194"


def test_the_example_of_the_schema_is_a_lead() -> None:
    (example,) = LEAD_SCHEMA["examples"]

    assert parse(**example).phone == "+18135550194"
