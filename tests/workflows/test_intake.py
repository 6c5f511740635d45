"""Taking leads in: one person is one lead however many requests race, and what cannot be understood is not lost."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from leadwake.errors import InputError
from leadwake.storage import ledger
from leadwake.workflows import intake
from leadwake.workflows.office import Office
from office_case import House, rows, until

PHONE, EMAIL = "(813) 555-0142", "ann@example.com"


async def _race(office: Office, leads: list[dict[str, Any]]) -> list[str]:
    """All at once; the lead each became."""
    receipts = await asyncio.gather(*(intake.receive_lead(office, msgspec.json.encode(lead)) for lead in leads))
    assert all(receipt.lead_id for receipt in receipts)
    book = await ledger.read(office.db, office.clock.now())
    assert book.problems == []
    assert book.captures["lead"] + book.captures["known"] == len(leads)
    assert book.captures["lead"] == len({receipt.lead_id for receipt in receipts})
    return [str(receipt.lead_id) for receipt in receipts]


@pytest.mark.parametrize("seed", [1])
@pytest.mark.parametrize(
    "ways",
    [
        [{"phone": PHONE, "email": EMAIL}],
        [{"phone": PHONE}],
        [{"email": EMAIL}],
        [{"phone": PHONE}, {"phone": "+1 813 555 0142", "email": EMAIL}],
        [{"phone": PHONE, "email": EMAIL}, {"phone": PHONE, "email": "a.lee@example.org"}],
        [{"phone": PHONE, "email": EMAIL}, {"phone": "(813) 555-0143", "email": "ANN@example.com"}],
    ],
    ids=["both", "phone", "email", "phone then both", "two addresses", "two numbers"],
)
async def test_twenty_requests_of_one_person_at_once_make_one_lead(
    office: Office, ways: list[dict[str, str]], seed: int
) -> None:
    names = ["Ann Lee", "ann lee", "Lee, Ann", "Annie Lee"]
    leads = [{"name": names[n % 4], "message": f"house {n}", **ways[n % len(ways)]} for n in range(20)]
    random.Random(seed).shuffle(leads)
    found = await _race(office, leads)

    assert len(set(found)) == 1


async def test_a_household_at_one_number_stays_apart_under_a_race(office: Office) -> None:
    names = ["Ann Lee", "Robert Lee", "Maria Gomez"]
    leads = [{"name": names[n % 3], "phone": PHONE, "message": f"house {n}"} for n in range(21)]
    found = await _race(office, leads)

    assert [len(set(found[n::3])) for n in range(3)] == [1, 1, 1]
    assert len(set(found)) == 3


async def test_people_of_one_name_stay_apart_under_a_race(office: Office) -> None:
    leads = [{"name": "Ann Lee", "phone": f"(813) 555-01{n:02}", "message": "hi"} for n in range(20)]
    found = await _race(office, leads)

    assert len(set(found)) == 20


async def test_two_people_naming_each_others_contacts_in_opposite_order_do_not_lock_each_other_up(
    office: Office,
) -> None:
    one = {"name": "Ann Lee", "phone": PHONE, "email": "bob@example.com"}
    other = {"name": "Bob Ray", "phone": "(813) 555-0143", "email": EMAIL}
    crossed = {"name": "Ann Lee", "phone": "(813) 555-0143", "email": "bob@example.com"}
    again = {"name": "Bob Ray", "phone": PHONE, "email": EMAIL}
    leads = [{**lead, "message": str(n)} for n, lead in enumerate([one, other, crossed, again] * 6)]
    found = await _race(office, leads)

    assert len(set(found)) == 2


async def test_an_inquirys_own_time_is_believed_for_three_days_back_and_five_minutes_ahead(office: Office) -> None:
    now = office.clock.now()
    cases = {
        timedelta(hours=-71): True, timedelta(hours=-73): False, timedelta(minutes=4): True,
        timedelta(minutes=6): False, timedelta(days=-3000): False,
    }  # fmt: skip
    for n, (away, believed) in enumerate(cases.items()):
        claimed = now + away
        lead = {"name": "Ann Lee", "email": f"ann{n}@example.com", "received_at": claimed.isoformat()}
        receipt = await intake.receive_lead(office, msgspec.json.encode(lead))
        asked_at = (await rows(office.db, "select asked_at from inquiry where id = %s", receipt.inquiry_id))[0][
            "asked_at"
        ]

        assert asked_at == claimed if believed else abs(asked_at - now) < timedelta(minutes=2)


# What cannot be understood


async def _state(house: House, inquiry_id: str) -> dict[str, Any]:
    found = await house.rows("select outcome, reason, lead_id, tries from capture where id = %s", UUID(inquiry_id))
    return found[0]


async def test_a_lead_whose_known_record_is_damaged_is_kept_acknowledged_and_understood_once_it_is_mended(
    house: House,
) -> None:
    first = (await house.post({"name": "Ann Lee", "phone": PHONE, "message": "one"})).json()
    await house.settled()
    await house.rows("create table whole as select id, sealed_profile from lead")
    await house.rows("update lead set sealed_profile = '\\x00' || sealed_profile")
    answer = await house.post({"name": "Ann Lee", "phone": PHONE, "message": "two"})

    assert answer.status_code == 202
    assert answer.json() == {"lead_id": None, "inquiry_id": answer.json()["inquiry_id"], "duplicate": False}
    await until(lambda: _tried(house, answer.json()["inquiry_id"]))
    assert (await _state(house, answer.json()["inquiry_id"]))["outcome"] == "pending"
    assert (await house.ledger()).problems == []

    await house.rows("update lead l set sealed_profile = w.sealed_profile from whole w where w.id = l.id")
    await _until_understood(house, answer.json()["inquiry_id"])
    assert str((await _state(house, answer.json()["inquiry_id"]))["lead_id"]) == first["lead_id"]
    await house.settled()
    assert (await house.ledger()).problems == []


async def test_a_lead_the_database_refuses_is_kept_and_taken_in_with_all_its_answers_afterwards(house: House) -> None:
    await house.rows("alter table inquiry add constraint refused check (source <> 'trouble')")
    lead = {"name": "Ann Lee", "phone": PHONE, "email": EMAIL, "source": "trouble"}
    answer = await house.post(lead, **{"Idempotency-Key": "k1"})
    again = await house.post(lead, **{"Idempotency-Key": "k1"})

    assert (answer.status_code, answer.json()["lead_id"]) == (202, None)
    assert again.json() == answer.json()
    await house.rows("alter table inquiry drop constraint refused")
    await _until_understood(house, answer.json()["inquiry_id"])
    await house.settled()
    known = await house.post(lead, **{"Idempotency-Key": "k1"})

    assert known.json()["inquiry_id"] == answer.json()["inquiry_id"]
    assert known.json()["lead_id"] is not None
    assert len([text for text in await house.texts() if text["To"] == "+18135550142"]) == 1
    assert len([mail for mail in await house.mails() if _to(mail) == EMAIL]) == 1
    book = await house.ledger()
    assert book.problems == []
    assert book.captures["lead"] == 1


async def test_a_pending_capture_is_understood_once_though_several_workers_try(house: House) -> None:
    await house.rows("alter table inquiry add constraint refused check (source <> 'trouble')")
    answer = (await house.post({"name": "Ann Lee", "phone": PHONE, "source": "trouble"})).json()
    await until(lambda: _tried(house, answer["inquiry_id"]))
    await house.rows("alter table inquiry drop constraint refused")
    receipts = await asyncio.gather(
        *(intake.understand_again(house.office, UUID(answer["inquiry_id"])) for _ in range(8))
    )

    assert len([receipt for receipt in receipts if receipt]) == 1
    assert (await house.rows("select count(*) as n from inquiry"))[0]["n"] == 1


async def test_what_was_refused_for_its_content_is_stored_and_counted(office: Office) -> None:
    for body in (b"{}", b"[1]", b"no json", b'{"name": 7}', b"\xff\xfe"):
        with pytest.raises(InputError):
            await intake.receive_lead(office, body)
    book = await ledger.read(office.db, office.clock.now())
    stored = await rows(office.db, "select reason from capture where outcome = 'rejected'")

    assert book.captures["rejected"] == 5
    assert all(row["reason"].startswith("refused: ") for row in stored)
    assert book.problems == []


async def _tried(house: House, inquiry_id: str) -> bool:
    return bool((await _state(house, inquiry_id))["tries"])


async def _until_understood(house: House, inquiry_id: str) -> None:
    """Real time goes on until the next try."""
    await house.rows("update capture set retry_at = now() where outcome = 'pending'")

    async def holds() -> bool:
        return (await _state(house, inquiry_id))["outcome"] in {"lead", "known"}

    await until(holds)


def _to(mail: dict[str, Any]) -> str:
    return str(mail["personalizations"][0]["to"][0]["email"])
