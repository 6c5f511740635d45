"""Who says "not now, maybe in March": nobody nags until then, and then somebody is reminded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from page_case import admin, logged_in

from leadwake.workflows import touching
from office_case import House

MARIA = {"name": "Maria Lopez", "phone": "813-555-0194", "email": "maria@example.com", "message": "Is it open?"}
NUMBER = "+18135550194"


async def _says(house: House, words: str) -> None:
    assert (await house.hear(NUMBER, words)).status_code == 200


async def _open(house: House) -> list[tuple[str, datetime | None]]:
    rows = await house.rows("select kind, snoozed_until from task where done_at is null order by kind")
    return [(row["kind"], row["snoozed_until"]) for row in rows]


async def test_not_now_is_a_follow_up_on_the_day_they_named_and_outlives_an_answer(house: House) -> None:
    boss = await admin(house)
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await house.settled()
    await _says(house, "Not right now, maybe in March")
    march = datetime(2027, 3, 1, 14, tzinfo=UTC)  # nine in New York
    assert ("follow_up", march) in await _open(house)

    async with house.office.db.transaction() as connection:
        await touching.touched(connection, lead_id, boss.id, house.now, how="said")
    assert await _open(house) == [("follow_up", march)]
    async with logged_in(house) as client:
        thread = (await client.get(f"/leads/{lead_id}")).text
        assert "Not now, it seems; try again on 1 March 2027" in thread
        assert "To be asked again on 1 March 2027" in thread
        assert "Maria Lopez" not in (await client.get("/?whose=team")).text
        house.advance(march - house.now + timedelta(minutes=5))
        now = (await client.get("/?whose=team")).text
        assert "Maria Lopez" in now
        assert "they said: not now, try again about today" in now

    async with house.office.db.transaction() as connection:
        await touching.touched(connection, lead_id, boss.id, house.now, how="said")
    assert await _open(house) == []


async def test_the_last_word_counts_and_a_stop_ends_it(house: House) -> None:
    await house.post(MARIA)
    await house.settled()
    await _says(house, "not now, check back in 6 months")
    await _says(house, "actually maybe in January")
    tasks = dict(await _open(house))
    assert tasks["follow_up"] == datetime(2027, 1, 1, 14, tzinfo=UTC)

    await _says(house, "STOP")
    assert await _open(house) == []
    events = await house.rows("select data from event where kind = 'replied' order by id")
    assert [row["data"].get("wants") for row in events] == ["not_now", "not_now"]


async def test_two_answers_are_suggested_in_their_language_and_only_while_they_wait(house: House) -> None:
    boss = await admin(house)
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await house.settled()
    await _says(house, "¿Me puede llamar mañana por favor?")
    async with logged_in(house) as client:
        page = (await client.get(f"/leads/{lead_id}")).text
        assert f'href="/leads/{lead_id}?say=2#words">Claro, Maria. ¿A qué hora le queda mejor' in page
        chosen = (await client.get(f"/leads/{lead_id}?say=2")).text
        assert "\nClaro, Maria. ¿A qué hora" in chosen.partition("<textarea")[2]
        assert (await client.get(f"/leads/{lead_id}?say=nonsense")).status_code == 200
        async with house.office.db.transaction() as connection:
            await touching.touched(connection, lead_id, boss.id, house.now, how="said")
        assert "?say=1" not in (await client.get(f"/leads/{lead_id}")).text
