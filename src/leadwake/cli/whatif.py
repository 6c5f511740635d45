"""`leadwake whatif`: what would happen, said of files. Pure: no database, no network, no settings."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from leadwake.cli.lazy import Lazy
from leadwake.cli.whatif_given import json_of, policy_of, tables_of, zone_of
from leadwake.cli.whatif_score import score
from leadwake.compliance import whatif as gate
from leadwake.compliance import whatif_reply as replies
from leadwake.compliance.policy import STANDARD
from leadwake.intake import whatif as doors
from leadwake.intake import whatif_email as mails
from leadwake.intake import whatif_route as routes
from leadwake.intake import whatif_team as teams
from leadwake.intake.mail.parts import MAIL_BYTES
from leadwake.intake.whatif import BadLine


class _Whatif(click.Group):
    """Loads what needs the whole product only when it is called."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; None when there is none of that name."""
        lazy = _LATER.get(cmd_name)
        return lazy.load() if lazy else super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name."""
        return sorted({*super().list_commands(ctx), *_LATER})


_LATER = {
    "sequence": Lazy("leadwake.cli.whatif_sequence:sequence"),
    "history": Lazy("leadwake.cli.whatif_history:history"),
}


@click.group(cls=_Whatif)
def whatif() -> None:
    """Dry runs: read a file (- is standard input), write to standard output, touch no database but where it is said."""


whatif.add_command(score)


@whatif.command()
@click.argument("leads", type=click.File("r", encoding="utf-8", errors="surrogateescape"))
def intake(leads: TextIO) -> None:
    """What intake would make of LEADS.jsonl: contacts normalised, the same people found again.

    \b
    leadwake whatif intake leads.jsonl > answers.csv
    Answers: id,phone_e164,email_normalised,duplicate_of

    A line that is no lead is named on standard error; exit 1 when one has no row in the answer.
    """
    bad: list[BadLine] = []

    def note(line: BadLine) -> None:
        bad.append(line)
        click.echo(f"leadwake: {line}", err=True)

    doors.write_csv(doors.run(leads, on_bad=note), sys.stdout)
    if any(not line.has_row for line in bad):
        raise click.exceptions.Exit(1)


@whatif.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE.eml|.xml …")
def email(files: tuple[str, ...]) -> None:
    """What the lead mails in FILES hold: who asks for what, by which portal; or why one is no lead.

    \b
    leadwake whatif email inbox/*.eml
    Answers: a line of JSON a file: file, is_lead, source, via, name, email, relay_email, phone_e164,
             message, property_address, extra   ("why" where it is no lead, "more" where it holds several)

    A file that cannot be read is named on standard error, the others are answered; exit 2.
    """
    unread = False
    for name in files:
        try:
            with click.open_file(name, "rb") as file:
                raw = file.read(MAIL_BYTES)
        except OSError as error:
            unread = True
            click.echo(f"leadwake: {name}: {error.strerror}: give the path of a mail or an XML document", err=True)
            continue
        click.echo(json.dumps(mails.answer(Path(name).name, raw), ensure_ascii=False))
    if unread:
        raise click.exceptions.Exit(2)


@whatif.command()
@click.argument("cases", type=click.File("r", encoding="utf-8-sig", lazy=False))
@click.option("--tables", type=click.Path(path_type=Path), help="a folder of tables [those Leadwake came with]")
@click.option("--policy", type=click.File("r", encoding="utf-8"), help="a team's own rules, as JSON [the defaults]")
def send(cases: TextIO, tables: Path | None, policy: TextIO | None) -> None:
    """Ask the gate about every row of CASES.csv: send now, later, or never, and why.

    \b
    leadwake whatif send cases.csv
    Columns: case_id,recipient,declared_state,declared_zip,declared_country,now_utc,channel,purpose,
             consent,inquiry_at_utc,prior_24h,prior_sent_utc,dnc
    Answers: case_id,decision,at_utc,reason   (at_utc empty for block)
    """
    gate.send_csv(cases, sys.stdout, tables_of(tables), policy_of(policy) if policy else STANDARD)


@whatif.command()
@click.argument("texts", type=click.File("r", encoding="utf-8-sig", lazy=False))
@click.option("--explain", is_flag=True, help="add how it was read: reading, scope, because")
def reply(texts: TextIO, explain: bool) -> None:
    """What a person means by each reply in TEXTS.csv: a stop, and by which words?

    \b
    leadwake whatif reply texts.csv
    Column:  text
    Answers: text,intent   (stop, start, help or not_opt_out)

    What may be a stop is answered as stop: automation pauses and a person reads it.
    """
    replies.reply_csv(texts, sys.stdout, explain=explain)


@whatif.command()
@click.argument("lead", type=click.File("r", encoding="utf-8-sig"))
@click.option("--team", type=click.File("r", encoding="utf-8-sig"), help="the team, CSV or JSON [the sample team]")
@click.option("--rules", type=click.File("r", encoding="utf-8-sig"), help="routing rules, as JSON [everyone]")
@click.option("--at", metavar="INSTANT", help="when it is routed, with its zone [now]")
@click.option("--zone", default="America/New_York", show_default=True, help="of agents who name none")
def route(lead: TextIO, team: TextIO | None, rules: TextIO | None, at: str | None, zone: str) -> None:
    """Whom LEAD.json would go to, who else may have it, and why the others may not.

    \b
    leadwake whatif route lead.json --team team.csv
    Lead:    as POST /v1/leads takes it; score, temperature and owner may be said;
             or {"lead": …, "agents": […], "rules": …, "at": …}
    Team:    name,email,phone,role,languages,licences,specialties,areas,time_zone,shifts,
             days_off,capacity,on_call,slack_id
    Rules:   [{"name": "Zillow goes to Ana", "when": {"sources": ["Zillow"]}, "agents": ["ana@example.com"]}, …],
             in order; "weights": {"ana@example.com": 2} gives her twice as many
    Answers: {"chosen", "because", "eligible": […], "skipped": [{"agent", "why"}], …}
    """
    trial = routes.read_trial(json_of(lead, "lead"), datetime.now(UTC))
    if team:
        trial = replace(trial, agents=teams.read_team(team.read()))
    if rules:
        trial = replace(trial, rules=routes.rules_of(json_of(rules, "rules")))
    if at:
        trial = replace(trial, at=routes.instant(at))
    answer = routes.run(trial, tables_of(None), zone_of(zone))
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
