"""What people and programs read, from a database that real inquiries filled."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from leadwake.storage import overview, reading
from leadwake.storage.dossier import Dossier, dossier
from leadwake.storage.events import record
from leadwake.storage.reading import Cursor, Wanted
from leadwake.workflows.intake import receive_lead
from leadwake.workflows.office import Office
from office_case import House, rows

NEW_YORK = ZoneInfo("America/New_York")


async def asked(office: Office, **lead: object) -> UUID:
    """Somebody asks; the lead's id."""
    receipt = await receive_lead(office, msgspec.json.encode(lead))
    assert receipt.lead_id is not None
    return receipt.lead_id


async def whole(office: Office, lead_id: UUID) -> Dossier:
    names = {person.id: person.name for person in office.team}
    found = await dossier(office.db, office.vault, lead_id, zone=NEW_YORK, names=names, now=office.clock.now())
    assert found is not None
    return found


async def test_pages_hold_every_lead_once_newest_first(office: Office) -> None:
    ids = [await asked(office, name=f"Person {n}", email=f"p{n}@example.com") for n in range(11)]
    await asked(office, name="Person 3", email="p3@example.com", message="again")  # moves to the front

    seen, before = [], None
    while True:
        page = await reading.leads(office.db, office.vault, office.clock.now(), before=before, limit=4)
        seen += [lead.id for lead in page.leads]
        before = page.next
        if before is None:
            break

    assert seen == [ids[3], *reversed([*ids[:3], *ids[4:]])]


async def test_leads_of_one_instant_are_on_one_page_or_the_next_never_on_both(office: Office) -> None:
    ids = {await asked(office, name=f"Person {n}", email=f"p{n}@example.com") for n in range(6)}
    await rows(office.db, "update lead set last_at = '2026-11-24T17:00:00Z'")

    first = await reading.leads(office.db, office.vault, office.clock.now(), limit=3)
    second = await reading.leads(office.db, office.vault, office.clock.now(), before=first.next, limit=3)

    assert {lead.id for lead in [*first.leads, *second.leads]} == ids
    assert second.next is None


@given(st.text(max_size=60) | st.from_regex(r"[0-9-]{0,30}\.[0-9a-f]{0,40}", fullmatch=True))
def test_a_cursor_that_is_none_of_ours_is_none(text: str) -> None:
    found = Cursor.read(text)

    assert found is None or Cursor.read(str(found)) == found


async def test_a_name_is_found_by_its_beginnings_and_all_words_have_to_be_there(office: Office) -> None:
    maria = await asked(office, name="María Muñoz-Ibarra", email="maria@example.com")
    mario = await asked(office, name="Mario Rossi", email="mario@example.com")

    async def found(words: str) -> set[UUID]:
        return {lead.id for lead in (await reading.search(office.db, office.vault, words)).leads}

    assert await found("mar") == {maria, mario}
    assert await found("Maria mun") == {maria}
    assert await found("mario munoz") == set()
    assert await found("ma") == set(), "two letters are a whole word only"
    assert await found("") == set()
    assert await found("'; drop table lead; --") == set()


async def test_a_household_number_finds_all_its_people(office: Office) -> None:
    ids = {await asked(office, name=name, phone="813-555-0194") for name in ("Ann Lee", "Bob Ray")}

    found = await reading.search(office.db, office.vault, "(813) 555 0194")

    assert {lead.id for lead in found.leads} == ids


async def test_an_erased_lead_is_nowhere(office: Office) -> None:
    lead_id = await asked(office, name="Maria Lopez", email="maria@example.com")
    await rows(office.db, "delete from vault.data_key where lead_id = %s", lead_id)
    office.vault.forget([lead_id])

    assert await reading.lead(office.db, office.vault, lead_id) is None
    assert (await reading.leads(office.db, office.vault, office.clock.now())).leads == []
    assert (await reading.search(office.db, office.vault, "maria lopez")).leads == []


async def test_the_second_inquiry_stands_in_the_story_as_such(office: Office) -> None:
    lead_id = await asked(office, name="Maria Lopez", email="maria@example.com", message="first")
    await asked(office, name="Maria Lopez", email="maria@example.com", message="second", channel="phone_call")

    found = await whole(office, lead_id)

    inquiries = [entry for entry in found.timeline if entry.kind == "inquiry"]
    assert [entry.body for entry in inquiries] == ["first", "second"]
    assert inquiries[1].text == "Asked again, through a call"
    assert [inquiry.details["message"] for inquiry in found.inquiries] == ["second", "first"]
    assert found.lead.asked == "second"


async def test_somebody_nobody_can_reach_is_shown_with_what_they_wrote(office: Office) -> None:
    lead_id = await asked(office, name="Jo", phone="call me", email="jo at example")

    found = await whole(office, lead_id)
    to_see = await reading.leads(office.db, office.vault, office.clock.now(), wanted=Wanted(to_see=True))

    assert found.lead.status == "unreachable"
    assert (found.lead.phone_raw, found.lead.email_raw) == ("call me", "jo at example")
    assert found.contacts == []
    assert [lead.id for lead in to_see.leads] == [lead_id]
    assert not found.lead.is_waiting


async def test_events_of_kinds_nobody_foresaw_stand_in_the_story(office: Office) -> None:
    lead_id = await asked(office, name="Maria Lopez", email="maria@example.com")
    async with office.db.transaction() as connection:
        await record(connection, office.clock.now(), "system", "moon_was_full", lead_id=lead_id)

    assert (await whole(office, lead_id)).timeline[-1].text == "Moon was full"


async def test_a_lead_that_never_was_has_no_dossier(office: Office) -> None:
    now = office.clock.now()

    assert await dossier(office.db, office.vault, uuid4(), zone=NEW_YORK, names={}, now=now) is None


async def test_the_figures_of_the_day_count_people_not_messages(house: House) -> None:
    office = house.office
    for n in range(3):
        await house.post({"name": f"Person {n}", "email": f"p{n}@example.com", "phone": f"813-555-010{n}"})
    await house.settled()
    await house.post({"name": "Nobody", "phone": "none"})

    today = await overview.today(office.db, office.clock.now(), NEW_YORK, practice=True)
    without = await overview.today(office.db, office.clock.now(), NEW_YORK, practice=False)
    tomorrow = await overview.today(office.db, office.clock.now() + timedelta(days=1), NEW_YORK, practice=True)

    assert (today.leads, today.answered, today.waiting) == (4, 3, 0)
    assert today.median_s is not None
    assert 0 <= today.median_s < 30
    assert without.leads == 0, "practice leads count in practice only"
    assert (tomorrow.leads, tomorrow.median_s) == (0, None)


async def test_who_waits_is_counted_with_the_one_who_waits_longest(idle_house: House) -> None:
    house = idle_house
    for n in range(2):
        await house.post({"name": f"Person {n}", "email": f"p{n}@example.com", "phone": f"813-555-010{n}"})
        house.advance(timedelta(seconds=30))

    today = await overview.today(house.office.db, house.now, NEW_YORK, practice=True)

    assert today.waiting == 2
    assert today.oldest_asked_at is not None
    assert timedelta(seconds=60) <= house.now - today.oldest_asked_at < timedelta(seconds=90)


async def test_a_vendor_that_is_off_is_never_said_to_fail(office: Office) -> None:
    for vendor in ("twilio", "smtp"):
        await office.db.run("vendor_state_write", vendor=vendor, state="open", reason="does not answer", open_s=30)

    somebody = office.team[0].id
    failing = (await overview.attention(office.db, office.settings, somebody, office.clock.now())).failing

    assert [vendor.name for vendor in failing] == ["twilio"]
