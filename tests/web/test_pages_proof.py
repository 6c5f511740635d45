"""Proof: who sees which rows, what the file and the API say, and that hostile sources stay text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from page_case import PASSWORD, admin, logged_in

from leadwake.storage.credentials import hash_password
from leadwake.web.proof_csv import harmless
from office_case import House, api_key, hire

HOSTILE = '=HYPERLINK("https://evil.example")<script>alert(1)</script>'
MARIA = {"name": "Maria Lopez", "phone": "813-555-0194", "email": "maria@example.com", "source": "website"}
TEAM = ("Dana Reyes", "Eli Nakamura", "Zoe Adler")


async def _team(house: House) -> None:
    """Alex the manager and three agents, of whom Eli has a password; each answered one lead."""
    await admin(house, role="manager")
    await hire(
        house.office, name="Eli Nakamura", email="eli@example.com", phone="+18135550102",
        password_hash=hash_password(PASSWORD),
    )  # fmt: skip
    await hire(house.office, name="Zoe Adler", email="zoe@example.com", phone="+18135550103")
    agents = [person for person in house.office.team if person.takes_leads]
    for n, agent in enumerate(agents):
        lead = (await house.post({"name": f"Lead {n}", "email": f"lead{n}@example.com", "source": "website"})).json()
        await house.rows(
            "update inquiry set offered_at = asked_at, human_at = asked_at + make_interval(mins => %s), human_by = %s "
            "where id = %s", 7 * (n + 1), agent.id, lead["inquiry_id"],
        )  # fmt: skip


async def _proof(house: House, email: str, **query: str) -> str:
    async with logged_in(house, email) as client:
        answer = await client.get("/proof", params=query)
    assert answer.status_code == 200
    return answer.text


async def test_a_manager_sees_every_agent_by_name(idle_house: House) -> None:
    await _team(idle_house)
    page = await _proof(idle_house, "alex@example.com")

    places = [page.index(f'<th scope="row">{name}') for name in TEAM]
    assert places == sorted(places)
    assert "3 received, 3 accounted for" in page


async def test_an_agent_sees_their_own_row_and_the_teams_and_nobody_elses(idle_house: House) -> None:
    await _team(idle_house)
    page = await _proof(idle_house, "eli@example.com")

    assert 'class="own"' in page
    assert "Eli Nakamura <small>you</small>" in page
    assert "Whole team" in page
    assert "Dana Reyes" not in page
    assert "Zoe Adler" not in page
    async with logged_in(idle_house, "eli@example.com") as client:
        table = (await client.get("/proof.csv")).text
    assert "Eli Nakamura" in table
    assert "Dana" not in table


async def test_nobody_sees_it_without_a_login(idle_house: House) -> None:
    for place in ("/proof", "/proof.csv"):
        answer = await idle_house.http.get(place, headers={"accept": "text/html"})

        assert answer.status_code == 303


async def test_every_period_is_shown_and_what_is_none_is_28_days(idle_house: House) -> None:
    await _team(idle_house)
    async with logged_in(idle_house) as client:
        for period in ("today", "7", "28", "90", "month", "", "91", "-1", "1e9", "٣", "<script>"):
            page = (await client.get("/proof", params={"period": period})).text

            shown = period if period in {"today", "7", "90", "month"} else "28"
            assert f'<a href="/proof?period={shown}" aria-current="page">' in page


async def test_a_hostile_source_is_text_on_the_page_and_no_formula_in_the_file(idle_house: House) -> None:
    await _team(idle_house)
    await idle_house.post({**MARIA, "source": HOSTILE})
    page = await _proof(idle_house, "alex@example.com")
    async with logged_in(idle_house) as client:
        answer = await client.get("/proof.csv", params={"period": "7"})

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = _rows(answer.text)
    assert {row["of"] for row in rows if "HYPERLINK" in row["of"]} == {f"'{HOSTILE}"}
    assert all(row["definition"] for row in rows)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@sum", "  =1", "\t=1", "\r=1", "|cmd", "%0A=1"])
def test_no_cell_of_the_file_is_a_formula(cell: str) -> None:
    assert str(harmless(cell))[0] == "'"
    assert harmless(-1) == -1


def _rows(text: str) -> Sequence[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


async def test_what_waits_to_be_understood_can_be_looked_at(idle_house: House) -> None:
    await _team(idle_house)
    capture = uuid4()
    await idle_house.rows(
        "insert into capture (id, at, door, source, outcome, data_key_id, body, reason, retry_at) "
        "values (%s, %s, 'form', 'spring landing page', 'pending', %s, '', 'not_stored', now())",
        capture, idle_house.now, capture,
    )  # fmt: skip
    page = await _proof(idle_house, "alex@example.com", period="today")

    assert "4 received, 4 accounted for" in page
    assert "What waits to be understood (1)" in page
    assert "spring landing page, by a form" in page


async def test_who_was_not_answered_in_time_counts_and_who_still_has_time_does_not(idle_house: House) -> None:
    await admin(idle_house)
    for n, hours in enumerate((6, 1)):
        lead = (await idle_house.post({"name": f"Hot {n}", "email": f"hot{n}@example.com"})).json()
        await idle_house.rows(
            "update inquiry set temperature = 'hot', offered_at = %s - make_interval(hours => %s) where id = %s",
            idle_house.now, hours, lead["inquiry_id"],
        )  # fmt: skip
    page = await _proof(idle_house, "alex@example.com", period="7")

    assert "0 of 1, 1 still have time" in page


async def _api(house: House, *scopes: str, **query: Any) -> Any:
    key = await api_key(house.office, *scopes)
    return await house.http.get("/v1/proof", params=query, headers={"authorization": f"Bearer {key}"})


async def test_a_program_reads_the_same_figures_with_their_definitions(idle_house: House) -> None:
    await _team(idle_house)
    found = (await _api(idle_house, "reports:read", days=7)).json()

    assert found["captures"] == {
        "received": 3, "accounted_for": 3,
        "by_outcome": {"lead": 3, "known": 0, "spam": 0, "rejected": 0, "pending": 0},
    }  # fmt: skip
    assert found["human"] | {"before_p50_s": None, "before_n": 0} == {
        "n": 3, "p50_s": 840.0, "p90_s": 1260.0, "p99_s": 1260.0, "missing": 0, "before_p50_s": None, "before_n": 0,
    }  # fmt: skip
    assert [agent["agent"] for agent in found["agents"]] == list(TEAM)
    assert found["sources"][0]["source"] == "website"
    assert "first offer" not in found["definitions"]["machine"]


async def test_a_program_without_the_scope_reads_nothing(idle_house: House) -> None:
    assert (await _api(idle_house, "leads:read", "leads:write")).status_code == 403
    assert (await idle_house.http.get("/v1/proof", headers={"authorization": ""})).status_code == 401
    assert (await _api(idle_house, "reports:read", days=0)).status_code == 422
    assert (await _api(idle_house, "reports:read", days=91)).status_code == 422


async def test_the_promise_and_what_was_done_and_what_nobody_saw_stand_on_the_page(idle_house: House) -> None:
    house = idle_house
    await _team(house)
    assert "Nobody looks from outside yet" in await _proof(house, "alex@example.com")
    await house.rows("insert into slo_hour values (date_trunc('hour', %s::timestamptz), true, 995, 5)", house.now)
    await house.rows(
        "insert into slo_act values (gen_random_uuid(), 'mail_for_text', %s, null,"
        ' \'{"minutes": 60, "late": 5, "total": 20, "vendor": "twilio", "blamed": 4}\', null)', house.now,
    )  # fmt: skip
    await house.rows(
        "insert into probe_look values (gen_random_uuid(), 'office', %s, 900, true, null, null),"
        " (gen_random_uuid(), 'office', %s::timestamptz - interval '1 hour', 100, false, 'connect', null)",
        house.now, house.now,
    )  # fmt: skip
    page = await _proof(house, "eli@example.com")

    assert "of 1000 inquiries answered within 60 s" in page
    assert "50 % of the error budget is left:</b> 5 more late answers until it is gone" in page
    assert "5 of 20 answers were late within 1 h, 4 waited for Twilio." in page
    assert "90.000&nbsp;%</b>" in page
    assert "measured from outside by “office”" in page
    assert "of 28 days nobody looked, which is unknown" in page
