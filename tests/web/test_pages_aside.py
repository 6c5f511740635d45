"""What was set aside: seen with its reason, taken in by a person once, or said to be no lead, and undone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from page_case import admin, logged_in

from leadwake.intake.guess import EXCERPT_CHARS, guess
from leadwake.workflows.incoming_mail import Postbox
from office_case import House

MAIL = (
    b"From: Big Portal <noreply@portal.example>\r\nTo: team@ours.example\r\nSubject: Your weekly lead summary\r\n"
    b"Message-ID: <weekly-1@portal.example>\r\nContent-Type: text/plain\r\n\r\nThis week somebody asked.\r\n"
    b"Name: Maria Lopez\r\nPhone: (813) 555-0142\r\nEmail: maria@example.com\r\nMessage: Is 12 Oak St open?\r\n"
)


@given(st.sampled_from(["mail", "portal_mail", "form", "json", "api"]), st.binary(max_size=400))
@settings(max_examples=200)
def test_any_bytes_always_give_a_guess(door: str, body: bytes) -> None:
    found = guess(door, body)
    assert len(found.excerpt) <= EXCERPT_CHARS + 1
    assert set(found.fields) <= {"name", "phone", "email", "message"}


def test_who_stands_in_a_mail_that_was_no_lead_is_guessed() -> None:
    found = guess("mail", MAIL)

    assert (found.title, found.sender) == ("Your weekly lead summary", "Big Portal <noreply@portal.example>")
    assert found.fields["name"] == "Maria Lopez"
    assert found.fields["email"] == "maria@example.com"
    assert found.fields["phone"].endswith("0142")


async def test_a_mail_that_was_no_lead_is_taken_in_by_a_person_once(idle_house: House) -> None:
    house = idle_house
    assert await Postbox(house.office).take(MAIL) == "hot_sheet"
    (aside,) = await house.rows("select id from capture")
    await admin(house)
    async with logged_in(house) as client:
        assert "1 set aside" in (await client.get("/inbox")).text
        listed = (await client.get("/set-aside")).text
        assert "Your weekly lead summary" in listed
        assert "A digest of several leads" in listed
        place = f"/set-aside/{aside['id']}"
        assert 'value="Maria Lopez"' in (await client.get(place)).text
        empty = await client.post(place, data={"name": " ", "message": "Is 12 Oak St open?"})
        assert (empty.status_code, "give a name, a phone or an e-mail" in empty.text.lower()) == (422, True)
        said = {"name": "Maria Lopez", "phone": "(813) 555-0142", "message": "Is 12 Oak St open?"}
        taken = await client.post(place, data=said)
        again = await client.post(place, data=said)
        lead = (await client.get(taken.headers["location"])).text
        assert "set aside" not in (await client.get("/inbox")).text

    assert (taken.status_code, again.status_code) == (303, 404)
    assert "Is 12 Oak St open?" in lead
    planned = await house.rows("select kind from action where purpose = 'instant_reply' and state = 'planned'")
    assert [row["kind"] for row in planned] == ["sms"]
    assert await house.rows("select 1 from capture where id = %s and body = ''", aside["id"]), "it stands once"
    assert (await house.ledger()).balanced


async def test_what_is_no_lead_is_gone_from_the_list_until_somebody_undoes_it(idle_house: House) -> None:
    await Postbox(idle_house.office).take(MAIL)
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        (aside,) = await idle_house.rows("select id from capture")
        gone = await client.post(f"/set-aside/{aside['id']}/dismiss")
        after = (await client.get(gone.headers["location"])).text
        assert "weekly lead summary" not in after
        await client.post(f"/set-aside/{aside['id']}/back")
        assert "weekly lead summary" in (await client.get("/set-aside")).text
        for odd in ("x", "2026-01-01~x", "2026-01-01T00:00:00Z~", "~", "9999-99-99~0"):
            assert (await client.get("/set-aside", params={"before": odd})).status_code == 200
        assert (await client.post("/set-aside/nonsense/dismiss")).status_code == 404
    assert await idle_house.rows("select 1 from lead") == []


async def test_a_form_that_a_robot_filled_in_can_be_a_person_s_after_all(idle_house: House) -> None:
    data = {"name": "Jo Park", "phone": "813-555-0143", "message": "Hi", "website_url": "filled by a password manager"}
    await idle_house.http.post("/forms/contact", data=data)
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        (aside,) = await idle_house.rows("select id from capture")
        assert "A robot filled in the hidden field" in (await client.get("/set-aside")).text
        page = (await client.get(f"/set-aside/{aside['id']}")).text
        assert 'value="Jo Park"' in page
        await client.post(f"/set-aside/{aside['id']}", data={"name": "Jo Park", "phone": "813-555-0143"})

    (lead,) = await idle_house.rows("select l.id, i.channel from lead l join inquiry i on i.lead_id = l.id")
    assert lead["channel"] == "web_form"
