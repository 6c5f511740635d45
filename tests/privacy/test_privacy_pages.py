"""The pages of privacy: what goes is named first, certificates are read and saved, a breach shows its deadline."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from privacy_case import MARIA, seen_in, taken_in

from leadwake.storage import staff
from office_case import LIMIT_S, House, hire


async def browser(house: House, role: str) -> httpx.AsyncClient:
    person = await hire(house.office, name="Ada", email=f"{role}@example.org", phone=None, role=role, practice=False)
    token = await staff.start_session(house.office.db, person.id)
    return httpx.AsyncClient(
        base_url=house.url, cookies={"leadwake_session": token}, timeout=LIMIT_S, trust_env=False,
        follow_redirects=True, headers={"sec-fetch-site": "same-origin"},
    )  # fmt: skip


@pytest.fixture
async def admin(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with await browser(house, "admin") as http:
        yield http


async def test_an_admin_erases_somebody_by_the_page(house: House, admin: httpx.AsyncClient) -> None:
    maria = await taken_in(house, MARIA)
    page = (await admin.get(f"/leads/{maria}")).text
    asked = (await admin.get(f"/leads/{maria}/erase")).text
    done = await admin.post(f"/leads/{maria}/erase")
    number = str(done.url).rpartition("/")[2]
    saved = await admin.get(f"/setup/privacy/certificates/{number}.txt")
    listed = (await admin.get("/setup/privacy")).text

    assert f"/leads/{maria}/erase" in page
    assert "<dt>2</dt><dd>numbers and addresses</dd>" in asked
    assert done.status_code == 200
    assert "CERTIFICATE OF ERASURE" in done.text
    assert seen_in(done.content) == []
    assert saved.headers["content-disposition"] == f'attachment; filename="erasure-{UUID(number)}.txt"'
    assert number in saved.text
    assert number in listed
    assert (await admin.get(f"/leads/{maria}")).status_code == 404


async def test_a_copy_is_downloaded_and_stands_in_the_log(house: House, admin: httpx.AsyncClient) -> None:
    maria = await taken_in(house, MARIA)
    answer = await admin.get(f"/leads/{maria}/export")

    assert answer.headers["content-type"] == "application/zip"
    assert "export.json" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert await house.rows("select 1 from event where kind = 'exported'")


async def test_restriction_and_objection_by_the_page(house: House, admin: httpx.AsyncClient) -> None:
    maria = await taken_in(house, MARIA)

    assert "Restricted since" in (await admin.post(f"/leads/{maria}/restrict")).text
    assert "Restricted since" not in (await admin.post(f"/leads/{maria}/unrestrict")).text
    assert "objected to marketing" in (await admin.post(f"/leads/{maria}/object")).text


async def test_a_breach_shows_its_deadline_72_hours_after_awareness(house: House, admin: httpx.AsyncClient) -> None:
    given = {"what": "A laptop was stolen", "aware_at": "2026-11-24T10:30", "people": "12 leads", "measures": ""}
    page = (await admin.post("/setup/privacy/breaches", data=given)).text
    breach = re.search(r"/breaches/([0-9a-f-]{36})/told", page)
    assert breach is not None

    assert "Tell the authority by Fri 27 Nov, 10:30" in page
    told = (await admin.post(f"/setup/privacy/breaches/{breach[1]}/told")).text
    assert "The authority was told 12:00" in told
    assert b"laptop" not in await _stored(house)


async def _stored(house: House) -> bytes:
    return b"".join(bytes(row["sealed_text"]) for row in await house.rows("select sealed_text from breach"))


async def test_a_breach_without_words_or_from_the_future_is_asked_for_again(
    house: House, admin: httpx.AsyncClient
) -> None:
    for given in ({"what": "", "aware_at": "2026-11-24T10:30"}, {"what": "x", "aware_at": "2027-11-24T10:30"},
                  {"what": "x", "aware_at": "yesterday"}):  # fmt: skip
        answer = await admin.post("/setup/privacy/breaches", data=given)

        assert answer.status_code == 422
    assert await house.rows("select 1 from breach") == []


@pytest.mark.parametrize("path", ["/setup/privacy", "/leads/{}/erase", "/leads/{}/export"])
async def test_only_admins_come_here(house: House, path: str) -> None:
    maria = await taken_in(house, MARIA)
    async with await browser(house, "agent") as agent:
        answer = await agent.get(path.format(maria))
        erased = await agent.post(f"/leads/{maria}/erase")
        page = await agent.get(f"/leads/{maria}")

    assert answer.status_code == erased.status_code == 403
    assert "Privacy" not in page.text


async def test_numbers_that_are_nobodys_are_not_found(house: House, admin: httpx.AsyncClient) -> None:
    for place in ("/leads/x/erase", f"/leads/{UUID(int=5)}/erase", f"/leads/{UUID(int=5)}/export",
                  "/setup/privacy/certificates/nothing", f"/setup/privacy/certificates/{UUID(int=5)}.txt"):  # fmt: skip
        assert (await admin.get(place)).status_code == 404
    assert (await admin.post(f"/leads/{UUID(int=5)}/erase")).status_code == 404
