"""Whose data is looked at by whom is on record: every route that shows somebody's says so. A new one needs a mark."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from page_case import admin, logged_in, waits
from test_pages_sequences import BUYER
from test_roles import every_route

from leadwake.domain.looks import How
from leadwake.ops import erasure, export, retention
from leadwake.storage import links, snippets, staff
from leadwake.storage.credentials import SCOPES
from leadwake.storage.db import Database
from leadwake.storage.staff import Person
from leadwake.web.app import create_app
from leadwake.web.sessions import COOKIE
from leadwake.workflows import looks, sequences
from office_case import House, api_key

MARIA = {
    "name": "Maria Vandermeulen", "phone": "+18135550142", "email": "maria.v@example.com",
    "message": "Is 12 Periwinkle Street still open?", "source": "website",
    "interest": "buy_home",
}  # fmt: skip
#: whatever of hers stands in an answer gives it away
HERS = ("Vandermeulen", "8135550142", "555-0142", "maria.v@example", "Periwinkle")

NOBODY = None
#: for the person themselves, by their own link; for the team, of whom no lead's data is
THEIR_OWN = "their own"

#: "METHOD /path" → how a look is written, the first that fits; "*" as in test_roles.MEANT. A post leads back to a page,
#: or answers with one of its own when something is wrong
MARKS: Mapping[str, How | str | None] = {
    "* /u/{token}": THEIR_OWN, "* /p/{token}": THEIR_OWN, "* /c/{token}": THEIR_OWN, "* /b/{token}": THEIR_OWN,
    "* /a/{token}": How.ALERT,
    "* /embed/*": THEIR_OWN, "* /forms/*": THEIR_OWN, "* /hooks/*": NOBODY,
    "GET /v1/leads/*": How.API, "* /v1/*": NOBODY,
    "GET /": How.LIST, "GET /inbox": How.LIST, "GET /leads": How.LIST, "GET /leads/{lead_id}/card": How.LIST,
    "GET /leads/{lead_id}/export": How.EXPORT, "GET /leads/{lead_id}/record": How.RECORD,
    "* /leads/import*": NOBODY,  # rows are nobody's data here before they are taken in; the report names leads by ids
    "GET /leads/{lead_id}": How.PAGE, "GET /leads/{lead_id}/stop": How.PAGE, "GET /leads/{lead_id}/erase": How.PAGE,
    "GET /leads/{lead_id}/snippets/*": How.PAGE,
    "* /dead-letters*": How.LIST, "* /recovery*": How.LIST,
    "* /set-aside*": NOBODY,  # what came in and is nobody's lead
    "POST /sequences/{name}/edit*": How.LIST, "GET /sequences/{name}/ahead": How.LIST, "* /sequences*": NOBODY,
    "* /new-sequence": NOBODY,
    "POST /leads/{lead_id}/letters": How.PAGE, "POST /leads/*": NOBODY,
    "POST /tasks/*": NOBODY, "POST /calls/*": NOBODY,
    "POST /meetings/*": NOBODY, "POST /practice/lead": NOBODY,
    "* /me*": NOBODY, "* /team*": NOBODY, "* /setup*": NOBODY, "* /reports*": NOBODY, "* /proof*": NOBODY,
    "* /sign-in/*": NOBODY, "* /oauth/*": NOBODY, "* /.well-known/*": NOBODY,
    "* /login": NOBODY, "* /logout": NOBODY, "* /invite/*": NOBODY,
    "GET /strip": NOBODY, "GET /events": NOBODY, "GET /static/*": NOBODY, "GET /docs": NOBODY,
    "GET /openapi.json": NOBODY, "GET /healthz*": NOBODY, "GET /readyz": NOBODY, "GET /metrics": NOBODY,
}  # fmt: skip


def mark_of(method: str, path: str) -> How | str | None:
    """How a look by this route is written. Raises LookupError when nobody said."""
    for line, how in MARKS.items():
        verb, _, where = line.partition(" ")
        if verb in {"*", method} and (path.startswith(where[:-1]) if where.endswith("*") else path == where):
            return how
    raise LookupError(f"{method} {path}: say in MARKS whether it shows somebody's data, and note it by web.seen.saw")


@asynccontextmanager
async def a_reader(house: House) -> AsyncIterator[tuple[Person, httpx.AsyncClient]]:
    """An admin nobody has met, at the page; each route gets one of its own, so that its looks are told apart."""
    person = await admin(house, name="Robin Reader", email=f"{uuid4().hex}@example.com")
    async with httpx.AsyncClient(
        base_url=house.url,
        headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"},
        trust_env=False,
        verify=False,
    ) as client:
        client.cookies.set(COOKIE, await staff.start_session(house.office.db, person.id, via="password"))
        yield person, client


async def written(house: House, reader: str) -> dict[UUID, set[str]]:
    """The leads somebody looked at and how, once this second's looks are written."""
    await asyncio.sleep(looks.EVERY_S + 0.2)
    found: dict[UUID, set[str]] = {}
    for row in await house.rows("select lead_id, how from person_read where reader = %s", reader):
        found.setdefault(row["lead_id"], set()).add(row["how"])
    return found


