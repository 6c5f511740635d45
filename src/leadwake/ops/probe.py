"""A look at a Leadwake from elsewhere: its name, its certificate, whether it is ready, whether it would take a lead.

Uses nothing of an installation but its URL and an API key, so it runs on any other machine.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import msgspec

#: one look, all in all
WITHIN_S: Final = 10.0
#: looks that could not be told are kept, the newest; a day's at one a minute
KEPT: Final = 1_440
_TOLD_AT_ONCE: Final = 200
_MAX_BYTES: Final = 4096
#: whose lead is tried: nobody can be reached there (RFC 2606)
LEAD: Final = {"name": "Leadwake Probe", "email": "probe@leadwake.invalid", "message": "Would this be taken?"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One look. why: code of what failed, see domain.probe; captured: None where no key was given to try it with."""

    id: UUID
    at: datetime
    made_at: float
    is_up: bool
    why: str | None = None
    dns_ms: int | None = None
    ready_ms: int | None = None
    took_ms: int | None = None
    captured: bool | None = None
    tls_until: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """What a line of the command says."""
        days = None if self.tls_until is None else (self.tls_until - self.at).days
        return {
            "at": self.at.isoformat(timespec="seconds"), "up": self.is_up, "why": self.why, "dns_ms": self.dns_ms,
            "ready_ms": self.ready_ms, "capture_ms": self.took_ms, "captured": self.captured, "tls_days_left": days,
        }  # fmt: skip


class _Failed(Exception):
    """A step failed; the argument is its code."""


@dataclass(slots=True)
class Probe:
    """Looks at one URL, and tells there what it saw. key: of an API key with the scope probe:write, "" for none."""

    url: str
    key: str = field(repr=False)
    name: str = "probe"
    every_s: int = 60
    untold: deque[Seen] = field(default_factory=lambda: deque(maxlen=KEPT))

    async def look(self) -> Seen:
        """What is seen now; never raises for what the other side does."""
        found: dict[str, Any] = {"id": uuid4(), "at": datetime.now(UTC), "made_at": time.monotonic()}
        why = None
        try:
            async with asyncio.timeout(WITHIN_S):
                await self._steps(found)
        except TimeoutError:
            why = "timeout"
        except _Failed as error:
            why = str(error)
        seen = Seen(**found, is_up=why is None, why=why)
        if self.key and not seen.captured:
            self.untold.append(seen)
        return seen

    async def _steps(self, found: dict[str, Any]) -> None:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        began = time.monotonic()
        try:
            await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise _Failed("dns") from error
        found["dns_ms"] = _ms(began)
        if parts.scheme == "https":
            found["tls_until"] = await _certificate(host, port)
        headers = {"Accept-Encoding": "identity", "User-Agent": "leadwake-probe"}
        async with httpx.AsyncClient(
            timeout=WITHIN_S,
            follow_redirects=False,
            trust_env=False,
            headers=headers,
            verify=_trusted() if parts.scheme == "https" else False,
        ) as client:
            began = time.monotonic()
            status, _ = await _asked(client, "GET", f"{self.url}/readyz")
            found["ready_ms"] = _ms(began)
            if status != 200:
                raise _Failed("ready")
            if self.key:
                await self._capture(client, found)

    async def _capture(self, client: httpx.AsyncClient, found: dict[str, Any]) -> None:
        """A lead is tried, and what could not be told before is told with it."""
        before = list(self.untold)[-_TOLD_AT_ONCE:]
        now = time.monotonic()
        body = {
            "probe": self.name, "every_s": self.every_s, "lead": LEAD, "before": [_told(one, now) for one in before],
            "look": {"id": str(found["id"]), "is_up": True, "tls_until": _iso(found.get("tls_until"))},
        }  # fmt: skip
        found["captured"] = False
        headers = {"Authorization": f"Bearer {self.key}"}
        status, answer = await _asked(client, "POST", f"{self.url}/v1/probe", json=body, headers=headers)
        found["took_ms"] = _ms(now)
        if status != 202:
            raise _Failed("refused" if status < 500 else "error")
        for one in before:
            self.untold.remove(one)
        found["captured"] = True
        if not answer.get("taken"):
            raise _Failed("not_admitted")


async def _asked(
    client: httpx.AsyncClient, method: str, url: str, **more: Any
) -> tuple[int, Mapping[str, Any]]:  # fmt: skip
    try:
        async with client.stream(method, url, **more) as answer:
            body = b""
            async for piece in answer.aiter_raw(_MAX_BYTES):
                body += piece
                if len(body) >= _MAX_BYTES:
                    break
            return answer.status_code, _document(body)
    except httpx.TimeoutException as error:
        raise _Failed("timeout") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _Failed("connect") from error


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that this machine trusts; reading them takes a while."""
    return ssl.create_default_context()


async def _certificate(host: str, port: int) -> datetime:
    """When the certificate that is shown ends; checked as every client checks it."""
    try:
        _, writer = await asyncio.open_connection(host, port, ssl=_trusted(), server_hostname=host)
    except ssl.SSLError as error:
        raise _Failed("tls") from error
    except OSError as error:
        raise _Failed("connect") from error
    try:
        shown = writer.get_extra_info("peercert")
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
    finally:
        writer.transport.abort()


def _told(seen: Seen, now: float) -> dict[str, Any]:
    return {
        "id": str(seen.id), "ago_s": round(now - seen.made_at, 1), "is_up": seen.is_up, "why": seen.why,
        "tls_until": _iso(seen.tls_until),
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def as_metrics(seen: Seen, name: str) -> str:
    """The look in Prometheus' text format, for node_exporter's textfile directory."""
    label = '{probe="' + name.replace("\\", "\\\\").replace('"', '\\"') + '"}'
    lines = [
        "# TYPE leadwake_probe_up gauge", f"leadwake_probe_up{label} {int(seen.is_up)}",
        "# TYPE leadwake_probe_last_timestamp_seconds gauge",
        f"leadwake_probe_last_timestamp_seconds{label} {seen.at.timestamp():.0f}",
    ]  # fmt: skip
    if seen.took_ms is not None:
        lines += [
            "# TYPE leadwake_probe_capture_seconds gauge",
            f"leadwake_probe_capture_seconds{label} {seen.took_ms / 1000:.3f}",
        ]
    if seen.tls_until is not None:
        lines += [
            "# TYPE leadwake_probe_certificate_expiry_timestamp_seconds gauge",
            f"leadwake_probe_certificate_expiry_timestamp_seconds{label} {seen.tls_until.timestamp():.0f}",
        ]
    return "\n".join(lines) + "\n"
