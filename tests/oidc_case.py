"""What the tests of signing in share: a real OpenID provider in a process of its own, and one that lies."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from leadwake.providers.guarded import Reach
from leadwake.providers.oidc import Provider, Spec
from office_case import a_socket, url_of

CLIENT_ID = "leadwake-client"
CLIENT_SECRET = "a secret of the client"
NONCE, VERIFIER, BACK = "n" * 40, "v" * 64, "http://127.0.0.1:1/sign-in/oidc/callback"


@dataclass
class Idp:
    """A running provider: the issuer, and what a test may change about it."""

    url: str
    issuer: str

    def tell(self, what: str, **values: str) -> None:
        """Its operator does something: user, client, rotate."""
        httpx.post(f"{self.url}/control/{what}", data=values, trust_env=False, timeout=20).raise_for_status()


@contextmanager
def an_idp() -> Iterator[Idp]:
    """django-oauth-toolkit, served on a free port until the block ends."""
    with a_socket() as free:
        port = free.getsockname()[1]
    script = Path(__file__).parent / "oidc_idp.py"
    environ = {**os.environ, "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen([sys.executable, str(script), str(port)], env=environ, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"ready", "the provider did not start"
        url = f"http://127.0.0.1:{port}"
        yield Idp(url, f"{url}/o")
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class Liar:
    """A provider in this process that signs and says whatever it is told; `token` makes its answer."""

    issuer: str = ""
    keys: list[RSAKey] = field(default_factory=list)
    signs_with: RSAKey | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    id_token: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    user_info: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    asked: list[str] = field(default_factory=list)
    forms: list[Mapping[str, str]] = field(default_factory=list)

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self._configuration),
            Route("/jwks", self._jwks),
            Route("/token", self._token, methods=["POST"]),
            Route("/userinfo", self._user_info),
        ]

    def good_claims(self) -> dict[str, Any]:
        now = int(time.time())
        return {
            "iss": self.issuer, "aud": CLIENT_ID, "sub": "248289761001", "iat": now, "exp": now + 300, "nonce": NONCE,
            "email": "dana@example.com", "email_verified": True, "name": "Dana Reyes",
        }  # fmt: skip

    async def _configuration(self, _: Request) -> Response:
        self.asked.append("configuration")
        found = {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo", "id_token_signing_alg_values_supported": ["RS256", "none"],
        }  # fmt: skip
        return JSONResponse({**found, **self.metadata}, self.status)

    async def _jwks(self, _: Request) -> Response:
        self.asked.append("jwks")
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def _token(self, request: Request) -> Response:
        self.forms.append({name: str(value) for name, value in (await request.form()).items()})
        key = self.signs_with or self.keys[0]
        claims = {name: value for name, value in {**self.good_claims(), **self.claims}.items() if value is not None}
        header = {"alg": "RS256", "kid": key.kid, **self.header}
        text = jwt.encode(header, claims, key) if self.id_token is None else self.id_token
        return JSONResponse({"access_token": "at", "token_type": "Bearer", "id_token": text})

    async def _user_info(self, _: Request) -> Response:
        return JSONResponse(self.user_info)


def a_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid})


def unsigned(claims: Mapping[str, Any]) -> str:
    """A token with alg none."""
    return f"{_NONE}.{_base64(json.dumps(claims).encode())}."


def by_secret(claims: Mapping[str, Any], secret: bytes) -> str:
    """A token that is signed with a secret, or with a public key as if it were one."""
    signed = f"{_HS256}.{_base64(json.dumps(claims).encode())}"
    return f"{signed}.{_base64(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


_NONE, _HS256 = _base64(b'{"alg":"none"}'), _base64(b'{"alg":"HS256"}')


@asynccontextmanager
async def a_liar(keys: list[RSAKey]) -> AsyncIterator[tuple[Liar, Provider]]:
    """The liar on loopback, and our side of it."""
    listening, liar = a_socket(), Liar(keys=keys)
    liar.issuer = url_of(listening)
    app = Starlette(routes=liar.routes())
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        spec = Spec("oidc", "Liar", liar.issuer, CLIENT_ID, CLIENT_SECRET)
        yield liar, Provider(spec, Reach.LOOPBACK)
    finally:
        server.should_exit = True
        await serving
