"""An agent calls a lead: the own phone first, one key, our number shown; a stop in between ends it; never twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from call_case import DANA, MARIA, OURS, VOICE, call_is, calls, does, due_now, leg, said, sid, verbs
from leadwake.domain.calls import Outcome
from leadwake.errors import RuleError
from leadwake.vendors import PRACTICE_VALUES
from leadwake.workflows import phone_calls
from leadwake.workflows.phone_calls import Asked
from office_case import House, a_house, hire, until, working


async def maria(house: House) -> UUID:
    """Maria, who asked by a form."""
    answer = await house.post({"name": "Maria Lopez", "phone": MARIA})
    return UUID(answer.json()["lead_id"])


async def asks(house: House, lead_id: UUID, *, anyway: bool = False) -> Asked:
    """Dana asks for a call."""
    dana = next(person for person in house.office.team if person.phone == DANA)
    return await phone_calls.ask(house.office, lead_id, dana, anyway=anyway)


async def ringing(house: House) -> tuple[UUID, str]:
    """Dana's phone rings for a call to Maria: the lead, and the carrier's id of the call."""
    lead_id = await maria(house)
    assert (await asks(house, lead_id)).call_id
    ref: dict[str, Any] = {}

    async def rang() -> bool:
        found = await house.rows("select ref from call where state = 'ringing' and ref is not null")
        ref.update(found[0] if found else {})
        return bool(found)

    await until(rang)
    return lead_id, ref["ref"]


async def placed(house: House) -> list[dict[str, Any]]:
    """The calls the carrier was asked for."""
    answer = await house.sandbox.get("/received", params={"vendor": "twilio"})
    return [one["body"] for one in answer.json() if one["path"].endswith("/Calls.json")]


async def test_the_agents_phone_rings_first_and_a_key_calls_the_lead(house: House) -> None:
    lead_id, call = await ringing(house)
    [order] = await placed(house)
    assert (order["To"], order["From"]) == (DANA, OURS)

    await does(house, call, DANA, "answer key")
    await does(house, call, MARIA, "answer")
    row = await call_is(house, "talking")
    [lead] = await house.rows("select agent_id, human_at from lead where id = %s", lead_id)
    assert lead["human_at"] is not None
    await does(house, call, DANA, "hangup")
    ended = await call_is(house, "ended")
    await house.settled()

    assert (ended["outcome"], ended["agent_id"], row["answered_at"] is not None) == ("talked", lead["agent_id"], True)
    [action] = await house.rows("select state, vendor_ref, purpose, channel from action where kind = 'call'")
    assert (action["state"], action["vendor_ref"]) == ("sent", call)
    assert (action["purpose"], action["channel"]) == ("human", "voice")
    texts = [entry["text"] for entry in await house.timeline(str(lead_id)) if entry["kind"] == "call"]
    assert len(texts) == 1
    assert texts[0].startswith("Dana Reyes called Maria Lopez, ")
    assert (await house.ledger()).problems == []


async def test_the_lead_sees_our_number_never_the_agents(house: House) -> None:
    _, call = await ringing(house)
    [row] = await calls(house)
    answer = await house.twilio(f"{VOICE}/connect?call={row['id']}", leg("1") | {"CallSid": call})
    [dial] = verbs(answer)

    assert dial.get("callerId") == OURS
    assert [number.text for number in dial.findall("Number")] == [MARIA]
    assert DANA not in answer.text


@pytest.mark.parametrize(
    ("step", "outcome", "state"),
    [("nobody", "no_answer", "ended"), ("busy", "busy", "ended")],
)
async def test_a_lead_who_does_not_answer_is_not_touched(house: House, step: str, outcome: str, state: str) -> None:
    lead_id, call = await ringing(house)
    await does(house, call, DANA, "answer key")
    await does(house, call, MARIA, step)
    row = await call_is(house, state)

    assert row["outcome"] == outcome
    assert (await house.rows("select human_at from lead where id = %s", lead_id))[0]["human_at"] is None


@pytest.mark.parametrize("steps", ["answer silent", "answer wrong_key", "nobody"])
async def test_a_mailbox_of_the_agent_calls_nobody(house: House, steps: str) -> None:
    _, call = await ringing(house)
    await does(house, call, DANA, steps)
    row = await call_is(house, "failed")

    assert row["outcome"] == "agent_away"
    page = (await house.sandbox.get("/?show=calls")).text
    assert MARIA not in page.split("call-" + call)[1].split("</article>")[0].replace("(813) 555-0142", MARIA)


async def test_a_stop_that_comes_while_the_agents_phone_rings_ends_it(house: House) -> None:
    _, call = await ringing(house)
    await house.hear(MARIA, "STOP")
    [row] = await calls(house)
    answer = await house.twilio(f"{VOICE}/connect?call={row['id']}", leg("1") | {"CallSid": call})

    assert [verb.tag for verb in verbs(answer)] == ["Say", "Hangup"]
    assert "asked us to stop" in said(answer)
    assert (await call_is(house, "failed"))["outcome"] == "opted_out"


async def test_whoever_said_stop_or_wants_no_calls_is_not_called(house: House) -> None:
    lead_id = await maria(house)
    await house.rows("update contact_point set voice_stopped_at = %s where kind = 'phone'", house.now)
    no_calls = await asks(house, lead_id)
    await house.rows("update contact_point set voice_stopped_at = null, opted_out_at = %s", house.now)
    stopped = await asks(house, lead_id, anyway=True)

    for asked in (no_calls, stopped):
        assert asked.call_id is None
        assert asked.why_not == "Call is not made: they asked us to stop."
    assert await placed(house) == []


async def test_a_stop_between_the_wish_and_the_call_blocks_it(idle_house: House) -> None:
    house = idle_house
    lead_id = await maria(house)
    asked = await asks(house, lead_id)
    await house.rows("update contact_point set voice_stopped_at = %s where kind = 'phone'", house.now)
    async with working(house.office):
        await house.settled()
        await due_now(house)
        row = await call_is(house, "failed")

    assert asked.call_id == row["id"]
    assert await placed(house) == []
    [action] = await house.rows("select state, reason from action where kind = 'call'")
    assert (action["state"], action["reason"]) == ("blocked", "opted_out")


async def test_at_night_the_agent_is_asked_and_the_choice_is_on_record(house: House) -> None:
    lead_id = await maria(house)
    house.advance(timedelta(hours=10, minutes=10))  # 22:10 in New York
    first = await asks(house, lead_id)
    assert first.call_id is None
    assert first.warning is not None
    assert first.warning.startswith("It is 22:10 there.")
    assert await calls(house) == []

    second = await asks(house, lead_id, anyway=True)
    await house.settled()
    [event] = await house.rows("select actor, data from event where kind = 'called_anyway'")
    assert event["data"] == {"call": str(second.call_id), "warnings": ["quiet_hours"]}
    assert len(await placed(house)) == 1
    [decision] = await house.rows("select outcome, result from decision where channel = 'voice'")
    assert (decision["outcome"], decision["result"]["warnings"]) == ("send", ["quiet_hours"])


async def test_ten_taps_ring_one_phone_once(house: House) -> None:
    lead_id = await maria(house)
    asked = await asyncio.gather(*(asks(house, lead_id) for _ in range(10)))
    await house.settled()

    assert len([one for one in asked if one.call_id]) == 1
    assert {one.why_not for one in asked if not one.call_id} == {
        "Your phone is ringing for another call already. End that one first."
    }
    assert len(await placed(house)) == 1


async def test_a_call_whose_outcome_is_unknown_is_never_repeated(house: House) -> None:
    await house.behave("twilio", mode="cut", callbacks=False)
    lead_id = await maria(house)
    asked = await asks(house, lead_id)
    await house.reaches(str(asked.call_id), "call", "sending")

    async def cut_off() -> bool:
        return len(await placed(house)) == 1

    await until(cut_off)
    await house.leases_pass()
    row = await house.reaches(str(asked.call_id), "call", "unknown")
    await due_now(house)

    assert "call again" in row["reason"]
    assert (await call_is(house, "failed"))["id"] == asked.call_id
    assert len(await placed(house)) == 1


async def test_a_lost_answer_is_made_good_by_the_first_word_of_the_carrier(house: House) -> None:
    await house.behave("twilio", mode="cut")
    lead_id = await maria(house)
    asked = await asks(house, lead_id)
    row = await house.reaches(str(asked.call_id), "call", "sent")

    assert row["vendor_ref"] is not None
    assert (await call_is(house, "ringing"))["ref"] == row["vendor_ref"]


async def test_a_call_nobody_could_place_for_two_minutes_rings_nobody_later(idle_house: House) -> None:
    house = idle_house
    lead_id = await maria(house)
    asked = await asks(house, lead_id)
    house.advance(timedelta(minutes=3))
    async with working(house.office):
        await house.reaches(str(asked.call_id), "call", "expired")
        await due_now(house)
        row = await call_is(house, "failed")

    assert row["outcome"] == "too_late"
    assert await placed(house) == []


async def test_callbacks_in_any_order_end_as_they_should(house: House) -> None:
    _, call = await ringing(house)
    [row] = await calls(house)
    end = {"CallSid": call, "CallStatus": "completed", "From": OURS, "To": DANA}
    lead = {"CallSid": sid(5), "ParentCallSid": call, "CallStatus": "in-progress", "From": OURS, "To": MARIA}
    dial = {"CallSid": call, "DialCallStatus": "completed", "DialBridged": "true", "CallStatus": "in-progress"}
    await house.twilio(f"{VOICE}/done?call={row['id']}", dial)
    await house.twilio(f"{VOICE}/lead?call={row['id']}", lead)
    await house.twilio(f"{VOICE}/status?call={row['id']}", end | {"CallStatus": "ringing"})
    await house.twilio(f"{VOICE}/status?call={row['id']}", end)
    await house.twilio(f"{VOICE}/agent?call={row['id']}", end | {"CallStatus": "in-progress"})
    [after] = await calls(house)

    assert (after["state"], after["outcome"]) == ("ended", "talked")
    assert len(await house.rows("select 1 from event where kind = 'human_touch'")) == 1


async def test_what_the_agent_says_of_it_counts(house: House) -> None:
    lead_id, call = await ringing(house)
    await does(house, call, DANA, "answer key")
    await does(house, call, MARIA, "nobody")
    row = await call_is(house, "ended")
    dana = house.office.team[0]

    assert await phone_calls.came_of(house.office, row["id"], Outcome.TALKED, dana) == lead_id
    assert (await house.rows("select human_at from lead where id = %s", lead_id))[0]["human_at"] is not None
    await phone_calls.came_of(house.office, row["id"], Outcome.WRONG_NUMBER, dana)
    [point] = await house.rows("select opted_out_by from contact_point where kind = 'phone'")
    assert point["opted_out_by"] == "wrong_number"
    texts = [entry["text"] for entry in await house.timeline(str(lead_id)) if entry["kind"] == "call"]
    assert texts == ["Dana Reyes called Maria Lopez: wrong number"]
    with pytest.raises(RuleError):
        await phone_calls.came_of(house.office, uuid4(), Outcome.TALKED, dana)


async def test_a_call_that_is_called_off_rings_no_more_and_calls_nobody(house: House) -> None:
    lead_id, call = await ringing(house)
    [row] = await calls(house)
    dana, somebody = house.office.team[0], await hire(house.office, name="Jo", email="jo@example.com", phone=None)
    with pytest.raises(RuleError):
        await phone_calls.call_off(house.office, row["id"], somebody)
    assert await phone_calls.call_off(house.office, row["id"], dana) == lead_id

    assert (await call_is(house, "failed"))["outcome"] == "cancelled"
    path = f"/twilio/2010-04-01/Accounts/{PRACTICE_VALUES['TWILIO_ACCOUNT_SID']}/Calls/{call}.json"
    shown = await house.sandbox.get(path, auth=(PRACTICE_VALUES["TWILIO_ACCOUNT_SID"], "practice"))
    assert shown.json()["status"] == "canceled"
    answer = await house.twilio(f"{VOICE}/agent?call={row['id']}", leg() | {"CallSid": call})
    assert [verb.tag for verb in verbs(answer)] == ["Hangup"]


async def test_a_call_called_off_before_it_was_placed_is_never_placed(idle_house: House) -> None:
    house = idle_house
    asked = await asks(house, await maria(house))
    assert asked.call_id is not None
    await phone_calls.call_off(house.office, asked.call_id, house.office.team[0])
    async with working(house.office):
        await house.settled()

    assert await placed(house) == []
    assert (await house.ledger()).problems == []


async def test_a_messaging_service_has_no_voice_and_says_so(database_url: str, tmp_path: Any) -> None:
    more = {"TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "TWILIO_AUTH_TOKEN": "x", "TWILIO_FROM": "MG" + "2" * 32}
    async with a_house(
        database_url, tmp_path / "data", at_work=False, TWILIO_URL="http://127.0.0.1:9", **more
    ) as house:
        asked = await asks(house, await maria(house))

    assert asked.call_id is None
    assert asked.why_not is not None
    assert "phone number at Twilio" in asked.why_not
