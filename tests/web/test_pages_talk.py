"""A lead's page as a conversation: write, take back, be held, schedule, note, skip; and hostile words stay words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from page_case import admin, logged_in

from leadwake.storage.staff import Person
from leadwake.workflows import letters
from office_case import House

NUMBER = "+18135550194"
MARIA = {"name": "Maria Lopez", "phone": NUMBER, "email": "maria@example.com", "message": "Is 12 Oak St still open?"}
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


async def maria(house: House) -> str:
    """The path of Maria's page, once she has been answered."""
    receipt = (await house.post(MARIA)).json()
    await house.settled()
    return f"/leads/{receipt['lead_id']}"


async def alex(house: House, **changes: Any) -> Person:
    return await admin(house, **changes)


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


async def post(client: httpx.AsyncClient, place: str, **given: str) -> httpx.Response:
    """What the composer sends."""
    page = (await client.get(place)).text
    return await client.post(f"{place}/letters", data={"id": hidden(page, "id"), "channel": "sms", **given})


async def test_a_text_is_written_shown_with_its_undo_and_its_words_come_back(house: House) -> None:
    await alex(house)
    place = await maria(house)
    async with logged_in(house) as client:
        sent = await post(client, place, body="Yes, it is open.")
        shown = (await client.get(place)).text
        [letter] = await house.rows("select id from letter")
        back = await client.post(f"{place}/letters/{letter['id']}/undo")
        draft = (await client.get(back.headers["location"].partition("#")[0])).text
        later = (await client.get(place)).text

    assert (sent.status_code, sent.headers["location"]) == (303, f"{place}#latest")
    assert "Yes, it is open." in shown
    assert "data-until" in shown
    assert re.search(r"<textarea[^>]*>\s*Yes, it is open\.</textarea>", draft)
    assert hidden(draft, "id") != str(letter["id"])
    assert "Yes, it is open." not in later
    assert [text for text in await house.texts() if "Yes, it is open" in text["Body"]] == []


async def test_outside_the_hours_the_composer_warns_offers_the_morning_and_sends_only_with_a_word(house: House) -> None:
    await alex(house)
    place = await maria(house)
    house.advance(timedelta(hours=10))
    async with logged_in(house) as client:
        held = await post(client, place, body="Good night")
        fields = {
            "id": hidden(held.text, "id"),
            "channel": "sms",
            "body": "Good night",
            "asks": hidden(held.text, "asks"),
        }
        nothing = await house.rows("select 1 from letter")
        scheduled = await client.post(f"{place}/letters", data={**fields, "do": "open"})
        [at] = await house.rows("select send_at, accepted from letter")
        again = await post(client, place, body="Sleep well", asks="quiet_hours")
        anyway = await post(client, place, body="Sleep well", asks="quiet_hours", do="anyway")

    assert held.status_code == 409
    assert "outside Florida hours" in held.text
    assert "Schedule for 8:00 their time" in held.text
    assert "Send anyway" in held.text
    assert nothing == []
    assert scheduled.status_code == 303
    assert (at["send_at"].isoformat(), at["accepted"]) == ("2026-11-25T13:00:00+00:00", [])
    assert again.status_code == 409, "the word is the button's, not the hidden field's"
    assert anyway.status_code == 303
    [row] = await house.rows("select accepted from letter where accepted <> '{}'")
    assert row["accepted"] == ["quiet_hours"]


async def test_a_letter_is_scheduled_for_tomorrow_and_for_an_own_time_on_their_clock(house: House) -> None:
    await alex(house)
    place = await maria(house)
    async with logged_in(house) as client:
        await post(client, place, body="Tomorrow", when="tomorrow")
        await post(client, place, body="Friday", when="at", at="2026-11-27T16:30")
        wrong = await post(client, place, body="Never", when="at", at="soon")
        past = await post(client, place, body="Gone", when="at", at="2026-11-01T09:00")

    found = [row["send_at"].isoformat() for row in await house.rows("select send_at from letter order by send_at")]
    assert found == ["2026-11-25T14:00:00+00:00", "2026-11-27T21:30:00+00:00"]
    assert (wrong.status_code, past.status_code) == (422, 422)
    assert "Choose the day and the time" in wrong.text
    assert "Choose a time from now on" in past.text


async def test_what_cannot_be_sent_keeps_its_words_and_says_why(house: House) -> None:
    await alex(house)
    place = await maria(house)
    async with logged_in(house) as client:
        empty = await post(client, place, body="  ")
        mail = await post(client, place, channel="email", body="Here is the plan")
        await house.hear(NUMBER, "STOP")
        page = (await client.get(place)).text
        stopped = await post(client, place, body="One more thing")

    assert "Write something first." in empty.text
    assert "Write a subject" in mail.text
    assert "Here is the plan" in mail.text
    assert "No text: Text is not sent: they asked us to stop." in page
    assert stopped.status_code == 409
    assert "One more thing" in stopped.text
    assert await house.rows("select 1 from letter") == []


