"""Mail that comes in: a person's first makes a lead, their answers stand on its thread, and machines make nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import msgspec
import pytest

from leadwake.intake.inbound_parse import Envelope
from leadwake.storage.intake import opened_capture
from leadwake.storage.links import Tag, tagged
from leadwake.workflows import intake
from leadwake.workflows.incoming_mail import Postbox
from leadwake.workflows.office import Office
from office_case import hire, rows

ANN = {"name": "Ann Lee", "phone": "+18135550142", "email": "ann@example.com", "message": "the blue house"}
INBOUND = "reply@in.example.com"


def a_mail(text: str, **headers: str) -> bytes:
    """From Ann, unless told otherwise; the same headers and text are the same mail."""
    mail = EmailMessage()
    given = {
        "From": "Ann Lee <ann@example.com>", "To": INBOUND, "Subject": "Re: The blue house",
        "Message-ID": f"<{abs(hash((text, *headers.items())))}@mail.example.com>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}  # fmt: skip
    for name, value in given.items():
        mail[name] = value
    mail.set_content(text)
    return mail.as_bytes()


def an_adf(*people: str) -> bytes:
    """A portal's mail with a document of these people in it."""
    prospects = ""
    for person in people:
        name, _, address = person.rstrip(">").partition(" <")
        prospects += (
            f"<prospect><customer><contact><name part='full'>{name}</name>"
            f"<email>{address}</email></contact></customer><vendor><vendorname>Ours</vendorname></vendor></prospect>"
        )
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "leads@portal.example", "New lead", f"<{len(people)}@portal>"
    mail.set_content(f"<?xml version='1.0'?><?adf version='1.0'?><adf>{prospects}</adf>")
    return mail.as_bytes()


@pytest.fixture
async def postbox(office: Office) -> Postbox:
    base = office.base_settings
    office.base_settings = replace(base, values={**base.values, "INBOUND_ADDRESS": INBOUND})
    await office.refresh()
    return Postbox(office)


async def known(office: Office, lead: dict[str, str] = ANN) -> UUID:
    """A lead who asked by the API."""
    receipt = await intake.receive_lead(office, msgspec.json.encode(lead))
    assert receipt.lead_id is not None
    return receipt.lead_id


async def point_of(office: Office, lead_id: UUID) -> int:
    found = await rows(
        office.db, "select contact_point_id as id from lead_contact where lead_id = %s and kind = 'email'", lead_id
    )
    return int(found[0]["id"])


async def mail_of(office: Office, lead_id: UUID) -> UUID:
    """The action that is our first mail to them."""
    found = await rows(office.db, "select id from action where lead_id = %s and kind = 'email'", lead_id)
    return UUID(str(found[0]["id"]))


async def messages(office: Office) -> list[dict[str, Any]]:
    """What stands on threads: {lead_id, intent, body, subject, files, from}."""
    found = await rows(
        office.db,
        "select m.lead_id, m.channel, m.intent, m.body, m.heading, k.id, k.kek_id, k.wrapped "
        "from message m join vault.data_key k on k.id = m.data_key_id order by m.at, m.id",
    )
    result = []
    for row in found:
        key = office.vault.open_data_key(row["id"], row["kek_id"], row["wrapped"])
        heading = msgspec.json.decode(key.open(row["heading"], b"message.heading"))
        body = key.open(row["body"], b"message.body").decode()
        result.append({"lead_id": row["lead_id"], "intent": row["intent"], "body": body, **heading})
    return result


async def count(office: Office, table: str) -> int:
    return int((await rows(office.db, f"select count(*) as n from {table}"))[0]["n"])  # type: ignore[arg-type]


async def captures(office: Office) -> list[tuple[str, str, str | None]]:
    found = await rows(office.db, "select door, outcome, reason from capture order by at, id")
    return [(row["door"], row["outcome"], row["reason"]) for row in found]


async def stopped(office: Office) -> dict[str, str | None]:
    found = await rows(office.db, "select kind, opted_out_by from contact_point order by kind")
    return {row["kind"]: row["opted_out_by"] for row in found}


# Who wrote


async def test_a_stranger_who_writes_to_the_team_is_a_lead(office: Office, postbox: Postbox) -> None:
    mail = a_mail("It was good to meet you at the fair.", Subject="The fair")

    assert await postbox.take(mail) == "lead"
    found = await rows(office.db, "select channel, source from lead")
    assert [(row["channel"], row["source"]) for row in found] == [("email", "email")]
    assert await captures(office) == [("mail", "lead", None)]
    planned = await rows(office.db, "select kind from action where purpose <> 'staff' and kind = 'email'")
    assert len(planned) == 1


