"""Vendors that fail, answers that get lost, workers that die: each action still ends once, and in a stated place."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP

from leadwake.actions.claims import Claims, claim
from leadwake.actions.outcomes import of_error
from leadwake.errors import Rejected
from leadwake.jobs import Pump
from leadwake.providers.ports import Delivery, DeliveryStatus
from leadwake.workflows import dead_letters, sending
from leadwake.workflows.composing import Errand
from leadwake.workflows.reports import reported
from office_case import House, a_house, until, working

NUMBER, EMAIL = "+18135550142", "ann@example.com"
LEAD = {"name": "Ann Lee", "phone": NUMBER, "email": EMAIL, "message": "the blue house"}


async def _texts_to(house: House, number: str = NUMBER) -> int:
    return len([text for text in await house.texts() if text["To"] == number])


async def _claim(house: House, ids: list[UUID]) -> Claims:
    def judge(row: Any, attempt: UUID, vendor: str, now: Any) -> Any:
        return sending.judge(Errand(house.office, row, attempt, vendor, now))

    return await claim(house.office.db, dict.fromkeys(ids, "twilio"), judge, house.now)


# Claims


async def test_twenty_claimers_of_the_same_actions_get_each_once(idle_house: House) -> None:
    house = idle_house
    for n in range(12):
        await house.post({"name": f"Ann {n}", "phone": f"+1813555{110 + n:04}"})
    ids = [row["id"] for row in await house.rows("select id from action where kind = 'sms'")]
    claimed: Counter[UUID] = Counter()

    async def claimer() -> None:
        rest = ids
        while rest:
            got = await _claim(house, rest)
            claimed.update(found.action_id for found in got.claimed)
            rest = [action_id for _, action_id in got.busy]

    await asyncio.gather(*(claimer() for _ in range(20)))

    assert claimed == dict.fromkeys(ids, 1)


async def test_two_messages_to_one_contact_are_never_under_way_together(idle_house: House) -> None:
    house = idle_house
    for name in ("Ann Lee", "Robert Lee", "Maria Gomez"):
        await house.post({"name": name, "phone": NUMBER})
    ids = [row["id"] for row in await house.rows("select id from action where kind = 'sms' order by created_at")]
    got = await asyncio.gather(*(_claim(house, ids) for _ in range(10)))

    assert len([found for claims in got for found in claims.claimed]) == 1
    assert {row["n"] for row in await house.rows("select count(*) n from action where state = 'sending'")} == {1}


async def test_a_claim_decides_under_the_lock_so_that_a_stop_is_before_or_after_it(idle_house: House) -> None:
    house = idle_house

    async def at_once(n: int) -> None:
        number = f"+1813555{110 + n:04}"
        cause = (await house.post({"name": "Ann Lee", "phone": number})).json()["inquiry_id"]
        action_id = (await house.action(cause, "sms"))["id"]
        stop = asyncio.create_task(house.hear(number, "STOP"))
        await asyncio.sleep(0.002 * n)  # each claim a little later on the stop's way
        got = await _claim(house, [action_id])
        if got.claimed:  # first: the stop waits for it, or for its lease
            await house.rows("update action set lease_until = now() where id = %s", action_id)
        await stop
        action = await house.action(cause, "sms")
        later = await _claim(house, [action_id])

        assert later.claimed == []
        assert action["state"] == ("sending" if got.claimed else "cancelled")

    await asyncio.gather(*(at_once(n) for n in range(8)))  # each waits for a confirmation that nobody sends here
    assert (await house.ledger()).problems == []


# Vendors that fail


@pytest.mark.parametrize("mode", ["error", "throttle"])
async def test_what_a_failing_vendor_did_not_take_goes_out_when_it_is_back(house: House, mode: str) -> None:
    await house.behave("twilio", mode=mode)
    receipt = (await house.post(LEAD)).json()
    await house.reaches(receipt["inquiry_id"], "email", "sent", "delivered")
    await until(lambda: house.rows("select 1 from attempt where event in ('failed', 'throttled')"))
    assert (await house.action(receipt["inquiry_id"], "sms"))["state"] == "planned"
    await house.behave("twilio", mode="ok")
    text = await house.reaches(receipt["inquiry_id"], "sms", "sent", "delivered")

    assert await _texts_to(house) == 1
    assert not text["possible_duplicate"]
    assert text["taken"] == 1, "what was refused costs nothing"
    assert (await house.ledger()).problems == []


async def test_a_text_taken_without_an_answer_is_found_in_the_vendors_list(house: House) -> None:
    await house.behave("twilio", mode="cut", callbacks=False)
    receipt = (await house.post(LEAD)).json()
    await until(lambda: _texts_to(house))
    await house.behave("twilio", mode="ok", callbacks=False)
    assert (await house.action(receipt["inquiry_id"], "sms"))["state"] == "sending"
    await house.leases_pass()
    text = await house.reaches(receipt["inquiry_id"], "sms", "sent")

    assert text["vendor_ref"].startswith("SM")
    assert (await _texts_to(house), text["possible_duplicate"]) == (1, False)


async def test_a_text_in_nobodys_list_is_sent_once_more_and_marked(idle_house: House) -> None:
    house = idle_house
    cause = (await house.post(LEAD)).json()["inquiry_id"]
    action_id = (await house.action(cause, "sms"))["id"]
    assert (await _claim(house, [action_id])).claimed  # and this worker dies
    async with working(house.office):
        for checks in (1, 2):
            await house.leases_pass()
            if checks == 1:
                await until(lambda: house.rows("select 1 from action where id = %s and checks = 1", action_id))
        text = await house.reaches(cause, "sms", "sent", "delivered")

    assert (text["possible_duplicate"], text["resends"], await _texts_to(house)) == (True, 1, 1)
    assert (await house.ledger()).problems == []


async def test_what_nobody_can_be_asked_about_becomes_a_persons_question_and_never_a_second_text(house: House) -> None:
    await house.behave("twilio", mode="cut", callbacks=False)
    receipt = (await house.post(LEAD)).json()
    await until(lambda: _texts_to(house))
    await house.behave("twilio", mode="error")
    await house.rows("update action set lease_until = lease_until - interval '1 hour' where state = 'sending'")
    await house.leases_pass()
    text = await house.reaches(receipt["inquiry_id"], "sms", "unknown")
    await house.behave("twilio", mode="ok", callbacks=False)

    assert await _texts_to(house) == 1
    report = Delivery(
        "twilio", "x", DeliveryStatus.DELIVERED, "SM" + "a" * 32, str(text["id"]), str(text["attempt_id"])
    )
    await reported(house.office, [report], lambda _: False)
    assert (await house.action(receipt["inquiry_id"], "sms"))["state"] == "delivered"


async def test_a_crm_record_nobody_confirmed_is_written_again_and_stays_one(house: House) -> None:
    await house.behave("hubspot", mode="cut")
    receipt = (await house.post(LEAD)).json()
    await until(lambda: house.rows("select 1 from action where kind = 'crm' and attempts > 0 and state = 'planned'"))
    await house.behave("hubspot", mode="ok")
    record = await house.reaches(receipt["inquiry_id"], "crm", "sent")

    assert record["attempts"] > 1
    assert not record["possible_duplicate"]


class Mailbox:
    """A real SMTP server's handler: keeps what it is given."""

    def __init__(self) -> None:
        self.got: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        self.got.append(envelope.content.decode())
        return "250 taken"


