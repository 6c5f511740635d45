"""The past once more: what is unchanged comes out as it happened, and nothing is written."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

from leadwake.domain.sequence.reading import read_sequence
from leadwake.workflows import history, rehearsal, rehearsal_leads, rehearsal_tally, sequences
from leadwake.workflows.history import Case, Report
from leadwake.workflows.rehearsal_tally import Tally
from office_case import NOON, House
from rehearsal_case import Event, live, stopped

WRITTEN = {
    "sms": True, "email": True, "text": "I agree to automated marketing texts from Example Realty", "ip": "203.0.113.9",
    "timestamp": "2026-11-24T16:59:30Z", "user_agent": "Mozilla/5.0", "wording_version": "v3", "checkbox": "ticked",
    "signature": "Maria Lopez", "url": "https://www.example.com/buy",
}  # fmt: skip
BUYER = """
sequence: buyer
title: Buyer
about: Somebody who wants to buy.
starts: new_lead
for: {interest: buy_home}
then: longer
steps:
  - wait: 1 day
  - text:
      en: "{{ business.name }}: hi {{ lead.first_name }}, seen a home you like? {{ opt_out_line }}"
    else: email
    else_email:
      subject: {en: "Seen a home you like?"}
      body: {en: "Hi {{ lead.first_name }}, seen one? {{ business.name }}"}
  - wait: until day 3
  - call: Ask what they have seen
  - alert: No answer yet
  - email:
      subject: {en: "Homes near you"}
      body: {en: "Hi {{ lead.first_name }}. {{ business.name }}"}
"""
LONGER = """
sequence: longer
title: Longer
about: Goes on.
starts: by_hand
steps:
  - wait: 7 days
  - email:
      subject: {en: "Still looking?"}
      body: {en: "Hi {{ lead.first_name }}. {{ business.name }}"}
"""
DAYS = 20


def lead(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "name": f"Maria Lead{number}", "phone": f"813-555-01{number:02}", "email": f"maria{number}@example.com",
        "channel": "web_form", "source": "website", "interest": "buy_home", "message": "Is 12 Oak St still open?",
        "consent": WRITTEN if number % 2 else {},
    } | changes  # fmt: skip


def a_team_s_weeks(house: House) -> list[Event]:
    """Leads on one day after the other, and what they do."""

    def at(days: float, what: Any, *words: Any) -> Event:
        return NOON + timedelta(days=days), partial(what, *words)

    return [
        *(at(number / 3, house.post, lead(number)) for number in range(9)),
        at(0.4, house.post, lead(20, interest="sell_home")),
        at(0.6, house.post, lead(21, phone=None)),
        at(0.7, house.post, lead(22, email=None)),
        at(2.0, house.hear, "+18135550101", "Yes, the one on Oak street"),
        at(3.5, house.hear, "+18135550103", "STOP"),
        at(5.0, house.post, lead(5, message="And 14 Oak St?")),
        at(6.1, house.rows, "select human_touched(id, (select id from app_user limit 1), "
           "'2026-11-30T19:24:00Z', 'call') from lead order by created_at desc limit 1"),
    ]  # fmt: skip


async def everything(house: House) -> dict[str, int]:
    """How many rows each table has."""
    tables = await house.rows("select table_name from information_schema.tables where table_schema = 'public'")
    counts = {}
    for row in tables:
        found = await house.rows(f'select count(*) as n from "{row["table_name"]}"')  # type: ignore[arg-type]
        counts[row["table_name"]] = found[0]["n"]
    return counts


async def report_of(house: House, changed: str | None = None) -> Report:
    office = house.office
    team, given = rehearsal.team_of(office), history.in_force(office.sequences)
    tried = Case(team, history.plan(given, [read_sequence(changed)])) if changed else None
    report = Report(
        NOON - timedelta(days=1), house.now, Case(team, history.plan(given)), tried, did=Tally(), tried=("buyer",)
    )  # fmt: skip
    async for life, did in history.lives(office, report.since):
        report.add(life, did)
    return report


async def test_the_past_under_what_is_in_force_is_what_happened(idle_house: House) -> None:
    house = stopped(idle_house)
    await sequences.publish(house.office, LONGER, None)
    await sequences.publish(house.office, BUYER, None)
    await live(house, NOON + timedelta(days=DAYS), a_team_s_weeks(house))
    before = await everything(house)

    report = await report_of(house)
    assert report.did is not None
    now, did = report.now.tally, report.did
    assert report.did_amounts == now.amounts() == Counter(now.amounts())
    assert did.withheld == now.withheld
    assert did.ended == now.ended
    assert (did.people, did.enrolled) == (now.people, now.enrolled) == (12, 11)
    assert not report.examples
    assert now.ended.keys() == {"finished", "reply", "opt_out", "asked_again", "person"}
    assert now.amounts().keys() == {"sms", "email", "call", "alert"}

    shorter = BUYER.replace("  - call: Ask what they have seen\n", "").replace("until day 3", "until day 9")
    report = await report_of(house, shorter)
    assert report.changed is not None
    assert report.changed.tally.amounts()["call"] == 0 < report.did_amounts["call"]
    assert not report.unused
    assert 0 < len(report.examples) <= history.EXAMPLES

    leads = await rehearsal_leads.sample(house.office)
    assert len(leads) == 12
    began = time.process_time()
    whole = rehearsal.rehearse(
        house.office, read_sequence(BUYER), leads * 4, house.now, house.now + timedelta(days=90)
    )  # fmt: skip
    days = rehearsal_tally.by_day(house.office, whole)
    assert time.process_time() - began < 1.0
    assert (len(whole.ways), whole.not_for) == (44, 4)
    assert len(days) == 91
    assert days[0].so_far.amounts().total() == 0 < days[1].so_far.amounts().total() < days[9].so_far.amounts().total()
    assert days[90].so_far.calls.total() == 44
    assert await everything(house) == before
