"""A worker by itself says its figures on a port of its own."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest

from leadwake.cli.metrics_port import metrics_port
from leadwake.errors import ConfigError
from leadwake.metrics import DEAD_LETTERS


async def _got(port: int | None, path: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://127.0.0.1:{port}{path}")


async def test_a_worker_says_its_figures_and_that_it_lives() -> None:
    DEAD_LETTERS.set(3)

    async with metrics_port("127.0.0.1", 0) as port:
        figures, health, nothing = [await _got(port, path) for path in ("/metrics", "/healthz", "/v1/leads")]

    assert "leadwake_dead_letters 3.0" in figures.text
    assert figures.headers["content-type"].startswith("text/plain; version=")
    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    assert nothing.status_code == 404


async def test_noise_on_the_port_ends_nothing() -> None:
    async with metrics_port("127.0.0.1", 0) as port:
        for noise in (b"", b"\r\n\r\n", b"GET\r\n\r\n", b"x" * 20_000):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(noise)
            writer.write_eof()
            await reader.read()
            writer.close()

        assert (await _got(port, "/healthz")).status_code == 200


async def test_nobody_is_answered_where_no_port_was_asked_for() -> None:
    async with metrics_port("127.0.0.1", None) as port:
        assert port is None


async def test_a_port_in_use_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigError, match="is in use"):
        async with metrics_port("127.0.0.1", taken.getsockname()[1]):
            pass
