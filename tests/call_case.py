"""What the tests of calls share: people of the practice with phones, and what the product made of it."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import httpx

from leadwake.vendors import PRACTICE_VALUES
from office_case import House, until

MARIA = "+18135550142"
DANA = "+18135550101"  # the agent every house has
OURS = PRACTICE_VALUES["TWILIO_FROM"]
VOICE = "/hooks/twilio/voice"


async def rings(house: House, person: str = MARIA) -> str:
    """Somebody calls the team; the carrier's id of the call."""
    answer = await house.sandbox.post("/call", data={"from": person})
    assert answer.status_code == 303, answer.text
    return answer.headers["x-call"]


async def does(house: House, sid: str, to: str, steps: str) -> None:
    """Somebody answers, presses a key, hangs up …"""
    answer = await house.sandbox.post("/phone", data={"call": sid, "to": to, "do": steps})
    assert answer.status_code == 303, answer.text


async def calls(house: House) -> list[dict[str, Any]]:
    """Every call, oldest first."""
    return await house.rows("select * from call order by at, id")


async def call_is(house: House, *states: str) -> dict[str, Any]:
    """The only call, once it stands so."""
    found: dict[str, Any] = {}

    async def holds() -> bool:
        rows = await calls(house)
        found.update(rows[0] if rows else {})
        return bool(rows) and rows[0]["state"] in states

    await until(holds)
    return found


def sid(number: int = 1) -> str:
    return f"CA{number:032x}"


def arriving(from_: str = MARIA, number: int = 1) -> dict[str, str]:
    """The form of a call that comes in."""
    return {
        "CallSid": sid(number), "AccountSid": PRACTICE_VALUES["TWILIO_ACCOUNT_SID"], "From": from_, "To": OURS,
        "CallStatus": "ringing", "Direction": "inbound", "FromState": "FL",
    }  # fmt: skip


def leg(digits: str = "", status: str = "in-progress") -> dict[str, str]:
    """The form of a colleague's leg."""
    form = {"CallSid": sid(9), "ParentCallSid": sid(), "From": OURS, "To": DANA, "CallStatus": status}
    return form | ({"Digits": digits} if digits else {})


def over(status: str = "no-answer", bridged: str = "false", number: int = 1) -> dict[str, str]:
    """The form of a <Dial> that has ended."""
    return arriving(number=number) | {"CallStatus": "in-progress", "DialCallStatus": status, "DialBridged": bridged}


def verbs(answer: httpx.Response) -> list[ElementTree.Element]:
    """What Twilio is told to do."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/xml")
    return list(ElementTree.fromstring(answer.text))


def said(answer: httpx.Response) -> str:
    """What a voice says."""
    return " ".join(say.text or "" for say in ElementTree.fromstring(answer.text).iter("Say"))


async def inquiries(house: House) -> int:
    return len(await house.rows("select 1 from inquiry"))


async def due_now(house: House) -> None:
    """Real time goes on for open calls: whoever sweeps may look now."""
    await house.rows("update call set look_at = look_at - interval '10 minutes'")
