"""Somebody calls: phones ring, one key takes it, and whoever is missed has a text within seconds and a task waits."""

from __future__ import annotations

import asyncio
from datetime import time

import pytest
from psycopg.types.json import Jsonb

from call_case import (
    DANA,
    MARIA,
    VOICE,
    arriving,
    call_is,
    calls,
    does,
    due_now,
    inquiries,
    leg,
    over,
    rings,
    said,
    verbs,
)
from leadwake.domain.shifts import Shift, shifts_json
from leadwake.storage.ids import new_id
from leadwake.vendors import PRACTICE_VALUES
from leadwake.workflows.call_sweep import DOUBT_AFTER, CallSweep
from office_case import House, hire, until, working

MARCUS = "+18135550102"


async def missed(house: House) -> None:
    """Maria called and nobody answered."""
    call = await rings(house)
    await does(house, call, DANA, "nobody")


async def tasks(house: House) -> list[dict[str, object]]:
    return await house.rows("select kind, reason, agent_id, done_at from task order by kind")


# Missed


async def test_a_missed_call_is_texted_back_once_and_opens_a_task(house: House) -> None:
    await missed(house)
    await house.settled()
    [call] = await calls(house)

    assert (call["state"], call["outcome"], call["sealed_form"]) == ("missed", "no_answer", None)
    [text] = [one for one in await house.texts() if one["To"] == MARIA]
    assert "Sorry we missed your call" in text["Body"]
    assert "Example Realty" in text["Body"]
    assert ("call", "missed_call") in [(task["kind"], task["reason"]) for task in await tasks(house)]
    [inquiry] = await house.rows("select id, channel, source from inquiry")
    assert (inquiry["id"], inquiry["channel"], inquiry["source"]) == (call["id"], "phone_call", "phone")
    [lead] = await house.rows("select replied_at from lead")
    assert lead["replied_at"] is not None
    assert (await house.ledger()).problems == []


async def test_a_caller_who_hangs_up_early_is_missed_too(house: House) -> None:
    call = await rings(house)
    await does(house, call, MARIA, "hangup")
    await call_is(house, "missed")
    await house.settled()

    assert len([one for one in await house.texts() if one["To"] == MARIA]) == 1


async def test_an_agents_mailbox_takes_nobodys_call(house: House) -> None:
    call = await rings(house)
    await does(house, call, DANA, "answer silent")
    await call_is(house, "missed")
    await house.settled()

    assert len([one for one in await house.texts() if one["To"] == MARIA]) == 1


async def test_another_key_takes_nothing(house: House) -> None:
    call = await rings(house)
    await does(house, call, DANA, "answer wrong_key")

    assert (await call_is(house, "missed"))["agent_id"] is None


async def test_nobody_on_shift_is_said_at_once_and_texted(house: House) -> None:
    await house.rows("update app_user set paused_until = 'infinity'")
    await house.office.refresh()
    answer = await house.twilio(VOICE, arriving())

    assert [verb.tag for verb in verbs(answer)] == ["Say", "Hangup"]
    assert "Example Realty" in said(answer)
    assert "We text you right away" in said(answer)
    await house.settled()
    assert len([one for one in await house.texts() if one["To"] == MARIA]) == 1
    assert (await house.ledger()).problems == []


async def test_somebody_who_said_stop_gets_no_text_and_a_task_waits(house: House) -> None:
    await house.post({"name": "Maria Lopez", "phone": MARIA})
    await house.settled()
    await house.hear(MARIA, "STOP")
    before = len([one for one in await house.texts() if one["To"] == MARIA])
    call = await rings(house)
    await does(house, call, DANA, "nobody")
    await call_is(house, "missed")
    await house.settled()

    assert len([one for one in await house.texts() if one["To"] == MARIA]) == before
    assert "call" in {task["kind"] for task in await tasks(house)}
    answer = await house.twilio(f"{VOICE}/over?call={(await calls(house))[0]['id']}", over())
    assert "text you" not in said(answer)


