"""GoHighLevel: whom its own upsert would rename is looked for first; tags are added, never replaced."""

from __future__ import annotations

from dataclasses import replace

import pytest
from vendor_on_loopback import Answer, Vendor

from leadwake.errors import ProviderError, Rejected, Throttled, Unavailable
from leadwake.providers.gohighlevel import GoHighLevel, fields
from leadwake.providers.gohighlevel_words import page
from leadwake.providers.ports import Call, CrmContact, ForgetContact

LOCATION = "ve9EPM428h8vShlRW1KT"
MARIA = CrmContact("lead-7", "maria@example.com", "+18135550194", "Maria", "Lopez")
NO_EMAIL = replace(MARIA, email=None)
NOBODY = Answer(200, {"contact": None})
UPSERTED = Answer(200, {"new": True, "contact": {"id": "nmFmQEsNgz6AVpgLVUJ0"}})
UPDATED = Answer(200, {"succeded": True, "contact": {"id": "c1"}})
TAGGED = Answer(201, {"tags": ["a"]})
NO_DOUBLES = Answer(400, {"statusCode": 400, "message": "This location does not allow duplicated contacts."})


def holder(ref: str, first: str | None, last: str | None) -> Answer:
    return Answer(200, {"contact": {"id": ref, "firstName": first, "lastName": last}})


async def upserted(api: Vendor, contact: CrmContact) -> str | None:
    crm = GoHighLevel(api.url, "pit-practice", LOCATION, deadline_s=2)
    try:
        return (await crm.upsert_contact(contact, Call.for_seconds())).ref
    finally:
        await crm.aclose()


async def failure(api: Vendor, contact: CrmContact) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await upserted(api, contact)
    return caught.value


def calls(api: Vendor) -> list[tuple[str, str]]:
    return [(seen.method, seen.path) for seen in api.received]


async def test_somebody_new_is_upserted_so_that_two_at_once_make_one(gohighlevel_api: Vendor) -> None:
    gohighlevel_api.answers(NOBODY, NOBODY, UPSERTED)

    assert await upserted(gohighlevel_api, MARIA) == "nmFmQEsNgz6AVpgLVUJ0"
    assert calls(gohighlevel_api)[-1] == ("POST", "/contacts/upsert")
    assert gohighlevel_api.received[-1].json() == {
        "locationId": LOCATION, "email": "maria@example.com", "phone": "+18135550194", "firstName": "Maria",
        "lastName": "Lopez",
    }  # fmt: skip
    assert all(seen.headers["version"] == "2021-07-28" for seen in gohighlevel_api.received)
    assert f"?locationId={LOCATION}&number=%2B18135550194" in gohighlevel_api.received[1].target


async def test_whoever_has_the_address_is_changed(gohighlevel_api: Vendor) -> None:
    gohighlevel_api.answers(holder("c1", "Mary", "L"), UPDATED)

    assert await upserted(gohighlevel_api, MARIA) == "c1"
    assert calls(gohighlevel_api)[-1] == ("PUT", "/contacts/c1")


async def test_tags_are_added_and_never_replaced(gohighlevel_api: Vendor) -> None:
    gohighlevel_api.answers(holder("c1", None, None), UPDATED, TAGGED)
    await upserted(gohighlevel_api, replace(MARIA, tags=("leadwake", "hot")))

    assert "tags" not in gohighlevel_api.received[1].json()
    assert calls(gohighlevel_api)[-1] == ("POST", "/contacts/c1/tags")
    assert gohighlevel_api.received[-1].json() == {"tags": ["leadwake", "hot"]}


async def test_a_housemate_with_the_same_phone_is_not_renamed(gohighlevel_api: Vendor) -> None:
    gohighlevel_api.answers(NOBODY, holder("c1", "Jorge", "Lopez"), NO_DOUBLES, UPSERTED)

    assert await upserted(gohighlevel_api, MARIA) == "nmFmQEsNgz6AVpgLVUJ0"
    assert calls(gohighlevel_api)[2:] == [("POST", "/contacts/"), ("POST", "/contacts/upsert")]
    assert "phone" not in gohighlevel_api.received[-1].json()


