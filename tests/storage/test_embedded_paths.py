"""The embedded server under any name a directory can have, and where its socket is."""

# ruff: noqa: ASYNC240 - a test has its loop to itself

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from embedded_case import place, quick, run, value
from hypothesis import given
from hypothesis import strategies as st

from leadwake.errors import ConfigError
from leadwake.storage.embedded import account, postmaster, running_url, sockets
from leadwake.storage.embedded.account import Account
from leadwake.storage.embedded.cluster import path_in

LONG = "/".join(["a-directory-with-a-long-name"] * 11)


@pytest.mark.parametrize(
    "name",
    ["Program Files", 'O\'Brien "& sons" $HOME `id` \\ %41 #1, 100%', "Müller – 数据 🏠", LONG],
    ids=["space", "quotes", "unicode", "300 characters"],
)
async def test_any_path_will_do(name: str) -> None:
    with place(name) as data_dir:
        server = quick(data_dir)
        url = await server.start()
        await run(url, "create table lead as select 7 as id")
        assert await running_url(data_dir) == url
        await server.stop()

        assert await value(await server.start(), "select id from lead") == 7

        await server.stop()
        assert await running_url(data_dir) is None


async def test_the_same_data_through_a_link_is_the_same_server() -> None:
    with place() as data_dir:
        data_dir.mkdir(mode=0o755)
        link = data_dir.parent / "link"
        link.symlink_to(data_dir)
        ada, bob = quick(data_dir), quick(link)

        assert await ada.start() == await bob.start()

        await ada.stop()
        await bob.stop()


async def test_a_socket_directory_somebody_else_prepared_is_refused() -> None:
    with place(LONG) as data_dir:
        data_dir.mkdir(parents=True)
        me = account.choose(data_dir, path_in(data_dir), print)
        trap = sockets.folder(data_dir, me)
        elsewhere = Path(tempfile.mkdtemp(dir="/tmp"))
        try:
            trap.symlink_to(elsewhere)
            with pytest.raises(ConfigError, match="is not a closed directory of"):
                await quick(data_dir).start()
            trap.unlink()

            trap.mkdir()
            trap.chmod(0o777)
            with pytest.raises(ConfigError, match="is not a closed directory of"):
                await quick(data_dir).start()

            if os.geteuid() == 0:
                trap.chmod(0o700)
                os.chown(trap, 65534, 65534)
                with pytest.raises(ConfigError, match="is not a closed directory of"):
                    await quick(data_dir).start()
            assert list(elsewhere.iterdir()) == list(trap.iterdir()) == []

            trap.rmdir()
            server = quick(data_dir)
            assert await value(await server.start(), "select 1") == 1
            assert trap.is_dir()
            await server.stop()
            assert not trap.exists()
        finally:
            elsewhere.rmdir()


async def test_a_lonely_server_whose_socket_was_cleaned_away_is_started_anew() -> None:
    with place(LONG) as data_dir:
        server = quick(data_dir)
        url = await server.start()
        await run(url, "create table lead as select 7 as id")
        found = postmaster.read(path_in(server.data_dir))
        assert found is not None
        assert found.socket_dir is not None
        shutil.rmtree(found.socket_dir)
        assert await running_url(data_dir) is None

        assert await value(await server.start(), "select id from lead") == 7

        await server.stop()


@given(st.lists(st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1), max_size=20))
def test_every_socket_path_is_short_and_plain(parts: list[str]) -> None:
    folder = sockets.folder(Path("/", *parts), Account(1000, 1000, "ada", drops=False))

    assert len(os.fsencode(folder / ".s.PGSQL.5432")) <= 107
    assert folder.is_absolute()
    assert not set(str(folder)) & set(" ,'\"\\@")


@given(st.binary(max_size=300))
def test_no_pid_file_can_break_reading_it(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "postmaster.pid").write_bytes(content)
        found = postmaster.read(Path(folder))

        assert found is None or (found.pid > 0 and not postmaster.is_ours(found.pid, Path(folder)))
