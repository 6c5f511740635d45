"""Sign-in at an OpenID provider: authorization code with PKCE, and what its ID token proves.

The protocol is Authlib's (requests, claims) and joserfc's (signatures); here is which of it we use, and what Google and
Microsoft mean by a verified address. OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9700 (read 2026-11-30).
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from authlib.common.security import generate_token
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from leadwake.domain.contact import normalise_email
from leadwake.errors import LeadwakeError, Unavailable
from leadwake.providers.guarded import Reach
from leadwake.providers.http import document
from leadwake.providers.outward import Outward
from leadwake.settings import Settings
from leadwake.sign_in import MANY_TENANTS, Ways

#: never "none", never one whose key is our own secret
ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip
SCOPE: Final = "openid email profile"
#: clocks differ
LEEWAY_S: Final = 60
#: what a provider says of itself, and its keys, are read again after this; an unknown key at once
FRESH_S: Final = 3600.0
MAX_CODE: Final = 4096

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MICROSOFT: Final = "https://login.microsoftonline.com"
#: learn.microsoft.com, "ID token claims reference": the tenant of all personal accounts
_PERSONAL: Final = "9188040d-6c67-4c5b-b112-36a304b66dad"
_WORD: Final = re.compile(r"[a-z_]{1,40}")


class NotProven(LeadwakeError):
    """The provider did not prove who somebody is; the message says why. code: for the log."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Spec:
    """
    One provider as it was set up. key: google, microsoft, oidc. issuer: its discovery document lies beneath.

    tenant: of Microsoft; blank elsewhere.
    """

    key: str
    label: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    tenant: str = ""

    @property
    def discovery_url(self) -> str:
        """OpenID Connect Discovery 1.0, 4."""
        return f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"

    def is_issuer(self, found: str) -> bool:
        """
        True for the issuer of a document or a token of this provider.

        Microsoft's tenants are told by an id, whatever name they were asked by; its document for many tenants has
        {tenantid} in that place.
        """
        if not self.tenant:
            return found.rstrip("/") == self.issuer.rstrip("/")
        head, _, rest = found.removeprefix(_MICROSOFT + "/").partition("/")
        if found != f"{_MICROSOFT}/{head}/v2.0" or rest != "v2.0":
            return False
        if _GUID.fullmatch(self.tenant):
            return head == self.tenant
        return bool(_GUID.fullmatch(head)) or (self.tenant in MANY_TENANTS and head == "{tenantid}")


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way. url: where the browser goes; the rest stays with that browser alone."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """
    Who somebody is at a provider. email: normalised, None without one. verified: the provider says it is theirs.

    domain: whose mail it is by the provider's own knowledge, blank when it does not say.
    """

    issuer: str
    subject: str
    email: str | None
    verified: bool
    name: str
    domain: str


def providers(settings: Settings) -> list[Spec]:
    """The providers that are set up, in the order they are offered."""
    if settings.get("SIGN_IN") == Ways.PASSWORD:
        return []
    tenant = settings.get("MICROSOFT_TENANT", "common")
    every = (
        ("google", "Google", "https://accounts.google.com", ""),
        ("microsoft", "Microsoft", f"{_MICROSOFT}/{tenant}/v2.0", tenant),
        ("oidc", settings.get("OIDC_NAME", "single sign-on"), settings.get("OIDC_ISSUER"), ""),
    )
    return [
        Spec(key, label, issuer, client_id, settings.get(f"{key.upper()}_CLIENT_SECRET"), tenant)
        for key, label, issuer, tenant in every
        if issuer and (client_id := settings.get(f"{key.upper()}_CLIENT_ID"))
    ]


class Provider:
    """One provider, asked over HTTP; keeps what it says of itself, and its keys, for an hour."""

    def __init__(self, spec: Spec, reach: Reach) -> None:
        self.spec, self.reach = spec, reach
        self._outward = Outward(spec.label, reach)
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def begin(self, redirect_uri: str) -> Begun:
        """Where to send the browser. Raises Unavailable, NotProven."""
        metadata = await self.metadata()
        state, nonce, verifier = generate_token(40), generate_token(40), generate_token(64)
        # people with several accounts are asked which; other providers may refuse what they do not know
        more = {} if self.spec.key == "oidc" else {"prompt": "select_account"}
        url, _ = self._client(metadata, redirect_uri).create_authorization_url(
            metadata["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce, **more
        )
        return Begun(url, state, nonce, verifier)

    async def finish(self, code: str, nonce: str, verifier: str, redirect_uri: str, said: str | None) -> Identity:
        """
        Whom the code stands for. said: the issuer that the answer named, if it did.

        Raises NotProven, Unavailable.
        """
        metadata = await self.metadata()
        promised = metadata.get("authorization_response_iss_parameter_supported") is True
        if (said is not None or promised) and not self.spec.is_issuer(said or ""):  # RFC 9207
            raise NotProven("The answer came from another provider than the one that was asked. Start again.", "mix_up")
        try:
            token = await self._client(metadata, redirect_uri).fetch_token(
                metadata["token_endpoint"], grant_type="authorization_code", code=code[:MAX_CODE],
                code_verifier=verifier,
            )  # fmt: skip
        except OAuth2Error as error:
            raise NotProven(_refused(self.spec.label, str(error.error or "")), "token_refused") from None
        except (httpx.HTTPStatusError, ValueError) as error:
            raise Unavailable(f"{self.spec.label} did not answer as it should", vendor=self.spec.key) from error
        claims = await self._claims(metadata, token, nonce)
        if "email" not in claims and self.spec.key == "oidc":
            claims |= await self._user_info(metadata, token, claims["sub"])
        return identity(self.spec, claims)

    async def metadata(self) -> dict[str, Any]:
        """The discovery document, looked through. Raises Unavailable, NotProven."""
        if self._metadata is None or time.monotonic() - self._metadata[0] > FRESH_S:
            answer = await self._outward.ask("GET", self.spec.discovery_url)
            found = document(answer)
            if answer.status_code != 200 or not found:
                text = f"{self.spec.label} has no OpenID configuration at {self.spec.discovery_url}"
                raise Unavailable(text, vendor=self.spec.key, code=str(answer.status_code))
            self._metadata = (time.monotonic(), _looked_through(self.spec, found))
        return self._metadata[1]

    async def keys(self, *, anew: bool = False) -> KeySet:
        """The keys that its ID tokens are signed with. Raises Unavailable, NotProven."""
        if self._keys is None or anew or time.monotonic() - self._keys[0] > FRESH_S:
            metadata = await self.metadata()
            answer = await self._outward.ask("GET", metadata["jwks_uri"])
            try:
                found = KeySet.import_key_set(document(answer))  # type: ignore[arg-type]  # looked through by it
            except (JoseError, KeyError, TypeError, ValueError) as error:
                raise Unavailable(f"{self.spec.label}'s keys cannot be read", vendor=self.spec.key) from error
            self._keys = (time.monotonic(), found)
        return self._keys[1]

    def _client(self, metadata: Mapping[str, Any], redirect_uri: str) -> _Client:
        return _Client(
            self._outward, client_id=self.spec.client_id, client_secret=self.spec.client_secret, scope=SCOPE,
            redirect_uri=redirect_uri, code_challenge_method="S256",
            token_endpoint_auth_method=_auth_method(self.spec, metadata),
        )  # fmt: skip

    async def _claims(self, metadata: Mapping[str, Any], token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        text = token.get("id_token")
        if not isinstance(text, str):
            raise NotProven(f"{self.spec.label} sent no ID token.", "no_id_token")
        allowed = algorithms(metadata)
        try:
            decoded = _decoded(text, await self.keys(), allowed)
        except JoseError:  # signed with a key that is newer than what we hold, or not by them at all
            try:
                decoded = _decoded(text, await self.keys(anew=True), allowed)
            except JoseError as error:
                raise NotProven(f"{self.spec.label}'s signature does not hold.", type(error).__name__) from None
        return self._checked(metadata, decoded, token, nonce)

    def _checked(
        self, metadata: Mapping[str, Any], decoded: jwt.Token, token: Mapping[str, Any], nonce: str
    ) -> dict[str, Any]:
        issuer = metadata["issuer"].replace("{tenantid}", str(decoded.claims.get("tid", "")))
        if not self.spec.is_issuer(issuer) or "{" in issuer:
            raise NotProven(f"{self.spec.label} did not say which directory this is.", "issuer")
        options = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": self.spec.client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "nonce": {"essential": True, "value": nonce},
        }
        params = {"nonce": nonce, "client_id": self.spec.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, options, params)
        try:
            claims.validate(leeway=LEEWAY_S)
        except ExpiredTokenError:
            text = f"{self.spec.label}'s answer had expired: is this server's clock right?"
            raise NotProven(text, "expired") from None
        except (InvalidClaimError, MissingClaimError) as error:
            code = f"claim {error.claim}" if isinstance(error.claim, str) else "claim"
            raise NotProven(f"{self.spec.label}'s answer was not meant for this sign-in.", code) from None
        except (JoseError, TypeError, ValueError, KeyError) as error:
            raise NotProven(f"{self.spec.label}'s answer cannot be read.", type(error).__name__) from None
        return dict(claims)

    async def _user_info(self, metadata: Mapping[str, Any], token: Mapping[str, Any], subject: str) -> dict[str, Any]:
        """Core, 5.3: what the ID token left out, of the same subject or not at all."""
        place, key = metadata.get("userinfo_endpoint"), token.get("access_token")
        if not isinstance(place, str) or not isinstance(key, str) or not (key.isascii() and key.isprintable()):
            return {}
        found = document(await self._outward.ask("GET", place, headers={"Authorization": f"Bearer {key}"}))
        if found.get("sub") != subject:
            return {}
        return {name: found[name] for name in ("email", "email_verified", "name") if name in found}


class _Client(OAuth2Client):  # type: ignore[misc]  # Authlib has no types
    """Authlib's client with our way of asking; its own integrations bring an HTTP client each."""

    async def _fetch_token(
        self, url: str, body: str = "", headers: Mapping[str, str] | None = None, auth: Any = None,
        method: str = "POST", **_: Any,
    ) -> Any:  # fmt: skip
        url, signed, body = auth.prepare(method, url, dict(headers or {}), body)
        return self.parse_response_token(await self.session.ask(method, url, headers=signed, content=body))


