"""A person erased is gone from every table, key, file and vendor; their housemate is not; the books balance."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from uuid import UUID

import pytest
from privacy_case import HOUSEMATE, MARIA, REPLY, STRANGER, dump, openable, restored, seen_in, seen_under, taken_in

from leadwake.bootstrap import office_at
from leadwake.errors import RuleError
from leadwake.ops import certificates, erasure, key_change
from leadwake.storage import events, reading, vault_copy
from leadwake.vendors import PRACTICE_VALUES
from leadwake.workflows import intake
from office_case import House, until, working


async def erased(house: House, lead_id: str) -> erasure.Erased:
    return await erasure.erase(house.office, UUID(lead_id), "cli")


async def followed_up(house: House) -> bool:
    """True once every vendor has confirmed."""
    await erasure.follow_up(house.office)
    return not await house.rows(
        "select 1 from action where kind like 'forget%%' and state not in ('sent', 'cancelled') "
        "union all select 1 from action where kind like 'forget%%' and content is not null"
    )


async def confirmed(house: House) -> None:
    """Every order has been carried out; what is not possible yet is due now."""

    async def holds() -> bool:
        # once: what is made due over and over is never due before it is looked at
        await house.rows(
            "update action set due_at = created_at, wake_at = now() where kind like 'forget%%' and due_at > %s",
            house.now,
        )
        return await followed_up(house)

    await until(holds)


async def kept_by_twilio(house: House) -> list[str]:
    """The texts about Maria that the stand-in still lists."""
    account = PRACTICE_VALUES["TWILIO_ACCOUNT_SID"]
    answer = await house.sandbox.get(
        f"/twilio/2010-04-01/Accounts/{account}/Messages.json", auth=(account, PRACTICE_VALUES["TWILIO_AUTH_TOKEN"])
    )
    return [text["body"] for text in answer.json()["messages"] if "Mariaelena" in text["body"]]


async def test_after_an_erasure_and_the_key_change_nothing_of_the_person_is_left_anywhere(
    house: House, tmp_path: Path, database_url: str, template_url: str
) -> None:
    maria = await taken_in(house, MARIA)
    other = await taken_in(house, STRANGER)
    await house.hear("+18135550142", REPLY)
    await events.seal(house.office.db)
    assert seen_in(await openable(house.office, database_url)), "the search finds her while she is here"

    assert len(await house.rows("select 1 from enrichment")) == 2
    before = await dump(database_url, "--exclude-schema=vault")
    done = await erased(house, maria)
    assert await house.rows("select 1 from enrichment where lead_id = %s::uuid", maria) == []
    await confirmed(house)
    await key_change.change(house.office)

    whole = await dump(database_url)
    assert seen_in(whole) == []
    assert seen_in(await openable(house.office, database_url)) == []
    assert seen_under(tmp_path) == {}
    # an older backup, joined with the vault as it is copied now
    [copy, *_] = vault_copy.copies(house.office.settings.vault_dir)
    name = f"r_{done.certificate.hex[:12]}"
    url = await restored(template_url, name, before)
    joined = await vault_copy.join(url, copy.path)
    async with office_at(house.office.settings, url) as office:
        assert seen_in(await openable(office, url)) == [], "dark before anything else is done"
        assert await erasure.reapply(office, joined) == 1
        assert await reading.lead(office.db, office.vault, UUID(maria)) is None
        kept = await reading.lead(office.db, office.vault, UUID(other))
        assert kept is not None
        assert kept.name == STRANGER["name"]
        assert await reading.by_contact(office.db, office.vault, "phone", MARIA["phone"]) == []
        assert (await certificates.read(office, done.certificate)).id == done.certificate
    assert seen_in(await dump(url)) == []
    # the books
    assert (await house.ledger()).problems == []
    await house.rows("select 1")
    assert await events.verify(house.office.db) == []


async def test_the_old_copies_of_the_vault_open_nothing_after_the_key_change(
    house: House, database_url: str, template_url: str, tmp_path: Path
) -> None:
    """An attacker with the master key, a dump and every copy that was ever made, but for the KEK that was destroyed."""
    maria = await taken_in(house, MARIA)
    old = await vault_copy.write(house.office.db, tmp_path / "elsewhere")
    assert old is not None
    await vault_copy.write(house.office.db, house.office.settings.vault_dir)
    await erased(house, maria)
    await key_change.change(house.office)

    left = vault_copy.copies(house.office.settings.vault_dir)
    assert [copy.kek_id for copy in left] == [2]
    keys = [value for kind, value in vault_copy.read(left[0].path) if kind == "data_keys"]
    live = await house.rows("select count(*) as n from vault.data_key")
    assert sum(len(part) for part in keys) == live[0]["n"]
    assert await house.rows("select id from vault.kek") == [{"id": 2}]
    assert {path.stat().st_mode & 0o777 for path in house.office.settings.vault_dir.iterdir()} == {0o600}


async def test_vendors_forget_and_the_certificate_says_when(house: House) -> None:
    maria = await taken_in(house, MARIA)
    assert await kept_by_twilio(house)
    done = await erased(house, maria)
    waiting = certificates.as_text(await certificates.read(house.office, done.certificate))
    await confirmed(house)
    text = certificates.as_text(await certificates.read(house.office, done.certificate))

    assert "not confirmed yet" in waiting
    assert re.search(r"Twilio: confirmed by Twilio at 2026-11-24 17:\d\d:\d\d UTC", text)
    assert re.search(r"HubSpot: confirmed by HubSpot at 2026-11-24 17:", text)
    assert re.search(r"Slack: confirmed by Slack at 2026-11-24 17:", text)
    assert (
        MARIA["name"]
        not in (await house.sandbox.get("/?show=slack")).text.partition('id="slack"')[2].partition('id="crm"')[0]
    )
    assert seen_in(text.encode()) == []
    assert await kept_by_twilio(house) == []
    assert await house.rows("select 1 from erasure where data_key_id is not null") == []
    assert await house.rows("select 1 from attempt where detail ? 'ref' and detail ->> 'vendor' = 'hubspot'") == []


async def test_the_housemate_with_the_same_number_stays_whole(house: House, database_url: str) -> None:
    maria = await taken_in(house, MARIA)
    other = await taken_in(house, HOUSEMATE)
    assert maria != other
    await erased(house, maria)
    await key_change.change(house.office)

    whole = await house.http.get(f"/v1/leads/{other}")
    assert whole.json()["name"] == HOUSEMATE["name"]
    assert whole.json()["phone"] == "+18135550142"
    opened = await openable(house.office, database_url)
    assert b"houseboat" in opened
    assert b"marmalade" not in opened
    assert (await house.http.get(f"/v1/leads/{maria}")).status_code == 404
    assert (await house.ledger()).problems == []


async def test_a_list_does_not_bring_the_person_back_and_leaves_nothing(house: House, database_url: str) -> None:
    maria = await taken_in(house, MARIA)
    await erased(house, maria)
    await confirmed(house)
    answer = await house.post({**MARIA, "channel": "csv"})

    assert answer.status_code == 422
    assert "suppressed" in answer.text
    assert await house.rows("select outcome from capture where reason = 'suppressed'") == [{"outcome": "rejected"}]
    assert seen_in(await openable(house.office, database_url)) == []
    assert (await house.ledger()).captures["rejected"] == 1


async def test_the_person_themself_may_come_back_and_starts_afresh(house: House) -> None:
    maria = await taken_in(house, MARIA)
    await erased(house, maria)
    again = await house.post({**MARIA, "message": "I thought better of it"})

    assert again.json()["duplicate"] is False
    assert again.json()["lead_id"] not in {None, maria}
    # and from now on lists may speak of them again
    assert (await house.post({**MARIA, "channel": "csv"})).json()["lead_id"] == again.json()["lead_id"]


async def test_an_opt_out_outlives_the_person(house: House) -> None:
    maria = await taken_in(house, MARIA)
    await house.hear("+18135550142", "STOP")
    await erased(house, maria)
    again = await house.post({**MARIA, "message": "One more question"})
    text = await house.reaches(again.json()["inquiry_id"], "sms", "blocked")

    assert text["reason"] == "opted_out"


async def test_what_is_on_its_way_when_the_person_is_erased_settles_and_is_forgotten_too(
    idle_house: House, database_url: str
) -> None:
    house = idle_house
    await house.behave("twilio", mode="slow", delay_ms=1500)
    async with working(house.office):
        answer = await house.post(MARIA)
        cause, lead_id = answer.json()["inquiry_id"], answer.json()["lead_id"]
        await house.reaches(cause, "sms", "sending")
        await erased(house, lead_id)
        await house.reaches(cause, "sms", "sent", "delivered")
        await house.behave("twilio", mode="ok")
        await confirmed(house)

    texts = [entry for entry in await house.texts() if "Mariaelena" in entry["Body"]]
    assert texts, "it went out before she was forgotten"
    assert await house.rows("select 1 from action where vendor_ref is not null") == []
    assert seen_in(await openable(house.office, database_url)) == []
    assert (await house.ledger()).problems == []


async def test_an_unknown_outcome_of_somebody_erased_is_let_go(idle_house: House) -> None:
    house = idle_house
    await house.behave("twilio", mode="cut", callbacks=False)
    async with working(house.office):
        answer = await house.post(MARIA)
        cause = answer.json()["inquiry_id"]
        await house.reaches(cause, "sms", "sending")
        await erased(house, answer.json()["lead_id"])
        await house.leases_pass()
        row = await house.reaches(cause, "sms", "cancelled")

    assert row["reason"] == "erased; whether it went out is not known"
    assert (await house.ledger()).problems == []


async def test_open_actions_are_cancelled(idle_house: House) -> None:
    answer = await idle_house.post(MARIA)
    await erased(idle_house, answer.json()["lead_id"])

    states = await idle_house.rows("select distinct state, reason from action where kind not like 'forget%%'")
    assert states == [{"state": "cancelled", "reason": "erased"}]
    assert (await idle_house.ledger()).problems == []


async def test_erasing_somebody_who_is_not_there_says_so(house: House) -> None:
    with pytest.raises(RuleError, match="no lead has this id"):
        await erased(house, "00000000-0000-7000-8000-000000000000")


async def test_erasing_twice_at_once_erases_once(house: House) -> None:
    maria = await taken_in(house, MARIA)
    done = await asyncio.gather(erased(house, maria), erased(house, maria), return_exceptions=True)

    assert sorted(type(one).__name__ for one in done) == ["Erased", "RuleError"]
    assert len(await house.rows("select 1 from erasure")) == 1


async def test_an_inquiry_that_comes_in_the_same_moment_is_the_old_person_or_a_new_one_never_half(house: House) -> None:
    maria = await taken_in(house, MARIA)
    results = await asyncio.gather(
        erased(house, maria),
        *(house.post({**MARIA, "message": f"Question {n}"}) for n in range(6)),
        return_exceptions=True,
    )
    await house.settled()

    assert not [one for one in results if isinstance(one, Exception)]
    assert (await house.ledger()).problems == []
    assert await house.rows("select 1 from lead where id = %s::uuid", maria) == []


async def test_the_log_holds_no_way_from_the_certificate_to_the_persons_number_after_the_backups_are_dark(
    house: House,
) -> None:
    maria = await taken_in(house, MARIA)
    await erased(house, maria)
    await key_change.change(house.office)
    await house.rows("update erasure set real_at = real_at - interval '36 days'")
    await erasure.follow_up(house.office)

    assert await house.rows("select lead_id from erasure") == [{"lead_id": None}]
    assert await house.rows("select 1 from event where kind = 'erased' and lead_id is not null") == []
    old = await house.rows("select distinct contact_point_id as id from consent where lead_id = %s::uuid", maria)
    hashes = {house.office.vault.blind("phone", "+18135550142"), house.office.vault.blind("email", MARIA["email"])}
    found = await house.rows("select hash from contact_point where id = any(%s)", [row["id"] for row in old])
    assert not hashes & {bytes(row["hash"]) for row in found}


async def test_every_process_forgets_the_keys_of_the_erased(house: House) -> None:
    maria = await taken_in(house, MARIA)
    async with office_at(house.office.settings, house.office.db.url) as elsewhere, working(elsewhere):
        assert await reading.lead(elsewhere.db, elsewhere.vault, UUID(maria)) is not None
        [key] = await house.rows("select data_key_id as id from lead where id = %s::uuid", maria)
        assert key["id"] in elsewhere.vault._opened
        await erased(house, maria)

        async def forgotten() -> bool:
            return key["id"] not in elsewhere.vault._opened and key["id"] not in house.office.vault._opened

        await until(forgotten)


async def test_a_capture_of_the_person_that_waits_to_be_understood_is_not_lost_to_the_erasure(house: House) -> None:
    raw = intake.RawCapture("api", b"{}", {})
    await intake.keep(house.office, raw, "rejected", house.now, reason="x")
    maria = await taken_in(house, MARIA)
    await erased(house, maria)

    assert await house.rows("select 1 from capture where id = %s and body <> ''", raw.id) != []
