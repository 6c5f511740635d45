"""The page of the weights: tried before they count, refused with a sentence, put back; and a lead's own score."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from page_case import admin, logged_in

from leadwake.domain.scoring import SHIPPED
from leadwake.storage import scores
from leadwake.web.pages.route import MAX_FIELDS
from leadwake.workflows import scoring
from office_case import House

MARIA = {
    "name": "Maria Lopez", "phone": "+18135550142", "email": "maria@example.com", "source": "website",
    "channel": "web_form", "message": "Is 12 Oak St still open?", "budget": "$400,000", "timeline": "1-3 months",
}  # fmt: skip


def form(**changes: str) -> dict[str, str]:
    """The table as it stands, sent with some fields changed."""
    given = {"version": "0", "hot": "80", "warm": "40"}
    for code, one in SHIPPED.by_code.items():
        given |= {f"p_{code}": str(one.points), f"h_{code}": str(one.half_life_days or "")}
    return given | changes


async def kept(house: House) -> list[dict[str, Any]]:
    return await house.rows("select version, by, reason from score_weights order by version")


async def sends(client: httpx.AsyncClient, status: int, **changes: str) -> str:
    answer = await client.post("/setup/score", data=form(**changes))
    assert answer.status_code == status, answer.text
    return answer.text


async def test_weights_are_tried_then_count_and_are_put_back(idle_house: House) -> None:
    house = idle_house
    await house.post(MARIA)
    person = await admin(house)
    async with logged_in(house) as client:
        tried = await sends(client, 200, p_budget="40")
        assert "Gave a budget: +8 → +40" in tried
        assert "1 of the last 1 lead</b> would have another temperature: 1 from warm to hot" in tried
        assert await kept(house) == []

        await sends(client, 303, p_budget="40", publish="1", reason="they  pay")
        page = (await client.get("/setup/score?saved=1")).text
        assert "Saved." in page
        assert "they pay" in page
        assert await kept(house) == [{"version": 1, "by": f"user {person.id}", "reason": "they pay"}]
        assert house.office.weights.by_code["budget"].points == 40

        stale = await client.post("/setup/score", data=form(p_budget="1", publish="1"))
        assert stale.status_code == 409
        assert (await client.post("/setup/score/history/0", data={"version": "1"})).status_code == 303
        assert (await client.post("/setup/score/history/9", data={"version": "2"})).status_code == 404
    assert house.office.weights.by_code == SHIPPED.by_code
    assert [one["version"] for one in await kept(house)] == [1, 2]


def test_the_whole_table_fits_a_form() -> None:
    assert len(form(publish="1", reason="why")) <= MAX_FIELDS


async def test_what_stands_for_a_protected_class_and_numbers_that_are_none_are_refused(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        page = await sends(client, 422, p_zip_code="20", publish="1")
        assert "this stands for a ZIP code, and nobody is scored by that" in page
        for changes in ({"p_budget": "many"}, {"p_budget": "1000"}, {"h_urgent": "-3"}, {"hot": "30"}, {"warm": ""}):
            page = await sends(client, 422, publish="1", **changes)
            assert "Nothing was saved yet" in page
            assert next(iter(changes.values())) in page
    assert await kept(idle_house) == []


async def test_a_leads_page_shows_the_course_of_the_score_and_what_moved_it(idle_house: House) -> None:
    house = idle_house
    lead_id = UUID((await house.post(MARIA)).json()["lead_id"])
    await admin(house)
    async with logged_in(house) as client:
        first = (await client.get(f"/leads/{lead_id}")).text
        assert "Scored without enrichment." in first
        assert "What moved it" not in first
        house.advance(timedelta(days=2))
        async with house.office.db.transaction() as connection:
            await scores.add(connection, lead_id, UUID(int=1), house.now, ["returned_pricing"])
            await scores.add(connection, lead_id, UUID(int=2), house.now + timedelta(hours=1), ["job_known"])
        house.advance(timedelta(hours=3))
        await scoring.news(house.office)
        then = (await client.get(f"/leads/{lead_id}")).text

    assert 'aria-label="The score since' in then
    assert "What moved it" in then
    assert "<span>Returned to the pricing page <small>" in then
    assert "Scored without enrichment." not in then
    assert "<script>" not in then
