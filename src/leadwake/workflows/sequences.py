"""Sequences published, paused and drafted by people; and those that Leadwake comes with."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from leadwake.domain.sequence.model import Sequence
from leadwake.domain.sequence.reading import read_sequence
from leadwake.domain.sequence.shipped import shipped
from leadwake.errors import RuleError
from leadwake.storage import sequences as stored
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.workflows.office import Office

#: results are of whoever was enrolled so lately
LATELY: Final = timedelta(days=90)


class NoSuchSequence(RuleError):
    """Nobody has published a sequence of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no sequence {name!r}; leadwake sequence list shows those there are")


async def keep_shipped(office: Office) -> None:
    """
    The shipped sequences are there from the first start on.

    Whoever has worked with Leadwake before them finds them paused: nothing new is sent until somebody says so.
    """
    async with office.db.transaction() as connection:
        await connection.execute(q("sequences_lock"))
        row = await (await connection.execute(q("sequences_seeded"))).fetchone()
        assert row is not None
        if row["is_seeded"]:
            return
        now = office.clock.now()
        paused_at = now if row["is_in_use"] else None
        for name, source in shipped().items():
            await stored.publish(connection, name, source, now=now, by=None, note="shipped", paused_at=paused_at)
    await office.refresh()


async def publish(
    office: Office, source: str, by: UUID | None, *, before: int | None = None, note: str | None = None
) -> tuple[Sequence, int]:
    """
    The text is in force: whoever is enrolled from now on gets it. Leads under way stay on their version.

    before: the version it was made from, None for whatever is there. Raises SequenceRefused, SequenceMoved.
    """
    sequence = read_sequence(source)
    async with office.db.transaction() as connection:
        now = office.clock.now()
        version = await stored.publish(connection, sequence.name, source, now=now, by=by, note=note, before=before)
        await record(
            connection, now, _actor(by), "sequence_published", sequence=sequence.name, version=version
        )  # fmt: skip
    await office.refresh()
    return sequence, version


async def pause(office: Office, name: str, by: UUID | None) -> None:
    """Nobody is enrolled in it, and whoever is in it waits. Raises NoSuchSequence."""
    _known(office, name)
    async with office.db.transaction() as connection:
        now = office.clock.now()
        if (await connection.execute(q("sequence_pause"), {"name": name, "now": now, "by": by})).rowcount:
            await record(connection, now, _actor(by), "sequence_paused", sequence=name)
            await connection.execute(q("office_changed"))
    await office.refresh()


async def resume(office: Office, name: str, by: UUID | None) -> None:
    """It goes on: whoever is due gets one message, and their next one after its wait. Raises NoSuchSequence."""
    _known(office, name)
    async with office.db.transaction() as connection:
        now = office.clock.now()
        if (await connection.execute(q("sequence_resume"), {"name": name, "now": now})).rowcount:
            await record(connection, now, _actor(by), "sequence_resumed", sequence=name)
            await connection.execute(q("office_changed"))
    await office.refresh()


async def save_draft(office: Office, name: str, source: str, by: UUID) -> None:
    """The text is kept as it is, right or wrong, until it is published or dropped."""
    await office.db.run("sequence_draft_save", name=name, source=source, now=office.clock.now(), by=by)


async def drop_draft(office: Office, name: str) -> None:
    """The draft is gone; what is in force stays."""
    await office.db.run("sequence_draft_drop", name=name)


def _known(office: Office, name: str) -> None:
    if name not in office.sequences.published:
        raise NoSuchSequence(name)


def _actor(by: UUID | None) -> str:
    return f"user {by}" if by else "system"
