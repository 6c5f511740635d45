"""`leadwake probe`: is that Leadwake up, seen from here; once, or again and again."""

from __future__ import annotations

import asyncio
import json
import re
import time
from pathlib import Path

import click

from leadwake import config
from leadwake.cli.output import painted, printable
from leadwake.domain.probe import WHY
from leadwake.errors import ConfigError
from leadwake.ops.probe import Probe, Seen, as_metrics

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")


@click.command()
@click.argument("url", required=False)
@click.option("--name", default="probe", show_default=True, help="what this place is called on the Proof page")
@click.option("--every", "every_s", type=click.IntRange(5, 900), help="look again after so many seconds, until stopped")
@click.option("--count", type=click.IntRange(1), help="look so many times [1; without end with --every]")
@click.option("--textfile", type=click.Path(dir_okay=False, path_type=Path), help="write metrics there after each look")
@click.option("--json", "as_json", is_flag=True, help="print a line of JSON a look, for programs")
def probe(
    *, url: str | None, name: str, every_s: int | None, count: int | None, textfile: Path | None, as_json: bool
) -> int:  # fmt: skip
    """Look at the Leadwake at URL from this machine, which should be another one.

    Its name, its certificate and /readyz; with an API key of the scope probe:write (LEADWAKE_PROBE_KEY) also whether it
    would take a lead: one is sent all the way to the commit and taken back. What was seen is told there and stands
    on its Proof page; what could not be told is told later.

    \b
    leadwake probe https://leads.example.com
    LEADWAKE_PROBE_KEY_FILE=key leadwake probe https://leads.example.com --every 60 --name "office"

    Exit 0 when the last look was good, 1 when it was not.
    """
    settings = config.load()
    address = (url or settings.get("PROBE_URL")).rstrip("/")
    if not re.match(r"https?://[^/]+", address):
        raise ConfigError("say which URL to look at, such as https://leads.example.com, or set LEADWAKE_PROBE_URL")
    if not _NAME.fullmatch(name):
        raise ConfigError("--name: up to 40 letters, digits, spaces, dots and dashes")
    looking = Probe(address, settings.get("PROBE_KEY"), name, every_s or 60)
    return asyncio.run(_looks(looking, every_s, count or (None if every_s else 1), textfile, as_json=as_json))


async def _looks(
    looking: Probe, every_s: int | None, count: int | None, textfile: Path | None, *, as_json: bool
) -> int:
    made, began = 0, time.monotonic()
    while True:
        seen = await looking.look()
        made += 1
        click.echo(json.dumps(seen.as_json()) if as_json else _line(seen))
        if textfile is not None:
            _write(textfile, as_metrics(seen, looking.name))
        if made == count:
            return 0 if seen.is_up else 1
        await asyncio.sleep(max(0.0, began + made * (every_s or 0) - time.monotonic()))


def _line(seen: Seen) -> str:
    mark = painted("✓", "green") if seen.is_up else painted("✗", "red")
    parts = [f"{seen.at:%Y-%m-%d %H:%M:%S} UTC", "up" if seen.is_up else f"down: {WHY[seen.why or 'error']}"]
    if seen.took_ms is not None:
        parts.append(f"a lead would be taken in {seen.took_ms} ms" if seen.is_up else f"after {seen.took_ms} ms")
    elif seen.captured is None:
        parts.append("no key: a capture was not tried")
    if seen.tls_until is not None:
        parts.append(f"certificate until {seen.tls_until:%Y-%m-%d}")
    return f"{mark} {printable(', '.join(parts))}"


def _write(path: Path, text: str) -> None:
    """Whole or not at all: whoever reads it never sees a half."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text)
    beside.replace(path)
