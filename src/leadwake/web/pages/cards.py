"""A lead as a card: how hot and why, whether they were answered, and what an agent does next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leadwake.compliance.decision import Message
from leadwake.compliance.place import shown_clock
from leadwake.domain import wording
from leadwake.domain.values import Channel, Purpose
from leadwake.storage.reading import ActionBrief, Lead
from leadwake.workflows.office import Office

_LABELS = {"sms": "Text", "email": "E-mail", "crm": "CRM"}
#: states whose reason belongs on the card
_EXPLAINED = frozenset({"deferred", "blocked", "dead", "unknown", "undelivered", "bounced"})


@dataclass(frozen=True, slots=True)
class Chip:
    """What became of one kind of answer, in words; tone: good, busy, wait, quiet, bad."""

    label: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Card:
    """A lead with what a card shows beside its own values. there: the lead's own clock, where it is known."""

    lead: Lead
    owner: str | None
    there: str | None
    chips: Sequence[Chip]
    why: str | None

    @property
    def reasons(self) -> Sequence[tuple[str, int]]:
        """The two weightiest reasons; the base, which everybody has, is none."""
        return [(reason["text"], reason["points"]) for reason in self.lead.reasons[1:3]]

    @property
    def touch(self) -> str:
        """answered, waiting, or silent: nothing reached them and nothing is on its way."""
        if self.lead.first_touch_at is not None:
            return "answered"
        return "waiting" if self.lead.is_waiting else "silent"

    @property
    def may_text(self) -> bool:
        """True when a text from a person makes sense."""
        return self.may_call

    @property
    def may_call(self) -> bool:
        """True when there is a number, and nobody asked us to leave it alone."""
        return self.lead.phone is not None and self.lead.status != "opted_out"


def card(office: Office, lead: Lead) -> Card:
    """The lead's card as of now."""
    owner = office.person(lead.agent_id or lead.offered_to)
    return Card(
        lead, owner.name if owner else None, local_time(office, lead),
        [_chip(lead.actions[kind]) for kind in _LABELS if kind in lead.actions], _why(lead),
    )  # fmt: skip


def local_time(office: Office, lead: Lead) -> str | None:
    """What the lead's clock shows, when the gate knows it and every place they may be agrees."""
    if lead.phone is None:
        return None
    message = Message(Channel.SMS, Purpose.HUMAN, lead.phone, lead.state, lead.postal_code, lead.country)
    return shown_clock(message, office.tables, office.clock.now())


def _chip(brief: ActionBrief) -> Chip:
    words, tone = wording.chip(brief.kind, brief.state)
    if brief.possible_duplicate:
        words = f"{words}, perhaps twice"
    return Chip(_LABELS[brief.kind], words, tone)


def _why(lead: Lead) -> str | None:
    """Why something has not gone out or not arrived: the first that needs saying."""
    for kind, label in _LABELS.items():
        brief = lead.actions.get(kind)
        if brief is not None and brief.state in _EXPLAINED:
            reason = wording.reason(brief.reason)
            said = brief.sentence if brief.state in {"deferred", "blocked"} else None
            return said or (f"{label}: {reason}" if reason else None)
    return None
