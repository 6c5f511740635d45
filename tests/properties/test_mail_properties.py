"""Always and never of lead mails: any bytes give a reading, and what a builder wrote comes back."""
# ruff: noqa: E501 - the pieces of mails as they stand

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from html import escape
from xml.sax.saxutils import escape as xml_escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadwake.intake.fields import LIMITS
from leadwake.intake.mail.reading import MailReading, read_mail
from leadwake.intake.mail.values import is_nothing
from leadwake.intake.mail.wish import is_spam
from mail_case import mail, table

NOW = datetime(2026, 3, 3, 22, 5, tzinfo=UTC)
PIECES = st.sampled_from([
    b"From: ", b"To: a@b.com\n", b"Subject: ", b"New lead ", b"\n\n", b"\r\n", b"Name: ", b"Email: a@b.com", b"Phone: 8135550101",
    b"Content-Type: multipart/mixed; boundary=x\n", b"--x\n", b"--x--", b"Content-Type: text/html\n\n", b"<table><tr><td>",
    b"</td>", b"<a href='mailto:", b"Content-Transfer-Encoding: base64\n", b"=?utf-8?b?", b"?=", b"<adf><prospect>", b"<customer>",
    b"<name part='", b"]]>", b"<![CDATA[", b"&#x110000;", b"On a wrote:", b"> ", b"---------- Forwarded message", b"Re: ", b"\xff\x00",
    b"Message:\n", b"Content-Type: text/plain; charset=", b"utf-16", b"idna", b"Date: ", b"1/1/99999", b"99:99", b"\"", b"says: ",
])  # fmt: skip
ANY = st.binary(max_size=200) | st.lists(PIECES | st.binary(max_size=8), max_size=40).map(b"".join)

FIRST = st.sampled_from(["Ann", "José", "Zoë", "Nguyễn", "Anne-Marie", "D'Arcy", "Иван", "Li"])
LAST = st.sampled_from(["Lee", "O'Brien", "Núñez", "van der Berg", "Smith-Jones", "Müller", "Nakamura"])
NAMES = st.builds(lambda first, last: f"{first} {last}", FIRST, LAST)
EMAILS = st.from_regex(
    r"[a-z][a-z0-9]{0,8}(?:[._+-][a-z0-9]{1,6})?@[a-z]{3,9}\.(?:com|org|net)", fullmatch=True
).filter(
    lambda text: text.partition("@")[0].partition("+")[0] not in {"info", "mail", "web", "help", "team", "lead", "form"}
)
PHONES = st.integers(100, 199).flatmap(
    lambda last: st.sampled_from([f"813-555-0{last}", f"(813) 555-0{last}", f"813.555.0{last}", f"+1 813 555 0{last}"])
)
WORDS = st.text(st.sampled_from("abcdefghij klmno pqrst uvwxyz,!?é"), min_size=3, max_size=80).map(str.split)
MESSAGES = WORDS.map(" ".join).filter(
    lambda text: text[:1].isalpha() and len(text.split()) > 1 and not is_nothing(text) and not is_spam(text)
)


def check(reading: MailReading) -> None:
    """Every lead becomes an inquiry that any store takes, and prints as JSON."""
    assert bool(reading.leads) != bool(reading.why)
    for index, lead in enumerate(reading.leads):
        json.dumps(lead.as_json())
        inquiry = reading.inquiry(index, NOW)
        kept = [getattr(inquiry, key, None) for key in LIMITS] + [inquiry.phone_raw, inquiry.email_raw]
        text = json.dumps([*kept, inquiry.extra], allow_nan=False, ensure_ascii=False)
        assert text.encode()
        assert "\\u0000" not in text
        assert inquiry.channel == "portal_email"
        assert inquiry.asked_at.tzinfo is not None
        assert all(len(getattr(inquiry, key, None) or "") <= limit for key, limit in LIMITS.items())


@given(ANY)
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_a_reading(raw: bytes) -> None:
    check(read_mail(raw))


@given(ANY)
@settings(max_examples=60, deadline=None)
def test_any_body_of_a_portals_mail_gives_a_reading(body: bytes) -> None:
    head = b"From: Zillow <leads@zillow.com>\nTo: desk@agency.com\nSubject: New lead\nContent-Type: text/html\n\n"

    check(read_mail(head + b"<p>Name: Ann Lee<p>Email: ann@x.org<p>" + body))


@given(NAMES, EMAILS, PHONES, MESSAGES, st.sampled_from(["lines", "table", "list", "adf"]))
@settings(max_examples=60, deadline=None)
def test_what_a_builder_wrote_comes_back(name: str, email: str, phone: str, message: str, layout: str) -> None:
    fields = {"Name": name, "Email": email, "Phone": phone, "Comments": message}
    if layout == "adf":
        body = (
            f"<adf><prospect><customer><contact><name part='full'>{xml_escape(name)}</name><email>{email}</email><phone>"
            f"{phone}</phone></contact><comments>{xml_escape(message)}</comments></customer></prospect></adf>"
        )
        raw = mail("leads@provider.example.com", "New lead", body)
    elif layout == "lines":
        text = "".join(f"{key}: {value}\n" for key, value in fields.items())
        raw = mail("leads@provider.example.com", "New lead", text)
    elif layout == "table":
        html = table({key: escape(value) for key, value in fields.items()})
        raw = mail("leads@provider.example.com", "New lead", html=html)
    else:
        html = "<dl>" + "".join(f"<dt>{key}</dt><dd>{escape(value)}</dd>" for key, value in fields.items()) + "</dl>"
        raw = mail("leads@provider.example.com", "New lead", html=html)
    lead = read_mail(raw).leads[0]

    assert (lead.name, lead.email, lead.message) == (name, email, message)
    assert lead.phone_e164 == "+1" + "".join(char for char in phone if char.isdigit())[-10:]


@pytest.mark.parametrize("kind", ["plain", "html"])
@pytest.mark.parametrize(
    "piece",
    ["Name: a\n", '"a\n', "12 aaaa\nBbbb\n", "a@", "From: a\nTo: b\n", "<", "<!--", "<table><tr><td>", "<adf><prospect>",
     f"a b{' ' * 4_000}c\n", f"A{' :' * 2_000}\n", "Client\nAnn Lee\n", "name,email,phone\n", '{"a":['],
    ids=lambda piece: piece[:12],
)  # fmt: skip
def test_twenty_megabytes_of_anything_take_bounded_time(piece: str, kind: str) -> None:
    head = f"From: Zillow <l@zillow.com>\nSubject: New lead\nContent-Type: text/{kind}\n\n"
    raw = (head + piece * (20_000_000 // len(piece))).encode()
    began = time.process_time()
    check(read_mail(raw))

    assert time.process_time() - began < 8
