"""Our own front door, looked at by the public URL: whether what answers there is this very installation.

The one request of ours whose address somebody types in: no redirect is followed, little is read, it ends soon, and
nothing of the answer is shown but what it was recognised as. Private addresses are allowed: the installation may stand
in an office network, and only an admin may change the address.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec

from leadwake.loopback import is_loopback
from leadwake.storage import observed
from leadwake.workflows.office import Office

PATH: Final = "/healthz/{nonce}"
MAX_NONCE: Final = 64
_WITHIN_S: Final = 5.0
_MAX_BYTES: Final = 4096
_SEEN: Final = "SEEN_FRONT_DOOR"


class Seen(msgspec.Struct, frozen=True):
    """What answered at the URL, and when. reached: this very installation. text: how it is; mend: what to do."""

    url: str
    at: datetime
    reached: bool
    text: str
    mend: str = ""


def proof(link_key: bytes, nonce: str) -> str:
    """What only this installation answers to the nonce."""
    mac = hmac.digest(link_key, b"front door\0" + nonce.encode("utf-8", "surrogatepass"), "sha256")
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


async def look(url: str, link_key: bytes | None, now: datetime) -> Seen:
    """What answers at the public URL. link_key: of the vault, None: then any Leadwake is taken for ours."""
    nonce = secrets.token_urlsafe(18)
    try:
        status, body = await _get(url.rstrip("/") + PATH.format(nonce=nonce))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        reason = "no answer in time" if isinstance(error, TimeoutError | httpx.TimeoutException) else _reason(error)
        return Seen(url, now, False, f"no answer from here ({reason})", "does it run, does the proxy pass on?")
    if 300 <= status < 400:
        return Seen(url, now, False, f"it sends us elsewhere ({status})", "write the address it leads to")
    answer = _document(body)
    if status != 200 or "proof" not in answer:
        return Seen(url, now, False, f"something else answers there ({status})", "point it at this server")
    expected = proof(link_key, nonce) if link_key is not None else str(answer["proof"])
    if not hmac.compare_digest(expected.encode(), str(answer["proof"]).encode("utf-8", "replace")):
        return Seen(url, now, False, "another Leadwake answers there", "point it at this server")
    if urlsplit(url).scheme != "https" and not is_loopback(url):
        return Seen(url, now, True, "answers, without TLS: anybody on the way can read along", "use https://")
    return Seen(url, now, True, "answers")


async def look_and_note(office: Office) -> Seen:
    """The same for the URL in the settings, kept for the page."""
    found = await look(office.settings.public_url, office.vault.link_key, office.clock.now())
    async with office.db.transaction() as connection:
        await observed.note(connection, office.vault, _SEEN, found)
    return found


async def seen(office: Office) -> Seen | None:
    """How it was last; None when nobody looked at this URL yet."""
    found = await observed.read(office.db, office.vault, _SEEN, Seen)
    return found if found and found.url == office.settings.public_url else None


async def _get(url: str) -> tuple[int, bytes]:
    """Status and the beginning of the body. Raises httpx.HTTPError."""
    timeout = httpx.Timeout(_WITHIN_S)
    async with (
        httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False) as client,
        client.stream("GET", url, headers={"Accept-Encoding": "identity", "User-Agent": "leadwake"}) as answer,
    ):
        body = b""
        async for piece in answer.aiter_raw(_MAX_BYTES):
            body += piece
            if len(body) >= _MAX_BYTES:
                break
        return answer.status_code, body[:_MAX_BYTES]


def _document(body: bytes) -> dict[str, object]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _reason(error: Exception) -> str:
    return {"ConnectError": "nothing listens there, or there is no such name"}.get(
        type(error).__name__, type(error).__name__
    )
