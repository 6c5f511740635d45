"""IMAP: mail read from any mailbox; nothing is ever deleted, and nothing marked before its reader says so.

RFC 3501 by the standard library, in a thread: the one kept asynchronous client is under the GPL. One session is used by
one reader at a time.
"""

from __future__ import annotations

import asyncio
import imaplib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

from leadwake.errors import BadCredentials, ConfigError, ProviderError, Rejected, Unavailable
from leadwake.loopback import is_loopback
from leadwake.providers.http import Redaction
from leadwake.providers.wire import default_tls

VENDOR: Final = "imap"
_PORTS: Final = {"imap": 143, "imaps": 993}
#: for each answer of the server
_TIMEOUT_S: Final = 30.0
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

T = TypeVar("T")


class Address:
    """Where a mailbox is: imap[s]://user:password@host:port/FOLDER. Raises ConfigError."""

    def __init__(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ConfigError("LEADWAKE_IMAP_URL: the port must be a number from 1 to 65535") from None
        if parts.scheme not in _PORTS or not parts.hostname or not parts.username:
            raise ConfigError("LEADWAKE_IMAP_URL must look like imaps://user:password@host:993/INBOX")
        self.host, self.port = parts.hostname, port or _PORTS[parts.scheme]
        self.is_private = parts.scheme == "imaps"
        self.user, self.password = unquote(parts.username), unquote(parts.password or "")
        self.folder = unquote(parts.path.lstrip("/")) or "INBOX"
        if not self.folder.isascii() or not self.folder.isprintable():
            raise ConfigError("LEADWAKE_IMAP_URL: the folder's name must be written in ASCII")

    def __str__(self) -> str:
        return f"{self.host}:{self.port}/{self.folder}"


class Session:
    """A folder that is open. validity: UIDs mean what they meant as long as it stays the same (RFC 3501, 2.3.1.1)."""

    def __init__(self, client: imaplib.IMAP4, clean: Redaction) -> None:
        self._client = client
        self._clean = clean
        self.validity = 0
        self.next_uid = 1

    async def open(self, folder: str) -> None:
        """The folder is there to be read and marked. Raises ProviderError."""
        quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
        try:
            await self._do(lambda: _told(self._client.select(f'"{quoted}"')))
        except Rejected as error:
            raise Rejected(f"there is no folder {folder!r} that can be read: {error}", vendor=VENDOR) from None
        if not (validity := self._said("UIDVALIDITY")):
            raise Rejected("the server names its messages anew each time (no UIDVALIDITY)", vendor=VENDOR)
        self.validity = validity
        self.next_uid = self._said("UIDNEXT") or max(await self._search("ALL"), default=0) + 1

    async def after(self, uid: int) -> list[int]:
        """Messages that came after that one, oldest first."""
        found = await self._search(f"UID {uid + 1}:*")
        return [each for each in found if each > uid]  # "*" is the last one, also when that is older

    async def since(self, day: date, *, unread: bool) -> list[int]:
        """Messages that came on that day or after it, oldest first; unread: only those nobody has opened."""
        said = f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}"
        return await self._search(f"UNSEEN {said}" if unread else said)

    async def message(self, uid: int, first: int) -> bytes | None:
        """The message's first so many bytes, still unread; None when somebody has removed it."""
        for line in await self._fetch(str(uid), f"(BODY.PEEK[]<0.{first}>)"):
            if isinstance(line, tuple):
                return bytes(line[1])
        return None

    async def mark_read(self, uid: int) -> None:
        """The message is marked as read; one that is gone is no error."""
        await self._do(lambda: _told(self._client.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Seen)")))

    async def alive(self) -> None:
        """The server still answers, and tells of what is new."""
        await self._do(lambda: _told(self._client.noop()))

    async def close(self) -> None:
        """The connection is gone; whatever waits for it fails at once."""
        with suppress(OSError):
            await asyncio.to_thread(self._client.shutdown)

    async def _search(self, criteria: str) -> list[int]:
        lines = await self._do(lambda: _told(self._client.uid("SEARCH", *criteria.split(" "))))
        return sorted(int(uid) for line in lines if line for uid in line.split())

    async def _fetch(self, uids: str, what: str) -> list[Any]:
        return [line for line in await self._do(lambda: _told(self._client.uid("FETCH", uids, what))) if line]

    def _said(self, name: str) -> int:
        _, lines = self._client.response(name)
        return int(lines[0]) if lines and lines[0] and lines[0].isdigit() else 0

    async def _do(self, work: Callable[[], T]) -> T:
        return await _in_a_thread(work, self._clean, self._client)


@asynccontextmanager
async def session(address: Address, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Session]:
    """The mailbox, its folder open; closed at the end. Raises ProviderError."""
    clean = Redaction((address.password,))
    client = await _in_a_thread(lambda: _connected(address, tls or default_tls()), clean)
    opened = Session(client, clean)
    try:
        await _in_a_thread(lambda: _log_in(client, address), clean, client)
        await opened.open(address.folder)
        yield opened
    finally:
        await opened.close()


def _connected(address: Address, tls: ssl.SSLContext) -> imaplib.IMAP4:
    if address.is_private:
        return imaplib.IMAP4_SSL(address.host, address.port, ssl_context=tls, timeout=_TIMEOUT_S)
    client = imaplib.IMAP4(address.host, address.port, timeout=_TIMEOUT_S)
    if "STARTTLS" in client.capabilities:
        client.starttls(tls)
    elif not is_loopback(f"imap://{address.host}"):
        client.shutdown()
        raise BadCredentials(
            "the server offers no encryption: the password is not sent in clear; use imaps://", vendor=VENDOR
        )
    return client


def _log_in(client: imaplib.IMAP4, address: Address) -> None:
    try:
        if "AUTH=PLAIN" in client.capabilities:
            client.authenticate("PLAIN", lambda _: f"\0{address.user}\0{address.password}".encode())
        else:
            client.login(address.user, address.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeError) as error:
        raise BadCredentials(str(error) or "login refused", vendor=VENDOR, code="login") from None


def _told(answer: tuple[str, list[Any]]) -> list[Any]:
    """The lines of an answer. Raises imaplib's error when it is no OK."""
    status, lines = answer
    if status != "OK":
        said = lines[0] if lines else b""
        raise imaplib.IMAP4.error(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said))
    return lines


async def _in_a_thread(work: Callable[[], T], clean: Redaction, client: imaplib.IMAP4 | None = None) -> T:
    """What the work returns. Raises ProviderError; when cancelled, the connection is cut, so that no thread is left."""
    try:
        return await asyncio.to_thread(work)
    except asyncio.CancelledError:
        if client is not None:
            with suppress(OSError):
                client.shutdown()
        raise
    except ProviderError as error:
        raise type(error)(clean(str(error)), vendor=VENDOR, code=error.code) from None
    except (imaplib.IMAP4.abort, OSError, EOFError) as error:
        said = "no answer in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
        raise Unavailable(clean(f"imap: {said}"), vendor=VENDOR, code="connection") from None
    except (imaplib.IMAP4.error, ValueError) as error:
        raise Rejected(clean(f"imap: {error}"), vendor=VENDOR) from None
