"""Whether this database is for practice, as a command knows it that `serve` did not start."""

from __future__ import annotations

from leadwake.settings import Settings
from leadwake.workflows.office import Office

#: where `serve` starts the sandbox unless the port is taken
_USUAL_SANDBOX = "http://127.0.0.1:8090"
_MARK = "PRACTICE"


async def is_marked(office: Office) -> bool:
    """True when `serve` marked this database for practice: the sandbox stands in for vendors without credentials."""
    marks = [row["sealed"] for row in await office.db.all("settings") if row["name"] == _MARK]
    return any(office.vault.open_setting(_MARK, sealed) == "on" for sealed in marks)


async def as_served(office: Office) -> Settings:
    """The settings as `serve` has them: with the sandbox, where this database is for practice."""
    settings = office.settings
    if settings.sandbox_url is None and await is_marked(office):
        return settings.in_practice_at(_USUAL_SANDBOX)
    return settings
