"""Lead mails read: every file of the shared set, a layout each of our own, and the noise beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from leadwake.errors import InputError
from leadwake.intake.doors import understand
from leadwake.intake.mail.reading import MailReading, read_mail
from mail_case import Case, mail
from mail_layouts import LAYOUTS
from mail_leads import LEADS
from mail_more_noise import MORE_NOISE
from mail_noise import NOISE

NOW = datetime(2026, 3, 3, 22, 5, tzinfo=UTC)


def check(reading: MailReading, expected: Mapping[str, Any], extra: Mapping[str, Any]) -> None:
    """The lead has every field as expected; the message holds what is expected of it, or is none."""
    assert len(reading.leads) == 1, reading.why
    got = reading.leads[0].as_json()
    message = expected["message"]

    assert {key: got[key] for key in expected if key != "message"} == {
        key: value for key, value in expected.items() if key != "message"
    }
    assert got["message"] is None if message is None else message in got["message"]
    assert {key: got["extra"].get(key) for key in extra} == dict(extra)


@pytest.mark.parametrize("case", [*LEADS, *LAYOUTS], ids=lambda case: case.name)
def test_the_lead_in_a_mail_is_found_with_all_its_fields(case: Case) -> None:
    assert case.lead is not None
    check(read_mail(case.raw), case.lead, case.extra)


def test_what_a_machine_wrote_below_is_no_part_of_a_message() -> None:
    written = [case for case in LAYOUTS if case.lead and case.lead["message"] and case.lead["source"] != "email"]
    longer = {}
    for case in written:
        assert case.lead is not None
        message = read_mail(case.raw).leads[0].message or ""
        if len(message) > len(case.lead["message"]) + 100:
            longer[case.name] = message

    assert len(written) > 80
    assert longer == {}


@pytest.mark.parametrize("case", [*NOISE, *MORE_NOISE], ids=lambda case: case.name)
def test_noise_is_never_a_lead_and_says_why(case: Case) -> None:
    reading = read_mail(case.raw)

    assert reading.leads == ()
    assert reading.why


def test_every_mail_of_the_shared_set_is_read_as_expected(shared: Path) -> None:
    folder = shared / "data" / "portal_emails"
    files = sorted(folder.glob("*.expected.json"))
    for file in files:
        document = json.loads(file.read_text())
        reading, expected = read_mail((folder / document["file"]).read_bytes()), dict(document["expected"])
        extra = {key: value for key, value in expected.pop("extra").items() if key not in {"note", "trap"}}
        expected["message"] = expected.pop("message_contains")
        if expected.pop("is_lead"):
            check(reading, expected, extra)
        else:
            assert reading.leads == ()

    assert len(files) == 10


def test_the_vendors_samples_are_read(shared: Path) -> None:
    samples = shared / "vendor-specs" / "samples"
    adf = read_mail((samples / "adf" / "minimal.xml").read_bytes()).leads[0]
    realtor = read_mail(
        mail(
            "Realtor.com <leads@realtor.com>",
            "Lead",
            html=(samples / "realtor" / "lead_metadata_email.html").read_text(),
        )
    ).leads[0]

    assert (adf.name, adf.phone, adf.phone_e164) == ("John Doe", "393-999-3922", None)  # 393 is no area code
    assert adf.extra["vehicle"] == "1999 Chevrolet Blazer"
    assert (realtor.name, realtor.email, realtor.phone_e164) == ("John Smith", "jsmith@example.com", "+17035551212")
    assert realtor.property_address == "123 Main Street, Alexandria, VA 22314"
    assert (realtor.message, realtor.extra["mls_id"]) == ("Hello, I am interested in...", "A5712345")


def test_the_door_makes_an_inquiry_of_one_lead_of_a_stored_mail() -> None:
    raw = mail(
        "BoomTown <n@boomtownroi.com>",
        "New lead",
        "Name: Ann Lee\nPhone: 813-555-0101\nZip: 33606\nBudget: $400k\nTimeframe: ASAP\nLead Source: Zillow\n"
        "Message: Call me\nPool: yes",
    )
    inquiry = understand("portal_mail", raw, {"part": "0"}, NOW)

    assert (inquiry.name, inquiry.phone, inquiry.channel, inquiry.source) == (
        "Ann Lee", "+18135550101", "portal_email", "Zillow",
    )  # fmt: skip
    assert (inquiry.postal_code, inquiry.budget, inquiry.timeline) == ("33606", "$400k", "ASAP")
    assert inquiry.message == "Call me"
    assert inquiry.extra == {"via": "BoomTown", "pool": "yes"}
    assert inquiry.asked_at == datetime(2026, 3, 3, 22, 4, 11, tzinfo=UTC)
    assert understand("portal_mail", raw, {}, NOW + timedelta(days=9)).asked_at == NOW + timedelta(days=9)
    for part in ("1", "-1", "x", "²"):
        with pytest.raises(InputError):
            understand("portal_mail", raw, {"part": part}, NOW)


@pytest.mark.parametrize(
    ("text", "interest"),
    [
        ("Lead type: Seller", "sell_home"),
        ("Lead type: Renter", "rent_home"),
        ("I'm interested in: Buying a home", "buy_home"),
        ("Lease length: 12 months", "rent_home"),
        ("Insurance type: Auto", "auto_insurance"),
        ("Service: Gutters", "Gutters"),
        ("Zip: 33606", None),
    ],
)
def test_what_they_want_is_called_as_at_the_other_doors(text: str, interest: str | None) -> None:
    raw = mail("leads@portal.example.com", "New lead", f"Name: Ann Lee\nPhone: 813-555-0101\n{text}\n")

    assert read_mail(raw).inquiry(0, NOW).interest == interest


def test_a_form_that_writes_in_its_visitors_name_is_the_websites() -> None:
    raw = mail("Jo Park <jo@park.com>", "Website inquiry", "Name: Jo Park\nEmail: jo@park.com\nMessage: Call me")
    lead = read_mail(raw).leads[0]

    assert (lead.source, lead.email, lead.message) == ("website", "jo@park.com", "Call me")


def test_the_agents_numbers_are_never_the_leads() -> None:
    raw = mail(
        "Portal <leads@portal.example.com>",
        "New lead",
        "Jo Park\nPrimary Phone: 503.555.0101\nEmail: jo@park.com\n\nListing Agent\nDana Reyes\nPhone: 503-555-0199\n"
        "Email: dana@other.example\n",
    )
    lead = read_mail(raw).leads[0]

    assert (lead.name, lead.phone_e164, lead.email) == ("Jo Park", "+15035550101", "jo@park.com")
    assert "other_phones" not in lead.extra


def test_who_has_no_address_of_their_own_is_written_to_by_the_portals() -> None:
    raw = next(case.raw for case in LEADS if case.name.startswith("craigslist"))

    assert read_mail(raw).inquiry(0, NOW).email == "8d2f0a7c9b1e4f5a8c7d@reply.craigslist.org"


def test_a_reply_gives_what_puts_it_on_its_thread() -> None:
    raw = mail(
        "Jane Doe <jane@example.com>",
        "Re: Your home",
        "Thursday works!\n\nOn Tue, Mar 3, 2026 at 2:04 PM Dana Reyes <dana@agency.example.com>\nwrote:"
        "\n\n> Would you like to schedule a showing?\n",
        headers={"In-Reply-To": "<a1@agency.example.com>", "References": "<a0@x.com> <a1@agency.example.com>"},
    )
    reading = read_mail(raw)

    assert (reading.leads, reading.why) == ((), "reply")
    assert reading.text == "Thursday works!"
    assert (reading.from_address, reading.from_name) == ("jane@example.com", "Jane Doe")
    assert reading.in_reply_to == "a1@agency.example.com"
    assert reading.references == ("a0@x.com", "a1@agency.example.com")
    assert reading.to_addresses == ("leads@agency.example.com",)
    assert reading.subject == "Re: Your home"


def test_half_a_surrogate_in_json_is_no_harm() -> None:
    [lead] = read_mail(
        mail("l@zillow.com", "New lead", '{"name": "Ann \\ud800 Lee", "email": "ann@example.net"}')
    ).leads

    assert (lead.name, lead.email) == ("Ann ? Lee", "ann@example.net")
