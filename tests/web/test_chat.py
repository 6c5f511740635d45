"""A chat over HTTP: begun once, read by its secret only, obeyed, answered, and alive across everything that breaks."""

from __future__ import annotations

from uuid import UUID

import pytest
from page_case import admin

from chat_case import MARIA, Visitor, visitor, with_chat
from leadwake.domain.values import Channel
from leadwake.storage.staff import Person
from leadwake.workflows import letters, next_actions
from office_case import House


@pytest.fixture
async def alex(house: House) -> Person:
    """Who answers; their website has the chat."""
    person = await admin(house)
    await with_chat(house, person)
    return person


async def lead_of(house: House, someone: Visitor) -> UUID:
    [row] = await house.rows("select lead_id from chat where id = %s", UUID(someone.id))
    found: UUID = row["lead_id"]
    return found


async def answered(house: House, person: Person, someone: Visitor, text: str) -> None:
    """A colleague's answer stands in the chat."""
    lead_id = await lead_of(house, someone)
    written = await letters.write(house.office, person, lead_id, Channel.CHAT, text)
    assert isinstance(written, letters.Written)
    [row] = await house.rows("select id from action where cause_id = %s", written.letter_id)
    assert await next_actions.send_now(house.office, lead_id, row["id"], person) is None
    await house.settled()


async def test_a_question_is_an_inquiry_as_by_any_door_and_a_person_answers_it_in_the_chat(
    house: House, alex: Person
) -> None:
    async with visitor(house) as maria:
        begun = await maria.begin()
        await house.settled()
        await maria.say("And is parking included?")
        await answered(house, alex, maria, "Yes, both.")
        lines = await maria.lines()
        await maria.ask("seen", upto=lines[-1]["number"])

    assert begun.status_code == 202
    assert [(line["number"], line["side"], line["by"]) for line in lines] == [
        (1, "you", None), (2, "house", None), (3, "you", None), (4, "us", "Alex"),
    ]  # fmt: skip
    assert [line["text"] for line in lines if line["side"] != "house"] == [
        MARIA["message"], "And is parking included?", "Yes, both.",
    ]  # fmt: skip
    assert "Dana or a colleague answers here" in lines[1]["text"]
    [inquiry] = await house.rows("select channel, source from inquiry")
    assert (inquiry["channel"], inquiry["source"]) == ("live_chat", "website_chat")
    assert len([text for text in await house.texts() if "Example Realty" in text["Body"]]) == 2  # her, and Dana's alert
    kinds = {row["kind"]: row for row in await house.rows("select kind, state, decision from action")}
    assert (kinds["human_chat"]["state"], kinds["chat"]["state"]) == ("delivered", "delivered")
    assert kinds["human_chat"]["decision"]["rule"] == "R-CHAT"
    assert not (await house.ledger()).problems