@pytest.fixture
async def maria(idle_house: House) -> UUID:
    """Maria, who waits for somebody, wrote back, has a letter nobody could deliver, and is in a list."""
    receipt = (await idle_house.post(MARIA)).json()
    lead_id = UUID(receipt["lead_id"])
    await idle_house.hear(MARIA["phone"], "Yes, and Periwinkle 14?")
    await waits(idle_house, lead_id, "touch")
    await sequences.publish(idle_house.office, BUYER, None)
    await idle_house.rows(
        "update action set state = 'dead', due_at = null, settled_at = now(), reason = 'rejected' "
        "where lead_id = %s and kind = 'crm'",
        lead_id,
    )
    return lead_id


def shows_her(text: str) -> bool:
    return any(one in text for one in HERS)


async def test_every_route_that_shows_a_person_writes_the_look_and_no_other_shows_one(
    idle_house: House, maria: UUID
) -> None:
    house, wrong, shown = idle_house, [], {}
    agent = (await house.rows("select id from app_user order by created_at limit 1"))[0]["id"]
    until = house.now + timedelta(hours=1)
    alert = links.alert_path(house.office.vault, uuid4(), agent, maria, until).removeprefix("/a/")
    await snippets.save(house.office.db, name="Ask", source="On {{ lead.message }}", channel=None, user_id=None)
    snippet = (await house.rows("select id from snippet"))[0]["id"]
    for method, path in every_route(create_app(house.office)):
        how = mark_of(method, path)
        if method != "GET" or how == THEIR_OWN or path == "/events":
            continue
        place = path.replace("{lead_id}", str(maria)).replace("{token}", alert).replace("{name}", "buyer")
        place = place.replace("{snippet_id}", str(snippet))
        place = re.sub(r"\{\w+\}", "00000000-0000-0000-0000-000000000000", place)
        async with a_reader(house) as (person, client):
            reader = f"user {agent if how is How.ALERT else person.id}"
            if path.startswith("/v1/"):
                key = await api_key(house.office, *SCOPES)
                client.headers["Authorization"] = f"Bearer {key}"
                reader = f"key {key.split('_')[1]}"
            answer = await client.get(place)
        if answer.status_code >= 500 and path != "/readyz":
            wrong.append(f"GET {path} broke: {answer.status_code}")
        if how in {How.ALERT, How.EXPORT} or shows_her(answer.text):
            shown[f"GET {path}"] = (reader, how)
    await asyncio.sleep(looks.EVERY_S + 0.2)
    rows = {(row["reader"], row["how"]) for row in await house.rows("select reader, how from person_read")}
    wrong += [f"{route} shows her and left no look ({how})" for route, (reader, how) in shown.items()
              if (reader, how) not in rows]  # fmt: skip
    # what is marked is a look in truth: no mark is there for nothing
    marked = {f"GET {path}" for method, path in every_route(create_app(house.office))
              if method == "GET" and isinstance(mark_of(method, path), How)}  # fmt: skip
    wrong += [f"{route} is marked and did not show her" for route in marked - set(shown) - {"GET /recovery"}]

    assert not wrong, "\n".join(wrong)


