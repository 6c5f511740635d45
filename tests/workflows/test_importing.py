"""A list taken in: each row one outcome, the same again nothing, nobody written to, and nobody brought back."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from leadwake.errors import InputError, RuleError
from leadwake.intake.listed import Reading
from leadwake.intake.sheet import open_sheet
from leadwake.ops import erasure
from leadwake.storage import events, imports, ledger, reading
from leadwake.storage.imports import Import, Options, Waiting
from leadwake.workflows import import_undo, importing, intake, nurture, sequences, suppression
from leadwake.workflows.import_look import Look
from leadwake.workflows.import_rows import Pace
from leadwake.workflows.office import Office
from office_case import House, hire, rows, until

ALONE = Pace(is_alone=True)
#: whatever would make a person of the team wait for a lead
WAITING: LiteralString = (
    "select lead_id from task union all select lead_id from escalation union all select lead_id from offer "
    "union all select lead_id from action where purpose <> 'staff'"
)


async def took(office: Office, text: str | bytes, name: str = "list.csv", **more: Any) -> Import:
    """The import of a file, worked off."""
    raw = text.encode() if isinstance(text, str) else text
    import_id = await importing.begin(office, io.BytesIO(raw), name, actor="test", **more)
    await importing.start(office, import_id, "test")
    while await importing.work(office, import_id, ALONE) is not False:  # None: a worker of the house is at it
        pass
    found = await imports.one(office.db, office.vault, import_id)
    assert found is not None
    assert found.state == "done"
    return found


async def told(office: Office, found: Import) -> dict[int, tuple[str, str | None, UUID | None]]:
    """Row → what became of it."""
    return {
        row["number"]: (row["outcome"], row["reason"], row["lead_id"])
        async for row in imports.report(office.db, found.id)
    }


async def balanced(office: Office) -> ledger.Ledger:
    found = await ledger.read(office.db, office.clock.now())
    assert found.problems == []
    return found


async def test_the_sample_leads_are_taken_in_with_every_duplicate_found(office: Office, shared: Path) -> None:
    file = shared / "data" / "leads_intake.jsonl"
    ids = [json.loads(line)["id"] for line in file.read_text("utf-8").splitlines()]
    with (shared / "data" / "leads_intake_expected.csv").open(encoding="utf-8", newline="") as expected:
        duplicates = {row["id"]: row["duplicate_of"] for row in csv.DictReader(expected)}

    found = await took(office, file.read_bytes(), "leads_intake.jsonl")

    became = await told(office, found)
    lead_of = {ids[number - 1]: row[2] for number, row in became.items()}
    assert found.rows == len(ids) == 300
    for name, first in duplicates.items():
        assert lead_of[name] == lead_of[first or name], name
    assert len(set(lead_of.values())) == sum(not first for first in duplicates.values())
    assert found.counts == {
        "new": len(set(lead_of.values())),
        "known": 300 - len(set(lead_of.values())),
        "duplicate": 0,
        "refused": 0,
    }
    count = await balanced(office)
    assert count.captures["lead"] + count.captures["known"] == 300
    assert sum(count.actions.values()) == 0
    assert await rows(office.db, WAITING) == []

    again = await took(office, file.read_bytes(), "leads_intake.jsonl")

    assert again.counts == {"new": 0, "known": 0, "duplicate": 300, "refused": 0}
    assert sum((await balanced(office)).captures.values()) == 300
    assert Options() == again.options


HEAD = "Name,Phone,Email,SMS Consent,Created\n"
ANN = "Ann Lee,(813) 555-0141,ann@example.com,,\n"


async def contacts(office: Office, number: str) -> list[dict[str, Any]]:
    """Whoever has the number, and what stands with it."""
    query = (
        "select c.consent, c.inquiry_at, p.opted_out_at from contact_point p "
        "join lead_contact c on c.contact_point_id = p.id where p.hash = %s"
    )
    return await rows(office.db, query, office.vault.blind("phone", number))


async def test_rows_are_known_again_in_another_order_encoding_and_file(office: Office) -> None:
    first = await took(office, HEAD + ANN + ANN + "Bo Díaz,813 555 0142,,,\n")
    again = await took(
        office, "Email;Phone;Name\nann@example.com;(813) 555-0141;Ann Lee\n;813 555 0142;Bo Díaz\n".encode("utf-16")
    )
    other = await took(office, HEAD + "Ann Lee,(813) 555-0141,ann@example.com,,3/14/2024\n")

    assert first.counts == {"new": 2, "known": 0, "duplicate": 1, "refused": 0}
    assert again.counts == {"new": 0, "known": 0, "duplicate": 2, "refused": 0}
    assert other.counts == {"new": 0, "known": 1, "duplicate": 0, "refused": 0}
    assert len(await rows(office.db, "select 1 from capture")) == 3
    await balanced(office)


async def test_a_row_with_an_id_is_known_again_when_its_other_cells_change(office: Office) -> None:
    head = "ID,Name,Phone,Notes\n"
    first = await took(office, head + "7,Ann Lee,813 555 0141,called\n")
    again = await took(office, head + "7,Ann Lee,813 555 0141,called twice\n7,Bo Díaz,813 555 0142,\n")

    assert first.counts["new"] == 1
    assert again.counts == {"new": 1, "known": 0, "duplicate": 1, "refused": 0}


async def test_no_list_brings_back_somebody_who_was_erased(office: Office) -> None:
    first = await took(office, HEAD + ANN)
    lead_id = (await told(office, first))[2][2]
    assert lead_id is not None
    await erasure.erase(office, lead_id, "test")
    assert await rows(office.db, "select 1 from import_row where lead_id is not null or name is not null") == []

    again = await took(office, HEAD + ANN + "Other Name,813 555 0141,,,\n")

    assert again.counts == {"new": 0, "known": 0, "duplicate": 0, "refused": 2}
    assert [row[1] for row in (await told(office, again)).values()] == ["suppressed", "suppressed"]
    assert await rows(office.db, "select 1 from lead") == []
    assert await rows(office.db, "select 1 from capture where outcome = 'rejected' and body <> ''") == []
    await balanced(office)


async def test_a_revoked_number_stays_revoked_whatever_the_list_says(office: Office) -> None:
    await took(office, HEAD + ANN)
    revoke = "update contact_point set opted_out_at = %s, opted_out_by = 'text' where hash = %s"
    await rows(office.db, revoke, office.clock.now(), office.vault.blind("phone", "+18135550141"))

    ann = "Ann Lee,(813) 555-0141,ann@example.com,yes,2026-11-23\n"
    await took(office, f"{HEAD}{ann}Bo Lee,(813) 555-0141,,yes,2026-11-23\n")

    found = await contacts(office, "+18135550141")
    assert [row["consent"] for row in found] == ["none", "none"]
    assert all(row["opted_out_at"] for row in found)
    assert not any(row["inquiry_at"] for row in found), "no date of a list lifts a stop"


async def test_a_list_gives_no_consent_without_the_proof_of_each_row(office: Office) -> None:
    head = "Name,Phone,SMS Consent,Consent text,Wording version,Consent URL,Checkbox,Signature,Consent timestamp,IP,"
    wording = "I agree that Example Realty may text me,2,https://example.com/f,ticked"
    ann = f"Ann Lee,813 555 0141,yes,{wording},Ann Lee,2024-03-05T10:00:00Z,192.0.2.7,Firefox\n"
    rest = "Bo Díaz,813 555 0142,yes,,,,,,,,\nCy Poe,813 555 0143,no,,,,,,,,\n"

    await took(office, f"{head}User agent\n{ann}{rest}")

    levels = [(await contacts(office, f"+1813555014{n}"))[0]["consent"] for n in (1, 2, 3)]
    assert levels == ["written", "none", "declined"]
    said = await rows(office.db, "select level, missing from consent order by id")
    assert [row["level"] for row in said] == levels
    assert [bool(row["missing"]) for row in said] == [False, True, False]


async def test_a_person_of_a_list_who_asks_is_known_and_answered_as_anybody(house: House) -> None:
    found = await took(house.office, HEAD + "Ann Lee,(813) 555-0141,ann@example.com,,3/14/2024\n")
    lead_id = (await told(house.office, found))[2][2]
    assert (await reading.search(house.office.db, house.office.vault, "lee ann")).leads[0].id == lead_id
    assert await house.texts() == []

    answer = (await house.post({"name": "Ann Lee", "phone": "813 555 0141", "message": "Is it still open?"})).json()

    assert answer["duplicate"] is True
    assert answer["lead_id"] == str(lead_id)
    await house.reaches(answer["inquiry_id"], "sms", "sent", "delivered")
    lead = (await house.http.get(f"/v1/leads/{lead_id}")).json()
    assert lead["status"] == "answered"
    assert lead["first_touch_s"] < 60, "counted from what they asked themselves"
    told_of = {entry["text"]: entry.get("why", "") for entry in await house.timeline(str(lead_id))}
    assert "asked on 2024-03-14, it says" in told_of["Named by a list"]
    assert "Asked through another program" in told_of


async def test_somebody_who_wrote_stop_into_a_list_is_not_written_to(office: Office) -> None:
    await took(office, "Name,Phone,Message\nAnn Lee,813 555 0141,STOP contacting me\n")

    assert (await contacts(office, "+18135550141"))[0]["opted_out_at"] is not None


async def test_the_owner_of_a_list_has_the_lead_and_nobody_is_asked_or_told(office: Office) -> None:
    found = await took(
        office, "Name,Phone,Owner\nAnn,813 555 0141,dana@example.com\nBo,813 555 0142,nobody@example.com\n"
    )

    became = await told(office, found)
    owners = {row["id"]: row["agent_id"] for row in await rows(office.db, "select id, agent_id from lead")}
    dana = office.agents[0].id
    assert [owners[became[n][2]] for n in (2, 3)] == [dana, None]  # type: ignore[index]
    assert became[3][1] == "unknown_owner"
    owned = "select owned from agent_load where agent_id = %s"
    assert (await rows(office.db, owned, dana))[0]["owned"] == 0, "a list makes nobody full"
    assert await rows(office.db, WAITING) == []


async def test_leads_are_routed_by_the_rules_where_that_is_asked_for(office: Office) -> None:
    await hire(office, name="Eve Park", email="eve@example.com")
    people = "".join(f"Person {n},813 555 01{n},,,\n" for n in range(10, 20))

    await took(office, HEAD + people, options=Options(route=True))

    given = await rows(office.db, "select agent_id, count(*) as n from lead group by 1")
    assert sorted(row["n"] for row in given) == [5, 5]
    assert len(await rows(office.db, "select 1 from routing_decision")) == 10
    assert await rows(office.db, WAITING) == []


async def test_the_crm_hears_of_a_list_only_where_that_is_asked_for(house: House) -> None:
    await took(house.office, HEAD + ANN, options=Options(crm=True))
    await took(house.office, HEAD + "Bo Díaz,813 555 0142,,,\n")

    async def is_sent() -> bool:
        return [row["state"] for row in await house.rows("select state from action")] == ["sent"]

    await until(is_sent)
    await balanced(house.office)


async def test_a_look_says_what_the_import_will_do_and_changes_nothing(office: Office, shared: Path) -> None:
    raw = (shared / "data" / "leads_intake.jsonl").read_bytes()
    half = b"\n".join(raw.splitlines()[:90])
    await took(office, half, "half.jsonl")
    before = len(await rows(office.db, "select 1 from contact_point"))
    look = Look(office, Reading("jsonl", (), (), "", "import", ZoneInfo("UTC")), office.clock.now(), ALONE)
    said = {}
    for batch in importing.grouped(open_sheet(io.BytesIO(raw)).rows, 100):
        async for one in look.batch([Waiting(row.number, tuple(row.cells), row.fault) for row in batch]):
            said[one.number] = one.outcome
    assert len(await rows(office.db, "select 1 from contact_point")) == before

    found = await took(office, raw, "all.jsonl")

    assert said == {number: row[0] for number, row in (await told(office, found)).items()}


async def test_an_undo_takes_back_whom_nobody_touched_and_leaves_the_others_with_why(office: Office) -> None:
    known = await took(office, HEAD + "Dee Fox,813 555 0144,,,\n")
    people = "".join(
        f"{name},813 555 014{n},,,\n" for n, name in enumerate(("Ann Lee", "Bo Díaz", "Cy Poe", "Di Ray", "Dee Fox"))
    )
    found = await took(office, HEAD + people)
    leads = {number: row[2] for number, row in (await told(office, found)).items()}
    assert leads[3] is not None
    await intake.receive_lead(office, b'{"name": "Ann Lee", "phone": "813 555 0140"}')
    await suppression.paused_by(office, leads[3], "user x")
    await took(office, HEAD + "Cy Poe,813 555 0142,cy@example.com,,\n", source="another list")

    await import_undo.begin(office, found.id, "test")
    while await import_undo.work(office, found.id):
        pass

    kept = {row["number"]: row["kept"] async for row in imports.report(office.db, found.id)}
    assert kept == {2: "asked", 3: "worked_on", 4: "listed_again", 5: "gone", 6: None}
    assert await rows(office.db, "select 1 from lead where id = %s", leads[5]) == []
    assert await rows(office.db, "select 1 from vault.data_key where lead_id = %s", leads[5]) == []
    phone = office.vault.blind("phone", "+18135550143")
    assert await rows(office.db, "select 1 from contact_point where hash = %s", phone) == []
    undone = await imports.one(office.db, office.vault, found.id)
    assert undone is not None
    assert (undone.state, undone.gone, undone.stayed) == ("undone", 1, 3)
    await balanced(office)
    assert await events.verify(office.db) == []

    again = await took(office, HEAD + people)
    assert again.counts["new"] == 1
    assert known.counts["new"] == 1


async def test_an_import_is_undone_once_and_only_when_it_began(office: Office) -> None:
    found = await took(office, HEAD + ANN)
    await import_undo.begin(office, found.id, "test")
    while await import_undo.work(office, found.id):
        pass
    with pytest.raises(RuleError, match="nothing to undo"):
        await import_undo.begin(office, found.id, "test")


async def test_two_at_work_on_one_import_take_every_row_once(office: Office) -> None:
    people = "".join(f"Person {n},(813) 5{n:02d}-{1000 + n},p{n}@example.com,,\n" for n in range(550))
    import_id = await importing.begin(office, io.BytesIO((HEAD + people).encode()), "list.csv", actor="test")
    await importing.start(office, import_id, "test")

    async def at_work() -> None:
        more: bool | None = True
        while more is not False:
            more = await importing.work(office, import_id, ALONE)

    await asyncio.gather(at_work(), at_work(), at_work())

    found = await imports.one(office.db, office.vault, import_id)
    assert found is not None
    assert (found.state, sum(found.counts.values())) == ("done", 550)
    assert len(await rows(office.db, "select 1 from capture")) == 550
    await balanced(office)


async def test_the_same_file_taken_in_twice_at_once_adds_each_row_once(office: Office) -> None:
    people = HEAD + "".join(f"Person {n},(813) 5{n:02d}-{1000 + n},,,\n" for n in range(250))
    both = [await importing.begin(office, io.BytesIO(people.encode()), "list.csv", actor="test") for _ in range(2)]

    async def at_work(import_id: UUID) -> None:
        await importing.start(office, import_id, "test")
        more: bool | None = True
        while more is not False:
            more = await importing.work(office, import_id, ALONE)

    await asyncio.gather(*map(at_work, both))

    counts = [found.counts for found in await imports.newest(office.db, office.vault)]
    assert [sum(count[name] for count in counts) for name in ("new", "known", "duplicate")] == [250, 0, 250]
    assert len(await rows(office.db, "select 1 from lead")) == 250
    await balanced(office)


async def test_a_file_that_is_no_list_leaves_nothing_behind(office: Office) -> None:
    keys = len(await rows(office.db, "select 1 from vault.data_key"))
    for raw in (b"", b"a,b\n1,2\n", b"name,phone\n"):
        with pytest.raises(InputError):
            await importing.begin(office, io.BytesIO(raw), "list.csv", actor="test")

    assert await rows(office.db, "select 1 from import union all select 1 from import_batch") == []
    assert len(await rows(office.db, "select 1 from vault.data_key")) == keys


async def test_workers_take_a_list_in_and_go_on_where_a_command_died(house: House) -> None:
    people = "".join(f"Person {n},(813) 5{n:02d}-{1000 + n},,,\n" for n in range(250))
    import_id = await importing.begin(house.office, io.BytesIO((HEAD + people).encode()), "list.csv", actor="test")
    await importing.start(house.office, import_id, "test")

    async def is_done() -> bool:
        found = await imports.one(house.office.db, house.office.vault, import_id)
        return found is not None and found.state == "done"

    await until(is_done)
    second = await importing.begin(house.office, io.BytesIO((HEAD + ANN).encode()), "list.csv", actor="test")
    await house.rows("update import set state = 'working', seen_at = now() - interval '1 minute' where id = %s", second)
    await importing.wake_idle(house.office)

    async def is_all_done() -> bool:
        return await house.rows("select 1 from import where state <> 'done'") == []

    await until(is_all_done)
    assert await house.texts() == []
    await balanced(house.office)


SEQUENCE = "sequence: old\ntitle: Old\nstarts: by_hand\nsteps:\n  - wait: 1 day\n  - call: Ask how they are\n"


async def test_undoing_a_list_ends_the_sequences_that_it_began(idle_house: House) -> None:
    house = idle_house
    await sequences.publish(house.office, SEQUENCE, None)
    await house.post({"name": "Ann Lee", "phone": "813-555-0141", "message": "Hello"})
    text = "name,phone\nAnn Lee,813-555-0141\nBo Ray,813-555-0142\nBo Ray,(813) 555-0142\n"
    found = await took(house.office, text, options=Options(enroll="old"))
    begun = await house.rows("select state, cause from enrollment")
    await nurture.look(house.office)

    await import_undo.begin(house.office, found.id, "test", by_workers=False)
    while await import_undo.work(house.office, found.id):
        pass

    assert begun == [{"state": "waiting", "cause": "list"}] * 2
    left = await house.rows("select e.ended_because from enrollment e join lead l on l.id = e.lead_id")
    assert left == [{"ended_because": "import_undone"}]  # Ann was there before; Bo is gone
    assert await house.rows("select 1 from task where kind = 'call'") == []
