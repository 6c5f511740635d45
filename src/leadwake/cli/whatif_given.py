"""What dry runs are given: JSON, zones, tables, a team's own rules."""

from __future__ import annotations

import contextlib
import difflib
import json
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import click

from leadwake.compliance.policy import Policy
from leadwake.compliance.policy_json import parse_policy
from leadwake.compliance.tables import Tables
from leadwake.domain.scoring import Weights
from leadwake.domain.scoring.weights import WrongWeights
from leadwake.domain.scoring.weights import read as read_weights
from leadwake.domain.sequence.model import Sequence
from leadwake.domain.sequence.reading import read_published, read_sequence
from leadwake.domain.sequence.shipped import shipped
from leadwake.domain.sequence.tree import MAX_SOURCE_BYTES
from leadwake.errors import InputError
from leadwake.intake.fields import instant


def json_of(file: TextIO, name: str) -> Any:
    """What the file holds; of lines of JSON the first. Raises InputError."""
    text = file.read()
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        lines = text.strip().splitlines()
        if len(lines) > 1 and lines[0].startswith("{"):
            with contextlib.suppress(ValueError):
                return json.loads(lines[0])
        raise InputError({name: f"not JSON: {error}"}) from error


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise InputError({"zone": f"there is no zone {name!r}; write it like America/Chicago"}) from error


def tables_of(folder: Path | None) -> Tables:
    """The tables as they are: what is unreadable is blocked, and named on standard error."""
    if folder is not None and not folder.is_dir():
        raise click.UsageError(f"{folder} is no folder")
    tables = Tables.load(folder)
    for problem in tables.problems:
        click.echo(f"leadwake: {problem}", err=True)
    return tables


def policy_of(file: TextIO) -> Policy:
    try:
        return parse_policy(json.load(file))
    except (ValueError, RecursionError) as error:
        raise InputError({"policy": str(error)}) from error


def weights_of(file: TextIO, base: Weights) -> Weights:
    """The weights that a file changes, as `leadwake score show --json` prints them. Raises InputError."""
    try:
        document = json_of(file, "weights")
        if not isinstance(document, dict):
            raise InputError({"weights": "must be a JSON object, as leadwake score show --json prints it"})
        return read_weights(document, base.version, base)
    except WrongWeights as error:
        raise InputError({f"weights, {name}": why for name, why in error.reasons.items()}) from error


def instant_of(text: str, name: str) -> datetime:
    """The instant, aware UTC; without a zone it is UTC, as in a lead. Raises InputError."""
    try:
        at = instant(text)
        if not 2000 <= at.year <= 2200:
            raise ValueError
    except ValueError:
        raise InputError({name: "an instant, such as 2026-11-24T15:00:00Z"}) from None
    return at


def sequence_of(given: str) -> Sequence:
    """The sequence of a file, or one that Leadwake comes with, by its name. Raises InputError."""
    path = Path(given)
    if given in shipped() and not path.is_file():
        return read_published(shipped()[given])
    if path.suffix not in {".yaml", ".yml"} and not path.is_file():
        near = difflib.get_close_matches(given, shipped(), 1)
        told = f"is it {near[0]}?" if near else f"there are {', '.join(shipped())}"
        raise InputError({"sequence": f"no sequence {given!r} comes with Leadwake: {told} Or give FILE.yaml"})
    try:
        with path.open("rb") as file:
            return read_sequence(file.read(MAX_SOURCE_BYTES + 1).decode("utf-8-sig"))
    except OSError as error:
        raise InputError({"sequence": f"{given}: {error.strerror}"}) from error
    except UnicodeDecodeError as error:
        raise InputError({"sequence": f"{given} is not UTF-8; save it as UTF-8"}) from error
