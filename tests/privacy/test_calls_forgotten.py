"""Calls of a person: in their copy, gone with them, and gone at the carrier."""

from __future__ import annotations

from call_case import DANA, MARIA, VOICE, arriving, call_is, calls, does, rings
from leadwake.ops import erasure, export, retention
from leadwake.vendors import PRACTICE_VALUES
from office_case import House, until


async def test_a_copy_of_their_data_tells_of_calls_and_an_erasure_takes_them(house: House) -> None:
    call = await rings(house, MARIA)
    await does(house, call, DANA, "nobody")
    row = await call_is(house, "missed")
    await house.settled()
    whole = await export.collect(house.office, row["lead_id"])
    assert [(one["direction"], one["state"]) for one in whole["calls"]] == [("in", "missed")]

    await erasure.erase(house.office, row["lead_id"], "test")
    assert await calls(house) == []
    account = PRACTICE_VALUES["TWILIO_ACCOUNT_SID"]

    async def forgotten() -> bool:
        await house.rows(  # once: what is made due over and over is never due before it is looked at
            "update action set due_at = created_at, wake_at = now() where kind = 'forget_texts' and due_at > %s",
            house.now,
        )
        path = f"/twilio/2010-04-01/Accounts/{account}/Calls/{call}.json"
        answer = await house.sandbox.get(path, auth=(account, PRACTICE_VALUES["TWILIO_AUTH_TOKEN"]))
        return answer.status_code == 404

    await until(forgotten)
    assert (await house.ledger()).problems == []


async def test_that_a_stranger_called_is_kept_no_longer_than_what_became_nobodys_lead(
    idle_house: House,
) -> None:
    house = idle_house
    await house.twilio(VOICE, arriving("anonymous"))
    [row] = await calls(house)
    await house.twilio(f"{VOICE}/over?call={row['id']}", arriving("anonymous") | {"DialCallStatus": "no-answer"})
    await house.rows("update call set at = at - interval '40 days'")
    done = await retention.run(house.office)

    assert done["calls"] == 1
    assert await calls(house) == []
