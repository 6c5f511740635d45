"""Vendors tried from the page: the result is kept, so that the page can show it with its age and ask nobody."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from leadwake.ops.doctor.finding import Level
from leadwake.ops.doctor.vendors import prove
from leadwake.storage import observed
from leadwake.storage.events import record
from leadwake.vendors import VENDORS
from leadwake.workflows.office import Office

_PREFIX: Final = "CHECK_"


class Check(msgspec.Struct, frozen=True):
    """One try. mode: how the vendor was reached then; a result of practice says nothing about live."""

    ok: bool
    text: str
    mend: str
    at: datetime
    mode: str


async def prove_and_note(office: Office, vendor: str, actor: str) -> Check:
    """Whether the vendor takes our messages now; kept until the next try."""
    settings = office.settings
    found = await prove(settings, vendor, office.tokens.bearer)
    check = Check(found.level is Level.OK, found.text, found.mend, office.clock.now(), settings.mode(vendor).value)
    async with office.db.transaction() as connection:
        await observed.note(connection, office.vault, _PREFIX + vendor, check)
        await record(connection, check.at, actor, "vendor_tested", vendor=vendor, ok=check.ok)
    return check


async def checks(office: Office) -> dict[str, Check]:
    """The last try of each vendor that is reached as it was then."""
    found = await observed.read_all(office.db, office.vault, {_PREFIX + name: Check for name in VENDORS})
    by_vendor = {name.removeprefix(_PREFIX): check for name, check in found.items()}
    return {name: check for name, check in by_vendor.items() if check.mode == office.settings.mode(name).value}
