"""`leadwake vendor`: who carries our messages."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from leadwake.cli.database import ACTOR, with_office
from leadwake.cli.output import json_option, painted, print_json, print_table, printable
from leadwake.cli.vendor_oauth import authorize
from leadwake.errors import ConfigError, ProviderError, RuleError
from leadwake.ops import practice
from leadwake.ops.doctor import Finding, Level
from leadwake.ops.doctor.vendors import address, prove
from leadwake.setting_names import PREFIX, SECRETS
from leadwake.settings import Settings
from leadwake.storage import overview
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.overview import VendorHealth
from leadwake.vendors import NO_PRACTICE, OAUTH, VENDORS, Mode, VendorSpec
from leadwake.workflows import slack_members
from leadwake.workflows.office import Office

_name = click.argument("name", type=click.Choice(tuple(VENDORS)))


@click.group()
def vendor() -> None:
    """The vendors: texts, mail, CRM records, alerts in Slack, looking people up."""


@vendor.command("list")
@json_option
@with_office
async def list_(office: Office, *, as_json: bool) -> None:
    """List the vendors: live, practice or off, and what each lacks to be live."""
    settings = await practice.as_served(office)
    found = await overview.vendors(office.db, settings)
    if as_json:
        print_json([_as_json(settings, one) for one in found])
        return
    print_table(
        ("VENDOR", "MODE", "AT", "LACKS", "FAILING"),
        [
            (one.name, one.mode.value, _reached_at(settings, one), " ".join(one.missing),
             one.reason if one.is_open else "")
            for one in found
        ],
        empty="",
    )  # fmt: skip


@vendor.command()
@_name
@click.argument("pairs", metavar="[KEY=VALUE]…", nargs=-1)
@click.option("--no-test", is_flag=True, help="save without asking the vendor first")
@click.option("--oauth", is_flag=True, help="agree on the vendor's own page, instead of a token: " + ", ".join(OAUTH))
def connect(*, name: str, pairs: tuple[str, ...], no_test: bool, oauth: bool) -> None:
    """Save a vendor's credentials, sealed, and go live with it; what is needed and not given is asked for.

    \b
    leadwake vendor connect twilio
    leadwake vendor connect twilio account_sid=AC… auth_token=@token.txt from=+18135550100
    leadwake vendor connect sendgrid from=hello@realty.example
    leadwake vendor connect hubspot --oauth client_id=… client_secret=@secret.txt

    VALUE @FILE is read from the file: what stands on a command line can be seen by others on this machine.
    The vendor is asked first whether it takes us (nothing is sent to anybody); if not, nothing is saved.
    """
    given = _given(VENDORS[name], pairs)
    if oauth:
        _authorize(name, given)
    else:
        _connect(name, given, no_test=no_test)


@with_office
async def _authorize(office: Office, name: str, given: dict[str, str]) -> int:
    _refuse_locked(office.settings, given)
    return await authorize(office, name, given)


@with_office
async def _connect(office: Office, name: str, given: dict[str, str], *, no_test: bool) -> int:
    spec = VENDORS[name]
    _refuse_locked(office.settings, given)
    given.update(_asked(spec, office.settings, given))
    settings = office.settings.with_saved({**office.settings.saved, **given})
    if lacking := settings.missing(name):
        raise click.UsageError(f"{spec.label} also needs {', '.join(lacking)}")
    if not no_test and not _show(await prove(settings, name, office.tokens.bearer)):
        click.echo("Nothing was saved; --no-test saves without asking.", err=True)
        return 1
    await _save(office, given)
    click.echo(f"{spec.label} is live from now on: what is planned from here on goes out for real.")
    if settings.granted(name):
        click.echo("It is connected by OAuth, too, and that counts before this token: press Disconnect under Setup.")
    if name == "slack" and not no_test:
        await _find_in_slack(office, settings)
    return 0


async def _find_in_slack(office: Office, settings: Settings) -> None:
    """The team's Slack ids are looked up; that it cannot be done takes nothing back."""
    try:
        found = await slack_members.find(office, settings)
    except ProviderError as error:
        click.echo(f"The team could not be looked up there: {printable(str(error))}", err=True)
        return
    for person in found:
        click.echo(f"Found in Slack: {printable(person.name)}")
    lacking = [one for one in office.agents if one.work.slack_id is None and not one.practice]
    if lacking:
        names = ", ".join(printable(one.name) for one in lacking)
        click.echo(
            f"Not found there by their address: {names}. Write their Slack id into their entry of the team list."
        )


