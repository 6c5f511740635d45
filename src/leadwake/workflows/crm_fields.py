"""What of a lead is written into which property of a CRM's contact: defaults, and what the team chose instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from leadwake.errors import InputError
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.workflows.office import Office

#: field → what it is called
FIELDS: Final[Mapping[str, str]] = {
    "source": "Where they came from", "interest": "What they are interested in", "message": "What they asked",
    "budget": "Budget", "timeline": "When", "state": "State", "postal_code": "ZIP code",
    "temperature": "Hot, warm, cold", "score": "Score, 0 to 100", "link": "Their page in Leadwake",
}  # fmt: skip
#: CRM → field → property that every account has
DEFAULTS: Final[Mapping[str, Mapping[str, str]]] = {
    "hubspot": {"state": "state", "postal_code": "zip"},
    "gohighlevel": {"source": "source", "state": "state", "postal_code": "postalCode"},
}
#: everybody whom we write, so that the team finds them there
TAG: Final = "leadwake"
_PROPERTY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}|[A-Za-z0-9]{10,40}")


def mapping(office: Office, crm: str) -> Mapping[str, str]:
    """Field → property, as it counts now; without the fields that go nowhere."""
    whole = {**DEFAULTS[crm], **office.crm_fields.get(crm, {})}
    return {field: name for field, name in whole.items() if name}


def properties(office: Office, crm: str, values: Mapping[str, str | None]) -> dict[str, str]:
    """What is written beside name, number and address: property → value. values: field → value."""
    return {name: str(values[field]) for field, name in mapping(office, crm).items() if values.get(field)}


async def choose(office: Office, crm: str, chosen: Mapping[str, str], actor: str) -> None:
    """These fields go into these properties from now on; a blank one goes nowhere. Raises InputError."""
    wrong = {
        field: "Write the property's internal name, such as lead_source, or a custom field's id."
        for field, name in chosen.items()
        if name and not _PROPERTY.fullmatch(name)
    }
    names = [name for name in chosen.values() if name]
    wrong |= {field: "Two fields cannot share it." for field, name in chosen.items() if name and names.count(name) > 1}
    if wrong:
        raise InputError(wrong)
    async with office.db.transaction() as connection:
        values = {"vendor": crm, "fields": list(chosen), "properties": list(chosen.values())}
        await connection.execute(q("crm_fields_set"), values)
        await record(connection, office.clock.now(), actor, "crm_fields_changed", crm=crm, fields=sorted(chosen))
        await connection.execute(q("office_changed"))
    await office.refresh()
