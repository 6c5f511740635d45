"""One thing that a CRM said, done: the CRM is asked how it stands now, for what came may be old."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from psycopg.rows import DictRow

from leadwake.compliance.keywords import keyword_intent
from leadwake.errors import AnomalousPayload, Unavailable
from leadwake.providers import gohighlevel_words
from leadwake.providers.crm_values import ref, word
from leadwake.providers.ports import Crm, CrmDeal, CrmPerson, InboundText
from leadwake.workflows import crm_news, crm_outcomes, crm_people, crm_stages, replies
from leadwake.workflows.office import Office

#: what a stage can mean that is an outcome
OUTCOMES = frozenset({"meeting", "won", "lost"})


@dataclass(slots=True)
class Doing:
    """The news of one CRM for a short while. crm: None while it is off; then only what came with the news is known."""

    office: Office
    vendor: str
    crm: Crm | None
    _emails: dict[str, str | None] = field(default_factory=dict)

    async def do(self, row: DictRow) -> str:
        """What came of it, in a word. row: of `crm_events_take`. Raises ProviderError, DatabaseAway."""
        told = self._told(row)
        match row["kind"]:
            case "created" | "changed":
                return await self._person(row["ref"], told, created=row["kind"] == "created")
            case "gone":
                return await crm_people.gone(self.office, self.vendor, row["ref"])
            case "deal":
                return await self._deal(row["ref"], told)
            case "deal_gone":
                await crm_outcomes.deal_gone(self.office, self.vendor, row["ref"])
                return "done"
            case _:
                return await self._message(row["ref"], told)

    def _told(self, row: DictRow) -> dict[str, Any]:
        content = crm_news.opened(self.office, self.vendor, row["event_id"], row["content"])
        try:
            return gohighlevel_words.payload(content) if content else {}
        except AnomalousPayload:
            return {}

    async def _person(self, contact: str, told: dict[str, Any], *, created: bool) -> str:
        person = await self._contact(contact)
        if told and (said := gohighlevel_words.person(told)):
            # an opt-out holds whatever they say later; the rest is as it stands now
            person = _with(person, said) if person else said
        if person is None:
            return await crm_people.gone(self.office, self.vendor, contact) if self.crm else self._off()
        return await crm_people.heard(self.office, self.vendor, person, self._owner_email, created=created)

    async def _deal(self, deal_id: str, told: dict[str, Any]) -> str:
        deal = await self.crm.read_deal(deal_id) if self.crm else None
        if deal is None and told:
            deal = gohighlevel_words.deal(told)
        if deal is None:
            if self.crm is None:
                return self._off()
            await crm_outcomes.deal_gone(self.office, self.vendor, deal_id)
            return "done"
        for contact in deal.contacts:
            if lead_id := await self._lead(contact):
                await crm_outcomes.deal_is(self.office, self.vendor, lead_id, deal, await self._outcome(deal))
                return "done"
        return "nobody we know"

    async def _outcome(self, deal: CrmDeal) -> str | None:
        """What the CRM itself says of it, else what its stage means."""
        means = await crm_stages.means(self.office, self.vendor, self.crm, deal.pipeline, deal.stage)
        return deal.outcome or (means if means in OUTCOMES else None)

    async def _message(self, contact: str, told: dict[str, Any]) -> str:
        """What somebody texted to a number of the CRM's is a reply like any other."""
        person = await self._contact(contact)
        phone = person.phone if person else None
        if phone is None:
            return "nobody we know"
        body = word(told, "body", 10_000) or ""
        intent = keyword_intent(body)  # such a word the CRM's own carrier has answered
        message_id = ref(told.get("messageId")) or f"{ref(told.get('conversationId'))}:{word(told, 'dateAdded')}"
        text = InboundText(message_id, phone, "", body, intent.upper() if intent else None)
        return await replies.text_received(self.office, text, self.vendor)

    async def _lead(self, contact: str) -> Any:
        known = await crm_people.known(self.office, self.vendor, CrmPerson(contact))
        if known is None and (person := await self._contact(contact)):
            known = await crm_people.known(self.office, self.vendor, person)
        return known

    async def _contact(self, contact: str) -> CrmPerson | None:
        return await self.crm.read_contact(contact) if self.crm else None

    async def _owner_email(self, owner: str) -> str | None:
        if self.crm is None:
            return None
        if owner not in self._emails:
            self._emails[owner] = await self.crm.owner_email(owner)
        return self._emails[owner]

    def _off(self) -> str:
        raise Unavailable(f"{self.vendor} is off, and cannot be asked", vendor=self.vendor, code="off")


def _with(now: CrmPerson, said: CrmPerson) -> CrmPerson:
    return CrmPerson(
        now.ref, now.email, now.phone, now.first_name, now.last_name, now.owner, now.stopped | said.stopped
    )
