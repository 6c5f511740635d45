"""The pages of sequences: how each goes, its words, its versions; written, checked on past leads, and published."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
from page_case import admin, logged_in

from leadwake.storage import sequences as stored
from leadwake.workflows import nurture, sequences
from office_case import House, until

MARIA = {
    "name": "Maria Lopez", "phone": "813-555-0142", "email": "maria@example.com", "channel": "web_form",
    "source": "website", "interest": "buy_home", "message": "Is 12 Oak St still open?",
}  # fmt: skip
BUYER = """\
sequence: buyer
title: Buyer <b>first</b>
about: Wants to buy.
starts: new_lead
for: {interest: buy_home}
rank: 9
steps:
  - wait: 1 day
  - text:
      variants:
        - name: short
          en: "{{ business.name }}: hi {{ lead.first_name }}, seen a home? {{ opt_out_line }}"
          es: "{{ business.name }}: hola, ¿vio algo? {{ opt_out_line }}"
        - name: long
          en: "{{ business.name }}: hi {{ lead.first_name }}, seen a home you like? {{ opt_out_line }}"
          es: "{{ business.name }}: hola, ¿vio algo que le guste? {{ opt_out_line }}"
    else: call task
  - wait: until day 3
  - call: Ask what <i>they</i> have seen
"""


async def written(client: httpx.AsyncClient, place: str, source: str, status: int = 200, **more: str) -> str:
    """What the page says to a text, with the hidden fields that it had when it was opened."""
    page = (await client.get("/sequences/buyer/edit")).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w*)">', page))
    answer = await client.post(place, data={**hidden, "source": source, **more})
    assert answer.status_code == status, answer.text
    return answer.text


async def versions(house: House) -> list[Any]:
    return await stored.versions(house.office.db, "buyer")


async def test_the_list_says_who_is_where_and_how_it_went(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await sequences.publish(house.office, BUYER, None)
    for n in range(6):
        await house.post({**MARIA, "name": f"Person {n}", "phone": f"813-555-015{n}", "email": f"p{n}@example.com"})
    await nurture.look(house.office)
    await house.hear("+18135550150", "Yes, the one on Oak street")
    async with logged_in(house) as client:
        page = (await client.get("/sequences")).text

    assert "Begins with a new lead, for those of whom all of this is true: they ask about" in page
    assert "<dt>wait</dt><dd>5</dd>" in page
    assert "<dt>enrolled</dt><dd>6</dd>" in page
    assert "<dt>replied</dt><dd>1 (17%)</dd>" in page
    assert "<b>first</b>" not in page


async def test_it_is_paused_and_resumed_in_one_tap(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await sequences.publish(house.office, BUYER, None)
    async with logged_in(house) as client:
        paused = await client.post("/sequences/buyer/pause", data={"from": "list"}, follow_redirects=True)
        assert house.office.sequences.published["buyer"].is_paused
        resumed = await client.post("/sequences/buyer/resume", follow_redirects=True)

    assert "Nobody is enrolled, and whoever is in it waits" in paused.text
    assert "not switched on" not in paused.text
    assert "whoever waited gets one message" in resumed.text
    assert not house.office.sequences.published["buyer"].is_paused


async def test_after_an_upgrade_the_shipped_ones_wait_to_be_looked_at(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    now = house.now
    async with house.office.db.transaction() as connection:
        await stored.publish(connection, "buyer", BUYER, now=now, by=None, note="shipped", paused_at=now)
    await house.office.refresh()
    async with logged_in(house) as client:
        page = (await client.get("/sequences")).text

    assert "are not switched on" in page
    assert "Switch on" in page


async def test_a_step_shows_its_words_and_what_became_of_it(house: House) -> None:
    await admin(house)
    await sequences.publish(house.office, BUYER, None)
    await house.post({**MARIA, "consent": {"sms": None, "email": None}})
    await until(lambda: house.rows("select 1 from enrollment where step = 0 and due_at > started_at"))
    await house.settled()
    house.advance(timedelta(days=1, minutes=16))
    await until(lambda: house.rows("select 1 from enrollment where step = 2 and state = 'waiting'"))
    lead_id = (await house.rows("select lead_id from enrollment"))[0]["lead_id"]
    async with logged_in(house) as client:
        page = (await client.get("/sequences/buyer")).text
        lead = (await client.get(f"/leads/{lead_id}")).text

    assert "Text of “buyer”, step 2" in lead
    assert "Example Realty: hi Maria, seen a home you like? Reply STOP to opt out" in page
    assert "Example Realty: hola, ¿vio algo? Responda STOP para darse de baja" in page
    assert "50 % get it" in page
    assert "gave its place to a call: they have not agreed to it in writing <b>1</b>" in page
    assert "Ask what &lt;i&gt;they&lt;/i&gt; have seen" in page
    assert re.search(r"1 waits</span>", page)


async def test_a_text_is_checked_line_by_line_and_kept_as_a_draft(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await sequences.publish(house.office, BUYER, None)
    broken = BUYER.replace("wait: 1 day", "wait: soon").replace("lead.first_name", "lead.nickname", 1)
    broken += "# </textarea><script>alert(1)</script>\n"
    async with logged_in(house) as client:
        page = await written(client, "/sequences/buyer/edit", broken)

    assert 'data-line="8"' in page
    assert "a wait is 30 minutes, 20 hours, 2 days" in page
    assert "unknown variable" in page
    assert "<script>alert" not in page
    assert "Something is to be mended" in page
    assert 'formaction="/sequences/buyer/publish"' not in page
    draft = await stored.draft(house.office.db, "buyer")
    assert draft is not None
    assert draft.source == broken
    assert len(await versions(house)) == 1


async def test_what_cannot_be_said_to_a_past_lead_is_told_before_it_is_published(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await sequences.publish(house.office, BUYER, None)
    await house.post({**MARIA, "name": "Wolfeschlegelsteinhausenberger Lopez"})
    unsayable = BUYER.replace("seen a home?", "{{ lead.first_name }} " * 60)
    async with logged_in(house) as client:
        page = await written(client, "/sequences/buyer/edit", unsayable)
        await written(client, "/sequences/buyer/publish", unsayable, 422)

    assert "cannot be sent to Wolfeschlegelsteinhausenberger Lopez: the text has" in page
    assert len(await versions(house)) == 1


async def test_messages_read_as_the_chosen_lead_gets_them(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await sequences.publish(house.office, BUYER, None)
    lead_id = (await house.post({**MARIA, "message": "Hola, quiero comprar una casa en Tampa"})).json()["lead_id"]
    async with logged_in(house) as client:
        page = await written(client, "/sequences/buyer/edit", BUYER, lead=lead_id)

    assert "hola, ¿vio algo que le guste?" in page.partition("How it reads")[2]
    assert "hi Maria" not in page.partition("How it reads")[2]


async def test_publishing_shows_what_changes_and_keeps_the_note(idle_house: House) -> None:
    house = idle_house
    person = await admin(house)
    await sequences.publish(house.office, BUYER, None)
    changed = BUYER.replace("wait: 1 day", "wait: 2 days")
    async with logged_in(house) as client:
        page = await written(client, "/sequences/buyer/edit", changed)
        await written(client, "/sequences/buyer/publish", changed, 303, note="One day was too soon")
        history = (await client.get("/sequences/buyer/history")).text

    assert "Step 1: Wait 2 days; was: Wait 1 day" in page
    newest = (await versions(house))[0]
    assert (newest.version, newest.note, newest.published_by) == (2, "One day was too soon", person.id)
    assert newest.source == changed
    assert await stored.draft(house.office.db, "buyer") is None
    assert "One day was too soon" in history
    assert "Step 1: Wait 2 days; was: Wait 1 day" in history


async def test_what_was_not_checked_is_looked_at_first(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await sequences.publish(house.office, BUYER, None)
    changed = BUYER.replace("wait: 1 day", "wait: 2 days")
    async with logged_in(house) as client:
        await written(client, "/sequences/buyer/edit", changed)
        page = await written(client, "/sequences/buyer/publish", changed.replace("2 days", "4 days"))

    assert "was changed after it was checked" in page
    assert "Step 1: Wait 4 days; was: Wait 1 day" in page
    assert len(await versions(house)) == 1


async def test_somebody_who_published_meanwhile_is_told_of(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await sequences.publish(house.office, BUYER, None)
    changed = BUYER.replace("wait: 1 day", "wait: 2 days")
    async with logged_in(house) as client:
        page = await written(client, "/sequences/buyer/edit", changed)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w*)">', page))
        await sequences.publish(house.office, BUYER.replace("1 day", "5 days"), None)
        answer = await client.post("/sequences/buyer/publish", data={**hidden, "source": changed})

    assert answer.status_code == 409
    assert "Somebody published version 2 while you were writing" in answer.text
    assert "Step 1: Wait 2 days; was: Wait 5 days" in answer.text
    assert len(await versions(house)) == 2


async def test_a_colleagues_draft_is_not_written_over_unseen(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    sam = await admin(house, name="Sam Poe", email="sam@example.com", role="manager")
    await sequences.publish(house.office, BUYER, None)
    async with logged_in(house) as client:
        page = (await client.get("/sequences/buyer/edit")).text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w*)">', page))
        await sequences.save_draft(house.office, "buyer", BUYER + "# Sam\n", sam.id)
        mine = {**hidden, "source": BUYER + "# mine\n"}
        answer = await client.post("/sequences/buyer/edit", data=mine)
        early = await client.post("/sequences/buyer/publish", data=mine)
        kept = await stored.draft(house.office.db, "buyer")
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w*)">', answer.text))
        again = await client.post("/sequences/buyer/edit", data={**mine, **hidden})

    assert (answer.status_code, early.status_code) == (409, 409)
    assert "Sam Poe saved another draft" in answer.text
    assert len(await versions(house)) == 1
    assert kept is not None
    assert "# Sam" in kept.source
    assert again.status_code == 200


async def test_an_older_version_is_published_again(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await sequences.publish(house.office, BUYER, None)
    await sequences.publish(house.office, BUYER.replace("1 day", "2 days"), None)
    async with logged_in(house) as client:
        late = await client.post("/sequences/buyer/history/1", data={"in_force": "1"})
        assert late.headers["location"] == "/sequences/buyer?done=moved"
        answer = await client.post("/sequences/buyer/history/1", data={"in_force": "2"})
        old = (await client.get("/sequences/buyer?version=2")).text

    assert answer.headers["location"] == "/sequences/buyer?done=published"
    newest = (await versions(house))[0]
    assert (newest.version, newest.source, newest.note) == (3, BUYER, "Version 1 again")
    assert "This is version 2" in old
    assert "wait 2 days" in old.lower()


async def test_a_new_one_begins_as_an_example_or_a_copy(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await sequences.publish(house.office, BUYER, None)
    async with logged_in(house) as client:
        copy = (await client.get("/new-sequence?copy=buyer")).text
        taken = await client.post("/new-sequence", data={"source": BUYER})
        nameless = await client.post("/new-sequence", data={"source": "steps: []"})
        blank = (await client.get("/new-sequence")).text
        text = blank.partition("required>\n")[2].partition("</textarea>")[0]
        source = text.replace("&#34;", '"').replace("&#39;", "'").replace("&gt;", ">").replace("&amp;", "&")
        begun = await client.post("/new-sequence", data={"source": source})
        page = (await client.get("/sequences/first_steps/edit")).text
        listed = (await client.get("/sequences")).text

    assert "sequence: buyer_2" in copy
    assert (taken.status_code, nameless.status_code) == (422, 422)
    assert begun.headers["location"] == "/sequences/first_steps/edit#check"
    assert "It is fit to be published" in page
    assert "Not published yet" in listed


async def test_agents_read_and_change_nothing(idle_house: House) -> None:
    house = idle_house
    await admin(house, name="Sam Seller", email="sam@example.com", role="agent")
    await sequences.publish(house.office, BUYER, None)
    async with logged_in(house, "sam@example.com") as client:
        page = (await client.get("/sequences/buyer")).text
        for place in ("pause", "resume", "edit", "publish", "edit/drop", "history/1"):
            assert (await client.post(f"/sequences/buyer/{place}", data={"source": "x"})).status_code == 403, place
        assert (await client.get("/sequences/buyer/edit")).status_code == 403

    assert "Example Realty: hi Maria" in page
    assert "/sequences/buyer/pause" not in page
    assert "/sequences/buyer/edit" not in page


async def test_the_days_to_come_say_what_would_go_to_whom_and_what_not(idle_house: House) -> None:
    house = idle_house
    person = await admin(house)
    await sequences.publish(house.office, BUYER, None)
    await house.post({**MARIA, "consent": {"sms": None, "email": None}})
    await house.post(
        {**MARIA, "name": "Sam Poe", "phone": "813-555-0177", "email": "s@example.com", "interest": "rent"}
    )
    await sequences.save_draft(house.office, "buyer", BUYER.replace("wait: 1 day", "wait: 4 days"), person.id)
    async with logged_in(house) as client:
        page = (await client.get("/sequences/buyer/ahead")).text
        draft = (await client.get("/sequences/buyer/ahead?draft=1")).text
        nobody = await client.get("/sequences/nobody/ahead")

    assert "If the last 1 lead it is for" in page
    assert "1 more of the last 2 leads are none" in page
    assert 'id="day-1"' in page
    assert "No text</b>" in page
    assert "They have not agreed to it in writing" in page
    assert "Call to make in a text’s place" in page
    assert "Ask what &lt;i&gt;they&lt;/i&gt; have seen" in page
    assert "Most calls on one day: Dana Reyes, 1." in page
    assert 'id="day-1"' not in draft
    assert 'id="day-4"' in draft
    assert nobody.status_code == 404
    assert not await house.rows("select 1 from enrollment")
