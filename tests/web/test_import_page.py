"""A list taken in on the page: looked at first, its columns chosen, taken in by workers, told of, and taken back."""

from __future__ import annotations

import re
from typing import Any

import httpx
from page_case import admin, logged_in

from leadwake.web.pages import imports
from leadwake.workflows import sequences
from office_case import House, until

PLACE = "/leads/import"
SEQUENCE = "sequence: old\ntitle: Old\nstarts: by_hand\nsteps:\n  - wait: 1 day\n  - call: Ask how they are\n"
LIST = "Wer,Handy,Mail,Fecha\nAnn Lee,(813) 555-0141,ann@example.com,3/4/2024\nBo Díaz,813 555 0142,,\n"


async def upload(client: httpx.AsyncClient, text: str, name: str = "old crm.csv", **given: Any) -> httpx.Response:
    return await client.post(PLACE, files={"file": (name, text.encode())}, data=given)


async def becomes(house: House, state: str) -> None:
    async def holds() -> object:
        return await house.rows("select 1 from import where state = %s", state)

    await until(holds)


async def test_a_list_is_looked_at_chosen_for_taken_in_told_of_and_taken_back(house: House) -> None:
    await admin(house, role="manager")
    async with logged_in(house) as client:
        answer = await upload(client, LIST, source="old CRM")
        assert answer.status_code == 303
        place = answer.headers["location"]
        page = (await client.get(place)).text
        assert "<strong>1 new</strong>, 0 known, 0 imported before, 1 refused" in page
        assert "813 555 0142" in page
        assert re.search(r'name="column_1">.*?<option value="">kept as it is</option>', page, re.DOTALL)
        assert await house.rows("select 1 from lead") == []

        fields = ("name", "phone", "email", "received_at")
        chosen = {"source": "old CRM", **{f"column_{place}": name for place, name in enumerate(fields)}}
        again = await client.post(f"{place}/columns", data=chosen)
        assert again.headers["location"] == place
        assert "the date was read with the month first" in (await client.get(place)).text
        assert (await client.post(f"{place}/start", data=chosen)).status_code == 303
        await becomes(house, "done")

        done = (await client.get(place)).text
        assert "2 of 2 rows: <strong>2 new</strong>" in done
        lines = (await client.get(f"{place}/report.csv")).text.lstrip("\ufeff").splitlines()
        assert [line.split(",")[:2] for line in lines] == [["row", "outcome"], ["2", "new"], ["3", "new"]]
        assert (await house.rows("select source, status from lead limit 1"))[0] == {
            "source": "old CRM",
            "status": "imported",
        }
        assert "old crm.csv" in (await client.get(PLACE)).text
        assert (await client.post(f"{place}/start", data=chosen)).status_code == 409

        assert (await client.post(f"{place}/undo")).status_code == 303
        await becomes(house, "undone")
        assert "2 leads are gone, 0 stay" in (await client.get(place)).text
        assert await house.rows("select 1 from lead") == []
    assert await house.texts() == []
    assert (await house.ledger()).problems == []


async def test_what_is_no_list_or_too_much_is_refused_and_thrown_away_lists_are_gone(
    idle_house: House, monkeypatch: Any
) -> None:
    house = idle_house
    await admin(house)
    async with logged_in(house) as client:
        for text, said in (("", "file is empty"), ("name,phone\n", "no rows")):
            answer = await upload(client, text)
            assert (answer.status_code, said.lower() in answer.text.lower()) == (422, True), said
        assert (await client.post(PLACE, data={"source": "x"})).status_code == 415
        assert (await upload(client, LIST, name="")).status_code in {400, 422}
        monkeypatch.setattr(imports, "MAX_FILE", 100_000)
        assert (await upload(client, "name\n" + "Ann\n" * 50_000)).status_code == 413

        place = (await upload(client, LIST)).headers["location"]
        wrong = await client.post(f"{place}/columns", data={f"column_{n}": "-" for n in range(4)})
        assert (wrong.status_code, "No column holds" in wrong.text) == (422, True)
        assert (await client.post(f"{place}/undo")).status_code == 409
        assert (await client.post(f"{place}/drop")).status_code == 303
        assert (await client.get(place)).status_code == 404

    assert await house.rows("select 1 from import union all select 1 from import_batch") == []


async def test_a_list_begins_the_sequence_that_is_chosen_for_it(house: House) -> None:
    await admin(house, role="manager")
    await sequences.publish(house.office, SEQUENCE, None)
    async with logged_in(house) as client:
        place = (await upload(client, "name,phone\nAnn Lee,813-555-0141\n")).headers["location"]
        page = (await client.get(place)).text
        wrong = await client.post(f"{place}/start", data={"enroll": "nobody"})
        assert (await client.post(f"{place}/start", data={"enroll": "old"})).status_code == 303
        await becomes(house, "done")
        done = (await client.get(place)).text

    assert "1 of these rows" in page
    assert '<option value="old">Old</option>' in page
    assert wrong.status_code == 409
    assert 'Enrolled in <a href="/sequences/old">old</a>: 1.' in done
