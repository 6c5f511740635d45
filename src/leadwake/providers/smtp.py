"""SMTP: mail out through any mail server; the second e-mail provider.

The server owns the mail from the moment it answers 250 to the final dot (RFC 5321, 4.1.1.4, 4.2.5 and 6.1). Before the
content leaves, a failure is known not to have been accepted; after it, silence means nobody knows. One connection a
mail: this is the fallback, not the hot path.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib

from leadwake.errors import BadCredentials, ConfigError, OutcomeUnknown, ProviderError, Rejected, Throttled, Unavailable
from leadwake.loopback import is_loopback
from leadwake.providers.http import LeaseLost, Redaction
from leadwake.providers.ports import CALL_DEADLINE_S, Accepted, Call, OutgoingEmail
from leadwake.providers.wire import CONNECT_TIMEOUT_S, default_tls

VENDOR = "smtp"

_PORTS = {"smtp": 587, "smtps": 465}
#: written by this module itself, so never taken from the mail's extra headers
_OWN_HEADERS = re.compile(
    r"from|to|cc|bcc|sender|reply-to|subject|date|message-id|mime-version|content-.*", re.IGNORECASE
)
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
#: 4.7.x is policy (RFC 3463); with these words it is a rate
_RATE = re.compile(r"\b(rate|too many|limit|throttl|slow down|quota)", re.IGNORECASE)


class Smtp:
    """Sends mail through smtp[s]://user:password@host:port; STARTTLS wherever it is offered."""

    def __init__(self, url: str, *, deadline_s: float = CALL_DEADLINE_S, tls: ssl.SSLContext | None = None) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ConfigError("LEADWAKE_SMTP_URL: the port must be a number from 1 to 65535") from None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ConfigError("LEADWAKE_SMTP_URL must look like smtp://user:password@host:587 or smtps://…:465")
        self.host, self.port = parts.hostname, port or _PORTS[parts.scheme]
        self.deadline_s = deadline_s
        self._implicit_tls = parts.scheme == "smtps"
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._is_loopback = is_loopback(url)
        self._tls = tls
        self._clean = Redaction((self._password, self._user))

    def __repr__(self) -> str:
        return f"Smtp('{self.host}:{self.port}')"

    async def aclose(self) -> None:
        """Nothing is kept open between mails."""

    async def send_email(self, email: OutgoingEmail, call: Call) -> Accepted:
        """
        The server has taken the mail for delivery; `ref` is our Message-ID: servers' own ids have no common form.

        Raises Rejected (5xx), BadCredentials, Throttled, Unavailable (4xx, or nothing sent yet) or OutcomeUnknown.
        """
        content = _dotted(message(email))
        written = _Written()
        await self._session(lambda client: self._converse(client, email, content, call, written), written)
        return Accepted(email.message_id)

    async def prove(self, mail_from: str) -> str:
        """The server lets us in and takes mail from this sender; none is begun. Raises ProviderError."""
        await self._session(lambda client: self._introduce(client, mail_from), _Written())
        return "the server takes our login and our sender"

    async def _session(self, work: Callable[[aiosmtplib.SMTP], Awaitable[None]], written: _Written) -> None:
        """The work is done on a connection of its own, within the deadline. Raises ProviderError."""
        client = aiosmtplib.SMTP(
            hostname=self.host, port=self.port, timeout=self.deadline_s, use_tls=self._implicit_tls, start_tls=False,
            tls_context=self._tls_context(), local_hostname="leadwake.localdomain",
        )  # fmt: skip
        try:
            async with asyncio.timeout(self.deadline_s):
                await work(client)
        except LeaseLost:
            raise Unavailable("the lease ended before anything was sent", vendor=VENDOR, code="lease") from None
        except aiosmtplib.SMTPAuthenticationError as error:
            raise self._error(BadCredentials if error.code >= 500 else Unavailable, error) from None
        except aiosmtplib.SMTPResponseException as error:
            raise self._refused(error, written) from None
        except (aiosmtplib.SMTPException, OSError, UnicodeError, ValueError) as error:
            kind = OutcomeUnknown if written.is_true else Unavailable
            raise self._error(kind, error, "deadline" if isinstance(error, TimeoutError) else "connection") from None
        finally:
            client.close()

    async def _introduce(self, client: aiosmtplib.SMTP, mail_from: str) -> None:
        await client.connect(timeout=min(CONNECT_TIMEOUT_S, self.deadline_s))
        await self._secure(client)
        if mail_from:
            await client.mail(_envelope(mail_from), encoding="ascii")
        await client.rset()
        await client.quit()

    async def _converse(
        self, client: aiosmtplib.SMTP, email: OutgoingEmail, content: bytes, call: Call, written: _Written
    ) -> None:
        await client.connect(timeout=min(CONNECT_TIMEOUT_S, self.deadline_s))
        await self._secure(client)
        await client.mail(_envelope(email.from_email), encoding="ascii")
        await client.rcpt(_envelope(email.to), encoding="ascii")
        go_ahead = await client.execute_command(b"DATA")
        if go_ahead.code != aiosmtplib.SMTPStatus.start_input:
            raise aiosmtplib.SMTPDataError(go_ahead.code, go_ahead.message)
        protocol = client.protocol
        assert protocol is not None
        # Nothing between the look and the write. A connection dropped here, before the final dot, sends nothing.
        if not call.may_write():
            raise LeaseLost
        call.written = written.is_true = True
        protocol.write(content)
        answer = await protocol.read_response(timeout=self.deadline_s)
        if answer.code != aiosmtplib.SMTPStatus.completed:
            raise aiosmtplib.SMTPDataError(answer.code, answer.message)
        if client.is_connected:
            protocol.write(b"QUIT\r\n")  # the mail is theirs: no need to wait for a farewell

    async def _secure(self, client: aiosmtplib.SMTP) -> None:
        await client.ehlo()
        is_private = self._implicit_tls
        if not is_private and client.supports_extension("starttls"):
            await client.starttls()
            is_private = True
        if not self._user:
            return
        if not is_private and not self._is_loopback:
            # Somebody between us and the server can take STARTTLS out of its greeting.
            raise BadCredentials(
                "the mail server offers no encryption: the password is not sent in clear; use smtps://",
                vendor=VENDOR, code="starttls",
            )  # fmt: skip
        await client.ehlo()
        if not client.supports_extension("auth"):
            raise BadCredentials("the mail server takes no login here", vendor=VENDOR, code="auth")
        await client.login(self._user, self._password)

    def _refused(self, error: aiosmtplib.SMTPResponseException, written: _Written) -> ProviderError:
        """The error of an answer with a code: 4xx later, 5xx never; both say that the mail was not taken."""
        code = error.code
        if isinstance(error, aiosmtplib.SMTPConnectResponseError):
            return self._error(Unavailable, error)  # a greeting is about us today, not about this mail
        if code in {530, 534, 535, 538}:
            return self._error(BadCredentials, error)
        if 400 <= code < 500:
            return self._error(Throttled if _RATE.search(error.message) else Unavailable, error)
        if 500 <= code < 600:
            return self._error(Rejected, error)
        return self._error(OutcomeUnknown if written.is_true else Unavailable, error)

    def _error(self, kind: type[ProviderError], error: Exception, code: str = "") -> ProviderError:
        told = getattr(error, "message", "") or str(error) or type(error).__name__
        code = code or str(getattr(error, "code", ""))
        return kind(self._clean(f"smtp: {code} {told}"), vendor=VENDOR, code=code)

    def _tls_context(self) -> ssl.SSLContext:
        return self._tls or default_tls()


