"""The key change can be cut off anywhere, disturbs nobody, and leaves one key-encryption key."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from privacy_case import HOUSEMATE, MARIA, taken_in

from leadwake.bootstrap import office_at
from leadwake.errors import ConfigError
from leadwake.ops import erasure, key_change
from leadwake.ops.chores import Chores
from leadwake.storage import key_change as storage_key_change
from leadwake.storage import reading, vault_copy
from leadwake.workflows import intake
from leadwake.workflows.intake import receive_lead
from leadwake.workflows.office import Office
from office_case import House, a_house, rows, until


def body(n: int) -> bytes:
    return b'{"name": "Lead %d", "phone": "81355501%02d", "email": "lead%d@example.com"}' % (n, n, n)


async def names(office: Office) -> set[str | None]:
    page = await reading.leads(office.db, office.vault, office.clock.now())
    return {lead.name for lead in page.leads}


async def test_leads_come_in_and_are_read_all_the_while(office: Office) -> None:
    async def come_in() -> None:
        for n in range(20):
            await receive_lead(office, body(n))

    async with office_at(office.settings, office.db.url) as elsewhere:  # hears of nothing: it listens to no channel
        await asyncio.gather(come_in(), key_change.change(office), *(
            receive_lead(elsewhere, body(n)) for n in range(20, 26)
        ))  # fmt: skip
        await receive_lead(elsewhere, body(30))

        assert len(await names(elsewhere)) == 27
    assert len(await names(office)) == 27
    keks = {row["kek_id"] for row in await rows(office.db, "select kek_id from vault.data_key")}
    assert keks <= {2}


async def test_cut_off_after_the_new_key_it_goes_on(office: Office) -> None:
    for n in range(5):
        await receive_lead(office, body(n))
    configured = None
    await storage_key_change._begun(office.db, office.settings.data_dir, configured)
    await office.refresh_keys()
    await receive_lead(office, body(7))  # meanwhile: under the new one already

    assert len(await rows(office.db, "select 1 from vault.kek")) == 2
    assert await vault_copy.write(office.db, office.settings.vault_dir) is None, "no copy of a half-changed vault"
    assert await key_change.change_if_due(office)
    assert await rows(office.db, "select id from vault.kek") == [{"id": 2}]
    assert len(await names(office)) == 6
    assert not await key_change.change_if_due(office)


async def test_a_process_that_has_not_heard_stores_its_keys_all_the_same(office: Office) -> None:
    async with office_at(office.settings, office.db.url) as stale:
        await key_change.change(office)
        raw = intake.RawCapture("api", b"{}", {})
        await intake.keep(stale, raw, "rejected", stale.clock.now(), reason="x")
        await receive_lead(stale, body(1))

        assert stale.vault.current_kek_id == 2
    assert len(await names(office)) == 1


async def test_it_follows_an_erasure_within_a_day(tmp_path: Path, database_url: str) -> None:
    async with a_house(database_url, tmp_path / "data") as house:
        maria = await taken_in(house, MARIA)
        await erasure.erase(house.office, UUID(maria), "cli")
        chores = Chores(house.office)
        await chores.tick()
        assert await house.rows("select id from vault.kek") == [{"id": 1}]
        await house.rows("update erasure set real_at = real_at - interval '13 hours'")

        async def changed() -> bool:
            await (
                chores.tick()
            )  # nothing, while the house's own worker is at the chores just now: then it is asked again
            return await house.rows("select id from vault.kek") == [{"id": 2}]

        await until(changed)
        assert await house.rows("select 1 from erasure where keys_changed_at is null") == []


async def test_the_last_two_copies_stay(house: House) -> None:
    folder = house.office.settings.vault_dir
    for _ in range(4):
        await vault_copy.write(house.office.db, folder)

    assert len(vault_copy.copies(folder)) == 2
    assert await vault_copy.keep(house.office.db, folder) is None, "fresh enough"


async def test_a_copy_that_is_not_whole_is_not_believed(house: House) -> None:
    await taken_in(house, HOUSEMATE)
    made = await vault_copy.write(house.office.db, house.office.settings.vault_dir)
    assert made is not None
    content = made.path.read_bytes()
    for damaged in (content[:-20], content[:100], b"", b"\xff" * 64, content + b"x"):
        made.path.write_bytes(damaged)
        with pytest.raises(ConfigError):
            list(vault_copy.read(made.path))
