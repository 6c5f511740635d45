"""The digest: at 8:00 of one's own clock, once a day whoever looks, and with nobody's name kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from leadwake.bootstrap import open_office
from leadwake.domain import digest
from leadwake.domain.shifts import Hours, Shift, shifts_json
from leadwake.storage import reports, tasks
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.workflows.digest_planning import due, plan_due
from office_case import House, a_house, hire, until, working

NEW_YORK = ZoneInfo("America/New_York")
#: a Tuesday, 8:00 in New York
EIGHT = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
#: the Monday before, 8:00
MONDAY = EIGHT - timedelta(days=1)
MARIA = {"name": "Maria Lopez", "phone": "813-555-0194", "email": "maria@example.com", "message": "Still open?"}
WEEKDAYS = Shift((1, 2, 3, 4, 5), time(9), time(17))


async def _works(
    house: House, person: Person, *shifts: Shift, zone: str | None = None, slack: str | None = None
) -> None:
    await house.rows(
        "update app_user set shifts = %s::jsonb, time_zone = %s, slack_id = %s where id = %s",
        json.dumps(shifts_json(shifts)), zone, slack, person.id,
    )  # fmt: skip
    await house.office.refresh()


async def _waits(house: House, kind: tasks.Kind, **lead: str) -> str:
    """Somebody asks, and waits for Dana; the lead's id."""
    lead_id = (await house.post(MARIA | lead)).json()["lead_id"]
    dana = house.office.team[0]
    async with house.office.db.transaction() as connection:
        await tasks.done(connection, lead_id, tasks.KINDS, house.now, "system")
        due_at = house.now + timedelta(hours=2)
        await tasks.open_task(connection, lead_id, kind, house.now, due_at=due_at, agent_id=dana.id)
    return str(lead_id)


async def _digests(house: House) -> Sequence[dict[str, Any]]:
    return await house.rows("select * from action where kind like 'digest%%' order by created_at, kind")


async def _mail(house: House, subject: str) -> dict[str, Any]:
    """The first mail the stand-in took whose subject begins so."""
    found: list[dict[str, Any]] = []

    async def holds() -> bool:
        found[:] = [mail for mail in await house.mails() if mail["subject"].startswith(subject)]
        return bool(found)

    await until(holds)
    return found[0]


def _text(mail: dict[str, Any]) -> str:
    return next(part["value"] for part in mail["content"] if part["type"] == "text/plain")


async def test_an_agent_hears_at_eight_who_waits_and_nobody_is_named_in_what_is_kept(
    database_url: str, tmp_path: Path
) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False, now=EIGHT - timedelta(hours=1)) as house:
        lead_id = await _waits(house, "reply")
        house.advance(timedelta(hours=1))
        async with working(house.office):
            text = _text(await _mail(house, "Waiting for you: 1"))
            await house.settled()

        assert f"- Maria Lopez, cold, wrote back, 1 h: {house.office.settings.links_base}/leads/{lead_id}" in text
        assert "1 person asked" in text
        action = (await _digests(house))[0]
        kept = house.office.vault.open_setting(f"action {action['id']}", action["content"])
        assert "somebody, cold, wrote back" in kept
        assert "Maria" not in kept
        assert "Maria" not in str(await house.rows("select * from digest"))


async def test_where_nobody_waits_it_says_so(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data", now=EIGHT) as house:
        text = _text(await _mail(house, "Nobody waits for you"))

        assert text.startswith("Nobody waits for you.")
        assert "Since Mon 23 Nov, 18:00 nobody has asked." in text


async def test_somebody_erased_meanwhile_is_left_out(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False, now=EIGHT) as house:
        lead_id = await _waits(house, "call")
        assert await plan_due(house.office) == 1
        await house.rows("delete from lead where id = %s", lead_id)
        async with working(house.office):
            assert "Maria" not in _text(await _mail(house, "Nobody waits for you"))


async def test_it_is_planned_once_however_many_look_and_however_often(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False, now=EIGHT) as house:
        other, _ = await open_office(house.office.settings, database_url, pool=4)
        try:
            planned = await asyncio.gather(*(plan_due(office) for office in (house.office, other) for _ in range(3)))
            house.advance(timedelta(hours=2, minutes=59))
            planned += [await plan_due(house.office), await plan_due(other)]
        finally:
            await other.db.close()

        assert sum(planned) == 1
        assert len(await _digests(house)) == 1


async def test_a_server_that_was_off_at_eight_sends_it_late_until_eleven_and_then_not(
    database_url: str, tmp_path: Path
) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False, now=EIGHT + timedelta(hours=3)) as house:
        assert await plan_due(house.office) == 0
        house.advance(timedelta(hours=24, minutes=-1))
        assert await plan_due(house.office) == 1


async def test_eight_is_the_agents_own_and_only_on_days_with_a_shift(idle_house: House) -> None:
    dana = idle_house.office.team[0]
    eli = await hire(idle_house.office, name="Eli", email="eli@example.com")
    await _works(idle_house, dana, WEEKDAYS, zone="America/Los_Angeles")
    await _works(idle_house, eli, Shift((6,), time(9), time(17)))

    def at(*moment: int) -> set[str]:
        return {each.person.name for each in due(idle_house.office, datetime(*moment, tzinfo=UTC))}  # type: ignore[misc]

    assert at(2026, 11, 24, 13, 30) == set()  # 8:30 in New York
    assert at(2026, 11, 24, 16, 30) == {"Dana Reyes"}  # 8:30 in Los Angeles
    assert at(2026, 11, 28, 13, 30) == {"Eli"}  # a Saturday
    assert at(2026, 11, 28, 16, 30) == set()


