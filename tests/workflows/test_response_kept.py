"""While answers are late something is done by itself, each thing once; and it is undone when they are in time again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from leadwake.domain.slo import HOLD, MAIL_FOR_TEXT, MAIL_SECOND, PAGE_AGAIN
from leadwake.ops import slo, watching
from leadwake.storage import slo as kept
from office_case import House, a_house, hire, until

MINUTE = timedelta(seconds=70)


def _person(n: int) -> dict[str, str]:
    return {"name": f"Ann Lee{n}", "phone": f"+1813555014{n}"}


def _address(n: int) -> str:
    return f"ann{n}@example.com"


async def _known(house: House, count: int) -> None:
    """So many people whose number and address we know, answered some time ago."""
    for n in range(count):
        await house.post(_person(n) | {"email": _address(n), "message": "Is 12 Oak St open?"})
    await house.settled()
    house.advance(timedelta(hours=2))


async def _ask(house: House, n: int, message: str = "And the garden?") -> str:
    """Somebody known asks again, by number alone; the inquiry's id."""
    answer = await house.post(_person(n) | {"message": message})
    return str(answer.json()["inquiry_id"])


async def _mails(house: House) -> Counter[str]:
    return Counter(mail["personalizations"][0]["to"][0]["email"] for mail in await house.mails())


async def _acts(house: House) -> list[tuple[str, bool]]:
    rows = await house.rows("select act, over_at is null as goes_on from slo_act order by began_at, act")
    return [(row["act"], row["goes_on"]) for row in rows]


async def _follows(house: House, *acts: str) -> None:
    """The house knows which acts go on."""

    async def holds() -> bool:
        return house.office.acting == frozenset(acts)

    await until(holds)


async def test_slow_texts_are_replaced_by_mail_the_manager_is_paged_once_and_all_is_undone(house: House) -> None:
    await hire(house.office, name="Mia Boss", email="mia@example.com", phone="+18135550199", role="manager")
    await _known(house, 4)
    before = await _mails(house)
    await watching.watch(house.office)
    assert await _acts(house) == []

    await house.behave("twilio", mode="slow", delay_ms=1_500)
    asked = [await _ask(house, n) for n in range(4)]
    house.advance(MINUTE)
    for _ in range(3):
        await watching.watch(house.office)
    await _follows(house, MAIL_FOR_TEXT)
    for cause in asked:
        in_place = "select id from action where cause_id = %s and kind = 'email' and ordinal = 1"
        assert len(await house.rows(in_place, cause)) == 1
    await house.settled()

    got = await _mails(house) - before
    assert [got[_address(n)] for n in range(4)] == [1, 1, 1, 1]
    subjects = [mail["personalizations"][0].get("subject") or mail["subject"] for mail in await house.mails()]
    assert len([subject for subject in subjects if subject.startswith("Leads wait: 4 of 4")]) == 1
    pages = [text["Body"] for text in await house.texts() if text["Body"].startswith("Leads wait")]
    assert [page.startswith("Leads wait: 4 of 4 had no answer within 60 s") for page in pages] == [True]
    assert "E-mail goes in place of texts that hang." in pages[0]

    await house.behave("twilio", mode="ok")
    house.advance(3 * HOLD)
    await watching.watch(house.office)
    await _follows(house)
    assert await _acts(house) == [("mail_for_text", False), ("page", False)]
    cause = await _ask(house, 0, "One thing more")
    text = await house.reaches(cause, "sms", "sent", "delivered")
    assert text["reason"] is None
    await house.settled()
    assert (await _mails(house) - before)[_address(0)] == 1, "no mail this time: the text went"
    kinds = await house.rows("select kind, data ->> 'act' as act from event where kind like 'slo%%' order by id")
    assert [tuple(row.values()) for row in kinds] == [
        ("slo_acted", "mail_for_text"), ("slo_acted", "page"), ("slo_over", "mail_for_text"),
    ]  # fmt: skip
    assert (await house.ledger()).balanced


async def test_a_text_that_a_mail_replaced_does_not_go_when_the_vendor_is_back(house: House) -> None:
    await _known(house, 8)
    before = await _mails(house)
    texts = await _texts(house)
    await house.behave("twilio", mode="error")
    asked = [await _ask(house, n) for n in range(8)]
    await until(lambda: house.rows("select 1 from vendor_state where vendor = 'twilio' and state = 'open'"))
    house.advance(MINUTE)
    await watching.watch(house.office)
    await house.reaches(asked[0], "sms", "planned", "cancelled")
    await until(lambda: _all_mailed(house, before, 8))
    await house.behave("twilio", mode="ok")
    house.advance(timedelta(minutes=10))
    found = [await house.reaches(cause, "sms", "cancelled") for cause in asked]

    assert {text["reason"] for text in found} == {"mail_instead"}
    assert await _texts(house) == texts
    assert (await house.ledger()).balanced


async def _all_mailed(house: House, before: Counter[str], count: int) -> bool:
    got = await _mails(house) - before
    return sum(got[_address(n)] for n in range(count)) == count


