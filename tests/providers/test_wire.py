"""The connection to a vendor: what is one answer, when a connection is used again, what leaves and what does not."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vendor_on_loopback import Answer, Certificates, Vendor, running

from leadwake.errors import ConfigError, OutcomeUnknown, Unavailable
from leadwake.providers import wire
from leadwake.providers.http import VendorHttp
from leadwake.providers.ports import Call


def client(url: str, **options: object) -> VendorHttp:
    return VendorHttp("twilio", url, headers={"Authorization": "Basic c2VjcmV0"}, secrets=("secret",), **options)


async def ask(http: VendorHttp, **options: object) -> httpx.Response:
    return await http.send(Call.for_seconds(), "POST", "/sends", form={"a": "b"}, **options)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: t\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 A\r\nL: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
async def test_an_answer_is_read_in_every_framing(vendor: Vendor, raw: bytes) -> None:
    vendor.answers(Answer(raw=raw))
    http = client(vendor.url)

    answer = await ask(http)

    assert (answer.status_code, answer.content) == (200, b"hello")
    await http.aclose()


async def test_a_body_that_ends_with_the_connection_is_whole(vendor: Vendor) -> None:
    vendor.answers(Answer(raw=b"HTTP/1.1 200 OK\r\n\r\nhello", close=True))
    http = client(vendor.url)

    answer = await ask(http)

    assert answer.content == b"hello"


async def test_a_connection_is_used_again(vendor: Vendor) -> None:
    http = client(vendor.url)
    for _ in range(5):
        await ask(http)

    assert (vendor.connections, len(vendor.received)) == (1, 5)
    await http.aclose()


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 201 Smuggled\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\ntrailing noise",
    ],
)
async def test_a_connection_that_said_more_or_goodbye_is_not_used_again(vendor: Vendor, raw: bytes) -> None:
    vendor.answers(Answer(raw=raw))
    http = client(vendor.url)
    statuses = [(await ask(http)).status_code for _ in range(3)]

    assert (statuses, vendor.connections) == ([200, 200, 200], 3)


async def test_an_answer_nobody_asked_for_is_never_the_next_ones(vendor: Vendor) -> None:
    http = client(vendor.url)
    await ask(http)
    vendor.open[0].write(b"HTTP/1.1 500 Late\r\nContent-Length: 0\r\n\r\n")
    await vendor.open[0].drain()

    assert (await ask(http)).status_code == 200
    assert vendor.connections == 2
    await http.aclose()


async def test_a_connection_closed_while_idle_costs_no_request(vendor: Vendor) -> None:
    """Closed by the vendor between two requests: seen at the socket, so the next one is not written into it."""
    vendor.answers(Answer(close=True), Answer())
    http = client(vendor.url)
    await ask(http)
    await vendor.open[0].wait_closed()

    assert (await ask(http)).status_code == 200
    assert vendor.connections == 2
    await http.aclose()


async def test_an_idle_connection_is_dropped_before_vendors_drop_theirs(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    http = client(vendor.url)
    await ask(http)
    later = time.monotonic() + wire.IDLE_S + 1
    monkeypatch.setattr(wire.time, "monotonic", lambda: later)
    await http.send(Call(lease_until=later + 12), "POST", "/sends", form={"a": "b"})

    assert vendor.connections == 2
    await http.aclose()


async def test_requests_past_the_limit_wait_for_a_connection(vendor: Vendor) -> None:
    http = client(vendor.url, max_connections=3)
    answers = await asyncio.gather(*(ask(http) for _ in range(30)))

    assert {200} == {answer.status_code for answer in answers}
    assert vendor.connections <= 3
    await http.aclose()


async def test_a_request_is_one_write_and_leaves_nothing_out(vendor: Vendor) -> None:
    http = client(vendor.url + "/prefix")
    await http.send(Call.for_seconds(), "POST", "/a%20b", query={"x": "ü&="}, json={"k": "ü"})
    seen = vendor.received[0]

    assert (seen.method, seen.target) == ("POST", "/prefix/a%20b?x=%C3%BC%26%3D")
    assert seen.json() == {"k": "ü"}
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["accept-encoding"] == "identity"
    assert vendor.url.removeprefix("http://") == seen.headers["host"]
    await http.aclose()


async def test_an_endless_answer_is_cut_off(vendor: Vendor) -> None:
    vendor.answers(Answer(body=b"x" * (wire.MAX_ANSWER_BYTES + 1)))

    with pytest.raises(OutcomeUnknown):
        await ask(client(vendor.url))


async def test_an_endless_head_is_cut_off(vendor: Vendor) -> None:
    vendor.answers(Answer(raw=b"HTTP/1.1 200 OK\r\nX-A: " + b"x" * (wire.MAX_ANSWER_BYTES + 1)))

    with pytest.raises(OutcomeUnknown):
        await ask(client(vendor.url))


async def test_a_packed_body_is_not_unpacked(vendor: Vendor) -> None:
    vendor.answers(Answer(status=202, body=b"\x1f\x8b" + b"0" * 50, headers={"Content-Encoding": "gzip"}))
    http = client(vendor.url)
    answer = await ask(http)

    assert (answer.status_code, answer.content) == (202, b"")
    await http.aclose()


@pytest.mark.parametrize("raw", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\x16\x03\x01\x02\x00\x01", b"HTTP/1.1 abc\r\n\r\n"])
async def test_what_is_not_http_is_an_unknown_outcome(vendor: Vendor, raw: bytes) -> None:
    vendor.answers(Answer(raw=raw, close=True))

    with pytest.raises(OutcomeUnknown):
        await ask(client(vendor.url))


async def test_a_redirect_is_not_followed(vendor: Vendor) -> None:
    vendor.answers(Answer(status=307, headers={"Location": f"{vendor.url}/elsewhere"}))
    http = client(vendor.url)
    answer = await ask(http)

    assert answer.status_code == 307
    assert isinstance(http.refusal(answer), Unavailable)
    assert len(vendor.received) == 1
    await http.aclose()


async def test_the_environments_proxy_is_ignored(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    http = client(vendor.url)

    assert (await ask(http)).status_code == 200
    await http.aclose()


async def test_a_cookie_is_not_kept(vendor: Vendor) -> None:
    vendor.answers(Answer(headers={"Set-Cookie": "__cf_bm=1; Path=/"}))
    http = client(vendor.url)
    await ask(http)
    await ask(http)

    assert all("cookie" not in seen.headers for seen in vendor.received)
    await http.aclose()


async def test_tls_is_spoken_and_the_certificate_checked(certificates: Certificates) -> None:
    async with running(certificates.server) as vendor:
        http = client(vendor.url, tls=certificates.client)

        assert (await ask(http)).status_code == 200
        assert (await ask(http)).status_code == 200
        assert vendor.connections == 1
        await http.aclose()


async def test_a_certificate_nobody_vouches_for_is_refused_before_anything_leaves(certificates: Certificates) -> None:
    async with running(certificates.server) as vendor:
        call = Call.for_seconds()
        with pytest.raises(Unavailable):
            await client(vendor.url).send(call, "POST", "/sends", form={"a": "b"})

        assert (vendor.received, call.written) == ([], False)


@pytest.mark.parametrize("name", ["X-A", "Authorization"])
@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "ä", "a\0b"])
def test_a_credential_that_breaks_the_header_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(ConfigError):
        VendorHttp("twilio", "http://127.0.0.1:1", headers={name: value})


@given(cut=st.integers(0, 70), pieces=st.lists(st.integers(1, 70), max_size=6))
async def test_half_an_answer_is_never_taken_for_one(cut: int, pieces: list[int]) -> None:
    """Cut anywhere, arriving in any pieces: whole means an answer, less means an unknown outcome."""
    whole = b"HTTP/1.1 201 Created\r\nContent-Length: 13\r\n\r\n" + b'{"sid": "SM"}'
    sent = whole[:cut]
    connection = wire.Connection()
    transport = _Recorder()
    connection.connection_made(transport)
    exchange = asyncio.ensure_future(connection.exchange(b"POST / HTTP/1.1\r\n\r\n", lambda: None))
    await asyncio.sleep(0)
    rest = sent
    for size in pieces:
        if rest:
            connection.data_received(rest[:size])
            rest = rest[size:]
    if rest:
        connection.data_received(rest)
    connection.connection_lost(None)

    if sent == whole:
        assert ((await exchange)[0], (await exchange)[2]) == (201, b'{"sid": "SM"}')
    else:
        with pytest.raises(httpx.ReadError):
            await exchange


@given(st.binary(max_size=400))
async def test_any_bytes_are_an_answer_or_a_stated_error(noise: bytes) -> None:
    connection = wire.Connection()
    connection.connection_made(_Recorder())
    exchange = asyncio.ensure_future(connection.exchange(b"GET / HTTP/1.1\r\n\r\n", lambda: None))
    await asyncio.sleep(0)
    connection.data_received(noise)
    connection.connection_lost(None)

    try:
        status, _, _ = await exchange
        assert 200 <= status <= 999
    except httpx.TransportError:
        pass


class _Recorder(asyncio.Transport):
    """The far side of a connection without a socket: bytes in hand, so that every cut can be tried."""

    def write(self, data: bytes) -> None: ...

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0
