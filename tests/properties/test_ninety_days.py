"""Ninety days of a team under a stopped clock; two thousand leads in the long lane."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from ninety_days import BEGIN, TICK, Months, must_hold

from leadwake.domain.sequence.reading import read_sequence
from leadwake.workflows import sequences
from office_case import a_house

FIRST = """
sequence: first
title: First
about: The weeks after somebody asked.
starts: new_lead
rank: 9
window: {days: mon-sat, from: "9:00", to: "19:30"}
then: second
steps:
  - wait: 1 day
  - text:
      en: "{{ business.name }}: touch one. {{ opt_out_line }}"
      es: "{{ business.name }}: touch one. {{ opt_out_line }}"
    else: email
    else_email: {subject: Touch one, body: "{{ business.name }}"}
  - wait: until day 3
  - email: {subject: Touch two, body: "{{ business.name }}"}
  - wait: until day 7
  - branch: {if: {email: yes}, then: go-on, else: last}
  - email: {subject: Touch three, body: "{{ business.name }}"}
  - wait: until day 14
    name: last
  - text:
      en: "{{ business.name }}: touch four. {{ opt_out_line }}"
      es: "{{ business.name }}: touch four. {{ opt_out_line }}"
    else: call task
"""
SECOND = """
sequence: second
title: Second
about: The months after.
starts: by_hand
steps:
  - wait: 14 days
  - email: {subject: Touch five, body: "{{ business.name }}"}
  - wait: 21 days
  - text:
      en: "{{ business.name }}: touch six. {{ opt_out_line }}"
      es: "{{ business.name }}: touch six. {{ opt_out_line }}"
    else: email
    else_email: {subject: Touch six, body: "{{ business.name }}"}
"""


async def test_ninety_days_of_a_team_go_as_the_sequences_say(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    leads = 2_000 if request.config.getoption("--crash-long") else 40
    async with a_house(database_url, tmp_path / "data", now=BEGIN, pool=16, NURTURE_MINUTES=str(TICK)) as house:
        for source in (SECOND, FIRST):
            await sequences.publish(house.office, source, None)
        months = Months(house, leads, random.Random(11))
        await months.live()
        found = await must_hold(months, {each.name: each for each in map(read_sequence, (FIRST, SECOND))})
    assert found["out"] > 3 * leads
    assert found["deaths"] >= 10
