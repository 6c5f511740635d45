"""A rehearsal asks the gate as production does: what left in it counts towards the caps, and consent as of its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from leadwake.compliance.tables import Tables
from leadwake.domain.sequence.reading import read_published
from leadwake.domain.sequence.rehearsal import Foreseen
from leadwake.domain.values import ConsentLevel
from leadwake.workflows.rehearsal import Contact, LeadNow, Team, way, ways
from leadwake.workflows.rehearsal_files import example_values
from sequence_case import MONDAY

TEXT = "{{ business.name }}: hello {{ lead.first_name }}. {{ opt_out_line }}"
BURST = "sequence: burst\ntitle: Burst\nabout: Many.\nstarts: by_hand\nthen: again\nsteps:\n" + 3 * (
    f'  - text: "{TEXT}"\n    else: skip\n  - wait: 10 minutes\n'
)
TEAM = Team(Tables.load(), values=example_values("Example Realty"))
FAR = MONDAY + timedelta(days=60)


def maria(*consents: tuple[timedelta, ConsentLevel]) -> LeadNow:
    phone = Contact("+12125550142", tuple((MONDAY + after, level) for after, level in consents), (MONDAY,))
    return LeadNow(
        "L1", {"first": "Maria", "name": "Maria Lopez", "phone": phone.address}, {}, {"phone": phone}, 50, "warm",
        "website", "web_form",
    )  # fmt: skip


def told(foreseen: tuple[Foreseen, ...]) -> list[tuple[str, str, timedelta]]:
    return [(each.decision, each.reason, each.at - MONDAY) for each in foreseen]


def test_what_left_in_the_rehearsal_counts_towards_the_cap_of_a_day_also_of_the_sequence_that_follows() -> None:
    burst = read_published(BURST)
    first, second = ways(
        TEAM,
        burst,
        {"again": replace(burst, name="again", then=None)},
        maria((timedelta(), ConsentLevel.WRITTEN)),
        MONDAY,
        FAR,
    )

    minutes = timedelta(minutes=1)
    assert told(first.way.foreseen) == [
        ("send", "ok", timedelta()), ("send", "ok", 10 * minutes), ("send", "ok", 20 * minutes)
    ]  # fmt: skip
    assert told(second.way.foreseen)[0] == ("defer", "cap_24h", timedelta(days=1))
    assert first.way.foreseen[0].said is not None
    assert first.way.foreseen[0].said.body == "Example Realty: hello Maria. Reply STOP to opt out"


def test_consent_counts_from_the_day_it_was_given() -> None:
    lead = maria((timedelta(), ConsentLevel.INQUIRY), (timedelta(minutes=15), ConsentLevel.WRITTEN))
    found = way(TEAM, read_published(BURST), lead, MONDAY, FAR)

    assert [(each.decision, each.reason) for each in found.foreseen] == [
        ("block", "needs_written_consent"), ("block", "needs_written_consent"), ("send", "ok")
    ]  # fmt: skip
