"""Sequences at work: enrolled by what happens, each step once, over at the first sign of life."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from leadwake.ops import export
from leadwake.workflows import enrolling, nurture, sequences
from office_case import House, until

WRITTEN = {
    "sms": True, "email": True, "text": "I agree to automated marketing texts from Example Realty", "ip": "203.0.113.9",
    "timestamp": "2026-11-24T16:59:30Z", "user_agent": "Mozilla/5.0", "wording_version": "v3", "checkbox": "ticked",
    "signature": "Maria Lopez", "url": "https://www.example.com/buy",
}  # fmt: skip
MARIA = {
    "name": "Maria Lopez", "phone": "813-555-0142", "email": "maria@example.com", "channel": "web_form",
    "source": "website", "interest": "buy_home", "message": "Is 12 Oak St still open?", "consent": WRITTEN,
}  # fmt: skip
BUYER = """
sequence: buyer
title: Buyer
about: Somebody who wants to buy.
starts: new_lead
for: {interest: [buy_home]}
then: longer
steps:
  - wait: 1 day
  - text:
      en: "{{ business.name }}: hi {{ lead.first_name }}, seen a home you like? {{ opt_out_line }}"
      es: "{{ business.name }}: hola, vio algo? {{ opt_out_line }}"
    else: email
    else_email:
      subject: {en: "Seen a home you like?", es: "Vio algo?"}
      body: {en: "Hi {{ lead.first_name }}, seen one? {{ business.name }}", es: "Hola. {{ business.name }}"}
  - wait: until day 3
  - call: Ask what they have seen
  - email:
      subject: {en: "Homes near you", es: "Casas"}
      body: {en: "Hi {{ lead.first_name }}. {{ business.name }}", es: "Hola. {{ business.name }}"}
"""
LONGER = """
sequence: longer
title: Longer
about: Goes on.
starts: by_hand
steps:
  - wait: 7 days
  - email:
      subject: {en: "Still looking?", es: "Sigue buscando?"}
      body: {en: "Hi {{ lead.first_name }}. {{ business.name }}", es: "Hola. {{ business.name }}"}
"""


@pytest.fixture
async def nurturing(idle_house: House) -> House:
    """A house whose looks and ticks are the test's own; claims are made by `carried`."""
    office = idle_house.office
    await sequences.publish(office, LONGER, None)
    await sequences.publish(office, BUYER, None)
    return idle_house


async def enrollment(house: House) -> dict[str, Any]:
    return (await house.rows("select * from enrollment order by started_at desc, id desc limit 1"))[0]


async def posted(house: House, **changes: Any) -> UUID:
    answer = await house.post({**MARIA, **changes})
    assert answer.status_code == 202, answer.text
    await nurture.look(house.office)
    return UUID(answer.json()["lead_id"])


async def a_day_later(house: House, days: float = 1) -> None:
    house.advance(timedelta(days=days, minutes=16))
    await nurture.look(house.office)


async def touches(house: House) -> list[tuple[str, int, str]]:
    found = await house.rows(
        "select kind, ordinal, state from action where kind like 'nurture_%%' order by created_at, id"
    )
    return [(row["kind"], row["ordinal"], row["state"]) for row in found]


async def test_a_new_lead_is_in_the_sequence_that_is_for_it(nurturing: House) -> None:
    lead_id = await posted(nurturing)
    found = await enrollment(nurturing)
    assert (found["lead_id"], found["sequence"], found["version"], found["cause"]) == (lead_id, "buyer", 1, "new_lead")
    assert (found["state"], found["step"]) == ("waiting", 0)
    assert found["due_at"] - found["started_at"] == timedelta(days=1)
    assert "enrolled" in {row["kind"] for row in await nurturing.timeline(str(lead_id))}


async def test_a_lead_that_no_sequence_is_for_is_in_none(nurturing: House) -> None:
    await posted(nurturing, interest="sell_home")
    assert not await nurturing.rows("select 1 from enrollment")


async def test_a_due_step_is_planned_once_however_many_tick(nurturing: House) -> None:
    await posted(nurturing)
    nurturing.advance(timedelta(days=1, minutes=1))
    await asyncio.gather(*(nurture.tick(nurturing.office) for _ in range(6)))
    assert await touches(nurturing) == [("nurture_sms", 1, "planned")]
    assert (await enrollment(nurturing))["state"] == "under_way"
    await a_day_later(nurturing, 20)
    assert await touches(nurturing) == [("nurture_sms", 1, "planned")]  # until it came to its end


