"""Clicks on alerts in Slack: believed only when signed, done once, and answered in words at once."""

from __future__ import annotations

import asyncio

import pytest

from leadwake.storage.ids import new_id
from office_case import House, hire, until
from slack_case import DANA, HOOK, SAM, an_unclaimed_lead, changed, click, in_slack, posted, press, words


async def owner_of(house: House, lead_id: str) -> str | None:
    (row,) = await house.rows("select agent_id from lead where id = %s", lead_id)
    person = house.office.person(row["agent_id"])
    return person.name if person else None


async def a_team(house: House) -> None:
    """Dana and Sam, both known in Slack."""
    await in_slack(house, "Dana Reyes", DANA)
    await hire(house.office, name="Sam Ortiz", email="sam@example.com", phone="+18135550102")
    await in_slack(house, "Sam Ortiz", SAM)


async def test_a_click_on_claim_makes_the_lead_theirs(idle_house: House) -> None:
    await in_slack(idle_house, "Dana Reyes", DANA)
    lead_id = await an_unclaimed_lead(idle_house)
    answer = await press(idle_house, click(DANA, "claim", lead_id))

    assert answer.status_code == 200
    assert answer.json()["text"].startswith("You have this lead.")
    assert (answer.json()["response_type"], answer.json()["replace_original"]) == ("ephemeral", False)
    assert await owner_of(idle_house, lead_id) == "Dana Reyes"
    events = await idle_house.rows("select data from event where kind = 'claimed' and lead_id = %s", lead_id)
    assert [event["data"]["by"] for event in events] == ["slack"]


async def test_an_unsigned_forged_or_stale_click_changes_nothing(idle_house: House) -> None:
    await in_slack(idle_house, "Dana Reyes", DANA)
    lead_id = await an_unclaimed_lead(idle_house)
    body = click(DANA, "claim", lead_id)
    unsigned = await idle_house.http.post(HOOK, content=body)
    forged = await press(idle_house, body, secret="another")
    stale = await press(idle_house, body, age_s=301)
    early = await press(idle_house, body, age_s=-301)

    assert [answer.status_code for answer in (unsigned, forged, stale, early)] == [401] * 4
    assert await owner_of(idle_house, lead_id) is None


async def test_the_same_click_again_says_the_same_and_does_nothing_more(idle_house: House) -> None:
    await in_slack(idle_house, "Dana Reyes", DANA)
    lead_id = await an_unclaimed_lead(idle_house)
    body = click(DANA, "claim", lead_id)
    answers = [await press(idle_house, body) for _ in range(3)]

    assert {answer.json()["text"] for answer in answers} == {answers[0].json()["text"]}
    assert len(await idle_house.rows("select 1 from event where kind = 'claimed'")) == 1


async def test_whoever_is_later_reads_who_was_faster(idle_house: House) -> None:
    await a_team(idle_house)
    lead_id = await an_unclaimed_lead(idle_house)
    await press(idle_house, click(DANA, "claim", lead_id))
    late = await press(idle_house, click(SAM, "claim", lead_id))
    passed = await press(idle_house, click(DANA, "pass", lead_id))

    assert late.json()["text"] == "Dana Reyes has this lead already."
    assert "nothing to pass on" in passed.json()["text"]
    assert await owner_of(idle_house, lead_id) == "Dana Reyes"


async def test_an_agent_passes_what_is_offered_to_them_once(idle_house: House) -> None:
    house = idle_house
    await a_team(house)
    lead_id = await an_unclaimed_lead(house)
    await house.rows("delete from offer where lead_id = %s", lead_id)
    dana = next(one for one in house.office.team if one.name == "Dana Reyes")
    await house.rows(
        "insert into offer (id, lead_id, inquiry_id, agent_id, step, code, temperature, at, due_at) "
        "values (%s, %s, %s, %s, 0, 0, 'hot', %s, %s)",
        new_id(), lead_id, new_id(), dana.id, house.now, house.now,
    )  # fmt: skip
    first, again = [await press(house, click(DANA, "pass", lead_id)) for _ in range(2)]

    assert first.json()["text"] == "Passed on: somebody else is asked."
    assert "nothing to pass on" in again.json()["text"]
    assert await owner_of(house, lead_id) is None


