"""Apollo: somebody found or not is an answer; what costs is never simply asked again; pending is no refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_lane import specs
from vendor_on_loopback import Answer, Vendor

from leadwake.errors import (
    AnomalousPayload,
    BadCredentials,
    NotYet,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
    Unavailable,
)
from leadwake.providers import apollo
from leadwake.providers.apollo import Apollo
from leadwake.providers.ports import Call, Enrichment, Lookup

ANN = Lookup("ann@example.com", "Ann Lee", None)
BEN = Lookup(None, "Ben Ray", "Bayline")
FURTHER = Lookup("ann@example.com", "Ann Lee", None, callback_url="https://leads.example.com/hooks/apollo/AQ")
PERSON = {
    "id": "64", "name": "Ann Lee", "title": "Founder", "seniority": "founder", "email": "ann@example.com",
    "linkedin_url": "http://www.linkedin.com/in/ann", "city": "Tampa", "state": "Florida", "country": "United States",
    "organization": {"name": "Bayline", "industry": "logistics", "estimated_num_employees": 12},
}  # fmt: skip
FACTS = {
    "title": "Founder", "seniority": "founder", "company": "Bayline", "industry": "logistics", "employees": "12",
    "location": "Tampa, Florida, United States", "linkedin": "http://www.linkedin.com/in/ann",
}  # fmt: skip
ACCEPTED = {"waterfall": {"status": "accepted", "message": "…"}, "request_id": -42}


def examples(path: str, method: str, status: str) -> dict[str, Any]:
    """The examples of Apollo's own file for one answer: name → body; some stand there as text."""
    document = json.loads((specs() / "apollo.openapi.json").read_text())
    found: dict[str, Any] = {}
    for media in document["paths"][path][method]["responses"][status]["content"].values():
        for name, one in media["examples"].items():
            value = one["value"]
            found[name] = json.loads(value) if isinstance(value, str) and value.startswith("{") else value
    return found


def sample(name: str) -> Any:
    return json.loads((specs() / "samples" / "apollo" / name).read_text())


async def asked(api: Vendor, lookup: Lookup = ANN) -> Enrichment:
    vendor = Apollo(api.url, "key-1", deadline_s=2)
    try:
        return await vendor.match(lookup, Call.for_seconds())
    finally:
        await vendor.aclose()


async def asked_for(api: Vendor, ref: str) -> Enrichment:
    vendor = Apollo(api.url, "key-1", deadline_s=2)
    try:
        return await vendor.late_result(ref, Call.for_seconds())
    finally:
        await vendor.aclose()


async def asked_together(api: Vendor, *lookups: Lookup) -> list[Enrichment]:
    vendor = Apollo(api.url, "key-1", deadline_s=2)
    try:
        return list(await vendor.match_many(lookups, Call.for_seconds()))
    finally:
        await vendor.aclose()


async def failure(api: Vendor, answer: Answer) -> ProviderError:
    api.answers(answer)
    with pytest.raises(ProviderError) as caught:
        await asked(api)
    return caught.value


def query(api: Vendor) -> Mapping[str, list[str]]:
    return parse_qs(urlsplit(api.received[-1].target).query)


async def test_somebody_is_asked_about_in_the_query_and_the_key_travels_in_its_header(apollo_api: Vendor) -> None:
    apollo_api.answers(Answer(200, {"person": PERSON, "request_id": 7}))

    found = await asked(apollo_api)

    assert query(apollo_api) == {"email": ["ann@example.com"], "name": ["Ann Lee"]}
    assert (apollo_api.received[0].headers["x-api-key"], apollo_api.received[0].body) == ("key-1", b"")
    assert found == Enrichment(FACTS, ("ann@example.com",), (), Decimal(1), ref="7")


@pytest.mark.parametrize("told", [{"person": None}, {"request_id": 1}, {"person": {}, "request_id": 1}])
async def test_nobody_found_is_an_answer_that_costs_nothing(apollo_api: Vendor, told: object) -> None:
    apollo_api.answers(Answer(200, told))

    found = await asked(apollo_api)

    assert not found.is_found
    assert found.credits == 0


async def test_further_sources_are_asked_with_the_address_they_answer_to(apollo_api: Vendor) -> None:
    apollo_api.answers(Answer(200, {"person": PERSON, **ACCEPTED}))

    found = await asked(apollo_api, FURTHER)

    assert query(apollo_api)["webhook_url"] == [FURTHER.callback_url]
    assert query(apollo_api)["run_waterfall_phone"] == query(apollo_api)["run_waterfall_email"] == ["true"]
    assert (found.is_pending, found.ref, found.credits) == (True, "-42", None)


