"""One question to the gate, with everything the rules look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from leadwake.compliance.decision import Facts, Message
from leadwake.compliance.policy import STANDARD, Policy
from leadwake.compliance.tables import Tables
from leadwake.domain.values import Channel, Purpose


@dataclass(frozen=True, slots=True)
class Case:
    """A message, what is known about its recipient, the tables, the instant (aware UTC), and what the team changed."""

    message: Message
    facts: Facts
    tables: Tables
    now: datetime
    policy: Policy = STANDARD

    @property
    def is_email(self) -> bool:
        return self.message.channel == Channel.EMAIL

    @property
    def is_sms(self) -> bool:
        return self.message.channel == Channel.SMS

    @property
    def is_voice(self) -> bool:
        return self.message.channel == Channel.VOICE

    @property
    def is_chat(self) -> bool:
        return self.message.channel == Channel.CHAT

    def has_purpose(self, *purposes: Purpose) -> bool:
        return self.message.purpose in purposes