async def test_a_note_stands_in_the_thread_once_and_goes_nowhere(house: House) -> None:
    await alex(house)
    place = await maria(house)
    async with logged_in(house) as client:
        page = (await client.get(place)).text
        given = {"id": hidden(page, "id"), "channel": "note", "body": "Wants a garage"}
        for _ in range(2):
            await client.post(f"{place}/letters", data=given)
        shown = (await client.get(place)).text
    timeline = await house.timeline(place.removeprefix("/leads/"))

    assert shown.count("Wants a garage") == 1
    assert "Note by Alex Admin" in shown
    [entry] = [entry for entry in timeline if entry["kind"] == "note"]
    assert (entry["author"], entry["body"]) == ("Alex Admin", "Wants a garage")
    assert "Wants a garage" not in str(await house.texts()) + str(await house.mails())


async def test_why_it_was_not_sent_names_the_rule_and_what_would_have_to_change(house: House) -> None:
    await alex(house)
    house.advance(timedelta(hours=10))
    receipt = (await house.post({**MARIA, "received_at": "2026-11-24T20:00:00Z"})).json()
    await house.reaches(receipt["inquiry_id"], "sms", "deferred")
    place = f"/leads/{receipt['lead_id']}"
    async with logged_in(house) as client:
        page = (await client.get(place)).text

    assert "Why not yet?" in page
    assert "It goes by itself when the hours there open." in page
    assert "Rule R-CASE-7" in page


async def test_what_is_to_come_is_skipped_or_hurried_and_a_refusal_is_explained(house: House) -> None:
    await alex(house)
    house.advance(timedelta(hours=10))
    receipt = (await house.post({**MARIA, "received_at": "2026-11-24T20:00:00Z"})).json()
    action = await house.reaches(receipt["inquiry_id"], "sms", "deferred")
    place = f"/leads/{receipt['lead_id']}"
    async with logged_in(house) as client:
        refused = await client.post(f"{place}/actions/{action['id']}/send-now")
        still = await house.action(receipt["inquiry_id"], "sms")
        skipped = await client.post(f"{place}/actions/{action['id']}/skip")
        gone = await client.post(f"{place}/actions/{action['id']}/send-now")
        shown = (await client.get(place)).text

    assert refused.status_code == 409
    assert "It does not go now." in refused.text
    assert "Text waits until" in refused.text
    assert "Send anyway" not in refused.text, "what is automatic keeps to the hours"
    assert (still["state"], still["due_at"]) == ("deferred", action["due_at"])
    assert skipped.status_code == 303
    assert (await house.action(receipt["inquiry_id"], "sms"))["reason"] == "skipped_by_hand"
    assert "It is not waiting any more" in gone.text
    assert "A colleague skipped it" in shown


async def test_a_reply_pauses_automation_opens_a_task_and_is_answered_or_needs_none(house: House) -> None:
    await alex(house)
    place = await maria(house)
    await house.hear(NUMBER, "Could we come on Sunday?")
    [task] = await house.rows("select due_at - at as due, agent_id from task where kind = 'reply' and done_at is null")
    [lead] = await house.rows("select paused_why, replied_at is not null as waits from lead")
    async with logged_in(house) as client:
        page = (await client.get(place)).text
        answered = await client.post(f"{place}/answered")
    await house.settled()

    assert (lead["paused_why"], lead["waits"]) == ("replied", True)
    assert task["due"] in {timedelta(minutes=15), timedelta(minutes=60)}
    assert "they wrote back, and a person answers" in page
    assert answered.status_code == 303
    assert await house.rows("select 1 from task where kind = 'reply' and done_at is null") == []
    alerts = await house.rows("select agent_id from action where kind = 'reply_alert_email'")
    assert len(alerts) == 1


async def test_several_texts_in_a_row_are_one_piece_of_news_and_a_new_inquiry_ends_the_pause(house: House) -> None:
    await maria(house)
    for words in ("Hello?", "Are you there?", "It is about Oak St"):
        await house.hear(NUMBER, words)
    house.advance(timedelta(minutes=11))
    again = (await house.post({**MARIA, "message": "And 14 Oak St?"})).json()
    await house.settled()

    assert len(await house.rows("select 1 from action where kind = 'reply_alert_email'")) == 1
    assert (await house.action(again["inquiry_id"], "sms"))["state"] in {"sent", "delivered"}