@pytest.mark.parametrize("how", ["reply", "stop", "booking", "person", "pause", "asked_again", "outcome"])
async def test_the_first_sign_of_life_ends_it_in_its_own_transaction(nurturing: House, how: str) -> None:
    house = nurturing
    lead_id = await posted(house)
    await a_day_later(house)
    assert await touches(house) == [("nurture_sms", 1, "planned")]
    if how in {"reply", "stop"}:
        await house.hear("+18135550142", "STOP" if how == "stop" else "Yes, the one on Oak street")
    elif how == "asked_again":
        await house.post({**MARIA, "message": "And what about 14 Oak St?"})
    else:
        await house.rows(_SIGNS[how], lead_id)
    found = (await house.rows("select * from enrollment order by started_at limit 1"))[0]
    assert (found["state"], found["ended_because"]) == ("stopped", _BECAUSE.get(how, how))
    assert await touches(house) == [("nurture_sms", 1, "cancelled")]


_BECAUSE = {"stop": "opt_out", "pause": "paused"}
_SIGNS: dict[str, Any] = {
    "booking": "update lead set status = 'booked' where id = %s",
    "person": "select human_touched(%s, (select id from app_user limit 1), last_at, 'call') from lead limit 1",
    "pause": "update lead set paused_at = last_at, paused_why = 'person' where id = %s",
    "outcome": "insert into outcome (id, lead_id, kind, source, ref, at) "
    "select gen_random_uuid(), %s, 'won', 'hubspot', '1', last_at from lead limit 1",
}


async def test_a_text_that_may_not_be_sent_gives_its_place_to_a_mail(house: House) -> None:
    """Without written consent the gate blocks the text at its claim; the mail takes its place, and the way goes on."""
    office = house.office
    await sequences.publish(office, LONGER, None)
    await sequences.publish(office, BUYER, None)
    await house.post({**MARIA, "consent": {"sms": None, "email": None}})
    await until(lambda: house.rows("select 1 from enrollment where step = 0 and due_at > started_at"))
    await house.settled()
    house.advance(timedelta(days=1, minutes=16))

    async def mailed() -> bool:
        return ("nurture_email", 1, "sent") in await touches(house)

    await until(mailed)
    await until(lambda: house.rows("select 1 from enrollment where step = 2 and state = 'waiting'"))
    assert (await touches(house))[0] == ("nurture_sms", 1, "blocked")
    step = (await house.rows("select * from enrollment_step"))[0]
    assert (step["outcome"], step["fell_back"]) == ("sent", "email")
    mail = (await house.mails())[-1]
    assert mail["subject"] == "Seen a home you like?"
    assert "List-Unsubscribe" in mail["personalizations"][0]["headers"]


async def test_at_its_end_the_next_sequence_begins(house: House) -> None:
    office = house.office
    await sequences.publish(office, LONGER, None)
    await sequences.publish(office, BUYER, None)
    await house.post(MARIA)
    await until(lambda: house.rows("select 1 from enrollment where step = 0 and due_at > started_at"))
    for day, step in ((1, 2), (3, None)):
        house.advance(timedelta(days=day, minutes=16))
        if step:
            await until(lambda: house.rows("select 1 from enrollment where step = 2 and state = 'waiting'"))
    await until(lambda: house.rows("select 1 from enrollment where sequence = 'longer' and cause = 'then'"))
    done = (await house.rows("select * from enrollment where sequence = 'buyer'"))[0]
    assert (done["state"], done["ended_because"]) == ("done", "finished")
    assert await house.rows("select 1 from task where kind = 'call' and reason = 'sequence' and done_at is null")
    assert [kind for kind, *_ in await touches(house)] == ["nurture_sms", "nurture_email"]


async def test_a_lead_under_way_stays_on_its_version(nurturing: House) -> None:
    office = nurturing.office
    await posted(nurturing)
    await sequences.publish(office, BUYER.replace("1 day", "2 days"), None)
    await a_day_later(nurturing)
    assert await touches(nurturing) == [("nurture_sms", 1, "planned")]
    await posted(nurturing, phone="813-555-0177", email="sam@example.com", name="Sam Poe")
    found = await enrollment(nurturing)
    assert (found["version"], found["due_at"] - found["started_at"]) == (2, timedelta(days=2))


