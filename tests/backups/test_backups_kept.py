"""Made when due, kept by rule, copied elsewhere, rehearsed; and somebody hears when one of these fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import conninfo

from leadwake.config import load
from leadwake.domain import ops_words
from leadwake.errors import ConfigError
from leadwake.ops import backups as ops
from leadwake.ops import upgrading
from leadwake.ops.chores import Chores
from leadwake.ops.doctor import Level
from leadwake.ops.doctor import backups as lights
from leadwake.storage import backups, scratch
from leadwake.workflows.intake import receive_lead
from leadwake.workflows.office import Office
from office_case import rows

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
LEAD = b'{"name": "Maria Lopez", "phone": "8135550142"}'
instants = st.lists(
    st.integers(min_value=0, max_value=120 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes)), max_size=60
)


@given(instants, st.integers(min_value=1, max_value=35), st.integers(min_value=1, max_value=5))
def test_what_is_kept_never_outlives_what_erasures_promise_but_for_the_newest(
    made: list[datetime], days: int, weeks: int
) -> None:
    kept = backups.to_keep(made, NOW, days, weeks)

    assert kept <= set(made)
    assert all(NOW - at < timedelta(days=backups.MOST_DAYS) for at in kept - set(sorted(made)[-1:]))
    assert len(kept) <= 1 + days + 1 + weeks + 1
    assert not made or max(made) in kept
    for number in range(days):  # the newest of each day stays
        on = [at for at in made if at.date() == (NOW - timedelta(days=number)).date()]
        assert not on or max(on) in kept or NOW - max(on) >= timedelta(days=days)


def with_settings(office: Office, **changes: str) -> Office:
    settings = replace(office.base_settings, values={**office.base_settings.values, **changes})
    office.base_settings = settings
    return office


async def findings(office: Office) -> dict[str, tuple[Level, str]]:
    return {one.about: (one.level, one.text) async for one in lights.findings(office)}


async def aged(office: Office, by: timedelta) -> None:
    await rows(office.db, "update backup set real_at = real_at - %s", by)
    await rows(office.db, "update backup_rehearsal set real_at = real_at - %s", by)


async def test_one_is_made_a_day_the_first_after_three_hours_and_one_when_somebody_asks(office: Office) -> None:
    await receive_lead(office, LEAD)
    await rows(office.db, "update migration set at = now()")
    assert not await ops.make_if_due(office)
    await ops.ask(office, "user alex")
    await ops.ask(office, "user blair")
    assert not await ops.make_if_due(with_settings(office, BACKUP_DAILY="off")), "another machine makes it"
    with_settings(office, BACKUP_DAILY="on")
    assert await ops.make_if_due(office), "somebody asked"
    assert not await ops.make_if_due(office)
    await aged(office, timedelta(hours=25))
    assert await ops.make_if_due(office)

    whys = await rows(office.db, "select why from backup order by real_at")
    assert [row["why"] for row in whys] == ["by_hand", "daily"]
    events = await rows(office.db, "select kind, actor from event where kind like 'backup%%' order by id")
    assert [tuple(event.values()) for event in events] == [("backup_made", "user alex"), ("backup_made", "system")]
    assert len(backups.found(office.base_settings.backup_dir)[0]) == 1, "of one day the newest stays"


async def test_a_failure_is_told_tried_again_each_hour_and_over_when_one_is_made(
    office: Office, tmp_path: Path
) -> None:
    (tmp_path / "a_file").write_text("")
    with_settings(office, BACKUP_DIR=str(tmp_path / "a_file"))
    await aged(office, timedelta(0))
    await rows(office.db, "update migration set at = now() - interval '1 day'")
    with pytest.raises(ConfigError, match="cannot be written"):
        await ops.make_if_due(office)
    assert not await ops.make_if_due(office), "an hour has to pass"
    trouble = await ops.trouble(office)
    assert "cannot be written" in trouble["backup"]["problem"]
    assert (await findings(office))["backups"][0] is Level.FAILED
    said = ops_words.begun("backup", trouble["backup"])
    assert "There is none yet" in said.text

    with_settings(office, BACKUP_DIR=str(tmp_path / "good"))
    await aged(office, timedelta(hours=2))
    assert await ops.make_if_due(office)
    assert await ops.trouble(office) == {}
    assert (await findings(office))["backups"][0] is Level.OK
    await aged(office, timedelta(hours=27))
    assert "backup" in await ops.trouble(office), "late is trouble, too"
    assert ops_words.over("backup", {}, timedelta(hours=1)).headline == "A backup was made after 1 h."


async def test_the_teams_own_command_gets_the_file_and_none_of_our_keys(office: Office, tmp_path: Path) -> None:
    script = tmp_path / "copy it"
    script.write_text('#!/bin/sh\nenv > "$2.env"\ncp "$3" "$2"\necho "no room there" >&2\nexit ${4:-$1}\n')
    script.chmod(0o700)
    with_settings(office, BACKUP_COMMAND=f"'{script}' 0 '{tmp_path}/copied'", MASTER_KEY="")
    done = await ops.make(office, "by_hand")
    assert done.copy_problem is None
    assert (tmp_path / "copied").read_bytes() == done.path.read_bytes()
    told = (tmp_path / "copied.env").read_text()
    assert f"LEADWAKE_VAULT_DIR={office.base_settings.vault_dir}" in told
    assert "LEADWAKE_DATABASE" not in told
    assert "LEADWAKE_MASTER" not in told

    with_settings(office, BACKUP_COMMAND=f"'{script}' 3 '{tmp_path}/copied'")
    assert (await ops.make(office, "by_hand")).copy_problem == f"{script} ended with 3: no room there"
    assert "backup_copy" in await ops.trouble(office)
    assert (await findings(office))["backup copies"][0] is Level.FAILED


async def test_a_rehearsal_restores_beside_the_house_and_leaves_nothing_but_its_report(office: Office) -> None:
    await receive_lead(office, LEAD)
    await ops.make(office, "daily")
    assert await ops.rehearse_if_due(office)
    assert not await ops.rehearse_if_due(office), "once a week"

    [row] = await rows(office.db, "select outcome, counts, problems from backup_rehearsal")
    assert row["outcome"] == "passed", row
    assert row["counts"]["leads"] == 1
    assert await _beside(office) == []
    assert await rows(office.db, "select 1 from restore") == [], "the house itself was not restored"


async def test_a_rehearsal_that_does_not_hold_is_trouble(office: Office) -> None:
    await receive_lead(office, LEAD)
    done = await ops.make(office, "daily")
    content = bytearray(done.path.read_bytes())
    content[-3] ^= 1
    done.path.write_bytes(content)
    beside = await scratch.make(office.db.url, "rehearsal")  # as a crash leaves it

    assert await ops.rehearse(office) is None
    trouble = await ops.trouble(office)
    assert "damaged" in trouble["rehearsal"]["problems"][0]
    assert (await findings(office))["rehearsal"][0] is Level.FAILED
    done.path.unlink()
    await ops.make(office, "daily")
    await ops.rehearse(office)
    assert "rehearsal" not in await ops.trouble(office)
    assert await _beside(office) == [], beside


async def test_a_user_who_may_make_no_databases_is_told_so(office: Office) -> None:
    modest = conninfo.make_conninfo(office.db.url, options="-c role=pg_monitor")

    assert "createdb" in str(await upgrading.why_no_copy(office.base_settings, modest))
    assert await upgrading.why_no_copy(office.base_settings, office.db.url) is None


async def test_a_backup_whose_names_do_not_open_is_told_not_raised(office: Office) -> None:
    await receive_lead(office, LEAD)
    await rows(office.db, "update lead set sealed_profile = sealed_profile || 'x'")
    await ops.make(office, "daily")
    await ops.rehearse(office)

    assert "the newest lead cannot be read" in (await ops.trouble(office))["rehearsal"]["problems"][0]


async def test_the_chores_make_it(office: Office) -> None:
    await rows(office.db, "update migration set at = now() - interval '4 hours'")
    await Chores(office, slow=True).tick()

    assert [row["why"] for row in await rows(office.db, "select why from backup")] == ["daily"]
    assert [row["outcome"] for row in await rows(office.db, "select outcome from backup_rehearsal")] == ["passed"]


@pytest.mark.parametrize("changes", [{"BACKUP_KEEP_DAYS": "36"}, {"BACKUP_KEEP_WEEKS": "0"}, {"BACKUP_DAILY": "no"}])
def test_a_wrong_setting_stops_the_start(changes: Mapping[str, Any]) -> None:
    with pytest.raises(ConfigError, match="LEADWAKE_BACKUP_"):
        load({f"LEADWAKE_{name}": value for name, value in changes.items()})


async def _beside(office: Office) -> list[dict[str, Any]]:
    return await rows(office.db, "select datname from pg_database where datname like current_database() || '\\_%%'")