class _Written:
    """Whether the content of this mail has begun to leave."""

    is_true = False


def message(email: OutgoingEmail) -> bytes:
    """
    The mail as RFC 5322 bytes with CRLF, 7 bit clean: plain text and HTML as alternatives, UTF-8.

    Line breaks in a name, subject or header become blanks, so that no value can add a header.
    Raises Rejected when an address is none.
    """
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _address(email.from_name, email.from_email)
    mail["To"] = _address(email.to_name, email.to)
    if email.reply_to:
        mail["Reply-To"] = _address(None, email.reply_to)
    mail["Subject"] = _line(email.subject)
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = _message_id(email.message_id)
    for name, value in email.headers.items():
        if _HEADER_NAME.fullmatch(name) and not _OWN_HEADERS.fullmatch(name):
            mail[name] = _line(value)
    mail.set_content(email.text or " ", cte="quoted-printable")
    if email.html:
        mail.add_alternative(email.html, subtype="html", cte="quoted-printable")
    return mail.as_bytes()


class _Policy(EmailPolicy):
    """
    Folds what may be folded. Python's own folding turns a long List-Unsubscribe into encoded words (no mailbox finds
    the link then) and loses blanks between those of a long subject.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        if value.isascii():
            return _WHOLE_LINES.fold_binary(name, value)
        if addresses := getattr(value, "addresses", ()):
            text = ", ".join(formataddr((one.display_name, one.addr_spec), "utf-8") for one in addresses)
        else:
            text = Header(str(value), "utf-8", header_name=name).encode(linesep="\r\n")
        return f"{name}: {text}\r\n".encode("ascii")


#: RFC 5322 allows 998 characters a line
_WHOLE_LINES = EmailPolicy(linesep="\r\n", cte_type="7bit", max_line_length=990)
_POLICY = _Policy(linesep="\r\n", cte_type="7bit", max_line_length=990)


def _address(name: str | None, address: str) -> Address:
    try:
        return Address(display_name=_line(name or "")[:100], addr_spec=_envelope(address))
    except (MessageError, ValueError, LookupError):
        raise Rejected("not an e-mail address", vendor=VENDOR, code="address") from None


def _envelope(address: str) -> str:
    """The address in ASCII, a foreign domain in its ACE form. Raises Rejected where that cannot be."""
    local, at, domain = address.rpartition("@")
    try:
        ascii_address = f"{local.encode('ascii').decode()}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        raise Rejected("the e-mail address cannot be written in ASCII", vendor=VENDOR, code="address") from None
    if not at or not local or not domain or _BREAKS.search(ascii_address) or " " in ascii_address:
        raise Rejected("not an e-mail address", vendor=VENDOR, code="address")
    return ascii_address


def _message_id(text: str) -> str:
    if not _MESSAGE_ID.fullmatch(text) or not text.isascii():
        raise Rejected("the Message-ID is malformed", vendor=VENDOR, code="message-id")
    return text


def _line(text: str) -> str:
    return _BREAKS.sub(" ", text).encode("utf-8", "replace").decode().strip()


def _dotted(content: bytes) -> bytes:
    """The content as DATA takes it: a dot at the start of a line doubled, a lone dot at the end (RFC 5321, 4.5.2)."""
    lines = content if content.endswith(b"\r\n") else content + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines) + b".\r\n"
