"""The only reader of the environment: settings from it, `leadwake.toml`, or what was saved on the settings page.

Precedence: environment (or NAME_FILE), then `leadwake.toml`, then the database. A bad value stops the start.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from leadwake.clock import Clock
from leadwake.errors import ConfigError
from leadwake.setting_names import KNOWN, PREFIX
from leadwake.settings import Settings, checked


def load(environ: Mapping[str, str] | None = None, *, file: Path | None = None) -> Settings:
    """
    The settings of this process. file: default `leadwake.toml` in the working directory, if there.

    Raises ConfigError with one line that says what to change.
    """
    environ = os.environ if environ is None else environ
    file = file or Path("leadwake.toml")
    values, sources = _from_file(file) if file.is_file() else ({}, {})
    for name, value in _from_environment(environ).items():
        values[name], sources[name] = value, "environment"
    clock = _clock(values["CLOCK"], _clock_origin(environ)) if values.get("CLOCK") else Clock()
    return checked(
        Settings(
            values,
            sources,
            environ.get("LEADWAKE_SANDBOX_URL") or None,
            clock,
            environ.get("LEADWAKE_LOCAL_URL", ""),
            _practice_values(environ),
        )
    )


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment that gives a child process these settings, and nothing of ours that they do not hold."""
    own = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    own.update(
        {PREFIX + name: value for name, value in settings.values.items() if settings.sources.get(name) != "saved"}
    )
    own.update({f"{PREFIX}PRACTICE_{name}": value for name, value in settings.practice_values.items()})
    if settings.sandbox_url:
        own["LEADWAKE_SANDBOX_URL"] = settings.sandbox_url
    if settings.local_url:
        own["LEADWAKE_LOCAL_URL"] = settings.local_url
    if settings.clock.origin is not None:
        own["LEADWAKE_CLOCK_ORIGIN"] = settings.clock.origin.isoformat()
    return own


def _practice_values(environ: Mapping[str, str]) -> dict[str, str]:
    """What `serve` learnt from the sandbox it started, such as the key its events are signed with."""
    prefix = f"{PREFIX}PRACTICE_"
    return {key.removeprefix(prefix): value for key, value in environ.items() if key.startswith(prefix)}


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in environ.items():
        name = key.removeprefix(PREFIX)
        if name == key or not value:
            continue
        if name.endswith("_FILE") and name[:-5] in KNOWN:
            try:
                found[name[:-5]] = Path(value).read_text().strip()
            except OSError as error:
                raise ConfigError(f"{key}: cannot read {value}: {error.strerror}") from error
        elif name in KNOWN:
            found[name] = value.strip()
    return found


def _from_file(file: Path) -> tuple[dict[str, str], dict[str, str]]:
    try:
        content = tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from error
    values = {}
    for key, value in content.items():
        name = key.upper().removeprefix(PREFIX)
        if name not in KNOWN or isinstance(value, dict | list):
            raise ConfigError(f"{file}: {key!r} is no setting of Leadwake; see the README for their names")
        values[name] = str(value)
    return values, dict.fromkeys(values, file.name)


def _clock(text: str, origin: datetime) -> Clock:
    instant, _, speed = text.partition("x")
    try:
        start = datetime.fromisoformat(instant)
        factor = float(speed) if speed else 1.0
    except ValueError as error:
        raise ConfigError(f"LEADWAKE_CLOCK: {text!r} is not <instant>[xN], such as 2026-12-01T15:00:00Zx60") from error
    if start.tzinfo is None or factor <= 0:
        raise ConfigError("LEADWAKE_CLOCK: the instant needs a zone (Z at its end) and the speed must be above 0")
    return Clock(start.astimezone(UTC), factor, origin)


def _clock_origin(environ: Mapping[str, str]) -> datetime:
    """The real instant the business clock started; processes started by one `serve` share it."""
    shared = environ.get("LEADWAKE_CLOCK_ORIGIN")
    return datetime.fromisoformat(shared) if shared else datetime.now(UTC)
