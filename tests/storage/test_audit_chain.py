"""The log only grows, and its seals name the row that was touched all the same."""

from __future__ import annotations

import hashlib
from typing import LiteralString

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.storage import events
from leadwake.storage.db import q
from leadwake.workflows.office import Office
from office_case import NOON, rows


async def logged(office: Office, count: int) -> list[int]:
    """So many events, old enough to be sealed, and their ids."""
    async with office.db.transaction() as connection:
        for n in range(count):
            await events.record(connection, NOON, "cli", "tried", number=n)
    await tampered(
        office, "update event set real_at = real_at - interval '1 hour' where real_at > now() - interval '1 min'"
    )
    return [row["id"] for row in await rows(office.db, "select id from event order by id")]


async def tampered(office: Office, statement: LiteralString, *values: object) -> None:
    """What somebody who owns the database can do: they switch off what stops others."""
    async with office.db.transaction() as connection:
        for table in ("event", "event_seal"):
            await connection.execute(f"alter table {table} disable trigger only_grows".encode())
        await connection.execute(statement, values)
        for table in ("event", "event_seal"):
            await connection.execute(f"alter table {table} enable trigger only_grows".encode())


async def test_a_log_that_nobody_touched_verifies(office: Office) -> None:
    await logged(office, 7)

    assert await events.seal(office.db) == 7
    assert await events.verify(office.db) == []


@pytest.mark.parametrize("column", ["actor = 'x'", "kind = 'x'", "at = at + interval '1 s'", "data = '{}'"])
async def test_the_altered_row_is_named(office: Office, column: LiteralString) -> None:
    ids = await logged(office, 5)
    await events.seal(office.db)
    await tampered(office, "update event set " + column + " where id = %s", ids[2])

    assert await events.verify(office.db) == [f"event {ids[2]}: changed after it was sealed"]


async def test_the_first_of_several_altered_rows_is_named_first(office: Office) -> None:
    ids = await logged(office, 6)
    await events.seal(office.db)
    await tampered(office, "update event set actor = 'x' where id = any(%s)", [ids[4], ids[1]])

    assert (await events.verify(office.db))[0] == f"event {ids[1]}: changed after it was sealed"


async def test_a_row_taken_out_is_named_by_the_one_before_it(office: Office) -> None:
    ids = await logged(office, 5)
    await events.seal(office.db)
    await tampered(office, "delete from event where id = %s", ids[3])

    assert await events.verify(office.db) == [f"an event after {ids[2]} was taken out"]


async def test_a_row_put_in_is_named(office: Office) -> None:
    await logged(office, 2)
    await tampered(office, "select setval(pg_get_serial_sequence('event', 'id'), 10)")
    await logged(office, 2)
    await events.seal(office.db)
    await tampered(
        office,
        "insert into event (id, at, real_at, actor, kind) overriding system value values (7, now(), now(), 'cli', 'x')",
    )

    assert await events.verify(office.db) == ["event 7: put in after the others were sealed"]


async def test_a_seal_that_was_made_to_fit_breaks_the_chain(office: Office) -> None:
    ids = await logged(office, 3)
    await events.seal(office.db)
    await tampered(office, "update event set actor = 'x' where id = %s", ids[1])
    changed = await office.db.all("events_between", from_id=1, upto_id=ids[-1])
    leaves = b"".join(events.leaf(row) for row in changed)
    await tampered(office, "update event_seal set leaves = %s", leaves)

    assert await events.verify(office.db) == [f"events 1-{ids[-1]}: their seal itself was changed, or one before it"]


async def test_a_seal_taken_out_is_missed(office: Office) -> None:
    await logged(office, 2)
    await events.seal(office.db)
    await logged(office, 2)
    await events.seal(office.db)
    await tampered(office, "delete from event_seal where from_id = 1")

    assert (await events.verify(office.db))[0] == "events 1-2: their seal is missing"


async def test_seals_from_before_rows_had_leaves_still_verify_and_name_their_block(office: Office) -> None:
    await logged(office, 3)
    old = hashlib.sha256()
    for row in await office.db.all("events_between", from_id=1, upto_id=3):
        old.update(events._canonical(row))
    await tampered(office, "insert into event_seal (upto_id, from_id, count, hash) values (3, 1, 3, %s)", old.digest())
    await logged(office, 2)
    await events.seal(office.db)

    assert await events.verify(office.db) == []
    await tampered(office, "update event set actor = 'x' where id = 2")
    assert await events.verify(office.db) == ["events 1-3: changed after they were sealed"]


@pytest.mark.parametrize("table", ["event", "event_seal", "attempt", "consent"])
@pytest.mark.parametrize("change", ["delete from ", "truncate "])
async def test_what_only_grows_refuses_every_other_change(office: Office, table: str, change: str) -> None:
    async with office.db.connection() as connection:
        with pytest.raises(psycopg.errors.RestrictViolation, match="only ever added"):
            await connection.execute((change + table).encode())
        with pytest.raises(psycopg.errors.RestrictViolation):
            await connection.execute("update event set actor = 'somebody else'")


async def test_who_says_that_a_person_is_being_forgotten_may_for_that_transaction(office: Office) -> None:
    async with office.db.transaction() as connection:
        await connection.execute(q("forgetting"))
        await connection.execute("delete from consent")
    async with office.db.connection() as connection:
        with pytest.raises(psycopg.errors.RestrictViolation):
            await connection.execute("delete from consent")


def _rows(actors: list[str]) -> list[dict[str, object]]:
    return [
        {"id": n, "at": NOON, "real_at": NOON, "actor": actor, "kind": "x", "lead_id": None, "data": {}}
        for n, actor in enumerate(actors, 1)
    ]


@given(st.lists(st.text(max_size=3), min_size=1, max_size=30), st.data())
def test_whatever_is_changed_the_first_problem_names_its_place(actors: list[str], data: st.DataObject) -> None:
    found = _rows(actors)
    block = {"from_id": 1, "upto_id": len(found), "count": len(found), "leaves": b"".join(map(events.leaf, found))}
    at = data.draw(st.integers(0, len(found) - 1))
    if data.draw(st.booleans()):
        found[at] = {**found[at], "actor": f"{actors[at]}!"}
        expected = f"event {at + 1}: "
    else:
        found.pop(at)
        expected = "an event after " if at else "the first event was"

    assert events._differences(block, found)[0].startswith(expected)
