"""How a person of the team may write to a lead just now, by each channel, and why not by the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg.rows import DictRow

from leadwake.compliance.case import Case
from leadwake.compliance.decision import Decision, Facts, Message, Missing
from leadwake.compliance.explain import explain
from leadwake.compliance.gate import may_send
from leadwake.compliance.number import judge_number
from leadwake.compliance.place import locate
from leadwake.domain.values import Channel, ConsentLevel, Purpose
from leadwake.storage import chats
from leadwake.storage.intake import open_profile
from leadwake.storage.vault import DataKey
from leadwake.workflows import gate_facts
from leadwake.workflows.human_messages import unaccepted
from leadwake.workflows.instant_response import is_off
from leadwake.workflows.office import Office

#: channel → the kind of contact that it reaches
_KINDS: Mapping[Channel, str] = {Channel.SMS: "phone", Channel.EMAIL: "email"}


@dataclass(frozen=True, slots=True)
class Way:
    """
    One channel to a lead.

    point, address: the contact it would go to, None when there is none. decision: the gate's, on a person's own message
    at the instant asked about. why_not: a sentence, when nothing can go this way. is_first: no text of ours has reached
    the number yet. chat: one that is open.
    """

    channel: Channel
    point: int | None = None
    address: str | None = None
    decision: Decision | None = None
    sentence: str | None = None
    why_not: str | None = None
    is_first: bool = False
    chat: chats.OfLead | None = None

    @property
    def asks(self) -> Sequence[str]:
        """What the writer has to accept before it goes."""
        return unaccepted(self.decision, ()) if self.decision else ()

    @property
    def opens_at(self) -> datetime | None:
        """When the hours there begin, outside of them."""
        return self.decision.opens_at if self.decision else None


@dataclass(frozen=True, slots=True)
class Reach:
    """A lead's ways. key, profile: theirs; zone: their clock, where every place they may be has the same."""

    lead_id: UUID
    key: DataKey
    profile: Mapping[str, Any]
    ways: Mapping[Channel, Way]
    zone: ZoneInfo | None


async def reach(office: Office, lead_id: UUID, at: datetime | None = None) -> Reach | None:
    """How the lead may be reached at an instant (None: now); None when there is no such lead. Raises DatabaseAway."""
    found = await office.db.all("talk_ways", lead_id=lead_id)
    if not found:
        return None
    when, first = at or office.clock.now(), found[0]
    key = office.vault.open_data_key(first["data_key_id"], first["kek_id"], first["wrapped"])
    profile = open_profile(office.vault, first)
    ways = {channel: _way(office, channel, found, key, profile, when) for channel in _KINDS}
    if first["restricted_at"] is None and (chat := await chats.of_lead(office.db, lead_id, office.clock.now())):
        ways = {Channel.CHAT: Way(Channel.CHAT, chat=chat), **ways}
    return Reach(lead_id, key, profile, ways, zone_of(office, profile, when))


def zone_of(office: Office, profile: Mapping[str, Any], now: datetime) -> ZoneInfo | None:
    """The lead's clock as the gate knows it; None when it does not, or when places they may be in differ."""
    if not profile.get("phone"):
        return None
    message = gate_facts.message(Channel.SMS, Purpose.HUMAN, profile["phone"], profile)
    npa = judge_number(message.recipient, message.country, office.tables)
    if not isinstance(npa, str):
        return None
    try:
        zones = locate(Case(message, Facts(ConsentLevel.NONE), office.tables, now), npa).zones
    except Missing:
        return None
    return zones[0] if len({now.astimezone(zone).utcoffset() for zone in zones}) == 1 else None


def _way(
    office: Office, channel: Channel, found: Sequence[DictRow], key: DataKey, profile: Mapping[str, Any], at: datetime
) -> Way:
    kind = _KINDS[channel]
    theirs = [row for row in found if row["kind"] == kind]
    if not theirs:
        return Way(
            channel, why_not=f"There is no {'phone number' if kind == 'phone' else 'e-mail address'} that works."
        )
    if is_off(office.settings, channel.value):
        return Way(channel, why_not="No vendor is set up for it yet.")
    if found[0]["restricted_at"] is not None:
        return Way(channel, why_not="Their data is kept and not used, as they asked.")
    ways = [_judged(office, channel, row, key, profile, at) for row in theirs]
    best = next((way for way in ways if way.why_not is None and way.address == profile.get(kind)), None)
    return best or next((way for way in ways if way.why_not is None), ways[0])


def _judged(
    office: Office, channel: Channel, row: DictRow, key: DataKey, profile: Mapping[str, Any], at: datetime
) -> Way:
    address = key.open(row["sealed_value"], b"lead_contact.value").decode()
    message = gate_facts.message(channel, Purpose.HUMAN, address, profile)
    never = {"prior_sends": None, "answered_at": None, "paused_at": None, "mail_paused": False, "created_at": at}
    facts = gate_facts.facts(office, {**row, **never}, profile)
    decision = may_send(message, facts, office.tables, at, office.policy)
    return Way(
        channel, row["contact_point_id"], address, decision, _warning(decision, message),
        _refusal(decision, message), channel is Channel.SMS and row["is_first"],
    )  # fmt: skip


def _refusal(decision: Decision, message: Message) -> str | None:
    return explain(decision, message) + "." if decision.outcome == "block" else None


def _warning(decision: Decision, message: Message) -> str | None:
    return explain(decision, message) + "." if decision.warnings else None
