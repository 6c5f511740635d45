"""`leadwake database`: the server under it all."""

from __future__ import annotations

import click

from leadwake.cli.database_roles import roles
from leadwake.cli.database_upgrade import upgrade


@click.group()
def database() -> None:
    """The database's server: its version, and who may do what on one of your own."""


database.add_command(roles)
database.add_command(upgrade)