async def test_an_answer_of_a_lead_stands_on_their_thread_and_makes_no_other(office: Office, postbox: Postbox) -> None:
    lead_id = await known(office)

    assert await postbox.take(a_mail("Sunday would be fine.")) == "reply"
    [said] = await messages(office)
    assert (said["lead_id"], said["intent"], said["body"], said["from"]) == (
        lead_id,
        "reply",
        "Sunday would be fine.",
        "",
    )
    assert said["subject"] == "Re: The blue house"
    assert await count(office, "lead") == 1
    assert await count(office, "inquiry") == 1
    lead = (await rows(office.db, "select status, paused_why from lead"))[0]
    assert (lead["status"], lead["paused_why"]) == ("replied", "replied")
    told = await rows(office.db, "select kind from action where kind like 'reply_alert%%' and state = 'planned'")
    assert {row["kind"] for row in told} == {"reply_alert_sms", "reply_alert_email", "reply_alert_slack"}


@pytest.mark.parametrize("way", ["tag", "In-Reply-To", "References"])
async def test_who_answers_from_another_address_is_known_by_what_they_answer(
    office: Office, postbox: Postbox, way: str
) -> None:
    lead_id = await known(office)
    ours = f"<{await mail_of(office, lead_id)}@practice.example.com>"
    to = tagged(office.vault, Tag.REPLY, await point_of(office, lead_id), INBOUND) if way == "tag" else INBOUND
    headers = {} if way == "tag" else {way.replace("-", "_"): ours}
    mail = a_mail("It's me, from work.", From="ann.lee@work.example.com", To=to.upper(), **headers)

    assert await postbox.take(mail) == "reply"
    [said] = await messages(office)
    assert (said["lead_id"], said["from"]) == (lead_id, "ann.lee@work.example.com")


WISH = "Hi, I would like to schedule a tour of 12 Oak St this weekend. Please call me."


async def test_a_lead_who_asks_anew_by_mail_stands_on_their_thread(office: Office, postbox: Postbox) -> None:
    await known(office)

    assert await postbox.take(a_mail(WISH, Subject="Tour of 12 Oak St")) == "reply"
    assert await count(office, "inquiry") == 1
    assert [said["body"] for said in await messages(office)] == [WISH]


async def test_what_a_portal_says_of_a_known_lead_is_their_inquiry(office: Office, postbox: Postbox) -> None:
    lead_id = await known(office)

    assert await postbox.take(an_adf("Ann Lee <ann@example.com>")) == "lead"
    found = await rows(office.db, "select lead_id, channel from inquiry order by asked_at, channel")
    assert {(row["lead_id"], row["channel"]) for row in found} == {(lead_id, "api"), (lead_id, "portal_email")}


async def test_several_leads_in_a_mail_are_a_capture_each_that_knows_of_no_other(
    office: Office, postbox: Postbox
) -> None:
    mail = an_adf("Ann Lee <ann@example.com>", "Bo Ray <bo@example.com>")
    for _ in range(2):
        assert await postbox.take(mail) == "lead"

    assert await captures(office) == [("mail_lead", "lead", None)] * 2
    found = await rows(
        office.db,
        "select c.id, c.door, c.source, c.body, k.id as key_id, k.kek_id, k.wrapped "
        "from capture c join vault.data_key k on k.id = c.data_key_id order by c.at, c.id",
    )
    kept = []
    for row in found:
        key = office.vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"])
        raw = opened_capture(key, row["body"], capture_id=row["id"], door=row["door"], source=row["source"])
        kept.append({name for name in (b"ann@", b"bo@") if name in raw.body})
        assert intake.understand(raw, office.clock.now()).email is not None
    assert sorted(kept, key=str) == [{b"ann@"}, {b"bo@"}]


async def test_the_envelope_is_believed_where_the_header_hides_us(office: Office, postbox: Postbox) -> None:
    lead_id = await known(office)
    to = tagged(office.vault, Tag.REPLY, await point_of(office, lead_id), INBOUND)
    mail = a_mail("Yes please.", From="other@example.com", To="undisclosed@example.com")

    assert await postbox.take(mail, Envelope("other@example.com", [to])) == "reply"


async def test_a_tag_that_we_did_not_make_is_worth_nothing(office: Office, postbox: Postbox) -> None:
    lead_id = await known(office)
    to = tagged(office.vault, Tag.REPLY, await point_of(office, lead_id), INBOUND)
    forged = to.replace("+r", "+u")
    await postbox.take(a_mail("Hello", From="eve@example.com", To=forged, Subject="unsubscribe"))

    assert (await stopped(office))["email"] is None
    assert await messages(office) == []


