"""`leadwake doctor`: every setting and connection, what is wrong, and how to mend it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import click

from leadwake import config, log
from leadwake.cli import database
from leadwake.cli.output import json_option, painted, print_json, printable
from leadwake.errors import ConfigError, DatabaseAway, LeadwakeError
from leadwake.ops import front_door, practice
from leadwake.ops.doctor import Finding, Level, going_live, house, sign_in, vendors, work
from leadwake.ops.doctor import database as server
from leadwake.ops.doctor.finding import failed, ok, warning
from leadwake.settings import Settings
from leadwake.storage.db import pending_migrations
from leadwake.storage.embedded.cluster import path_in
from leadwake.workflows.office import Office

_MARKS = {Level.OK: ("✓", "green"), Level.OFF: ("·", "bright_black"), Level.WARNING: ("!", "yellow"),
          Level.FAILED: ("✗", "red")}  # fmt: skip


@click.command()
@click.option("--offline", is_flag=True, help="ask neither the vendors nor the public URL")
@json_option
def doctor(*, offline: bool, as_json: bool) -> None:
    """Look at every setting and connection and say how to mend what is wrong.

    \b
    ✓ well   · off, as chosen   ! works, something is missing   ✗ does not hold

    Live vendors are asked a question that shows whether the credentials work; nothing is sent to anybody.
    Exit 1 when something does not hold.
    """
    settings = config.load()
    log.setup(settings.get("LOG_LEVEL", "ERROR"))
    database.run(_doctor(settings, offline=offline, as_json=as_json))


async def _doctor(settings: Settings, *, offline: bool, as_json: bool) -> int:
    found = []
    async for finding in _findings(settings, offline=offline):
        found.append(finding)
        if not as_json:
            _print(finding)
    counts = {level: sum(one.level is level for one in found) for level in Level}
    if as_json:
        keys = ("about", "level", "text", "mend")
        print_json(
            {
                "ok": not counts[Level.FAILED],
                "counts": counts,
                "findings": [{key: getattr(one, key) for key in keys} for one in found],
            }
        )
    else:
        click.echo(f"\n{counts[Level.FAILED]} wrong, {counts[Level.WARNING]} to look at, {counts[Level.OK]} well")
    return 1 if counts[Level.FAILED] else 0


async def _findings(settings: Settings, *, offline: bool) -> AsyncIterator[Finding]:
    for finding in house.names(os.environ):
        yield finding
    yield house.clock(settings, datetime.now(UTC))
    for finding in house.directory(settings):
        yield finding
    async with AsyncExitStack() as stack:
        office = None
        if settings.database_url is None and not path_in(settings.data_dir).exists():
            yield warning("database", "there is none yet", "it is made by the first `leadwake serve`")
        else:
            try:
                url = await stack.enter_async_context(database.database_url(settings))
                listening = await stack.enter_async_context(database.connection(url))
                telling = await stack.enter_async_context(database.connection(url))
                async for finding in server.findings(settings, listening, telling):
                    yield finding
                if not await pending_migrations(telling):
                    office = await stack.enter_async_context(database.office_at(settings, url))
            except (ConfigError, DatabaseAway) as error:
                yield failed("database", _line(error), "mend this first: the work itself cannot be looked at")
        as_served = await practice.as_served(office) if office else settings
        async for finding in _office(as_served, office, offline=offline):
            yield finding


async def _office(settings: Settings, office: Office | None, *, offline: bool) -> AsyncIterator[Finding]:
    """What hangs on settings that may be saved in the database, and the work itself."""
    for finding in house.settings(settings):
        yield finding
    for finding in await vendors.findings(settings, ask=not offline, bearers=office.tokens.bearer if office else None):
        yield finding
    yield house.callbacks(settings)
    async for finding in sign_in.findings(settings, ask=not offline):
        yield finding
    if settings.public_url and not offline:
        yield await _reached(settings.public_url, office)
    if office is not None:
        async for finding in going_live.findings(office, ask=not offline):
            yield finding
        async for finding in work.findings(office, settings):
            yield finding


async def _reached(url: str, office: Office | None) -> Finding:
    """Our own front door, from outside as far as that can be seen from inside."""
    found = await front_door.look(url, office.vault.link_key if office else None, datetime.now(UTC))
    if found.reached and not found.mend:
        return ok("public URL", found.text)
    return warning("public URL", found.text, found.mend)


def _line(error: LeadwakeError) -> str:
    return " ".join(str(error).split())


def _print(finding: Finding) -> None:
    mark, colour = _MARKS[finding.level]
    mend = f"  → {printable(finding.mend)}" if finding.mend and finding.level is not Level.OK else ""
    click.echo(f"{painted(mark, colour)} {finding.about:<16} {printable(finding.text)}{mend}")
