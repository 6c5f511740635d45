"""The 300 leads through the shipped sequences: no touch out of hours, no broken words, each as the sequence says.

Judged by the oracle, which shares no code with the gate.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from gate_oracle import place, refusal, shut

from leadwake.compliance.tables import Tables
from leadwake.domain.sequence.model import Message, Sequence, Wait
from leadwake.domain.sequence.reading import read_published
from leadwake.domain.sequence.rehearsal import Foreseen
from leadwake.domain.sequence.shipped import shipped
from leadwake.intake.whatif import BadLine
from leadwake.workflows import history
from leadwake.workflows.history import Case, Lived, Report
from leadwake.workflows.rehearsal import LeadNow, Team
from leadwake.workflows.rehearsal_files import example_values, lives

NOW = datetime(2026, 11, 29, tzinfo=UTC)
#: what a form has to keep for a yes to be written consent; the file's forms kept less
PROOF = {
    "ip": "203.0.113.9", "user_agent": "Mozilla/5.0", "wording_version": "v3", "checkbox": "ticked",
    "signature": "As typed", "url": "https://www.example.com/form",
}  # fmt: skip
#: signs of a value that was not there, or of a template that was not rendered
BROKEN = re.compile(
    r"\{\{|\}\}|\{%|%\}|\bNone\b|\bnull\b| ,| \.(?:\s|$)|(?:Hi|Hello|Hola) ?[,:!](?! )\s*$|\(\)|  ", re.MULTILINE
)


def the_leads(shared: Path, *, proven: bool) -> list[str]:
    lines = (shared / "data" / "leads_intake.jsonl").read_text("utf-8").splitlines()
    return [json.dumps(_proven(json.loads(line))) for line in lines] if proven else lines


def _proven(lead: dict[str, Any]) -> dict[str, Any]:
    consent = lead.get("consent") or {}
    if consent.get("sms"):
        lead["consent"] = {**PROOF, **{name: value for name, value in consent.items() if value}}
    return lead


@pytest.fixture(scope="module", params=[False, True], ids=["as they are", "with their yes proven"])
def relived(request: pytest.FixtureRequest, shared: Path) -> tuple[list[Lived], Report]:
    """Every person's ninety days."""
    team, bad = Team(Tables.load(), values=example_values(None)), list[BadLine]()
    case = Case(team, history.plan(read_published(source) for source in shipped().values()))
    report = Report(datetime(2000, 1, 1, tzinfo=UTC), NOW, case, follow=timedelta(days=90))
    found = [report.add(life) for life in lives(the_leads(shared, proven=request.param), NOW, team, None, bad.append)]
    assert not bad
    return found, report


def touches(found: list[Lived]) -> Iterator[tuple[Lived, Sequence, Foreseen]]:
    return ((lived, following.sequence, each) for lived in found for following, each in lived.foreseen)


def test_no_text_leaves_out_of_hours(relived: tuple[list[Lived], Report]) -> None:
    for lived, _, each in touches(relived[0]):
        if each.channel == "sms" and each.leaves:
            assert (why := _shut(lived.lead, each.at)) is None, f"{lived.lead.id} {each.at}: {why}"


def _shut(lead: LeadNow, at: datetime) -> str | None:
    """Every state they may be in, by every clock there."""
    told = {
        "digits": lead.contacts["phone"].address.removeprefix("+1"), "state": lead.profile["state"] or "",
        "zip": lead.profile["postal_code"] or "", "country": lead.profile["country"] or "", "confirmed": False,
    }  # fmt: skip
    states, zones = place(told, {})
    return shut(at, states, zones, voice=False, marketing=True)


def test_nobody_is_written_to_whom_the_law_protects(relived: tuple[list[Lived], Report]) -> None:
    for lived, _, each in touches(relived[0]):
        if each.channel in {"sms", "email"} and each.leaves:
            contact = lived.lead.contacts["phone" if each.channel == "sms" else "email"]
            asked = {
                "digits": contact.address.removeprefix("+1"), "state": "", "zip": "", "country": "", "now": each.at,
                "channel": each.channel, "purpose": "marketing", "consent": contact.consent(each.at).value,
                "inquiry": max(contact.inquiries), "prior": [], "dnc": "none", "answered": None, "a2p": True,
            }  # fmt: skip
            assert refusal(asked, {}) is None


def test_no_words_are_broken(relived: tuple[list[Lived], Report]) -> None:
    said = Counter(each.channel for _, _, each in touches(relived[0]) if each.said)
    assert said["email"] > 1000
    for lived, sequence, each in touches(relived[0]):
        assert (each.said is not None) is each.leaves
        for text in (each.said.body, each.said.subject or "") if each.said else ():
            assert not (found := BROKEN.search(text)), (lived.lead.id, sequence.name, each.step, found, text)


def test_each_message_is_the_one_of_its_step_and_comes_in_its_order(relived: tuple[list[Lived], Report]) -> None:
    for lived in relived[0]:
        for following in lived.ways:
            own = [each for each in following.way.foreseen if not each.is_instead]
            assert [each.step for each in own] == sorted({each.step for each in own})
            assert all(one.at <= other.planned_at for one, other in itertools.pairwise(following.way.foreseen))
            for each in following.way.foreseen:
                act = following.sequence.steps[each.step].act
                assert not isinstance(act, Message) or each.channel in {act.channel, "email", "call"}
                assert not isinstance(act, Wait)


def test_the_report_counts_what_there_is(relived: tuple[list[Lived], Report]) -> None:
    found, report = relived
    tally = report.now.tally
    everything = Counter(each.channel for _, _, each in touches(found) if each.leaves or each.decision == "task")
    assert tally.amounts() == everything
    assert tally.people == len(found) == 292
    assert sum(tally.ended.values()) == sum(len(lived.ways) for lived in found)
    assert len(report.examples) == history.EXAMPLES


def test_texts_leave_where_they_were_agreed_to(relived: tuple[list[Lived], Report], request: Any) -> None:
    is_proven = "proven" in request.node.name
    assert (relived[1].now.tally.sent["sms"] > 50) is is_proven
    assert (relived[1].now.tally.segments > 50) is is_proven
