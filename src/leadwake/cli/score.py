"""`leadwake score`: what counts how much, changed from a file; and any lead's score at any instant."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from leadwake.cli.database import ACTOR, with_office
from leadwake.cli.output import json_option, painted, print_json, print_table, printable
from leadwake.domain.scoring import score_at
from leadwake.domain.scoring.changes import difference, lasting
from leadwake.domain.scoring.weights import WrongWeights, read
from leadwake.errors import ConfigError, RuleError
from leadwake.storage import scores
from leadwake.workflows.office import Office
from leadwake.workflows.score_preview import preview


@click.group()
def score() -> None:
    """What each thing that is known of a lead counts in its score."""


@score.command()
@json_option
@with_office
async def show(office: Office, *, as_json: bool) -> None:
    """List every signal with its points and when they count half."""
    weights = office.weights
    if as_json:
        print_json({"version": weights.version, **weights.as_json()})
        return
    click.echo(f"Hot from {weights.hot}, warm from {weights.warm}; version {weights.version or '0, as shipped'}\n")
    print_table(
        ("SIGNAL", "POINTS", "HALF AFTER", "AT MOST", "WHAT"),
        [
            (code, f"{one.points:+d}", lasting(one), one.most if one.most > abs(one.points) else "", one.text)
            for code, one in weights.by_code.items()
        ],
        empty="nothing counts",
    )  # fmt: skip


@score.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reason", default="", help="why, for whoever asks later")
@click.option("--check", is_flag=True, help="only say what would change")
@with_office
async def publish(office: Office, *, file: Path, reason: str, check: bool) -> int:
    """
    Let the weights in FILE count: JSON as `show --json` prints it, or the part that changes.

    Names, addresses, ZIP codes, languages and other stand-ins for protected classes are refused.
    """
    try:
        value = read(_document(file), office.weights.version, office.weights)
    except WrongWeights as error:
        for name, why in error.reasons.items():
            click.echo(painted(f"✗ {printable(name)}: {why}", "red"))
        return 1
    lines, tried = difference(office.weights, value), await preview(office, value)
    for line in lines:
        click.echo(f"  {line}")
    click.echo(f"{tried.changes} of the last {tried.tried} leads change temperature")
    if lines and not check:
        now, before = office.clock.now(), office.weights.version
        new = await scores.publish(office.db, at=now, by=ACTOR, reason=reason, before=before, value=value)
        click.echo(painted(f"✓ version {new.version} counts", "green"))
    return 0


@score.command()
@click.argument("lead_id", metavar="LEAD", type=click.UUID)
@click.option("--at", "text", metavar="INSTANT", help="as it was then: 2026-11-29T12:00:00Z; now without it")
@json_option
@with_office
async def lead(office: Office, *, lead_id: UUID, text: str | None, as_json: bool) -> None:
    """Work out a lead's score, line by line, as of now or of any earlier instant."""
    at = _instant(text) if text else office.clock.now()
    async with office.db.connection() as connection:
        signals = await scores.signals_of(connection, lead_id)
    if not signals:
        raise RuleError("nothing is known of such a lead: leadwake lead list")
    weights = [since_weights for since, since_weights in await scores.versions(office.db) if since <= at][-1]
    found = score_at(signals, weights, at)
    if as_json:
        reasons = [{"text": reason.text, "points": reason.points} for reason in found.reasons]
        told = {"at": at, "score": found.value, "temperature": found.temperature.value, "reasons": reasons}
        print_json(told | {"weights": weights.version, "enriched": found.is_enriched})
        return
    for reason in found.reasons:
        click.echo(f"{reason.points:+4d}  {printable(reason.text)}")
    without = "" if found.is_enriched else ", without enrichment"
    click.echo(f"{found.value:4d}  {found.temperature.value}{without}")


def _document(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file}: not a JSON document of weights ({type(error).__name__})") from error
    if not isinstance(document, dict):
        raise ConfigError(f"{file}: not a JSON document of weights")
    return document


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError("--at: an instant such as 2026-11-29T12:00:00Z") from None
    if at.tzinfo is None:
        raise click.UsageError("--at: say the zone, too: 2026-11-29T12:00:00Z")
    return at
