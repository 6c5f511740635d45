"""Enrichment: who is looked up and who is not, what a day may cost, and one enrichment however the answers come."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from prometheus_client import REGISTRY

from leadwake.compliance.policy import Loosened, Loosening, Policy
from leadwake.errors import OutcomeUnknown, Throttled
from leadwake.providers import registry
from leadwake.storage import enrichment as stored
from leadwake.storage import links
from leadwake.storage.enrichment import Known
from leadwake.workflows import enrichment, saving
from leadwake.workflows.lookups import LateResults
from leadwake.workflows.office import Office
from lookup_case import (
    MARIA,
    ask_further,
    asked,
    claimed,
    claims,
    looked_up_once,
    spent,
    standing,
    unknown_to_the_stand_in,
)
from office_case import House, rows, until

JOB_NAMES = {"title", "seniority", "company", "industry", "employees", "location", "linkedin"}


def with_settings(office: Office, **values: str) -> None:
    office.settings = replace(office.settings, values={**office.settings.values, **values})


async def known(house: House, lead_id: UUID) -> Known:
    return await stored.known(house.office.db, house.office.vault, lead_id)


LATE = {
    "status": "success", "credits_consumed": 4,
    "people": [{"emails": [{"email": "m@work.example.com"}], "phone_numbers": [{"sanitized_number": "+18135550199"}]}],
}  # fmt: skip


async def callback(house: House, action_id: UUID, body: Any = LATE, *, content: bytes | None = None) -> int:
    """Apollo posts what was found later; the status it gets."""
    path = links.lookup_path(house.office.vault, action_id, house.now)
    answer = await (house.http.post(path, content=content) if content is not None else house.http.post(path, json=body))
    return answer.status_code


async def test_a_lead_is_looked_up_and_what_is_found_later_is_added(house: House) -> None:
    before = REGISTRY.get_sample_value("leadwake_enrichment_total", {"outcome": "found"}) or 0.0
    await ask_further(house.office)
    receipt = (await house.post(MARIA)).json()
    lead_id = UUID(receipt["lead_id"])
    await house.reaches(receipt["inquiry_id"], "enrich", "sent")

    async def came() -> bool:
        answer = (await known(house, lead_id)).answer
        return answer is not None and not answer.is_awaited

    await until(came)
    answer = (await known(house, lead_id)).answer
    assert answer is not None
    assert (answer.vendor, answer.practice, answer.outcome) == ("apollo", True, "found")
    assert set(answer.found.facts) == JOB_NAMES
    assert answer.found.phones
    assert MARIA["email"] not in answer.found.emails, "she gave it herself"
    assert (answer.credits, await spent(house.office)) == (9, 9)
    kinds = [entry["kind"] for entry in await house.timeline(receipt["lead_id"])]
    assert kinds.count("enriched") == 2
    assert (REGISTRY.get_sample_value("leadwake_enrichment_total", {"outcome": "found"}) or 0.0) == before + 2
    assert (await house.ledger()).problems == []
    # what was found and not given is nobody's contact
    assert len(await house.rows("select 1 from lead_contact where lead_id = %s", lead_id)) == 1


async def test_texts_go_while_a_look_up_hangs(house: House) -> None:
    await house.behave("apollo", mode="slow", delay_ms=3_000)
    receipt = (await house.post({**MARIA, "phone": "8135550142"})).json()
    await house.reaches(receipt["inquiry_id"], "enrich", "sending")
    more = (await house.post({**MARIA, "email": "b@example.com", "phone": "8135550143"})).json()

    text = await house.reaches(more["inquiry_id"], "sms", "sent", "delivered")

    assert text["attempts"] == 1
    assert (await house.action(receipt["inquiry_id"], "enrich"))["state"] == "sending"


NO_ADDRESS = {"name": "Ben Ray", "phone": "8135550144", "message": "hi"}


async def test_who_is_looked_up_and_why_the_others_are_not(office: Office) -> None:
    half = {**NO_ADDRESS, "name": "Ben", "phone": "8135550146", "company": "Bayline"}
    cases: dict[str, tuple[dict[str, Any], tuple[str, str | None]]] = {
        "an address": (MARIA, ("sending", None)),
        "a country": ({**MARIA, "email": "a1@example.com", "country": "Germany"}, ("skipped", "region")),
        "a number": ({**MARIA, "email": "a2@example.com", "phone": "+44 20 7946 0958"}, ("skipped", "region")),
        "a domain": ({**MARIA, "email": "a3@example.co.uk"}, ("skipped", "region")),
        "no address": (NO_ADDRESS, ("skipped", "not_eligible")),
        "a company": ({**NO_ADDRESS, "phone": "8135550145", "company": "Bayline"}, ("sending", None)),
        "half a name": (half, ("skipped", "not_eligible")),
        "a stop": ({**MARIA, "email": "a4@example.com", "message": "stop contacting me"}, ("skipped", "opted_out")),
    }
    found = {}
    for name, (lead, _) in cases.items():
        _, action_id = await looked_up_once(office, lead)
        await claims(office, action_id)
        found[name] = await standing(office, action_id)

    assert found == {name: expected for name, (_, expected) in cases.items()}


async def test_a_team_may_choose_to_look_up_europeans(office: Office) -> None:
    chosen = Loosening(Loosened.GDPR_ENRICHMENT, "user 1", "counsel has looked at it", office.clock.now())
    office.policy = Policy(loosenings=(chosen,))
    _, action_id = await looked_up_once(office, {**MARIA, "country": "DE"})
    await claims(office, action_id)

    assert await standing(office, action_id) == ("sending", None)


async def test_while_apollo_is_off_nobody_is_looked_up_and_the_lead_says_so(office: Office) -> None:
    office.settings = replace(office.settings, sandbox_url=None)
    _, action_id = await looked_up_once(office, MARIA)

    assert await standing(office, action_id) == ("skipped", "vendor_off")


async def test_whose_data_is_restricted_is_not_looked_up(office: Office) -> None:
    lead_id, action_id = await looked_up_once(office, MARIA)
    await rows(office.db, "update lead set restricted_at = now() where id = %s", lead_id)
    await claims(office, action_id)
    again = await looked_up_once(office, {**MARIA, "message": "another house"})

    assert await standing(office, action_id) == ("blocked", "restricted")
    assert await standing(office, again[1]) == ("skipped", "restricted")


async def test_who_is_known_is_not_asked_about_again_until_it_is_old(idle_house: House) -> None:
    house, office = idle_house, idle_house.office
    _, first = await looked_up_once(office, MARIA)
    found = await claimed(office, first)
    accepted = await asked(office, found)
    await rows(
        office.db, "update action set state = 'sent', lease_until = null, settled_at = claimed_at where id = %s", first
    )
    _, second = await looked_up_once(office, {**MARIA, "message": "and the green one?"})
    await claims(office, second)
    house.advance(enrichment.KNOWN_FOR)
    _, third = await looked_up_once(office, {**MARIA, "message": "is it me you're looking for?"})
    await claims(office, third)

    assert accepted.ref is not None
    assert await standing(office, second) == ("skipped", "known_already")
    assert await standing(office, third) == ("sending", None)


async def test_two_inquiries_at_once_ask_once(office: Office) -> None:
    _, first = await looked_up_once(office, MARIA)
    _, second = await looked_up_once(office, {**MARIA, "message": "and the green one?"})
    together = await claims(office, first, second)

    assert [one.action_id for one in together.claimed] == [first]
    assert together.busy == [("enrich", second)]
    await claims(office, second)
    assert await standing(office, second) == ("planned", "looked_up_now")


async def test_a_spent_budget_defers_to_the_teams_own_midnight_and_nothing_is_asked(office: Office) -> None:
    with_settings(office, APOLLO_DAILY_CREDITS="2", TIME_ZONE="America/Los_Angeles")
    ids = [(await looked_up_once(office, {**MARIA, "email": f"p{n}@example.com"}))[1] for n in range(3)]
    found = await claims(office, *ids)
    (row,) = await rows(office.db, "select reason, due_at from action where state = 'deferred'")
    there = row["due_at"].astimezone(ZoneInfo("America/Los_Angeles"))

    assert len(found.claimed) == 2
    assert row["reason"] == "budget_spent"
    assert (there.hour, there.minute) == (0, 0)
    assert timedelta(0) < row["due_at"] - office.clock.now() <= timedelta(days=1)
    assert await spent(office) == 2


async def test_a_larger_budget_counts_at_once(office: Office) -> None:
    with_settings(office, APOLLO_DAILY_CREDITS="1")
    first, second = [(await looked_up_once(office, {**MARIA, "email": f"p{n}@example.com"}))[1] for n in range(2)]
    await claims(office, first, second)
    assert await standing(office, second) == ("deferred", "budget_spent")

    await saving.save(office, {"APOLLO_DAILY_CREDITS": "5"}, "user 1")
    await claims(office, second)

    assert await standing(office, second) == ("sending", None)


async def test_a_budget_smaller_than_one_person_asks_nobody(office: Office) -> None:
    with_settings(office, APOLLO_DAILY_CREDITS="0")
    _, action_id = await looked_up_once(office, MARIA)
    await claims(office, action_id)

    assert await standing(office, action_id) == ("skipped", "no_budget")


async def test_what_apollo_says_it_cost_corrects_the_count(idle_house: House) -> None:
    office = idle_house.office
    found = {}
    for lead in (unknown_to_the_stand_in(), MARIA):
        _, action_id = await looked_up_once(office, lead)
        one = await claimed(office, action_id)
        counted = await spent(office)
        await asked(office, one)
        found[lead["name"]] = (counted, await spent(office))

    assert found == {"Ann Lee": (1, 0), "Maria Lopez": (1, 1)}


async def test_what_was_refused_is_given_back_and_what_was_lost_stays_counted(idle_house: House) -> None:
    house, office = idle_house, idle_house.office
    await ask_further(office)
    _, throttled = await looked_up_once(office, MARIA)
    _, lost = await looked_up_once(office, unknown_to_the_stand_in())
    await house.behave("apollo", mode="throttle")
    with pytest.raises(Throttled):
        await asked(office, await claimed(office, throttled))
    assert await spent(office) == 0

    await house.behave("apollo", mode="cut")
    with pytest.raises(OutcomeUnknown):
        await asked(office, await claimed(office, lost))
    assert await spent(office) == 9


async def test_a_late_answer_any_number_of_times_and_before_the_first_is_one_enrichment(idle_house: House) -> None:
    house, office = idle_house, idle_house.office
    await ask_further(office)
    lead_id, action_id = await looked_up_once(office, MARIA)
    await house.behave("apollo", mode="ok", callbacks=False)
    found = await claimed(office, action_id)
    assert await callback(house, action_id) == 204, "it may be here before the answer itself"
    await asked(office, found)
    statuses = await asyncio.gather(*(callback(house, action_id) for _ in range(50)))
    answer = (await known(house, lead_id)).answer

    assert set(statuses) == {204}
    assert answer is not None
    assert (answer.found.emails, answer.found.phones) == (("m@work.example.com",), ("+18135550199",))
    assert set(answer.found.facts) == JOB_NAMES
    assert (float(answer.credits), await spent(office)) == (4, 4)
    assert len(await rows(office.db, "select 1 from enrichment")) == 1
    assert len(await rows(office.db, "select 1 from event where kind = 'enriched'")) == 2


async def test_what_nobody_posted_is_asked_for_until_it_is_there_or_never_will_be(idle_house: House) -> None:
    house, office = idle_house, idle_house.office
    await ask_further(office)
    await house.behave("apollo", mode="ok", callbacks=False)
    lead_id, action_id = await looked_up_once(office, MARIA)
    _, other = await looked_up_once(office, {**MARIA, "email": "person1@example.com"})
    for one in (action_id, other):
        await asked(office, await claimed(office, one))
    await rows(office.db, "update enrichment set request_ref = '7' where action_id = %s", other)
    vendors = registry.build(office.settings)
    late = LateResults(office, lambda: vendors.enricher)
    assert await late.tick() == 0, "not yet due"
    house.advance(timedelta(minutes=3))
    assert await late.tick() == 2

    async def came() -> bool:
        house.advance(timedelta(minutes=11))
        await late.tick()
        answer = (await known(house, lead_id)).answer
        return answer is not None and not answer.is_awaited and bool(answer.found.phones)

    await until(came)
    await vendors.aclose()
    found = await rows(office.db, "select late from enrichment order by late")
    assert [row["late"] for row in found] == ["came", "given_up"]


async def test_an_address_of_a_question_that_is_gone_looks_like_any_other(idle_house: House) -> None:
    house = idle_house
    lead_id, action_id = await looked_up_once(house.office, MARIA)
    for token in ("", "AQ", "x" * 300, "%00", "AQAAAA==", "é"):
        assert (await house.http.post(f"/hooks/apollo/{token}", json={"people": []})).status_code == 404
    assert await callback(house, action_id) == 404, "never asked"
    await claimed(house.office, action_id)
    assert await callback(house, action_id, {"nonsense": 1}) == 400
    assert await callback(house, action_id, content=b"[" * 100_000) == 400
    assert await callback(house, action_id, content=b"x" * 300_000) == 413
    other = links.path(house.office.vault, links.Page.CONSENT, 1).rpartition("/")[2]
    assert (await house.http.post(f"/hooks/apollo/{other}", json={"people": []})).status_code == 404
    await rows(house.office.db, "delete from lead where id = %s", lead_id)
    assert await callback(house, action_id) == 404


async def test_an_answer_that_is_here_when_its_worker_dies_is_not_asked_for_again(house: House) -> None:
    await house.behave("apollo", mode="cut")
    receipt = (await house.post(MARIA)).json()
    action = await house.reaches(receipt["inquiry_id"], "enrich", "sending")
    assert await callback(house, action["id"]) == 204
    await house.leases_pass()

    await house.reaches(receipt["inquiry_id"], "enrich", "sent")

    assert await house.rows("select 1 from action where kind = 'enrich' and resends > 0") == []


async def test_the_rate_counts_only_people_who_could_be_looked_up(idle_house: House) -> None:
    office = idle_house.office
    for lead in (MARIA, unknown_to_the_stand_in(), NO_ADDRESS, {**MARIA, "email": "m@example.de"}):
        _, action_id = await looked_up_once(office, lead)
        for one in (await claims(office, action_id)).claimed:
            await asked(office, one)
    found = await enrichment.standing(office)

    assert found is not None
    assert (found.eligible, found.found, found.budget) == (2, 1, 1000)