async def _texts(house: House) -> Counter[str]:
    """What leads were texted."""
    return Counter(text["To"] for text in await house.texts() if text["To"].startswith("+1813555014"))


async def test_nothing_is_done_that_is_switched_off(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False, SLO_ACTS="off") as house:
        for n in range(4):
            await house.post(_person(n) | {"email": _address(n)})
        house.advance(MINUTE)
        await watching.watch(house.office)

        assert "response" in await watching.trouble(house.office, house.now)
        assert await _acts(house) == []


async def test_a_burn_that_goes_on_pages_each_hour_and_two_processes_page_no_more_than_one(idle_house: House) -> None:
    house = idle_house
    for hour in range(3):
        for n in range(4):
            await house.post({"name": "Bo", "email": f"bo{hour}{n}@example.com"})
        house.advance(MINUTE)
        await asyncio.gather(*(watching.watch(house.office) for _ in range(4)))
        house.advance(PAGE_AGAIN - MINUTE)

    pages = await house.rows("select began_at from slo_act where act = 'page'")
    assert len(pages) == 3


class Mailbox:
    """A real SMTP server's handler: counts what it is given."""

    def __init__(self) -> None:
        self.got: Counter[str] = Counter()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        self.got.update(envelope.rcpt_tos)
        return "250 taken"


@asynccontextmanager
async def _two_mailers(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[House, Mailbox]]:
    mailbox = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(mailbox), "127.0.0.1", 0)
    smtp = {"SMTP_URL": f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}", "SENDGRID_FROM": "team@example.org"}
    try:
        async with a_house(database_url, tmp_path / "data", **smtp) as house:
            yield house, mailbox
    finally:
        server.close()


async def test_the_second_mailer_goes_first_while_the_first_is_slow_and_no_longer(
    database_url: str, tmp_path: Path
) -> None:
    async with _two_mailers(database_url, tmp_path) as (house, mailbox):
        await house.behave("sendgrid", mode="slow", delay_ms=1_500)
        for n in range(4):
            await house.post({"name": "Cy", "email": f"slow{n}@example.com"})

        async def under_way() -> bool:
            return len(await house.rows("select 1 from action where kind = 'email' and state = 'sending'")) == 4

        await until(under_way)
        house.advance(MINUTE)
        await watching.watch(house.office)
        await _follows(house, MAIL_SECOND)
        cause = (await house.post({"name": "Di", "email": "next@example.com"})).json()["inquiry_id"]
        mail = await house.reaches(cause, "email", "sent", "delivered")
        await house.settled()

        assert mail["vendor"] == "smtp"
        assert mailbox.got["next@example.com"] == 1
        assert not [one for one in mailbox.got if one.startswith("slow")], "under way at the first: never at both"
        (act,) = [
            one for one in await kept.acts(house.office.db, house.now - timedelta(hours=1)) if one.act == MAIL_SECOND
        ]
        assert (act.why["vendor"], act.why["instead"], act.why["blamed"]) == ("sendgrid", "smtp", 4)

        await house.behave("sendgrid", mode="ok")
        house.advance(3 * HOLD)
        await watching.watch(house.office)
        await _follows(house)
        cause = (await house.post({"name": "Ed", "email": "back@example.com"})).json()["inquiry_id"]
        assert (await house.reaches(cause, "email", "sent", "delivered"))["vendor"] == "sendgrid"


async def test_hours_are_counted_once_kept_and_counted_anew_while_they_are_young(idle_house: House) -> None:
    house = idle_house
    for n in range(3):
        await house.post({"name": "Bo", "email": f"bo{n}@example.com"})
    house.advance(MINUTE)
    await kept.keep(house.office.db, house.now, practice=True)
    assert await slo.standing(house.office, house.now) == slo.Objective(0, 3)

    await house.rows("update inquiry set first_touch_at = asked_at")
    await kept.keep(house.office.db, house.now, practice=True)
    assert await slo.standing(house.office, house.now) == slo.Objective(3, 0)

    house.advance(timedelta(hours=8))
    await house.post({"name": "Al", "email": "al@example.com"})
    house.advance(MINUTE)
    await kept.keep(house.office.db, house.now, practice=True)
    await house.rows("update inquiry set first_touch_at = null")
    await kept.keep(house.office.db, house.now, practice=True)
    assert await slo.standing(house.office, house.now) == slo.Objective(3, 1), "what is six hours old stays as it was"


@pytest.mark.parametrize("hours", [1, 24 * 29])
async def test_four_weeks_later_the_budget_is_whole_again(idle_house: House, hours: int) -> None:
    house = idle_house
    await house.post({"name": "Bo", "email": "bo@example.com"})
    house.advance(MINUTE)
    await kept.keep(house.office.db, house.now, practice=True)
    house.advance(timedelta(hours=hours))

    assert (await slo.standing(house.office, house.now)).late == (1 if hours == 1 else 0)
