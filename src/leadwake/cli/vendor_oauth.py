"""`leadwake vendor connect NAME --oauth`: for a host without a browser; somebody's browser elsewhere does that part."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import click

from leadwake.cli.database import ACTOR
from leadwake.cli.output import printable
from leadwake.errors import ProviderError, RuleError
from leadwake.providers import oauth
from leadwake.vendors import OAUTH, VENDORS
from leadwake.workflows import slack_members, vendor_connections
from leadwake.workflows.office import Office
from leadwake.workflows.saving import save


async def authorize(office: Office, name: str, given: Mapping[str, str]) -> int:
    """The vendor is connected by what somebody pastes. given: settings to save first. Raises RuleError, UsageError."""
    if name not in OAUTH:
        raise click.UsageError(f"{VENDORS[name].label} has no OAuth; these have: {', '.join(OAUTH)}")
    if given:
        await save(office, given, ACTOR)
    app, uri = vendor_connections.app(office, name), vendor_connections.redirect_uri(office, name)
    url, state, verifier = oauth.authorization(name, app, uri)
    click.echo(f"Open this page in a browser, as whoever may let Leadwake into {VENDORS[name].label}:\n\n{url}\n")
    click.echo(f"It sends you on to {uri} (entered there as the redirect URL). Copy that page's address.")
    code = _code(click.prompt("That address, whole", hide_input=True), state)
    try:
        granted = await vendor_connections.take(office, name, app, code, uri, verifier, ACTOR)
    except ProviderError as error:
        click.echo(f"It was not connected: {printable(str(error))}", err=True)
        return 1
    whose = f", account {printable(granted.account)}" if granted.account else ""
    click.echo(f"{VENDORS[name].label} is connected{whose}: what is planned from here on goes out with it.")
    if name == "slack":
        await slack_members.find_quietly(office)
    return 0


def _code(address: str, state: str) -> str:
    """The code in an address; a login page holds it in what it leads on to. Raises RuleError."""
    query = parse_qs(urlsplit(address.strip()).query)
    if "state" not in query and "next" in query:
        query = parse_qs(urlsplit(query["next"][0]).query)
    if "error" in query:
        raise RuleError(f"nobody agreed there ({printable(query['error'][0][:60])}); nothing was changed")
    if not hmac.compare_digest(query.get("state", [""])[0].encode(), state.encode()):
        raise RuleError("that address belongs to another try; nothing was changed. Run the command again")
    return query.get("code", [""])[0]
