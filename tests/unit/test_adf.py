"""ADF and LeadList documents as they are really sent."""

from __future__ import annotations

import time

import pytest

from leadwake.intake.adf import read_adf
from leadwake.intake.lead_list import read_lead_list
from leadwake.intake.mail.reading import read_mail
from mail_case import mail

PERSON = "<name part='full'>Ann Lee</name><email>ann@example.com</email>"


def prospect(inner: str) -> str:
    return f"<?adf version='1.0'?><adf><prospect>{inner}</prospect></adf>"


def customer(contact: str, more: str = "") -> str:
    return prospect(f"<customer><contact>{contact}</contact>{more}</customer>")


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ("<name part='first'>Ann</name><name part='last'>Lee</name>", "Ann Lee"),
        ("<name part='last'>Lee</name><name part='middle'>Q.</name><name part='first'>Ann</name>", "Ann Q. Lee"),
        ("<name part='first'>Ann</name><name part='surname'>Lee</name>", "Ann Lee"),
        ("<name>Ann Lee</name>", "Ann Lee"),
        ("<name part='full'>Ann Lee</name><name part='first'>Ann</name>", "Ann Lee"),
        ("<name part='full'></name><name part='first'>Ann</name><name part='last'>Lee</name>", "Ann Lee"),
        ("<name part='full' type='business'>Acme</name><name part='full'>Ann Lee</name>", "Ann Lee"),
        ("<name part='full' type='business'>Acme</name>", "Acme"),
        ("<NAME PART=FULL>Ann Lee</NAME>", "Ann Lee"),
        ("<name part='first'>N/A</name><name part='last'>Lee</name>", "Lee"),
    ],
)
def test_a_name_is_put_together_from_its_parts(names: str, name: str) -> None:
    assert read_adf(customer(names + "<email>ann@example.com</email>"))[0].name == name


def test_phones_of_several_types_are_told_apart() -> None:
    lead = read_adf(
        customer(
            "<phone type='fax'>212-555-0100</phone><phone>none</phone><phone type='voice'>212-555-0101</phone>"
            "<phone type='cellphone' preferredcontact='1'>(212) 555-0102</phone><phone>2125550101</phone>"
        )
    )[0]

    assert lead.phone_e164 == "+12125550102"
    assert lead.extra["other_phones"] == ["+12125550101"]


def test_the_vendor_is_never_the_customer() -> None:
    contact = "<contact><name>Dealer</name><email>d@dealer.example</email><phone>2125550100</phone></contact>"
    vendor = f"<vendor>{contact}</vendor>"

    assert read_adf(prospect(vendor)) == []
    assert read_adf(prospect(f"{vendor}<customer><contact>{PERSON}</contact></customer>"))[0].phone is None


def test_every_prospect_of_a_document_is_a_lead_of_its_own() -> None:
    document = "<adf>" + "".join(prospect(f"<id source='X'>{n}</id><customer><contact>{PERSON}</contact></customer>")
                                 for n in range(3)) + "</adf>"  # fmt: skip
    reading = read_mail(mail("leads@provider.example.com", "3 leads", document))

    assert [lead.external_id for lead in reading.leads] == ["0", "1", "2"]
    assert {lead.source for lead in reading.leads} == {"X"}


@pytest.mark.parametrize(
    "document",
    [
        customer(PERSON).replace("?adf", "?ADF VERSION").replace("'1.0'", '"1.0"'),
        customer(PERSON).removesuffix("</prospect></adf>"),
        customer(PERSON).replace("</name>", ""),
        customer(PERSON, "<comments>a & b < c</comments>"),
        "<!DOCTYPE adf SYSTEM 'http://evil.example/x.dtd'>" + customer(PERSON),
        "text above\n" + customer(PERSON) + "\ntext below",
        customer(PERSON).replace("<contact>", "<contact primarycontact=1 x>"),
        customer(PERSON).replace("<", "<a:").replace("<a:/", "</a:").replace("<a:?", "<?"),
        customer(PERSON).replace("<contact>", "").replace("</contact>", ""),
    ],
)
def test_what_is_broken_is_read_as_far_as_it_goes(document: str) -> None:
    lead = read_adf(document)[0]

    assert (lead.name, lead.email, lead.extra["format"]) == ("Ann Lee", "ann@example.com", "ADF")


