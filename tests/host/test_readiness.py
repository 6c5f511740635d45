"""What systemd hears from `leadwake serve`, and what its journal does not."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict

from systemd_case import AS_SYSTEMD

LIMIT_S = 120.0


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    """What systemd would listen on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(LIMIT_S)
        yield listening


def test_systemd_hears_of_the_start_of_life_and_of_the_stop_and_its_journal_of_no_secret(
    database_url: str, place: Path, tmp_path: Path, heard: socket.socket
) -> None:
    said, data_dir = tmp_path / "said", place / "told"
    data_dir.mkdir(0o700)
    given = conninfo_to_dict(database_url)
    url = f"postgresql:///{given.pop('dbname')}?{urlencode(given)}"
    # systemd's own socket, at an address that nobody told Leadwake
    with said.open("wb") as out, socket.create_server(("127.0.0.2", 0)) as listening:
        status = os.fstat(out.fileno())
        process = subprocess.Popen(
            [sys.executable, "-c", AS_SYSTEMD, str(listening.fileno()), "-m", "leadwake", "serve", "--workers", "0"],
            pass_fds=[listening.fileno()],
            env={**os.environ, "LEADWAKE_DATA_DIR": str(data_dir), "LEADWAKE_DATABASE_URL": url,
                 "NOTIFY_SOCKET": str(tmp_path / "notify"),
                 "WATCHDOG_USEC": "400000", "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"},
            stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        words = [heard.recv(100) for _ in range(3)]
        os.kill(_web_of(process.pid), signal.SIGSTOP)
        _until_silent(heard)
        os.kill(_web_of(process.pid), signal.SIGCONT)
        words.append(heard.recv(100))
    finally:
        process.terminate()
        process.wait(LIMIT_S)
    while words[-1] == b"WATCHDOG=1":
        words.append(heard.recv(100))

    assert sorted(words[:2]) == [b"READY=1", b"WATCHDOG=1"]
    assert words[-1] == b"STOPPING=1"
    text = said.read_text()
    assert "master.key away from this machine" in text
    assert "leadwake user invite EMAIL" in text
    assert not re.search(r"/invite/|lwk_|[A-Za-z0-9+/_-]{40,}", text.replace(str(place), "")), text


def _web_of(pid: int) -> int:
    found = subprocess.run(["pgrep", "-P", str(pid), "-f", "leadwake web"], capture_output=True, text=True, check=True)
    return int(found.stdout.split()[0])


def _until_silent(heard: socket.socket) -> None:
    """Nothing comes any more: a web process that hangs is not alive."""
    heard.settimeout(2)
    deadline = time.monotonic() + LIMIT_S
    try:
        while time.monotonic() < deadline:
            heard.recv(100)
    except TimeoutError:
        return
    finally:
        heard.settimeout(LIMIT_S)
    pytest.fail("a web process that hangs was called alive")
