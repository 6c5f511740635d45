"""What only some kinds of action are judged by is read for those, and every row has every column."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from leadwake.actions import asides
from leadwake.actions.planning import CHANNELS
from leadwake.storage.db import q
from leadwake.workflows.office import Office

NOW = datetime(2026, 11, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize("name", asides.ASIDES)
async def test_each_query_gives_just_the_columns_it_is_said_to(office: Office, name: str) -> None:
    async with office.db.connection() as connection:
        asked = await connection.execute(q(name), {"ids": [uuid4()], "now": NOW})
        assert [column.name for column in asked.description or ()] == ["id", *asides.ASIDES[name].columns]


def test_each_is_asked_for_kinds_there_are() -> None:
    known = {kind for aside in asides.ASIDES.values() for kind in aside.kinds}
    assert known <= set(CHANNELS)


async def test_a_row_of_any_kind_has_every_column(office: Office) -> None:
    rows: list[dict[str, Any]] = [{"id": uuid4(), "kind": kind} for kind in CHANNELS]
    async with office.db.connection() as connection:
        read = await asides.read(connection, NOW, rows)
    columns = {"id", "kind", *(column for aside in asides.ASIDES.values() for column in aside.columns)}
    assert [row["kind"] for row in read] == list(CHANNELS)
    assert all(set(row) == columns for row in read)
