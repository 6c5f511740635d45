"""SMTP: the mail as it is written, and what is known when a server turns it away, falls silent or goes."""

from __future__ import annotations

import asyncio
import email
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from hypothesis import given
from hypothesis import strategies as st
from vendor_on_loopback import Certificates

from leadwake.errors import (
    BadCredentials,
    ConfigError,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
    Unavailable,
)
from leadwake.providers import smtp
from leadwake.providers.ports import Call, OutgoingEmail
from leadwake.providers.smtp import Smtp, message

PASSWORD = "p@ss:w/rd"
LINK = f"<https://leads.example.com/u/{'a' * 150}>, <mailto:stop@example.com>"
MAIL = OutgoingEmail(
    to="maria@example.com",
    to_name="María López",
    subject="Grüße: your question about 12 Oak St",
    text="Hi María\n.\n.dots at the start of lines\n..two\nBye",
    html="<p>Hi María</p>",
    message_id="<a1@leads.example.com>",
    from_email="sam@realty.example.com",
    from_name="Sam, of Example Realty",
    reply_to="team@realty.example.com",
    headers={
        "List-Unsubscribe": LINK,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Bcc": "evil@example.com",
    },
)


def read(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=default)
    assert isinstance(found, EmailMessage)
    return found


# a real server


@dataclass
class Inbox:
    """What a real SMTP server took."""

    url: str = ""
    mails: list[Envelope] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(envelope)
        return "250 OK"

    def login(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@asynccontextmanager
async def inbox(scheme: str = "smtp", login: str = "", **options: Any) -> AsyncIterator[Inbox]:
    implicit = options.pop("ssl", None)
    loop = asyncio.get_running_loop()
    box = Inbox()
    server = await loop.create_server(
        lambda: SMTP(
            box, hostname="mx", loop=loop, decode_data=False, enable_SMTPUTF8=False, authenticator=box.login, **options
        ),
        "127.0.0.1",
        0,
        ssl=implicit,
    )
    box.url = f"{scheme}://{login}127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield box
    finally:
        server.close()


async def test_a_mail_arrives_as_it_was_written() -> None:
    async with inbox() as box:
        accepted = await Smtp(box.url).send_email(MAIL, Call.for_seconds())
        (envelope,) = box.mails
        raw = envelope.content
        assert isinstance(raw, bytes)
        mail = read(raw)
        text, html = mail.get_body(("plain",)), mail.get_body(("html",))

        assert accepted.ref == MAIL.message_id
        assert (envelope.mail_from, envelope.rcpt_tos) == ("sam@realty.example.com", ["maria@example.com"])
        assert mail["Message-ID"] == MAIL.message_id
        assert mail["Subject"] == MAIL.subject
        assert mail["From"].addresses[0].display_name == "Sam, of Example Realty"
        assert mail["To"].addresses[0].display_name == "María López"
        assert mail["Reply-To"] == "team@realty.example.com"
        assert mail["List-Unsubscribe"] == LINK
        assert mail.get_content_type() == "multipart/alternative"
        assert text is not None
        assert text.get_content().replace("\r\n", "\n").strip() == MAIL.text
        assert html is not None
        assert html.get_content().strip() == MAIL.html
        assert abs(parsedate_to_datetime(mail["Date"]).timestamp() - time.time()) < 60
        assert "Bcc" not in mail
        assert raw.isascii()


async def test_a_link_in_a_header_is_not_encoded() -> None:
    """Mail boxes look for the List-Unsubscribe link in the raw line."""
    assert f"List-Unsubscribe: {LINK}\r\n".encode() in message(MAIL)


async def test_the_login_is_decoded_from_the_url() -> None:
    async with inbox(login="us%40er:p%40ss%3Aw%2Frd@", auth_require_tls=False) as box:
        await Smtp(box.url).send_email(MAIL, Call.for_seconds())

        assert (box.logins, len(box.mails)) == ([(b"us@er", PASSWORD.encode())], 1)


async def test_a_wrong_password_pauses_the_vendor() -> None:
    async with inbox(login="user:wrong@", auth_require_tls=False) as box:
        call = Call.for_seconds()
        with pytest.raises(BadCredentials):
            await Smtp(box.url).send_email(MAIL, call)

        assert (box.mails, call.written) == ([], False)


async def test_starttls_is_used_where_it_is_offered(certificates: Certificates) -> None:
    options = {"tls_context": certificates.server, "require_starttls": True}
    async with inbox(login="user:p%40ss%3Aw%2Frd@", **options) as box:
        await Smtp(box.url, tls=certificates.client).send_email(MAIL, Call.for_seconds())

        assert (len(box.logins), len(box.mails)) == (1, 1)


async def test_implicit_tls_is_used_with_smtps(certificates: Certificates) -> None:
    options: dict[str, Any] = {"ssl": certificates.server, "auth_require_tls": False}
    async with inbox("smtps", login="user:p%40ss%3Aw%2Frd@", **options) as box:
        await Smtp(box.url, tls=certificates.client).send_email(MAIL, Call.for_seconds())

        assert (len(box.logins), len(box.mails)) == (1, 1)


async def test_a_certificate_nobody_vouches_for_is_refused(certificates: Certificates) -> None:
    async with inbox("smtps", ssl=certificates.server) as box:
        call = Call.for_seconds()
        with pytest.raises(Unavailable):
            await Smtp(box.url, tls=ssl.create_default_context()).send_email(MAIL, call)

        assert (box.mails, call.written) == ([], False)


async def test_a_password_is_not_sent_in_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody on the way can take STARTTLS out of the greeting: then no login at all."""
    monkeypatch.setattr(smtp, "is_loopback", lambda _: False)
    async with inbox(login="user:p%40ss%3Aw%2Frd@", auth_require_tls=False) as box:
        with pytest.raises(BadCredentials, match="encryption"):
            await Smtp(box.url).send_email(MAIL, Call.for_seconds())

        assert (box.logins, box.mails) == ([], [])


# a server that misbehaves


@dataclass
class Script:
    """A server that answers each verb as told; None: goes without a word. content: the mail it read."""

    answers: Mapping[str, str | None] = field(default_factory=dict)
    url: str = ""
    verbs: list[str] = field(default_factory=list)
    content: bytes = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._say(writer, "greeting", "220 mx ready")
            while line := await reader.readline():
                verb = line.decode().split(" ")[0].strip().upper().split(":")[0]
                self.verbs.append(verb)
                if verb == "QUIT":
                    break
                await self._say(writer, verb, "354 go on" if verb == "DATA" else "250 fine")
                if verb == "DATA":
                    self.content = await reader.readuntil(b"\r\n.\r\n")
                    await self._say(writer, "content", "250 taken")
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter, verb: str, usual: str) -> None:
        answer = self.answers.get(verb, usual)
        if answer is None:
            raise ConnectionError
        writer.write(answer.encode() + b"\r\n")
        await writer.drain()


@asynccontextmanager
async def scripted(**answers: str | None) -> AsyncIterator[Script]:
    script = Script(answers)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield script
    finally:
        server.close()


async def failure(script: Script, call: Call | None = None, **options: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await Smtp(script.url, **options).send_email(MAIL, call or Call.for_seconds())
    return caught.value


@pytest.mark.parametrize(
    ("verb", "answer", "kind", "written"),
    [
        ("greeting", "421 4.3.2 not now", Unavailable, False),
        ("greeting", "554 5.7.1 no service for you", Unavailable, False),
        ("greeting", None, Unavailable, False),
        ("greeting", "SSH-2.0-OpenSSH", Unavailable, False),
        ("EHLO", None, Unavailable, False),
        ("MAIL", "451 4.3.0 local trouble", Unavailable, False),
        ("MAIL", "421 4.7.28 rate limit exceeded", Throttled, False),
        ("MAIL", "550 5.7.1 sender refused", Rejected, False),
        ("MAIL", "530 5.7.0 authentication required", BadCredentials, False),
        ("MAIL", None, Unavailable, False),
        ("RCPT", "450 4.2.1 too many messages to this mailbox", Throttled, False),
        ("RCPT", "450 4.2.0 greylisted", Unavailable, False),
        ("RCPT", "550 5.1.1 no such user maria@example.com", Rejected, False),
        ("RCPT", None, Unavailable, False),
        ("DATA", "451 4.3.0 later", Unavailable, False),
        ("DATA", "554 5.6.0 no", Rejected, False),
        ("DATA", "250 what?", Unavailable, False),
        ("DATA", None, Unavailable, False),
        ("content", "451 4.3.0 disk full", Unavailable, True),
        ("content", "552 5.3.4 too big", Rejected, True),
        ("content", "421 4.7.0 going down", Unavailable, True),
        ("content", None, OutcomeUnknown, True),
        ("content", "nonsense", OutcomeUnknown, True),
        ("content", "354 again?", OutcomeUnknown, True),
    ],
)
async def test_a_server_that_turns_away_or_goes(
    verb: str, answer: str | None, kind: type[ProviderError], written: bool
) -> None:
    async with scripted(**{verb: answer}) as script:
        call = Call.for_seconds()
        error = await failure(script, call)

        assert (type(error), call.written) == (kind, written)
        assert bool(script.content) is written
        assert "maria@" not in str(error)


async def test_nothing_leaves_after_the_lease() -> None:
    async with scripted() as script:
        call = Call(lease_until=time.monotonic() - 0.001)
        error = await failure(script, call)

        assert (type(error), error.code, call.written) == (Unavailable, "lease", False)
        assert script.content == b""


async def test_a_server_that_says_nothing_after_the_mail_is_unknown() -> None:
    async with scripted(content="250-and so on") as script:
        call = Call.for_seconds()
        error = await failure(script, call, deadline_s=0.3)

        assert (type(error), error.code, call.written) == (OutcomeUnknown, "deadline", True)


async def test_a_server_that_never_speaks_is_known_not_to_have_it() -> None:
    async with scripted(greeting="220-wait") as script:
        call = Call.for_seconds()
        error = await failure(script, call, deadline_s=0.3)

        assert (type(error), call.written) == (Unavailable, False)


async def test_a_server_that_is_not_there_is_known_not_to_have_it() -> None:
    call = Call.for_seconds()
    with pytest.raises(Unavailable):
        await Smtp("smtp://127.0.0.1:1").send_email(MAIL, call)

    assert not call.written


async def test_a_server_that_goes_after_taking_it_has_taken_it() -> None:
    async with scripted() as script:
        assert (await Smtp(script.url).send_email(MAIL, Call.for_seconds())).ref == MAIL.message_id


async def test_the_password_is_in_no_error_and_no_repr() -> None:
    async with scripted(EHLO=f"535 5.7.8 user {PASSWORD} refused") as script:
        sender = Smtp(script.url.replace("smtp://", "smtp://user:p%40ss%3Aw%2Frd@"))
        with pytest.raises(ProviderError) as caught:
            await sender.send_email(MAIL, Call.for_seconds())

        assert PASSWORD not in str(caught.value)
        assert PASSWORD not in repr(sender)


# the message


@pytest.mark.parametrize("field_name", ["subject", "from_name", "to_name"])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
def test_no_text_adds_a_header_or_is_lost(field_name: str, text: str) -> None:
    mail = read(message(replace(MAIL, **{field_name: text + "\r\nBcc: evil@example.com\n\nbody"})))

    assert "Bcc" not in mail
    assert mail["Message-ID"] == MAIL.message_id
    assert mail.get_content_type() == "multipart/alternative"


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "Po", "So", "Zs"]), max_size=200))
def test_a_subject_arrives_as_it_was_written(text: str) -> None:
    words = " ".join(text.split())

    assert " ".join(str(read(message(replace(MAIL, subject=words)))["Subject"]).split()) == words


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_body_is_seven_bit_with_short_lines(text: str, html: str) -> None:
    raw = message(replace(MAIL, text=text, html=html))

    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@given(st.dictionaries(st.text(), st.text()))
def test_any_extra_header_is_carried_or_left_out(headers: dict[str, str]) -> None:
    mail = read(message(replace(MAIL, headers=headers)))

    assert mail["To"].addresses[0].addr_spec == MAIL.to
    assert len(mail.get_all("From", [])) == 1


@pytest.mark.parametrize(
    "address",
    ["", "maria", "@example.com", "maria@", "a b@example.com", "a@b@", "maría@example.com", "a@exa mple.com",
     "a\r\nRCPT TO:<x@y.z>@example.com", "a@" + "b" * 70 + ".com", "a@example..com", "<a@example.com>",
     "a@example.com, b@example.com"],
)  # fmt: skip
async def test_an_address_that_is_none_is_refused_before_anything_leaves(address: str) -> None:
    async with scripted() as script:
        call = Call.for_seconds()
        for mail in (replace(MAIL, to=address), replace(MAIL, from_email=address)):
            with pytest.raises(Rejected):
                await Smtp(script.url).send_email(mail, call)

        assert (script.verbs, call.written) == ([], False)


def test_a_foreign_domain_is_written_in_ascii() -> None:
    assert read(message(replace(MAIL, to="maria@bücher.example")))["To"].addresses[0].domain == "xn--bcher-kva.example"


@given(st.text())
def test_any_address_is_written_or_refused(address: str) -> None:
    try:
        raw = message(replace(MAIL, to=address))
    except Rejected:
        return
    assert len(read(raw)["To"].addresses) == 1


@pytest.mark.parametrize("url", ["", "smtp://", "http://mx:25", "smtp://mx:port", "smtp://mx:99999", "mx:25"])
def test_an_address_of_no_server_stops_the_start(url: str) -> None:
    with pytest.raises(ConfigError, match="LEADWAKE_SMTP_URL"):
        Smtp(url)


@pytest.mark.parametrize(("url", "port"), [("smtp://mx", 587), ("smtps://mx", 465), ("smtp://u:p@mx:2525", 2525)])
def test_the_port_is_the_schemes_own_unless_given(url: str, port: int) -> None:
    assert Smtp(url).port == port
