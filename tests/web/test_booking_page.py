"""A lead's booking link: made by a person's click, once; whatever else fetches it changes nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx

from calendly_case import FRIDAY, MARIA, said, unheard, word
from leadwake.storage import links
from office_case import LIMIT_S, House, until

CLICK = {"sec-fetch-user": "?1", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "none"}


@asynccontextmanager
async def somebody(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=house.url, timeout=LIMIT_S, trust_env=False) as client:
        yield client


async def made(house: House) -> int:
    """How many links Calendly was asked for."""
    answer = await house.sandbox.get("/received", params={"vendor": "calendly", "refused": "1"})
    return len([one for one in answer.json() if one["path"].endswith("/scheduling_links")])


async def maria(house: House) -> tuple[str, str]:
    """Her id, and the path of her booking link."""
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    return lead_id, links.booking_path(house.office.vault, UUID(lead_id))


async def test_the_link_in_a_message_leads_to_a_booking_that_is_hers(house: House) -> None:
    """The whole way: her text, her click, a time pressed on the stand-in's page, the webhook, her meeting."""
    lead_id, path = await maria(house)
    await house.settled()
    [text] = [text["Body"] for text in await house.texts() if text["To"] == MARIA["phone"]]
    [mail] = [one for one in await house.mails() if one["personalizations"][0]["to"][0]["email"] == MARIA["email"]]
    link = re.search(r"https?://\S+/b/\S+", text)
    assert link is not None
    assert urlsplit(link[0]).path == path
    assert f'href="{link[0]}"' in mail["content"][1]["value"]

    async with somebody(house) as client:
        answer = await client.get(path, headers=CLICK)
        target = urlsplit(answer.headers["location"])
        given = {name: values[0] for name, values in parse_qs(target.query).items()}
        assert (answer.status_code, given["name"], given["email"], given["utm_content"]) == (
            303, "Maria Lopez", MARIA["email"], lead_id,
        )  # fmt: skip
        page = await house.sandbox.get(f"{target.path}?{target.query}")
        assert "Pick a time" in page.text
        await house.sandbox.post("/calendly/_book", data={**given, "time": FRIDAY.isoformat()})
        await until(lambda: house.rows("select 1 from meeting where state = 'booked' and lead_id = %s::uuid", lead_id))

        after = await client.get(path, headers=CLICK)
        assert "Fri 27 Nov, 10:00 am EST" in after.text
        assert "Move it to another time" in after.text
        assert (await house.sandbox.get(f"{target.path}?{target.query}")).status_code == 410

    events = [entry["kind"] for entry in await house.timeline(lead_id)]
    assert (events.count("booking_opened"), events.count("meeting")) == (1, 1)


async def test_what_is_no_persons_click_makes_no_link_and_counts_for_nothing(idle_house: House) -> None:
    house = idle_house
    lead_id, path = await maria(house)
    async with somebody(house) as client:
        looks = [
            await client.get(path),
            await client.get(path, headers={"user-agent": "Mozilla/5.0 (a scanner)"}),
            await client.get(path, headers=CLICK | {"sec-purpose": "prefetch;prerender"}),
            await client.get(path, headers=CLICK | {"purpose": "prefetch"}),
            await client.get(path, headers=CLICK | {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}),
            await client.head(path, headers=CLICK),
        ]
        assert {answer.status_code for answer in looks} == {200}
        assert "See the times" in looks[0].text
        assert await made(house) == 0
        assert await house.rows("select 1 from booking_link") == []
        assert "booking_opened" not in {entry["kind"] for entry in await house.timeline(lead_id)}

        pressed = await client.post(path)
        assert (pressed.status_code, pressed.headers["cache-control"]) == (303, "no-store")
    assert await made(house) == 1


async def test_twenty_clicks_at_once_are_one_link_and_later_ones_the_same(idle_house: House) -> None:
    house = idle_house
    _, path = await maria(house)
    await house.behave("calendly", mode="ok", delay_ms=300)
    async with somebody(house) as client:
        answers = await asyncio.gather(*(client.get(path, headers=CLICK) for _ in range(20)))
        later = await client.post(path)

    assert {answer.headers["location"] for answer in answers} == {later.headers["location"]}
    assert await made(house) == 1


async def test_a_link_is_made_anew_when_it_lapses_or_books_another_kind(idle_house: House) -> None:
    house = idle_house
    _, path = await maria(house)
    async with somebody(house) as client:
        first = (await client.post(path)).headers["location"]
        house.advance(timedelta(days=81))
        second = (await client.post(path)).headers["location"]
        await house.rows("update booking_link set event_type = 'https://api.calendly.com/event_types/OTHER'")
        third = (await client.post(path)).headers["location"]

    assert len({first, second, third}) == await made(house) == 3


async def test_while_calendly_is_away_the_teams_own_link_takes_over(idle_house: House) -> None:
    house, own = idle_house, "https://book.example.com/harbor"
    live = {
        "CALENDLY_TOKEN": "t", "CALENDLY_EVENT_TYPE": "https://api.calendly.com/event_types/A", "BOOKING_URL": own,
        "CALENDLY_URL": f"{house.sandbox.base_url}/calendly",
    }  # fmt: skip
    base = house.office.base_settings
    house.office.base_settings = replace(base, values={**base.values, **live})
    await house.office.refresh()
    _, path = await maria(house)
    async with somebody(house) as client:
        for mode in ("error", "throttle", "cut", "refuse"):
            await house.behave("calendly", mode=mode)
            assert (await client.post(path)).headers["location"] == own, mode
        await house.behave("calendly", mode="ok")
        assert "/calendly/book?link=" in (await client.post(path)).headers["location"]


async def test_without_any_place_to_book_the_page_says_what_to_do(idle_house: House) -> None:
    house = idle_house
    _, path = await maria(house)
    house.office.base_settings = house.office.settings = house.office.base_settings.in_practice_at(None)
    async with somebody(house) as client:
        answer = await client.post(path)

    assert (answer.status_code, "Answer our message" in answer.text) == (200, True)


async def test_a_link_that_is_forged_cut_or_somebodys_who_is_gone_is_not_there(idle_house: House) -> None:
    house = idle_house
    _, path = await maria(house)
    stranger = links.booking_path(house.office.vault, UUID(int=7))
    async with somebody(house) as client:
        for wrong in (
            path[:-1],
            f"{path}A",
            path.replace(path[10], "A" if path[10] != "A" else "B", 1),
            stranger,
            "/b/é",
        ):
            for method in ("GET", "POST"):
                assert (await client.request(method, wrong, headers=CLICK)).status_code == 404, wrong
    assert await made(house) == 0


async def test_a_moved_meeting_shows_its_new_time(idle_house: House) -> None:
    house = idle_house
    await unheard(house)
    _, path = await maria(house)
    await said(house, word("invitee.created"), word("invitee.canceled", rescheduled=True))
    async with somebody(house) as client:
        assert "See the times" in (await client.get(path)).text
        await said(house, word("invitee.created", 2, starts_at=FRIDAY + timedelta(days=3)))
        assert "Mon 30 Nov, 10:00 am EST" in (await client.get(path)).text