@vendor.command()
@_name
@with_office
async def test(office: Office, *, name: str) -> int:
    """Ask a vendor whether it would take our messages: a real call, and nothing is sent to anybody."""
    settings = office.settings
    if settings.mode(name) is Mode.LIVE:
        return 0 if _show(await prove(settings, name, office.tokens.bearer)) else 1
    missing = ", ".join(settings.missing(name))
    stands_in = name not in NO_PRACTICE and await practice.is_marked(office)
    state = "in practice, there is nothing to prove" if stands_in else "off"
    raise RuleError(f"{VENDORS[name].label} is {state}: it lacks {missing}; leadwake vendor connect {name}")


def _reached_at(settings: Settings, one: VendorHealth) -> str:
    """Where a live vendor is; only `serve` knows where it started the sandbox that stands in for the others."""
    return address(settings, one.name) if one.mode is Mode.LIVE else ""


def _as_json(settings: Settings, one: VendorHealth) -> dict[str, object]:
    return {
        "name": one.name, "mode": one.mode.value, "url": _reached_at(settings, one) or None,
        "missing": list(one.missing), "failing": one.is_open, "reason": one.reason,
    }  # fmt: skip


def _given(spec: VendorSpec, pairs: Sequence[str]) -> dict[str, str]:
    """The settings named on the command line, by their own names. Raises UsageError."""
    known = (*spec.needs, *spec.optional)
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        bare = key.strip().upper().removeprefix(PREFIX)
        name = bare if bare in known else f"{spec.name.upper()}_{bare}"
        if not equals or name not in known:
            words = ", ".join(one.removeprefix(f"{spec.name.upper()}_").lower() for one in known)
            raise click.UsageError(
                f"{printable(key)!r} is no setting of {spec.label}; write KEY=VALUE with one of: {words}"
            )
        found[name] = _from_file(value[1:]) if value.startswith("@") else value.strip()
    return found


def _from_file(name: str) -> str:
    try:
        return Path(name).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"cannot read {printable(name)}: {error}") from error


def _asked(spec: VendorSpec, settings: Settings, given: Mapping[str, str]) -> dict[str, str]:
    """What is needed and neither given nor set, from the person at the terminal; nothing when there is none."""
    if not sys.stdin.isatty():
        return {}
    return {
        name: str(click.prompt(PREFIX + name, hide_input=name in SECRETS)).strip()
        for name in spec.needs
        if name not in given and (not settings.get(name) or (not given and not settings.is_locked(name)))
    }


def _refuse_locked(settings: Settings, given: Mapping[str, str]) -> None:
    if locked := next((name for name in given if settings.is_locked(name)), None):
        where = settings.sources[locked]
        raise ConfigError(f"{PREFIX}{locked} is set in {where}, which wins over what is saved: change it there")


def _show(finding: Finding) -> bool:
    """True when it is as it should be."""
    if finding.level is Level.OK:
        click.echo(painted(f"✓ {finding.about}: {printable(finding.text)}", "green"))
        return True
    click.echo(
        f"{painted('✗', 'red')} {finding.about}: {printable(finding.text)}  → {printable(finding.mend)}", err=True
    )
    return False


async def _save(office: Office, values: Mapping[str, str]) -> None:
    """The settings are saved sealed (a blank one is forgotten), and every running process reads them again."""
    async with office.db.transaction() as connection:
        for name, value in values.items():
            if value:
                sealed = office.vault.seal_setting(name, value)
                await connection.execute(q("setting_save"), {"name": name, "sealed": sealed})
            else:
                await connection.execute(q("setting_forget"), {"name": name})
        await record(connection, office.clock.now(), ACTOR, "settings_changed", names=sorted(values))
        await connection.execute(q("office_changed"))
