"""An agent claims a lead by texting its number back, or passes."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID, uuid5

from leadwake.actions.planning import Planned, plan_now
from leadwake.domain.values import Purpose
from leadwake.errors import RuleError
from leadwake.providers.ports import InboundText
from leadwake.storage.staff import Person
from leadwake.workflows import claiming
from leadwake.workflows.instant_response import is_off, is_practice
from leadwake.workflows.office import Office

_CLAIM: Final = re.compile(r"\s*(?:claim|take|mine|#)?\s*([1-9][0-9]{0,2})\s*[.!]?\s*", re.IGNORECASE)
_PASS: Final = re.compile(r"\s*(?:pass|skip)\s*#?\s*([1-9][0-9]{0,2})?\s*[.!]?\s*", re.IGNORECASE)
#: a text's own namespace: the same text again answers nothing twice
_TEXTS: Final = UUID("5b0c6f0e-6c55-4b0e-9d35-0a4f6a2f6f4e")


async def answered(office: Office, text: InboundText, number: str) -> bool:
    """
    True when the text was an agent's word about an offer, and was obeyed and answered.

    number: the sender's, E.164. Anything else an agent texts is taken as everybody's texts are. Raises DatabaseAway.
    """
    person = next((one for one in office.team if one.phone == number and not one.disabled), None)
    claims, passes = _CLAIM.fullmatch(text.body), _PASS.fullmatch(text.body)
    if person is None or not (claims or passes):
        return False
    said = claims or passes
    assert said is not None
    code = int(said[1]) if said[1] else None
    values = {"agent_id": person.id, "code": code, "now": office.clock.now()}
    offers = await office.db.all("offer_by_code", **values)
    lead_id = offers[0]["lead_id"] if offers else None
    if lead_id is not None:
        try:
            if claims:
                await claiming.claim(office, lead_id, person, by="sms")
            else:
                await claiming.pass_on(office, lead_id, person, by="sms")
        except RuleError:
            lead_id = None  # erased meanwhile
    await _answer(office, person, text, lead_id)
    return True


async def _answer(office: Office, person: Person, text: InboundText, lead_id: UUID | None) -> None:
    if is_off(office.settings, "sms"):
        return
    action = Planned(
        "claim_answer_sms", str(person.id), Purpose.STAFF, is_practice(office.settings, "sms"), agent_id=person.id
    )
    async with office.db.transaction() as connection:
        cause_id, now = uuid5(_TEXTS, text.ref), office.clock.now()
        await plan_now(connection, [action], lead_id=lead_id, cause_id=cause_id, now=now)
