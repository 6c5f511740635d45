"""A mail taken apart: what mailers really write, and what nobody should."""

from __future__ import annotations

import base64
import time
from email.message import EmailMessage

import pytest

from leadwake.intake.mail.parts import Mail, take_apart


def texts(mail: Mail, kind: str = "text/plain") -> list[str]:
    return [text.strip() for text in mail.texts(kind)]


def test_encoded_words_in_headers_are_read() -> None:
    mail = take_apart(
        b"From: =?utf-8?b?Sm9zw6kgw4FsdmFyZXo=?= <Jose@Example.com>\r\n"
        b'To: "Desk, Leads" <a@x.com>, b@x.com\r\nSubject: =?iso-8859-1?q?Caf=E9?=\r\n =?utf-8?q?_x?=\r\n\r\nhi'
    )

    assert mail.mailboxes("from")[0].name == "José Álvarez"
    assert mail.mailboxes("from")[0].address == "jose@example.com"
    assert [box.address for box in mail.mailboxes("to")] == ["a@x.com", "b@x.com"]
    assert mail.line("subject") == "Café x"


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "utf-16", "koi8-r", "shift_jis", "utf-7"])
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_every_charset_and_encoding_gives_the_text_back(charset: str, encoding: str) -> None:
    text = {"koi8-r": "Привет", "shift_jis": "こんにちは"}.get(charset, "Hello, José")
    body = text.encode(charset)
    if encoding == "base64":
        body = base64.encodebytes(body)
    if encoding == "quoted-printable":
        body = b"".join(b"=%02X" % byte for byte in body)
    head = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"

    if encoding != "8bit" or charset != "utf-16":
        assert texts(take_apart(head.encode() + body)) == [text]


@pytest.mark.parametrize(
    "charset", ["latin-1", "utf-8", "us-ascii", "x-unknown", "rot13", "idna", "unicode_escape", ""]
)
def test_a_charset_that_lies_is_read_as_what_it_is(charset: str) -> None:
    head = f"Content-Type: text/plain; charset={charset}\n\n".encode()

    assert texts(take_apart(head + "it’s José".encode())) == ["it’s José"]
    assert texts(take_apart(head + "it’s José".encode("cp1252"))) == ["it’s José"]


def test_parts_are_found_at_any_depth_and_with_a_missing_end() -> None:
    inner = EmailMessage()
    inner.set_content("plain")
    inner.add_alternative("<p>rich</p>", subtype="html")
    inner.add_attachment(b"<adf/>", maintype="application", subtype="xml", filename="lead.xml")
    outer = EmailMessage()
    outer.set_content("see below")
    outer.add_attachment(inner)
    raw = outer.as_bytes()
    mail = take_apart(raw[: raw.rindex(b"--")])

    assert texts(mail) == ["see below"]
    assert [part.kind for part in mail.parts] == ["text/plain", "message/rfc822"]
    assert [part.kind for part in take_apart(mail.parts[1].text.encode()).parts] == [
        "text/plain", "text/html", "application/xml",
    ]  # fmt: skip


def test_endless_and_nested_bodies_take_bounded_time_and_memory() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(20_000))
    same = b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 50_000
    long_head = b"Subject: " + b"=?utf-8?q?a?= " * 400_000 + b"\n\nx"
    large = b"Content-Type: text/plain\n\n" + b"x" * 20_000_000
    began = time.process_time()
    mails = [take_apart(raw) for raw in (nested, same, long_head, large, b"\n" * 20_000_000, b":" * 20_000_000)]

    assert time.process_time() - began < 5
    assert sum(len(part.text) for mail in mails for part in mail.parts) < 12_000_000
