"""Questions asked together go in one call, and each gets its own answer, or its own failure."""

from __future__ import annotations

import asyncio

import pytest
from vendor_on_loopback import Answer, Vendor

from leadwake.errors import BadCredentials, OutcomeUnknown, Rejected, Throttled
from leadwake.providers.apollo import Apollo
from leadwake.providers.ports import Call, Enrichment, Lookup
from leadwake.providers.together import Together


def lookups(count: int) -> list[Lookup]:
    return [Lookup(f"p{n}@example.com", None, None) for n in range(count)]


async def together(api: Vendor, asked: list[Lookup]) -> list[Enrichment | BaseException]:
    vendor, gathered = Apollo(api.url, "key", deadline_s=2), Together()
    try:
        questions = [asyncio.create_task(gathered.match(vendor, one, Call.for_seconds())) for one in asked]
        return await asyncio.gather(*questions, return_exceptions=True)
    finally:
        await vendor.aclose()


def paths(api: Vendor) -> list[str]:
    return sorted(seen.path.removeprefix("/api/v1/people/") for seen in api.received)


async def test_twelve_at_once_are_two_calls_of_at_most_ten_in_their_order(apollo_api: Vendor) -> None:
    everybody = [{"email": one.email, "title": one.email} for one in lookups(12)]
    apollo_api.answers(Answer(200, {"matches": everybody, "credits_consumed": 12}))
    found = await together(apollo_api, lookups(12))

    assert paths(apollo_api) == ["bulk_match", "bulk_match"]
    asked = [len(seen.json()["details"]) for seen in apollo_api.received]
    assert sorted(asked) == [2, 10]
    assert [one.facts["title"] for one in found if isinstance(one, Enrichment)] == [one.email for one in lookups(12)]


async def test_one_alone_is_a_call_of_its_own(apollo_api: Vendor) -> None:
    apollo_api.answers(Answer(200, {"person": {"title": "Nurse"}}))
    (found,) = await together(apollo_api, lookups(1))

    assert paths(apollo_api) == ["match"]
    assert isinstance(found, Enrichment)
    assert found.facts == {"title": "Nurse"}


async def test_who_waits_for_more_is_asked_about_alone(apollo_api: Vendor) -> None:
    apollo_api.answers(Answer(200, {"person": None}))
    further = Lookup("a@example.com", None, None, callback_url="https://leads.example.com/hooks/apollo/x")
    await together(apollo_api, [further, further])

    assert paths(apollo_api) == ["match", "match"]


async def test_one_that_is_refused_takes_nobody_along(apollo_api: Vendor) -> None:
    no = Answer(422, {"error_code": "UNKNOWN_ERROR"})
    apollo_api.answers(no, Answer(200, {"person": {"title": "Nurse"}}), no)
    first, second = await together(apollo_api, lookups(2))

    assert isinstance(first, Enrichment)
    assert isinstance(second, Rejected)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(429, {}, {"Retry-After": "9"}), Throttled),
        (Answer(401, b"Invalid API key."), BadCredentials),
        (Answer(cut="after reading"), OutcomeUnknown),
    ],
)
async def test_what_holds_for_the_call_holds_for_everybody_in_it(
    apollo_api: Vendor, answer: Answer, kind: type[Exception]
) -> None:
    apollo_api.answers(answer)
    found = await together(apollo_api, lookups(3))

    assert [type(one) for one in found] == [kind] * 3
    assert len(apollo_api.received) == 1