def identity(spec: Spec, claims: Mapping[str, Any]) -> Identity:
    """Who the claims of a token that was checked are about."""
    said = claims.get("email")
    email = normalise_email(said) if isinstance(said, str) else None
    name, domain = claims.get("name"), claims.get("hd")
    return Identity(
        claims["iss"], claims["sub"], email, email is not None and _is_verified(spec, claims),
        " ".join(name.split())[:200] if isinstance(name, str) else "",
        domain.lower() if isinstance(domain, str) else "",
    )  # fmt: skip


def _is_verified(spec: Spec, claims: Mapping[str, Any]) -> bool:
    """
    Whether the address is theirs.

    Microsoft says nothing of the kind, and in a directory of their own anybody may write any address. It counts when
    the directory is the team's own, when Microsoft says that the directory's owner proved the address's domain
    (xms_edov), or for personal accounts, whose address was confirmed (learn.microsoft.com, "Migrate away from using
    email claims for authorization").
    """
    if spec.key != "microsoft":
        return claims.get("email_verified") is True or claims.get("email_verified") == "true"
    is_own = spec.tenant not in MANY_TENANTS
    return is_own or claims.get("tid") == _PERSONAL or claims.get("xms_edov") in (True, 1, "1", "true")


def algorithms(metadata: Mapping[str, Any]) -> list[str]:
    """What the provider may sign with: of what it says, what we allow."""
    said = metadata.get("id_token_signing_alg_values_supported")
    return [name for name in (said if isinstance(said, list) else ["RS256"]) if name in ALGORITHMS]


