"""Setup, Webhooks: endpoints added, tried, changed, paused and deleted; deliveries looked through and sent again."""

from __future__ import annotations

import re

from page_case import admin, logged_in

from leadwake.domain.webhook_signing import key_text
from office_case import House
from webhook_case import a_receiver, is_signed


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found
    return found[0]


def _place(text: str) -> str:
    return _found(r"/setup/webhooks/[0-9a-f-]{36}", text)


LEAD = {"name": "Maria Lopez", "email": "maria@example.com", "phone": "+18135550142"}


async def test_an_endpoint_is_added_tried_and_its_secret_shown_once(house: House) -> None:
    await admin(house)
    async with a_receiver() as receiver, logged_in(house) as client:
        added = await client.post("/setup/webhooks", data={"url": receiver.url, "event_lead.created": "on"})
        secret, place = _found(r"whsec_[A-Za-z0-9+/=]+", added.text), _place(added.text)
        tried = await client.post(f"{place}/test")
        (got,) = await receiver.hears(1)
        await house.settled()
        page = (await client.get(place)).text
        listed = (await client.get("/setup/webhooks")).text

    assert tried.status_code == 303
    assert (got.type, got.json["data"]) == ("webhook.test", {"event": {}})
    assert is_signed(got, secret)
    text = key_text(secret)
    assert text is not None
    assert f">{text}<" in added.text  # for tools whose keys are text
    assert "whsec_" not in page + listed
    assert text not in page + listed
    assert "arrived" in page
    assert re.search(r"200 in \d+ ms", page)
    assert receiver.url in listed


async def test_what_was_missed_while_paused_is_sent_again_by_one_press(house: House) -> None:
    await admin(house)
    async with a_receiver() as receiver, logged_in(house) as client:
        added = await client.post("/setup/webhooks", data={"url": receiver.url, "event_lead.created": "on"})
        place = _place(added.text)
        refused = await client.post(f"{place}/delete")
        await client.post(f"{place}/pause")
        await house.post(LEAD)
        await house.settled()
        heard_while_paused = len(receiver.got)
        await client.post(f"{place}/resume")
        again = await client.post(f"{place}/again", data={"since": "1h"})
        (got,) = await receiver.hears(1)
        await house.settled()
        once_more = await client.post(f"{place}/again", data={"since": "1h"})
        delivery = _found(r'(?<=name="id" value=")[0-9a-f-]{36}', (await client.get(place)).text)
        await client.post(f"{place}/again", data={"id": delivery})
        first, second = await receiver.hears(2)
        await house.settled()
        not_sent = (await client.get(f"{place}?state=not+sent&event=lead.created")).text
        await client.post(f"{place}/pause")
        deleted = await client.post(f"{place}/delete")

    assert "pause-first" in refused.headers["location"]
    assert heard_while_paused == 0
    assert again.headers["location"].endswith("?done=missed-1#deliveries")
    assert once_more.headers["location"].endswith("?done=missed-0#deliveries")
    assert got.json["data"]["lead"]["name"] == "Maria Lopez"
    assert first.id == second.id
    assert "Its endpoint was paused" in not_sent or "its endpoint was paused" in not_sent
    assert deleted.headers["location"] == "/setup/webhooks?deleted=1"
    assert (await house.ledger()).problems == []


async def test_what_waits_is_taken_back_and_found_again(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        added = await client.post("/setup/webhooks", data={"url": "http://127.0.0.1:9009/", "event_lead.created": "on"})
        place = _place(added.text)
        await idle_house.post(LEAD)
        waiting = (await client.get(place)).text
        await client.post(f"{place}/stop")
        stopped = (await client.get(place)).text
        again = await client.post(f"{place}/again", data={"since": "24h"})

    assert "1 waits or is being sent." in waiting
    assert "omebody took back what waited" in stopped
    assert again.headers["location"].endswith("?done=missed-1#deliveries")


async def test_a_url_that_leads_inside_or_nowhere_is_refused_beside_its_field(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        for url in (
            "http://example.com/", "https://10.0.0.7/", "https://user:word@example.com/", "ftp://example.com/",
            "https://example.com:22/", "https://[::1%25lo]/", "https://", "https://example.com/" + "x" * 2000,
            "https://169.254.169.254/latest/meta-data",
        ):  # fmt: skip
            answer = await client.post("/setup/webhooks", data={"url": url})

            assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (422, True), url
        gone = await client.get("/setup/webhooks/0193d5f0-0000-7000-8000-000000000000")
        strange = await client.post("/setup/webhooks/nobody/test")

    assert (gone.status_code, strange.status_code) == (404, 404)
    assert await idle_house.rows("select 1 from webhook_endpoint") == []
