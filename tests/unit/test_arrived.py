"""What a mail that came in is to us: a person's, a machine's, one of ours given back; and what is kept of it."""

from __future__ import annotations

import time
from email.message import EmailMessage
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadwake.intake.arrived import arrived
from leadwake.intake.attachments import KEPT_BYTES, without_files
from leadwake.intake.inbound_parse import Envelope

OURS = UUID("0190a000-0000-7000-8000-000000000001")


def a_mail(text: str = "Is it still free?", **headers: str) -> bytes:
    mail = EmailMessage()
    given = {"From": "Ann Lee <ann@example.com>", "To": "team@ours.example", "Subject": "The blue house"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    for name, value in given.items():
        mail[name] = value
    mail.set_content(text)
    return mail.as_bytes()


def a_bounce(status: str = "5.1.1", action: str = "failed") -> bytes:
    return "\r\n".join([
        "From: Mail Delivery System <MAILER-DAEMON@mx.example.net>", "To: hello@ours.example",
        "Subject: Undelivered Mail Returned to Sender", "Auto-Submitted: auto-replied",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "", "--b", "",
        "I am sorry.", "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example.net", "",
        "Final-Recipient: rfc822; ann@example.com", f"Action: {action}", f"Status: {status}", "--b",
        "Content-Type: text/rfc822-headers", "", f"Message-ID: <{OURS}@ours.example>", "Subject: Hello", "--b--", "",
    ]).encode()  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "machine"),
    [
        ({}, ""),
        ({"Auto_Submitted": "no"}, ""),
        ({"Auto_Submitted": "auto-replied (vacation)"}, "auto_reply"),
        ({"X_Autoreply": "yes"}, "auto_reply"),
        ({"Precedence": "auto_reply"}, "auto_reply"),
        ({"Return_Path": "<>"}, "auto_reply"),
        ({"Subject": "Automatic reply: The blue house"}, "auto_reply"),
        ({"Subject": "Fuera de la oficina: casa"}, "auto_reply"),
        ({"Precedence": "bulk"}, "list"),
        ({"List_Id": "News <news.example.com>"}, "list"),
        ({"List_Unsubscribe": "<https://example.com/u>"}, "list"),
        ({"From": "MAILER-DAEMON@example.com"}, "bounce"),
        ({"X_Failed_Recipients": "ann@example.com"}, "bounce"),
    ],
)
def test_what_wrote_a_mail_is_told_by_its_headers(headers: dict[str, str], machine: str) -> None:
    assert arrived(a_mail(**headers), Envelope()).machine == machine


def test_an_empty_envelope_sender_is_a_machine_whatever_the_headers_say() -> None:
    assert arrived(a_mail(), Envelope("")).machine == "auto_reply"
    assert arrived(a_mail(), Envelope("ann@example.com")).machine == ""


def test_a_group_of_the_teams_own_is_no_mailing_list() -> None:
    mail = a_mail(List_Id="Sales <sales.ours.example>", Precedence="list")

    assert arrived(mail, Envelope(), "ours.example").machine == ""
    assert arrived(mail, Envelope(), "another.example").machine == "list"


def test_a_mail_names_those_of_ours_that_it_answers() -> None:
    found = arrived(a_mail(In_Reply_To=f"<{OURS}@ours.example>", References="<x@y> <not-ours@z>"), Envelope())

    assert found.answers == (OURS,)


def test_a_mail_given_back_for_good_names_it_and_a_delay_does_not() -> None:
    assert arrived(a_bounce(), Envelope("")).gave_back == (OURS,)
    assert arrived(a_bounce(), Envelope("")).machine == "bounce"
    for passing in (a_bounce("4.2.2"), a_bounce("5.0.0", "delayed")):
        assert arrived(passing, Envelope("")).gave_back == ()


def test_the_envelope_says_where_a_mail_went() -> None:
    found = arrived(a_mail(), Envelope("ann@example.com", ["Team+abc@Ours.example"]))

    assert found.recipients == ("team+abc@ours.example", "team@ours.example")


def test_a_mail_without_an_id_is_known_by_its_bytes() -> None:
    assert arrived(a_mail(), Envelope()).id == arrived(a_mail(), Envelope()).id
    assert arrived(a_mail("Another"), Envelope()).id != arrived(a_mail(), Envelope()).id
    assert arrived(a_mail(Message_ID="<a@b>"), Envelope()).id == "a@b"


# What is kept


def test_files_are_named_and_not_kept() -> None:
    mail = EmailMessage()
    mail["From"] = "ann@example.com"
    mail.set_content("See the pictures")
    mail.add_attachment(b"\x89PNG" * 100_000, maintype="image", subtype="png", filename="../../küche.png")
    mail.add_attachment(b"<adf/>", maintype="application", subtype="xml", filename="lead.xml")
    found = arrived(mail.as_bytes(), Envelope())

    assert found.files == ("küche.png", "lead.xml")
    assert len(found.kept) < 3_000
    assert b"PGFkZi8+" in found.kept
    assert found.reading.text.strip() == "See the pictures"


def test_what_a_forwarded_mail_holds_is_looked_through_as_well() -> None:
    inner = EmailMessage()
    inner["Subject"] = "Lead"
    inner.set_content("Name: Ann")
    inner.add_attachment(b"%PDF" * 10_000, maintype="application", subtype="pdf", filename="plan.pdf")
    outer = EmailMessage()
    outer.set_content("fyi")
    outer.add_attachment(inner)
    kept, names = without_files(outer.as_bytes())

    assert names == ("plan.pdf",)
    assert b"Name: Ann" in kept
    assert len(kept) < 3_000


def nested(depth: int) -> bytes:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (at, at) for at in range(depth))
    return b"From: ann@example.com\r\n" + head + b"\r\nHello\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        nested(1_000),
        a_mail() + b"\r\n--x" * 5_000_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n" * 500_000,
        b"From: a@example.com\r\n\r\n" + b"x" * 20_000_000,
        b"X" * 20_000_000,
        b"\r\n" * 10_000_000,
    ],
    ids=["nested", "dashes", "parts", "one line", "no header", "blank lines"],
)
def test_no_mail_takes_long_or_is_kept_whole(raw: bytes) -> None:
    began = time.process_time()
    found = arrived(raw, Envelope())

    assert len(found.kept) <= KEPT_BYTES
    assert time.process_time() - began < 8


@given(st.binary(max_size=400))
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    assert arrived(raw, Envelope()).id
    assert arrived(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + raw, Envelope()).id


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=100))
def test_a_mail_of_texts_alone_is_kept_as_it_came(text: str) -> None:
    raw = a_mail(text)

    assert without_files(raw) == (raw, ())