@asynccontextmanager
async def a_house_with_two_mailers(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[House, Mailbox]]:
    """SendGrid in practice, and an SMTP server behind it."""
    mailbox = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(mailbox), "127.0.0.1", 0)
    smtp = {"SMTP_URL": f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}", "SENDGRID_FROM": "team@example.org"}
    try:
        async with a_house(database_url, tmp_path / "data", **smtp) as house:
            yield house, mailbox
    finally:
        server.close()


async def test_the_second_mail_provider_takes_over_while_the_first_fails(database_url: str, tmp_path: Path) -> None:
    async with a_house_with_two_mailers(database_url, tmp_path) as (house, mailbox):
        await house.behave("sendgrid", mode="error")
        causes = [
            (await house.post({"name": f"Ann {n}", "email": f"ann{n}@example.com"})).json()["inquiry_id"]
            for n in range(8)
        ]
        mails = [await house.reaches(cause, "email", "sent", "delivered") for cause in causes]
        to_leads = Counter(n for n in range(8) for mail in mailbox.got if f"ann{n}@example.com" in mail)

        assert {mail["vendor"] for mail in mails} == {"smtp"}
        assert to_leads == dict.fromkeys(range(8), 1)
        assert (await house.rows("select state from vendor_state where vendor = 'sendgrid'"))[0]["state"] == "open"


