"""`leadwake whatif sequence`: one lead's way through a sequence, touch by touch, out of files alone."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TextIO

import click

from leadwake.cli.output import printable
from leadwake.cli.whatif_given import instant_of, json_of, policy_of, sequence_of, tables_of, zone_of
from leadwake.compliance.decision import instant_text
from leadwake.compliance.policy import STANDARD
from leadwake.domain.csv_cells import safe
from leadwake.domain.segments import segments
from leadwake.domain.sequence.progress import holds
from leadwake.domain.sequence.reading import read_published
from leadwake.domain.sequence.rehearsal import Foreseen, Sign
from leadwake.domain.sequence.shipped import shipped
from leadwake.errors import InputError
from leadwake.workflows import sequence_facts
from leadwake.workflows.rehearsal import Following, LeadNow, Team, ways
from leadwake.workflows.rehearsal_files import example_values, lead_of

COLUMNS: Final = ("at_utc", "at_local", "channel", "step", "decision", "reason")
#: with --text
WORDS: Final = ("sequence", "segments", "subject", "text")
#: a way that has not ended by then is shown so far
HORIZON: Final = timedelta(days=730)


@click.command()
@click.argument("source", metavar="NAME|FILE.yaml")
@click.option("--lead", "lead_file", required=True, type=click.File("r", encoding="utf-8-sig"), help="who: LEAD.json")
@click.option("--from", "start", required=True, metavar="INSTANT", help="when they begin it; UTC where it says no zone")
@click.option("--replies-at", metavar="INSTANT", help="when they answer: everything ends then")
@click.option("--then", "follows", is_flag=True, help="go on with the sequence that follows it")
@click.option("--text", is_flag=True, help="add the words: sequence, segments, subject, text")
@click.option("--business", metavar="NAME", help="whose messages they are; its consent is asked for [an example's]")
@click.option("--zone", default="America/New_York", show_default=True, help="of leads that nobody knows the place of")
@click.option("--every", default=15, show_default=True, type=click.IntRange(1, 1440), help="minutes between ticks")
@click.option("--tables", type=click.Path(path_type=Path), help="a folder of tables [those Leadwake came with]")
@click.option("--policy", type=click.File("r", encoding="utf-8"), help="a team's own rules, as JSON [the defaults]")
def sequence(
    *, source: str, lead_file: TextIO, start: str, replies_at: str | None, follows: bool, text: bool,
    business: str | None, zone: str, every: int, tables: Path | None, policy: TextIO | None,
) -> None:  # fmt: skip
    """Every touch that LEAD.json would get in a sequence from INSTANT on; nothing is sent.

    \b
    leadwake whatif sequence new_buyer --lead lead.json --from 2026-11-24T15:00:00Z
    Lead:     as POST /v1/leads takes it; score and temperature may be said
    Answers:  at_utc,at_local,channel,step,decision,reason
    Decision: send; defer: it leaves at that instant, later than at its turn, for the reason;
              block, skip, expire, fail, cancel: it does not leave; task, alert: a person is asked for

    The lead's consent, number and address decide as they would when it is sent: the law's hours, opt-outs, caps.
    """
    read, known = sequence_of(source), {name: read_published(given) for name, given in shipped().items()}
    team = Team(
        tables_of(tables), policy_of(policy) if policy else STANDARD, zone_of(zone), example_values(business),
        every=timedelta(minutes=every),
    )  # fmt: skip
    at = instant_of(start, "from")
    lead = lead_of(_lead(json_of(lead_file, "lead")), at, team, business)
    if not holds(read.audience, lead.facts(at, at, team.weights)):
        click.echo(f"leadwake: {read.name} is not for this lead (its `for:`); this is what it would do", err=True)
    stop = Sign(instant_of(replies_at, "replies-at"), "reply") if replies_at else None
    if stop is not None and stop.at <= at:
        raise InputError({"replies-at": "must be later than --from"})
    found = ways(team, read, known if follows else {}, lead, at, at + HORIZON, stop=stop)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS + WORDS if text else COLUMNS)
    for following in found:
        writer.writerows(rows_of(team, lead, following, text=text))
    _tell_end(found[-1])


def _lead(document: Any) -> Mapping[str, Any]:
    """The lead of {"lead": …}, or the document itself."""
    if not isinstance(document, dict):
        raise click.UsageError("the lead must be a JSON object, as POST /v1/leads takes it")
    return document["lead"] if isinstance(document.get("lead"), dict) else document


def rows_of(team: Team, lead: LeadNow, following: Following, *, text: bool) -> Iterator[list[str]]:
    """A row of COLUMNS for each touch; text: with its words."""
    for each in following.way.foreseen:
        step = following.sequence.steps[each.step].name
        row = [instant_text(each.at) or "", _local(team, lead, each.at), each.channel, step, each.decision, each.reason]
        yield row + (_words(following, each) if text else [])


def _local(team: Team, lead: LeadNow, at: datetime) -> str:
    """By the lead's own clock; by the first, where they may be in several places."""
    return at.astimezone(sequence_facts.zones(lead.profile, team.tables, team.zone, at)[0]).isoformat()


def _words(following: Following, each: Foreseen) -> list[str]:
    if each.said is None:
        return [following.sequence.name, "", "", ""]
    count = str(segments(each.said.body).count) if each.channel == "sms" else ""
    return [following.sequence.name, count, safe(each.said.subject or ""), safe(each.said.body)]


def _tell_end(last: Following) -> None:
    """How it ends, beside the table."""
    name, gone = last.sequence.name, last.way
    if gone.ended_at is None:
        click.echo(f"leadwake: {name} goes on beyond {HORIZON.days} days", err=True)
        return
    follows = f"; then {last.sequence.then} begins (--then shows it)" if last.sequence.then else ""
    how = f"is finished{follows}" if gone.because == "finished" else f"ends: {gone.because}"
    click.echo(f"leadwake: {printable(name)} {how}, {instant_text(gone.ended_at)}", err=True)
