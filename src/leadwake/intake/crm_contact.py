"""A contact somebody made in the CRM into an Inquiry: others speak of a person, who has asked us for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from leadwake.domain.values import Inquiry
from leadwake.errors import InputError
from leadwake.intake.fields import inquiry

CHANNEL: Final = "crm"
_FIELDS: Final = ("first_name", "last_name", "email", "phone")


def read_contact(meta: Mapping[str, str], now: datetime) -> Inquiry:
    """
    The inquiry that stands for the contact.

    meta: `vendor`, `ref` (the CRM's id), `owner`, the id of the colleague who has them there, and what is known of
    _FIELDS. Raises InputError when it holds neither a name, a number nor an address.
    """
    given = {name: meta.get(name) or None for name in _FIELDS}
    if not any(given.values()):
        raise InputError({"contact": "the CRM holds neither a name, a number nor an address"})
    found = inquiry(given, asked_at=now, channel=CHANNEL, source=meta["vendor"])
    known = {"crm": meta["vendor"], "crm_ref": meta["ref"]}
    return replace(found, taken_by=meta.get("owner") or None, extra={**found.extra, **known})
