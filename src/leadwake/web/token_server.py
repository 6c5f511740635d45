"""Authlib's authorization server over rows that were read before and are written afterwards: it does no I/O itself.

RFC 6749 4.4 and 5.2 (client credentials), RFC 7009 (revocation).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Payload, OAuth2Request, TokenMixin
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint

from leadwake.storage.credentials import SCOPES, NewApiKey, new_access_token, verify_client_secret

#: an access token is good for so long
LASTS_S: Final = 3600
AUTH_METHODS: Final = ("client_secret_basic", "client_secret_post")

Answer = tuple[int, Mapping[str, Any], Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Client(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """A client's row. An id that nobody has is a client, too, whose secret nobody knows."""

    id: str
    scopes: tuple[str, ...] = ()
    hashes: tuple[bytes | None, bytes | None] = (None, None)

    def get_client_id(self) -> str:
        return self.id

    def check_client_secret(self, client_secret: str) -> bool:
        fits = [verify_client_secret(client_secret, stored) for stored in self.hashes]
        return any(fits)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        del endpoint
        return method in AUTH_METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What it asked for, if it may have all of it; everything it may, when it asked for nothing."""
        asked = (scope or "").split()
        return " ".join(dict.fromkeys(asked) or self.scopes) if set(asked) <= set(self.scopes) else None


@dataclass(frozen=True, slots=True)
class Token(TokenMixin):  # type: ignore[misc]
    """An access token's row."""

    id: str
    client_id: str

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.id


class _Payload(OAuth2Payload):  # type: ignore[misc]
    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    @property
    def data(self) -> Mapping[str, str]:
        return self._fields

    @property
    def datalist(self) -> dict[str, list[str]]:
        return {name: [value] for name, value in self._fields.items()}


class Asked(OAuth2Request):  # type: ignore[misc]
    """One request to the token endpoint or the revocation endpoint, its body read."""

    def __init__(self, fields: Mapping[str, str], headers: Mapping[str, str]) -> None:
        # whether it came by TLS is the proxy's business, which ends it
        super().__init__("POST", "https://token.endpoint", headers=headers)
        self.payload = _Payload(fields)

    @property
    def form(self) -> Mapping[str, str]:
        fields: Mapping[str, str] = self.payload.data
        return fields


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = list(AUTH_METHODS)


class _Revocation(RevocationEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS: ClassVar = list(AUTH_METHODS)

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        del token_string, token_type_hint
        token: Token | None = self.server.token
        return token

    def revoke_token(self, token: Token, request: Asked) -> None:
        del request
        self.server.revoked = token


@dataclass
class TokenServer(AuthorizationServer):  # type: ignore[misc]
    """For one request. client, token: the rows it names; made, revoked: what is to be written then."""

    client: Client
    token: Token | None = None
    made: NewApiKey | None = field(init=False, default=None)
    scopes: list[str] = field(init=False, default_factory=list)
    revoked: Token | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        super().__init__(scopes_supported=SCOPES)
        self.register_grant(_Grant)
        self.register_endpoint(_Revocation)
        self.register_token_generator("default", BearerTokenGenerator(self._new_token, expires_generator=LASTS_S))

    def issue(self, asked: Asked) -> Answer:
        """The token endpoint's answer."""
        answer: Answer = self.create_token_response(asked)
        return answer

    def revoke(self, asked: Asked) -> Answer:
        """The revocation endpoint's answer."""
        answer: Answer = self.create_endpoint_response(_Revocation.ENDPOINT_NAME, asked)
        return answer

    def query_client(self, client_id: str) -> Client:
        """The client that was read; for another id, one whose secret nobody knows."""
        return self.client if client_id == self.client.id else Client(client_id)

    def save_token(self, token: Mapping[str, Any], request: Asked) -> None:
        del request
        self.scopes = token["scope"].split()

    def create_oauth2_request(self, request: Asked) -> Asked:
        return request

    def handle_response(self, status: int, body: Mapping[str, Any], headers: Sequence[tuple[str, str]]) -> Answer:
        return status, body, headers

    def send_signal(self, name: str, *args: object, **values: object) -> None:
        """Nobody listens."""

    def _new_token(self, **_: object) -> str:
        self.made = new_access_token()
        return self.made.text
