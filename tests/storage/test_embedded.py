"""The embedded server's life and its bad days, with real servers."""

# ruff: noqa: ASYNC220, ASYNC221, ASYNC240 - a test has its loop to itself

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest
from embedded_case import app, pid_of, place, postmasters, quick, run, said, value

from leadwake.errors import ConfigError
from leadwake.storage.embedded import EmbeddedServer, account, postmaster, running_url, serverlog, sockets
from leadwake.storage.embedded.cluster import path_in


async def test_first_start_makes_a_database_that_is_ours_alone() -> None:
    with place() as data_dir:
        told: list[str] = []
        server = EmbeddedServer(data_dir, progress=told.append)
        url = await server.start()

        expected = {
            "server_encoding": "UTF8", "data_checksums": "on", "fsync": "on", "synchronous_commit": "on",
            "listen_addresses": "", "timezone": "UTC", "jit": "off", "is_superuser": "off",
        }  # fmt: skip
        assert {name: await value(url, f"show {name}") for name in expected} == expected
        assert await value(
            url, "select datlocprovider::text || datlocale from pg_database where datname = 'leadwake'"
        ) == ("bC.UTF-8")
        assert {"making the database, once", "starting the database"} <= set(told)
        assert (data_dir / "postgres-password").stat().st_mode & 0o777 == 0o600
        assert path_in(data_dir).stat().st_mode & 0o777 == 0o700

        await server.stop()


async def test_the_application_may_make_databases() -> None:
    with place() as data_dir:
        server = quick(data_dir)
        url = await server.start()
        await run(url, "create database copy template leadwake")

        assert await value(url, "select count(*) from pg_database where datname in ('leadwake', 'copy')") == 2

        await server.stop()


