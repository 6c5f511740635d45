"""`leadwake whatif sequence` and `whatif history --leads`: files in, touches out, no database."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from command_case import Answer, CommandLine

from leadwake.workflows import sequences
from leadwake.workflows.intake import receive_lead

PROVEN = {
    "sms": True, "email": True, "text": "I agree to automated texts from Example Realty", "ip": "203.0.113.9",
    "timestamp": "2026-11-24T16:59:30Z", "user_agent": "Mozilla/5.0", "wording_version": "v3", "checkbox": "ticked",
    "signature": "Maria Lopez", "url": "https://www.example.com/buy",
}  # fmt: skip
LEAD = {
    "id": "L1", "name": "Maria Lopez", "phone": "813-555-0142", "email": "maria@example.com", "state": "FL",
    "channel": "web_form", "source": "website", "interest": "buy_home", "received_at": "2026-11-24T17:00:00Z",
    "message": "Is 12 Oak St still open?", "consent": PROVEN,
}  # fmt: skip
#: an hour after the evening's last lawful minute in Florida
MINE = """
sequence: mine
title: Mine
about: Somebody who wants to buy.
starts: new_lead
for: {interest: buy_home}
steps:
  - wait: 8 hours
  - text: "Hi {{ lead.first_name }}, it's {{ business.name }}. Seen a home you like? {{ opt_out_line }}"
    else: call_task
    name: first
  - wait: until day 3
  - call: Ask what they have seen
"""


@pytest.fixture
def mine(bare: CommandLine) -> CommandLine:
    """A folder with a lead and a sequence."""
    (bare.folder / "lead.json").write_text(json.dumps(LEAD))
    (bare.folder / "mine.yaml").write_text(MINE)
    return bare


def rehearsed(line: CommandLine, *words: str) -> Answer:
    return line("whatif", "sequence", "mine.yaml", "--lead", "lead.json", "--from", "2026-11-24T17:00:00Z", *words)


def test_every_touch_is_a_row_with_its_instant_on_both_clocks(mine: CommandLine) -> None:
    answer = rehearsed(mine)

    assert answer.code == 0
    assert answer.lines == [
        "at_utc,at_local,channel,step,decision,reason",
        "2026-11-25T13:00:00Z,2026-11-25T08:00:00-05:00,sms,first,defer,quiet_hours",
        "2026-11-27T17:00:00Z,2026-11-27T12:00:00-05:00,call,step-4,task,sequence",
    ]
    assert answer.err == "leadwake: mine is finished, 2026-11-27T17:00:00Z\n"


def test_an_answer_ends_it_and_the_words_can_be_read(mine: CommandLine) -> None:
    answer = rehearsed(mine, "--replies-at", "2026-11-25T18:00:00Z", "--text", "--business", "Example Realty")

    assert [row["decision"] for row in csv.DictReader(answer.lines)] == ["defer"]
    row = next(csv.DictReader(answer.lines))
    assert row["text"] == "Hi Maria, it's Example Realty. Seen a home you like? Reply STOP to opt out"
    assert (row["sequence"], row["segments"]) == ("mine", "1")
    assert "mine ends: reply, 2026-11-25T18:00:00Z" in answer.err


def test_whoever_agreed_to_another_business_is_called_instead(mine: CommandLine) -> None:
    rows = list(csv.DictReader(rehearsed(mine, "--business", "Somebody Else").lines))
    assert [(row["channel"], row["decision"], row["reason"]) for row in rows] == [
        ("sms", "block", "needs_written_consent"), ("call", "task", "needs_written_consent"),
        ("call", "task", "sequence"),
    ]  # fmt: skip


def test_what_is_wrong_is_said_in_a_line(mine: CommandLine) -> None:
    lead = ("--lead", "lead.json")
    unknown = mine("whatif", "sequence", "new_byer", *lead, "--from", "2026-11-24T17:00:00Z").refused(2)
    assert (
        unknown == "leadwake: sequence: no sequence 'new_byer' comes with Leadwake: is it new_buyer? Or give FILE.yaml"
    )
    timeless = mine("whatif", "sequence", "new_buyer", *lead, "--from", "tomorrow").refused(2)
    assert timeless == "leadwake: from: an instant, such as 2026-11-24T15:00:00Z"
    early = ("--from", "2026-11-24T17:00:00Z", "--replies-at", "2026-11-24T17:00:00Z")
    assert "later than --from" in mine("whatif", "sequence", "new_buyer", *lead, *early).refused(2)
    (mine.folder / "bad.yaml").write_text(MINE.replace("8 hours", "8 parsecs"))
    bad = mine("whatif", "sequence", "bad.yaml", *lead, "--from", "2026-11-24T17:00:00Z").refused(2)
    assert "line 8" in bad


def test_a_file_of_leads_goes_through_the_shipped_sequences(mine: CommandLine, shared: Path) -> None:
    file = str(shared / "data" / "leads_intake.jsonl")
    (mine.folder / "changed.yaml").write_text(MINE.replace("sequence: mine", "sequence: new_buyer"))
    answer = mine(
        "whatif", "history", "--leads", file, "--json", "--sequence", "changed.yaml", "--sequence", "mine.yaml"
    )
    found = answer.json

    assert found["happened"] is None
    assert found["in_force"]["people"] == found["changed"]["people"] == 292
    assert found["in_force"]["sequences"]["new_buyer"] > 50
    assert len(found["examples"]) == 10
    assert "nobody would be in new_buyer: no lead fits, or another comes first" in answer.err
    told = mine("whatif", "history", "--leads", file, "--text-cents", "0.8", "--mail-cents", "0.1")
    assert told.code == 0
    assert told.lines[0].startswith("292 people of the file, each followed for 90 days after they asked")
    assert any(line.startswith("cost") and "$" in line for line in told.lines)
    table = mine("whatif", "history", "--leads", "-", "--csv", stdin=json.dumps(LEAD))
    assert table.lines[0] == "lead,at_utc,at_local,channel,step,decision,reason,sequence,segments,subject,text"
    assert {row["lead"] for row in csv.DictReader(table.lines)} == {"L1"}


def test_other_weights_send_leads_another_way(mine: CommandLine) -> None:
    (mine.folder / "weights.json").write_text('{"hot": 2, "warm": 1}')
    found = mine("whatif", "history", "--leads", "lead.json", "--weights", "weights.json", "--json").json
    assert found["changed"]["amounts"]["call"] == found["in_force"]["amounts"]["call"] + 1
    (mine.folder / "weights.json").write_text('{"weights": {"last_name": {"points": 9}}}')
    refused = mine("whatif", "history", "--leads", "lead.json", "--weights", "weights.json").refused(2)
    assert "weights, last_name: this stands for" in refused


async def test_a_team_s_own_past_is_read_from_its_database(leadwake: CommandLine) -> None:
    async with leadwake.office() as office:
        await receive_lead(office, json.dumps({**LEAD, "received_at": None}).encode())
        await sequences.publish(office, MINE, None)
    found = leadwake("whatif", "history", "--days", "2", "--json").json

    assert (found["happened"]["people"], found["happened"]["in_a_sequence"]) == (1, 0)
    assert found["in_force"]["sequences"] == {"mine": 1}
    assert leadwake("whatif", "history").lines[2].split() == ["happened", "as", "it", "stands"]