async def test_a_doubtful_stop_stays_the_reason_of_the_pause(house: House) -> None:
    await maria(house)
    await house.hear(NUMBER, "hmm i'm good")
    before = (await house.rows("select paused_why from lead"))[0]["paused_why"]
    house.advance(timedelta(minutes=5))
    await house.hear(NUMBER, "thanks")
    after = (await house.rows("select paused_why from lead"))[0]["paused_why"]

    assert after == before


async def test_words_of_leads_colleagues_and_snippets_stay_words_wherever_they_are_shown(house: House) -> None:
    person = await alex(house, name=f"Alex {EVIL}")
    receipt = (await house.post({**MARIA, "name": f"Eva {EVIL}", "message": EVIL, "source": EVIL[:40]})).json()
    await house.settled()
    await house.hear(NUMBER, EVIL)
    place = f"/leads/{receipt['lead_id']}"
    async with logged_in(house) as client:
        await post(client, place, body=EVIL)
        await post(client, place, channel="email", subject=EVIL, body=EVIL)
        await post(client, place, channel="note", body=EVIL)
        await client.post("/me/snippets", data={"name": EVIL[:30], "source": EVIL})
        [letter] = await house.rows("select id from letter where channel = 'sms'")
        pages = [await client.get(path) for path in (place, f"{place}?show=all", "/inbox", "/me/snippets")]
        pages.append(await post(client, place, channel="email", body=EVIL))
        pages.append(await client.post(f"{place}/letters/{letter['id']}/undo", follow_redirects=True))
        snippet = (await house.rows("select id from snippet"))[0]["id"]
        plain = await client.get(f"{place}/snippets/{snippet}")

    assert person.name.startswith("Alex <script>")
    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
    assert "&lt;script&gt;alert(1)" in pages[0].text
    assert plain.headers["content-type"].startswith("text/plain")
    assert plain.headers["x-content-type-options"] == "nosniff"


async def test_a_snippet_is_filled_with_the_leads_values_by_the_server_and_for_the_script(house: House) -> None:
    await alex(house)
    place = await maria(house)
    async with logged_in(house) as client:
        source = "Hi {{ lead.first_name }}, {{ agent.first_name }} of {{ business.name }} here."
        saved = await client.post("/setup/snippets", data={"name": "Hello", "source": source})
        wrong = await client.post("/me/snippets", data={"name": "Bad", "source": "{% for x in y %}{% endfor %}"})
        twice = await client.post("/setup/snippets", data={"name": "hello", "source": "again"})
        [snippet] = await house.rows("select id from snippet")
        fetched = (await client.get(f"{place}/snippets/{snippet['id']}")).text
        filled = await post(client, place, body="Good day.", snippet=str(snippet["id"]), do="insert")

    assert saved.status_code == 303
    assert (wrong.status_code, twice.status_code) == (422, 422)
    assert "is not for messages" in wrong.text
    assert fetched == "Hi Maria, Alex of Example Realty here."
    assert "Good day. Hi Maria, Alex of Example Realty here.</textarea>" in filled.text
    assert await house.rows("select 1 from letter") == []


async def test_ones_own_snippets_are_nobody_elses_and_the_teams_are_a_managers(house: House) -> None:
    await alex(house)
    await alex(house, name="Ben Ode", email="ben@example.com", role="agent")
    place = await maria(house)
    async with logged_in(house) as client, logged_in(house, "ben@example.com") as ben:
        await client.post("/me/snippets", data={"name": "Mine", "source": "Alex's own words"})
        [snippet] = await house.rows("select id from snippet")
        seen = (await ben.get("/me/snippets")).text
        changed = await ben.post("/me/snippets", data={"id": str(snippet["id"]), "name": "Mine", "source": "taken"})
        removed = await ben.post("/me/snippets", data={"id": str(snippet["id"]), "forget": "1"})
        fetched = await ben.get(f"{place}/snippets/{snippet['id']}")
        team = [await ben.get("/setup/snippets"), await ben.post("/setup/snippets", data={"name": "x", "source": "y"})]

    assert "Alex's own words" not in seen
    assert (changed.status_code, removed.status_code, fetched.status_code) == (404, 404, 404)
    assert [answer.status_code for answer in team] == [403, 403]
    assert (await house.rows("select source from snippet"))[0]["source"] == "Alex's own words"


