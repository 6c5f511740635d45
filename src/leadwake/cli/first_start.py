"""What a database needs before its first lead: the schema, somebody who may sign in, in practice a team and a key.

Runs as a short-lived process of its own (`python -m leadwake.cli.first_start`), so that the supervisor stays small.
"""

from __future__ import annotations

import asyncio
import sys

import click
import msgspec

from leadwake import config, log
from leadwake.bootstrap import open_office
from leadwake.cli.supervisor import Ready
from leadwake.errors import ConfigError, InputError, LeadwakeError
from leadwake.ops import upgrading
from leadwake.settings import Settings
from leadwake.storage import staff
from leadwake.storage.credentials import DEFAULT_SCOPES, hash_password, new_api_key
from leadwake.storage.db import migrate, q
from leadwake.storage.events import record
from leadwake.workflows.office import Office

#: the invented team of practice: name, address, number, Slack id
SAMPLE_TEAM = (
    ("Dana Reyes", "dana@practice.example.com", "+1 813 555 0101", "U0DANA00001"),
    ("Marcus Bell", "marcus@practice.example.com", "+1 813 555 0102", "U0MARCUS001"),
    ("Priya Nair", "priya@practice.example.com", "+1 813 555 0103", "U0PRIYA0001"),
)


_log = log.get(__name__)


async def prepare(settings: Settings, url: str, *, practice: bool, demo: bool) -> Ready:
    """
    The database can take its first lead. practice: wanted; it counts if the database is new or in practice already.

    Raises ConfigError.
    """
    ran, backup = await upgrading.with_a_backup(settings, url) if settings.is_embedded else (await migrate(url), None)
    for name in ran:
        _log.info("migrated", migration=name)
    if backup:
        click.echo(
            f"Upgraded; to step back: leadwake backup restore --replace '{backup}', with the old version", err=True
        )
    office, created = await open_office(settings, url, pool=2)
    try:
        is_practice = practice and await _may_practise(office)
        is_new = is_practice and not office.team
        if is_new:
            await _seed_team(office)
        key = await _api_key(office, "demo" if demo else "first steps") if is_new or demo else None
        await _first_admin(office)
        await office.refresh()
        admins = [person for person in office.team if person.role == "admin" and not person.disabled]
        invite = (
            None if any(person.has_password for person in admins) else f"/invite/{await staff.invite(office.db, None)}"
        )
        return Ready(is_practice, invite, key, created.text if created else None)
    finally:
        await office.db.close()


async def _may_practise(office: Office) -> bool:
    """True for a new database, which is then marked, and for one that was marked before."""
    marked = {row["name"] for row in await office.db.all("settings")}
    if "PRACTICE" in marked:
        row = next(row for row in await office.db.all("settings") if row["name"] == "PRACTICE")
        return office.vault.open_setting("PRACTICE", row["sealed"]) == "on"
    is_new = await office.db.one("is_new")
    if is_new and is_new["is_new"]:
        await office.db.run("setting_save", name="PRACTICE", sealed=office.vault.seal_setting("PRACTICE", "on"))
        return True
    return False


async def _seed_team(office: Office) -> None:
    for name, email, phone, slack_id in SAMPLE_TEAM:
        person = await staff.add(
            office.db, office.vault, name=name, email=email, phone=phone, role="agent", takes_leads=True, practice=True
        )
        await office.db.run("slack_member", id=person.id, slack_id=slack_id)


async def _api_key(office: Office, name: str) -> str:
    key = new_api_key()
    async with office.db.transaction() as connection:
        await connection.execute(
            q("api_key_add"), {"id": key.id, "name": name, "secret_hash": key.hash, "scopes": list(DEFAULT_SCOPES)}
        )
        await record(connection, office.clock.now(), "system", "api_key_created", key=key.id)
    return key.text


async def _first_admin(office: Office) -> None:
    """The admin named by the environment, if nobody is there yet."""
    email, password = office.settings.get("ADMIN_EMAIL"), office.settings.get("ADMIN_PASSWORD")
    if not email or any(person.role == "admin" and not person.practice for person in office.team):
        return
    if not password:
        raise ConfigError("LEADWAKE_ADMIN_EMAIL is set, LEADWAKE_ADMIN_PASSWORD is not: set both, or neither")
    try:
        hashed = await asyncio.to_thread(hash_password, password)
        await staff.add(
            office.db,
            office.vault,
            name=email.partition("@")[0],
            email=email,
            phone=None,
            role="admin",
            takes_leads=False,
            password_hash=hashed,
        )
    except (InputError, ValueError) as error:
        raise ConfigError(f"LEADWAKE_ADMIN_EMAIL / _ADMIN_PASSWORD: {error}") from error


@click.command()
@click.option("--practice", is_flag=True)
@click.option("--demo", is_flag=True)
def first_start(practice: bool, demo: bool) -> None:
    """Prepares the database of LEADWAKE_DATABASE_URL; what there is to tell goes to standard output, as JSON."""
    settings = config.load()
    log.setup(settings.get("LOG_LEVEL", "INFO"), process="first start")
    assert settings.database_url is not None
    try:
        ready = asyncio.run(prepare(settings, settings.database_url, practice=practice, demo=demo))
    except LeadwakeError as error:
        click.echo(str(error), err=True)
        sys.exit(2 if isinstance(error, ConfigError) else 1)
    sys.stdout.buffer.write(msgspec.json.encode(ready))


if __name__ == "__main__":
    first_start()
