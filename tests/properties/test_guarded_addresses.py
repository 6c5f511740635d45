"""No address inside a network is ever connected to, however it is written, embedded or resolved."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.errors import ProviderError
from leadwake.providers.guarded import ForbiddenAddress, Reach, admitted, may_connect, problem
from leadwake.providers.ports import Call
from leadwake.providers.webhook import WebhookSender
from webhook_case import a_receiver

#: IANA's special-purpose registries (read 2026-11-29), and what clouds answer their machines at
INSIDE_4: Final = tuple(map(IPv4Network, (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
)))  # fmt: skip
INSIDE_6: Final = tuple(map(IPv6Network, (
    "::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:10::/28", "2001:20::/28", "2001:db8::/32", "2002::/16",
    "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "4000::/3",
)))  # fmt: skip
#: where the rest of an IPv6 address is an IPv4 one
CARRIERS: Final = tuple(map(int, map(IPv6Address, ("::ffff:0:0", "64:ff9b::", "::", "::ffff:0:0:0"))))

inside_4 = st.sampled_from(INSIDE_4).flatmap(lambda net: st.ip_addresses(v=4, network=str(net)))
inside_6 = st.sampled_from(INSIDE_6).flatmap(lambda net: st.ip_addresses(v=6, network=str(net)))
embedded = st.builds(lambda prefix, ip: IPv6Address(prefix | int(ip)), st.sampled_from(CARRIERS), inside_4)
isatap = st.builds(lambda high, ip: IPv6Address(high << 64 | 0x5EFE << 32 | int(ip)), st.just(0x26001111), inside_4)
inside = inside_4 | inside_6 | embedded | isatap
outside = st.sampled_from(["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808", "2a00:1450:4001::200e"])


@given(inside, st.sampled_from(["", "%eth0"]))
def test_what_lies_inside_is_never_connected_to(ip: IPv4Address | IPv6Address, zone: str) -> None:
    assert not may_connect(f"{ip}{zone if ip.version == 6 else ''}")


@given(st.ip_addresses())
def test_whatever_is_connected_to_is_one_hosts_public_address(ip: IPv4Address | IPv6Address) -> None:
    if may_connect(str(ip)):
        networks = INSIDE_4 if ip.version == 4 else INSIDE_6
        assert not any(ip in network for network in networks)  # type: ignore[operator]
        assert not ip.is_private
        assert not ip.is_multicast


@given(st.lists(inside.map(str) | outside, max_size=6))
def test_of_a_names_addresses_only_public_ones_are_left(addresses: list[str]) -> None:
    pick = admitted("https", Reach.PUBLIC)
    if public := [address for address in addresses if may_connect(address)]:
        assert pick(addresses) == public
    else:
        with pytest.raises(ForbiddenAddress):
            pick(addresses)


@given(st.lists(inside.map(str) | outside, max_size=6), st.sampled_from([Reach.LOOPBACK, Reach.PRIVATE]))
def test_plain_http_goes_inside_only_and_never_to_link_local(addresses: list[str], reach: Reach) -> None:
    try:
        picked = admitted("http", reach)(addresses)
    except ForbiddenAddress:
        return
    for address in picked:
        ip = ip_address(address)
        ip = IPv4Address(int(ip) & 0xFFFFFFFF) if ip.version == 6 and int(ip) >> 32 else ip
        assert ip.is_private or ip in IPv4Network("100.64.0.0/10")  # type: ignore[operator]
        assert not ip.is_link_local
        assert reach is Reach.PRIVATE or ip.is_loopback


@given(outside)
def test_the_worlds_addresses_are_reached(address: str) -> None:
    assert may_connect(address)


@given(st.text(max_size=60) | st.from_regex(r"https?://[^\s]{0,40}", fullmatch=True), st.sampled_from(list(Reach)))
def test_no_text_breaks_the_look_at_a_url(text: str, reach: Reach) -> None:
    said = problem(text, reach)
    if said is None:
        url = httpx.URL(text)
        assert url.scheme == "https" or reach is not Reach.PUBLIC
        assert url.host
        assert not url.userinfo


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:7f00:1]"]
)
async def test_nobody_listening_here_hears_a_knock(host: str) -> None:
    async with a_receiver() as receiver:
        port = httpx.URL(receiver.url).port
        sender = WebhookSender(Reach.PUBLIC)
        for scheme in ("http", "https"):
            with pytest.raises(ProviderError, match=r"lies inside|no connection"):
                await sender.post(f"{scheme}://{host}:{port}/", {}, b"{}", Call.for_seconds())
        await sender.aclose()

        assert receiver.connections == 0


async def test_a_name_is_looked_up_once_and_what_was_judged_is_what_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    async def rebinding(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    async with a_receiver() as receiver:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", rebinding)
        sender, port = WebhookSender(Reach.LOOPBACK), httpx.URL(receiver.url).port
        taken = await sender.post(f"http://rebind.test:{port}/", {}, b'{"type": "x"}', Call.for_seconds())
        await sender.aclose()
        with pytest.raises(ProviderError, match="lies inside"):
            await sender.post(f"http://rebind.test:{port}/", {}, b"{}", Call.for_seconds())

    assert taken.ref is not None
    assert taken.ref.startswith("200 in ")
    assert asked == ["rebind.test", "rebind.test"]
    assert receiver.connections == 1
