"""The audit log, searched: what fits and nothing else, page by page, safe in a browser and in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_case import PASSWORD, admin, logged_in

from leadwake.storage import audit_log, events
from leadwake.storage.audit_log import Cursor, Query
from leadwake.storage.credentials import hash_password
from leadwake.storage.events import record
from office_case import House, hire

DAY = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
EVIL = "<img src=x onerror=alert(1)>"


async def write(house: House, count: int, actor: str = "system", kind: str = "noted", **data: object) -> None:
    """Events a minute apart, oldest first."""
    async with house.office.db.transaction() as connection:
        for n in range(count):
            await record(connection, DAY + timedelta(minutes=n), actor, kind, n=n, **data)


async def test_every_event_comes_once_newest_first_over_all_pages(idle_house: House) -> None:
    await write(idle_house, 2 * audit_log.PAGE + 7)
    query, seen, before = Query(kind="noted"), [], None
    while True:
        found = await audit_log.search(idle_house.office.db, query, before)
        seen += [event.data["n"] for event in found.events]
        if found.next is None:
            break
        before = Cursor.read(str(found.next))

    assert seen == list(reversed(range(2 * audit_log.PAGE + 7)))


async def test_person_kind_lead_and_time_each_narrow_it_down(idle_house: House) -> None:
    house, lead = idle_house, uuid4()
    await write(house, 3, actor="user x", kind="login")
    await write(house, 2, actor="system", kind="login")
    async with house.office.db.transaction() as connection:
        await record(connection, DAY, "system", "noted", lead_id=lead)

    async def count(**asked: object) -> int:
        return len((await audit_log.search(house.office.db, Query(**asked))).events)  # type: ignore[arg-type]

    assert await count(actor="user x") == 3
    assert await count(actor="system", kind="login") == 2
    assert await count(lead_id=lead) == 1
    assert await count(kind="login", since=DAY + timedelta(minutes=1)) == 3
    assert await count(kind="login", until=DAY + timedelta(minutes=1)) == 2
    assert await count(actor="nobody") == 0


async def test_the_page_searches_and_says_it_in_words(house: House) -> None:
    person = await admin(house)
    await write(house, audit_log.PAGE + 1, actor=f"user {person.id}", kind="settings_changed", names=["TWILIO_FROM"])
    async with logged_in(house) as client:
        page = (await client.get("/setup/audit", params={"kind": "settings_changed"})).text
        older = re.search(r'href="(/setup/audit\?[^"]+before=[^"]+)"', page)
        assert older is not None
        rest = (await client.get(older[1].replace("&amp;", "&"))).text

        assert page.count("Changed settings</td>") == audit_log.PAGE
        assert rest.count("Changed settings</td>") == 1
        assert "Alex Admin" in page
        assert "names: TWILIO_FROM" in page
        day = await client.get("/setup/audit", params={"kind": "settings_changed", "since": "2026-11-11"})
        assert "Nothing like that" in day.text
        assert (await client.get("/setup/audit", params={"until": "2026-11-10"})).text.count("<td>Alex Admin</td>") > 1


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "yesterday"}, {"until": "9999-99-99"}, {"until": "9999-12-31"}, {"lead": "nobody"},
        {"since": "0001-01-01"},
    ],
)  # fmt: skip
async def test_what_cannot_be_meant_is_said_beside_its_field(house: House, asked: dict[str, str]) -> None:
    await admin(house)
    async with logged_in(house) as client:
        answer = await client.get("/setup/audit", params=asked)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
        assert (await client.get("/setup/audit.csv", params=asked)).status_code == 400


async def test_odd_input_is_no_error(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        for asked in (
            {"actor": "\0'; --"},
            {"kind": "x" * 5000},
            {"before": "nonsense"},
            {"before": "1-99999999999999999999"},
        ):
            assert (await client.get("/setup/audit", params=asked)).status_code == 200


async def test_nothing_in_the_log_runs_in_a_browser(house: House) -> None:
    await admin(house)
    await write(house, 1, actor=EVIL, kind=EVIL, what=EVIL, nested={EVIL: [EVIL]})
    async with logged_in(house) as client:
        for path in ("/setup/audit", f"/setup/audit?kind={EVIL}&actor={EVIL}&lead={EVIL}"):
            page = (await client.get(path)).text
            assert EVIL not in page
            assert "&lt;img" in page


async def test_the_export_holds_everything_and_no_formula(house: House) -> None:
    await admin(house)
    await write(house, audit_log.PAGE + 5, actor="=cmd|' /C calc'!A0", kind="login", note="+1")
    async with logged_in(house) as client:
        answer = await client.get("/setup/audit.csv", params={"kind": "login", "actor": "=cmd|' /C calc'!A0"})

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(rows) == audit_log.PAGE + 5
    assert {row["actor"] for row in rows} == {"'=cmd|' /C calc'!A0"}
    (exported,) = await house.rows("select data from event where kind = 'audit_exported'")
    assert exported["data"] == {"by": ["actor", "kind"]}, "what was looked for, not for whom"


@given(st.text())
def test_a_cell_never_begins_as_a_formula(text: str) -> None:
    assert audit_log.cell(text).lstrip()[:1] not in {"=", "+", "-", "@"}


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2200, 1, 1)), st.integers(1, 2**63 - 1))  # noqa: DTZ001
def test_a_cursor_is_read_as_it_was_written(at: datetime, number: int) -> None:
    cursor = Cursor(at.replace(tzinfo=UTC), number)
    assert Cursor.read(str(cursor)) == cursor


@given(st.text())
def test_no_text_breaks_a_cursor(text: str) -> None:
    Cursor.read(text)


async def test_the_button_finds_what_was_changed_behind_the_logs_back(house: House) -> None:
    await admin(house)
    for _ in range(3):
        await write(house, 5)
        await house.rows("alter table event disable trigger all")
        await house.rows("update event set real_at = real_at - interval '5 minutes'")
        await events.seal(house.office.db)
    async with logged_in(house) as client:
        assert (await client.post("/setup/audit/verify")).status_code == 303
        page = (await client.get("/setup/audit")).text
    assert "some changed" in page, "the instants were moved, and the earlier seals say so"
    count, problems = await events.verify_newest(house.office.db, 1)
    assert (count > 0, problems) == (True, []), "the newest alone holds"


async def test_only_admins_search(house: House) -> None:
    for role in ("agent", "manager"):
        await hire(
            house.office, name=role.title(), email=f"{role}@example.com", role=role, practice=False,
            password_hash=hash_password(PASSWORD),
        )  # fmt: skip
        async with logged_in(house, f"{role}@example.com") as client:
            assert (await client.get("/setup/audit")).status_code == 403
            assert (await client.get("/setup/audit.csv")).status_code == 403
            assert (await client.post("/setup/audit/verify")).status_code == 403
