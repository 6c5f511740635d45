"""Backup, then erasures and stops, then a disaster: nothing is lost, nobody comes back, and nobody is texted twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
from backup_case import an_empty_database, restored

from leadwake.bootstrap import office_at
from leadwake.ops import backups as ops
from leadwake.ops import erasure
from leadwake.storage import events, ledger, reading, vault_copy
from leadwake.workflows.intake import receive_lead
from office_case import House, rows, until, working

MARIA = {
    "name": "Mariaelena Quintanilla",
    "phone": "8135550142",
    "email": "maria.q@example.com",
    "message": "The marmalade house?",
}
BEN = {"name": "Ben Oduya", "phone": "8135550143", "email": "ben@example.com", "message": "Two rooms, please"}
CLEO = {"name": "Cleo Marsh", "phone": "8135550144", "email": "cleo@example.com", "message": "Is it still open?"}
EVE = {"name": "Eve Stone", "phone": "8135550146", "message": "I saw your sign"}
DAN = {"name": "Dan Feld", "phone": "8135550145", "email": "dan@example.com", "message": "I have a question"}


async def texted(house: House, number: str) -> bool:
    return any(text["To"] == number for text in await house.texts())


async def test_nothing_is_lost_the_erased_stay_erased_and_nobody_is_texted_twice(
    idle_house: House, template_url: str, tmp_path: Path
) -> None:
    house = idle_house
    answers = {}
    async with working(house.office):
        for name, lead in (("maria", MARIA), ("ben", BEN), ("cleo", CLEO)):
            answers[name] = (await house.post(lead)).json()
        await house.settled()
        await house.hear("+18135550144", "Tell me more please")
        await house.settled()
    # one whose answer is planned when the backup is made, and goes out after it
    answers["dan"] = (await house.post(DAN)).json()
    await events.seal(house.office.db)
    done = await ops.make(house.office, "by_hand")
    counted = (await house.ledger()).captures

    async with working(house.office):
        await house.settled()
        await erasure.erase(house.office, UUID(answers["maria"]["lead_id"]), "cli")
        await house.hear("+18135550143", "STOP")
        await house.settled()
    vault_dir = house.office.settings.vault_dir
    assert await vault_copy.keep(house.office.db, vault_dir) is None, "not a minute old"
    assert await vault_copy.keep(house.office.db, vault_dir, soon=timedelta(0)), "somebody said stop"
    assert await vault_copy.keep(house.office.db, vault_dir, soon=timedelta(0)) is None
    sent = [(text["To"], text["Body"]) for text in await house.texts()]
    assert any(to == "+18135550145" for to, _ in sent), "Dan was texted after the backup was made"
    house.advance(timedelta(minutes=30))

    async with an_empty_database(template_url) as url:  # gone with its disk
        report = await restored(house.office, done.path, url)

        assert report.problems == []
        assert report.erased == 1
        async with office_at(replace(house.office.base_settings), url) as office:
            assert await events.verify(office.db) == []
            books = await ledger.read(office.db, office.clock.now())
            assert books.balanced, books.problems
            assert sum(books.captures.values()) == sum(counted.values())
            names = {lead.name for lead in (await reading.leads(office.db, office.vault, office.clock.now())).leads}
            assert names == {BEN["name"], CLEO["name"], DAN["name"]}
            assert await reading.by_contact(office.db, office.vault, "phone", MARIA["phone"]) == []
            stopped = await rows(office.db, "select opted_out_by from contact_point where opted_out_at is not null")
            assert len(stopped) == 1, "Ben's STOP came after the backup, and holds"

            async with working(office):

                async def all_held() -> bool:
                    return not await rows(
                        office.db,
                        "select 1 from action where state in ('planned', 'deferred', 'sending') and due_at <= %s",
                        office.clock.now(),
                    )

                await until(all_held)
                held = await rows(office.db, "select kind, reason from action where state = 'deferred'")
                assert {"kind": "sms", "reason": "restored"} in held
                waiting = await ops.waiting(office)
                assert waiting is not None
                assert waiting.people == 1
                assert [(text["To"], text["Body"]) for text in await house.texts()] == sent
                # whoever asks now is answered at once
                await receive_lead(office, json.dumps(EVE).encode())
                await until(lambda: texted(house, "+18135550146"))
                sent = [(text["To"], text["Body"]) for text in await house.texts()]
                await ops.release(office, "cli", sends=False)

                async def none_waits() -> bool:
                    return not await rows(
                        office.db, "select 1 from action where reason = 'restored' and state = 'deferred'"
                    )

                await until(none_waits)
            assert await ops.waiting(office) is None
            assert (await ledger.read(office.db, office.clock.now())).balanced
        assert [(text["To"], text["Body"]) for text in await house.texts()] == sent, "nobody was texted twice"
        with psycopg.connect(url) as connection:
            assert connection.execute("select count(*) from session").fetchone() == (0,)
