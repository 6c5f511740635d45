"""The whole product runs as a user who changes no table and no row of the log; figures need nobody's data."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psycopg
import pytest
from command_case import CommandLine
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import InsufficientPrivilege

from leadwake.ops import erasure, export, key_change, retention
from leadwake.ops.chores import Chores
from leadwake.storage import events, ledger
from leadwake.storage.db import migrate
from leadwake.storage.embedded import EmbeddedServer
from leadwake.workflows import nurture, sequences
from office_case import House, a_house, until, with_database

PASSWORD = "invented for this test"
MARIA = {
    "name": "Maria Vandermeulen", "phone": "+18135550142", "email": "maria.v@example.com", "source": "website",
    "interest": "buy_home", "message": "Is 12 Periwinkle Street still open?",
}  # fmt: skip
BUYER = """\
sequence: buyer
title: Buyer
about: Wants to buy.
starts: new_lead
for: {interest: buy_home}
rank: 9
steps:
  - wait: 1 day
  - call: Ask what they have seen
"""
SQL = files("leadwake.storage").joinpath("roles.sql").read_text("utf-8")


@pytest.fixture(scope="module")
def own_server(place: Path) -> Iterator[str]:
    """A server of this module's own, whose owner may make roles; a migrated database on it."""

    async def begin() -> tuple[EmbeddedServer, str]:
        server = EmbeddedServer(place / "pg-roles", fsync=False)
        await server.start()
        await server.stop()
        with (place / "pg-roles-lock").open("w") as lock:
            cluster = server._opened()
            cluster._set_up(cluster.path, lock.fileno(), ("alter role leadwake createrole;",), fsync=False)
        url = await server.start()
        await migrate(url)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("insert into sequence_version values ('none', 1, '', '2026-11-01Z')")
        return server, url

    server, url = asyncio.run(begin())
    yield url
    asyncio.run(server.stop())


@pytest.fixture
def database_url(own_server: str) -> str:
    """A database of this test's own there."""
    name = f"t_{uuid4().hex[:12]}"
    with psycopg.connect(with_database(own_server, "postgres"), autocommit=True) as owner:
        owner.execute(f'create database "{name}" template leadwake strategy file_copy'.encode())
    return with_database(own_server, name)


@pytest.fixture
def users(database_url: str) -> dict[str, str]:
    """A user in each role, by name: its URL."""
    name = uuid4().hex[:8]
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(SQL.encode())
        owner.execute(SQL.encode())  # again does no harm
        for role in ("app", "read"):
            owner.execute(f"create user u_{role}_{name} password '{PASSWORD}' in role leadwake_{role}".encode())
    return {
        role: psycopg.conninfo.make_conninfo(database_url, user=f"u_{role}_{name}", password=PASSWORD)
        for role in ("app", "read")
    }