async def test_while_a_sequence_is_paused_nothing_of_it_leaves_and_nobody_is_enrolled(nurturing: House) -> None:
    office = nurturing.office
    lead_id = await posted(nurturing)
    await sequences.pause(office, "buyer", None)
    await a_day_later(nurturing, 5)
    assert await touches(nurturing) == []
    async with office.db.transaction() as connection:
        await enrolling.stop(connection, lead_id, nurturing.now)
        assert not await enrolling.enroll(office, connection, lead_id, "buyer", cause="by_hand", now=nurturing.now)
    await sequences.resume(office, "buyer", None)
    async with office.db.transaction() as connection:
        assert await enrolling.enroll(office, connection, lead_id, "buyer", cause="by_hand", now=nurturing.now)
        assert not await enrolling.enroll(office, connection, lead_id, "longer", cause="by_hand", now=nurturing.now)


async def test_what_is_restricted_or_stopped_is_enrolled_nowhere(nurturing: House) -> None:
    office = nurturing.office
    lead_id = await posted(nurturing, interest="sell_home")
    await nurturing.hear("+18135550142", "stop")
    async with office.db.transaction() as connection:
        assert not await enrolling.enroll(office, connection, lead_id, "buyer", cause="by_hand", now=nurturing.now)


async def test_of_two_that_fit_alike_the_teams_newest_is_the_one(nurturing: House) -> None:
    office = nurturing.office
    await sequences.publish(office, BUYER.replace("sequence: buyer", "sequence: a_buyer"), None)
    await posted(nurturing)
    assert (await enrollment(nurturing))["sequence"] == "a_buyer"


async def test_a_mail_in_spanish_is_spanish_around_its_words_too(house: House) -> None:
    office = house.office
    await sequences.publish(office, LONGER, None)
    await sequences.publish(office, BUYER, None)
    await house.post({**MARIA, "message": "Hola, quiero comprar una casa", "consent": {"sms": None, "email": None}})
    await until(lambda: house.rows("select 1 from enrollment where step = 0 and due_at > started_at"))
    await house.settled()
    house.advance(timedelta(days=1, minutes=16))
    await until(lambda: house.rows("select 1 from action where kind = 'nurture_email' and state = 'sent'"))
    mail = (await house.mails())[-1]
    text, html = (part["value"] for part in mail["content"])
    assert mail["subject"] == "Vio algo?"
    assert "No recibir más correos" in text
    assert '<html lang="es">' in html
    assert "Stop these" not in text + html


async def test_a_copy_of_somebodys_data_holds_the_sequences_they_were_in_and_what_those_wrote(house: House) -> None:
    office = house.office
    await sequences.publish(office, LONGER, None)
    await sequences.publish(office, BUYER, None)
    lead_id = (await house.post({**MARIA, "consent": {"sms": None, "email": None}})).json()["lead_id"]
    await until(lambda: house.rows("select 1 from enrollment where step = 0 and due_at > started_at"))
    await house.settled()
    house.advance(timedelta(days=1, minutes=16))
    await until(lambda: house.rows("select 1 from action where kind = 'nurture_email' and state = 'sent'"))
    copy = await export.collect(office, UUID(lead_id))
    assert [(way["sequence"], way["cause"]) for way in copy["sequences"]] == [("buyer", "new_lead")]
    assert any("seen one?" in str(message.values()) for message in copy["messages"])


async def test_a_sequence_that_asks_for_somebody_tells_the_leads_agent_on_every_way(house: House) -> None:
    alerting = LONGER.replace("starts: by_hand", "starts: new_lead").replace(
        "wait: 7 days", "wait: 1 day\n  - alert: Opened"
    )
    await sequences.publish(house.office, alerting, None)
    await house.post(MARIA)
    await until(lambda: house.rows("select 1 from enrollment where step = 0 and due_at > started_at"))
    await house.settled()
    await house.rows("update lead set agent_id = (select id from app_user)")
    house.advance(timedelta(days=1, minutes=16))
    told = "select 1 from action where kind = %s and state in ('sent', 'delivered')"
    for way in ("nurture_alert_email", "nurture_alert_slack"):
        await until(lambda way=way: house.rows(told, way))