async def test_a_mail_of_unknown_outcome_never_falls_over_to_the_second_provider(
    database_url: str, tmp_path: Path
) -> None:
    async with a_house_with_two_mailers(database_url, tmp_path) as (house, mailbox):
        await house.behave("sendgrid", mode="cut", callbacks=False)
        cause = (await house.post({"name": "Ann Lee", "email": EMAIL})).json()["inquiry_id"]
        await until(lambda: _mails_to(house, EMAIL))
        await house.behave("sendgrid", mode="error")
        for n in range(6):  # the circuit opens over others' mail, which the second provider takes
            await house.post({"name": f"Bob {n}", "email": f"bob{n}@example.com"})
        await until(lambda: house.rows("select 1 from vendor_state where vendor = 'sendgrid' and state = 'open'"))
        await house.leases_pass()
        await until(lambda: house.rows("select 1 from attempt where event = 'resend'"))
        await until(lambda: house.rows("select 1 from action where vendor = 'smtp' and state = 'sent'"))
        await house.behave("sendgrid", mode="ok", callbacks=False)
        for _ in range(20):
            house.advance(timedelta(seconds=35))
            await asyncio.sleep(0.4)
            if (await house.action(cause, "email"))["state"] == "sent":
                break
        mail = await house.reaches(cause, "email", "sent", "delivered")

        assert (mail["vendor"], mail["possible_duplicate"]) == ("sendgrid", True)
        assert not [given for given in mailbox.got if EMAIL in given]
        ids = {sent["personalizations"][0]["headers"]["Message-ID"] for sent in await _mails_to(house, EMAIL)}
        assert len(ids) == 1


async def _mails_to(house: House, address: str) -> list[dict[str, Any]]:
    return [mail for mail in await house.mails() if mail["personalizations"][0]["to"][0]["email"] == address]


async def test_whom_the_vendor_knows_to_have_opted_out_has_opted_out_with_us(idle_house: House) -> None:
    """Twilio's 21610; the sandbox refuses it only for numbers that our own gate already refuses."""
    house = idle_house
    cause = (await house.post(LEAD)).json()["inquiry_id"]
    (claimed,) = (await _claim(house, [(await house.action(cause, "sms"))["id"]])).claimed
    refusal = Rejected("unsubscribed recipient", vendor="twilio", code="21610", opted_out=True)
    result = of_error(claimed.action_id, claimed.attempt_id, 0, refusal, house.now)
    assert result is not None
    async with working(house.office) as workers:
        workers._settler.put(result)
        await until(lambda: house.rows("select 1 from contact_point where opted_out_by = 'vendor'"))
        again = (await house.post({**LEAD, "message": "again"})).json()["inquiry_id"]
        text = await house.reaches(again, "sms", "blocked")

    assert text["reason"] == "opted_out"
    assert len(await house.rows("select 1 from event where kind = 'opted_out'")) == 1
    assert (await house.ledger()).problems == []


# Dead letters


