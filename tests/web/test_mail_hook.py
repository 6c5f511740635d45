"""What SendGrid's Inbound Parse posts to us: believed by its key or signature, and kept whatever it is."""

from __future__ import annotations

import asyncio
import base64
import gzip
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from leadwake.storage import links
from leadwake.web.mail_hooks import PATH
from office_case import House, a_house

SAMPLE = "vendor-specs/samples/sendgrid/inbound_parse_default.multipart.txt"
FORM = {"content-type": "multipart/form-data; boundary=xYzZY"}


async def post(house: House, body: bytes, path: str = PATH, **headers: str) -> httpx.Response:
    return await house.http.post(path, content=body, headers={**FORM, **headers})


def a_form(text: str, *, message_id: str = "1@example.com", extra: bytes = b"") -> bytes:
    fields = {
        "headers": f"Message-ID: <{message_id}>", "from": "Ann Lee <ann@example.com>", "subject": "12 Oak St",
        "text": text, "envelope": '{"to": ["us@in.example.com"], "from": "ann@example.com"}',
        "dkim": "{@example.com : pass}", "SPF": "pass",
    }  # fmt: skip
    pieces = [
        f'--xYzZY\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    return b"".join(pieces) + extra + b"--xYzZY--\r\n"


async def test_the_published_sample_is_a_mail_of_its_sender(idle_house: House, shared: Path) -> None:
    sample = (shared / SAMPLE).read_bytes()
    told = await asyncio.gather(*(post(idle_house, sample) for _ in range(50)))

    assert {answer.status_code for answer in told} == {200}
    assert {answer.json()["outcome"] for answer in told} <= {"lead", "reply"}
    assert await idle_house.rows("select door, outcome from capture") == [{"door": "mail", "outcome": "lead"}]
    [lead] = await idle_house.rows("select id::text from lead")
    read = (await idle_house.http.get(f"/v1/leads/{lead['id']}")).json()
    assert (read["name"], read["email"]) == ("Example User", "test@example.com")
    [asked] = [entry for entry in await idle_house.timeline(lead["id"]) if entry["kind"] == "inquiry"]
    assert asked["body"] == "Testing non-raw\n\nHello Twilio SendGrid!"


async def test_what_is_no_mail_is_answered_and_kept_so_that_it_does_not_come_back(idle_house: House) -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    for body in (b"", b"{}", bomb, bomb):
        answer = await post(idle_house, body, **{"content-encoding": "gzip"})
        assert (answer.status_code, answer.json()) == (200, {"outcome": "unreadable"})

    found = await idle_house.rows("select outcome, reason, length(body) as size from capture")
    assert len(found) == 3
    assert {(row["outcome"], row["reason"]) for row in found} == {("rejected", "unreadable")}
    assert max(row["size"] for row in found) < 70_000


async def test_a_mail_of_twenty_megabytes_is_taken_and_a_larger_one_is_not(idle_house: House) -> None:
    file = b'--xYzZY\r\nContent-Disposition: form-data; name="attachment1"; filename="a.pdf"\r\n\r\n%b\r\n'
    large = await post(idle_house, a_form("Is it free?", extra=file % (b"x" * 20_000_000)))
    too_large = await post(idle_house, a_form("Is it free?", extra=file % (b"x" * 34_000_000)))

    assert (large.status_code, large.json()) == (200, {"outcome": "lead"})
    assert too_large.status_code == 413
    assert (await idle_house.rows("select length(body) as size from capture"))[0]["size"] < 5_000


async def test_parts_a_thousand_deep_are_a_mail_like_any_other(idle_house: House) -> None:
    deep = "".join(f"Content-Type: multipart/mixed; boundary=b{at}\r\n\r\n--b{at}\r\n" for at in range(1_000))
    raw = f"From: ann@example.com\r\nSubject: Hi\r\n{deep}\r\nHello"
    body = f'--xYzZY\r\nContent-Disposition: form-data; name="email"\r\n\r\n{raw}\r\n--xYzZY--'
    answer = await post(idle_house, body.encode())

    assert answer.status_code == 200


async def test_a_wrong_key_or_signature_is_refused_and_the_right_ones_are_taken(idle_house: House) -> None:
    key = links.inbound_key(idle_house.office.vault)
    body = a_form("Is it free?")
    signed = {"x-twilio-email-event-webhook-signature": "AAAA", "x-twilio-email-event-webhook-timestamp": "1"}

    assert (await post(idle_house, body, f"{PATH}?key={key}")).status_code == 200
    assert (await post(idle_house, body, f"{PATH}?key={key[:-1]}")).status_code == 401
    assert (await post(idle_house, body, f"{PATH}?key={key}", **signed)).status_code == 401


async def test_a_live_vendor_is_believed_only_with_the_key_or_its_signature(database_url: str, tmp_path: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    public = base64.b64encode(
        private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).decode()
    live = {"SENDGRID_API_KEY": "SG.x", "SENDGRID_FROM": "hello@ours.example"}
    async with a_house(database_url, tmp_path / "data", at_work=False, now=None, **live) as house:
        key = links.inbound_key(house.office.vault)
        assert (await post(house, a_form("Hello"))).status_code == 401
        assert (await post(house, a_form("Hello"), f"{PATH}?key={key}")).status_code == 200
        house.office.base_settings = type(house.office.base_settings)(
            {**house.office.base_settings.values, "SENDGRID_INBOUND_SECRET": public},
            clock=house.office.base_settings.clock,
        )
        await house.office.refresh()
        assert (await post(house, a_form("Hello"), f"{PATH}?key={key}")).status_code == 401
        stamp = str(int(house.now.timestamp()))
        body = a_form("Hello")
        signature = base64.b64encode(private.sign(stamp.encode() + body, ec.ECDSA(SHA256()))).decode()
        headers = {
            "x-twilio-email-event-webhook-signature": signature, "x-twilio-email-event-webhook-timestamp": stamp,
        }  # fmt: skip
        assert (await post(house, body, **headers)).status_code == 200
        assert (await post(house, body + b"\n", **headers)).status_code == 401


async def test_in_practice_a_mail_is_answered_where_it_is_read(house: House) -> None:
    lead_id = (await house.post({"name": "Ann Lee", "email": "ann@example.com"})).json()["lead_id"]
    await house.settled()
    page = (await house.sandbox.get("/")).text
    [letter] = [part for part in page.split("<article")[1:] if "<p>To ann@example.com</p>" in part]
    ours = letter.partition('name="mail" value="')[2].partition('"')[0]
    for words in ("Sunday at ten?", "STOP"):
        answer = await house.sandbox.post("/answer", data={"mail": ours, "body": words})
        assert answer.status_code == 303, answer.text
    nobodys = await house.sandbox.post("/answer", data={"mail": "x", "body": "Hello"})

    said = [entry["body"] for entry in await house.timeline(lead_id) if entry["kind"] == "reply"]
    assert sorted(said) == ["STOP", "Sunday at ten?"]
    assert (await house.http.get(f"/v1/leads/{lead_id}")).json()["status"] == "opted_out"
    assert nobodys.status_code == 422


async def test_the_database_away_is_a_503_so_that_the_mail_comes_again(idle_house: House) -> None:
    await idle_house.office.db.close()

    assert (await post(idle_house, a_form("Is it free?"))).status_code == 503


@pytest.mark.parametrize("body", [a_form("x" * 300_000), a_form("\0\ud7ff\u202e" * 50), a_form("", message_id="")])
async def test_odd_mails_are_taken_as_well(idle_house: House, body: bytes) -> None:
    assert (await post(idle_house, body)).status_code == 200
