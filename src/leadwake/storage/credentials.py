"""What lets somebody in: API keys, passwords, signed links. Stored as hashes, or not at all.

All comparisons take the same time whatever differs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from leadwake.errors import LeadwakeError


class TokenRefused(LeadwakeError):
    """The link was not made here, for something else, or was changed: answer as to a page that does not exist."""


class TokenExpired(TokenRefused):
    """The link was made here and its time is over: offer a new one."""


# API keys.

#: what a key may be allowed
SCOPES: Final = ("leads:write", "leads:read", "reports:read", "leads:assign", "probe:write")
#: what a key may do when nobody says
DEFAULT_SCOPES: Final = ("leads:write", "leads:read")
_API_KEY: Final = re.compile(r"lw_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """text: shown once, never stored; id and hash: the row."""

    text: str = field(repr=False)
    id: str
    hash: bytes


def new_api_key(key_id: str | None = None) -> NewApiKey:
    """
    A new key of the form `lw_<id>_<secret>`, its secret 256 random bits. key_id: of the key that gets a new secret.

    SHA-256 is enough for it: slow hashes protect what people choose, and nobody searches 2**256. It has to be fast,
    being checked with each request.
    """
    key_id = key_id or secrets.token_hex(6)
    text = f"lw_{key_id}_{secrets.token_urlsafe(32)}"
    return NewApiKey(text, key_id, hash_api_key(text))


def api_key_id(text: str) -> str | None:
    """The id to look the row up by; None when the text is no key of ours."""
    match = _API_KEY.fullmatch(text)
    return match[1] if match else None


def hash_api_key(text: str) -> bytes:
    """32 bytes to store."""
    return hashlib.sha256(b"leadwake api key\0" + text.encode("utf-8", "surrogatepass")).digest()


def verify_api_key(text: str, stored: bytes) -> bool:
    """True when `stored` is the hash of this key."""
    return hmac.compare_digest(hash_api_key(text), stored)


# API clients, and the access tokens they get for their secret.

_CLIENT_ID: Final = re.compile(r"lwc_[0-9a-f]{12}")
_ACCESS_TOKEN: Final = re.compile(r"lwt_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class NewSecret:
    """text: shown once, never stored; hash: the row's."""

    text: str = field(repr=False)
    hash: bytes


def new_client_id() -> str:
    """The id of a new client; no secret."""
    return f"lwc_{secrets.token_hex(6)}"


def is_client_id(text: str) -> bool:
    """True for what could be a client's id."""
    return _CLIENT_ID.fullmatch(text) is not None


def new_client_secret() -> NewSecret:
    """256 random bits; hashed fast, for nobody searches them."""
    text = f"lws_{secrets.token_urlsafe(32)}"
    return NewSecret(text, _hash_of("client secret", text))


def verify_client_secret(text: str, stored: bytes | None) -> bool:
    """True when `stored` is the hash of this secret; None is none, and takes as long."""
    return hmac.compare_digest(_hash_of("client secret", text), stored or bytes(32)) and stored is not None


def new_access_token() -> NewApiKey:
    """A token of the form `lwt_<id>_<secret>`."""
    token_id = secrets.token_hex(8)
    text = f"lwt_{token_id}_{secrets.token_urlsafe(32)}"
    return NewApiKey(text, token_id, hash_access_token(text))


def access_token_id(text: str) -> str | None:
    """The id to look the row up by; None when the text is no token of ours."""
    match = _ACCESS_TOKEN.fullmatch(text)
    return match[1] if match else None


def hash_access_token(text: str) -> bytes:
    """32 bytes to store."""
    return _hash_of("access token", text)


def _hash_of(what: str, text: str) -> bytes:
    return hashlib.sha256(f"leadwake {what}\0{text}".encode("utf-8", "surrogatepass")).digest()


# Passwords.

#: 19 MiB, two passes, one lane: the OWASP cheat sheet's choice for Argon2id, some 30-60 ms on one small core
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
MAX_PASSWORD_CHARS: Final = 1024


def hash_password(password: str) -> str:
    """The Argon2id hash to store. Slow: call it in a thread. Raises ValueError above 1,024 characters."""
    if len(password) > MAX_PASSWORD_CHARS:
        raise ValueError(f"a password has at most {MAX_PASSWORD_CHARS} characters")
    return _HASHER.hash(_password_bytes(password))