async def test_apollos_own_example_of_a_person_is_read_whole(apollo_api: Vendor) -> None:
    apollo_api.answers(Answer(200, examples("/people/match", "post", "200")["Result"]))

    found = await asked(apollo_api)

    assert found.facts == {
        "title": "Founder & CEO", "seniority": "founder", "company": "Apollo.io",
        "industry": "information technology & services", "employees": "1600",
        "location": "San Francisco, California, United States",
        "linkedin": "http://www.linkedin.com/in/jordan-example-00000000",
    }  # fmt: skip
    assert found.emails == ("jordan@example.com",)


async def test_ten_people_at_once_come_back_in_their_order_and_share_what_it_cost(apollo_api: Vendor) -> None:
    told = {"status": "success", "matches": [PERSON, None, PERSON], "credits_consumed": 2.5, "request_id": 5}
    apollo_api.answers(Answer(200, told))

    first, nobody, last = await asked_together(apollo_api, ANN, BEN, ANN)

    assert apollo_api.received[0].json()["details"][1] == {"name": "Ben Ray", "organization_name": "Bayline"}
    assert (first.is_found, nobody.is_found, last.is_found) == (True, False, True)
    assert [one.credits for one in (first, nobody, last)] == [Decimal("1.5"), 0, 1]


async def test_where_a_bulk_answer_leaves_somebody_out_the_address_tells_whose_it_is(apollo_api: Vendor) -> None:
    apollo_api.answers(Answer(200, {"matches": [PERSON], "credits_consumed": 1}))

    nobody, ann = await asked_together(apollo_api, BEN, ANN)

    assert (nobody.is_found, ann.facts) == (False, FACTS)


async def test_apollos_own_bulk_examples_are_read(apollo_api: Vendor) -> None:
    told = examples("/people/bulk_match", "post", "200")
    apollo_api.answers(Answer(200, told["Result"]), Answer(200, told["Waterfall enrichment result"]))
    three = await asked_together(apollo_api, ANN, BEN, ANN)
    (pending,) = await asked_together(apollo_api, FURTHER)

    assert [one.credits for one in three] == [1, 1, 1]
    assert all(one.is_found and not one.is_pending for one in three)
    assert (pending.is_pending, pending.credits, pending.ref) == (True, None, "1039995589705121900")
    assert pending.facts["title"] == "VP of Sales Operations"


@pytest.mark.parametrize("count", [0, 11])
async def test_more_than_ten_are_never_asked_about_at_once(vendor: Vendor, count: int) -> None:
    with pytest.raises(ValueError, match="one to 10"):
        await asked_together(vendor, *[ANN] * count)

    assert vendor.received == []


@pytest.mark.parametrize("name", ["Add people to enrich", "More than 10 people"])
async def test_what_a_bulk_call_is_refused_for_is_refused_for_good(apollo_api: Vendor, name: str) -> None:
    told = sample("bulk_match_errors_400.json")[name]
    apollo_api.answers(Answer(400, told))
    with pytest.raises(Rejected) as caught:
        await asked_together(apollo_api, ANN)

    assert caught.value.code == told["error_code"]


async def test_pending_is_asked_again_and_an_unknown_number_is_not(apollo_api: Vendor) -> None:
    apollo_api.answers(
        Answer(404, sample("webhook_result_pending_404.json")),
        Answer(404, {"error_code": "request_id_unknown"}),
        Answer(410, {"error_code": "request_id_expired"}),
        Answer(400, {"error_code": "invalid_request_id"}),
        Answer(404, b"<html>not found</html>"),
    )
    with pytest.raises(NotYet) as pending:
        await asked_for(apollo_api, "-42")

    assert pending.value.retry_after_s == 10
    for code in ("request_id_unknown", "request_id_expired", "invalid_request_id"):
        with pytest.raises(Rejected) as final:
            await asked_for(apollo_api, "-42")
        assert final.value.code == code
    with pytest.raises(Unavailable) as unclear:
        await asked_for(apollo_api, "-42")
    assert not isinstance(unclear.value, NotYet)


async def test_what_is_no_number_of_a_request_is_not_even_asked_for(vendor: Vendor) -> None:
    with pytest.raises(Rejected):
        await asked_for(vendor, "../users/api_profile")

    assert vendor.received == []


async def test_a_late_result_is_read_as_it_is_asked_for_and_as_it_is_posted(apollo_api: Vendor) -> None:
    told = sample("webhook_result_phone.json")
    apollo_api.answers(Answer(200, told))
    phones = ("+15555550164", "+14155550117")

    assert await asked_for(apollo_api, "1039995589705121900") == Enrichment(phones=phones, credits=Decimal(1))
    assert apollo.late_result(told["webhook_result"]) == Enrichment(phones=phones, credits=Decimal(1))