def test_entities_of_a_document_are_never_opened() -> None:
    bomb = "<!DOCTYPE adf [<!ENTITY a0 'aaaaaaaaaa'>"
    bomb += "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    evil = bomb + "<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + customer(PERSON, "<comments>&a11;&x;</comments>")
    lead = read_adf(evil)[0]

    assert lead.message == "&a11;&x;"
    assert lead.extra["well_formed"] is False


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-05T09:28:48-06:00", "2026-03-05T09:28:48-06:00"),
        ("2026-03-05T09:28:48-0600", "2026-03-05T09:28:48-06:00"),
        ("2026-03-06T15:30:20-08:0", "2026-03-06T15:30:20-08:00"),
        ("3/5/2026 9:28 AM EST", "2026-03-05T09:28:00-05:00"),
        ("2026-13-45T99:99", None),
        ("yesterday", None),
    ],
)
def test_dates_are_read_in_the_forms_they_come_in(text: str, at: str | None) -> None:
    lead = read_adf(customer(PERSON).replace("<customer>", f"<requestdate>{text}</requestdate><customer>"))[0]

    assert (lead.requested_at.isoformat() if lead.requested_at else None) == at
    assert lead.extra["requestdate"] == text


def test_a_trade_in_is_not_the_vehicle_wanted() -> None:
    lead = read_adf(
        prospect(
            "<vehicle interest='trade-in'><year>2010</year><make>Kia</make><model>Rio</model></vehicle>"
            "<vehicle interest='buy'><year>2024</year><make>BMW</make><model>X5</model></vehicle>"
            f"<customer>{PERSON}</customer>"
        )
    )[0]

    assert (lead.extra["vehicle"], lead.extra["trade_in"]) == ("2024 BMW X5", "2010 Kia Rio")


def test_a_portal_in_the_id_found_the_lead_and_the_provider_passed_it_on() -> None:
    both = "<id source='Zillow'>1</id><provider><name>Example CRM</name></provider>"
    lead = read_adf(customer(PERSON).replace("<prospect>", f"<prospect>{both}"))[0]

    assert (lead.source, lead.via) == ("Zillow", "Example CRM")


def test_a_lead_list_names_who_found_the_lead() -> None:
    def document(provider: str, sub: str) -> str:
        return (
            f"<LeadList><Lead><ThisDataProvider><DataProviderName>{provider}</DataProviderName></ThisDataProvider>"
            "<Contact><Name><First>Ann</First><Last>Lee</Last></Name><PhoneList><Phone><Number>none</Number></Phone>"
            "<Phone><Number>212-555-0101</Number><Description>Mobile</Description></Phone></PhoneList></Contact>"
            f"<LeadSource>Website</LeadSource><LeadSubsource>{sub}</LeadSubsource></Lead></LeadList>"
        )

    found = [
        read_lead_list(document(*each))[0]
        for each in (
            ("http://www.ihomefinder.com/", "Zillow"),
            ("https://crm.example.com/x", ""),
            ("ihomefinder.com", ""),
        )
    ]

    assert [(lead.source, lead.via) for lead in found] == [
        ("Zillow", "iHomefinder"), ("crm.example.com", None), ("iHomefinder", None),
    ]  # fmt: skip
    assert found[0].name == "Ann Lee"
    assert found[0].phone_e164 == "+12125550101"


def test_bombs_take_bounded_time() -> None:
    bombs = [
        "<adf>" + "<prospect>" * 200_000,
        "<adf>" + customer(PERSON) * 30_000,
        "<LeadList>" + "<lead><contact>" * 100_000,
        "<adf><!--" * 100_000,
    ]
    began = time.process_time()
    sizes = [len(read_adf(bomb) + read_lead_list(bomb)) for bomb in bombs]

    assert time.process_time() - began < 10
    assert max(sizes) == 200