async def test_what_the_team_writes_is_no_lead(office: Office, postbox: Postbox) -> None:
    await hire(office, name="Eli", email="eli@ours.example", phone="+18135550102")
    for sender in ("eli@ours.example", INBOUND, office.settings.mail_from):
        for text in ("Please call Ann.", WISH):
            await postbox.take(a_mail(text, From=sender, Subject="Ann"))

    assert await count(office, "lead") == 0
    assert {reason for _, _, reason in await captures(office)} == {"of the team"}


async def test_our_own_mail_come_back_is_no_reply(office: Office, postbox: Postbox) -> None:
    ours = await mail_of(office, await known(office))
    mail = a_mail("Thank you for asking.", Message_ID=f"<{ours}@practice.example.com>", From="x@example.com")

    assert await postbox.take(mail) == "sent by us"
    assert await messages(office) == []


# Machines


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
        ({"Subject": "Out of office: The blue house"}, "auto_reply"),
        ({"List_Id": "<news.example.com>"}, "list"),
        ({"Precedence": "bulk"}, "list"),
        ({"From": "MAILER-DAEMON@example.com"}, "bounce"),
    ],
)
async def test_machines_make_no_lead_and_count_as_no_interest(
    office: Office, postbox: Postbox, headers: dict[str, str], outcome: str
) -> None:
    ours = await mail_of(office, await known(office))
    mail = a_mail("I am away until Monday.", In_Reply_To=f"<{ours}@x.example>", **headers)

    assert await postbox.take(mail) == outcome
    assert (await captures(office))[-1] == ("mail", "rejected", outcome)
    assert await messages(office) == []
    assert (await rows(office.db, "select replied_at, paused_at from lead"))[0] == {
        "replied_at": None,
        "paused_at": None,
    }


async def test_our_mail_given_back_marks_its_address_and_a_strangers_word_does_not(
    office: Office, postbox: Postbox
) -> None:
    ours = await mail_of(office, await known(office))
    await rows(office.db, "update action set state = 'sent', due_at = null, wake_at = null where id = %s", ours)
    for named in (UUID(int=7), ours):
        assert (await rows(office.db, "select 1 from contact_point where bounced_at is not null")) == []
        await postbox.take(_bounce(named), Envelope(""))

    bounced = await rows(office.db, "select kind from contact_point where bounced_at is not null")
    assert [row["kind"] for row in bounced] == ["email"]
    assert (await rows(office.db, "select state from action where id = %s", ours))[0]["state"] == "bounced"


def _bounce(action_id: UUID) -> bytes:
    return "\r\n".join([
        "From: MAILER-DAEMON@mx.example.net", "Subject: Undelivered", f"Message-ID: <{action_id}.b@mx.example.net>",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "", "--b",
        "Content-Type: message/delivery-status", "", "Action: failed", "Status: 5.1.1", "--b",
        "Content-Type: text/rfc822-headers", "", f"Message-ID: <{action_id}@practice.example.com>", "--b--", "",
    ]).encode()  # fmt: skip


# Stops


@pytest.mark.parametrize("text", ["STOP", "Please do not contact me again.", "Ya no me escriban por favor"])
async def test_a_stop_in_any_words_ends_everything_automated(office: Office, postbox: Postbox, text: str) -> None:
    await known(office)
    await postbox.take(a_mail(text))

    assert await stopped(office) == {"email": "mail", "phone": "mail"}
    open_actions = await rows(
        office.db,
        "select kind from action where purpose <> 'staff' and channel <> 'crm' and state in ('planned', 'deferred')",
    )
    assert open_actions == []
    assert (await rows(office.db, "select status from lead"))[0]["status"] == "opted_out"


@pytest.mark.parametrize("way", ["subject", "address", "address, sent by a machine"])
async def test_unsubscribing_by_mail_ends_mail_alone(office: Office, postbox: Postbox, way: str) -> None:
    point = await point_of(office, await known(office))
    if way == "subject":
        mail = a_mail("", Subject="Unsubscribe")
    else:
        more = {"Auto_Submitted": "auto-generated"} if "machine" in way else {}
        to = tagged(office.vault, Tag.UNSUBSCRIBE, point, INBOUND)
        mail = a_mail("", Subject="unsubscribe", To=to, From="robot@mail.example.net", **more)
    for _ in range(2):
        await postbox.take(mail)

    assert await stopped(office) == {"email": "unsubscribed", "phone": None}
    assert [said["intent"] for said in await messages(office)] == ["unsubscribe"]


