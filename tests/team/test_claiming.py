"""A lead is offered, claimed, passed and given; it has one owner or none, and everybody who was asked knows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from team_case import COLD, HOT, agent, alone, arrives, kinds, loads_hold, offered, open_tasks, owner

from leadwake.domain.routing_rules import RoutingRules
from leadwake.errors import RuleError
from leadwake.storage import staff
from leadwake.storage.staff import Person
from leadwake.web.sessions import COOKIE
from leadwake.workflows import claiming, escalation, suppression
from leadwake.workflows.claiming import _claim, _locked
from office_case import LIMIT_S, House, api_key, until


async def test_a_hot_lead_is_offered_and_is_nobodys_until_it_is_claimed(idle_house: House) -> None:
    house = idle_house
    lead = await arrives(house, HOT)
    dana = house.office.agents[0]

    assert await offered(house, lead) == [dana.id]
    assert await owner(house, lead) is None
    assert await open_tasks(house, lead) == {"claim": dana.id}

    claim = await claiming.claim(house.office, lead, dana, by="page")

    assert (claim.won, claim.owner) == (True, dana)
    assert await owner(house, lead) == dana.id
    assert await offered(house, lead) == []
    assert await open_tasks(house, lead) == {"touch": dana.id}
    await loads_hold(house)


async def test_a_cold_lead_is_the_agents_at_once(idle_house: House) -> None:
    lead = await arrives(idle_house, COLD)

    assert await owner(idle_house, lead) == idle_house.office.agents[0].id
    assert await offered(idle_house, lead) == []
    await loads_hold(idle_house)


async def test_an_agent_with_a_thousand_open_offers_is_offered_one_more(idle_house: House) -> None:
    house = idle_house
    first = await arrives(house, HOT)
    dana = house.office.agents[0]
    await house.rows("alter table offer disable trigger offer_begins")
    columns = "data_key_id, sealed_profile, status, source, channel, created_at, last_at"
    await house.rows(
        f"""with more as (insert into lead (id, {columns})
                select gen_random_uuid(), {columns} from lead, generate_series(1, 1000) where id = %s returning id)
            insert into offer (id, lead_id, inquiry_id, agent_id, step, code, temperature, at, due_at)
            select gen_random_uuid(), id, gen_random_uuid(), %s, 0, 1 + row_number() over (), 'hot', now(), now()
              from more""",
        first,
        dana.id,
    )
    await house.rows("alter table offer enable trigger offer_begins")

    lead = await arrives(house, HOT, 1)

    assert await offered(house, lead) == [dana.id]
    assert (await house.rows("select code from offer where lead_id = %s", lead))[0]["code"] == 1002


async def test_fifty_agents_claim_one_lead_at_once_and_one_has_it(idle_house: House) -> None:
    house = idle_house
    await alone(house)
    team = [await agent(house, number) for number in range(1, 51)]
    lead = await arrives(house, HOT)
    house.office.routing = _with_pool(house, 50)
    house.advance(timedelta(hours=1))
    await _until_pool(house)
    assert len(await offered(house, lead)) == 50

    answers = await asyncio.gather(*[await _pressing_claim(house, one, lead) for one in team])

    winner = house.office.person(await owner(house, lead))
    assert winner in team
    told = Counter(parse_qs(urlsplit(answer.headers["location"]).query)["said"][0] for answer in answers)
    assert told == {"claimed": 1, "taken": 49}
    who = {parse_qs(urlsplit(answer.headers["location"]).query).get("who", [""])[0] for answer in answers}
    assert who == {"", str(winner.id)}  # type: ignore[union-attr]
    assert await offered(house, lead) == []
    await loads_hold(house)


async def test_many_leads_of_the_pool_are_claimed_at_once_and_no_two_claims_wait_for_each_other(
    idle_house: House,
) -> None:
    house = idle_house
    await alone(house)
    team = [await agent(house, number) for number in range(1, 13)]
    leads = [await arrives(house, HOT, number) for number in range(24)]
    house.office.routing = _with_pool(house, 12)
    house.advance(timedelta(hours=1))
    await _until_pool(house)
    assert {len(await offered(house, lead)) for lead in leads} == {12}

    async def claim(person: Person, lead: UUID) -> claiming.Claim:  # as it is, but a deadlock ends it
        found: claiming.Claim = await _locked(house.office, lead, person, partial(_claim, house.office, person, "page"))
        return found

    answers = await asyncio.gather(*(claim(team[n % 12], lead) for n, lead in enumerate(leads)))

    assert all(answer.won for answer in answers)
    await loads_hold(house)


async def _pressing_claim(house: House, person: Person, lead: UUID) -> Coroutine[Any, Any, httpx.Response]:
    """The agent, signed in on a phone of their own, about to press Claim."""
    token = await staff.start_session(house.office.db, person.id, via="password", agent_text="")
    headers = {"Sec-Fetch-Site": "same-origin"}

    async def press() -> httpx.Response:
        async with httpx.AsyncClient(
            cookies={COOKIE: token}, headers=headers, timeout=LIMIT_S, trust_env=False, verify=False
        ) as phone:
            return await phone.post(f"{house.url}/leads/{lead}/claim")

    return press()


def _with_pool(house: House, size: int) -> RoutingRules:
    rules = house.office.routing
    return replace(rules, times=replace(rules.times, pool_size=size, max_agents_asked=0))


async def _until_pool(house: House) -> None:
    while await escalation.tick(house.office):
        pass


async def test_a_text_of_one_claims_and_a_later_one_hears_who_was_faster(house: House) -> None:
    first = await agent(house, 1)
    lead = await arrives(house, HOT)
    [asked] = await offered(house, lead)
    asked_person = house.office.person(asked)
    assert asked_person is not None
    assert asked_person.phone is not None

    assert (await house.hear(asked_person.phone, " 1 ")).status_code == 200
    assert await owner(house, lead) == asked

    async def told() -> bool:
        return any("is yours" in text["Body"] and text["To"] == asked_person.phone for text in await house.texts())

    await until(told)
    assert first.phone is not None
    await house.hear(first.phone, "1")
    assert await owner(house, lead) == asked


async def test_who_passes_by_text_hears_that_a_colleague_is_asked(house: House) -> None:
    await arrives(house, HOT)
    dana = house.office.agents[0]
    await house.hear(dana.phone, "pass 1")  # type: ignore[arg-type]
    await house.settled()

    assert [text["To"] for text in await house.texts() if "goes to a colleague" in text["Body"]] == [dana.phone]


async def test_the_same_text_again_claims_and_answers_once(house: House) -> None:
    lead = await arrives(house, HOT)
    dana = house.office.agents[0]
    for _ in range(3):
        await house.hear(dana.phone, "1", MessageSid="SM" + "7" * 32)  # type: ignore[arg-type]
    await house.settled()

    assert [text["To"] for text in await house.texts() if "is yours" in text["Body"]] == [dana.phone]
    assert (await kinds(house, lead)).count("claimed") == 1


async def test_two_offers_have_two_numbers_and_each_claims_its_own(house: House) -> None:
    dana = house.office.agents[0]
    one, two = await arrives(house, HOT, 1), await arrives(house, HOT, 2)
    codes = {row["lead_id"]: row["code"] for row in await house.rows("select lead_id, code from offer")}

    await house.hear(dana.phone, str(codes[two]))  # type: ignore[arg-type]

    assert set(codes.values()) == {1, 2}
    assert (await owner(house, one), await owner(house, two)) == (None, dana.id)


async def test_what_an_agent_writes_otherwise_claims_nothing(house: House) -> None:
    lead = await arrives(house, HOT)
    for words in ("call me at 1", "12 Oak St", "yes", "0", "1234"):
        await house.hear(house.office.agents[0].phone, words)  # type: ignore[arg-type]

    assert await owner(house, lead) is None


async def test_nobody_claims_what_is_offered_to_a_colleague_but_a_manager_may(idle_house: House) -> None:
    house = idle_house
    others = [await agent(house, 1), await agent(house, 2)]
    boss = await agent(house, 3, role="manager", takes_leads=False)
    lead = await arrives(house, HOT)
    [asked] = await offered(house, lead)
    other = next(one for one in others if one.id != asked)

    refused = await claiming.claim(house.office, lead, other, by="page")
    taken = await claiming.claim(house.office, lead, boss, by="page")

    assert (refused.won, refused.why) == (False, "offered")
    assert taken.won


async def test_who_passes_is_not_asked_again_and_the_next_one_is(idle_house: House) -> None:
    house = idle_house
    await agent(house, 1)
    lead = await arrives(house, HOT)
    [asked] = await offered(house, lead)
    person = house.office.person(asked)
    assert person is not None

    assert await claiming.pass_on(house.office, lead, person, by="page")
    assert not await claiming.pass_on(house.office, lead, person, by="page")
    await escalation.tick(house.office)

    [next_one] = await offered(house, lead)
    assert next_one != asked


async def test_a_manager_hands_a_lead_over_but_never_to_the_unlicensed(idle_house: House) -> None:
    house = idle_house
    await alone(house)
    floridian = await agent(house, 1, licences=["FL"])
    texan = await agent(house, 2, licences=["TX"])
    boss = await agent(house, 3, role="manager", takes_leads=False)
    lead = await arrives(house, {**HOT, "state": "FL"})

    await claiming.give(house.office, lead, floridian, actor=boss)
    with pytest.raises(RuleError, match="not licensed in FL"):
        await claiming.give(house.office, lead, texan, actor=boss)

    assert await owner(house, lead) == floridian.id
    await loads_hold(house)


async def test_a_program_gives_a_lead_once_and_never_to_the_unlicensed(idle_house: House) -> None:
    house = idle_house
    await alone(house)
    floridian = await agent(house, 1, licences=["FL"])
    texan = await agent(house, 2, licences=["TX"])
    colleague = await agent(house, 3, licences=["FL"])
    lead = await arrives(house, {**HOT, "state": "FL"})
    program = {"Authorization": f"Bearer {await api_key(house.office, 'leads:assign')}"}

    async def give(to: str, *, headers: dict[str, str] = program, **more: Any) -> httpx.Response:
        return await house.http.put(f"/v1/leads/{lead}/agent", json={"email": to, **more}, headers=headers)

    lacks_scope, unlicensed = await give(floridian.email, headers={}), await give(texan.email)
    nobody, broken = await give("who@example.com"), await house.http.put(f"/v1/leads/{lead}/agent", headers=program)
    first, again = await give(floridian.email.upper()), await give(floridian.email)
    taken = await give(colleague.email, only_if_free=True)
    told = [(line["text"], line.get("why")) for line in await house.timeline(str(lead)) if "Given to" in line["text"]]

    assert [one.status_code for one in (lacks_scope, unlicensed, nobody, broken)] == [403, 409, 422, 400]
    assert "not licensed in FL" in unlicensed.json()["detail"]
    assert [one.json()["given"] for one in (first, again, taken)] == [True, True, False]
    assert taken.json()["agent"] == floridian.name
    assert told == [(f"Given to {floridian.name}", "a program says so")]
    assert await owner(house, lead) == floridian.id
    await loads_hold(house)


async def test_who_leaves_leaves_no_lead_behind(idle_house: House) -> None:
    house = idle_house
    dana = house.office.agents[0]
    claimed, waiting = await arrives(house, HOT, 1), await arrives(house, HOT, 2)
    cold = await arrives(house, COLD)
    await claiming.claim(house.office, claimed, dana, by="page")
    other = await agent(house, 1)
    await house.rows("update app_user set disabled_at = now(), takes_leads = false where id = %s", dana.id)
    await house.office.refresh()

    assert await claiming.left(house.office, dana.id, actor="user test") == 3
    while await escalation.tick(house.office):
        pass

    assert await offered(house, claimed) == [other.id]
    assert await offered(house, waiting) == [other.id]
    assert await owner(house, cold) == other.id
    await loads_hold(house)


async def test_a_stop_ends_offers_tasks_and_escalation(idle_house: House) -> None:
    house = idle_house
    lead = await arrives(house, HOT)

    await house.hear("+18135550194", "STOP")
    house.advance(timedelta(hours=3))
    await escalation.tick(house.office)

    assert await offered(house, lead) == []
    assert await open_tasks(house, lead) == {}
    claim = await claiming.claim(house.office, lead, house.office.agents[0], by="page")
    assert (claim.won, claim.why) == (False, "opted_out")


async def test_who_asks_again_goes_to_their_owner(idle_house: House) -> None:
    house = idle_house
    lead = await arrives(house, HOT)
    dana = house.office.agents[0]
    await claiming.claim(house.office, lead, dana, by="page")
    await agent(house, 1)

    await arrives(house, {**HOT, "message": "One more thing, is there a garage?"})

    assert await owner(house, lead) == dana.id
    assert await offered(house, lead) == []
    assert (await open_tasks(house, lead))["reply"] == dana.id


async def test_who_has_been_in_touch_owns_a_lead_that_nobody_owned(idle_house: House) -> None:
    house = idle_house
    lead = await arrives(house, HOT)
    dana = house.office.agents[0]
    await suppression.contacted_by(house.office, lead, dana.id)

    assert await owner(house, lead) == dana.id
    assert await open_tasks(house, lead) == {}
    [row] = await house.rows("select human_at, human_by, offered_at from inquiry where lead_id = %s", lead)
    assert row["human_by"] == dana.id
    assert row["offered_at"] is not None
    await loads_hold(house)


async def test_finishing_ends_all_and_asking_again_begins_anew(idle_house: House) -> None:
    house = idle_house
    lead = await arrives(house, HOT)
    dana = house.office.agents[0]
    await claiming.claim(house.office, lead, dana, by="page")

    await claiming.finish(house.office, lead, dana)
    assert await open_tasks(house, lead) == {}
    await loads_hold(house)

    await arrives(house, {**HOT, "message": "And another question: when can I see it?"})
    assert (await open_tasks(house, lead))["reply"] == dana.id
    await loads_hold(house)
