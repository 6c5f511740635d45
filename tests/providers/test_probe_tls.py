"""A probe over TLS: a certificate that holds is read, one that does not is down."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import subprocess
import sys
from typing import Any

from vendor_on_loopback import Certificates


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        pass  # only the certificate was looked at
    finally:
        writer.close()


async def _probed(certificates: Certificates, **environment: str) -> tuple[int, dict[str, Any]]:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, ssl=certificates.server)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    own = {name: value for name, value in os.environ.items() if not name.startswith(("LEADWAKE_", "SSL_"))}
    async with server:
        found = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-m", "leadwake", "probe", url, "--json"], capture_output=True, text=True,
            timeout=60, env=own | environment,
        )  # fmt: skip
    return found.returncode, json.loads(found.stdout)


async def test_the_days_until_a_trusted_certificate_ends_are_told(certificates: Certificates) -> None:
    code, seen = await _probed(certificates, SSL_CERT_FILE=str(certificates.file))

    assert (code, seen["up"], seen["captured"]) == (0, True, None)
    assert seen["tls_days_left"] is not None


async def test_a_certificate_that_nobody_vouches_for_is_down(certificates: Certificates) -> None:
    code, seen = await _probed(certificates)

    assert (code, seen["up"], seen["why"]) == (1, False, "tls")
