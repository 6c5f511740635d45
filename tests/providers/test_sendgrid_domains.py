"""SendGrid's domain authentication, by requests its contract allows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from vendor_on_loopback import Answer, Vendor, conforming, running

from leadwake.errors import BadCredentials, Rejected, Unavailable
from leadwake.providers.sendgrid_domains import SendGridDomains, is_domain


@pytest.fixture
async def domains_api() -> AsyncIterator[Vendor]:
    async with running() as started:
        yield started
    conforming("sendgrid-domains", started)


@pytest.fixture
async def domains(domains_api: Vendor) -> AsyncIterator[SendGridDomains]:
    made = SendGridDomains(domains_api.url, "SG.key")
    yield made
    await made.aclose()


def domain(number: int = 7, name: str = "realty.example.com", *, valid: bool = False) -> dict[str, Any]:
    record = {"valid": valid, "type": "cname", "host": f"s1._domainkey.{name}", "data": "s1.domainkey.sendgrid.net"}
    return {"id": number, "domain": name, "valid": valid, "dns": {"dkim1": record, "odd": "no record"}}


async def test_a_domain_that_is_known_is_not_made_again(domains: SendGridDomains, domains_api: Vendor) -> None:
    domains_api.answers(Answer(200, [domain(1, "other.example.com"), domain(2), domain(3, valid=True)]))

    found = await domains.find_or_create("realty.example.com")

    assert (found.id, found.valid) == (3, True), "of several, the one that is proven"
    assert [seen.method for seen in domains_api.received] == ["GET"]


async def test_a_new_domain_is_made_and_says_its_records(domains: SendGridDomains, domains_api: Vendor) -> None:
    domains_api.answers(Answer(200, []), Answer(201, domain()))

    found = await domains.find_or_create("realty.example.com")

    (record,) = found.records
    assert (record.kind, record.host, record.valid) == ("CNAME", "s1._domainkey.realty.example.com", False)
    assert domains_api.received[1].json() == {"domain": "realty.example.com", "automatic_security": True}


async def test_a_check_says_what_was_found_instead(domains: SendGridDomains, domains_api: Vendor) -> None:
    results = {"dkim1": {"valid": False, "reason": "Expected CNAME, found none."}, "spf": {"valid": True}}
    domains_api.answers(
        Answer(200, {"id": 7, "valid": False, "validation_results": results}), Answer(200, domain(valid=True))
    )

    found = await domains.check(7)

    assert not found.valid
    assert [(one.valid, one.why) for one in found.records] == [(False, "Expected CNAME, found none.")]


@pytest.mark.parametrize("text", ["", "realty", "realty.example.com/..", "Realty.Example.com", "a b.com", "x" * 300])
async def test_what_is_no_domain_never_leaves(domains: SendGridDomains, domains_api: Vendor, text: str) -> None:
    assert not is_domain(text)
    with pytest.raises(Rejected):
        await domains.find_or_create(text)
    assert domains_api.received == []


async def test_what_goes_wrong_has_its_kind(domains: SendGridDomains, domains_api: Vendor) -> None:
    domains_api.answers(
        Answer(403, {"errors": [{"message": "access forbidden"}]}), Answer(200, {"not": "a list"}), Answer(502)
    )

    for error in (BadCredentials, Unavailable, Unavailable):
        with pytest.raises(error):
            await domains.find_or_create("realty.example.com")
