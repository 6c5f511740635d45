"""What SendGrid's Inbound Parse posts: the mail in it is found however it was posted, and nothing breaks the reader."""

from __future__ import annotations

import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.intake.inbound_parse import posted
from leadwake.intake.multipart import parts

MULTIPART = "multipart/form-data; boundary=xYzZY"


def a_form(*fields: tuple[str, str, bytes], eol: bytes = b"\r\n") -> bytes:
    """(name, what else stands in its headers, body)"""
    pieces = [
        b'--xYzZY%bContent-Disposition: form-data; name="%b"%b%b%b%b%b'
        % (eol, name.encode(), more.encode(), eol, eol, body, eol)
        for name, more, body in fields
    ]
    return b"".join(pieces) + b"--xYzZY--" + eol


def opened(mail: bytes) -> EmailMessage:
    found = message_from_bytes(mail, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
@pytest.mark.parametrize("content_type", [MULTIPART, ""])
def test_the_published_sample_is_the_mail_it_shows(shared: Path, eol: bytes, content_type: str) -> None:
    sample = (shared / "vendor-specs/samples/sendgrid/inbound_parse_default.multipart.txt").read_bytes()
    found = posted(sample.replace(b"\n", eol), content_type)

    assert found is not None
    assert found.envelope.sender == "test@example.com"
    assert list(found.envelope.recipients) == ["inbound@inbound.example.com"]
    mail = opened(found.mail)
    assert mail["From"] == "Example User <test@example.com>"
    assert mail["Subject"] == "Testing non-raw"
    assert mail["Date"] == "Wed, 10 Aug 2016 18:10:13 -0700"
    texts = [part.get_content().strip() for part in mail.walk() if part.get_content_maintype() == "text"]
    assert texts == ["Hello Twilio SendGrid!", "<html><body><strong>Hello Twilio SendGrid!</body></html>"]


def test_a_mail_posted_raw_comes_out_as_its_own_bytes() -> None:
    mail = b"From: a@example.com\r\nSubject: Hello\r\n\r\n--not a delimiter\r\nHi \xff\r\n"
    body = a_form(("to", "", b"us@example.com"), ("email", "", mail), ("envelope", "", b'{"to": ["us@example.com"]}'))
    found = posted(body, MULTIPART)

    assert found is not None
    assert found.mail == mail
    assert found.envelope.sender is None


def test_each_field_is_read_in_the_charset_it_was_written_in() -> None:
    body = a_form(
        ("from", "", "José Núñez <jose@example.com>".encode()),
        ("subject", "", "¿Sigue en venta?".encode("latin-1")),
        ("text", "", "Mañana".encode("windows-1252")),
        ("charsets", "", b'{"from":"UTF-8","subject":"iso-8859-1","text":"windows-1252","html":5,"cc":"no-such"}'),
        ("cc", "", b"b@example.com"),
    )
    mail = opened(posted(body, MULTIPART).mail)  # type: ignore[union-attr]

    assert mail["From"] == "José Núñez <jose@example.com>"
    assert mail["Subject"] == "¿Sigue en venta?"
    assert mail.get_body().get_content().strip() == "Mañana"  # type: ignore[union-attr]


def test_of_an_attachment_that_can_hold_no_lead_only_the_name_is_kept() -> None:
    picture, lead = b"\x89PNG" * 1000, b"<?adf version='1.0'?><adf/>"
    body = a_form(
        ("text", "", b"See below"),
        ("attachment1", '; filename="house.png"\r\nContent-Type: image/png', picture),
        ("attachment2", '; filename="lead.xml"\r\nContent-Type: application/octet-stream', lead),
    )
    files = list(opened(posted(body, MULTIPART).mail).iter_attachments())  # type: ignore[union-attr]

    assert [file.get_filename() for file in files] == ["house.png", "lead.xml"]
    assert [file.get_content() for file in files] == [b"", lead]


def test_a_field_cannot_add_a_header_of_its_own() -> None:
    body = a_form(("subject", "", b"Hello\r\nAuto-Submitted: auto-replied"), ("text", "", b"Hi"))
    mail = opened(posted(body, MULTIPART).mail)  # type: ignore[union-attr]

    assert mail["Auto-Submitted"] is None
    assert mail["Subject"] == "Hello Auto-Submitted: auto-replied"


def test_a_form_without_files_may_come_urlencoded() -> None:
    found = posted(b"from=a%40example.com&subject=Hi&text=Hello", "application/x-www-form-urlencoded")

    assert found is not None
    assert opened(found.mail)["From"] == "a@example.com"


@pytest.mark.parametrize("body", [b"", b"\x1f\x8b\x08\x00" * 100, b"{}", b"--xYzZY", b"--xYzZY--", a_form()])
def test_a_body_without_a_mail_is_none(body: bytes) -> None:
    assert posted(body, MULTIPART) is None


def test_a_longer_boundary_that_begins_alike_is_somebody_elses() -> None:
    found = parts(a_form(("text", "", b"one\r\n--xYzZYinner\r\ntwo")), MULTIPART)

    assert [part.body for part in found] == [b"one\r\n--xYzZYinner\r\ntwo"]


@given(st.binary(max_size=300), st.sampled_from([MULTIPART, "", "application/x-www-form-urlencoded", "x; boundary=["]))
def test_no_body_breaks_the_reader(body: bytes, content_type: str) -> None:
    for given_body in (body, b"--xYzZY\r\n" + body, a_form(("headers", "", body), ("envelope", "", body))):
        posted(given_body, content_type)


@given(st.lists(st.binary(max_size=60).filter(lambda body: b"xYzZY" not in body), max_size=5))
def test_what_was_put_into_a_form_always_comes_out(bodies: list[bytes]) -> None:
    body = a_form(*((f"f{at}", "", each) for at, each in enumerate(bodies)))

    assert [part.body for part in parts(body, MULTIPART)] == bodies


def test_twenty_megabytes_of_near_delimiters_are_read_in_one_go() -> None:
    body = a_form(("text", "", b"\r\n--xYzZ" * 2_500_000), ("text2", "", b"\r\n--xYzZYx" * 1000))
    began = time.process_time()

    assert len(parts(body, MULTIPART)) == 2
    assert time.process_time() - began < 5
