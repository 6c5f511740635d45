"""Who asks too often is told how long to wait, and keeps nobody else from asking."""

from __future__ import annotations

import pytest
from page_case import admin, logged_in

from leadwake.storage.credentials import new_api_key
from leadwake.web.auth import ApiKeys
from leadwake.web.clients import Buckets
from leadwake.web.limits import EXPORTS, GUESSES, LEADS_OF_A_KEY, SEARCHES, Limits, spend
from leadwake.web.problems import Problem
from leadwake.workflows.office import Office
from office_case import House, api_key

MARIA = {"name": "Maria Lopez", "phone": "+18135550142"}


async def test_a_program_that_asks_without_end_is_slowed_down_and_the_others_are_not(office: Office) -> None:
    slow, burst = await api_key(office), 3
    other = await api_key(office)
    keys = ApiKeys(Limits(reads_of_a_key=Buckets(burst, 0.01), leads_of_a_key=Buckets(burst, 0.01)))
    for scope in ("leads:read", "leads:write"):  # each counted apart: reading keeps no lead out
        for _ in range(burst):
            await keys.check(office, f"Bearer {slow}", scope)
        with pytest.raises(Problem) as refused:
            await keys.check(office, f"Bearer {slow}", scope)
        assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "100")
        await keys.check(office, f"Bearer {other}", scope)


async def test_keys_that_are_none_are_slowed_down_and_a_genuine_one_from_the_same_address_is_not(
    idle_house: House,
) -> None:
    house = idle_house
    refused = [
        await house.http.get("/v1/proof", headers={"Authorization": f"Bearer {new_api_key().text}"})
        for _ in range(int(GUESSES[0]) + 2)
    ]

    assert [answer.status_code for answer in refused[: int(GUESSES[0])]] == [401] * int(GUESSES[0])
    assert refused[-1].status_code == 429
    assert int(refused[-1].headers["retry-after"]) >= 1
    assert (await house.post(MARIA)).status_code == 202


async def test_who_guesses_the_secret_of_a_key_too_often_costs_the_database_nothing(office: Office) -> None:
    genuine = await api_key(office)
    limits = Limits()
    keys = ApiKeys(limits)
    await keys.check(office, f"Bearer {genuine}", "leads:write", "198.51.100.7")
    while not limits.guesses.wait_s("198.51.100.7"):
        pass
    async with office.db.transaction() as connection:
        await connection.execute("lock table api_key in access exclusive mode")  # whoever reads it now waits
        with pytest.raises(Problem) as refused:
            await keys.check(office, f"Bearer {genuine[:-4]}AAAA", "leads:write", "198.51.100.7")
        assert await keys.check(office, f"Bearer {genuine}", "leads:write", "198.51.100.7")
    assert refused.value.status == 429


async def test_links_that_are_nobodys_are_slowed_down(idle_house: House) -> None:
    places = ("/a/{}", "/u/{}", "/p/{}", "/c/{}", "/b/{}", "/invite/{}")
    headers = {"Accept": "text/html"}
    tried = [
        (await idle_house.http.get(places[n % len(places)].format(f"guess{n}"), headers=headers)).status_code
        for n in range(int(GUESSES[0]))
    ]
    after = [await idle_house.http.get(place.format("guess"), headers=headers) for place in places]

    assert tried == [404] * len(tried)
    assert [answer.status_code for answer in after].count(429) >= len(places) - 1  # one token may be back by now
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in after if answer.status_code == 429)


async def test_a_person_searches_and_exports_as_often_as_a_person_does(idle_house: House) -> None:
    house = idle_house
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await admin(house)
    async with logged_in(house) as client:
        searches = [(await client.get("/leads?q=Maria")).status_code for _ in range(int(SEARCHES[0]) + 15)]
        whole = await client.get("/leads")
        exports = [await client.get(f"/leads/{lead_id}/export") for _ in range(int(EXPORTS[0]) + 1)]

    assert searches[: int(SEARCHES[0])] == [200] * int(SEARCHES[0])
    assert 429 in searches
    assert whole.status_code == 200
    assert [answer.status_code for answer in exports] == [200] * int(EXPORTS[0]) + [429]
    assert int(exports[-1].headers["retry-after"]) >= 1


async def test_passwords_are_tried_ten_times_and_then_waited_for(idle_house: House) -> None:
    await admin(idle_house)
    data = {"email": "alex@example.com", "password": "wrong wrong wrong"}
    answers = [await idle_house.http.post("/login", data=data) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_leads_of_one_key_flow_at_twice_what_is_promised() -> None:
    assert LEADS_OF_A_KEY[1] >= 300


def test_what_is_left_comes_back_with_time() -> None:
    now = [0.0]
    limits = Limits(exports=Buckets(1, 0.5, now=lambda: now[0]))
    spend(limits.exports, "ana", "too often")
    with pytest.raises(Problem) as refused:
        spend(limits.exports, "ana", "too often")
    now[0] = 2.0
    spend(limits.exports, "ana", "too often")

    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "2")
