"""A chat over HTTP: begun once, read by its secret only, obeyed, answered, and alive across everything that breaks."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from page_case import admin, logged_in

from chat_case import MARIA, Visitor, visitor, with_chat
from leadwake.domain.chat import OPEN_FOR, SEEN_WITHIN
from leadwake.domain.shifts import Shift
from leadwake.domain.values import Channel
from leadwake.domain.work import Work
from leadwake.ops import erasure, export, retention
from leadwake.storage import staff
from leadwake.storage.staff import Person
from leadwake.web.chat_live import MOST_OF_ADDRESS
from leadwake.workflows import chat_hours, chat_sweep, letters, next_actions
from office_case import House, a_house, served


@pytest.fixture
async def alex(house: House) -> Person:
    """Who answers; their website has the chat."""
    person = await admin(house)
    await with_chat(house.office, person)
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
        begun = await maria.begin(visitor="0123456789abcdef0123456789abcdef")
        await house.settled()
        await maria.say("And is parking included?")
        [paused] = await house.rows("select paused_why from lead")
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
    assert "reply_alert_sms" in kinds  # Dana hears of each, as of any reply
    assert paused["paused_why"] == "replied"
    assert len(await house.rows("select 1 from visitor where lead_id is not null")) == 1
    assert not (await house.ledger()).problems


async def test_the_same_again_is_once_however_often_and_however_much_at_once(house: House, alex: Person) -> None:
    async with visitor(house) as maria:
        begun = await asyncio.gather(*(maria.begin() for _ in range(5)))
        ref = str(uuid4())
        said = await asyncio.gather(*(maria.say("Hello?", ref) for _ in range(50)))
        await house.settled()
        lines = await maria.lines()

    assert {answer.status_code for answer in begun} == {202}
    assert {answer.status_code for answer in said} == {204, 429}
    assert [line["number"] for line in lines] == [1, 2, 3]
    assert len([line for line in lines if line["ref"] == ref]) == 1
    assert len(await house.rows("select 1 from inquiry")) == 1
    assert not (await house.ledger()).problems


async def test_only_its_secret_on_its_website_opens_a_chat_and_shows_that_chat_alone(
    house: House, alex: Person
) -> None:
    await with_chat(house.office, alex, "example.org")
    async with visitor(house) as maria, visitor(house) as again, visitor(house, "https://example.org") as elsewhere:
        await maria.begin()
        await again.begin(message="It is me again, about the boat")
        await house.settled()
        await letters.write(house.office, alex, await lead_of(house, maria), Channel.SMS, "Example Realty: STOP to end")
        mine, theirs = await maria.lines(), await again.lines()
        elsewhere.id, elsewhere.token = maria.id, maria.token
        stranger = Visitor(maria.http, maria.id)
        refused = [
            await one.ask(what, after=0, upto=9, ref=str(uuid4()), text="Hi")
            for one in (stranger, elsewhere)
            for what in ("lines", "stream", "messages", "seen", "end")
        ]
        taken = await Visitor(maria.http, maria.id).begin()
        nowhere = await Visitor(maria.http).ask("lines")

    assert {answer.status_code for answer in refused} == {404}
    assert (taken.status_code, nowhere.status_code) == (409, 404)
    assert [line["text"] for line in mine if line["side"] != "house"] == [MARIA["message"]]
    assert [line["text"] for line in theirs if line["side"] == "you"] == ["It is me again, about the boat"]
    assert len(await house.rows("select 1 from lead")) == 1
    assert [
        row for row in await house.rows("select token_hash from chat") if maria.token.encode() in row["token_hash"]
    ] == []


async def test_stop_in_a_chat_ends_texts_and_mails_and_the_chat_goes_on(house: House, alex: Person) -> None:
    async with visitor(house) as maria:
        await maria.begin(contact="maria@example.com")
        await house.post({"name": "Maria Lopez", "phone": "8135550142", "email": "maria@example.com"})
        await house.settled()
        stopped = await maria.say("please stop texting me")
        await house.settled()
        await answered(house, alex, maria, "We will not.")
        await maria.say("START")
        lines = await maria.lines()

    assert stopped.status_code == 204
    assert "no more texts or e-mails" in lines[-3]["text"]
    assert [line["text"] for line in lines[-2:]] == ["We will not.", "START"]
    points = await house.rows(
        "select opted_out_at from contact_point p join lead_contact c on c.contact_point_id = p.id"
    )
    assert len(points) == 2
    assert all(row["opted_out_at"] for row in points)
    assert not (await house.ledger()).problems


async def test_what_was_not_seen_waits_for_a_person_and_goes_by_text_with_the_same_words(
    house: House, alex: Person
) -> None:
    async with visitor(house) as maria, logged_in(house) as client:
        await maria.begin()
        await house.settled()
        await answered(house, alex, maria, "Yes, it is open.")
        house.advance(SEEN_WITHIN + timedelta(seconds=5))
        await chat_sweep.tick(house.office)
        place = f"/leads/{await lead_of(house, maria)}"
        missed = (await client.get(place)).text
        [letter] = await house.rows("select id from letter")
        draft = (await client.get(f"{place}?write=sms&draft={letter['id']}")).text
        waiting = (await client.get("/?for=team")).text
        await maria.ask("seen", upto=9)
        seen = (await client.get(place)).text

    assert "They left before they saw it." in missed
    assert f"write=sms&amp;draft={letter['id']}" in missed
    assert "Yes, it is open.</textarea>" in draft
    assert 'value="sms" checked' in draft
    assert "they left before they saw it" in waiting
    assert "They left before they saw it." not in seen
    assert await house.rows("select 1 from task where kind = 'failed' and done_at is null") == []


async def test_who_is_kept_waiting_stands_first_and_the_inbox_says_that_they_are_there(
    house: House, alex: Person
) -> None:
    async with visitor(house) as maria, logged_in(house) as client:
        await house.post(
            {"name": "Ben Ode", "phone": "8135550177", "message": "I want to buy today, cash, call me now"}
        )
        await maria.begin(message="hm")
        await house.settled()
        house.advance(timedelta(minutes=3))
        async with maria.stream():
            inbox = (await client.get("/inbox")).text
            waiting = (await client.get("/?for=team")).text

    assert "in the chat now" in inbox
    assert "hm" in inbox
    assert "They wrote in the chat:" in waiting
    assert waiting.index("Maria Lopez") < waiting.index("Ben Ode")


async def test_after_hours_it_says_when_somebody_is_back_and_nobody_is_late_till_then(
    house: House, alex: Person
) -> None:
    [dana] = [person for person in house.office.team if person.takes_leads]
    async with house.office.db.transaction() as connection:
        await staff.change_work(connection, dana.id, Work(shifts=(Shift((1, 2, 3, 4, 5), time(9), time(17)),)))
    await house.office.refresh()
    async with visitor(house) as early, visitor(house) as late:
        await early.begin()
        await house.settled()
        house.advance(timedelta(hours=6))  # 18:00 in New York
        await late.begin(contact="ben@example.com", name="Ben Ode", language="es")
        await house.settled()
        said = [(await one.lines())[1]["text"] for one in (early, late)]
    due = {
        row["due_at"] for row in await house.rows("select due_at from task where kind = 'reply' and reason = 'chat'")
    }

    assert "Dana or a colleague answers here. If" in said[0]
    assert "Ahora no hay nadie; volvemos mañana a las 9:00 AM EST." in said[1]
    assert {f"{at:%d %H:%M}" for at in due} == {"24 17:02", "25 14:02"}


async def test_only_what_the_last_chats_bear_out_is_promised(idle_house: House) -> None:
    house, promised = idle_house, []
    for number in range(10):
        await house.post({"name": f"Person {number}", "phone": f"813555018{number}", "channel": "live_chat"})
    house.advance(timedelta(hours=2))
    for answered in (4, 6):  # the others never saw a person
        await house.rows(
            "update inquiry set human_at = asked_at + interval '100 seconds' "
            "where id in (select id from inquiry order by id limit %s)",
            answered,
        )
        promised.append((await chat_hours.answering(house.office)).minutes)

    assert promised == [None, 2]


async def test_a_stream_goes_on_at_another_process_from_its_last_line(house: House, alex: Person) -> None:
    async with visitor(house) as maria:
        await maria.begin()
        await house.settled()
        async with served(house.office) as other:  # a process of its own, that is stopped under the visitor
            second = Visitor(httpx.AsyncClient(base_url=other, headers=maria.http.headers), maria.id, maria.token)
            async with second.http, second.stream() as events:
                first = await anext(events)
                await maria.say("Are you there?")
                news = await anext(events)
        numbers = [line["number"] for line in (*first["lines"], *news["lines"])]
        await answered(house, alex, maria, "Yes.")
        async with maria.stream(after=numbers[-1]) as events:
            rest = await anext(events)

    assert numbers == [1, 2, 3]
    assert [(line["number"], line["text"]) for line in rest["lines"]] == [(4, "Yes.")]


async def test_streams_are_bounded_and_whoever_finds_none_asks_for_the_lines(house: House, alex: Person) -> None:
    async with visitor(house) as maria, AsyncExitStack() as stack:
        await maria.begin()
        await house.settled()
        streams = [await stack.enter_async_context(maria.stream()) for _ in range(MOST_OF_ADDRESS)]
        await asyncio.gather(*(anext(events) for events in streams))
        refused = await maria.ask("stream")
        lines = await maria.lines()

    assert refused.status_code == 503
    assert len(lines) == 2


async def test_a_line_that_was_stored_when_the_worker_died_stands_there_once(house: House, alex: Person) -> None:
    async with visitor(house) as maria:
        await maria.begin()
        await house.settled()
        [action] = await house.rows("select id from action where kind = 'chat'")
        # as a worker leaves it that dies between storing the line and noting so
        await house.rows(
            "update action set state = 'sending', settled_at = null, wake_at = now(), lease_until = now() "
            "where id = %s",
            action["id"],
        )
        await house.settled()
        lines = await maria.lines()

    assert [line["number"] for line in lines] == [1, 2]
    assert (await house.rows("select state, possible_duplicate as twice from action where id = %s", action["id"])) == [
        {"state": "sent", "twice": False}
    ]


async def test_a_chat_is_in_the_copy_and_dead_once_its_person_is_erased(house: House, alex: Person) -> None:
    async with visitor(house) as maria:
        await maria.begin()
        await house.settled()
        await maria.say("The marzipan is ready")
        await answered(house, alex, maria, "Lovely")
        lead_id = await lead_of(house, maria)
        copy = await export.collect(house.office, lead_id)
        await erasure.erase(house.office, lead_id, "test")
        after = [await maria.ask(what, ref=str(uuid4()), text="Hi") for what in ("lines", "messages", "seen")]
        begun_again = await maria.begin()

    assert [(chat["website"], chat["lines"]) for chat in copy["chats"]] == [("https://example.com", 4)]
    assert {message["body"] for message in copy["messages"]} >= {MARIA["message"], "The marzipan is ready", "Lovely"}
    assert {answer.status_code for answer in after} == {404}
    assert begun_again.status_code == 409  # nothing of theirs comes back; their browser asks as somebody new
    assert await house.rows("select 1 from chat_line union all select 1 from chat") == []
    assert await house.rows("select 1 from lead") == []


async def test_a_question_goes_when_inquiries_nobody_came_back_to_go(house: House, alex: Person) -> None:
    async with visitor(house) as maria, visitor(house) as again:
        await maria.begin()
        house.advance(timedelta(days=800))
        await again.begin(message="Still there?")
        await house.settled()
        gone = await retention.run(house.office)
        lines = await again.lines()

    assert gone["inquiries"] == 1
    assert [line["text"] for line in lines if line["side"] == "you"] == ["Still there?"]
    assert len(await house.rows("select 1 from message")) == 1


async def test_a_chat_is_over_a_day_after_its_last_word_or_when_they_end_it(house: House, alex: Person) -> None:
    async with visitor(house) as maria, visitor(house) as ben:
        for one in (maria, ben):
            await one.begin()
        await house.settled()
        lead_id = await lead_of(house, maria)
        ended = await maria.ask("end")
        house.advance(OPEN_FOR - timedelta(minutes=1))
        still = await ben.ask("lines")
        house.advance(timedelta(minutes=2))
        over = await ben.ask("lines")
        held = await letters.write(house.office, alex, lead_id, Channel.CHAT, "Too late")
        house.advance(OPEN_FOR)
        await chat_sweep.tick(house.office)

    assert (ended.status_code, still.status_code, over.status_code) == (204, 200, 404)
    assert isinstance(held, letters.Held)
    assert "chat is over" in held.why
    assert await house.rows("select 1 from chat") == []
    assert len(await house.rows("select 1 from message")) == 2


HOSTILE: list[Any] = [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"token":1}', b"[" * 9_000, b'{"a":' * 2_000, b"x" * 17_000,
    {"token": "x" * 43}, {"id": "no", "token": "x" * 43}, {"after": -1}, {"after": 1e99}, {"upto": "all"},
    {"text": "x" * 9_000}, {"text": "\ud800\x00\u202e"}, {"name": ["a"]},
    {"name": "\x00", "contact": "\x00", "message": "\x00"},
    {"contact": "@" * 500}, {"contact": "٣" * 20}, {"language": "xx"}, {"page": "javascript:alert(1)"},
    {"shown": {"token": "x", "ticked_s": -1e308}, "agreed": True}, {"ref": "x"}, {"ref": None},
]  # fmt: skip


async def test_whatever_is_sent_is_answered_and_breaks_nothing(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path, at_work=False, TRUSTED_PROXIES="127.0.0.1") as house:
        await with_chat(house.office, await admin(house))
        for number, given in enumerate(HOSTILE):
            async with visitor(house) as maria:
                maria.http.headers["X-Forwarded-For"] = f"192.0.2.{number}"  # nobody is slowed down by the one before
                assert (await maria.begin()).status_code == 202
                for place in ("", f"/{maria.id}/messages", f"/{maria.id}/lines", f"/{maria.id}/seen", "/x/lines"):
                    base = {"id": str(uuid4()), "token": maria.token, **MARIA, "ref": str(uuid4()), "text": "Hi"}
                    body = given if isinstance(given, bytes) else json.dumps({**base, **given}).encode()
                    answer = await maria.http.post(f"/embed/chat{place}", content=body)

                    assert answer.status_code < 500, (given, place, answer.text)
                    assert answer.status_code != 429
                assert len(await maria.lines()) >= 1


async def test_another_origin_and_a_website_without_the_chat_are_refused(idle_house: House) -> None:
    house = idle_house
    alex = await admin(house)
    await with_chat(house.office, alex)
    async with visitor(house, "https://example.net") as stranger, visitor(house, None) as program:
        answers = [await one.begin() for one in (stranger, program)]
        answers += [await one.http.get("/embed/chat/look") for one in (stranger, program)]

    assert {answer.status_code for answer in answers} == {403}
    assert await house.rows("select 1 from capture") == []


async def test_a_question_without_a_way_to_answer_is_sent_back_with_what_to_mend(idle_house: House) -> None:
    await with_chat(idle_house.office, await admin(idle_house))
    async with visitor(idle_house) as maria:
        answer = await maria.begin(name=" ", contact="12", message="")

    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"name", "contact", "message"}
