"""The embedded database of an older PostgreSQL: refused at the start, brought over, kept until somebody agrees."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from embedded_case import place, quick, run, value

from leadwake.errors import ConfigError
from leadwake.storage.db import migrate
from leadwake.storage.embedded import account, binaries, upgrade
from leadwake.storage.embedded.cluster import _SETUP, Cluster, path_in, upgraded_in
from leadwake.storage.embedded.flock import Flock
from leadwake.storage.embedded.settings import HBA

#: the older version that the wheel carries beside ours
OLD = 16


async def an_old_database(data_dir: Path) -> None:
    """As an older Leadwake left it: a cluster of its version, with its settings, a lead's capture in it."""
    owner = account.choose(data_dir, path_in(data_dir), lambda _: None)
    account.open_data_dir(data_dir, owner)
    cluster, lock = Cluster(data_dir, owner, OLD), Flock(data_dir / "lock")
    owner.own_folder(cluster.path)
    made = account.run(
        owner, [cluster.programs / "initdb", "-D", cluster.path, "--username=postgres", "--auth=reject",
                "--encoding=UTF8", "--locale=C", "--no-sync"], env=cluster.environment(), keep=lock.fd,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout
    cluster._set_up(cluster.path, lock.fd, _SETUP, fsync=False)
    (cluster.path / "pg_hba.conf").write_text(HBA)
    with (cluster.path / "postgresql.conf").open("a") as conf:
        conf.write("listen_addresses = ''\npassword_encryption = 'scram-sha-256'\nfsync = off\n")
    lock.close()
    server = quick(data_dir, major=OLD)
    url = await server.start()
    assert str(await value(url, "show server_version")).startswith(f"{OLD}.")
    await migrate(url)
    await run(
        url, "insert into capture (id, at, door, source, outcome, data_key_id, body) "
        "values (gen_random_uuid(), now(), 'api', 'marmalade', 'spam', gen_random_uuid(), '')",
    )  # fmt: skip
    await server.stop()


async def test_an_older_database_is_brought_over_and_kept_until_somebody_agrees() -> None:
    with place() as data_dir:
        await an_old_database(data_dir)
        with pytest.raises(ConfigError, match="leadwake database upgrade"):
            await quick(data_dir).start()
        done = await upgrade.upgrade(data_dir, lambda _: None, fsync=False)

        assert done is not None
        assert (done.before, done.after, done.counts["captures"]) == (OLD, binaries.MAJOR, 1)
        assert upgrade.version_of(data_dir) == binaries.MAJOR
        assert upgrade.kept_in(data_dir) == [done.kept]
        assert not (data_dir / "upgrade").exists()
        # cut off between the last two renames: the next start makes the last one
        path_in(data_dir).rename(upgraded_in(data_dir))
        server = quick(data_dir)
        url = await server.start()
        assert await value(url, "select source from capture") == "marmalade"
        assert str(await value(url, "show server_version")).startswith(f"{binaries.MAJOR}.")
        await server.stop()
        assert await upgrade.upgrade(data_dir, lambda _: None) is None


async def test_a_version_whose_programs_are_gone_is_told_to_restore_a_backup() -> None:
    with place() as data_dir:
        (path_in(data_dir)).mkdir(parents=True)
        (path_in(data_dir) / "PG_VERSION").write_text("12\n")
        with pytest.raises(ConfigError, match="leadwake backup restore"):
            await upgrade.upgrade(data_dir, lambda _: None)
        shutil.rmtree(path_in(data_dir))
        with pytest.raises(ConfigError, match="nothing to upgrade"):
            await upgrade.upgrade(data_dir, lambda _: None)
