"""Scores follow what happens: a signal of each event, the sum within a second, a word when a lead becomes hot."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from leadwake.domain.scoring import SHIPPED, score_at
from leadwake.domain.scoring.weights import read
from leadwake.ops import erasure, export, retention, rights
from leadwake.storage import scores
from leadwake.storage.events import record
from leadwake.workflows import escalation, scoring
from office_case import House, until

MARIA = {
    "name": "Maria Lopez", "phone": "+18135550142", "email": "maria@example.com", "source": "website",
    "channel": "web_form", "message": "Is 12 Oak St still open? We are pre-approved.", "budget": "$400,000",
    "timeline": "1-3 months", "interest": "buy_home",
}  # fmt: skip
ALERTS = ("hot_alert_email", "hot_alert_slack", "hot_alert_sms")


async def asks(house: House, **more: Any) -> UUID:
    answer = await house.post(MARIA | more)
    assert answer.status_code == 202, answer.text
    return UUID(answer.json()["lead_id"])


async def read_lead(house: House, lead_id: UUID) -> dict[str, Any]:
    return (await house.http.get(f"/v1/leads/{lead_id}")).json()  # type: ignore[no-any-return]


async def happens(house: House, lead_id: UUID, kind: str, **data: Any) -> None:
    async with house.office.db.transaction() as connection:
        await record(connection, house.now, "lead", kind, lead_id=lead_id, **data)


async def returns(house: House, lead_id: UUID, *codes: str) -> None:
    async with house.office.db.transaction() as connection:
        await scores.add(connection, lead_id, UUID(int=house.now.microsecond + 1), house.now, codes)


async def owned(house: House, lead_id: UUID) -> None:
    [agent] = house.office.agents
    await house.rows("update lead set agent_id = %s, claimed_at = %s where id = %s", agent.id, house.now, lead_id)
    await house.rows("update escalation set phase = 'over', next_at = null, alert_at = null, day_alert_at = null")


async def signals(house: House, lead_id: UUID) -> list[Any]:
    async with house.office.db.connection() as connection:
        return await scores.signals_of(connection, lead_id)


async def alerts(house: House) -> list[str]:
    found = await house.rows("select kind from action where kind = any(%s) order by kind", [*ALERTS])
    return [row["kind"] for row in found]


def texts(lead: dict[str, Any]) -> dict[str, int]:
    return {one["text"]: one["points"] for one in lead["reasons"]}


async def test_a_reply_counts_with_its_meaning_within_seconds(house: House) -> None:
    lead_id = await asks(house)
    await house.settled()
    house.advance(timedelta(minutes=30))
    await house.hear(MARIA["phone"], "Yes, please call me this afternoon")

    async def counted() -> bool:
        return "Wrote back and wants a call" in texts(await read_lead(house, lead_id))

    await until(counted, limit_s=10)
    after = await read_lead(house, lead_id)
    assert after["score"] == sum(texts(after).values())
    assert texts(after)["Wrote back and wants a call"] == 20
    assert "reply_wants_call" in {one.code for one in await signals(house, lead_id)}


async def test_any_past_score_can_be_worked_out_again(idle_house: House) -> None:
    house, told = idle_house, []
    lead_id = await asks(house)
    for kind, data in (
        ("booking_opened", {}), ("replied", {"wants": "question"}), ("replied", {"wants": "not_interested"}),
        ("enriched", {"action": str(UUID(int=9)), "facts": ["company", "title"], "senior": True}),
        ("opted_out", {"point": 1}),
    ):  # fmt: skip
        lead = await read_lead(house, lead_id)
        told.append((house.now, lead["score"], texts(lead)))
        house.advance(timedelta(days=3))
        await happens(house, lead_id, kind, **data)
        await scoring.news(house.office)

    known = await signals(house, lead_id)
    for at, value, reasons in told:
        then = score_at(known, house.office.weights, at)
        assert (then.value, {one.text: one.points for one in then.reasons}) == (value, reasons)
    assert len({value for _, value, _ in told}) > 3


async def test_a_lead_that_becomes_hot_is_told_to_its_owner_once_and_why(house: House) -> None:
    lead_id = await asks(house)
    await house.settled()
    await owned(house, lead_id)
    assert (await read_lead(house, lead_id))["temperature"] == "warm"
    house.advance(timedelta(hours=2))
    await returns(house, lead_id, "looked_pricing", "returned_pricing")
    await returns(house, lead_id, "returned_listing", "returned_pricing")

    async def told() -> bool:
        return any("became hot" in text["Body"] for text in await house.texts())

    await until(told)
    await returns(house, lead_id, "returned")
    await house.settled()
    assert (await read_lead(house, lead_id))["temperature"] == "hot"
    [text] = [text["Body"] for text in await house.texts() if "became hot" in text["Body"]]
    assert text.startswith("Maria Lopez became hot: returned to ")
    assert await alerts(house) == sorted(ALERTS)
    [mail] = [mail for mail in await house.mails() if "became hot" in mail["subject"]]
    assert "Returned to the pricing page" in str(mail["content"])


async def test_a_hot_lead_of_nobody_is_offered_as_hot_ones_are(idle_house: House) -> None:
    house = idle_house
    lead_id = await asks(house, timeline="just browsing", message="", budget="")
    await house.rows("update lead set agent_id = null, claimed_at = null")
    await house.rows("delete from offer")
    house.advance(timedelta(hours=2))
    await returns(house, lead_id, "reply_books", "meeting_booked", "returned_pricing")
    await returns(house, lead_id, "reply_interested", "booking_opened", "returned_pricing", "call_talked")
    await scoring.news(house.office)
    await escalation.tick(house.office)

    [offer] = await house.rows("select state, temperature, due_at - at as time from offer where lead_id = %s", lead_id)
    assert (offer["state"], offer["temperature"]) == ("open", "hot")
    assert offer["time"] == house.office.routing.times.claim("hot")


async def test_a_lead_on_offer_that_becomes_hot_is_to_be_claimed_sooner(idle_house: House) -> None:
    house = idle_house
    lead_id = await asks(house)
    [offer] = await house.rows("select agent_id, temperature, due_at from offer")
    assert offer["temperature"] == "warm"
    house.advance(timedelta(minutes=2))
    await returns(house, lead_id, "returned_pricing", "reply_interested")
    await scoring.news(house.office)

    by = house.now + house.office.routing.times.claim("hot")
    [row] = await house.rows(
        "select o.due_at as offered, e.next_at as next, e.temperature, e.alert_at, t.due_at as claim from offer o "
        "join escalation e using (lead_id) join task t on t.lead_id = o.lead_id and t.kind = 'claim'"
    )
    assert {row["temperature"], row["alert_at"] is not None} == {"hot", True}
    assert all(abs(row[name] - by) < timedelta(seconds=30) for name in ("offered", "next", "claim"))
    assert await alerts(house) == sorted(ALERTS)


async def test_the_first_minute_and_people_who_are_restricted_alert_nobody(idle_house: House) -> None:
    house = idle_house
    lead_id = await asks(house)
    await owned(house, lead_id)
    await returns(house, lead_id, "returned_pricing", "reply_interested")
    await scoring.news(house.office)
    assert (await read_lead(house, lead_id))["temperature"] == "hot"

    other = await asks(house, name="Ben Ito", phone="+18135550143", email="ben@example.com")
    await owned(house, other)
    house.advance(timedelta(hours=2))
    before = await read_lead(house, other)
    await rights.restrict(house.office, other, "test", on=True)
    await returns(house, other, "returned_pricing", "reply_interested")
    await scoring.news(house.office)
    assert await alerts(house) == []
    assert await read_lead(house, other) == before
    assert {one.code for one in await signals(house, other)} & {"returned_pricing"} == set()


async def test_what_fades_is_scored_again_and_what_stays_costs_nothing(idle_house: House) -> None:
    house = idle_house
    lead_id = await asks(house, timeline="this week")
    stays = await asks(house, phone="+18135550143", email="ben@example.com", timeline="6-12 months", message="")
    before = await read_lead(house, lead_id)
    house.advance(timedelta(days=13))
    assert await scoring.slowly(house.office) == 1
    assert await scoring.slowly(house.office) == 0

    after = await read_lead(house, lead_id)
    assert texts(after)["Wants to act this week"] < texts(before)["Wants to act this week"]
    assert after["score"] == sum(texts(after).values()) < before["score"]
    house.advance(timedelta(days=2))
    await scoring.slowly(house.office)
    assert "Nothing heard for two weeks" in texts(await read_lead(house, stays))


async def test_people_from_before_there_were_signals_are_read_from_what_they_asked(idle_house: House) -> None:
    house = idle_house
    lead_id = await asks(house)
    before = await read_lead(house, lead_id)
    await house.rows("delete from signal")
    await house.rows("update lead set score = 3, temperature = 'cold', reasons = '[]'")
    await house.rows("insert into score_sweep (version) values (0)")
    while await scoring.slowly(house.office):
        pass

    after = await read_lead(house, lead_id)
    assert (after["score"], after["reasons"]) == (before["score"], before["reasons"])
    assert await house.rows("select 1 from score_sweep") == []


async def test_new_weights_score_everybody_anew_and_alert_nobody(idle_house: House) -> None:
    house = idle_house
    lead_id = await asks(house)
    await owned(house, lead_id)
    before = await read_lead(house, lead_id)
    house.advance(timedelta(hours=1))
    value = read({"hot": 60, "weights": {"budget": {"points": 11}}}, 0, SHIPPED)
    told = {"at": house.now, "by": "test", "reason": "budgets matter", "value": value}
    assert (await scores.publish(house.office.db, before=0, **told)).version == 1
    with pytest.raises(scores.WeightsMoved):
        await scores.publish(house.office.db, before=0, **told)
    await house.office.refresh()
    while await scoring.slowly(house.office):
        pass

    after = await read_lead(house, lead_id)
    assert (after["score"], after["temperature"]) == (before["score"] + 3, "hot")
    assert await alerts(house) == []
    assert house.office.weights == replace(value, version=1)


async def test_somebody_who_asks_again_is_scored_by_the_stronger_inquiry(idle_house: House) -> None:
    house = idle_house
    lead_id = await asks(house, timeline="6-12 months")
    house.advance(timedelta(days=1))
    assert await asks(house, timeline="this week", message="We need to move, call me") == lead_id
    await scoring.news(house.office)
    found = texts(await read_lead(house, lead_id))
    assert {"Asked again", "Wants to act this week"} <= set(found)
    assert "More than six months away" not in found

    house.advance(timedelta(minutes=1))
    await asks(house, timeline="this week", message="We need to move, call me")  # the same once more
    await scoring.news(house.office)
    assert texts(await read_lead(house, lead_id)).keys() == found.keys()


async def test_signals_are_in_a_copy_and_go_with_the_person_or_in_their_time(idle_house: House) -> None:
    house = idle_house
    lead_id = await asks(house)
    other = await asks(house, name="Ben Ito", phone="+18135550143", email="ben@example.com")
    await happens(house, lead_id, "replied", wants="question")
    whole = await export.collect(house.office, lead_id)
    assert [one["signals"] for one in whole["signals"]][1:] == ["Wrote back with a question"]
    assert datetime.fromisoformat(whole["signals"][0]["at"]) <= house.now

    await erasure.erase(house.office, lead_id, "test")
    await scoring.news(house.office)
    assert await house.rows("select 1 from signal where lead_id = %s", lead_id) == []
    assert await house.rows("select 1 from rescore") == []
    await house.rows("update signal set at = at - interval '25 months'")
    assert (await retention.run(house.office))["signals"] == 1
    assert await signals(house, other) == []


async def test_a_lead_that_somebody_else_holds_is_scored_when_it_is_free(idle_house: House) -> None:
    house = idle_house
    lead_id = await asks(house, timeline="this week")
    before = await read_lead(house, lead_id)
    house.advance(timedelta(days=30))
    await returns(house, lead_id, "returned_pricing")
    async with house.office.db.transaction() as connection:
        await connection.execute("select 1 from lead where id = %s for no key update", [lead_id])
        assert (await scoring.news(house.office), await scoring.slowly(house.office)) == (0, 0)
    assert await read_lead(house, lead_id) == before

    assert await scoring.news(house.office) == 1
    assert "Returned to the pricing page" in texts(await read_lead(house, lead_id))
    assert await scoring.slowly(house.office) == 0


async def test_one_leads_trouble_holds_up_no_other(idle_house: House) -> None:
    house = idle_house
    spoilt = await asks(house)
    lead_id = await asks(house, name="Ben Ito", phone="+18135550143", email="ben@example.com")
    await house.rows("delete from signal")
    await house.rows("update inquiry set sealed_details = '\\x00' where lead_id = %s", spoilt)
    for one in (spoilt, lead_id):
        await happens(house, one, "booking_opened")
    assert await scoring.news(house.office) == 1
    assert await scoring.news(house.office) == 0

    assert "Opened their booking page" in texts(await read_lead(house, lead_id))
    [row] = await house.rows("select rescore_at - %s as wait from lead where id = %s", house.now, spoilt)
    assert timedelta(hours=23) < row["wait"] <= timedelta(days=1)
