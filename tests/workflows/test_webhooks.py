"""Outgoing webhooks end to end: what happens is told, signed, and told again where it failed."""

from __future__ import annotations

from office_case import House
from webhook_case import a_receiver, is_signed, subscribe

LEAD = {
    "name": "Maria Lopez", "email": "maria@example.com", "phone": "+18135550142", "message": "Is 12 Oak St still open?",
}  # fmt: skip


async def test_a_new_lead_is_told_signed_and_with_enough_to_act_on(house: House) -> None:
    async with a_receiver() as receiver:
        _, secret = await subscribe(house, receiver.url, "lead.created", "lead.assigned")
        lead_id = (await house.post(LEAD)).json()["lead_id"]
        (created,) = await receiver.hears(1, "lead.created")
        (assigned,) = await receiver.hears(1, "lead.assigned")
        await house.settled()

    said = created.json
    assert is_signed(created, secret)
    assert said["data"]["lead"]["id"] == lead_id
    assert said["data"]["lead"]["name"] == "Maria Lopez"
    assert said["data"]["lead"]["phone"] == "+18135550142"
    assert said["data"]["inquiry"]["message"] == "Is 12 Oak St still open?"
    assert assigned.json["sequence"] > said["sequence"]
    (agent,) = assigned.json["data"]["people"].values()
    assert agent["email"] == "dana@example.com"
    assert {one.type for one in receiver.got} == {"lead.created", "lead.assigned"}
    assert (await house.ledger()).problems == []