async def test_a_stranger_is_told_which_id_their_manager_needs(idle_house: House) -> None:
    await in_slack(idle_house, "Dana Reyes", DANA)
    lead_id = await an_unclaimed_lead(idle_house)
    answer = await press(idle_house, click("U0STRANGER", "claim", lead_id))

    assert answer.status_code == 200
    assert "U0STRANGER" in answer.json()["text"]
    assert "Ask your manager" in answer.json()["text"]
    assert await owner_of(idle_house, lead_id) is None


async def test_a_former_colleague_is_a_stranger(idle_house: House) -> None:
    await a_team(idle_house)
    lead_id = await an_unclaimed_lead(idle_house)
    await idle_house.rows("update app_user set disabled_at = now() where slack_id = %s", SAM)
    await idle_house.office.refresh()
    answer = await press(idle_house, click(SAM, "claim", lead_id))

    assert "not known here" in answer.json()["text"]
    assert await owner_of(idle_house, lead_id) is None


async def test_an_id_that_two_people_have_speaks_for_neither(idle_house: House) -> None:
    await a_team(idle_house)
    lead_id = await an_unclaimed_lead(idle_house)
    await in_slack(idle_house, "Sam Ortiz", DANA)
    answer = await press(idle_house, click(DANA, "claim", lead_id))

    assert "Two people" in answer.json()["text"]
    assert await owner_of(idle_house, lead_id) is None


@pytest.mark.parametrize("value", ["", "x", "01a20500-0000-7000-8000-000000000000", "0" * 2000, "' or 1=1 --"])
async def test_a_button_about_no_lead_of_ours_is_answered_in_a_sentence(idle_house: House, value: str) -> None:
    await in_slack(idle_house, "Dana Reyes", DANA)
    answer = await press(idle_house, click(DANA, "claim", value))

    assert answer.status_code == 200
    assert answer.json()["text"].endswith(".")


async def test_links_and_other_interactions_are_acknowledged_and_nothing_more(idle_house: House) -> None:
    link = await press(idle_house, click(DANA, "call"))
    modal = await press(idle_house, b"payload=%7B%22type%22%3A%22view_closed%22%7D")
    nonsense = await press(idle_house, b"payload=%7B")

    assert [(answer.status_code, answer.content) for answer in (link, modal)] == [(200, b"")] * 2
    assert nonsense.status_code == 400


async def test_a_lead_that_is_held_up_is_claimed_after_slack_has_its_answer(house: House) -> None:
    await in_slack(house, "Dana Reyes", DANA)
    lead_id = await an_unclaimed_lead(house)
    await posted(house)
    await house.settled()
    async with house.office.db.transaction() as connection:
        await connection.execute("select 1 from lead where id = %s for update", (lead_id,))
        answer = await press(house, click(DANA, "claim", lead_id))

        assert (answer.status_code, answer.content) == (200, b"")  # while the lead is still locked
    await until(lambda: house.rows("select 1 from lead where id = %s and agent_id is not null", lead_id))


async def test_an_answer_is_never_posted_to_a_place_that_is_not_slacks(idle_house: House) -> None:
    heard = asyncio.Event()

    async def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        first = await press(idle_house, click("U0STRANGER", "claim", "x", f"http://127.0.0.1:{port}/steal"))
        second = await press(idle_house, click("U0STRANGER", "claim", "x"))

    assert (first.status_code, second.status_code) == (200, 200)
    assert not heard.is_set()


async def test_a_press_in_the_sandbox_claims_the_lead_and_shows_what_came_of_it(house: House) -> None:
    await in_slack(house, "Dana Reyes", DANA)
    lead_id = await an_unclaimed_lead(house)
    await posted(house)
    await house.settled()
    (ref,) = await house.rows("select vendor_ref from action where kind = 'alert_slack'")
    channel, _, ts = ref["vendor_ref"].partition("/")
    fields = {"channel": channel, "ts": ts, "pressed": f"claim {lead_id}"}
    pressed = await house.sandbox.post("/press", data=fields)
    (change,) = await changed(house)

    async def is_shown() -> bool:
        page = (await house.sandbox.get("/?show=slack")).text
        return f"Only {DANA} sees this" in page and page.count("You have this lead.") == 2

    assert pressed.status_code == 303
    assert "You have this lead." in words(change)
    await until(is_shown)
    assert await owner_of(house, lead_id) == "Dana Reyes"
