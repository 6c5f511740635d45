"""A list of agents taken in on the page: looked at first, all or nothing, the same again changes nothing."""

from __future__ import annotations

import re

import httpx
from page_case import PASSWORD, admin, browser, logged_in

from leadwake.domain.roster import EXAMPLE
from office_case import House

PLACE = "/setup/team/import"
HEAD = "name,email,phone,role,licences,shifts,capacity\n"


async def look(client: httpx.AsyncClient, text: str, *, as_file: bool = False) -> httpx.Response:
    part = ("agents.csv", text.encode("utf-8-sig")) if as_file else (None, text)
    return await client.post(PLACE, files={"file" if as_file else "list": part})


async def take(client: httpx.AsyncClient, text: str, **boxes: str) -> httpx.Response:
    return await client.post(f"{PLACE}/take", files={"list": (None, text)} | {k: (None, v) for k, v in boxes.items()})


async def test_a_list_is_shown_before_it_changes_anything_and_then_taken_whole(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        shown = await look(client, EXAMPLE, as_file=True)
        assert "2 new, 0 changed, 0 as they are, 0 wrong" in shown.text
        assert len(house.office.team) == 2, "nothing yet"

        done = await take(client, EXAMPLE, invite="on")
        assert "2 added, 0 changed" in done.text
        links = re.findall(rf"{house.url}(/invite/[\w-]+)", done.text)
        assert len(links) == 2
        assert links[0] not in (await client.get(PLACE)).text, "told once"

        again = await look(client, EXAMPLE)
        assert "0 new, 0 changed, 2 as they are, 0 wrong" in again.text
        await take(client, EXAMPLE, invite="on")
    async with browser(house) as newcomer:
        begun = await newcomer.post(links[0], data={"name": "Ana Ortiz", "password": PASSWORD})
        assert begun.status_code == 303

    (ana,) = [one for one in house.office.team if one.email == "ana@example.com"]
    assert (ana.role, ana.phone, ana.takes_leads) == ("agent", "+18135550111", True)
    assert (ana.work.licences, ana.work.languages, ana.work.capacity) == (("FL", "GA"), ("en", "es"), 20)
    assert len(ana.work.days_off) == 8
    (ben,) = [one for one in house.office.team if one.email == "ben@example.com"]
    assert (ben.role, ben.takes_leads, ben.work.on_call) == ("manager", False, True)
    assert len(await house.rows("select 1 from invite where used_at is null")) == 1
    kinds = await house.rows("select kind, data::text as data from event where kind like 'user_%%'")
    assert [row["kind"] for row in kinds] == ["user_added"] * 2
    assert not {"ana", "ortiz", "0111"} & set(re.findall(r"[a-z0-9]+", str(kinds).lower()))


async def test_one_wrong_row_and_nothing_is_taken_unless_the_rest_is_asked_for(house: House) -> None:
    await admin(house)
    text = HEAD + (
        "Ana Ortiz,ana@example.com,(813) 555-0111,agent,FL,Mon-Fri 9:00-17:00,5\n"
        "Bo Wrong,bo@example,12,boss,Atlantis,sometimes,lots\n"
        "Ana Again,ANA@example.com,,agent,,,\n"
    )
    async with logged_in(house) as client:
        shown = (await look(client, text)).text
        for said in ("1 new", "2 wrong", "email: not an e-mail address", "is no state", "stands on line 2 already"):
            assert said in shown, said
        refused = await take(client, text)
        assert refused.status_code == 409
        assert "Nothing was changed" in refused.text
        assert len(house.office.team) == 2

        done = await take(client, text, partial="on")
        assert "1 added, 0 changed" in done.text
        assert "2 left out" in done.text

    assert [one.email for one in house.office.team if one.name == "Ana Ortiz"] == ["ana@example.com"]


async def test_who_is_here_already_is_changed_and_an_empty_cell_leaves_what_is_there(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        await take(client, HEAD + "Ana Ortiz,ana@example.com,(813) 555-0111,agent,FL,Mon-Fri 9:00-17:00,5\n")
        text = HEAD + "Ana O. Ortiz,ana@example.com,,manager,-,,7\n"
        assert "Changes</b>: name, role, licences, capacity" in (await look(client, text)).text
        await take(client, text)

    (ana,) = [one for one in house.office.team if one.email == "ana@example.com"]
    assert (ana.name, ana.role, ana.phone) == ("Ana O. Ortiz", "manager", "+18135550111")
    assert (ana.work.licences, ana.work.capacity, len(ana.work.shifts)) == ((), 7, 1)


async def test_no_list_changes_ones_own_role_or_brings_back_who_left(house: House) -> None:
    await admin(house)
    gone = await admin(house, name="Gone By", email="gone@example.com", role="agent")
    await house.office.db.run("user_disable", id=gone.id)
    await house.office.refresh()
    async with logged_in(house) as client:
        shown = (await look(client, "email,role\nalex@example.com,agent\ngone@example.com,agent\n")).text

    assert "nobody changes their own role" in shown
    assert "a former or an invented member" in shown


async def test_links_saved_as_a_file_run_in_no_spreadsheet(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        saved = await take(client, 'name,email\n"=HYPERLINK(""x"")",ana@example.com\n', invite="on", file="1")

    assert saved.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in saved.headers["content-disposition"]
    rows = saved.text.lstrip("\ufeff").splitlines()
    assert rows[0] == "name,email,link"
    assert rows[1].startswith("\"'=HYPERLINK(")


async def test_what_is_no_list_is_said_and_too_much_is_refused(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        assert "names no column" in (await look(client, "name,phone\nx,1")).text
        assert "the list is empty" in (await look(client, "")).text.lower()
        assert (await look(client, "email\n" + "x" * 600_000)).status_code in {400, 413}
        assert (await client.post(PLACE, data={"list": "email"})).status_code == 415
