"""One's own page and the managers' pages about people: shifts, days off, pauses, what they may take."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import httpx
import pytest
from page_case import admin, browser, logged_in

from leadwake.domain.shift_words import shift_words
from leadwake.domain.shifts import Shift
from leadwake.storage.staff import FOR_GOOD, Person
from leadwake.web.pages.people import people_view
from office_case import NOON, House

XSS = "<script>alert(1)</script>"


async def sam(house: House, **changes: Any) -> Person:
    """Sam, who sells."""
    about = {"name": "Sam Seller", "email": "sam@example.com", "role": "agent", "takes_leads": True} | changes
    return await admin(house, **about)


async def mia(house: House) -> Person:
    """Mia, who manages."""
    return await admin(house, name="Mia Manager", email="mia@example.com", role="manager")


def now_of(house: House, person: Person) -> Person:
    found = house.office.person(person.id)
    assert found is not None
    return found


async def test_an_agent_sets_two_shifts_a_day_in_one_tap_and_by_rows(idle_house: House) -> None:
    person = await sam(idle_house)
    async with logged_in(idle_house, "sam@example.com") as client:
        assert (await client.post("/me/hours", data={"preset": "lunch"})).status_code == 303
        assert shift_words(now_of(idle_house, person).work.shifts) == "Mon-Fri 09:00-12:30 13:30-18:00"

        page = (await client.get("/me")).text
        assert page.count('<fieldset class="shift') == 4, "two shifts, and always two empty rows more"
        rows = {
            "row0_day1": "on", "row0_from": "09:00", "row0_to": "12:00",
            "row1_day1": "on", "row1_from": "13:00", "row1_to": "17:00", "row1_remove": "on",
            "row2_day6": "on", "row2_from": "22:00", "row2_to": "02:00",
            "row3_from": "", "row3_to": "", "time_zone": "America/Chicago", "on_call": "on",
        }  # fmt: skip
        assert (await client.post("/me/hours", data=rows)).status_code == 303

    work = now_of(idle_house, person).work
    assert work.shifts == (Shift((1,), time(9), time(12)), Shift((6,), time(22), time(2)))
    assert (work.time_zone, work.on_call) == ("America/Chicago", True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"row0_from": "09:00", "row0_to": "12:00"}, "Tick its days"),
        ({"row0_day1": "on", "row0_from": "", "row0_to": ""}, "Write from when to when"),
        ({"row0_from": "", "row0_to": "", "time_zone": "Mars/Olympus"}, "There is no such time zone"),
    ],
)
async def test_a_shift_that_is_not_whole_is_said_where_it_stands(
    idle_house: House, given: dict[str, str], said: str
) -> None:
    person = await sam(idle_house)
    async with logged_in(idle_house, "sam@example.com") as client:
        answer = await client.post("/me/hours", data=given)

    assert answer.status_code == 422
    assert said in answer.text
    assert now_of(idle_house, person).work.shifts == ()


async def test_days_off_are_put_in_as_a_range_and_as_a_years_holidays_and_taken_out(idle_house: House) -> None:
    person = await sam(idle_house)
    async with logged_in(idle_house, "sam@example.com") as client:
        await client.post("/me/days-off", data={"first": "2026-12-23", "last": "2026-12-25"})
        await client.post("/me/days-off", data={"first": "", "holidays": "2026"})
        found = now_of(idle_house, person).work.days_off
        assert found == {date(2026, 11, 26), *(date(2026, 12, day) for day in (23, 24, 25))}, "what is past stays out"

        await client.post("/me/days-off", data={"first": "", "remove_2026-12-23": "on"})
        assert date(2026, 12, 23) not in now_of(idle_house, person).work.days_off
        refused = await client.post("/me/days-off", data={"first": "2026-12-25", "last": "2026-12-01"})

    assert refused.status_code == 422
    assert "The last day is before the first" in refused.text


async def test_an_agent_pauses_new_leads_and_takes_them_again_with_one_tap(idle_house: House) -> None:
    person = await sam(idle_house)
    async with logged_in(idle_house, "sam@example.com") as client:
        await client.post("/me/pause", data={"for": "hour"})
        until = now_of(idle_house, person).work.paused_until
        assert until is not None
        assert timedelta(minutes=59) < until - NOON < timedelta(minutes=61)

        await client.post("/me/pause", data={"for": "today"})
        midnight = datetime(2026, 11, 25, 5, tzinfo=UTC)
        assert now_of(idle_house, person).work.paused_until == midnight, "of their own day"

        await client.post("/me/pause", data={"for": "until"})
        assert now_of(idle_house, person).work.paused_until == FOR_GOOD
        (row,) = await idle_house.rows(
            "select paused_until = 'infinity' as ever from app_user where id = %s", person.id
        )
        assert row["ever"]
        assert "No new leads until they say so" in (await client.get("/me")).text

        await client.post("/me/resume")
        assert now_of(idle_house, person).work.paused_until is None
        assert (await client.post("/me/pause", data={"for": "ever"})).status_code == 400


async def test_an_agent_changes_their_name_and_number_and_no_licence_of_theirs(idle_house: House) -> None:
    person = await sam(idle_house)
    async with logged_in(idle_house, "sam@example.com") as client:
        given = {"name": "Sam Sellers", "phone": "(813) 555-0177", "role": "admin", "takes_leads": ""}
        assert (await client.post("/me", data=given)).status_code == 303
        more = {"languages": "English, Spanish", "slack_id": "u024be7lh", "licences": "FL", "capacity": "999"}
        assert (await client.post("/me/work", data=more)).status_code == 303
        refused = await client.post("/me", data={"name": "", "phone": "12"})

    changed = now_of(idle_house, person)
    assert (changed.name, changed.phone, changed.role) == ("Sam Sellers", "+18135550177", "agent")
    assert changed.takes_leads
    assert (changed.work.languages, changed.work.slack_id) == (("en", "es"), "U024BE7LH")
    assert changed.work.licences == ()
    assert changed.work.capacity is None
    assert refused.status_code == 422
    assert "Not a phone number" in refused.text


async def test_a_manager_says_what_an_agent_may_take(idle_house: House) -> None:
    person = await sam(idle_house)
    await mia(idle_house)
    async with logged_in(idle_house, "mia@example.com") as client:
        place = f"/team/people/{person.id}"
        given = {
            "licences": "Florida, GA", "areas": "336, FL", "languages": "English", "capacity": "12", "slack_id": "",
            "can_buy_home": "on", "can_sell_home": "on",
        }  # fmt: skip
        assert (await client.post(f"{place}/work", data=given)).status_code == 303
        refused = await client.post(f"{place}/work", data=given | {"capacity": "lots", "licences": "Atlantis"})
        page = (await client.get(place)).text

    work = now_of(idle_house, person).work
    assert (work.licences, work.areas, work.capacity) == (("FL", "GA"), ("336", "FL"), 12)
    assert work.specialties == ("buy_home", "sell_home")
    assert refused.status_code == 422
    assert "is no state" in refused.text
    assert "Write a number" in refused.text
    assert 'value="FL, GA"' in page


async def test_no_button_of_an_agents_page_loses_what_was_typed_in_its_other_boxes(idle_house: House) -> None:
    person = await sam(idle_house)
    await mia(idle_house)
    async with logged_in(idle_house, "mia@example.com") as client:
        place = f"/team/people/{person.id}"
        typed = {"licences": "FL", "languages": "Spanish", "can_buy_home": "on", "row0_from": "", "row0_to": ""}
        await client.post(f"{place}/hours", data=typed | {"preset": "office"})
        rows = {"row0_day6": "on", "row0_from": "10:00", "row0_to": "14:00", "on_call": "on"}
        await client.post(f"{place}/work", data=typed | rows)
        wrong = {"licences": "Atlantis", "row0_day6": "on", "row0_from": "ten"}
        refused = await client.post(f"{place}/hours", data=typed | wrong)
        missed = await client.post(f"{place}/days-off", data={"first": "soon"})

    work = now_of(idle_house, person).work
    assert (work.licences, work.languages, work.specialties, work.on_call) == (("FL",), ("es",), ("buy_home",), True)
    assert shift_words(work.shifts) == "Sat 10:00-14:00"
    for words in ("is no state", "write from when to when"):
        assert words in refused.text.replace("Write", "write")
    assert refused.text.count(" autofocus") == 2
    assert missed.status_code == 422
    assert re.search(r'name="can_buy_home" checked', missed.text), "what was not in that form stands as it is"
    assert re.search(r'name="on_call" checked', missed.text)


async def test_what_somebody_may_take_is_changed_with_a_line_in_the_log(idle_house: House) -> None:
    person = await sam(idle_house)
    boss = await mia(idle_house)
    async with logged_in(idle_house, "mia@example.com") as client:
        await client.post(f"/team/people/{person.id}/pause", data={"for": "hour", "back": "/team/people"})

    (event,) = await idle_house.rows("select actor, data from event where kind = 'paused_leads'")
    assert event["actor"] == f"user {boss.id}"
    assert event["data"]["user"] == str(person.id)


async def test_the_list_says_who_is_there_and_how_much_they_have(idle_house: House) -> None:
    on, off = await sam(idle_house), await sam(idle_house, name="Lou Late", email="lou@example.com")
    await mia(idle_house)
    async with logged_in(idle_house, "mia@example.com") as client:
        await client.post(f"/team/people/{on.id}/hours", data={"preset": "office"})
        await client.post(f"/team/people/{off.id}/hours", data={
            "row0_day3": "on", "row0_from": "09:00", "row0_to": "12:00", "time_zone": "America/Los_Angeles",
        })  # fmt: skip
        await idle_house.post({"name": "Maria Lopez", "phone": "813-555-0194", "message": "Hello"})
        page = (await client.get("/team")).text
    async with idle_house.office.db.connection() as connection:
        found = {one.person.id: one for one in await people_view(idle_house.office, connection)}

    assert found[on.id].is_on
    assert not found[off.id].is_on
    assert found[off.id].next_at == datetime(2026, 11, 25, 17, tzinfo=UTC)
    assert sum(one.owned for one in found.values()) <= 1
    assert "On shift now" in page
    assert "Off; next Wed 25 Nov, 9:00 in Los Angeles" in page
    assert "Dana" not in page, "the sample team steps back"


async def test_a_pause_from_the_list_comes_back_to_the_list(idle_house: House) -> None:
    person = await sam(idle_house)
    await mia(idle_house)
    async with logged_in(idle_house, "mia@example.com") as client:
        there = await client.post(f"/team/people/{person.id}/pause", data={"for": "until", "back": "/team"})
        away = await client.post(f"/team/people/{person.id}/resume", data={"back": "https://evil.example"})

    assert there.headers["location"] == "/team"
    assert away.headers["location"] == "/"


async def test_nobody_finds_people_who_are_not_there(idle_house: House) -> None:
    await mia(idle_house)
    gone = await sam(idle_house)
    await idle_house.office.db.run("user_disable", id=gone.id)
    await idle_house.office.refresh()
    async with logged_in(idle_house, "mia@example.com") as client:
        for key in ("nonsense", "00000000-0000-0000-0000-000000000000", gone.id):
            assert (await client.get(f"/team/people/{key}")).status_code == 404
            assert (await client.post(f"/team/people/{key}/pause", data={"for": "hour"})).status_code == 404


async def test_names_are_shown_and_never_run(idle_house: House) -> None:
    person = await sam(idle_house, name=f"{XSS} Seller")
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        await client.post("/setup/team", data={"name": f'"{XSS}', "email": f"{XSS}@x", "role": XSS, "shifts": XSS})
        places = ["/team", f"/team/people/{person.id}", "/setup/team", "/setup/team/import", "/me"]
        shown = [(await client.get(place)).text for place in places]
        shown.append((await client.post("/setup/team", data={"name": XSS, "email": XSS, "licences": XSS})).text)
        shown.append(
            (await client.post(f"/team/people/{person.id}/hours", data={"row0_from": XSS, "row0_to": '"' + XSS})).text
        )
        shown.append((await client.post("/me", data={"name": "", "phone": f'"><{XSS}'})).text)
        listed = {"list": (None, f'name,email,licences,"{XSS}"\n"{XSS}",=x{XSS}@example.com,{XSS}\n')}
        shown.append((await client.post("/setup/team/import", files=listed)).text)
    async with logged_in(idle_house, "sam@example.com") as client:
        shown.append((await client.get("/", headers={"User-Agent": XSS})).text)
        shown.append((await client.get("/me")).text)

    for page in shown:
        assert XSS not in page
        assert not re.search(r"<script(?! src=)", page)
    assert sum("&lt;script&gt;" in page for page in shown) >= 7


# Sessions.


async def _sign_in(client: httpx.AsyncClient, agent: str) -> None:
    given = {"email": "sam@example.com", "password": "four quiet harbour seals"}
    answer = await client.post("/login", data=given, headers={"User-Agent": agent})
    assert answer.status_code == 303


async def test_sessions_are_listed_by_browser_and_ended_one_or_all(idle_house: House) -> None:
    await sam(idle_house)
    async with browser(idle_house) as phone, browser(idle_house) as desk, browser(idle_house) as third:
        await _sign_in(phone, "Mozilla/5.0 (iPhone) Version/19 Safari/604")
        await _sign_in(desk, "Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537")
        await _sign_in(third, "curl/8")
        page = (await desk.get("/me")).text
        assert [name in page for name in ("Safari on iPhone", "Chrome on Windows", "A browser")] == [True] * 3
        marks = re.findall(r"/me/sessions/([0-9a-f]{16})/end", page)
        assert len(marks) == 2

        await desk.post(f"/me/sessions/{marks[-1]}/end")
        assert [(await one.get("/me")).status_code for one in (phone, desk, third)] == [303, 200, 200]
        await desk.post("/me/sessions/end-others")
        assert [(await one.get("/me")).status_code for one in (phone, desk, third)] == [303, 200, 303]


async def test_nobody_ends_a_session_of_somebody_else(idle_house: House) -> None:
    await sam(idle_house)
    await mia(idle_house)
    async with logged_in(idle_house, "mia@example.com") as other, logged_in(idle_house, "sam@example.com") as mine:
        (row,) = await idle_house.rows(
            "select encode(substring(token_hash from 1 for 8), 'hex') as mark from session s "
            "join app_user u on u.id = s.user_id where u.role = 'agent'"
        )
        await other.post(f"/me/sessions/{row['mark']}/end")

        assert (await mine.get("/me")).status_code == 200