async def test_nobody_gets_in_without_the_password() -> None:
    with place() as data_dir:
        server = quick(data_dir)
        url = await server.start()
        socket_dir = sockets.folder(server.data_dir, account.choose(data_dir, path_in(data_dir), print))

        for wrong in ("user=leadwake", "user=leadwake password=guess", "user=postgres", "user=postgres password=''"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                await psycopg.AsyncConnection.connect(f"host={socket_dir} dbname=leadwake passfile=/dev/null {wrong}")
        assert await value(url, "select 1") == 1

        await server.stop()


async def test_settings_of_the_caller_and_of_the_operator_win() -> None:
    with place() as data_dir:
        server = quick(data_dir, extra={"work_mem": "7MB"})
        await server.start()
        await server.stop()
        (path_in(data_dir) / "local.conf").write_text("log_checkpoints = on\nwork_mem = 5MB\n")
        url = await server.start()

        assert await value(url, "show work_mem") == "7MB"
        assert await value(url, "show log_checkpoints") == "on"

        await server.stop()


async def test_client_programs_are_of_the_servers_version() -> None:
    with place() as data_dir:
        server = quick(data_dir)
        url = await server.start()

        dump = subprocess.run([server.binary("pg_dump"), "--schema-only", url], capture_output=True, text=True)
        assert (dump.returncode, dump.stderr) == (0, "")
        assert (
            "(PostgreSQL) 18." in subprocess.run([server.binary("psql"), "-V"], capture_output=True, text=True).stdout
        )
        with pytest.raises(ConfigError, match="carries no mysqldump"):
            server.binary("mysqldump")

        await server.stop()


async def test_two_processes_that_start_at_once_share_one_server() -> None:
    with place() as data_dir, app(data_dir) as first, app(data_dir) as second:
        urls = {said(first), said(second)}

        assert urls == {await running_url(data_dir)}
        assert postmasters(data_dir) == [pid_of(data_dir)]


async def test_a_second_start_attaches_and_the_last_user_stops_the_server() -> None:
    with place() as data_dir:
        ada, bob = quick(data_dir), quick(data_dir)
        assert await running_url(data_dir) is None
        assert await ada.start() == await bob.start() == await ada.start()
        pid = pid_of(data_dir)

        await ada.stop()
        assert pid_of(data_dir) == pid

        await ada.stop()  # twice counts once
        assert pid_of(data_dir) == pid

        await bob.stop()
        assert await running_url(data_dir) is None
        assert list(postmaster.survivors(path_in(data_dir))) == []
        assert serverlog.tail(server_log(data_dir), lines=1).endswith("database system is shut down")


async def test_app_killed_leaves_the_server_to_the_next_one() -> None:
    with place() as data_dir:
        with app(data_dir) as killed:
            url = said(killed)
            await run(url, "create table lead as select 7 as id")
            pid = pid_of(data_dir)
            killed.kill()

        server = quick(data_dir)
        assert await server.start() == url
        assert pid_of(data_dir) == pid
        assert await value(url, "select id from lead") == 7

        await server.stop()
        assert await running_url(data_dir) is None


async def test_ctrl_c_is_not_for_the_server_and_it_holds_none_of_our_sockets() -> None:
    with place() as data_dir, app(data_dir) as interrupted:
        url = said(interrupted)
        pid = pid_of(data_dir)
        held = {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()}
        theirs = {str(fd.readlink()) for fd in Path(f"/proc/{interrupted.pid}/fd").iterdir()}
        assert {name for name in held & theirs if name.startswith(("socket:", "pipe:"))} == set()

        os.killpg(interrupted.pid, signal.SIGINT)
        interrupted.communicate(timeout=60)
        assert os.getsid(pid) == pid
        assert await value(url, "select 1") == 1


async def test_server_killed_recovers_what_was_committed() -> None:
    with place() as data_dir:
        told: list[str] = []
        server = EmbeddedServer(data_dir, progress=told.append)
        url = await server.start()
        await run(url, "create table lead (id int)")
        await run(url, "insert into lead select generate_series(1, 1000)")
        os.kill(pid_of(data_dir), signal.SIGKILL)

        assert await server.start() == url
        assert await value(url, "select count(*) from lead") == 1000
        assert "not properly shut down" in server_log(data_dir).read_text()

        await server.stop()


async def test_a_child_that_outlives_the_killed_server_is_cleared_away() -> None:
    with place() as data_dir:
        server = quick(data_dir)
        url = await server.start()
        async with await psycopg.AsyncConnection.connect(url) as connection:
            backend = connection.info.backend_pid
            os.kill(backend, signal.SIGSTOP)  # it cannot notice, and holds the shared memory
            os.kill(pid_of(data_dir), signal.SIGKILL)

            assert await value(await server.start(), "select 1") == 1
            assert backend not in postmaster.survivors(path_in(data_dir))

        await server.stop()


async def test_a_stale_pid_of_another_living_program_is_no_obstacle() -> None:
    with place() as data_dir:
        server = quick(data_dir)
        url = await server.start()
        owner = path_in(data_dir).stat()
        options = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        sleeper = subprocess.Popen(["sleep", "600"], cwd="/", **options)
        pid_file = path_in(data_dir) / "postmaster.pid"
        try:
            for kept_lines in (8, 1):
                os.kill(pid_of(data_dir), signal.SIGKILL)
                lines = pid_file.read_text().splitlines(keepends=True)
                lines[0] = f"{sleeper.pid}\n"
                pid_file.write_text("".join(lines[:kept_lines]))
                assert await running_url(data_dir) is None

                assert await server.start() == url
                assert pid_of(data_dir) != sleeper.pid
            await server.stop()
            assert sleeper.poll() is None
        finally:
            sleeper.kill()
            sleeper.wait()


async def test_a_pid_file_cut_off_by_a_full_disk_is_no_obstacle() -> None:
    with place() as data_dir:
        server = quick(data_dir)
        for content in ("", "\0\0\0\0", "-1\n"):
            await server.start()
            await server.stop()
            (path_in(data_dir) / "postmaster.pid").write_text(content)

        assert await value(await server.start(), "select 1") == 1

        await server.stop()


async def test_making_the_database_begins_anew_after_it_was_cut_off() -> None:
    with place() as data_dir:
        (data_dir / "postgres.new").mkdir(parents=True)
        (data_dir / "postgres.new" / "PG_VERSION").write_text("18\n")
        server = quick(data_dir)

        assert await value(await server.start(), "select 1") == 1
        assert not (data_dir / "postgres.new").exists()

        await server.stop()


async def test_app_killed_while_making_the_database_leaves_no_half_of_one() -> None:
    with place() as data_dir:
        with app(data_dir) as killed:
            while not (data_dir / "postgres.new" / "PG_VERSION").exists():
                assert killed.poll() is None
            killed.kill()
        assert not path_in(data_dir).exists()
        server = quick(data_dir)

        assert await value(await server.start(), "select 1") == 1

        await server.stop()


async def test_a_lost_password_file_is_made_anew_for_a_stopped_and_a_lonely_running_server() -> None:
    with place() as data_dir:
        server = quick(data_dir)
        first = await server.start()
        await run(first, "create table lead as select 7 as id")
        await server.stop()

        (data_dir / "postgres-password").unlink()
        second = await server.start()
        assert second != first
        assert await value(second, "select id from lead") == 7

        (data_dir / "postgres-password").unlink()
        third = await server.start()
        assert third not in {first, second}
        assert await value(third, "select id from lead") == 7

        await server.stop()


async def test_an_unreachable_server_that_others_use_is_left_to_them() -> None:
    with place() as data_dir:
        ada, bob = quick(data_dir), quick(data_dir)
        await ada.start()
        pid = pid_of(data_dir)
        password = data_dir / "postgres-password"
        kept = password.read_text()
        password.write_text("another")

        with pytest.raises(ConfigError, match=r"does not answer .*password.* other Leadwake processes use it"):
            await bob.start()
        assert pid_of(data_dir) == pid

        password.write_text(kept)
        await ada.stop()
        assert await running_url(data_dir) is None


async def test_another_major_version_names_the_upgrade() -> None:
    with place() as data_dir:
        server = quick(data_dir)
        await server.start()
        await server.stop()
        (path_in(data_dir) / "PG_VERSION").write_text("16\n")

        with pytest.raises(ConfigError, match=r"PostgreSQL 16.*`leadwake database upgrade`"):
            await server.start()


async def test_a_directory_that_is_no_database_is_left_alone() -> None:
    with place() as data_dir:
        path_in(data_dir).mkdir(parents=True)
        if os.geteuid() == 0:
            owner = account.choose(data_dir, data_dir, print)
            os.chown(path_in(data_dir), owner.uid, owner.gid)
        (path_in(data_dir) / "holiday.jpg").write_bytes(b"...")

        with pytest.raises(ConfigError, match="is no database of Leadwake"):
            await quick(data_dir).start()
        assert [file.name for file in path_in(data_dir).iterdir()] == ["holiday.jpg"]


async def test_a_server_that_does_not_start_is_quoted() -> None:
    with place() as data_dir:
        server = quick(data_dir)
        await server.start()
        await server.stop()
        (path_in(data_dir) / "local.conf").write_text("shared_bufers = 1\n")

        with pytest.raises(ConfigError) as refused:
            await server.start()
        first, *quoted = str(refused.value).splitlines()
        assert first == "the database did not start: a setting is wrong: mend postgres/local.conf in the data directory"
        assert 'unrecognized configuration parameter "shared_bufers"' in quoted[0]
        assert await running_url(data_dir) is None


async def test_damaged_data_say_which_command_mends_them() -> None:
    with place() as data_dir:
        server = quick(data_dir)
        await server.start()
        await server.stop()
        for segment in (path_in(data_dir) / "pg_wal").glob("0*"):
            segment.unlink()

        with pytest.raises(ConfigError, match="restore a backup with `leadwake backup restore`"):
            await server.start()


async def test_a_full_disk_says_so() -> None:
    if os.geteuid() != 0:
        pytest.skip("a file system of its own, to be filled, needs root")
    with place() as data_dir:
        data_dir.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=30m,mode=0755", "none", data_dir])
        if mounted.returncode != 0:
            pytest.skip("this container may not mount a file system")
        try:
            with pytest.raises(ConfigError, match="the disk is full: free some space"):
                await quick(data_dir).start()
            assert not path_in(data_dir).exists()
        finally:
            subprocess.run(["umount", data_dir], check=True)


async def test_a_log_that_cannot_be_written_is_named() -> None:
    with place() as data_dir:
        data_dir.mkdir(mode=0o755)
        (data_dir / "postgres-log").write_text("in the way")

        with pytest.raises(ConfigError, match=r"cannot write the database's log .*postgres\.log"):
            await quick(data_dir).start()


def test_the_log_is_bounded(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    log.write_text("old line\n" * 10)
    writer = log.open("a")

    serverlog.trim(log, longest=50)
    writer.write("new line\n")
    writer.flush()
    assert log.read_text() == "new line\n"
    assert log.with_suffix(".log.1").read_text() == "old line\n" * 10

    serverlog.trim(log, longest=50)
    assert log.read_text() == "new line\n"
    writer.close()


def test_a_log_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    assert "cannot be read: No such file or directory" in serverlog.tail(tmp_path / "postgres.log")


def server_log(data_dir: Path) -> Path:
    return data_dir / "postgres-log" / "postgres.log"