def verify_password(stored: str | None, password: str) -> bool:
    """
    True when the password is the stored one. Slow: call it in a thread.

    stored None (no such user) takes as long as a wrong password, so that nobody learns who has an account.
    """
    if len(password) > MAX_PASSWORD_CHARS:
        return False
    try:
        matches = _HASHER.verify(stored or _NOBODY, _password_bytes(password))
    except (Argon2Error, InvalidHashError):
        return False
    return matches and stored is not None


def needs_rehash(stored: str) -> bool:
    """True when the hash was made with other costs than today's: hash again at the next login."""
    return _HASHER.check_needs_rehash(stored)


def _password_bytes(password: str) -> bytes:
    # The same password from a phone and a desktop may differ in composition (NIST SP 800-63B, 5.1.1.2).
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


#: hash of a random password that was thrown away
_NOBODY: Final = "$argon2id$v=19$m=19456,t=2,p=1$3+Gmmz+4JjQa2/AbLN2anQ$KaAEfJQLi7y/yUmgZPGvhisPXa4Q0uhB/o+r/kHGJbA"


# Signed links.

_TOKEN_VERSION: Final = b"\x01"
_MAC_BYTES: Final = 16  # 128 bits: short links, beyond guessing
_HEAD_BYTES: Final = 9
_SHORT_MAC_BYTES: Final = 8


def sign_token(link_key: bytes, purpose: str, payload: bytes, expires_at: datetime | None) -> str:
    """
    A text for a URL that only this installation can make; `read_token` gives the payload back.

    link_key: of the vault. payload: ids, never personal data (signed, not sealed). expires_at: aware, None: never.
    A link that may be used once needs a row that says it was; this does not remember.
    """
    seconds = 0 if expires_at is None else max(1, int(expires_at.timestamp()))
    body = _TOKEN_VERSION + seconds.to_bytes(8, "big") + payload
    return base64.urlsafe_b64encode(body + _mac(link_key, purpose, body)).rstrip(b"=").decode()


def read_token(link_key: bytes, purpose: str, token: str, *, now: datetime) -> bytes:
    """The payload. now: aware. Raises TokenRefused, and of it TokenExpired when genuine but too old."""
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise TokenRefused("not a link of ours") from None
    # One token has one spelling: the spare bits of the last character must not vary.
    canonical = base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == token
    body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    genuine = hmac.compare_digest(_mac(link_key, purpose, body), mac)
    if not (canonical and genuine and len(body) >= _HEAD_BYTES and body[:1] == _TOKEN_VERSION):
        raise TokenRefused("not a link of ours")
    seconds = int.from_bytes(body[1:_HEAD_BYTES], "big")
    if seconds and now.timestamp() >= seconds:
        raise TokenExpired("the link has expired; ask for a new one")
    return body[_HEAD_BYTES:]


def short_token(link_key: bytes, purpose: str, payload: bytes) -> str:
    """
    The same in as few characters as a text can afford: no expiry, and 64 bits of signature.

    For links that give nothing away and can only be tried at our door, one request a guess.
    """
    return base64.urlsafe_b64encode(payload + _short_mac(link_key, purpose, payload)).rstrip(b"=").decode()


def read_short_token(link_key: bytes, purpose: str, token: str) -> bytes:
    """The payload. Raises TokenRefused."""
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise TokenRefused("not a link of ours") from None
    payload, mac = raw[:-_SHORT_MAC_BYTES], raw[-_SHORT_MAC_BYTES:]
    canonical = base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == token
    if not (hmac.compare_digest(_short_mac(link_key, purpose, payload), mac) and canonical):
        raise TokenRefused("not a link of ours")
    return payload


def _short_mac(link_key: bytes, purpose: str, payload: bytes) -> bytes:
    return _mac(link_key, f"short {purpose}", payload)[:_SHORT_MAC_BYTES]


def _mac(link_key: bytes, purpose: str, body: bytes) -> bytes:
    name = purpose.encode()
    return hmac.digest(link_key, len(name).to_bytes(2, "big") + name + body, "sha256")[:_MAC_BYTES]
