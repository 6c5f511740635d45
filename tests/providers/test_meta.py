"""Meta: a lead by its id, and trouble told by the code in the body, whatever the status says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openapi_lane import specs
from vendor_on_loopback import Answer, Vendor

from leadwake.errors import BadCredentials, ProviderError, Rejected, Throttled, Unavailable
from leadwake.providers.meta import Meta, NotAllowed

LEAD = {"id": "7", "created_time": "2026-11-24T17:00:00+0000", "field_data": []}


def refused(code: object, status: int = 400, **headers: str) -> Answer:
    return Answer(status, {"error": {"message": "no", "type": "OAuthException", "code": code}}, headers)


async def fetched(api: Vendor) -> Any:
    ads = Meta(api.url, "EAA-token", deadline_s=2)
    try:
        return await ads.fetch_lead("7")
    finally:
        await ads.aclose()


async def failure(api: Vendor) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await fetched(api)
    assert "EAA-token" not in str(caught.value)
    return caught.value


async def test_a_lead_is_asked_for_by_its_fields_with_the_token_out_of_the_address(meta_api: Vendor) -> None:
    sample = json.loads((specs() / "samples/meta/lead_get_200.json").read_text())
    meta_api.answers(Answer(200, sample))

    assert await fetched(meta_api) == sample
    (seen,) = meta_api.received
    assert (seen.method, seen.path) == ("GET", "/v25.0/7")
    assert "field_data" in seen.target
    assert "campaign_name" in seen.target
    assert "token" not in seen.target


async def test_a_token_that_may_not_read_ads_still_brings_the_lead(meta_api: Vendor) -> None:
    meta_api.answers(refused(200), Answer(200, LEAD))

    assert await fetched(meta_api) == LEAD
    assert "campaign" not in meta_api.received[1].target


@pytest.mark.parametrize(
    ("code", "kind"),
    [(code, Throttled) for code in (4, 17, 32, 613, 80005, 368)]
    + [(code, Unavailable) for code in (1, 2, 341)]
    + [(code, BadCredentials) for code in (190, 102)]
    + [(code, NotAllowed) for code in (10, 200, 299)]
    + [(code, Rejected) for code in (100, 33, 12345)],
)
async def test_every_code_of_metas_has_its_meaning(meta_api: Vendor, code: int, kind: type[ProviderError]) -> None:
    meta_api.answers(refused(code))
    error = await failure(meta_api)

    assert type(error) is kind
    assert error.code == str(code)


async def test_meta_says_in_minutes_when_it_takes_requests_again(meta_api: Vendor) -> None:
    usage = {"1": [{"type": "leadgen", "estimated_time_to_regain_access": 3}], "2": [{}, {"call_count": 100}]}
    meta_api.answers(refused(80005, **{"X-Business-Use-Case-Usage": json.dumps(usage)}), refused(4))

    assert (await failure(meta_api)).retry_after_s == 180
    assert (await failure(meta_api)).retry_after_s is None


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b"<html>"), Answer(502), Answer(503), Answer(200, b"[]"), Answer(200, {"field_data": []}),
        Answer(cut="after reading"), Answer(cut="mid answer"), refused("x", 500), refused(True, 503),
    ],
)  # fmt: skip
async def test_trouble_at_meta_is_tried_again(meta_api: Vendor, answer: Answer) -> None:
    """Reading changes nothing: whatever was cut may be asked again."""
    meta_api.answers(answer)

    assert type(await failure(meta_api)) is Unavailable


async def test_an_error_in_a_success_is_an_error(meta_api: Vendor) -> None:
    meta_api.answers(refused(190, 200))

    assert type(await failure(meta_api)) is BadCredentials


async def test_a_token_is_proven_by_asking_whose_it_is(meta_api: Vendor) -> None:
    meta_api.answers(Answer(200, {"id": "1", "name": "Harbor Homes"}))
    ads = Meta(meta_api.url, "EAA-token")

    assert await ads.prove("") == "the token is right, of Harbor Homes"
    await ads.aclose()
