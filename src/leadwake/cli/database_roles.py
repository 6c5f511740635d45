"""`leadwake database roles`: users of the database that may do what they need and no more."""

from __future__ import annotations

from importlib.resources import files

import click

from leadwake import config
from leadwake.cli.database import connection, run
from leadwake.errors import RuleError
from leadwake.storage.db import q


@click.command()
@click.option("--print", "only_print", is_flag=True, help="the SQL, for whoever administers the server; does nothing")
@click.option("--renew", is_flag=True, help="only where they are there: what an upgrade does after its migration")
def roles(*, only_print: bool, renew: bool) -> None:
    """Make the roles leadwake_app and leadwake_read at LEADWAKE_DATABASE_URL, as the user that migrates.

    To be done again after each migration: new tables are nobody's until then.

    \b
    leadwake database roles
    psql -c "create user web password '…' in role leadwake_app"
    """
    text = files("leadwake.storage").joinpath("roles.sql").read_text("utf-8")
    if only_print:
        click.echo(text)
        return
    url = config.load().database_url
    if url is None:
        raise RuleError(
            "the embedded database has one user, the product itself: this is for a server, by LEADWAKE_DATABASE_URL"
        )
    run(_made(url, text, renew=renew))


async def _made(url: str, text: str, *, renew: bool) -> None:
    async with connection(url) as opened:
        found = await (await opened.execute(q("database_has_roles"))).fetchone()
        if renew and not (found and found["there"]):
            click.echo("There is no leadwake_app on this server: nothing to renew.")
            return
        await opened.execute(text.encode())
    click.echo("leadwake_app runs the product and changes no table; leadwake_read sees figures and nobody's data.")
    if not renew:
        click.echo("They log in by nothing yet: create user web password '…' in role leadwake_app;")
