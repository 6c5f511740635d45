"""A batch of rows read and named before the database is asked: pure, in slices that hold nobody up."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec

from leadwake import log
from leadwake.domain.scoring import Rated, rated
from leadwake.domain.values import Inquiry
from leadwake.errors import InputError
from leadwake.intake.listed import Listed, Reading, name_of, raw, understand
from leadwake.storage import intake as rows
from leadwake.storage.imports import Import, Waiting
from leadwake.storage.intake import Contact
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: a list that does not say when somebody asked is taken for older than this
_OLD: Final = timedelta(days=31)
#: work at most so long, then let others go first, for so many times as long
_SLICE_S: Final = 0.0015
_REST: Final = 2.0


class Pace:
    """Work in slices: a process that answers people works on a list in between. is_alone: nobody else is here."""

    def __init__(self, *, is_alone: bool = False) -> None:
        self._is_alone = is_alone
        self._began = time.thread_time()

    async def rest(self) -> None:
        """Others have had their turn."""
        if self._is_alone:
            return
        worked = time.thread_time() - self._began  # of the processor: waiting for the database holds up nobody
        if worked >= _SLICE_S:
            await asyncio.sleep(min(worked, 0.05) * _REST)
            self._began = time.thread_time()


@dataclass(slots=True)
class ReadRow:
    """
    A row before anybody knows whose it is. name: keyed; refusal: code of why it cannot be taken, with what is wrong.

    body: what its capture keeps.
    """

    number: int
    name: bytes | None
    body: bytes
    listed: Listed | None = None
    refusal: str = ""
    contacts: Sequence[Contact] = ()
    rating: Rated | None = None
    codes: list[str] = field(default_factory=list)


def reading_of(office: Office, found: Import) -> Reading:
    """How the columns of an import are read."""
    about = found.about
    return Reading(about.kind, about.heads, about.fields, about.order, found.source, office.settings.time_zone)


async def read_batch(
    office: Office, reading: Reading, batch: Sequence[Waiting], now: datetime, pace: Pace
) -> list[ReadRow]:
    """The rows of a batch, understood or refused; whatever a row holds, the others are read."""
    found = []
    for waiting in batch:
        found.append(_read(office, reading, waiting, now))
        await pace.rest()
    return found


def _read(office: Office, reading: Reading, waiting: Waiting, now: datetime) -> ReadRow:
    if waiting.fault:
        return ReadRow(waiting.number, None, b"", refusal=waiting.fault)
    body = waiting.cells[0].encode("utf-8", "surrogatepass") if reading.kind == "jsonl" else b""
    try:
        name = office.vault.blind("import row", name_of(reading, waiting.cells))
        body = body or msgspec.json.encode(raw(reading, waiting.cells))
        listed = understand(reading, waiting.cells, now)
    except InputError as error:
        name = office.vault.blind("import row", "\x1f".join(waiting.cells))
        return ReadRow(waiting.number, name, body, refusal=f"wrong: {', '.join(sorted(error.reasons))}"[:200])
    except Exception:
        _log.exception("row_not_understood", row=waiting.number)
        return ReadRow(waiting.number, None, body, refusal="fault")
    contacts = rows.contacts_of(office.vault, listed.inquiry)
    contacts += [Contact(kind, value, office.vault.blind(kind, value)) for kind, value in listed.more]  # type: ignore[arg-type]
    return ReadRow(
        waiting.number,
        name,
        body,
        listed,
        contacts=contacts,
        rating=_rated(office, listed.inquiry, now),
        codes=list(listed.notes),
    )


def _rated(office: Office, inquiry: Inquiry, now: datetime) -> Rated:
    told = dataclasses.replace(inquiry, claimed_at=inquiry.claimed_at or now - _OLD)
    return rated(told, now=now, weights=office.weights, listed=True)
