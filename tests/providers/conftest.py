"""Fixtures of the vendors' tests: vendors on loopback, each held to its own contract at the end of a test."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from vendor_on_loopback import Certificates, Vendor, conforming, running


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Every test of an adapter on both loops: production runs uvloop, a debugger the other."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    async with running() as started:
        yield started


@pytest.fixture
async def twilio_api() -> AsyncIterator[Vendor]:
    async with running() as started:
        yield started
    conforming("twilio", started)


@pytest.fixture
async def sendgrid_api() -> AsyncIterator[Vendor]:
    async with running() as started:
        yield started
    conforming("sendgrid", started)


@pytest.fixture
async def hubspot_api() -> AsyncIterator[Vendor]:
    async with running() as started:
        yield started
    conforming("hubspot", started)


@pytest.fixture
async def gohighlevel_api() -> AsyncIterator[Vendor]:
    async with running() as started:
        yield started
    conforming("gohighlevel", started)


@pytest.fixture
async def calendly_api() -> AsyncIterator[Vendor]:
    async with running() as started:
        yield started
    conforming("calendly", started)


@pytest.fixture
async def slack_api() -> AsyncIterator[Vendor]:
    async with running() as started:
        yield started
    conforming("slack", started)


@pytest.fixture
async def meta_api() -> AsyncIterator[Vendor]:
    async with running() as started:
        yield started
    conforming("meta", started)


@pytest.fixture
async def apollo_api() -> AsyncIterator[Vendor]:
    async with running() as started:
        yield started
    conforming("apollo", started)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A certificate of our own for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file: Path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return Certificates(server, ssl.create_default_context(cafile=str(file)), file)
