"""`leadwake database roles`: users of the database that may do what they need and no more."""

from __future__ import annotations

from importlib.resources import files

import click

from leadwake import config
from leadwake.cli.database import connection, run
from leadwake.errors import RuleError


@click.command()
@click.option("--print", "only_print", is_flag=True, help="the SQL, for whoever administers the server; does nothing")
def roles(*, only_print: bool) -> None:
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
    run(_made(url, text))
    click.echo("leadwake_app runs the product and changes no table; leadwake_read sees figures and nobody's data.")
    click.echo("They log in by nothing yet: create user web password '…' in role leadwake_app;")


async def _made(url: str, text: str) -> None:
    async with connection(url) as opened:
        await opened.execute(text.encode())
