"""A socket that systemd holds: whoever connects while Leadwake restarts waits, and is answered."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest
from command_case import as_url

from leadwake.cli.process import handed_over
from systemd_case import AS_SYSTEMD


async def _web(listening: socket.socket, database_url: str, data_dir: Path) -> asyncio.subprocess.Process:
    """`leadwake web` as systemd starts it: the socket is its descriptor 3."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("LEADWAKE_")}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", AS_SYSTEMD, str(listening.fileno()), "-m", "leadwake", "web", "--port", "1",
        env={**own, "LEADWAKE_DATABASE_URL": database_url, "LEADWAKE_DATA_DIR": str(data_dir)},
        pass_fds=[listening.fileno()],
    )  # fmt: skip


async def test_a_request_that_comes_while_the_web_restarts_is_answered(
    template_url: str, database_url: str, tmp_path: Path
) -> None:
    database = as_url(template_url, database_url)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/readyz"
        first = await _web(listening, database, tmp_path)
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            assert (await client.get(url, headers={"Connection": "close"})).status_code == 200

            first.send_signal(signal.SIGTERM)
            assert await first.wait() == 0
            waiting = asyncio.create_task(client.get(url))
            second = await _web(listening, database, tmp_path)
            try:
                assert (await waiting).status_code == 200
            finally:
                second.terminate()
                assert await second.wait() == 0


@pytest.mark.parametrize(("pid", "count"), [("", "1"), ("1", "1"), ("ours", ""), ("ours", "2")])
def test_a_socket_for_somebody_else_is_left_alone(monkeypatch: pytest.MonkeyPatch, pid: str, count: str) -> None:
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()) if pid == "ours" else pid)
    monkeypatch.setenv("LISTEN_FDS", count)

    assert handed_over() is None
    assert "LISTEN_PID" not in os.environ  # no child takes it for its own
