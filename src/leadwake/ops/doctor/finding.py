"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is. OFF: as somebody chose it."""

    OK = "ok"
    OFF = "off"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at ("database"), how it is, and what mends it; one line each."""

    about: str
    level: Level
    text: str
    mend: str = ""


def ok(about: str, text: str) -> Finding:
    """It is as it should be."""
    return Finding(about, Level.OK, text)


def off(about: str, text: str, mend: str = "") -> Finding:
    """It is off, which may be what is wanted."""
    return Finding(about, Level.OFF, text, mend)


def warning(about: str, text: str, mend: str) -> Finding:
    """It works, and something will be missing."""
    return Finding(about, Level.WARNING, text, mend)


def failed(about: str, text: str, mend: str) -> Finding:
    """It does not hold."""
    return Finding(about, Level.FAILED, text, mend)