async def test_what_a_vendor_refuses_for_good_waits_for_a_person_and_goes_when_they_say(
    database_url: str, tmp_path: Path
) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False) as house:
        known = house.office.base_settings.practice_values
        assert isinstance(known, dict)
        known["TWILIO_FROM"] = "+15005550001"  # a number that cannot be
        receipt = (await house.post(LEAD)).json()
        async with working(house.office):
            text = await house.reaches(receipt["inquiry_id"], "sms", "dead")
            assert "21212" in text["reason"]
        assert (await house.ledger()).actions["dead"] == 2  # the agent's alert, too
        known["TWILIO_FROM"] = "+15005550006"
        async with working(house.office):
            assert await dead_letters.replay(house.office, None, "user x") == 2
            assert await dead_letters.replay(house.office, text["id"], "user x") == 0
            await house.reaches(receipt["inquiry_id"], "sms", "sent", "delivered")

        assert await _texts_to(house) == 1
        assert (await house.ledger()).problems == []


async def test_a_replay_asks_the_gate_again(idle_house: House) -> None:
    house = idle_house
    receipt = (await house.post(LEAD)).json()
    await house.rows("update action set state = 'dead', due_at = null, settled_at = now() where kind = 'sms'")
    await house.hear(NUMBER, "STOP")
    await dead_letters.replay(house.office, None, "user x")
    async with working(house.office):
        text = await house.reaches(receipt["inquiry_id"], "sms", "blocked")

    assert text["reason"] == "opted_out"
    assert await _texts_to(house) == 0


# Jobs are wake-ups only


async def test_losing_every_job_loses_nothing(idle_house: House) -> None:
    house = idle_house
    receipts = [(await house.post({"name": f"Ann {n}", "phone": f"+1813555{110 + n:04}"})).json() for n in range(10)]
    await house.rows("truncate procrastinate_jobs cascade")
    await house.rows("update action set wake_at = now() where state = 'planned'")  # eight seconds later
    async with working(house.office):
        for receipt in receipts:
            await house.reaches(receipt["inquiry_id"], "sms", "sent", "delivered")

    assert Counter(text["To"] for text in await house.texts()).most_common(2)[1][1] == 1
    assert (await house.ledger()).problems == []


async def test_a_job_of_a_worker_that_died_is_taken_over(idle_house: House) -> None:
    house = idle_house
    receipt = (await house.post(LEAD)).json()
    await house.rows(
        "with dead as (insert into procrastinate_workers (last_heartbeat) values (now() - interval '9 seconds') "
        "returning id) update procrastinate_jobs set status = 'doing', worker_id = (select id from dead)"
    )
    async with working(house.office):
        await house.reaches(receipt["inquiry_id"], "sms", "sent", "delivered")

    assert await house.rows("select 1 from procrastinate_jobs where status = 'doing'") == []


async def test_one_process_pumps_at_a_time_and_wakes_each_action_once_in_a_while(idle_house: House) -> None:
    house = idle_house
    for n in range(5):
        await house.post({"name": f"Ann {n}", "phone": f"+1813555{110 + n:04}"})
    await house.rows("truncate procrastinate_jobs cascade")
    await house.rows("update action set wake_at = now() where state = 'planned'")
    turns = await asyncio.gather(*(Pump(house.office.db, house.office.clock).tick() for _ in range(4)))
    jobs = await house.rows("select args from procrastinate_jobs")
    woken = Counter(str(found) for job in jobs for ids in job["args"]["actions"].values() for found in ids)

    assert True in turns
    assert woken
    assert set(woken.values()) == {1}


async def test_what_was_planned_in_practice_is_never_sent_in_earnest(idle_house: House) -> None:
    house = idle_house
    receipt = (await house.post(LEAD)).json()
    live = {"TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "TWILIO_AUTH_TOKEN": "real", "TWILIO_FROM": "+15005550006"}
    base = house.office.base_settings
    values = {**base.values, **live, "TWILIO_URL": f"{base.sandbox_url}/twilio"}
    object.__setattr__(base, "values", values)
    await house.office.refresh()
    async with working(house.office):
        text = await house.reaches(receipt["inquiry_id"], "sms", "cancelled")
        later = (await house.post({**LEAD, "message": "again"})).json()
        await house.reaches(later["inquiry_id"], "sms", "sent", "delivered")

    assert text["reason"] == "planned_in_practice"
    assert await _texts_to(house) == 1
