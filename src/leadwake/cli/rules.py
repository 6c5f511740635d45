"""`leadwake rules`: the tables the gate decides by, replaced without a deploy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from leadwake.cli.database import ACTOR, with_office
from leadwake.cli.output import json_option, painted, print_json, print_table, printable
from leadwake.compliance.policy import MAX_REASON_CHARS, MIN_REASON_CHARS
from leadwake.compliance.policy_words import described
from leadwake.compliance.table_diff import differences
from leadwake.compliance.table_files import TABLE_FILES, read_files
from leadwake.compliance.tables import Tables
from leadwake.errors import ConfigError, RuleError
from leadwake.storage import policies, rule_tables
from leadwake.workflows.office import Office

#: more differences than that are counted, not listed
_SHOWN = 60

_folder = click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))


@click.group()
def rules() -> None:
    """The tables the gate decides by: hours, closed days, caps, area codes. Every set that was in force is kept."""


@rules.command()
@json_option
@with_office
async def show(office: Office, *, as_json: bool) -> None:
    """Say which tables are in force, and what the team changed on top of them."""
    tables, policy = office.tables, office.policy
    own = described(policy, office.settings.time_zone)
    if as_json:
        print_json(
            {"tables": tables.version, "effective": tables.effective, "shipped": office.shipped.version,
             "holidays_end": tables.holidays_end and tables.holidays_end.isoformat(), "problems": tables.problems,
             "policy": policy.version, "changed": own}
        )  # fmt: skip
        return
    whose = "as shipped" if tables.version == office.shipped.version else "your own"
    click.echo(f"Tables      {tables.version}, {whose}, read against the law on {tables.effective}")
    click.echo(f"Holidays    known until {tables.holidays_end or 'no state closes'}")
    for problem in tables.problems:
        click.echo(painted(f"✗ {printable(problem)}", "red"))
    click.echo(f"Your rules  version {policy.version}" if own else "Your rules  the defaults")
    for line in own:
        click.echo(f"            {printable(line)}")


@rules.command()
@_folder
@with_office
async def check(office: Office, *, folder: Path) -> int:
    """Read every row of the tables in DIR and say what is wrong, and what they would change; nothing is stored."""
    return _report(office, Tables.of(_contents(folder)))


@rules.command()
@_folder
@click.option("--reason", required=True, help="why, for the log and whoever asks later")
@with_office
async def load(office: Office, *, folder: Path, reason: str) -> int:
    """Put the tables in DIR in force, in every process, at once; refused whole when one row is wrong.

    \b
    leadwake rules export tables      # a copy of those in force, to change
    leadwake rules load tables --reason "Michigan SB 351 is in force"
    """
    if not MIN_REASON_CHARS <= len(reason.strip()) <= MAX_REASON_CHARS:
        raise click.UsageError(f"--reason: say why, in {MIN_REASON_CHARS} to {MAX_REASON_CHARS} characters")
    contents = _contents(folder)
    if code := _report(office, Tables.of(contents)):
        return code
    now = office.clock.now()
    tables = await rule_tables.load(office.db, at=now, by=ACTOR, reason=reason.strip(), contents=contents)
    click.echo(painted(f"✓ {tables.version} is in force", "green"))
    return 0


@rules.command()
@click.argument("version")
@with_office
async def use(office: Office, *, version: str) -> None:
    """Put tables that are kept in force again: VERSION as in `history`, or "shipped" for those Leadwake comes with."""
    chosen = None if version == "shipped" else version
    await rule_tables.use(office.db, at=office.clock.now(), by=ACTOR, version=chosen)
    click.echo(painted(f"✓ {chosen or office.shipped.version} is in force", "green"))


@rules.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--version", help="another than those in force, as in `history`")
@with_office
async def export(office: Office, *, folder: Path, version: str | None) -> None:
    """Write the tables in force as files into DIR, which must be new or empty."""
    version = version or office.tables.version
    contents = await rule_tables.files(office.db, version)
    if contents is None:
        raise RuleError(f"no tables of version {version} are kept: leadwake rules history")
    _write(folder, contents)
    click.echo(f"{len(contents)} files of {version} are in {folder}")


@rules.command()
@json_option
@with_office
async def history(office: Office, *, as_json: bool) -> None:
    """List every set of tables that is kept, and every version of the team's own rules, with who and why."""
    tables, own = await rule_tables.history(office.db), await policies.history(office.db)
    if as_json:
        print_json({"tables": tables, "policies": own})
        return
    pinned = any(row["active"] for row in tables)
    print_table(
        ("TABLES", "SINCE", "BY", "REASON", ""),
        [
            (row["version"], row["loaded_at"], row["loaded_by"], row["reason"],
             "in force" if row["active"] or (not pinned and row["version"] == office.shipped.version) else "")
            for row in tables
        ],
        empty="no tables are kept yet",
    )  # fmt: skip
    click.echo()
    print_table(
        ("YOUR RULES", "SINCE", "BY", "REASON"),
        [(row["version"], row["at"], _who(office, row["by"]), row["reason"]) for row in own],
        empty="the team has changed nothing: the defaults hold",
    )


def _contents(folder: Path) -> dict[str, bytes]:
    contents, problems = read_files(folder)
    if not contents:
        raise ConfigError(f"{folder} holds none of {', '.join(TABLE_FILES)}")
    for problem in problems:
        click.echo(painted(f"✗ {problem}", "red"), err=True)
    return contents


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConfigError(f"{folder} is not empty: choose another folder")
        for name, content in contents.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written: {error.strerror}") from error


def _report(office: Office, tables: Tables) -> int:
    """Every problem, or what would change; the exit code."""
    for problem in tables.problems:
        click.echo(painted(f"✗ {printable(problem)}", "red"))
    if tables.problems:
        click.echo(f"{len(tables.problems)} problems: nothing was changed", err=True)
        return 1
    lines = differences(office.tables, tables)
    for line in lines[:_SHOWN]:
        click.echo(f"  {line}")
    if len(lines) > _SHOWN:
        click.echo(f"  and {len(lines) - _SHOWN} more")
    click.echo(f"✓ {tables.version} can be read whole; {len(lines)} differences from {office.tables.version}")
    return 0


def _who(office: Office, by: str) -> str:
    """A member of the team by name, anybody else as they are."""
    return next((person.name for person in office.team if by == f"user {person.id}"), by)
