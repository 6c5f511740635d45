"""A team on n8n keeps its canvas: real n8n and real Leadwake, the four workflows as they are shipped."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Mapping
from typing import Any

import pytest
from lane import STANDBY, Lane
from n8n_case import ran

from harness import until
from leadwake.storage import ledger
from office_case import twilio_signature

pytestmark = [pytest.mark.n8n, pytest.mark.asyncio(loop_scope="module")]


def seller(number: int, **more: Any) -> dict[str, Any]:
    """A hot lead as some tool names its fields; no two of one number."""
    return {
        "full_name": "Maria Lopez", "phone_number": f"813-555-0{number}", "email": f"seller{number}@example.com",
        "message": "Need to sell fast, please call me today about 12 Oak St, I have a real deadline",
        "interest": "sell_home", "timeline": "ASAP", "budget": "450000", "consent": {"sms": True}, "crm_id": number,
    } | more  # fmt: skip


def number_of(lead: Mapping[str, Any]) -> str:
    return "+1" + str(lead["phone_number"]).replace("-", "")


async def texts(lane: Lane, lead: Mapping[str, Any]) -> list[dict[str, Any]]:
    return await lane.it.sandbox.texts_to(number_of(lead))


async def test_a_lead_posted_to_n8n_is_answered_scored_routed_and_nurtured_and_a_reply_ends_it(lane: Lane) -> None:
    lead = seller(151)
    answer = await lane.lead_comes(lead)
    lead_id = answer.json()["lead_id"]

    assert (answer.status_code, answer.json()["duplicate"]) == (202, False)

    async def answered() -> bool:
        return len(await texts(lane, lead)) == 1

    await until(answered, seconds=10, what="the lead has a text")
    await lane.passes("response", "Taken", lead_id)
    await lane.passes("intelligence", "Hot: put Slack here", lead_id)
    await lane.passes("routing", "Asked: put Slack here", lead_id)
    await lane.passes("nurture", "Begin the sequence", lead_id)
    await lane.passes("routing", "Give it to the standby", lead_id)  # ten minutes by business time, ten seconds here
    await lane.passes("routing", "Nobody was in touch: put a call to the manager here", lead_id)
    await lane.passes("routing", "Has an owner: put your board here", lead_id)
    await lane.passes("routing", "Forget them all", lead_id)  # its memory is full after two events, and nothing is lost
    known = await lane.read(lead_id)

    assert (known["temperature"], known["agent"], known["name"]) == ("hot", STANDBY[0], "Maria Lopez")
    assert known["source"] == "n8n"

    async def mailed() -> bool:
        mails = await lane.it.sandbox.received("sendgrid")
        return any(one["body"]["subject"] == "Still looking?" and lead["email"] in str(one["body"]) for one in mails)

    await until(mailed, seconds=90, what="the sequence's first mail has left")
    await _replies(lane, lead, "Yes, can you call me on Friday?")
    await lane.passes("nurture", "Replied: put Slack here", lead_id)
    await lane.passes("nurture", "Sequence ended: put your board here", lead_id)
    ways = await lane.it.rows("select sequence, state, ended_because from enrollment where lead_id = %s", lead_id)

    assert [(way["sequence"], way["state"]) for way in ways] == [("canvas", "stopped")]


async def test_a_tool_ends_a_sequence_through_n8n(lane: Lane) -> None:
    lead_id = (await lane.lead_comes(seller(152))).json()["lead_id"]

    async def begun() -> bool:
        query = "select count(*) from enrollment where lead_id = %s and state in ('waiting', 'under_way')"
        return bool(await lane.it.value(query, lead_id))

    await until(begun, seconds=60, what="the sequence has begun")
    stop = f"{lane.n8n.url}/webhook/leadwake-stop"
    unknown = await lane.web.post(stop, json={"lead_id": lead_id})
    headers = {"X-Lead-Key": "a key for those who send leads"}
    done = [await lane.web.post(stop, json={"lead_id": lead_id}, headers=headers) for _ in range(2)]
    nobody = await lane.web.post(stop, json={"lead_id": "0193-nobody"}, headers=headers)

    assert [one.status_code for one in (unknown, *done, nobody)] == [403, 200, 200, 404]
    assert not await begun()


async def test_what_leadwake_did_not_sign_is_refused(lane: Lane) -> None:
    event = {"type": "lead.scored", "timestamp": "2026-12-01T17:00:00Z", "sequence": 1, "data": {"lead": {"id": "x"}}}
    body = json.dumps(event, ensure_ascii=False).encode()
    for flow, secret in lane.secrets.items():
        other = next(one for name, one in lane.secrets.items() if name != flow)
        forged, old = await lane.deliver(flow, body, other), await lane.deliver(flow, body, secret, time.time() - 400)
        unsigned = await lane.web.post(f"{lane.n8n.url}/webhook/leadwake-{flow}", content=body)

        async def refused(flow: str = flow) -> bool:
            return len(await _refusals(lane, flow)) == 3

        assert [one.status_code for one in (forged, old, unsigned)] == [401, 401, 401]
        await until(refused, seconds=30, what="three runs have refused")
        assert not any("Settings" in ran(run) for run in await _refusals(lane, flow))


async def test_a_delivery_that_comes_twice_is_passed_on_once(lane: Lane) -> None:
    lead_id = (await lane.lead_comes(seller(153))).json()["lead_id"]
    await lane.passes("intelligence", "Hot: put Slack here", lead_id)
    query = "select id from action where channel = 'webhook' and state = 'sent' and recipient = %s"
    endpoint = await lane.it.value("select id::text from webhook_endpoint order by created_at limit 1")
    sent = [row["id"] for row in await lane.it.rows(query, endpoint)]

    before = await _went(lane, "intelligence", "Hot: put Slack here", lead_id)
    heard = await _went(lane, "intelligence", "Heard of it before?", lead_id)
    await _send_again(lane, sent)

    async def again() -> bool:
        return await _went(lane, "intelligence", "Heard of it before?", lead_id) > heard

    await until(again, seconds=30, what="the delivery has come again")
    assert await _went(lane, "intelligence", "Hot: put Slack here", lead_id) == before


async def test_a_retried_execution_makes_nothing_twice(lane: Lane) -> None:
    lead = seller(154)
    lane.wire.is_deaf = True  # Leadwake takes the lead, and n8n never hears of it
    answer = await lane.lead_comes(lead)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    lost = await _failed_at(lane, "Last try: Retry repeats it")
    lane.wire.is_deaf = False
    again = await lane.lead_comes(lead)
    retried = await lane.n8n.api("POST", f"/executions/{lost['id']}/retry")

    async def done() -> bool:
        found = await lane.n8n.api("GET", f"/executions/{retried['id']}")
        return bool(found["stoppedAt"])

    await until(done, seconds=60, what="the retried execution has ended")
    inquiries = "select count(*) from inquiry i where i.lead_id = %s"

    assert (again.status_code, again.json()["duplicate"]) == (202, False)
    assert await lane.it.value(inquiries, again.json()["lead_id"]) == 1
    assert len(await texts(lane, lead)) == 1


async def test_a_lead_waits_while_leadwake_is_away_and_arrives(lane: Lane) -> None:
    serve, lead = lane.it.processes[-1], seller(155)
    serve.send(signal.SIGTERM)
    await serve.ended()
    coming = asyncio.create_task(lane.lead_comes(lead))
    await asyncio.sleep(1.5)  # the first try has failed
    assert not coming.done()
    lane.it.start("serve", "--port", str(lane.it.port), "--workers", "1")
    answer = await coming

    assert answer.status_code == 202, answer.text
    await lane.it.ready()
    await until(lambda: texts(lane, lead), seconds=30, what="the lead has a text")
    assert len(await texts(lane, lead)) == 1


async def test_what_leadwake_refuses_is_said_and_ends_in_a_failed_execution(lane: Lane) -> None:
    answer = await lane.lead_comes({"comments": "no name, no number"})

    assert answer.status_code == 422
    assert "errors" in answer.json()
    await _failed_at(lane, "A lead was refused")

    async def balanced() -> bool:
        return (await ledger.read(lane.it.office.db, lane.it.office.clock.now())).problems == []

    await until(balanced, seconds=30, what="the ledger adds up")


async def _replies(lane: Lane, lead: Mapping[str, Any], words: str) -> None:
    sender = lane.it.environment["LEADWAKE_TWILIO_FROM"]
    form = {"MessageSid": f"SM{time.time_ns():032x}", "From": number_of(lead), "To": sender, "Body": words}
    token = lane.it.environment["LEADWAKE_TWILIO_AUTH_TOKEN"]
    url = f"{lane.it.url}/hooks/twilio/sms"
    answer = await lane.web.post(url, data=form, headers={"X-Twilio-Signature": twilio_signature(token, url, form)})
    assert answer.status_code == 200, answer.text


async def _failed_at(lane: Lane, node: str) -> dict[str, Any]:
    """The run of the first workflow that failed there, once n8n has it."""

    async def failed() -> dict[str, Any] | None:
        runs = await lane.n8n.executions(lane.flows["response"], status="error")
        return next((run for run in runs if ran(run)[-1] == node), None)

    return await until(failed, seconds=30, what=f"a run has failed at {node!r}")  # type: ignore[no-any-return]


async def _refusals(lane: Lane, flow: str) -> list[dict[str, Any]]:
    return [run for run in await lane.n8n.executions(lane.flows[flow], status="success") if "Refuse it" in ran(run)]


async def _went(lane: Lane, flow: str, node: str, lead_id: str) -> int:
    """How many runs about this lead went through the node, and had something left there."""
    runs = await lane.n8n.executions(lane.flows[flow], status="success")
    return sum(node in ran(run) and lead_id in str(run["data"]) for run in runs)


async def _send_again(lane: Lane, deliveries: list[Any]) -> None:
    """As the button of Setup, Webhooks does."""
    from leadwake.workflows import webhook_endpoints

    person = lane.it.office.team[0]
    endpoint = (await webhook_endpoints.everything(lane.it.office))[0]
    for delivery in deliveries:
        assert await webhook_endpoints.send_again(lane.it.office, endpoint.id, person, delivery)
