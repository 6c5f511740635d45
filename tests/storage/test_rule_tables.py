"""Tables and policy are replaced while everything runs; what was in force before is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from leadwake.bootstrap import open_office
from leadwake.compliance.hours import Hours
from leadwake.compliance.policy import STANDARD, Policy
from leadwake.compliance.table_files import TABLE_FILES, read_files
from leadwake.compliance.tables import Tables
from leadwake.errors import ConfigError, InputError, RuleError
from leadwake.storage import policies, rule_tables
from leadwake.storage.policies import PolicyMoved
from leadwake.workflows.office import Office
from office_case import House, rows, until, working

LEAD = {"name": "Ann Lee", "phone": "+12125550142", "state": "NY", "message": "the blue house"}
RULES = "us_state_rules.csv"


def with_row(old: str, new: str) -> dict[str, bytes]:
    """The shipped files with one row of the states' rules changed."""
    contents, _ = read_files()
    assert contents[RULES].count(old.encode()) == 1
    return contents | {RULES: contents[RULES].replace(old.encode(), new.encode())}


#: New York opens an hour after the test's noon
LATER = with_row("\nNY,21:00,08:00,", "\nNY,21:00,13:00,")


async def load(office: Office, contents: dict[str, bytes]) -> Tables:
    return await rule_tables.load(
        office.db, at=office.clock.now(), by="cli", reason="the law was changed", contents=contents
    )


@asynccontextmanager
async def another(house: House) -> AsyncIterator[Office]:
    """A second process of the same team."""
    office, _ = await open_office(house.office.base_settings, house.office.db.url, pool=4)
    try:
        yield office
    finally:
        await office.db.close()


async def test_a_changed_row_changes_the_next_decision_of_running_workers(house: House) -> None:
    # an inquiry of an hour ago: no fresh reply, so that hours count
    asked = (house.now - timedelta(hours=1)).isoformat()
    first = (await house.post(LEAD | {"received_at": asked})).json()["inquiry_id"]
    await house.reaches(first, "sms", "sent", "delivered")

    tables = await load(house.office, LATER)
    await until(lambda: _answers(house.office.tables.version == tables.version))
    second = (await house.post(LEAD | {"name": "Bo Hall", "phone": "+12125550143", "received_at": asked})).json()
    action = await house.reaches(second["inquiry_id"], "sms", "deferred")

    assert action["due_at"] == house.now.replace(hour=18, minute=0, second=0, microsecond=0)
    assert action["decision"]["table_version"] == tables.version


async def _answers(value: bool) -> bool:
    return value


async def test_every_process_follows_tables_and_policy_and_goes_back(house: House) -> None:
    async with another(house) as other, working(other):
        loaded = await load(house.office, LATER)
        await until(lambda: _answers(other.tables.version == house.office.tables.version == loaded.version))
        at = house.now
        narrow = Policy(hours=Hours(540, 600))
        await policies.change(other.db, at=at, by="user 1", reason="", before=0, value=narrow)
        await until(lambda: _answers(other.policy.version == house.office.policy.version == 1))
        await rule_tables.use(house.office.db, at=at, by="cli", version=None)
        await until(lambda: _answers(other.tables is other.shipped and house.office.tables is house.office.shipped))

        assert other.policy == replace(narrow, version=1)


async def test_what_waits_is_decided_anew_when_the_rules_change(house: House) -> None:
    asked = (house.now - timedelta(hours=1)).isoformat()
    await policies.change(
        house.office.db, at=house.now, by="user 1", reason="", before=0, value=Policy(hours=Hours(13 * 60, 14 * 60))
    )
    await until(lambda: _answers(house.office.policy.version == 1))
    inquiry = (await house.post(LEAD | {"received_at": asked})).json()["inquiry_id"]
    action = await house.reaches(inquiry, "sms", "deferred")
    await policies.change(house.office.db, at=house.now, by="user 1", reason="", before=1, value=STANDARD)
    sent = await house.reaches(inquiry, "sms", "sent", "delivered")

    assert action["reason"] == "team_hours"
    assert sent["decision"]["policy_version"] == 2


@pytest.mark.parametrize(
    ("contents", "named"),
    [
        (with_row("\nNY,21:00,08:00,", "\nNY,21:00,9 am,"), "us_state_rules.csv: NY"),
        (dict.fromkeys(TABLE_FILES, b""), "us_state_rules.csv"),
        ({}, "zip_places.csv: there is none"),
    ],
)
async def test_a_set_with_a_problem_is_refused_whole_and_names_the_row(office: Office, contents, named) -> None:
    with pytest.raises(InputError, match=named):
        await load(office, contents)

    assert [row["version"] for row in await rule_tables.history(office.db)] == [office.shipped.version]
    await office.refresh()
    assert office.tables is office.shipped


async def test_the_shipped_tables_are_kept_from_the_first_start_as_they_are(office: Office) -> None:
    contents, _ = read_files()

    assert await rule_tables.files(office.db, office.shipped.version) == contents
    again = await rule_tables.read(office.db, office.shipped.version)
    assert again == office.shipped


async def test_tables_that_were_never_loaded_cannot_be_used(office: Office) -> None:
    with pytest.raises(RuleError, match="history"):
        await rule_tables.use(office.db, at=office.clock.now(), by="cli", version="2020-01-01.0123456789ab")


async def test_the_same_set_again_is_the_same_version_and_in_force(office: Office) -> None:
    first = await load(office, LATER)
    await rule_tables.use(office.db, at=office.clock.now(), by="cli", version=None)
    second = await load(office, LATER)
    await office.refresh()

    assert first.version == second.version == office.tables.version
    assert len(await rule_tables.history(office.db)) == 2
    told = await rows(office.db, "select kind, actor, data from event where kind like 'rules%%' order by id")
    assert [(row["kind"], row["data"]["version"]) for row in told] == [
        ("rules_loaded", first.version),
        ("rules_used", first.version),
        ("rules_used", "shipped"),
        ("rules_used", first.version),
    ]


async def test_a_change_made_from_an_old_view_is_refused(office: Office) -> None:
    at = office.clock.now()
    await policies.change(office.db, at=at, by="user 1", reason="", before=0, value=Policy(cap=2))
    with pytest.raises(PolicyMoved):
        await policies.change(office.db, at=at, by="user 2", reason="", before=0, value=Policy(cap=1))

    await office.refresh()
    assert office.policy == Policy(version=1, cap=2)
    (event,) = await rows(office.db, "select actor, data from event where kind = 'policy_changed'")
    assert (event["actor"], event["data"]["version"], event["data"]["given_up"]) == ("user 1", 1, [])


async def test_a_policy_of_a_newer_version_stops_this_process_instead_of_letting_more_through(office: Office) -> None:
    await rows(
        office.db,
        "insert into policy (version, at, by, reason, value) values (1, now(), 'user 1', '', '{\"moonlight\": 1}')",
    )
    with pytest.raises(ConfigError, match="newer"):
        await office.refresh()
