"""Leadwake behind a real nginx: what it lets through, what it holds back, and that it names nobody in its logs."""

from __future__ import annotations

import asyncio
import http.server
import json
import re
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest
import pytest_asyncio
from nginx_case import HOST, Nginx, nginx

from leadwake.storage import staff
from leadwake.web import bodies, crm_hooks
from leadwake.web.sessions import COOKIE
from office_case import House, a_house, hire, until, with_database
from ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEAD = {"name": "Maria Lopez", "phone": "813 555 0142", "email": "maria@example.com", "message": "Still open?"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(template_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One Leadwake for all of these, which believes nginx about addresses."""
    at, name = with_database(template_url, "postgres"), "behind_nginx"
    with psycopg.connect(at, autocommit=True) as connection:
        connection.execute(f"create database {name} template leadwake strategy file_copy".encode())
    data = tmp_path_factory.mktemp("behind-nginx")
    async with a_house(with_database(template_url, name), data / "data", TRUSTED_PROXIES="127.0.0.1") as running:
        yield running
    with psycopg.connect(at, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture(scope="module")
def front(house: House, place: Path) -> Iterator[Nginx]:
    """nginx before that Leadwake."""
    with nginx(house.url.removeprefix("http://"), place=str(place)) as running:
        yield running


@dataclass
class Echo:
    """Something behind nginx that notes what it got and says that it is away."""

    address: str
    seen: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def echo() -> Iterator[Echo]:
    found: list[dict[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found.append({name.lower(): value for name, value in self.headers.items()} | {"path": self.path})
            self.send_response(503)
            for name, value in (
                ("Retry-After", "2"),
                ("Content-Length", "4"),
                ("Strict-Transport-Security", "max-age=1"),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"away")

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Echo(f"127.0.0.1:{server.server_address[1]}", found)
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def nobody_there(place: Path) -> Iterator[Nginx]:
    """nginx before a port where nobody listens."""
    with nginx(f"127.0.0.1:{free_port()}", place=str(place)) as running:
        yield running


# TLS.


async def test_tls_1_3_is_taken_and_1_2_is_refused(front: Nginx) -> None:
    with front.handshake(ssl.TLSVersion.TLSv1_3) as tls:
        assert (tls.version(), tls.selected_alpn_protocol()) == ("TLSv1.3", "h2")
    with pytest.raises(ssl.SSLError, match=r"(?i)alert protocol version"):
        front.handshake(ssl.TLSVersion.TLSv1_2)


async def test_every_answer_says_once_to_come_by_tls_only_and_not_who_serves_it(front: Nginx) -> None:
    async with front.client("127.0.0.2") as client:
        for path in ("/login", "/metrics", "/v1/leads", "/healthz", "/nowhere"):
            answer = await client.get(path)

            assert answer.headers.get_list("strict-transport-security") == ["max-age=63072000"], path
            assert answer.headers["server"] == "nginx"


async def test_plain_http_is_sent_on_with_its_method_and_proofs_of_certificates_are_served(front: Nginx) -> None:
    (front.acme_root / ".well-known/acme-challenge").mkdir(parents=True)
    (front.acme_root / ".well-known/acme-challenge/token").write_text("proof")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{front.http_port}", trust_env=False) as client:
        sent_on = await client.post("/forms/site?a=b", headers={"Host": HOST})
        proof = await client.get("/.well-known/acme-challenge/token", headers={"Host": HOST})

        assert (sent_on.status_code, sent_on.headers["location"]) == (308, f"https://{HOST}/forms/site?a=b")
        assert (proof.status_code, proof.text) == (200, "proof")
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/", headers={"Host": "another.example"})


# Leads, addresses, streams.


async def test_a_lead_posted_over_tls_is_answered_by_text(front: Nginx, house: House) -> None:
    async with front.client("127.0.0.3") as client:
        answer = await client.post("/v1/leads", json=LEAD, headers={"Authorization": f"Bearer {house.key}"})

    assert answer.status_code == 202, answer.text

    async def is_texted() -> bool:
        return any("+18135550142" in text["To"] for text in await house.texts())

    await until(is_texted)


async def test_an_address_that_a_client_made_up_is_not_believed(front: Nginx) -> None:
    refused: httpx.Response | None = None
    async with front.client("127.0.0.4") as client:
        for number in range(40):
            made_up = {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": "203.0.113.1", "Forwarded": "for=1.1.1.1"}
            answer = await client.post("/forms/site", data={"x": "1"}, headers=made_up)
            if answer.status_code == 429:
                refused = answer
                break
            assert answer.status_code == 422, answer.text
    async with front.client("127.0.0.5") as client:
        other = await client.post("/forms/site", data={"x": "1"})

    assert refused is not None
    assert "Too many submissions from this address" in refused.text, (
        "Leadwake's own limit, by the address that nginx saw"
    )
    assert int(refused.headers["retry-after"]) >= 1
    assert other.status_code == 422, "nor is everybody behind nginx one sender"


async def test_what_is_passed_on_is_what_nginx_saw_and_an_answer_that_says_when_to_come_back_keeps_it(
    place: Path,
) -> None:
    with echo() as behind, nginx(behind.address, place=str(place)) as front:
        async with front.client("127.0.0.6") as client:
            answer = await client.get("/u/a%2Fb", headers={
                "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example",
                "X-Forwarded-Port": "1", "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9",
            })  # fmt: skip

    got = behind.seen[0]
    assert (got["host"], got["x-forwarded-for"], got["x-forwarded-proto"]) == (HOST, "127.0.0.6", "https")
    assert not {"x-forwarded-host", "x-forwarded-port", "x-real-ip", "forwarded"} & set(got)
    assert got["path"] == "/u/a%2Fb", "a signed path arrives as it was signed"
    assert (answer.status_code, answer.text, answer.headers["retry-after"]) == (503, "away", "2")
    assert answer.headers.get_list("strict-transport-security") == ["max-age=63072000"]


async def test_an_event_arrives_while_its_stream_is_open(front: Nginx, house: House) -> None:
    person = await hire(house.office, name="Alex Admin", email="alex@example.com", role="admin", practice=False)
    cookies = {COOKIE: await staff.start_session(house.office.db, person.id, via="password")}
    async with (
        front.client("127.0.0.7", cookies=cookies) as client,
        client.stream("GET", "/events", headers={"Accept-Encoding": "gzip"}) as stream,
    ):
        assert (stream.status_code, stream.headers.get("content-encoding")) == (200, None)
        lines = stream.aiter_lines()
        async with asyncio.timeout(20):
            assert await anext(lines) == "retry: 1000"
            said = await house.post(LEAD | {"phone": "813 555 0143", "email": "next@example.com"})
            heard = [line async for line in _until(lines, said.json()["lead_id"])]

    assert heard[-1].startswith("data: ")


async def _until(lines: AsyncIterator[str], word: str) -> AsyncIterator[str]:
    async for line in lines:
        yield line
        if word in line or line == "data: all":
            return


# Limits.


async def _flood(front: Nginx, source: str, path: str, number: int, accept: str = "*/*") -> list[str]:
    """The whole answers to so many requests from one address, one right behind the other."""
    trust = ssl.create_default_context(cafile=str(front.cert))
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", front.https_port, ssl=trust, server_hostname=HOST, local_addr=(source, 0)
    )
    one = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: {accept}\r\nConnection: "
    writer.write((f"{one}keep-alive\r\n\r\n" * (number - 1) + f"{one}close\r\n\r\n").encode())
    said = (await reader.read(-1)).decode()
    writer.close()
    return re.split(r"(?=HTTP/1\.1 \d{3} )", said)[1:]


#: path → the burst that goes through, at least. Leadwake is beside the point here: nobody listens behind this nginx
_BURSTS = {
    "/login": 20, "/a/x": 20, "/forms/site": 40, "/embed/forms/x": 40, "/embed/site": 200, "/v1/leads": 200,
    "/hooks/twilio/sms": 300, "/leads": 300,
}  # fmt: skip


@pytest.mark.parametrize("path", _BURSTS)
async def test_a_flood_from_one_address_is_held_and_the_others_do_not_feel_it(nobody_there: Nginx, path: str) -> None:
    number, burst = list(_BURSTS).index(path), _BURSTS[path]
    answers = await _flood(nobody_there, f"127.0.1.{number + 1}", path, burst + 150)
    beside = await _flood(nobody_there, f"127.0.2.{number + 1}", path, 1)

    held = [answer for answer in answers if answer.startswith("HTTP/1.1 429 ")]
    assert held
    assert burst <= len(answers) - len(held), "a burst as it happens every day goes through"
    assert beside[0].startswith("HTTP/1.1 503 ")
    for answer in held:
        head, _, body = answer.partition("\r\n\r\n")
        assert "\r\nRetry-After: 5\r\n" in head
        assert "\r\nContent-Type: application/problem+json\r\n" in head
        assert json.loads(body)["status"] == 429


async def test_a_person_who_is_held_reads_a_page(front: Nginx) -> None:
    answers = await _flood(front, "127.0.0.21", "/login", 60, accept="text/html,*/*")

    held = [answer for answer in answers if answer.startswith("HTTP/1.1 429 ")]
    assert len(answers) - len(held) >= 20
    assert "\r\nContent-Type: text/html; charset=utf-8\r\n" in held[0]
    assert "Wait a minute" in held[0]


async def test_connections_from_one_address_are_counted(front: Nginx) -> None:
    """Senders who begin and never end: the 41st is refused, a neighbour is not."""
    context = ssl.create_default_context(cafile=str(front.cert))
    begun = f"POST /forms/site HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 100\r\n\r\nname=M".encode()

    async def begin(source: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", front.https_port, ssl=context, server_hostname=HOST, local_addr=(source, 0)
        )
        writer.write(begun)
        return reader, writer

    slow = [await begin("127.0.0.22") for _ in range(41)]
    neighbour = await begin("127.0.0.23")
    try:
        first = [asyncio.ensure_future(reader.readline()) for reader, _ in [*slow, neighbour]]
        done, _ = await asyncio.wait(first, timeout=10, return_when=asyncio.FIRST_COMPLETED)

        assert [await each for each in done] == [b"HTTP/1.1 429 Too Many Requests\r\n"]
        assert not first[-1].done()
    finally:
        for each in first:
            each.cancel()
        for _, writer in [*slow, neighbour]:
            writer.transport.abort()


@pytest.mark.parametrize(("path", "most"), [("/v1/leads", bodies.MAX_BODY), ("/hooks/hubspot", crm_hooks._MAX_BODY)])
async def test_the_largest_body_passes_and_one_byte_more_does_not(front: Nginx, path: str, most: int) -> None:
    async with front.client("127.0.0.24") as client:
        fits = await client.post(path, content=b" " * most)
        too_large = await client.post(path, content=b" " * (most + 1))
        as_page = await client.post(path, content=b" " * (most + 1), headers={"Accept": "text/html"})

    assert fits.status_code == 401, "nobody signed it, says the product"
    assert (too_large.status_code, too_large.json()["status"]) == (413, 413)
    assert too_large.headers["content-type"] == "application/problem+json"
    assert "smaller file" in as_page.text


async def test_metrics_are_not_shown_outside(front: Nginx) -> None:
    async with front.client("127.0.0.25") as client:
        for path in ("/metrics", "/metrics/", "//metrics", "/%6detrics", "/x/../metrics", "/metrics?a", "/metrics%2f"):
            answer = await client.get(f"https://127.0.0.1:{front.https_port}{path}")

            assert answer.status_code == 404, path
            assert "leadwake_captures" not in answer.text
        inside = await client.get("/healthz")

    assert inside.status_code == 200


# While Leadwake is away.


async def test_whoever_comes_while_leadwake_is_away_is_told_to_come_again(nobody_there: Nginx) -> None:
    async with nobody_there.client("127.0.0.26") as client:
        person = await client.post("/forms/site", data=LEAD, headers={"Accept": "text/html"})
        program_ = await client.post("/v1/leads", json=LEAD)
        gohighlevel = await client.post("/hooks/gohighlevel", json={})

    assert (person.status_code, person.headers["retry-after"]) == (503, "5")
    assert "reload this page" in person.text
    assert (program_.status_code, program_.headers["retry-after"], program_.json()["status"]) == (503, "5", 503)
    assert program_.headers["content-type"] == "application/problem+json"
    assert gohighlevel.status_code == 429, "it sends again after nothing else"


# Logs.


async def test_the_logs_name_nobody(front: Nginx, nobody_there: Nginx) -> None:
    secret = "maria.lopez@example.com"
    for server in (front, nobody_there):
        async with server.client("127.0.0.27") as client:
            places = ("/u/{}", "/forms/{}", "/login?next=/leads&email={}", "/{}", "/invite/{}", "/hooks/json/x?key={}",
                      "/hooks/apollo/{}", "/healthz/{}", "/metrics?{}")  # fmt: skip
            for path in (place.format(secret) for place in places):
                await client.get(path, headers={"Referer": f"https://a.example/?{secret}", "User-Agent": secret})
            await client.post(f"/v1/leads?{secret}", content=b" " * (bodies.MAX_BODY + 1))
        await _flood(server, "127.0.0.27", f"/login?{secret}", 100)
        with suppress(OSError), socket.create_connection(("127.0.0.1", server.http_port)) as raw:
            raw.sendall(f"GET /?{secret} HTTP/1.1\r\nHost: {HOST}\r\n{secret}\r\n\r\n".encode())
            raw.recv(100)
        for said in (secret, "maria", "127.0.0.27", "a.example"):
            assert said not in server.logs, said
    lines = [json.loads(line) for line in (front.folder / "log/access.log").read_text().splitlines()]

    assert {"/u", "/forms", "/login", "/invite", "/hooks/apollo", "/healthz", "/metrics", "/v1/leads", "/other"} <= {
        line["place"] for line in lines
    }
    assert {line["network"] for line in lines} == {"127.0.0.0"}
    assert {"REJECTED", "PASSED"} <= {line["limited"] for line in lines}
