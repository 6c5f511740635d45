"""A website of the team's: the address somebody typed, and the origin that browsers name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from leadwake.errors import InputError

#: what a page may load of ours
PARTS: Final = ("form", "visits", "chat")
_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ADVICE: Final = "Write it as people type it, such as www.example.com."


@dataclass(frozen=True, slots=True)
class Website:
    """origin: as `plain` makes it. form, visits, chat: whether its pages load that part."""

    id: UUID
    origin: str
    form: bool
    visits: bool
    chat: bool

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that are on."""
        return tuple(part for part in PARTS if getattr(self, part))

    @property
    def name(self) -> str:
        """As people say it: example.com."""
        return self.origin.partition("://")[2]


def plain(origin: str) -> str:
    """The origin that stands for a website: with and without www. is the same one."""
    return origin.replace("://www.", "://", 1)


def read_origin(text: str) -> str:
    """
    The plain origin of an address as somebody typed it: example.com, www.example.com/contact, http://localhost:3000.

    Only a page on this machine may come without TLS: over an open line anybody could change the words people agree to.
    Raises InputError.
    """
    text = "".join(text.split()).lower()
    scheme, given = ("", text) if "://" not in text else text.split("://", 1)
    try:
        parts = urlsplit(f"//{given}")
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError:
        raise InputError({"address": _ADVICE}) from None
    is_here = _is_this_machine(host)
    scheme = scheme or ("http" if is_here else "https")
    if scheme not in _PORTS or not (is_here or _is_public(host)):
        raise InputError({"address": _ADVICE})
    if scheme == "http" and not is_here:
        raise InputError({"address": "It needs https: over an open line anybody could change what people agree to."})
    shown = f"[{host}]" if ":" in host else host
    return plain(f"{scheme}://{shown}" + ("" if port in {None, _PORTS[scheme]} else f":{port}"))


def _ascii(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode()


def _is_public(host: str) -> bool:
    return len(host) <= 253 and "." in host and _HOST.fullmatch(host) is not None


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or (host.endswith(".localhost") and _HOST.fullmatch(host) is not None)
