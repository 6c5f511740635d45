"""Corrections reach whoever got the data; what is restricted is kept and never used; an objection holds at once."""

from __future__ import annotations

from uuid import UUID

import pytest
from privacy_case import HOUSEMATE, MARIA, STRANGER, taken_in

from leadwake.errors import InputError, RuleError
from leadwake.ops import rights
from leadwake.storage import reading
from office_case import House, working


async def contacts_in_crm(house: House) -> list[dict[str, str]]:
    asked = {"filterGroups": [], "properties": ["email", "phone", "firstname", "lastname"], "limit": 100}
    answer = await house.sandbox.post(
        "/hubspot/crm/v3/objects/contacts/search", json=asked, headers={"authorization": "Bearer practice"}
    )
    return [one["properties"] for one in answer.json()["results"]]


async def test_a_correction_changes_the_record_in_the_crm_and_not_a_second_one(house: House) -> None:
    maria = await taken_in(house, MARIA)
    new = rights.correction("Mariana Quintero", "maria.quintero@example.com", "813 555 0155")
    await rights.correct(house.office, UUID(maria), new, "cli")
    await house.settled()
    lead = await reading.lead(house.office.db, house.office.vault, UUID(maria))

    assert lead is not None
    assert (lead.name, lead.email, lead.phone) == (
        "Mariana Quintero", "maria.quintero@example.com", "+18135550155",
    )  # fmt: skip
    [contact] = await contacts_in_crm(house)
    assert contact["email"] == "maria.quintero@example.com"
    assert contact["lastname"] == "Quintero"
    [event] = await house.rows("select data from event where kind = 'corrected'")
    assert event["data"] == {"fields": ["name", "email", "phone"]}
    assert await reading.by_contact(house.office.db, house.office.vault, "phone", MARIA["phone"]) == []
    found = await reading.search(house.office.db, house.office.vault, "quintero")
    assert [one.id for one in found.leads] == [UUID(maria)]
    assert not (await reading.search(house.office.db, house.office.vault, "quintanilla")).leads
    assert (await house.ledger()).problems == []


async def test_a_corrected_number_has_no_consent_of_its_own(house: House) -> None:
    maria = await taken_in(house, MARIA)
    await rights.correct(house.office, UUID(maria), rights.correction(None, None, "8135550155"), "cli")

    rows = await house.rows("select consent from lead_contact where kind = 'phone'")
    assert rows == [{"consent": "none"}]


async def test_another_leads_address_is_not_taken(house: House) -> None:
    maria = await taken_in(house, MARIA)
    await taken_in(house, STRANGER)
    with pytest.raises(RuleError, match="another lead's"):
        await rights.correct(house.office, UUID(maria), rights.correction(None, STRANGER["email"], None), "cli")


def test_a_correction_that_cannot_be_read_names_its_field() -> None:
    with pytest.raises(InputError) as caught:
        rights.correction(None, "nobody", "12")

    assert set(caught.value.reasons) == {"email", "phone"}
    with pytest.raises(InputError, match="say what"):
        rights.correction(None, None, None)


async def test_whoever_is_restricted_is_stored_and_never_processed(idle_house: House) -> None:
    first = await idle_house.post(MARIA)
    lead_id = UUID(first.json()["lead_id"])
    before = (await idle_house.rows("select score from lead"))[0]["score"]
    assert await rights.restrict(idle_house.office, lead_id, "cli", on=True)
    second = await idle_house.post({**MARIA, "message": "ASAP, cash buyer, call me today", "timeline": "this week"})
    async with working(idle_house.office):
        await idle_house.settled()

    states = await idle_house.rows("select distinct state, reason from action order by state")
    assert states == [
        {"state": "blocked", "reason": "restricted"}, {"state": "skipped", "reason": "restricted"},
    ]  # fmt: skip
    assert await idle_house.texts() == []
    assert second.json()["duplicate"] is True
    assert (await idle_house.rows("select score from lead"))[0]["score"] == before
    assert (await idle_house.ledger()).problems == []


async def test_a_restriction_ends_and_is_on_record_both_times(house: House) -> None:
    maria = UUID(await taken_in(house, MARIA))
    await rights.restrict(house.office, maria, "cli", on=True)
    assert not await rights.restrict(house.office, maria, "cli", on=True)
    await rights.restrict(house.office, maria, "cli", on=False)
    again = await house.post({**MARIA, "message": "And another thing"})
    await house.reaches(again.json()["inquiry_id"], "email", "sent", "delivered")

    kinds = [
        row["kind"] for row in await house.rows("select kind from event where kind like '%%restricted' order by id")
    ]
    assert kinds == ["restricted", "unrestricted"]


async def test_an_objection_ends_texts_and_mail_at_once(house: House) -> None:
    maria = await taken_in(house, MARIA)
    await taken_in(house, HOUSEMATE)
    await rights.object_to_marketing(house.office, UUID(maria), "cli")

    points = await house.rows(
        "select p.opted_out_by from contact_point p join lead_contact c on c.contact_point_id = p.id "
        "where c.lead_id = %s::uuid", maria,
    )  # fmt: skip
    assert [row["opted_out_by"] for row in points] == ["objection", "objection"]
    with pytest.raises(RuleError):
        await rights.object_to_marketing(house.office, UUID(int=1), "cli")
