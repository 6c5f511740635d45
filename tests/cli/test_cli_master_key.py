"""The master key rotated: everything stays readable, whenever it is cut off."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import psycopg
import pytest
from command_case import CommandLine

from leadwake.workflows.intake import receive_lead
from polling import until

LEAD = {"name": "Maria Lopez", "phone": "(813) 555-0194"}


@pytest.fixture
async def keyed(leadwake: CommandLine) -> CommandLine:
    """A team that holds something sealed."""
    async with leadwake.office() as office:
        await receive_lead(office, json.dumps(LEAD).encode())
    return leadwake


def key_of(leadwake: CommandLine) -> str:
    return (leadwake.data_dir / "master.key").read_text().strip()


def is_readable(leadwake: CommandLine) -> bool:
    answer = leadwake("lead", "list", "--json")
    return answer.code == 0 and answer.json[0]["name"] == "Maria Lopez"


def test_everything_stays_readable_under_a_new_key(keyed: CommandLine) -> None:
    before = key_of(keyed)
    answer = keyed("master-key", "rotate", "--yes")
    after = key_of(keyed)

    assert answer.code == 0
    assert after != before
    assert after in answer.err  # the copy to keep, once
    assert after not in answer.out
    assert is_readable(keyed)
    assert keyed.sql("select actor, kind from event") == [("cli", "master_key_rotated")]
    (keyed.data_dir / "master.key").write_text(before)
    assert "recovery copy" in keyed("lead", "list").refused(2)


def test_nobody_rotates_by_accident(keyed: CommandLine) -> None:
    before = key_of(keyed)

    assert "--yes" in keyed("master-key", "rotate").refused(2)
    assert key_of(keyed) == before


def test_a_key_in_the_environment_is_replaced_there(leadwake: CommandLine) -> None:
    configured = leadwake.having(MASTER_KEY=secrets.token_urlsafe(32))
    assert configured("api-key", "create", "web").code == 0
    answer = configured("master-key", "rotate", "--yes")
    new = next(line.strip() for line in answer.err.splitlines() if len(line.strip()) == 43)

    assert "LEADWAKE_MASTER_KEY" in answer.out
    assert configured("api-key", "list").code == 0  # a restart before the change still works
    assert leadwake.having(MASTER_KEY=new)("api-key", "list").code == 0


def test_a_copy_is_confirmed_by_showing_it(keyed: CommandLine) -> None:
    other = secrets.token_urlsafe(32)
    refused = keyed("master-key", "confirm", stdin=other)
    confirmed = keyed("master-key", "confirm", stdin=key_of(keyed) + "\n")

    assert other not in refused.refused(1)
    assert "copy" in keyed("master-key", "confirm", stdin="what?").refused(2)
    assert confirmed.code == 0
    assert "a copy is confirmed" in keyed("doctor", "--offline").out
    keyed("master-key", "rotate", "--yes")
    assert "nobody has confirmed a copy" in keyed("doctor", "--offline").out


def test_killed_before_the_rows_are_wrapped_the_old_key_stays(keyed: CommandLine) -> None:
    before = key_of(keyed)
    with psycopg.connect(keyed.env["DATABASE_URL"]) as other:
        # 1. the rotation waits for a row that we hold: the new key is on disk, nothing is committed
        other.execute("select from vault.index_key for update")
        rotation = keyed.start("master-key", "rotate", "--yes")
        until(lambda: (keyed.data_dir / "master.key.next").exists() and is_blocked(keyed), "it waits", every_s=0.02)
        # 2. it dies there
        rotation.kill()
        rotation.communicate(timeout=30)

    assert is_readable(keyed)
    assert key_of(keyed) == before
    assert keyed("master-key", "rotate", "--yes").code == 0
    assert is_readable(keyed)


def test_killed_after_the_rows_are_wrapped_the_new_key_takes_over(keyed: CommandLine) -> None:
    before = key_of(keyed)
    hold_commits(keyed)
    with psycopg.connect(keyed.env["DATABASE_URL"]) as other:
        # 1. the server is in the middle of the commit when the rotation dies
        other.execute("select pg_advisory_lock(7)")
        rotation = keyed.start("master-key", "rotate", "--yes")
        until(lambda: is_blocked(keyed), "it waits", every_s=0.02)
        following = (keyed.data_dir / "master.key.next").read_text()
        rotation.kill()
        rotation.communicate(timeout=30)
        # 2. and finishes it for nobody
    until(lambda: not any_open(keyed), "nothing is open")

    assert (keyed.data_dir / "master.key").read_text().strip() == before  # the rename never came
    assert is_readable(keyed)
    assert (keyed.data_dir / "master.key").read_text() == following  # done by whoever came next
    assert not (keyed.data_dir / "master.key.next").exists()


def hold_commits(leadwake: CommandLine) -> None:
    """Whoever changes the index key waits in its commit for advisory lock 7."""
    leadwake.sql(
        "create function held() returns trigger language plpgsql set lock_timeout = 0 as "
        "$$ begin perform pg_advisory_xact_lock(7); return null; end $$"
    )
    leadwake.sql(
        "create constraint trigger held after update on vault.index_key deferrable initially deferred "
        "for each row execute function held()"
    )


def is_blocked(leadwake: CommandLine) -> bool:
    return leadwake.sql("select count(*) from pg_locks where not granted") != [(0,)]


def any_open(leadwake: CommandLine) -> bool:
    """Whether another session of this database is in a transaction."""
    found = leadwake.sql(
        "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
        "and xact_start is not null"
    )
    return found != [(0,)]


def test_a_key_that_others_can_read_is_refused(keyed: CommandLine) -> None:
    file: Path = keyed.data_dir / "master.key"
    file.chmod(0o644)

    assert f"chmod 600 {file}" in keyed("lead", "list").refused(2)
    assert file.stat().st_mode & 0o777 == 0o644
