"""What routing would know of a lead that is only being tried: nothing is taken in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from leadwake.compliance.place import address_state
from leadwake.compliance.tables import Tables
from leadwake.domain.language import declared_language, spoken
from leadwake.domain.routing_rules import Asked
from leadwake.domain.scoring import SHIPPED, Weights, rated, temperature_of
from leadwake.domain.values import Inquiry, Temperature
from leadwake.errors import InputError
from leadwake.intake.api import understand

_CONTACT = ("name", "first_name", "last_name", "phone", "email")
#: what a lead that is tried may say beyond the shape of POST /v1/leads
_BEYOND = ("score", "temperature", "owner_id", "owner")


def asked(document: Mapping[str, Any], tables: Tables, now: datetime, weights: Weights = SHIPPED) -> Asked:
    """
    The lead as routing sees it.

    document: as POST /v1/leads takes it; no contact is needed. score (0-100), temperature and owner_id (or owner) may
    be said, else the score is worked out and the person is new. Raises InputError with a reason a field.
    """
    beyond = {name: value for name, value in document.items() if name in _BEYOND and value not in (None, "")}
    lead = {name: value for name, value in document.items() if name not in _BEYOND}
    if not any(lead.get(name) for name in _CONTACT):
        lead["name"] = "Somebody"
    inquiry = understand(lead, now)
    value = _score(beyond, inquiry, now, weights)
    temperature = str(beyond.get("temperature", temperature_of(value, weights).value)).lower()
    if temperature not in set(Temperature):
        raise InputError({"temperature": "hot, warm or cold"})
    owner = beyond.get("owner_id", beyond.get("owner"))
    return Asked(
        address_state(inquiry.state, inquiry.country, inquiry.postal_code, tables), inquiry.postal_code,
        inquiry.country, spoken(declared_language(inquiry.extra), inquiry.message), inquiry.interest, inquiry.source,
        inquiry.channel, value, temperature, str(owner) if owner else None,
    )  # fmt: skip


def _score(beyond: Mapping[str, Any], inquiry: Inquiry, now: datetime, weights: Weights) -> int:
    if "score" not in beyond:
        return rated(inquiry, now=now, weights=weights).score.value
    value = beyond["score"]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
        raise InputError({"score": "a whole number from 0 to 100"})
    return value
