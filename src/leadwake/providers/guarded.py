"""Addresses that somebody else chose: which of them may be connected to, so that nobody reaches into the network here.

A name is resolved by us, and the connection goes to exactly the address that was looked at (wire.py): a name that
resolves otherwise a moment later changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

import httpx


class Reach(StrEnum):
    """How far inside a connection may go."""

    PUBLIC = "public"  # nowhere
    LOOPBACK = "loopback"  # to this machine: practice
    PRIVATE = "private"  # to private networks as well: an admin of the machine said so


class ForbiddenAddress(OSError):
    """Every address of the name lies where we do not go."""


#: inside somebody's network whatever this Python's tables say: protocol assignments, 6to4 relays, Azure's host
_SPECIAL_4: Final = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")))
_GLOBAL_6: Final = IPv6Network("2000::/3")
#: Teredo, 6to4 and documentation: they lead to an IPv4 address of their choice, or nowhere
_SPECIAL_6: Final = tuple(map(IPv6Network, ("2001::/23", "2002::/16", "2001:db8::/32", "3fff::/20")))
#: addresses that carry an IPv4 address in their last 32 bits, by which they are judged
_EMBEDDING: Final = tuple(map(IPv6Network, ("::ffff:0:0/96", "64:ff9b::/96")))
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})
_CARRIER: Final = IPv4Network("100.64.0.0/10")
#: a well-known port is some other service's, but for the web's
_WEB: Final = frozenset({80, 443})
_MAX_URL: Final = 2000


def may_connect(address: str, reach: Reach = Reach.PUBLIC) -> bool:
    """True when a connection to this address leaves the network here, or goes no farther inside than it may."""
    try:
        ip = _judged(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return _is_public(ip) or _is_inside(ip, reach)


def admitted(scheme: str, reach: Reach) -> Callable[[Sequence[str]], list[str]]:
    """Picks the addresses that may be connected to. Plain HTTP goes inside only: outside, anybody could listen."""

    def pick(addresses: Sequence[str]) -> list[str]:
        found = [address for address in addresses if may_connect(address, reach)]
        if scheme != "https":
            found = [address for address in found if not may_connect(address)]
        if not found:
            raise ForbiddenAddress("its address lies inside a network, and we go to public ones only")
        return found

    return pick


def problem(text: str, reach: Reach) -> str | None:
    """What is wrong with a URL that somebody entered, for them; None when it may be tried."""
    try:
        url = httpx.URL(text)
        scheme, host, port = url.scheme, url.host, url.port
    except (httpx.InvalidURL, ValueError):
        return "This is no URL."
    if len(text) > _MAX_URL:
        return "That is too long for a URL."
    if scheme != "https" and not (scheme == "http" and _may_be_inside(host, reach)):
        return "It must begin with https://"
    if not host or "%" in host or url.userinfo or url.fragment:
        return "Write https://, the host and the path, without a user, a password or a #."
    if port is not None and port < 1024 and port not in _WEB:
        return "This port belongs to another service; use 443, or one from 1024 on."
    if _is_literal(host) and not may_connect(_numeric(host), reach):
        return "This address lies inside a network; we go to public ones only."
    return None


def _may_be_inside(host: str, reach: Reach) -> bool:
    """Names are looked up when they are connected to; that of this machine is known."""
    if _is_literal(host):
        return may_connect(_numeric(host), reach) and not may_connect(_numeric(host))
    return reach is Reach.PRIVATE


def _is_literal(host: str) -> bool:
    try:
        ip_address(_numeric(host))
    except ValueError:
        return False
    return True


def _numeric(host: str) -> str:
    return "127.0.0.1" if host == "localhost" else host


def _judged(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, where it stands for one."""
    if isinstance(ip, IPv6Address) and any(ip in network for network in _EMBEDDING):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _SPECIAL_4)
    is_isatap = (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP
    return ip in _GLOBAL_6 and not is_isatap and not any(ip in network for network in _SPECIAL_6)


def _is_inside(ip: IPv4Address | IPv6Address, reach: Reach) -> bool:
    """Never link-local: there, clouds hand out the machine's own credentials."""
    if reach is Reach.PUBLIC or ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    if ip.is_loopback:
        return True
    is_local = ip in _CARRIER if isinstance(ip, IPv4Address) else ip in IPv6Network("fc00::/7")
    is_rfc1918 = isinstance(ip, IPv4Address) and any(ip in network for network in _PRIVATE_4)
    return reach is Reach.PRIVATE and (is_local or is_rfc1918) and str(ip) not in _METADATA


_PRIVATE_4: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_METADATA: Final = frozenset({"100.100.100.200", "fd00:ec2::254"})