async def test_a_housemate_without_an_address_needs_a_person(gohighlevel_api: Vendor) -> None:
    gohighlevel_api.answers(holder("c1", "Jorge", "Lopez"), NO_DOUBLES)
    error = await failure(gohighlevel_api, NO_EMAIL)

    assert type(error) is Rejected
    assert "another name" in str(error)


@pytest.mark.parametrize("gone", [Answer(404), Answer(400, {"message": ["Contact with id c9 not found"]})])
async def test_a_known_record_that_is_gone_is_made_anew(gohighlevel_api: Vendor, gone: Answer) -> None:
    gohighlevel_api.answers(gone, NOBODY, NOBODY, UPSERTED)

    assert await upserted(gohighlevel_api, replace(MARIA, known_as="c9")) == "nmFmQEsNgz6AVpgLVUJ0"


async def test_one_gone_since_it_was_found_is_tried_again(gohighlevel_api: Vendor) -> None:
    gohighlevel_api.answers(holder("c1", None, None), Answer(404))

    assert type(await failure(gohighlevel_api, MARIA)) is Unavailable


async def test_a_search_that_fails_makes_no_contact(gohighlevel_api: Vendor) -> None:
    for answer in (Answer(200, b"<html>"), Answer(200, {}), Answer(500), Answer(422, {"message": ["no"]})):
        gohighlevel_api.answers(answer)
        await failure(gohighlevel_api, NO_EMAIL)

    assert {method for method, _ in calls(gohighlevel_api)} == {"GET"}


@pytest.mark.parametrize(
    ("headers", "seconds", "code"),
    [
        ({}, 10.0, "429"),
        ({"Retry-After": "4"}, 4.0, "429"),
        ({"X-RateLimit-Daily-Remaining": "0", "Retry-After": "4"}, 3600.0, "DAILY"),
        ({"X-RateLimit-Daily-Remaining": "7"}, 10.0, "429"),
    ],
)
async def test_the_limit_that_ran_out_says_how_long_to_wait(
    gohighlevel_api: Vendor, headers: dict[str, str], seconds: float, code: str
) -> None:
    gohighlevel_api.answers(Answer(429, {"message": "Too Many Requests"}, headers))
    error = await failure(gohighlevel_api, MARIA)

    assert (type(error), error.retry_after_s, error.code) == (Throttled, seconds, code)


@pytest.mark.parametrize("ref", ["../users/1", "a?b", "", None, 7])
async def test_a_hostile_id_never_becomes_a_path(gohighlevel_api: Vendor, ref: object) -> None:
    gohighlevel_api.answers(Answer(200, {"contact": {"id": ref}}), NOBODY, UPSERTED)

    assert await upserted(gohighlevel_api, MARIA) == "nmFmQEsNgz6AVpgLVUJ0"


async def test_a_person_is_deleted_by_the_known_id_and_by_the_address(gohighlevel_api: Vendor) -> None:
    gohighlevel_api.answers(holder("c2", None, None), Answer(400, {"message": "Contact not found"}), Answer(200, {}))
    crm = GoHighLevel(gohighlevel_api.url, "pit-practice", LOCATION)
    await crm.forget_contact(ForgetContact(["c1", "../x"], "maria@example.com"), Call.for_seconds())
    await crm.aclose()

    assert calls(gohighlevel_api)[1:] == [("DELETE", "/contacts/c1"), ("DELETE", "/contacts/c2")]


def test_nothing_blank_is_written_over_what_the_crm_knows() -> None:
    assert fields(CrmContact("k", None, "+1", "", None, {"city": "", "state": "FL"})) == {"phone": "+1", "state": "FL"}


def test_a_list_goes_on_where_it_says_or_after_its_last_row_and_ends_with_a_short_page() -> None:
    rows = [{"id": f"c{one}", "dateAdded": "2026-11-24T17:00:00.000Z"} for one in range(2)]
    deals = {"opportunities": rows, "meta": {"startAfter": 7, "startAfterId": "d9"}}

    assert page("contact", {"contacts": rows}, 2).after == "1795539600000 c1"
    assert page("deal", deals, 2).after == "7 d9"
    assert page("deal", deals, 3).after is None
    assert page("contact", {"contacts": "none"}, 2).after is None
