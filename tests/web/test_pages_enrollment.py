"""A lead's page says which sequence they are in and what comes next; a colleague stops it, or enrolls them."""

from __future__ import annotations

from datetime import timedelta

from page_case import admin, logged_in
from test_pages_sequences import BUYER, MARIA

from leadwake.workflows import nurture, sequences
from office_case import House, api_key

BY_HAND = """\
sequence: callers
title: Callers
about: Called at once.
starts: by_hand
steps:
  - call: Ask what <i>they</i> want
  - wait: 2 days
  - email:
      subject: {en: "Still looking?", es: "¿Sigue buscando?"}
      body: {en: "Hi {{ lead.first_name }}. {{ business.name }}", es: "Hola. {{ business.name }}"}
"""


async def test_the_page_says_what_comes_next_and_when(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await sequences.publish(house.office, BUYER, None)
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await nurture.look(house.office)
    async with logged_in(house) as client:
        page = (await client.get(f"/leads/{lead_id}")).text
        stopped = await client.post(f"/leads/{lead_id}/sequence/stop", follow_redirects=True)
        house.advance(timedelta(days=2))
        await nurture.look(house.office)
        again = await client.post(f"/leads/{lead_id}/enroll", data={"sequence": "buyer"}, follow_redirects=True)
        refused = await client.post(f"/leads/{lead_id}/enroll", data={"sequence": "buyer"}, follow_redirects=True)

    assert "Buyer &lt;b&gt;first&lt;/b&gt;" in page
    assert "because they asked" in page
    assert "Next: Text in 24 hours, Wed 25 Nov, 12:00 their time." in page
    assert "Stopped: nothing more of it is sent." in stopped.text
    assert "a colleague stepped in" in stopped.text
    assert "Begin again" in stopped.text
    assert not await house.rows("select 1 from action where kind like 'nurture_%%'")
    assert "Enrolled. Each step comes by itself" in again.text
    assert "because somebody chose it for them" in again.text
    assert "Not enrolled: they are in a sequence" in refused.text


async def test_a_call_that_a_sequence_asks_for_says_what_about(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await sequences.publish(house.office, BY_HAND, None)
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    async with logged_in(house) as client:
        await client.post(f"/leads/{lead_id}/enroll", data={"sequence": "callers"})
        await nurture.look(house.office)
        now, page = (await client.get("/?for=team")).text, (await client.get(f"/leads/{lead_id}")).text

    assert "Ask what &lt;i&gt;they&lt;/i&gt; want" in now
    assert "<b>To call:</b> Ask what &lt;i&gt;they&lt;/i&gt; want" in page
    assert "Next: E-mail in 2 days, Thu 26 Nov, 12:00 their time." in page


async def test_the_timeline_tells_of_sequences_in_words(idle_house: House) -> None:
    house = idle_house
    await sequences.publish(house.office, BUYER, None)
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await nurture.look(house.office)
    house.advance(timedelta(days=1, minutes=16))
    await nurture.look(house.office)
    await house.hear("+18135550142", "Yes, the one on Oak street")
    told = [(line["text"], line.get("why")) for line in await house.timeline(lead_id)]

    assert ("Enrolled in “buyer”", "they asked") in told
    assert ("“buyer” stopped", "they wrote to us") in told
    assert ("Text of a sequence cancelled", "the sequence had stopped by then") in told


async def test_a_program_begins_and_ends_a_sequence(idle_house: House) -> None:
    house = idle_house
    await sequences.publish(house.office, BY_HAND, None)
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    place = f"/v1/leads/{lead_id}"
    begun = await house.http.post(f"{place}/enroll", json={"sequence": "callers"})
    again = await house.http.post(f"{place}/enroll", json={"sequence": "callers"})
    unknown = await house.http.post(f"{place}/enroll", json={"sequence": "no\0body"})
    broken = await house.http.post(f"{place}/enroll", content=b"[")
    ended = await house.http.delete(f"{place}/enrollment")
    reader = {"Authorization": f"Bearer {await api_key(house.office, 'leads:read')}"}
    refused = await house.http.post(f"{place}/enroll", json={"sequence": "callers"}, headers=reader)

    assert (begun.status_code, begun.json()["sequence"]) == (200, "callers")
    assert [each.status_code for each in (again, unknown, broken, ended, refused)] == [409, 409, 400, 204, 403]
    assert [row["state"] for row in await house.rows("select state from enrollment")] == ["stopped"]