@pytest.mark.parametrize("shown", ["anonymous", "Anonymous", "+266696687", "", "12345", "+7378742833", "sip:x@y.z"])
async def test_a_caller_without_a_number_is_counted_and_breaks_nothing(house: House, shown: str) -> None:
    answer = await house.twilio(VOICE, arriving(shown))
    assert verbs(answer)[0].tag == "Dial"
    [call] = await calls(house)
    whisper = await house.twilio(f"{VOICE}/whisper?call={call['id']}&agent={house.office.team[0].id}", leg())
    assert "a caller without a number" in said(whisper)
    await house.twilio(f"{VOICE}/over?call={call['id']}", over())
    await house.settled()

    assert (await calls(house))[0]["state"] == "missed"
    assert await inquiries(house) == 0
    assert (await house.ledger()).captures["rejected"] == 1
    assert await house.rows("select 1 from event where kind = 'call_without_number'")
    assert await house.rows("select 1 from vault.data_key where id not in (select data_key_id from capture)") == []


async def test_two_missed_calls_in_a_row_are_one_text(house: House) -> None:
    await missed(house)
    await missed(house)
    await house.settled()

    assert len(await calls(house)) == 2
    assert await inquiries(house) == 2
    assert len([one for one in await house.texts() if one["To"] == MARIA]) == 1
    assert (await house.ledger()).problems == []


async def test_a_colleague_who_calls_our_number_back_becomes_no_lead(house: House) -> None:
    answer = await house.twilio(VOICE, arriving(DANA))

    assert "open them in Leadwake" in said(answer)
    assert await calls(house) == []
    assert await inquiries(house) == 0


# Taken


async def test_the_first_key_takes_the_call_and_the_lead(house: House) -> None:
    call = await rings(house)
    await does(house, call, DANA, "answer key")
    row = await call_is(house, "talking")
    dana = house.office.team[0]
    [lead] = await house.rows("select agent_id, human_at from lead")

    assert (row["agent_id"], lead["agent_id"]) == (dana.id, dana.id)
    assert lead["human_at"] is not None
    await does(house, call, MARIA, "hangup")
    ended = await call_is(house, "ended")
    await house.settled()
    assert (ended["outcome"], ended["lead_id"] is not None) == ("talked", True)
    assert [one for one in await house.texts() if one["To"] == MARIA] == []
    assert [task for task in await tasks(house) if task["done_at"] is None] == []
    [text] = await house.rows("select state, reason from action where kind = 'sms'")
    assert (text["state"], text["reason"]) == ("skipped", "in_touch")
    assert (await house.ledger()).problems == []


async def test_a_known_caller_is_announced_by_name_and_heat(house: House) -> None:
    receipt = (await house.post({"name": "Maria Lopez", "phone": MARIA, "message": "call me today"})).json()
    temperature = (await house.rows("select temperature from lead"))[0]["temperature"]
    await house.twilio(VOICE, arriving())
    [call] = await calls(house)
    answer = await house.twilio(f"{VOICE}/whisper?call={call['id']}&agent={house.office.team[0].id}", leg())

    assert said(answer) == f"Leadwake: call from Maria Lopez, {temperature}. Press 1 to take it."
    assert [verb.tag for verb in verbs(answer)] == ["Gather", "Hangup"]
    assert str(call["lead_id"]) == receipt["lead_id"]


async def test_a_name_full_of_markup_is_only_words(house: House) -> None:
    await house.post({"name": '<Dial record="true">&]]></Say>', "phone": MARIA})
    await house.twilio(VOICE, arriving())
    [call] = await calls(house)
    answer = await house.twilio(f"{VOICE}/whisper?call={call['id']}&agent={house.office.team[0].id}", leg())

    assert [verb.tag for verb in verbs(answer)] == ["Gather", "Hangup"]
    assert '<Dial record="true">' in said(answer)