async def test_a_lead_is_claimed_finished_and_handed_over_from_its_page(house: House) -> None:
    await alex(house)
    ana = await alex(house, name="Ana Cruz", email="ana@example.com", role="agent", takes_leads=True)
    ben = await alex(house, name="Ben Ode", email="ben@example.com", role="agent", takes_leads=True)
    place = await maria(house)
    lead_id = UUID(place.removeprefix("/leads/"))
    await house.rows("delete from offer where lead_id = %s", lead_id)
    await house.rows("delete from escalation where lead_id = %s", lead_id)
    await house.rows("update lead set agent_id = null, claimed_at = null where id = %s", lead_id)
    async with logged_in(house, "ana@example.com") as hers, logged_in(house, "ben@example.com") as his:
        claimed = await hers.post(f"{place}/claim", data={"next": place})
        late = await his.post(f"{place}/claim", data={"next": place})
        told = (await his.get(late.headers["location"])).text
        shown = (await his.get(place)).text
        refused = [await his.post(f"{place}/give", data={"to": str(ben.id)}), await his.post(f"{place}/finish")]
        given = await hers.post(f"{place}/give", data={"to": str(ben.id)})
        finished = await his.post(f"{place}/finish")

    assert claimed.status_code == 303
    assert late.headers["location"].startswith(place)
    assert "Ana Cruz has them already." in told
    assert "Ana Cruz has them" in shown
    assert [answer.status_code for answer in refused] == [403, 403]
    assert (given.status_code, finished.status_code) == (303, 303)
    [row] = await house.rows("select agent_id, finished_at is not null as finished from lead where id = %s", lead_id)
    assert row == {"agent_id": ben.id, "finished": True}
    assert ana.id != ben.id


async def test_a_long_story_is_shown_a_hundred_at_a_time_and_nothing_falls_between(house: House) -> None:
    await alex(house)
    place = await maria(house)
    lead_id = place.removeprefix("/leads/")
    await house.rows(
        "insert into event (at, actor, kind, lead_id, data) "
        "select now() - interval '200 days' + make_interval(mins => n / 3), 'lead', 'opted_in', %s::uuid, '{}' "
        "from generate_series(1, 260) n",
        lead_id,
    )
    seen, following = 0, f"{place}?show=all"
    async with logged_in(house) as client:
        while following:
            page = (await client.get(following)).text
            seen += page.count("Opted in again")
            earlier = re.search(r'href="([^"]+)">Earlier<', page)
            following = earlier[1].replace("&amp;", "&") if earlier else ""

    assert seen == 260


@pytest.mark.parametrize("path", ["letters", "answered", "claim", "pass", "finish", "give"])
async def test_what_is_no_lead_is_not_found(house: House, path: str) -> None:
    await alex(house)
    async with logged_in(house) as client:
        for lead in ("nonsense", "01a204e7-ee56-7800-bc50-16d1407a4418"):
            answer = await client.post(f"/leads/{lead}/{path}", data={"channel": "note", "body": "x"})
            assert answer.status_code == 404


async def test_the_inbox_lists_who_waits_and_who_was_answered(house: House) -> None:
    person = await alex(house)
    place = await maria(house)
    await house.hear(NUMBER, "Could we come on Sunday?")
    other = (await house.post({"name": "Paul Ode", "phone": "+18135550195"})).json()
    await house.settled()
    await house.hear("+18135550195", "Call me")
    await letters.write(
        house.office, person, UUID(place.removeprefix("/leads/")), letters.Channel.SMS, "Sunday is fine"
    )
    async with logged_in(house) as client:
        everybody = (await client.get("/inbox")).text
        waiting = (await client.get("/inbox?show=unanswered&longest=1")).text
        overdue = (await client.get("/inbox?show=overdue")).text
        house.advance(timedelta(hours=2))
        late = (await client.get("/inbox?show=overdue")).text
        mine = (await client.get("/inbox?whose=mine")).text
        await client.post(f"/leads/{other['lead_id']}/answered", data={"back": "inbox"})
        rest = (await client.get("/inbox?show=unanswered")).text
        nonsense = await client.get("/inbox?show=nothing&before=x.y")

    assert "Sunday is fine" in everybody
    assert "Call me" in everybody
    assert waiting.index("Maria Lopez") < waiting.index("Paul Ode")
    assert "No answer is overdue." in overdue
    assert "Paul Ode" in late
    assert "Nothing here" in mine
    assert "Paul Ode" not in rest
    assert nonsense.status_code == 200


async def test_the_inbox_goes_on_where_a_page_ended(house: House) -> None:
    await alex(house)
    await maria(house)
    await house.rows(
        "insert into lead (id, data_key_id, sealed_profile, source, channel, created_at, last_at, talked_at) "
        "select gen_random_uuid(), data_key_id, sealed_profile, 'x', 'api', created_at, last_at, "
        "now() - make_interval(mins => n / 2) from lead, generate_series(1, 70) n"
    )
    names, following = 0, "/inbox"
    async with logged_in(house) as client:
        while following:
            page = (await client.get(following)).text
            names += page.count("Maria Lopez</a>")
            more = re.search(r'href="([^"]+)">More<', page)
            following = more[1].replace("&amp;", "&") if more else ""

    assert names == 70
