"""A full disk: a backup fails cleanly and says so, leads are taken or honestly refused, and none that was is lost."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwake.errors import ConfigError
from leadwake.ops import backups as ops
from leadwake.storage import backups
from leadwake.storage.db import migrate
from leadwake.storage.embedded import EmbeddedServer
from leadwake.workflows.intake import receive_lead
from leadwake.workflows.office import Office
from office_case import House, a_house, rows, until

MIB = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 220 MiB."""
    place = Path(f"/mnt/leadwake-small-{os.getpid()}")
    if os.geteuid() == 0:
        place.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=220m,mode=755", "tmpfs", place], check=False)
        if done.returncode == 0:
            yield place
            subprocess.run(["umount", "-l", place], check=True)
            place.rmdir()
            return
        place.rmdir()
    if os.environ.get("CI") == "true":
        pytest.fail("no small file system can be mounted, and CI never skips")
    pytest.skip("no small file system can be mounted here: that takes root")


def filled(place: Path, left: int) -> Path:
    """A file that leaves so many bytes free."""
    ballast = place / "ballast"
    with ballast.open("wb") as file:
        free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
        os.posix_fallocate(file.fileno(), 0, free - left)
    return ballast


def lead(number: int) -> dict[str, str]:
    return {"name": f"Maria Lopez {number}", "phone": f"813555{1000 + number}", "message": "Is it open? " * 200}


async def is_there(house: House) -> bool:
    return (await house.http.get("/readyz")).status_code == 200


async def test_nothing_that_was_acknowledged_is_lost_when_the_disk_is_full(small_disk: Path) -> None:
    data_dir = small_disk / "data"
    server = EmbeddedServer(data_dir, extra={"max_wal_size": "32MB", "min_wal_size": "32MB"})
    url = await server.start()
    await migrate(url)
    async with a_house(url, data_dir, at_work=False) as house:
        taken = [(await house.post(lead(number))).json()["lead_id"] for number in range(5)]
        ballast = filled(small_disk, 128 * 1024)

        with pytest.raises(ConfigError, match="No space left on device"):
            await ops.make(house.office, "by_hand")
        assert [path.name for path in house.office.base_settings.backup_dir.iterdir()] == [".lock"]
        refused = 0
        for number in range(5, 600):
            answer = await house.post(lead(number))
            assert answer.status_code in {202, 503}, answer.text
            if answer.status_code == 202:
                taken.append(answer.json()["lead_id"])
            elif (refused := refused + 1) > 3:
                break
        assert refused, "the disk was full"

        ballast.unlink()
        await server.start()
        await until(lambda: is_there(house))
        assert (await house.post(lead(700))).status_code == 202
        there = {str(row["id"]) for row in await house.rows("select id from lead")}
        assert set(taken) <= there
        assert (await house.ledger()).balanced
        assert (await ops.make(house.office, "by_hand")).size > 0
    await server.stop()


async def test_a_backup_that_may_not_grow_leaves_no_half_file(office: Office) -> None:
    """As a quota does it: no root is needed for this one."""
    for number in range(20):
        await receive_lead(office, f'{{"name": "Maria {number}", "phone": "81355501{number:02d}"}}'.encode())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, before[1]))
    try:
        with pytest.raises(ConfigError, match="cannot be written: File too large"):
            await ops.make(office, "by_hand")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    folder = office.base_settings.backup_dir
    assert (backups.found(folder), [path.name for path in folder.iterdir()]) == (([], []), [".lock"])
    [row] = await rows(office.db, "select problem from backup")
    assert "File too large" in row["problem"]