async def test_two_keys_at_once_are_one_call_and_the_other_hears_whose(house: House) -> None:
    marcus = await hire(house.office, name="Marcus Bell", email="marcus@example.com", phone=MARCUS)
    dana = next(person for person in house.office.team if person.phone == DANA)
    answer = await house.twilio(VOICE, arriving())
    assert len(verbs(answer)[0].findall("Number")) == 2
    [call] = await calls(house)
    paths = [f"{VOICE}/take?call={call['id']}&agent={person.id}" for person in (dana, marcus)]
    answers = await asyncio.gather(*(house.twilio(path, leg("1")) for path in paths * 10))
    row = (await calls(house))[0]
    won = [verbs(one) == [] for one in answers]

    assert sum(won[0::2]) in {0, 10}
    assert sum(won[1::2]) == 10 - sum(won[0::2])
    loser = next(one for one in answers if verbs(one))
    taker = house.office.person(row["agent_id"])
    assert taker is not None
    assert said(loser) == f"{taker.first_name} has taken this call."
    assert await inquiries(house) == 1
    assert len(await house.rows("select 1 from event where kind = 'human_touch'")) == 1


async def test_a_key_pressed_as_the_caller_hangs_up_still_gets_them_their_text(house: House) -> None:
    await house.twilio(VOICE, arriving())
    [call] = await calls(house)
    await house.twilio(f"{VOICE}/take?call={call['id']}&agent={house.office.team[0].id}", leg("1"))
    await house.twilio(f"{VOICE}/over?call={call['id']}", over("completed", "false"))
    await house.settled()

    assert (await calls(house))[0]["state"] == "missed"
    assert len([one for one in await house.texts() if one["To"] == MARIA]) == 1
    assert [task["kind"] for task in await tasks(house) if task["done_at"] is None] == ["call"]
    assert (await house.ledger()).problems == []


# Whose phone rings


async def test_the_owner_alone_is_rung_while_they_are_there(house: House) -> None:
    await hire(house.office, name="Marcus Bell", email="marcus@example.com", phone=MARCUS)
    await house.post({"name": "Maria Lopez", "phone": MARIA})
    owner = (await house.rows("select agent_id from lead"))[0]["agent_id"]
    phone = next(person.phone for person in house.office.team if person.id == owner)
    answer = await house.twilio(VOICE, arriving())

    assert [number.text for number in verbs(answer)[0].findall("Number")] == [phone]


async def test_off_shift_only_who_is_on_call_is_rung(house: House) -> None:
    night = await hire(house.office, name="Night Owl", email="owl@example.com", phone=MARCUS)
    early = shifts_json([Shift((1, 2, 3, 4, 5, 6, 7), time(4), time(5))])
    async with house.office.db.connection() as connection:
        await connection.execute("update app_user set shifts = %s", [Jsonb(early)])
        await connection.execute("update app_user set on_call = true where id = %s", [night.id])
    await house.office.refresh()
    answer = await house.twilio(VOICE, arriving())

    assert [number.text for number in verbs(answer)[0].findall("Number")] == [MARCUS]


# Twice, late, lost


async def test_fifty_webhooks_at_once_are_one_call_one_inquiry_and_one_text(house: House) -> None:
    answers = await asyncio.gather(*(house.twilio(VOICE, arriving()) for _ in range(50)))
    [call] = await calls(house)
    ended = await asyncio.gather(*(house.twilio(f"{VOICE}/over?call={call['id']}", over()) for _ in range(50)))
    await house.settled()

    assert {answer.status_code for answer in (*answers, *ended)} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert await inquiries(house) == 1
    assert len([one for one in await house.texts() if one["To"] == MARIA]) == 1
    assert len(await house.rows("select 1 from vault.data_key k join call c on c.data_key_id = k.id")) == 0
    assert (await house.ledger()).problems == []


async def test_a_call_whose_end_nobody_told_is_asked_for_and_texted_back(house: House) -> None:
    call = await rings(house)
    await house.rows("update call set ref = %s", f"CA{7:032x}")  # as if the carrier did not know it any more
    await due_now(house)
    sweep = CallSweep(house.office, lambda: None)
    await sweep.tick()
    assert (await calls(house))[0]["state"] == "ringing"

    house.advance(DOUBT_AFTER * 1.1)
    await due_now(house)
    await sweep.tick()
    await call_is(house, "missed")
    await house.settled()
    assert len([one for one in await house.texts() if one["To"] == MARIA]) == 1
    await does(house, call, DANA, "nobody")  # the end is told after all
    await house.settled()
    assert len([one for one in await house.texts() if one["To"] == MARIA]) == 1


