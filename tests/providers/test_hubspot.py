"""HubSpot: a contact written twice is one contact; a person is never renamed into another."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_lane import specs
from vendor_on_loopback import Answer, Vendor

from leadwake.errors import OutcomeUnknown, ProviderError, Rejected, Throttled, Unavailable
from leadwake.providers.hubspot import HubSpot, properties, verify_signature
from leadwake.providers.ports import Call, CrmContact, ForgetContact

MARIA = CrmContact(
    "lead-7", "maria@example.com", "+18135550194", "Maria", "Lopez", {"hs_lead_status": "NEW", "city": ""}
)
NO_EMAIL = CrmContact("lead-8", None, "+18135550194", "Maria", "Lopez")
UPSERTED = Answer(200, {"status": "COMPLETE", "results": [{"id": "3401", "properties": {}}]})
MADE = Answer(201, {"id": "3402", "properties": {}})
UPDATED = Answer(200, {"id": "3401", "properties": {}})


def found(*people: tuple[str, str | None, str | None]) -> Answer:
    results = [{"id": one, "properties": {"firstname": first, "lastname": last}} for one, first, last in people]
    return Answer(200, {"total": len(results), "results": results})


async def upserted(api: Vendor, contact: CrmContact) -> str | None:
    crm = HubSpot(api.url, "pat-practice", deadline_s=2)
    try:
        return (await crm.upsert_contact(contact, Call.for_seconds())).ref
    finally:
        await crm.aclose()


async def failure(api: Vendor, contact: CrmContact) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await upserted(api, contact)
    return caught.value


def calls(api: Vendor) -> list[tuple[str, str]]:
    return [(seen.method, seen.path.removeprefix("/crm/v3/objects/contacts")) for seen in api.received]


async def test_a_contact_with_an_email_is_upserted_by_it(hubspot_api: Vendor) -> None:
    hubspot_api.answers(UPSERTED)

    assert await upserted(hubspot_api, MARIA) == "3401"
    assert calls(hubspot_api) == [("POST", "/batch/upsert")]
    assert hubspot_api.received[0].json() == {
        "inputs": [
            {
                "id": "maria@example.com",
                "idProperty": "email",
                "objectWriteTraceId": "lead-7",
                "properties": {
                    "hs_lead_status": "NEW",
                    "email": "maria@example.com",
                    "phone": "+18135550194",
                    "firstname": "Maria",
                    "lastname": "Lopez",
                },
            }
        ]
    }


def test_nothing_blank_is_written_over_what_the_crm_knows() -> None:
    contact = CrmContact("k", None, "+1", "", None, {"city": "", "phone": "ours wins", "state": "FL"})

    assert properties(contact) == {"phone": "+1", "state": "FL"}


@pytest.mark.parametrize("contact", [MARIA, NO_EMAIL])
async def test_a_contact_that_exists_is_updated_and_not_made_again(hubspot_api: Vendor, contact: CrmContact) -> None:
    conflict = Answer(409, json.loads((specs() / "samples/hubspot/error_409_contact_exists.json").read_text()))
    searched = [] if contact.email else [found()]
    hubspot_api.answers(*searched, conflict, UPDATED)

    assert await upserted(hubspot_api, contact) == "3401"
    assert calls(hubspot_api)[-1] == ("PATCH", "/3401")
    assert sum(method == "POST" and path in {"", "/batch/upsert"} for method, path in calls(hubspot_api)) == 1


async def test_a_conflict_inside_a_half_successful_batch_is_updated(hubspot_api: Vendor) -> None:
    told = {"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [
        {"status": "error", "category": "CONFLICT", "message": "Contact already exists. Existing ID: 77"},
    ]}  # fmt: skip
    hubspot_api.answers(Answer(207, told), Answer(200, {"id": "77"}))

    assert await upserted(hubspot_api, MARIA) == "77"


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"category": "VALIDATION_ERROR", "message": "INVALID_EMAIL"}, Rejected),
        ({"category": "RATE_LIMITS", "message": "slow down"}, Throttled),
        ({}, Rejected),
    ],
)
async def test_a_batch_that_only_holds_an_error_failed(hubspot_api: Vendor, entry: object, kind: type) -> None:
    hubspot_api.answers(Answer(207, {"results": [], "errors": [entry]}))

    assert type(await failure(hubspot_api, MARIA)) is kind


async def test_a_person_without_an_email_is_looked_for_before_being_made(hubspot_api: Vendor) -> None:
    hubspot_api.answers(found(), MADE)

    assert await upserted(hubspot_api, NO_EMAIL) == "3402"
    assert calls(hubspot_api) == [("POST", "/search"), ("POST", "")]
    filters = [group["filters"][0] for group in hubspot_api.received[0].json()["filterGroups"]]
    assert filters == [
        {"propertyName": "phone", "operator": "EQ", "value": "+18135550194"},
        {"propertyName": "mobilephone", "operator": "EQ", "value": "+18135550194"},
    ]


async def test_the_second_try_after_a_lost_answer_makes_no_second_contact(hubspot_api: Vendor) -> None:
    hubspot_api.answers(
        found(), Answer(201, {"id": "1"}, cut="after reading"), found(("3402", "Maria", "Lopez")), UPDATED
    )

    assert type(await failure(hubspot_api, NO_EMAIL)) is OutcomeUnknown
    assert await upserted(hubspot_api, NO_EMAIL) == "3401"
    assert [call for call in calls(hubspot_api) if call == ("POST", "")] == [("POST", "")]
    assert calls(hubspot_api)[-1] == ("PATCH", "/3402")


async def test_a_housemate_is_not_renamed(hubspot_api: Vendor) -> None:
    hubspot_api.answers(found(("1", "Jorge", "Lopez"), ("2", "MARIA", None)), UPDATED)
    await upserted(hubspot_api, NO_EMAIL)

    assert calls(hubspot_api)[-1] == ("PATCH", "/2")


async def test_somebody_else_on_the_phone_is_another_contact(hubspot_api: Vendor) -> None:
    hubspot_api.answers(found(("1", "Jorge", "Lopez")), MADE)

    assert await upserted(hubspot_api, NO_EMAIL) == "3402"


async def test_somebody_with_neither_is_made(hubspot_api: Vendor) -> None:
    hubspot_api.answers(MADE)

    assert await upserted(hubspot_api, CrmContact("lead-9", None, None, "Ann", None)) == "3402"
    assert calls(hubspot_api) == [("POST", "")]


async def test_a_search_that_fails_makes_no_contact(hubspot_api: Vendor) -> None:
    for answer in (Answer(200, b"<html>"), Answer(200, {"results": 7}), Answer(500, b""), Answer(400, b"")):
        hubspot_api.answers(answer)
        await failure(hubspot_api, NO_EMAIL)

    assert {path for _, path in calls(hubspot_api)} == {"/search"}


async def test_a_cut_search_is_not_an_unknown_outcome(hubspot_api: Vendor) -> None:
    hubspot_api.answers(Answer(200, b"{}", cut="mid answer"))
    call = Call.for_seconds()
    crm = HubSpot(hubspot_api.url, "pat-practice")
    with pytest.raises(Unavailable):
        await crm.upsert_contact(NO_EMAIL, call)

    assert not call.written
    await crm.aclose()


async def test_a_contact_gone_since_it_was_found_is_tried_again(hubspot_api: Vendor) -> None:
    hubspot_api.answers(found(("1", "Maria", "Lopez")), Answer(404, b""))

    assert type(await failure(hubspot_api, NO_EMAIL)) is Unavailable


@pytest.mark.parametrize(
    ("policy", "headers", "seconds"),
    [
        ("DAILY", {}, 3600.0),
        ("TEN_SECONDLY_ROLLING", {"Retry-After": "10000"}, 10.0),
        ("SECONDLY", {}, 1.0),
        ("NEW_POLICY", {"Retry-After": "7"}, 7.0),
        ("NEW_POLICY", {"Retry-After": "7000"}, 7.0),
        ("", {}, None),
    ],
)
async def test_the_limit_that_ran_out_says_how_long_to_wait(
    hubspot_api: Vendor, policy: str, headers: dict[str, str], seconds: float | None
) -> None:
    hubspot_api.answers(Answer(429, {"message": "limit", "policyName": policy, "category": "RATE_LIMITS"}, headers))
    error = await failure(hubspot_api, MARIA)

    assert (type(error), error.retry_after_s, error.code) == (Throttled, seconds, policy or "RATE_LIMITS")


async def test_the_documented_limit_answer_is_understood(hubspot_api: Vendor) -> None:
    hubspot_api.answers(Answer(429, json.loads((specs() / "samples/hubspot/error_429.json").read_text())))
    error = await failure(hubspot_api, MARIA)

    assert (type(error), error.retry_after_s) == (Throttled, 10.0)


@pytest.mark.parametrize("results", [None, [], [{}], [{"id": None}], 1])
async def test_a_success_that_names_no_contact_is_unknown(hubspot_api: Vendor, results: object) -> None:
    hubspot_api.answers(Answer(200, {"results": results}))

    assert type(await failure(hubspot_api, MARIA)) is OutcomeUnknown


async def test_a_hostile_id_never_becomes_a_path(hubspot_api: Vendor) -> None:
    hubspot_api.answers(found(("../../owners", "Maria", "Lopez"), ("9?x=1", "Maria", "Lopez")), MADE)

    assert await upserted(hubspot_api, NO_EMAIL) == "3402"


# signatures

SECRET, METHOD, URL = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy", "POST", "https://www.example.com/webhook_uri"
BODY, TIMESTAMP = b"{'example_field':'example_value'}", "1693657560000"
SIGNATURE = "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="  # hubspot-api-python's own vector
AT = datetime(2023, 9, 2, 12, 26, 0, tzinfo=UTC)


def test_the_published_vectors_hold() -> None:
    vectors = json.loads((specs() / "samples/signature_vectors.json").read_text())["vectors"]
    for vector in (one for one in vectors if one["vendor"] == "hubspot"):
        header = vector["header"]
        found = verify_signature(
            vector["client_secret"], vector["method"], vector["url"], vector["body"].encode(),
            header["X-HubSpot-Request-Timestamp"], header["X-HubSpot-Signature-v3"], tolerance=None,
        )  # fmt: skip

        assert found is vector["valid"]


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_one_byte_changed_anywhere_is_refused(position: int, difference: int) -> None:
    def changed(text: str) -> str:
        at = position % len(text)
        return text[:at] + chr(ord(text[at]) ^ difference) + text[at + 1 :]

    body = BODY.decode()
    assert verify_signature(SECRET, METHOD, URL, BODY, TIMESTAMP, SIGNATURE, now=AT)
    for arguments in (
        (changed(SECRET), METHOD, URL, BODY, TIMESTAMP, SIGNATURE),
        (SECRET, METHOD, changed(URL), BODY, TIMESTAMP, SIGNATURE),
        (SECRET, METHOD, URL, changed(body).encode("latin-1"), TIMESTAMP, SIGNATURE),
        (SECRET, METHOD, URL, BODY, changed(TIMESTAMP), SIGNATURE),
        (SECRET, METHOD, URL, BODY, TIMESTAMP, changed(SIGNATURE)),
        (SECRET, "PUT", URL, BODY, TIMESTAMP, SIGNATURE),
        ("", METHOD, URL, BODY, TIMESTAMP, SIGNATURE),
    ):
        assert not verify_signature(*arguments, tolerance=None)


@pytest.mark.parametrize(("minutes", "holds"), [(4.9, True), (5.1, False), (-5.1, False)])
def test_an_old_post_is_refused(minutes: float, holds: bool) -> None:
    now = AT + timedelta(minutes=minutes)

    assert verify_signature(SECRET, METHOD, URL, BODY, TIMESTAMP, SIGNATURE, now=now) is holds


@given(st.text(), st.text(), st.text(), st.binary(), st.text(), st.text())
def test_no_input_breaks_the_check(
    secret: str, method: str, url: str, body: bytes, timestamp: str, signature: str
) -> None:
    assert verify_signature(secret, method, url, body, timestamp, signature) is False


async def forgotten(api: Vendor, contact: ForgetContact) -> None:
    crm = HubSpot(api.url, "pat-practice", deadline_s=2)
    try:
        await crm.forget_contact(contact, Call.for_seconds())
    finally:
        await crm.aclose()


async def test_a_person_is_deleted_by_the_known_number_and_whatever_else_has_the_address(hubspot_api: Vendor) -> None:
    hubspot_api.answers(found(("3401", None, None), ("3409", None, None)), Answer(204), Answer(404))
    await forgotten(hubspot_api, ForgetContact(["3401", "../deals/1"], "maria@example.com"))

    assert calls(hubspot_api) == [("POST", "/search"), ("DELETE", "/3401"), ("DELETE", "/3409")]


async def test_a_known_record_is_changed_whatever_its_address(hubspot_api: Vendor) -> None:
    hubspot_api.answers(UPDATED)
    known = CrmContact("lead-7", "new@example.com", None, "Maria", "Lopez", known_as="3401")

    assert await upserted(hubspot_api, known) == "3401"
    assert calls(hubspot_api) == [("PATCH", "/3401")]


async def test_a_known_record_that_is_gone_is_made_anew(hubspot_api: Vendor) -> None:
    hubspot_api.answers(Answer(404, {"status": "error", "message": "resource not found"}), UPSERTED)
    known = CrmContact("lead-7", "new@example.com", None, "Maria", "Lopez", known_as="3400")

    assert await upserted(hubspot_api, known) == "3401"
