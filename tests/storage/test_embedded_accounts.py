"""Whom the embedded server runs as: never root, and nobody's home is opened for it."""

# ruff: noqa: ASYNC240 - a test has its loop to itself

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from embedded_case import PACKAGES, SOURCE, app, pid_of, place, programs_of_wheel, quick, said, value

from leadwake.errors import ConfigError
from leadwake.storage.embedded import account, running_url
from leadwake.storage.embedded.cluster import path_in

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")


@as_root
async def test_as_root_the_server_runs_under_an_account_of_its_own() -> None:
    with place() as data_dir:
        server = quick(data_dir)
        await server.start()

        name = account.choose(data_dir, path_in(data_dir), print).name
        assert Path(f"/proc/{pid_of(data_dir)}").owner() == path_in(data_dir).owner() == name != "root"
        assert (data_dir / "postgres-password").owner() == "root"
        groups = next(
            line for line in Path(f"/proc/{pid_of(data_dir)}/status").read_text().splitlines() if "Groups" in line
        )
        assert groups.split() == ["Groups:"]

        await server.stop()


@as_root
async def test_a_closed_directory_above_the_data_is_named_and_stays_closed() -> None:
    with place("closed/data") as data_dir:
        data_dir.parent.mkdir(mode=0o700)

        with pytest.raises(ConfigError, match=rf"{data_dir.parent} is closed to .* set LEADWAKE_DATA_DIR"):
            await quick(data_dir).start()
        assert data_dir.parent.stat().st_mode & 0o777 == 0o700


@as_root
async def test_a_data_directory_that_another_part_made_first_is_opened_for_passing_through_only() -> None:
    with place() as data_dir:
        data_dir.mkdir(mode=0o700)
        (data_dir / "master.key").write_text("secret")
        server = quick(data_dir)

        assert await value(await server.start(), "select 1") == 1
        assert data_dir.stat().st_mode & 0o777 == 0o710

        await server.stop()


@as_root
async def test_programs_out_of_the_accounts_reach_are_copied_once() -> None:
    with place(within="/tmp") as data_dir:  # memory may be mounted noexec
        home = data_dir.parent / "home"
        home.mkdir(mode=0o700)
        package = programs_of_wheel()
        for source in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(source, home / source.name, ignore=shutil.ignore_patterns("pginstall", "include", "*.a"))
        env = {"PYTHONPATH": f"{home}:{SOURCE}:{PACKAGES}"}

        with app(data_dir, env=env) as first:
            assert said(first) == await running_url(data_dir)
            program = Path(f"/proc/{pid_of(data_dir)}/exe").readlink()
        with app(data_dir, env=env) as second:
            assert said(second) == await running_url(data_dir)
            assert Path(f"/proc/{pid_of(data_dir)}/exe").readlink() == program
        assert program.is_relative_to(data_dir / "postgres-bin")
        assert len(list((data_dir / "postgres-bin").iterdir())) == 1
        assert home.stat().st_mode & 0o777 == 0o700


@as_root
async def test_root_over_an_ordinary_users_data_leaves_them_theirs() -> None:
    python = python_for(NOBODY)
    with place() as data_dir:
        data_dir.mkdir()
        os.chown(data_dir, NOBODY, NOBODY)
        server = quick(data_dir)
        url = await server.start()
        assert Path(f"/proc/{pid_of(data_dir)}").stat().st_uid == NOBODY
        with app(data_dir, python=python, user=NOBODY) as ordinary:
            assert said(ordinary) == url
        await server.stop()
        assert {path.lstat().st_uid for path in data_dir.rglob("*")} == {NOBODY}

        with app(data_dir, python=python, user=NOBODY) as ordinary:
            assert said(ordinary) == await running_url(data_dir) == url


@as_root
async def test_an_ordinary_user_runs_it_as_themselves() -> None:
    python = python_for(NOBODY)
    with place() as data_dir:
        data_dir.mkdir(mode=0o700)
        os.chown(data_dir, NOBODY, NOBODY)
        with app(data_dir, python=python, user=NOBODY) as ordinary:
            assert said(ordinary) == await running_url(data_dir)
            assert Path(f"/proc/{pid_of(data_dir)}").stat().st_uid == NOBODY
        assert data_dir.stat().st_mode & 0o777 == 0o700


@as_root
async def test_an_ordinary_user_is_told_that_the_data_are_another_ones() -> None:
    python = python_for(NOBODY)
    with place() as data_dir:
        server = quick(data_dir)
        await server.start()
        await server.stop()
        with app(data_dir, python=python, user=NOBODY) as stranger:
            assert "may not be written by nobody: set LEADWAKE_DATA_DIR" in said(stranger)


def test_a_cluster_of_another_account_is_not_touched() -> None:
    if os.geteuid() == 0:
        pytest.skip("root runs the server as the owner of the cluster, whoever that is")
    with place() as data_dir:
        data_dir.mkdir()
        path_in(data_dir).symlink_to("/etc")
        with app(data_dir) as refused:
            assert "belongs to uid 0" in said(refused)


def python_for(uid: int) -> str:
    """A Python of our version that the account can run with our packages; skips the test when there is none."""
    # the environment's own python is often a link into a closed home
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        try:
            command = [python, "-c", "import leadwake.storage.embedded"]
            env = {"PYTHONPATH": f"{SOURCE}:{PACKAGES}", "PYTHONDONTWRITEBYTECODE": "1"}
            tried = subprocess.run(command, user=uid, group=uid, extra_groups=[], env=env, cwd="/", capture_output=True)
        except OSError:
            continue
        if tried.returncode == 0:
            return python
    pytest.skip("no Python that an ordinary user can reach with this environment's packages")
