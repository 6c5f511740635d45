"""`leadwake backup`, as somebody types it: before and after a disaster, killed, with another key; and upgrades."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg
import pytest
from command_case import CommandLine

from leadwake.storage import backups
from leadwake.storage.db import migrations
from leadwake.storage.embedded import EmbeddedServer
from leadwake.storage.keys import MasterKey
from leadwake.workflows.intake import receive_lead

LEADS = [{"name": f"Maria Lopez {n}", "phone": f"81355501{n:02d}"} for n in range(5)]


@pytest.fixture
async def keyed(leadwake: CommandLine) -> CommandLine:
    """A team with leads, on a server."""
    async with leadwake.office() as office:
        for lead in LEADS:
            await receive_lead(office, json.dumps(lead).encode())
    return leadwake


def key_of(leadwake: CommandLine) -> str:
    return (leadwake.data_dir / "master.key").read_text().strip()


def made(leadwake: CommandLine, *words: str) -> Path:
    answer = leadwake("backup", "create", *words)
    assert answer.code == 0, answer.err
    return Path(answer.lines[0])


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".lock"}


def test_on_a_new_machine_the_house_is_back_with_a_file_a_folder_and_a_key(place: Path, tmp_path: Path) -> None:
    old = CommandLine(tmp_path, {
        "DATA_DIR": str(place / "lost"), "BACKUP_DIR": str(tmp_path / "kept"), "VAULT_DIR": str(tmp_path / "vault"),
    })  # fmt: skip
    (tmp_path / "list.csv").write_text("name,phone\nMaria Lopez,813 555 0194\n")
    assert old("lead", "import", "list.csv").code == 0
    file = made(old)
    (tmp_path / "recovery.txt").write_text(key_of(old) + "\n")
    shutil.rmtree(old.data_dir)

    new = old.having(DATA_DIR=str(place / "new"))
    assert "--key-file" in new("backup", "restore", str(file)).refused(2)
    assert "no copy of the vault" in new(
        "backup", "restore", str(file), "--key-file", "recovery.txt", "--vault", str(tmp_path / "nowhere")
    ).refused(2)
    back = new("backup", "restore", str(file), "--key-file", "recovery.txt")
    assert back.code == 0, back.err
    assert "the ledger adds up" in back.out
    assert key_of(new) == (tmp_path / "recovery.txt").read_text().strip()
    assert new("lead", "list", "--json").json[0]["name"] == "Maria Lopez"
    # and a step back, with what is there now kept aside
    assert "--replace" in new("backup", "restore", str(file)).refused(2)
    again = new("backup", "restore", str(file), "--replace")
    assert again.code == 0, again.err
    assert "is kept as leadwake_before_" in again.out
    assert len(new("lead", "list", "--json").json) == 1


def test_the_backups_here_open_with_a_new_master_key_and_copies_elsewhere_with_the_old(keyed: CommandLine) -> None:
    file = made(keyed)
    elsewhere = shutil.copy(file, keyed.folder / "copy.backup")
    (keyed.folder / "before.txt").write_text(key_of(keyed))
    assert keyed("master-key", "rotate", "--yes").code == 0

    whole = keyed("backup", "verify", str(file))
    assert whole.code == 0, whole.err
    assert "5 leads" in whole.out
    assert "--key-file" in keyed("backup", "verify", str(elsewhere)).refused(2)
    assert keyed("backup", "verify", str(elsewhere), "--key-file", "before.txt").code == 0
    assert keyed("backup", "rehearse").code == 0, "with a copy of the vault that hangs on the new key"


@pytest.mark.crash
def test_killed_at_any_moment_no_half_file_can_be_taken_for_a_whole_one(
    keyed: CommandLine, request: pytest.FixtureRequest
) -> None:
    folder = keyed.data_dir / "backups"
    began = time.monotonic()
    made(keyed)
    took = time.monotonic() - began
    chance = random.Random(7)
    for _ in range(20 if request.config.getoption("--crash-long") else 2):
        process = keyed.start("backup", "create", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.4, 1.0) * took)  # nothing is waited for: the instant of the kill is drawn
        process.send_signal(signal.SIGKILL)
        process.wait()

    found, bad = backups.found(folder)
    assert bad == []
    for one in found:
        assert backups.verify(one, [MasterKey.parse(key_of(keyed), "here")]) > 0
    made(keyed)
    assert not [name for name in files(folder) if not name.endswith(".backup")], "drafts of a crash are gone"


def test_a_damaged_file_is_told_in_one_line(keyed: CommandLine) -> None:
    file = made(keyed)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    assert "damaged" in keyed("backup", "verify", str(file)).refused(2)
    assert "damaged" in keyed("backup", "restore", str(file), "--replace").refused(2)
    assert keyed("backup", "rehearse").code == 1
    assert "FAILED" in keyed("backup", "list").out


def _before_backups(leadwake: CommandLine) -> None:
    """The database as the version before had it."""
    leadwake.sql("drop table backup, backup_rehearsal, restore")
    leadwake.sql("delete from migration where name = '0034_pre_backups'")


def test_an_upgrade_is_rehearsed_on_a_copy_and_touches_nothing(keyed: CommandLine) -> None:
    assert "nothing to do" in keyed("migrate", "--rehearse").out
    _before_backups(keyed)
    well = keyed("migrate", "--rehearse")
    assert well.code == 0, well.err
    assert "0034_pre_backups" in well.out
    assert keyed.sql("select to_regclass('backup') is null") == [(True,)]
    assert keyed.sql("select datname from pg_database where datname like current_database() || '\\_%'") == []

    keyed.sql("create table restore (mine text)")  # somebody's own table is in the way
    badly = keyed("migrate", "--rehearse")
    assert badly.code == 1
    assert "already exists" in badly.err
    assert "nothing of yours was touched" in badly.err
    assert keyed.sql("select to_regclass('backup') is null") == [(True,)]


def test_an_upgrade_of_the_embedded_database_can_step_back(place: Path, tmp_path: Path) -> None:
    leadwake = CommandLine(tmp_path, {"DATA_DIR": str(place / "upgraded")})
    (tmp_path / "list.csv").write_text("name,phone\nMaria Lopez,813 555 0194\n")
    assert leadwake("lead", "import", "list.csv").code == 0
    asyncio.run(_on_embedded(leadwake.data_dir, "drop table backup, backup_rehearsal, restore",
                             "delete from migration where name = '0034_pre_backups'"))  # fmt: skip
    upgraded = leadwake("migrate")
    assert upgraded.code == 0, upgraded.err
    assert "✓ 0034_pre_backups" in upgraded.out
    assert "step back" in upgraded.out
    [found], bad = backups.found(leadwake.data_dir / "backups")
    assert (found.header.why, found.header.migration, bad) == ("before_upgrade", migrations()[-1][0], [])

    (tmp_path / "more.csv").write_text("name,phone\nBen Oduya,813 555 0195\n")
    assert leadwake("lead", "import", "more.csv").code == 0
    back = leadwake("backup", "restore", str(found.path), "--replace")
    assert back.code == 0, back.err
    assert [lead["name"] for lead in leadwake("lead", "list", "--json").json] == ["Maria Lopez"]


async def _on_embedded(data_dir: Path, *statements: str) -> None:
    server = EmbeddedServer(data_dir)
    async with await psycopg.AsyncConnection.connect(await server.start(), autocommit=True) as connection:
        for statement in statements:
            await connection.execute(statement.encode())
    await server.stop()