async def test_the_product_runs_whole_as_a_user_who_changes_no_table(
    users: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    async with a_house(users["app"], tmp_path / "data") as house:
        await sequences.publish(house.office, BUYER, None)
        lead_id = await _a_life(house)
        who = await house.rows("select current_user as name, usesuper from pg_user where usename = current_user")
        assert who[0]["name"].startswith("u_app_")
        assert not who[0]["usesuper"]
        assert "Periwinkle" in str(await export.collect(house.office, lead_id))
        await erasure.erase(house.office, lead_id, "cli")
        await key_change.change(house.office)
        house.advance(timedelta(days=800))
        await retention.run(house.office)
        await Chores(house.office).tick()
        await events.seal(house.office.db)
        assert (await ledger.read(house.office.db, house.now)).problems == []
        assert await house.rows("select 1 from erasure") != []


async def _a_life(house: House) -> UUID:
    """Maria asks, is answered, writes back and is in a sequence."""
    lead_id = UUID((await house.post(MARIA)).json()["lead_id"])
    await house.settled()
    await nurture.look(house.office)
    await house.hear(MARIA["phone"], "Yes, is Sunday fine?")
    await until(lambda: house.rows("select 1 from message where intent <> 'asked'"))
    assert (await house.http.get(f"/v1/leads/{lead_id}/timeline")).status_code == 200
    await house.settled()
    assert await house.rows("select 1 from enrollment where lead_id = %s", lead_id)
    return lead_id


async def test_it_starts_on_a_database_that_its_owner_has_migrated(users: dict[str, str]) -> None:
    assert await migrate(users["app"]) == []


def test_a_table_of_a_later_version_is_theirs_when_the_roles_are_renewed(
    users: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    given = conninfo_to_dict(database_url)
    url = f"postgresql:///{given.pop('dbname')}?{urlencode(given)}"
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("create table of_tomorrow (id int)")
    with psycopg.connect(users["app"], autocommit=True) as app:
        with pytest.raises(InsufficientPrivilege):
            app.execute("insert into of_tomorrow values (1)")
        renewed = CommandLine(tmp_path, {"DATABASE_URL": url})("database", "roles", "--renew")
        assert (renewed.code, renewed.err) == (0, "")
        app.execute("insert into of_tomorrow values (1)")


OUT_OF_REACH = (
    "create table mine (x int)", "alter table lead add column mine int", "drop table lead", "truncate event",
    "create index on lead (last_at)", "alter table event disable trigger all",
    "update event set kind = 'other'", "delete from event", "update event_seal set count = 0", "delete from event_seal",
    "insert into migration (name) values ('9999_pre_mine')",
    "create or replace function refuse_change() returns trigger language plpgsql as 'begin return new; end'",
    "create schema mine", "set role leadwake", "drop schema vault cascade", "alter role leadwake_app superuser",
    "copy (select 1) to program 'true'",
)  # fmt: skip


def test_tables_and_the_log_are_out_of_its_reach(users: dict[str, str], database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("insert into event (at, actor, kind, data) values (now(), 'cli', 'x', '{}')")
    with psycopg.connect(users["app"], autocommit=True) as app:
        app.execute("select set_config('leadwake.forgetting', 'on', false)")  # what lets it forget the erased
        for statement in OUT_OF_REACH:
            with pytest.raises(InsufficientPrivilege, match=r"denied|must be"):
                app.execute(statement.encode())


async def test_figures_are_read_without_anybodys_data_or_keys(
    users: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    async with a_house(database_url, tmp_path / "data") as house:
        await house.post(MARIA)
        await house.settled()
    with psycopg.connect(users["read"], autocommit=True) as reader:
        (leads,) = reader.execute("select count(id) from lead").fetchone() or ()
        reader.execute("select * from report_conversation")
        reader.execute("select kind, state, settled_at from action")
        seen = _everything_a_reader_sees(reader)
        for statement in ("select * from vault.data_key", "select * from lead", "select password_hash from app_user",
                          "select * from session", "select sealed from setting", "select content from action",
                          "insert into event (at, actor, kind, data) values (now(), 'x', 'x', '{}')",
                          "delete from lead"):  # fmt: skip
            with pytest.raises(InsufficientPrivilege):
                reader.execute(statement.encode())

    assert leads == 1
    assert len(seen) > 1000
    assert [word for word in ("Vandermeulen", "8135550142", "maria.v@", "Periwinkle") if word in seen] == []


def _everything_a_reader_sees(reader: psycopg.Connection[tuple[object, ...]]) -> str:
    """Each column that may be read of each table, with its rows."""
    columns = reader.execute(
        "select table_name, string_agg(quote_ident(column_name), ', ') from information_schema.column_privileges "
        "where grantee = 'leadwake_read' and table_schema = 'public' group by table_name"
    ).fetchall()
    return "\n".join(
        str(reader.execute(f"select to_json(t)::text from (select {names} from {table}) t".encode()).fetchall())
        for table, names in columns
    )


def test_no_table_is_forgotten_when_one_is_added(users: dict[str, str], database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        left = owner.execute(
            "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where n.nspname in ('public', 'vault') and c.relkind in ('r', 'p', 'v') "
            "and not has_table_privilege('leadwake_app', c.oid, 'select')"
        ).fetchall()

    assert left == []
