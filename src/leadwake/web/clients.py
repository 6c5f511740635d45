"""Who is at the other end, and how much they may ask: addresses behind known proxies, buckets in memory."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from starlette.requests import Request


def client_ip(request: Request, trusted: Sequence[str]) -> str:
    """
    The sender's address: of the connection, or as a trusted proxy says it.

    trusted: networks of our proxies ("127.0.0.1", "10.0.0.0/8"): only their X-Forwarded-For is believed.
    """
    peer = request.client.host if request.client else ""
    hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    while hops and _is_in(peer, trusted):
        peer = hops.pop()
    return peer[:64]


def _is_in(address: str, networks: Sequence[str]) -> bool:
    try:
        found = ip_address(address)
        return any(found in ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False


@dataclass(slots=True)
class Buckets:
    """
    Token buckets by client: `burst` at once, then `per_s` each second. Holds the `most` that asked last.

    IPv6 clients count by their /64: whole networks are one customer's.
    """

    burst: float
    per_s: float
    most: int = 10_000
    now: Callable[[], float] = time.monotonic
    _levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait_s(self, client: str, *, spend: bool = True) -> float:
        """0 when the client may go on now (and one token is spent, if it is to be), else the seconds until it may."""
        key = _group(client)
        level, seen = self._levels.pop(key, (self.burst, self.now()))
        level = min(self.burst, level + (self.now() - seen) * self.per_s)
        wait = 0.0 if level >= 1 else (1 - level) / self.per_s
        self._levels[key] = (level - 1 if wait == 0 and spend else level, self.now())
        if len(self._levels) > self.most:
            self._levels.popitem(last=False)
        return wait


def _group(client: str) -> str:
    try:
        address = ip_address(client)
    except ValueError:
        return client
    return str(ip_network(f"{client}/64", strict=False)) if address.version == 6 else client
