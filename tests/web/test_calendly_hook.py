"""Calendly's webhook: believed only when signed a moment ago, and set up by Leadwake itself."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta

from page_case import admin, logged_in

from calendly_case import BEARER, booking, books, say, signature, states, word
from leadwake.workflows import calendly_hook
from office_case import House

ALIVE = {"CALENDLY_TOKEN": "token", "PUBLIC_URL": "https://leads.example.com"}


async def test_only_what_calendly_signed_a_moment_ago_is_believed(idle_house: House) -> None:
    house = idle_house
    body, now = json.dumps(word("invitee.created")).encode(), int(time.time())
    refused = [
        await say(house, body, header)
        for header in (
            "", "nonsense", signature(body, key="another"), signature(body[:-1] + b" "), signature(body, at=now - 200),
            signature(body, at=now + 200), signature(body).replace("v1=", "v2="), f"{signature(body)}0",
        )
    ]  # fmt: skip
    assert {answer.status_code for answer in refused} == {401}
    assert await states(house) == {}

    assert (await say(house, body, signature(body, at=now - 170))).status_code == 204
    assert await states(house) == {"INVITEE1": "booked"}


async def test_what_is_signed_and_no_booking_disturbs_nothing(idle_house: House) -> None:
    house = idle_house
    odd = word("invitee.created", uri="https://api.calendly.com/users/me")
    form = {"event": "routing_form_submission.created", "created_at": "2026-11-24T17:00:00Z", "payload": {"uri": "x"}}
    answers = [(await say(house, body)).status_code for body in (b"[]", b"\xff", b"[" * 200_000, odd, form)]
    large = await say(house, b" " * (256 * 1024 + 1))

    assert (answers, large.status_code) == ([400, 400, 400, 400, 204], 413)
    assert await house.rows("select 1 from capture") == []


async def test_while_the_database_is_away_calendly_is_asked_to_tell_again(idle_house: House) -> None:
    await idle_house.office.db.close()

    assert (await say(idle_house, word("invitee.created"))).status_code == 503


async def at_the_stand_in(house: House) -> None:
    """Calendly is live, as soon as it has a token, and no farther than this machine."""
    base = house.office.base_settings
    url = f"{house.sandbox.base_url}/calendly"
    house.office.base_settings = replace(base, values={**base.values, "CALENDLY_URL": url})
    await house.office.refresh()


async def test_what_leads_book_is_chosen_and_the_webhook_is_set_and_mended(idle_house: House) -> None:
    house = idle_house
    await at_the_stand_in(house)
    await admin(house)
    async with logged_in(house) as client:
        early = await client.post("/setup/live/calendly/look")
        assert (early.status_code, "token first" in early.text) == (422, True)
        await client.post("/setup/live/save/public", data={"PUBLIC_URL": ALIVE["PUBLIC_URL"]})
        await client.post("/setup/live/save/calendly", data={"CALENDLY_TOKEN": ALIVE["CALENDLY_TOKEN"]})
        page = (await client.get("/setup/live?step=calendly")).text
        assert "Home tour" in page
        tour = "https://api.calendly.com/event_types/PRACTICE60MIN"
        assert (await client.post("/setup/live/calendly/choose", data={"uri": f"{tour}X"})).status_code == 422
        assert (await client.post("/setup/live/calendly/choose", data={"uri": tour})).status_code == 303
        assert "does not report it here yet" in (await client.get("/setup/live")).text
        assert (await client.post("/setup/live/calendly/hook")).status_code == 303
        assert "Leads book Home tour, and Calendly reports it here." in (await client.get("/setup/live")).text

    secret = house.office.settings.get("CALENDLY_WEBHOOK_SECRET")
    body = json.dumps(word("invitee.created")).encode()
    assert len(secret) > 40
    assert (await say(house, body, signature(body, key=secret))).status_code == 204
    assert (await say(house, body, signature(body, key="practice"))).status_code == 401

    # Calendly gives up on it; a day later it is set anew, with the same key, once, and what it did not tell is known
    await house.sandbox.post("/calendly/_disable")
    await books(house, house.now + timedelta(days=9))
    await calendly_hook.check_if_due(house.office)
    assert [hook["state"] for hook in await hooks(house)] == ["disabled"]
    house.advance(timedelta(hours=25))
    await calendly_hook.check_if_due(house.office)
    [hook] = await hooks(house)
    assert (hook["state"], hook["callback_url"]) == ("active", f"{ALIVE['PUBLIC_URL']}/hooks/calendly")
    assert house.office.settings.get("CALENDLY_WEBHOOK_SECRET") == secret
    assert list((await states(house)).values()) == ["booked", "booked"]
    assert len(await house.rows("select 1 from lead")) == 1

    # what cannot be mended is said, and tried again before long
    await house.sandbox.post("/calendly/_disable")
    await house.behave("calendly", mode="error")
    house.advance(timedelta(hours=25))
    await calendly_hook.check_if_due(house.office)
    known = await calendly_hook.seen(house.office)
    assert known is not None
    assert "500" in known.problem
    await house.behave("calendly", mode="ok")
    house.advance(timedelta(hours=2))
    await calendly_hook.check_if_due(house.office)
    assert [hook["state"] for hook in await hooks(house)] == ["active"]


async def hooks(house: House) -> list[dict[str, str]]:
    query = {"organization": booking(1), "scope": "organization"}
    answer = await house.sandbox.get("/calendly/webhook_subscriptions", params=query, headers=BEARER)
    return answer.json()["collection"]  # type: ignore[no-any-return]
