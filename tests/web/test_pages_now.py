"""Now: what needs a human, most urgent first, and what its buttons do."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from page_case import PASSWORD, admin, logged_in, waits

from leadwake.storage import tasks
from leadwake.storage.credentials import hash_password
from leadwake.storage.staff import Person
from office_case import House, hire

MARIA = {"name": "Maria Lopez", "phone": "813-555-0194", "email": "maria@example.com", "message": "Is 12 Oak St open?"}
HOSTILE = {"name": "<script>alert(1)</script>\"'>", "phone": "813-555-0195", "message": "<img src=x onerror=alert(1)>"}


async def marcus(house: House) -> Person:
    """An agent with a password."""
    return await hire(
        house.office, name="Marcus Bell", email="marcus@example.com", phone="+18135550102", practice=False,
        password_hash=hash_password(PASSWORD),
    )  # fmt: skip


async def a_lead(house: House, **about: object) -> UUID:
    """Somebody asked, and nothing waits about them yet."""
    lead_id = UUID((await house.post({**MARIA, **about})).json()["lead_id"])
    await house.rows("delete from task where lead_id = %s", lead_id)
    await house.rows("update lead set agent_id = null, claimed_at = null where id = %s", lead_id)
    return lead_id


async def owned(house: House, lead_id: UUID, person: Person) -> None:
    await house.rows(
        "update lead set agent_id = %s, claimed_at = %s where id = %s",
        person.id, house.now - timedelta(minutes=20), lead_id,
    )  # fmt: skip


def names(page: str) -> list[str]:
    return re.findall(r'<h2 id="name-[^"]+"><a href="[^"]+">([^<]+)</a>', page)


async def page(client: httpx.AsyncClient, place: str = "/") -> str:
    answer = await client.get(place)
    assert answer.status_code == 200
    return answer.text


# What stands there.


async def test_nobody_is_waiting_is_said_with_todays_figures(idle_house: House) -> None:
    await admin(idle_house)
    await a_lead(idle_house)
    async with logged_in(idle_house) as client:
        shown = await page(client)

    assert "Nobody is waiting." in shown
    assert re.search(r"<dt>lead today</dt><dd>1</dd>", shown)


async def test_an_empty_office_is_helped_to_its_first_lead(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        shown = await page(client)

    assert "No leads yet" in shown
    assert "Send me a lead" in shown
    assert f"curl {idle_house.url}/v1/leads" in shown


async def test_each_kind_says_what_it_is_about(idle_house: House) -> None:
    house = idle_house
    alex = await admin(house)
    kinds: dict[tasks.Kind, str] = {
        "claim": "Nobody has them.", "reply": "They got back to us.", "touch": "Claimed by you 20 min ago, nobody",
        "call": "They called and nobody answered.", "failed": "Message did not arrive.",
    }  # fmt: skip
    for n, kind in enumerate(kinds):
        lead_id = await a_lead(house, name=f"Person {n}", phone=f"813-555-01{n:02}", email=f"p{n}@example.com")
        if kind == "touch":
            await owned(house, lead_id, alex)
        await waits(house, lead_id, kind, reason="missed_call" if kind == "call" else None)
    async with logged_in(house) as client:
        shown = await page(client)

    for words in kinds.values():
        assert words in shown, words
    assert shown.count('/call"><button') == 5
    assert shown.count("#compose") == 5
    assert "12:00 there" in shown


async def test_who_asks_again_after_a_stop_is_quoted_anew_and_not_called(idle_house: House) -> None:
    house = idle_house
    lead_id = await a_lead(house)
    await admin(house)
    await owned(house, lead_id, await marcus(house))
    await house.hear("+18135550194", "STOP")
    await house.post({**MARIA, "message": "And the garden?"})
    async with logged_in(house) as client:
        shown, lead = await page(client), await page(client, f"/leads/{lead_id}")

    assert "They asked again." in shown
    assert "And the garden?" in shown
    assert "STOP" not in shown
    for text in (shown, lead):
        assert "Call Maria Lopez" not in text
    assert "Write to Maria Lopez" in shown


async def test_whoever_has_no_number_of_their_own_calls_by_the_phones_own_way(idle_house: House) -> None:
    house = idle_house
    await admin(house, phone=None)
    lead_id = await a_lead(house, phone="813-555-0100")
    await waits(house, lead_id, "call")
    async with logged_in(house) as client:
        shown = await page(client)

    assert 'href="tel:+18135550100"' in shown
    assert '/call"><button' not in shown


async def test_the_most_urgent_is_first_and_one_person_has_one_card(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    about = [(f"Person {n}", f"813-555-01{n:02}", f"p{n}@example.com") for n in range(4)]
    late, hot, both, calm = [await a_lead(house, name=n, phone=p, email=e) for n, p, e in about]
    await house.rows("update lead set temperature = 'hot' where id = %s", hot)
    await waits(house, calm, "failed")
    await waits(house, late, "call", due_in_min=-1)
    await waits(house, both, "reply")
    await waits(house, both, "call")
    await waits(house, hot, "claim")
    async with logged_in(house) as client:
        shown = await page(client)

    assert names(shown) == ["Person 1", "Person 2", "Person 0", "Person 3"]
    assert "Also: a call is due." in shown
    assert len(re.findall(r'class="card waits late"', shown)) == 1


async def test_what_they_wrote_stands_on_the_card(house: House) -> None:
    await admin(house)
    lead_id = await a_lead(house)
    await house.settled()
    await house.hear("+18135550194", "Could we come on <b>Sunday</b>?")
    await waits(house, lead_id, "reply")
    async with logged_in(house) as client:
        shown = await page(client)

    assert "They wrote:" in shown
    assert "Could we come on &lt;b&gt;Sunday&lt;/b&gt;?" in shown


async def test_what_strangers_write_is_shown_and_never_run(idle_house: House) -> None:
    await admin(idle_house)
    lead_id = await a_lead(idle_house, **HOSTILE)
    await waits(idle_house, lead_id, "claim")
    async with logged_in(idle_house) as client:
        shown = await page(client)

    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "&lt;script&gt;alert" in shown


async def test_an_agent_sees_their_own_and_anybodys_a_manager_the_teams(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    me, dana = await marcus(house), house.office.team[0]
    about = [(f"Person {n}", f"813-555-01{n:02}", f"p{n}@example.com") for n in range(4)]
    mine, danas, anybodys, held_out = [await a_lead(house, name=n, phone=p, email=e) for n, p, e in about]
    await waits(house, mine, "call", agent_id=me.id)
    await waits(house, danas, "call", agent_id=dana.id)
    await waits(house, anybodys, "reply")
    await waits(house, held_out, "claim")
    await house.rows(
        "insert into offer (id, lead_id, inquiry_id, agent_id, step, code, temperature, at, due_at) "
        "select gen_random_uuid(), %s, id, %s, 0, 0, 'hot', %s, %s from inquiry where lead_id = %s",
        held_out, dana.id, house.now, house.now + timedelta(minutes=3), held_out,
    )  # fmt: skip
    async with logged_in(house, "marcus@example.com") as client:
        own, team = await page(client), await page(client, "/?for=team")
    async with logged_in(house) as client:
        manager = await page(client)

    assert names(own) == ["Person 2", "Person 0"]
    assert set(names(team)) == {f"Person {n}" for n in range(4)}
    assert names(manager) == names(team)
    assert "Offered to Dana until 12:03." in team
    assert f'action="/leads/{held_out}/claim"' not in team, "it is held out to a colleague"


async def test_dead_letters_are_for_those_who_lead_the_team(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await marcus(house)
    await a_lead(house)
    await house.rows(
        "update action set state = 'dead', due_at = null, settled_at = %s, reason = 'twilio 21614: no mobile number' "
        "where kind = 'sms'",
        house.now,
    )
    async with logged_in(house) as client:
        shown = await page(client)
        again = re.search(r'name="id" value="([^"]+)"', shown)
        assert again
        assert (await client.post("/dead-letters/replay", data={"id": again[1]})).status_code == 303
    async with logged_in(house, "marcus@example.com") as client:
        agents = await page(client, "/?for=team")

    assert "A message about them failed: Twilio 21614: no mobile number." in shown
    assert names(agents) == []
    assert "dead letter" not in agents.lower()


async def test_the_list_reads_so_much_and_no_more(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    for n in range(35):
        lead_id = await a_lead(house, name=f"Person {n}", phone=f"813-555-01{n:02}", email=f"p{n}@example.com")
        await waits(house, lead_id, "reply")
    async with logged_in(house) as client:
        shown = await page(client)

    assert len(names(shown)) == 30
    assert "5 more wait behind these." in shown
    assert re.search(r'<b class="count">35<span class="sr"> waiting</span></b>', shown)


# What the buttons do.


async def test_two_claim_at_once_one_has_them_and_the_other_is_told_who(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await marcus(house)
    lead_id = await a_lead(house)
    await waits(house, lead_id, "claim")
    async with logged_in(house) as alex, logged_in(house, "marcus@example.com") as other:
        path, form = f"/leads/{lead_id}/claim", {"next": "/?for=team"}
        answers = await asyncio.gather(alex.post(path, data=form), other.post(path, data=form))
        shown = [
            await page(client, answer.headers["location"])
            for client, answer in zip((alex, other), answers, strict=True)
        ]

    assert [answer.status_code for answer in answers] == [303, 303]
    won = [index for index, text in enumerate(shown) if "They are yours." in text]
    assert len(won) == 1
    assert f'href="/leads/{lead_id}#composer">Open</a>' in shown[won[0]]
    winner = ("Alex Admin", "Marcus Bell")[won[0]]
    assert f"{winner} has them already." in shown[1 - won[0]]
    (lead,) = await house.rows("select agent_id from lead where id = %s", lead_id)
    assert house.office.person(lead["agent_id"]).name == winner  # type: ignore[union-attr]


async def test_done_is_taken_back_for_a_moment(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    lead_id = await a_lead(house)
    reply, call = await waits(house, lead_id, "reply"), await waits(house, lead_id, "call")
    async with logged_in(house) as client:
        first = await page(client)
        assert f'name="also" value="{call}"' in first
        answer = await client.post(f"/tasks/{reply}/done", data={"next": "/?for=team", "also": str(call)})
        gone = await page(client, answer.headers["location"])
        undo = re.search(r'action="(/tasks/[^"]+/undone)"', gone)
        assert undo
        back = await client.post(undo[1], data={"next": "/?for=team"})
        again = await page(client, back.headers["location"])

    assert names(gone) == []
    assert names(again) == ["Maria Lopez"]
    assert "It waits for you again." in again
    kinds = [row["kind"] for row in await house.rows("select kind from event where kind like 'task_%%' order by id")]
    assert kinds == ["task_done", "task_undone"]
    assert all(row["done_at"] is None for row in await house.rows("select done_at from task"))


async def test_done_is_not_taken_back_later_nor_by_somebody_else(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await marcus(house)
    task = await waits(house, await a_lead(house), "reply")
    async with logged_in(house) as client, logged_in(house, "marcus@example.com") as other:
        await client.post(f"/tasks/{task}/done")
        assert (await other.post(f"/tasks/{task}/undone")).status_code == 403
        house.advance(timedelta(minutes=2))
        answer = await client.post(f"/tasks/{task}/undone")
        assert "Too late" in await page(client, answer.headers["location"])
        answer = await client.post(f"/tasks/{task}/done")
        assert "Somebody did that already." in await page(client, answer.headers["location"])


async def test_what_was_opened_anew_meanwhile_is_not_there_twice_after_an_undo(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    lead_id = await a_lead(house)
    task = await waits(house, lead_id, "reply")
    async with logged_in(house) as client:
        await client.post(f"/tasks/{task}/done")
        await waits(house, lead_id, "reply")
        assert (await client.post(f"/tasks/{task}/undone")).status_code == 303

    assert len(await house.rows("select 1 from task where done_at is null")) == 1


async def test_what_is_put_off_comes_back_by_itself(idle_house: House) -> None:
    house = idle_house
    me = await admin(house)
    task = await waits(house, await a_lead(house), "call", agent_id=me.id)
    async with logged_in(house) as client:
        answer = await client.post(f"/tasks/{task}/snooze", data={"until": "hour"})
        away = await page(client, answer.headers["location"])
        house.advance(timedelta(minutes=61))
        back = await page(client)
        await client.post(f"/tasks/{task}/snooze", data={"until": "tomorrow"})
        (row,) = await house.rows("select snoozed_until from task")
        assert (await client.post(f"/tasks/{task}/snooze", data={"until": "never"})).status_code == 400

    assert "Put off for an hour." in away
    assert (names(away), names(back)) == ([], ["Maria Lopez"])
    assert row["snoozed_until"] == datetime.fromisoformat("2026-11-25T09:00:00-05:00")


async def test_nobody_puts_off_or_ticks_off_what_is_not_theirs(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await marcus(house)
    dana = house.office.team[0]
    lead_id = await a_lead(house)
    danas = await waits(house, lead_id, "call", agent_id=dana.id)
    anybodys, claim = await waits(house, lead_id, "reply"), await waits(house, lead_id, "claim")
    async with logged_in(house, "marcus@example.com") as other, logged_in(house) as manager:
        hour = {"until": "hour"}
        refused = [
            await other.post(f"/tasks/{danas}/done"),
            await other.post(f"/tasks/{danas}/snooze", data=hour),
            await other.post(f"/tasks/{anybodys}/snooze", data=hour),
            await other.post(f"/leads/{lead_id}/finish"),
            await manager.post(f"/tasks/{claim}/done"),
            await manager.post(f"/tasks/{claim}/snooze", data=hour),
        ]
        assert (await other.post(f"/tasks/{anybodys}/done", data={"also": str(claim)})).status_code == 303
        assert (await manager.post(f"/tasks/{danas}/done")).status_code == 303

    assert [answer.status_code for answer in refused] == [403] * 6
    rows = await house.rows("select kind from task where done_at is null and snoozed_until is null")
    assert [row["kind"] for row in rows] == ["claim"], "a lead that nobody has is claimed, not ticked off"


async def test_finished_is_finished(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    lead_id = await a_lead(house)
    await waits(house, lead_id, "reply")
    async with logged_in(house) as client:
        answer = await client.post(f"/leads/{lead_id}/finish", data={"next": f"/leads/{lead_id}"})

    assert answer.headers["location"] == f"/leads/{lead_id}?said=finished"
    assert await house.rows("select 1 from lead where finished_at is not null")
    assert not await house.rows("select 1 from task where done_at is null")


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
async def test_a_form_leads_back_to_our_own_pages_only(idle_house: House, elsewhere: str) -> None:
    await admin(idle_house)
    task = await waits(idle_house, await a_lead(idle_house), "reply")
    async with logged_in(idle_house) as client:
        answer = await client.post(f"/tasks/{task}/done", data={"next": elsewhere})

    assert answer.headers["location"].startswith("/?said=done")


async def test_what_does_not_exist_is_not_found(idle_house: House) -> None:
    await admin(idle_house)
    unknown = "01890000-0000-7000-8000-000000000000"
    async with logged_in(idle_house) as client:
        for place in ("tasks/{}/done", "tasks/{}/undone", "tasks/{}/snooze", "leads/{}/claim", "leads/{}/finish"):
            for found in (unknown, "nonsense"):
                answer = await client.post(f"/{place.format(found)}", data={"until": "hour"})
                assert answer.status_code == 404, place


async def test_a_notice_says_only_what_we_have_words_for(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        shown = await page(client, "/?said=<b>free+money</b>&who=Mallory")
        taken = await page(client, "/?said=taken&who=Mallory")

    assert "free money" not in shown
    assert "Mallory" not in taken
    assert "Somebody else has them already." in taken


async def test_a_script_is_answered_with_the_notice_alone(idle_house: House) -> None:
    await admin(idle_house)
    task = await waits(idle_house, await a_lead(idle_house), "reply")
    async with logged_in(idle_house) as client:
        answer = await client.post(f"/tasks/{task}/done", headers={"X-Fragment": "1"})

    assert answer.status_code == 200
    assert answer.text.strip().startswith('<div class="notice" id="notice" data-undo>')
    assert f"/tasks/{task}/undone" in answer.text