async def test_waking_and_looking_on_the_page_of_who_went_quiet_is_a_look_too(idle_house: House) -> None:
    house = idle_house
    maria = (await house.post(MARIA)).json()["lead_id"]
    await house.rows("update action set state = 'sent', due_at = null, wake_at = null, settled_at = %s", house.now)
    await house.rows("update lead set status = 'answered'")
    await house.rows("delete from enrollment")
    house.advance(timedelta(days=63))
    async with a_reader(house) as (person, client):
        assert shows_her((await client.get("/recovery")).text)

    assert await written(house, f"user {person.id}") == {UUID(maria): {How.LIST}}


async def test_her_page_says_who_looked_and_loading_it_again_is_the_same_look(idle_house: House, maria: UUID) -> None:
    house = idle_house
    ana = await admin(house, name="Ana Alvarez")
    async with logged_in(house) as client:
        for _ in range(3):
            await client.get(f"/leads/{maria}")
        await written(house, "nobody")
        page = (await client.get(f"/leads/{maria}")).text

    assert re.search(r"Ana Alvarez, once, last 1[0-9]:[0-9]+", page)
    rows = await house.rows("select times from person_read where reader = %s and how = 'page'", f"user {ana.id}")
    assert [row["times"] for row in rows] == [1]


async def test_the_person_hears_who_saw_their_data_and_nothing_of_it_outlives_them(
    idle_house: House, maria: UUID
) -> None:
    house = idle_house
    ana = await admin(house, name="Ana Alvarez")
    await looks.note(house.office, f"user {ana.id}", How.PAGE, [maria])
    await looks.note(house.office, f"user {ana.id}", How.PAGE, [maria])
    seen = (await export.collect(house.office, maria))["looks"]

    assert [(one["by"], one["how"], one["times"]) for one in seen] == [("Ana Alvarez", "the lead's page", 2)]
    await erasure.erase(house.office, maria, "cli")
    assert await house.rows("select 1 from person_read") == []
    await looks.note(house.office, f"user {ana.id}", How.PAGE, [maria])  # a page that was made while they were erased
    assert await house.rows("select 1 from person_read") == []


async def test_looks_are_kept_no_longer_than_what_was_written(idle_house: House, maria: UUID) -> None:
    house = idle_house
    await looks.note(house.office, "cli", How.COMMAND, [maria])
    house.advance(timedelta(days=740))
    await house.rows("update lead set last_at = %s", house.now)  # she is there all the same: she asked again
    await house.rows("update message set at = %s", house.now)
    await looks.note(house.office, "cli", How.PAGE, [maria])
    done = await retention.run(house.office)

    assert done["looks"] == 1
    assert [row["how"] for row in await house.rows("select how from person_read")] == [How.PAGE]


async def test_looks_wait_while_the_database_is_away(idle_house: House, maria: UUID) -> None:
    house = idle_house
    kept = looks.Looks(house.office)
    kept.saw("cli", How.PAGE, [maria, None])
    await house.office.db.close()
    await kept.write()
    house.office.db = Database(house.office.db.url)
    await house.office.db.open()
    await kept.write()
    await kept.write()

    assert [row["times"] for row in await house.rows("select times from person_read")] == [1]


async def test_admins_see_who_looked_at_how_many_and_what_is_unusual(idle_house: House, maria: UUID) -> None:
    house = idle_house
    ana = await admin(house, name="Ana Alvarez")
    reader = f"user {ana.id}"
    day = house.now.date()
    await house.rows(
        "insert into lead select (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid()))).* "
        "from lead l, generate_series(1, 60)"
    )
    look = "insert into person_read select id, %s, %s, 'page', 1, %s, %s from lead"
    for before in range(1, 7):
        await house.rows(f"{look} limit 10", day - timedelta(days=before), reader, house.now, house.now)
    await house.rows(look, day, reader, house.now, house.now)
    async with logged_in(house) as client:
        page = (await client.get("/setup/privacy/looks")).text

    assert "Worth a question" in page
    assert "<b>Ana Alvarez</b> opened 61 people" in page
    assert "On a usual day they open 10." in page
