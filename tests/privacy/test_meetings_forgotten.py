"""Meetings of a person: in their copy, sealed in the database, gone with them, and not brought back by a late word."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from privacy_case import dump

from calendly_case import FRIDAY, MARIA, said, states, word
from leadwake.ops import erasure, export, retention
from leadwake.storage import links
from office_case import NOON, House

SECRET = "The marzipan talk"


def booked(number: int = 1) -> dict[str, object]:
    told = word("invitee.created", number, said_at=NOON - timedelta(hours=1))  # before the erasure
    told["payload"]["scheduled_event"]["name"] = SECRET
    return told


async def test_a_copy_tells_of_meetings_and_an_erasure_takes_them_for_good(
    idle_house: House, database_url: str
) -> None:
    house = idle_house
    lead_id = UUID((await house.post(MARIA)).json()["lead_id"])
    await said(house, booked())
    await house.http.post(links.booking_path(house.office.vault, lead_id))
    whole = await export.collect(house.office, lead_id)
    assert [(one["title"], one["state"], one["starts_at"]) for one in whole["meetings"]] == [
        (SECRET, "booked", FRIDAY.isoformat())
    ]
    assert b"marzipan" not in (await dump(database_url)).lower()

    preview = await erasure.preview(house.office, lead_id)
    await erasure.erase(house.office, lead_id, "test")
    assert (preview["meetings"], await states(house)) == (1, {})
    assert b"invitee1" not in (await dump(database_url)).lower()
    # what Calendly tells once more, or later, is nobody's
    await said(house, booked(), word("invitee.canceled"))
    assert await house.rows("select 1 from lead") == []
    assert [row["sealed"] for row in await house.rows("select sealed from meeting")] == [None]


async def test_words_go_in_their_time_and_what_became_nobodys_lead_goes_sooner(idle_house: House) -> None:
    house = idle_house
    await house.post(MARIA)
    await said(house, word("invitee.canceled"), word("invitee.canceled", 2, email="nobody@example.org"))
    house.advance(timedelta(days=31))
    assert (await retention.run(house.office))["meetings"] == 1
    assert await states(house) == {"INVITEE1": "cancelled"}

    await house.rows("update meeting set at = at - interval '25 months'")
    assert (await retention.run(house.office))["meeting_words"] == 1
    assert await house.rows("select 1 from meeting where sealed is not null") == []
