"""What the tests of Slack share: an agent with a Slack id, messages as the stand-in has them, clicks as Slack signs."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx

from leadwake.vendors import PRACTICE_VALUES
from office_case import House, until

HOOK = "/hooks/slack/interactive"
DANA, SAM = "U0DANA1234", "U0SAM56789"
LEAD = {
    "name": "Maria Lopez", "phone": "+18135550142", "email": "maria@example.com", "message": "Is 12 Oak St open?",
    "source": "Zillow", "timeline": "asap", "postal_code": "33601",
}  # fmt: skip


async def in_slack(house: House, name: str, slack_id: str | None) -> None:
    """The member of the team with this name has this Slack id."""
    person = next(one for one in house.office.team if one.name == name)
    await house.rows("update app_user set slack_id = %s where id = %s", slack_id, person.id)
    await house.office.refresh()


async def an_unclaimed_lead(house: House, **changes: str) -> str:
    """A lead that nobody has, offered to Dana; its id."""
    lead_id = (await house.post(LEAD | changes)).json()["lead_id"]
    await house.rows("update lead set agent_id = null, claimed_at = null where id = %s", lead_id)
    return str(lead_id)


async def calls(house: House, method: str) -> list[dict[str, Any]]:
    """What the stand-in took by this method of Slack's, oldest first."""
    answer = await house.sandbox.get("/received", params={"vendor": "slack"})
    return [entry["body"] for entry in answer.json() if entry["path"].endswith(f"/api/{method}")]


async def posted(house: House, count: int = 1) -> list[dict[str, Any]]:
    """The messages posted, once there are so many."""

    async def holds() -> bool:
        return len(await calls(house, "chat.postMessage")) >= count

    await until(holds)
    return await calls(house, "chat.postMessage")


async def changed(house: House, count: int = 1) -> list[dict[str, Any]]:
    """The changes made, once there are so many."""

    async def holds() -> bool:
        return len(await calls(house, "chat.update")) >= count

    await until(holds)
    return await calls(house, "chat.update")


def words(message: Mapping[str, Any]) -> str:
    """Everything that a message's blocks say, buttons apart."""
    parts = [block.get("text") or block for block in message["blocks"] if block["type"] != "actions"]
    return "\n".join(part["text"] if "text" in part else part["elements"][0]["text"] for part in parts)


def buttons(message: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The buttons of a message by their label."""
    rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
    return {element["text"]["text"]: element for row in rows for element in row}


def click(user: str, action_id: str, value: str = "", response_url: str = "") -> bytes:
    """A click as Slack posts it."""
    payload = {
        "type": "block_actions", "user": {"id": user}, "response_url": response_url,
        "actions": [{"action_id": action_id, "value": value, "type": "button"}],
    }  # fmt: skip
    return urlencode({"payload": json.dumps(payload)}).encode()


async def press(
    house: House, body: bytes, *, secret: str = PRACTICE_VALUES["SLACK_SIGNING_SECRET"], age_s: int = 0
) -> httpx.Response:
    """The body, signed as docs.slack.dev describes it; written here once more so that the product's own is checked."""
    stamp = str(int(time.time()) - age_s)
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded", "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest}",
    }  # fmt: skip
    return await house.http.post(HOOK, content=body, headers=headers)