def _decoded(text: str, keys: KeySet, allowed: Sequence[str]) -> jwt.Token:
    try:
        return jwt.decode(text, keys, registry=JWSRegistry(algorithms=list(allowed), strict_check_header=False))
    except (TypeError, ValueError, KeyError, RecursionError) as error:
        raise JoseError(description=type(error).__name__) from None


def _looked_through(spec: Spec, found: dict[str, Any]) -> dict[str, Any]:
    """Discovery, 4.3: a document that names another issuer is somebody else's; TLS is not left on the way."""
    if not isinstance(found.get("issuer"), str) or not spec.is_issuer(found["issuer"]):
        raise NotProven(f"{spec.issuer} speaks for another issuer; write that one in the settings.", "issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        place = found.get(name)
        if not isinstance(place, str) or not place.startswith(f"{urlsplit(spec.issuer).scheme}://"):
            raise NotProven(f"{spec.label}'s OpenID configuration lacks {name}.", "metadata")
    if not algorithms(found):
        raise NotProven(f"{spec.label} signs with nothing that we trust.", "algorithms")
    return found


def _auth_method(spec: Spec, metadata: Mapping[str, Any]) -> str:
    """How we say who we are: posted where that is taken, for no two agree on how Basic is escaped."""
    said = metadata.get("token_endpoint_auth_methods_supported")
    if not spec.client_secret:
        return "none"
    return "client_secret_post" if isinstance(said, list) and "client_secret_post" in said else "client_secret_basic"


def _refused(label: str, code: str) -> str:
    if code == "invalid_client":
        return f"{label} does not take our client id and secret. An admin has to look at Setup, Sign-in."
    said = f" ({code})" if _WORD.fullmatch(code) else ""
    return f"{label} did not confirm this sign-in{said}. Start again."