@pytest.mark.parametrize("text", ["Hello,\n> Reply STOP to opt out.\nSunday is fine.", "> Reply STOP\n\nFine!"])
async def test_what_we_said_ourselves_is_not_what_they_say(office: Office, postbox: Postbox, text: str) -> None:
    await known(office)
    await postbox.take(a_mail(f"On Tue, 3 Mar 2026, Dana wrote:\n{text}"))

    assert (await stopped(office))["email"] is None


async def test_a_stop_below_what_it_answers_is_a_stop(office: Office, postbox: Postbox) -> None:
    await known(office)
    await postbox.take(a_mail("On Tue, 3 Mar 2026, Dana wrote:\n> Thank you for asking.\n\nSTOP contacting me"))

    assert (await stopped(office))["email"] == "mail"


async def test_doubt_pauses_and_asks_a_person(office: Office, postbox: Postbox) -> None:
    await known(office)
    await postbox.take(a_mail("No thanks, not now."))

    assert (await stopped(office))["email"] is None
    assert (await rows(office.db, "select paused_why from lead"))[0]["paused_why"] == "unsure_reply"
    assert await rows(office.db, "select 1 from action where kind = 'reply_alert_email'") != []


async def test_who_wants_no_calls_is_not_called_and_keeps_texts(office: Office, postbox: Postbox) -> None:
    await known(office)
    await postbox.take(a_mail("Please don't call me, text is fine."))

    assert await stopped(office) == {"email": None, "phone": None}
    [phone] = await rows(office.db, "select voice_stopped_at from contact_point where kind = 'phone'")
    assert phone["voice_stopped_at"] is not None


async def test_nobody_comes_back_by_a_mail_that_anybody_could_have_written(office: Office, postbox: Postbox) -> None:
    await known(office)
    await postbox.take(a_mail("STOP"))
    await postbox.take(a_mail("START"))

    assert await stopped(office) == {"email": "mail", "phone": "mail"}


async def test_small_print_below_a_signature_is_no_stop(office: Office, postbox: Postbox) -> None:
    await known(office)
    await postbox.take(a_mail("Sunday at ten is fine.\n\n-- \nAnn Lee\nTo unsubscribe reply STOP"))

    assert (await stopped(office))["email"] is None


# Once


@pytest.mark.parametrize(("text", "door"), [("It was good to meet you.", "mail"), (WISH, "portal_mail")])
async def test_the_same_mail_fifty_times_at_once_is_one_lead_and_nothing_else(
    office: Office, postbox: Postbox, text: str, door: str
) -> None:
    mail = a_mail(text, Subject="12 Oak St")
    told = await asyncio.gather(*(postbox.take(mail) for _ in range(50)))

    assert set(told) <= {"lead", "reply"}
    assert await captures(office) == [(door, "lead", None)]
    assert await messages(office) == []
    assert await count(office, "lead") == 1


async def test_the_same_answer_fifty_times_at_once_is_one_message(office: Office, postbox: Postbox) -> None:
    await known(office)
    mail = a_mail("Sunday would be fine.")
    await asyncio.gather(*(postbox.take(mail) for _ in range(50)))

    assert len(await messages(office)) == 1
    assert len(await rows(office.db, "select 1 from task where kind = 'reply'")) == 1


async def test_mails_out_of_their_order_are_one_lead_and_its_thread(office: Office, postbox: Postbox) -> None:
    first = a_mail("Is 12 Oak St still for sale?", Subject="12 Oak St")
    second = a_mail("And has it a garden?", Subject="Re: 12 Oak St")
    for mail in (second, first, second, first):
        await postbox.take(mail)

    assert await count(office, "lead") == 1
    assert await count(office, "capture") == 1
    assert len(await messages(office)) == 1


async def test_files_are_named_on_the_thread_and_kept_nowhere(office: Office, postbox: Postbox) -> None:
    await known(office)
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "ann@example.com", "Re: plan", "<files@example.com>"
    mail.set_content("See the plan.")
    mail.add_attachment(b"%PDF" * 500_000, maintype="application", subtype="pdf", filename="plan.pdf")
    await postbox.take(mail.as_bytes())

    [said] = await messages(office)
    assert (said["files"], said["body"]) == (["plan.pdf"], "See the plan.")
    assert (await rows(office.db, "select max(length(body)) as n from message"))[0]["n"] < 1_000