async def test_what_cannot_go_stands_there_with_its_reason(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False, now=EIGHT) as house:
        await _works(house, house.office.team[0], slack="U123")
        house.office.base_settings = replace(house.office.base_settings, sandbox_url=None)
        await house.office.refresh()
        await plan_due(house.office)

        found = {row["kind"]: (row["state"], row["reason"]) for row in await _digests(house)}
        off = ("skipped", "vendor_off")
        assert found == {"digest_slack": off, "digest_email": off}


async def test_who_reads_slack_has_the_digest_there_and_no_mail(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False, now=EIGHT) as house:
        await _works(house, house.office.team[0], slack="U123")
        await plan_due(house.office)
        async with working(house.office):
            await house.settled()

        posts = (await house.sandbox.get("/received", params={"vendor": "slack"})).json()
        assert [post["body"]["channel"] for post in posts if post["method"] == "POST"] == ["U123"]
        assert [row["kind"] for row in await _digests(house)] == ["digest_slack"]


async def test_a_manager_hears_on_monday_how_the_week_was(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False, now=MONDAY - timedelta(days=3)) as house:
        await hire(
            house.office, name="Mo Lead", email="mo@example.com", role="manager", takes_leads=False, practice=False
        )
        lead = (await house.post(MARIA)).json()
        dana = house.office.team[0]
        await house.rows(
            "update inquiry set offered_at = asked_at, human_at = asked_at + interval '12 minutes', human_by = %s "
            "where id = %s", dana.id, lead["inquiry_id"],
        )  # fmt: skip
        house.advance(timedelta(days=3))
        async with working(house.office):
            mail = await _mail(house, "Last week: 1 received, 1 accounted for")

        text = _text(mail)
        assert mail["personalizations"][0]["to"][0]["email"] == "mo@example.com"
        assert "16 Nov to 22 Nov" in text
        assert "- Human: median 12 min, n 1" in text
        assert "- Dana Reyes: " in text
        assert "- Leads: 1; before 0" in text
        assert "Cost" not in text, "nobody said what things cost"
        assert "/reports?period=7" in text


async def test_a_manager_hears_each_morning_of_yesterday_where_that_is_set(database_url: str, tmp_path: Path) -> None:
    async with a_house(
        database_url, tmp_path / "data", at_work=False, now=EIGHT - timedelta(days=1), REPORT_DAILY="on"
    ) as house:
        mo = await hire(
            house.office, name="Mo Lead", email="mo@example.com", role="manager", takes_leads=False, practice=False
        )
        lead = (await house.post(MARIA)).json()
        async with house.office.db.transaction() as connection:
            for name, price in (("monthly_fixed", 30), ("segment_price", 0), ("mail_price", 0), ("lookup_price", 0)):
                await reports.say(connection, name, "", Decimal(price), mo.id, house.now)
            await record(connection, house.now, "lead", "replied", lead_id=lead["lead_id"])
        house.advance(timedelta(days=1))
        async with working(house.office):
            text = _text(await _mail(house, "Yesterday: 1 received, 1 accounted for"))

        assert text.startswith("23 Nov: 1 received")
        assert "- Conversations: 1; before 0" in text
        assert "- Cost: $1, n " in text


async def test_a_clock_that_runs_an_hour_a_second_misses_no_morning_and_sends_once(
    database_url: str, tmp_path: Path
) -> None:
    async with a_house(database_url, tmp_path / "data", now=EIGHT - timedelta(hours=2), speed=3600.0) as house:

        async def is_noon() -> bool:
            return house.now > EIGHT + timedelta(hours=4)

        await until(is_noon)
        await house.settled()

        assert len(await _digests(house)) == 1


# Always and never -----------------------------------------------------------------------------------------------------

HOURS = st.builds(
    Hours,
    st.sampled_from([NEW_YORK, ZoneInfo("America/Los_Angeles"), ZoneInfo("America/Phoenix"), ZoneInfo("Pacific/Apia")]),
    st.lists(
        st.builds(
            Shift, st.lists(st.integers(1, 7), min_size=1, unique=True).map(tuple), st.times(), st.times()
        ), max_size=2
    ).map(tuple),
    st.frozensets(st.dates(date(2026, 3, 1), date(2026, 3, 20)), max_size=4),
)  # fmt: skip
#: from February to November: both changes of the clocks, in both hemispheres
MOMENTS = st.integers(0, 300 * 24 * 60).map(
    lambda minutes: datetime(2026, 2, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(HOURS, MOMENTS, st.booleans())
def test_each_day_with_a_shift_has_one_digest_of_three_hours_clock_changes_or_not(
    hours: Hours, start: datetime, weekly: bool
) -> None:
    found: dict[date, list[datetime]] = {}
    for step in range(9 * 24 * 6):
        now = start + timedelta(minutes=10 * step)
        if (day := digest.due_day(hours, now, weekly=weekly)) is not None:
            found.setdefault(day, []).append(now.astimezone(hours.zone))

    for day, moments in found.items():
        assert day.isoweekday() == 1 if weekly else hours.has_shift(day)
        assert all(local.date() == day and 8 <= local.hour < 11 for local in moments)
    whole = [start.astimezone(hours.zone).date() + timedelta(days=n) for n in range(1, 8)]
    assert [day for day in whole if day in found] == [
        day for day in whole if (day.isoweekday() == 1 if weekly else hours.has_shift(day))
    ]


@given(HOURS, MOMENTS)
def test_a_night_began_before_now_and_within_four_days(hours: Hours, now: datetime) -> None:
    began = digest.night_begins(hours, now).astimezone(UTC)

    assert now - timedelta(days=6) < began <= now + timedelta(hours=18)
    if digest.due_day(hours, now, weekly=False):
        assert began <= now
