"""Commands and their database: embedded without a setting, a server by URL, migrated by its operator."""

from __future__ import annotations

import signal
from pathlib import Path

import psycopg
import pytest
from command_case import CommandLine

from leadwake.storage import events

EMPTY = {
    "captures": {"total": 0, "by_outcome": {"lead": 0, "known": 0, "spam": 0, "rejected": 0, "pending": 0}},
    "actions": {"total": 0, "by_state": {}},
    "balanced": True,
    "problems": [],
}


def test_roles_are_for_a_server_whose_user_may_make_them(bare: CommandLine, leadwake: CommandLine) -> None:
    assert "create role leadwake_app nologin" in bare("database", "roles", "--print").out
    assert "embedded database has one user" in bare("database", "roles").refused(1)
    assert "the database refuses" in leadwake("database", "roles").refused(2)
    assert "nothing to renew" in leadwake("database", "roles", "--renew").out


def test_the_first_command_on_an_empty_directory_makes_what_it_needs(place: Path, tmp_path: Path) -> None:
    leadwake = CommandLine(tmp_path, {"DATA_DIR": str(place / "first")})
    first, second = leadwake("ledger", "--json"), leadwake("ledger", "--json")
    copy = (leadwake.data_dir / "master.key").read_text().strip()

    assert (first.code, first.json) == (0, EMPTY)
    assert copy in first.err  # shown once, apart from the answer
    assert (second.code, second.json, second.err) == (0, EMPTY, "")
    assert not (leadwake.data_dir / "postgres" / "postmaster.pid").exists()  # nobody uses it any more


def test_a_server_of_its_own_is_migrated_by_migrate_alone(unmigrated: CommandLine) -> None:
    assert "leadwake migrate" in unmigrated("ledger").refused(2)

    first, second = unmigrated("migrate"), unmigrated("migrate")

    assert first.code == 0
    assert "0001" in first.out
    assert (second.code, second.lines) == (0, ["nothing to do: the database is at this version"])
    assert unmigrated("ledger", "--json").json == EMPTY


def test_a_ledger_that_does_not_add_up_says_so_and_exits_1(leadwake: CommandLine) -> None:
    leadwake.sql(
        "insert into capture (id, at, door, source, outcome, data_key_id, body) "
        "values (gen_random_uuid(), now(), 'api', '', 'pending', gen_random_uuid(), '')"
    )
    answer = leadwake("ledger", "--json")

    assert answer.code == 1
    assert not answer.json["balanced"]
    assert answer.json["captures"]["by_outcome"]["pending"] == 1
    assert "pending capture that nothing will try again" in answer.json["problems"][0]
    assert leadwake("ledger").code == 1


def test_a_database_that_takes_no_changes_is_one_line(leadwake: CommandLine) -> None:
    ((name,),) = leadwake.sql("select current_database()")
    leadwake("ledger")
    leadwake.sql(f'alter database "{name}" set default_transaction_read_only = on')

    assert "refuses" in leadwake("api-key", "create", "web").refused(2)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_that_is_told_to_stop_leaves_quietly(
    leadwake: CommandLine, number: signal.Signals, code: int
) -> None:
    with psycopg.connect(leadwake.env["DATABASE_URL"]) as other:
        other.execute("set idle_in_transaction_session_timeout = 0; lock table api_key")
        process = leadwake.start("api-key", "create", "web")
        while not leadwake.sql("select 1 from pg_locks where not granted"):
            assert process.poll() is None
        process.send_signal(number)
        _, err = process.communicate(timeout=30)

    assert process.returncode == code
    assert "Traceback" not in err
    assert leadwake.sql("select count(*) from api_key") == [(0,)]


def test_a_command_that_waits_too_long_for_others_says_so(leadwake: CommandLine) -> None:
    leadwake("api-key", "list")
    with psycopg.connect(leadwake.env["DATABASE_URL"]) as other:
        other.execute("set idle_in_transaction_session_timeout = 0; lock table api_key")

        assert "try again" in leadwake("api-key", "create", "web").refused(1)


async def test_the_audit_log_is_verified_and_a_change_is_found(leadwake: CommandLine) -> None:
    leadwake("api-key", "create", "web")
    owner = "alter table event disable trigger only_grows; "  # who owns the database is stopped by no trigger
    leadwake.sql(owner + "update event set real_at = real_at - interval '1 hour'")
    async with leadwake.office() as office:
        assert await events.seal(office.db) == 1
    clean = leadwake("audit", "verify")
    leadwake.sql(owner + "update event set actor = 'somebody else'")
    changed = leadwake("audit", "verify")

    assert clean.code == 0
    assert "1 events under 1 seals" in clean.out
    assert changed.code == 1
    assert "event 1: changed after it was sealed" in changed.out