async def test_apollos_own_example_of_a_waterfall_is_read() -> None:
    told = examples("/webhook_result/{request_id}", "get", "200")["Waterfall enrichment"]

    found = apollo.late_result(told)

    assert (found.emails, found.phones, found.credits) == (("email1@example.com",), ("+19165550111",), 0)


def test_a_failed_late_result_found_nothing() -> None:
    told = {"webhook_status": "failed", "failure_reason": "timeout", "webhook_result": None}

    assert apollo.late_result(told) == Enrichment(credits=Decimal(0))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("people", "webhook_result", "emails", "phone_numbers", "credits_consumed", "webhook_status")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), JSON_VALUES | st.fixed_dictionaries({"people": JSON_VALUES})))
def test_whatever_is_posted_is_read_or_refused(told: dict[str, Any]) -> None:
    try:
        found = apollo.late_result(told)
    except AnomalousPayload:
        return

    assert all(isinstance(one, str) for one in (*found.emails, *found.phones))


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Answer(401, b"Invalid API key.", {"Content-Type": "text/plain"}), BadCredentials, "401"),
        (
            Answer(403, {"error": "not authorized", "error_code": "API_INACCESSIBLE"}),
            BadCredentials,
            "API_INACCESSIBLE",
        ),
        (Answer(422, {"error_code": "UNKNOWN_ERROR", "error_message": "no implicit"}), Rejected, "UNKNOWN_ERROR"),
        (Answer(500, b""), Unavailable, "500"),
        (Answer(503, {"error": "Service unavailable"}), Unavailable, "503"),
        (Answer(200, b"<html>"), OutcomeUnknown, "unreadable"),
        (Answer(200, {"person": None}, cut="after reading"), OutcomeUnknown, "connection"),
    ],
)
async def test_each_failure_means_what_it_costs(
    apollo_api: Vendor, answer: Answer, kind: type[ProviderError], code: str
) -> None:
    error = await failure(apollo_api, answer)

    assert (type(error), error.code) == (kind, code)


async def test_a_match_whose_answer_was_lost_is_not_sent_again_by_itself(apollo_api: Vendor) -> None:
    apollo_api.answers(Answer(cut="after reading"), Answer(200, {"person": PERSON}))
    with pytest.raises(OutcomeUnknown):
        await asked(apollo_api)

    assert len(apollo_api.received) == 1


@pytest.mark.parametrize(
    ("headers", "told", "wait_s"),
    [
        ({"Retry-After": "7"}, {}, 7.0),
        ({"x-minute-requests-left": "0", "x-hourly-requests-left": "12"}, {}, 60.0),
        ({"x-hourly-requests-left": "0", "x-minute-requests-left": "0"}, {}, 600.0),
        ({"x-24-hour-requests-left": "0"}, {}, 3600.0),
        ({}, None, 600.0),
        ({}, {"message": "slow down"}, None),
    ],
)
async def test_a_limit_says_when_to_come_back_or_its_window_does(
    apollo_api: Vendor, headers: dict[str, str], told: dict[str, str] | None, wait_s: float | None
) -> None:
    body = examples("/people/match", "post", "429")["Too many requests"] if told is None else told
    error = await failure(apollo_api, Answer(429, body, headers))

    assert (type(error), error.retry_after_s) == (Throttled, wait_s)


async def test_nothing_that_was_never_meant_for_us_is_taken_over(apollo_api: Vendor) -> None:
    person = {
        **PERSON, "email": "email_not_unlocked@domain.com", "linkedin_url": "javascript:alert(1)", "title": ["x"],
        "organization": {"name": "  A\n B ", "estimated_num_employees": True},
    }  # fmt: skip
    apollo_api.answers(Answer(200, {"person": person}))

    found = await asked(apollo_api)

    assert found.emails == ()
    assert found.facts == {"seniority": "founder", "company": "A B", "location": FACTS["location"]}


async def test_proving_says_how_many_credits_are_left(apollo_api: Vendor) -> None:
    told = examples("/users/api_profile", "get", "200")["With credit usage"]
    apollo_api.answers(Answer(200, told), Answer(401, b"Invalid API key."))
    vendor = Apollo(apollo_api.url, "key-1", deadline_s=2)

    assert await vendor.prove("") == "the key is right, 9500 credits are left"
    with pytest.raises(BadCredentials) as refused:
        await vendor.prove("")
    assert "key-1" not in f"{refused.value}{vendor!r}"
    await vendor.aclose()