async def test_a_worker_asks_the_carrier_how_a_call_ended(house: House) -> None:
    call = await rings(house)
    path = f"/twilio/2010-04-01/Accounts/{PRACTICE_VALUES['TWILIO_ACCOUNT_SID']}/Calls/{call}.json"
    ended = await house.sandbox.post(
        path, data={"Status": "completed"}, auth=(PRACTICE_VALUES["TWILIO_ACCOUNT_SID"], "practice")
    )
    assert ended.status_code == 200, ended.text  # and no webhook says so
    await due_now(house)
    await call_is(house, "missed")
    await house.settled()

    assert len([one for one in await house.texts() if one["To"] == MARIA]) == 1


async def test_a_call_that_goes_on_is_left_alone(house: House) -> None:
    call = await rings(house)
    await does(house, call, DANA, "answer key")
    await call_is(house, "talking")
    house.advance(DOUBT_AFTER * 3)
    await due_now(house)

    async def looked_at() -> bool:
        return not await house.rows("select 1 from call where look_at <= now()")

    await until(looked_at)
    assert (await calls(house))[0]["state"] == "talking"


async def test_a_process_that_dies_between_webhook_and_end_loses_nobody(idle_house: House) -> None:
    house = idle_house
    await house.twilio(VOICE, arriving())
    [call] = await calls(house)
    # it had written that nobody takes it, and died before anything followed
    await house.office.db.run("call_give_up", id=call["id"], now=house.now)
    await due_now(house)
    async with working(house.office):
        await call_is(house, "missed")
        await house.settled()

    assert await inquiries(house) == 1
    assert len([one for one in await house.texts() if one["To"] == MARIA]) == 1
    assert (await house.ledger()).problems == []


async def test_a_process_that_dies_after_the_key_leaves_the_lead_with_who_took_it(idle_house: House) -> None:
    house = idle_house
    await house.twilio(VOICE, arriving())
    [call] = await calls(house)
    dana = house.office.team[0]
    await house.office.db.run("call_take", id=call["id"], agent_id=dana.id, now=house.now)
    await due_now(house)
    async with working(house.office):

        async def owned() -> bool:
            return bool(await house.rows("select 1 from lead where agent_id = %s and human_at is not null", dana.id))

        await until(owned)
        await house.settled()

    assert [one for one in await house.texts() if one["To"] == MARIA] == []
    assert (await house.ledger()).problems == []


async def test_an_unsigned_call_is_nobodys(house: House) -> None:
    forged = await house.twilio(VOICE, arriving(), token="another")
    unsigned = await house.http.post(f"{VOICE}/over?call=x", data=over())

    assert (forged.status_code, unsigned.status_code) == (401, 401)
    assert await calls(house) == []


async def test_what_names_no_call_is_refused_and_breaks_nothing(house: House) -> None:
    for path in ("whisper", "take", "over", "agent", "connect", "lead", "done"):
        assert (await house.twilio(f"{VOICE}/{path}?call=nonsense", leg("1"))).status_code == 400
        gone = f"call={new_id()}&agent={new_id()}"
        assert (await house.twilio(f"{VOICE}/{path}?{gone}", leg("1"))).status_code in {200, 204}
    assert (await house.twilio(VOICE, {"From": MARIA})).status_code == 400


async def test_while_the_database_is_away_the_caller_waits_on_the_line_and_not_for_ever(idle_house: House) -> None:
    await idle_house.office.db.close()
    first = await idle_house.twilio(VOICE, arriving())
    later = await idle_house.twilio(f"{VOICE}?tried=3", arriving())
    last = await idle_house.twilio(f"{VOICE}?tried=6", arriving())

    assert [verb.tag for verb in verbs(first)] == ["Say", "Pause", "Redirect"]
    assert (verbs(first)[-1].text, verbs(later)[-1].text) == (f"{VOICE}?tried=1", f"{VOICE}?tried=4")
    assert [verb.tag for verb in verbs(last)] == ["Say", "Hangup"]
