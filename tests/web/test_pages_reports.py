"""The page of reports: for managers alone, what they type counts, and hostile sources stay text."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from page_case import PASSWORD, admin, logged_in

from leadwake.storage.credentials import hash_password
from office_case import House, api_key, hire

HOSTILE = '=HYPERLINK("https://evil.example")<script>alert(1)</script>'
MARIA = {"name": "Maria Lopez", "phone": "813-555-0194", "email": "maria@example.com", "source": "website"}
SAID = {
    "segment_price": "0.0115", "mail_price": "$0.001", "lookup_price": "", "monthly_fixed": "1,200",
    "minutes_per_action": "3", "hourly_cost": "35",
}  # fmt: skip


async def _manager(house: House) -> None:
    await admin(house, role="manager")
    await house.post(MARIA | {"source": HOSTILE})


async def test_an_agent_sees_no_report(idle_house: House) -> None:
    await hire(idle_house.office, name="Eli", email="eli@example.com", password_hash=hash_password(PASSWORD))
    async with logged_in(idle_house, "eli@example.com") as client:
        for place in ("/reports", "/reports.csv"):
            assert (await client.get(place)).status_code == 403
        assert (await client.post("/reports/inputs", data=SAID)).status_code == 403
        assert "/reports" not in (await client.get("/proof")).text


async def test_what_a_manager_types_counts_and_is_kept_with_who_said_it(idle_house: House) -> None:
    await _manager(idle_house)
    async with logged_in(idle_house) as client:
        before = (await client.get("/reports")).text
        assert "Enter the month&#39;s fixed costs to see this" in before
        answer = await client.post("/reports/inputs", data=SAID | {"period": "7"})
        assert answer.headers["location"] == "/reports?period=7&saved=1#inputs"
        page = (await client.get(answer.headers["location"])).text
        again = await client.post("/reports/inputs", data=SAID | {"hourly_cost": ""})

    assert again.status_code == 303
    assert "Said by Alex Admin" in page
    assert "Enter the month" not in page
    kept = await idle_house.rows("select name, value::float as value from report_input order by id")
    assert [tuple(row.values()) for row in kept] == [
        ("segment_price", 0.0115), ("mail_price", 0.001), ("monthly_fixed", 1200.0), ("minutes_per_action", 3.0),
        ("hourly_cost", 35.0), ("hourly_cost", None),
    ]  # fmt: skip
    logged = await idle_house.rows("select data from event where kind = 'settings_changed' order by id desc limit 1")
    assert logged[0]["data"] == {"names": ["hourly_cost"]}


async def test_what_is_no_number_is_said_beside_its_field_and_nothing_is_kept(idle_house: House) -> None:
    await _manager(idle_house)
    async with logged_in(idle_house) as client:
        for wrong in ("a lot", "-1", "1e3", "٣", "1.2.3", "9999999", "<script>"):
            answer = await client.post("/reports/inputs", data=SAID | {"hourly_cost": wrong})
            assert answer.status_code == 422
            assert 'value="0.0115"' in answer.text
        no_source = await client.post("/reports/inputs", data={"source": " ", "source_monthly": "5"})
        assert no_source.status_code == 422
        assert "Choose a source." in no_source.text

    assert await idle_house.rows("select 1 from report_input") == []


async def test_a_hostile_source_is_text_on_the_page_and_no_formula_in_the_file(idle_house: House) -> None:
    await _manager(idle_house)
    async with logged_in(idle_house) as client:
        await client.post("/reports/inputs", data={"source": HOSTILE, "source_monthly": "500"})
        page = (await client.get("/reports")).text
        answer = await client.get("/reports.csv", params={"period": "7"})

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="leadwake-report-2026-11-18-2026-11-24.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {row["of"] for row in rows if "HYPERLINK" in row["of"]} == {f"'{HOSTILE}"}
    leads = next(row for row in rows if row["figure"] == "Leads" and row["section"] == "figures")
    assert (leads["value"], leads["n"]) == ("1", "1")
    assert all(row["definition"] for row in rows)


async def test_every_period_is_shown_and_what_is_none_is_28_days(idle_house: House) -> None:
    await _manager(idle_house)
    async with logged_in(idle_house) as client:
        for period in ("7", "90", "month", "quarter", "", "today", "91", "<script>"):
            page = (await client.get("/reports", params={"period": period})).text

            shown = period if period in {"7", "90", "month", "quarter"} else "28"
            assert f'<a href="/reports?period={shown}" aria-current="page">' in page


async def test_a_text_is_kept_with_its_segments_and_how_often_it_was_taken(house: House) -> None:
    lead = (await house.post(MARIA | {"consent": {"sms": True}})).json()
    text = await house.reaches(lead["inquiry_id"], "sms", "sent", "delivered")
    mail = await house.reaches(lead["inquiry_id"], "email", "sent", "delivered")

    assert (text["segments"], text["taken"]) == (1 + (len((await house.texts())[0]["Body"]) > 160), 1)
    assert (mail["segments"], mail["taken"]) == (None, 1)


async def _api(house: House, *scopes: str, **query: Any) -> Any:
    key = await api_key(house.office, *scopes)
    return await house.http.get("/v1/reports", params=query, headers={"authorization": f"Bearer {key}"})


async def test_a_program_reads_the_same_figures_of_any_days(idle_house: House) -> None:
    await _manager(idle_house)
    today = idle_house.now.date()
    found = (
        await _api(idle_house, "reports:read", **{"from": str(today - timedelta(days=6)), "to": str(today)})
    ).json()

    assert (found["first_day"], found["last_day"]) == ("2026-11-18", "2026-11-24")
    assert found["figures"]["leads"]["value"] == 1
    assert found["figures"]["cost"] | {"definition": ""} == {
        "label": "Cost", "value": None, "unit": "dollars", "n": 0, "part": None, "goal": "", "definition": "",
        "note": "", "missing": ["monthly_fixed"], "before_value": None, "before_n": 0,
    }  # fmt: skip
    assert found["sources"][0] == {
        "name": HOSTILE, "leads": 1, "conversations": 0, "meetings": 0, "sales": 0, "revenue_cents": {}, "cost": 0.0,
    }  # fmt: skip
    assert (await _api(idle_house, "leads:read")).status_code == 403
    for wrong in (
        {"from": "2026-11-24", "to": "2026-11-18"},
        {"from": "2020-01-01", "to": "2026-01-01"},
        {"from": "x"},
    ):
        assert (await _api(idle_house, "reports:read", **wrong)).status_code == 422
