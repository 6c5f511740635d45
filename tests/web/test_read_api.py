"""What a program reads of a lead."""

from __future__ import annotations

from typing import Any

import pytest

from office_case import House, api_key, working

MARIA: dict[str, Any] = {
    "name": "Maria Lopez",
    "phone": "(813) 555-0194",
    "email": "Maria@Example.com",
    "message": "Is 12 Oak St still open?",
    "source": "Zillow",
    "channel": "web_form",
    "interest": "buy_home",
    "consent": {"sms": True, "email": None},
}


async def test_a_lead_reads_as_it_was_understood_and_answered(house: House) -> None:
    posted = (await house.post(MARIA)).json()
    await house.settled()

    answer = await house.http.get(f"/v1/leads/{posted['lead_id']}")

    lead = answer.json()
    assert answer.status_code == 200
    assert lead["id"] == posted["lead_id"]
    assert (lead["name"], lead["phone"], lead["email"]) == ("Maria Lopez", "+18135550194", "maria@example.com")
    assert lead["score"] == sum(reason["points"] for reason in lead["reasons"])
    assert lead["temperature"] in {"hot", "warm", "cold"}
    assert lead["status"] == "answered"
    assert lead["agent"] == "Dana Reyes"
    assert 0 <= lead["first_touch_s"] < 30
    assert [inquiry["message"] for inquiry in lead["inquiries"]] == [MARIA["message"]]
    assert {contact["value"] for contact in lead["contacts"]} == {"+18135550194", "maria@example.com"}
    assert lead["to_come"] == []


async def test_what_is_still_to_come_is_said(idle_house: House) -> None:
    lead_id = (await idle_house.post(MARIA)).json()["lead_id"]

    lead = (await idle_house.http.get(f"/v1/leads/{lead_id}")).json()

    assert lead["first_touch_s"] is None
    assert lead["status"] == "new"
    assert {action["kind"] for action in lead["to_come"]} == {"sms", "email"}


async def test_the_timeline_is_whole_and_in_order(house: House) -> None:
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await house.settled()
    await house.hear("+18135550194", "Sunday would be good")

    timeline = await house.timeline(lead_id)

    assert [entry["at"] for entry in timeline] == sorted(entry["at"] for entry in timeline)
    assert timeline[0]["kind"] == "inquiry"
    assert timeline[0]["body"] == MARIA["message"]
    kinds = {entry["kind"] for entry in timeline}
    assert {
        "inquiry",
        "consent",
        "score",
        "assigned",
        "sms",
        "email",
        "crm",
        "alert_sms",
        "alert_email",
        "reply",
    } <= kinds
    sent = next(entry for entry in timeline if entry["kind"] == "sms" and entry["state"] == "sent")
    assert "after the lead asked" in sent["text"]
    assert sent["body"].startswith("Hi Maria")
    assert "rule R-" in sent["proof"]
    reply = next(entry for entry in timeline if entry["kind"] == "reply")
    assert reply["body"] == "Sunday would be good"
    assert "paused" in {entry["kind"] for entry in timeline[timeline.index(reply) :]}


async def test_a_text_that_waits_says_until_when_and_why(idle_house: House) -> None:
    """Asked at noon, nobody at work until late in the evening: held until the next morning."""
    lead_id = (await idle_house.post({**MARIA, "email": None})).json()["lead_id"]
    idle_house.wheel.offset_s += 11 * 3600
    async with working(idle_house.office):
        await idle_house.settled()

    lead = (await idle_house.http.get(f"/v1/leads/{lead_id}")).json()
    held = [entry for entry in await idle_house.timeline(lead_id) if entry.get("state") == "deferred"]

    assert held
    assert held[-1]["text"].startswith("Text waits until Wed 25 Nov, 8:00")
    assert "Florida hours" in held[-1]["text"]
    assert [action["why"] for action in lead["to_come"]] == [held[-1]["text"]]


@pytest.mark.parametrize(
    "lead_id",
    ["nonsense", "01890000-0000-7000-8000-000000000000", "{01890000-0000-7000-8000-000000000000}", "%00", "1" * 400],
)
@pytest.mark.parametrize("end", ["", "/timeline"])
async def test_no_such_lead_is_a_problem_document(house: House, lead_id: str, end: str) -> None:
    answer = await house.http.get(f"/v1/leads/{lead_id}{end}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_reading_needs_a_key_with_its_scope(house: House) -> None:
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    writer = await api_key(house.office, "leads:write")

    for end in ("", "/timeline"):
        place = f"/v1/leads/{lead_id}{end}"
        assert (await house.http.get(place, headers={"authorization": ""})).status_code == 401
        assert (await house.http.get(place, headers={"authorization": f"Bearer {writer}"})).status_code == 403
