"""Tokens of connected vendors over time: renewed once by whoever comes first, through cuts, kills and refusals."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
import structlog
from page_case import admin, logged_in
from structlog.testing import capture_logs

from leadwake.bootstrap import open_office
from leadwake.config import environment_of
from leadwake.errors import BadCredentials, NotYet, ProviderError, Unavailable
from leadwake.storage import grants
from leadwake.workflows import vendor_connections
from leadwake.workflows.office import Office
from oauth_case import carried, connect, order, spent, standing, time_passes
from office_case import House, until, with_database

MARIA = {
    "name": "Maria Lopez", "phone": "+18135550142", "email": "maria@example.com", "source": "website",
    "channel": "web_form", "message": "Is 12 Oak St still open?",
}  # fmt: skip
HOUR = 3_600.0


@asynccontextmanager
async def another_process(house: House) -> AsyncIterator[Office]:
    """Another office of the same team: its own memory, the same database."""
    office, _ = await open_office(house.office.base_settings, house.office.db.url, pool=4)
    try:
        yield office
    finally:
        await office.db.close()


async def connected(house: House, vendor: str, **orders: object) -> str:
    """The vendor is connected, and its stand-in behaves so; the token of now."""
    await order(house, vendor, **orders)
    await admin(house)
    async with logged_in(house) as client:
        assert (await connect(client, vendor)).status_code == 303
    return await house.office.tokens.bearer(vendor).token()


async def token(office: Office, vendor: str) -> str:
    return await office.tokens.bearer(vendor).token()


async def once(house: House, vendor: str) -> None:
    """No refresh token was used more than once."""
    uses = await spent(house, vendor)
    assert set(uses.values()) == {1}, uses


@pytest.mark.parametrize("vendor", ["hubspot", "calendly"])
async def test_ten_calls_in_two_processes_renew_an_ended_token_once(idle_house: House, vendor: str) -> None:
    before = await connected(idle_house, vendor)
    async with another_process(idle_house) as other:
        await token(other, vendor)
        await time_passes(idle_house, vendor, 3 * HOUR)
        for office in (idle_house.office, other):
            office.tokens._known.clear()  # in both, memory says so, too

        found = await asyncio.gather(*(token(office, vendor) for office in [idle_house.office, other] * 10))

    assert len(set(found)) == 1
    assert before not in found
    assert list((await spent(idle_house, vendor)).values()) == [1]


async def test_a_token_is_renewed_ahead_of_its_end_while_the_old_one_goes_on(idle_house: House) -> None:
    before = await connected(idle_house, "calendly")
    due = await standing(idle_house, "calendly")
    assert due.expires_at is not None
    assert due.renew_at is not None
    assert 0.7 <= (due.renew_at - due.expires_at).total_seconds() / 7_200 + 1 <= 0.86
    await vendor_connections.tick(idle_house.office)
    assert await spent(idle_house, "calendly") == {}

    for _ in range(3):  # each with the refresh token that the one before brought
        await time_passes(idle_house, "calendly", 1.75 * HOUR)
        async with another_process(idle_house) as other:
            await asyncio.gather(vendor_connections.tick(idle_house.office), vendor_connections.tick(other))

    idle_house.office.tokens._known.clear()
    assert await token(idle_house.office, "calendly") != before
    assert len(await spent(idle_house, "calendly")) == 3
    await once(idle_house, "calendly")


async def test_an_answer_that_was_lost_is_asked_for_again_and_given_within_the_grace(idle_house: House) -> None:
    await connected(idle_house, "calendly", grace_s=30)
    await time_passes(idle_house, "calendly", 3 * HOUR)
    idle_house.office.tokens._known.clear()

    await idle_house.behave("calendly", mode="cut")  # after the stand-in has given another refresh token
    with pytest.raises(Unavailable):
        await token(idle_house.office, "calendly")
    assert (await standing(idle_house, "calendly")).in_doubt
    with pytest.raises(Unavailable, match="could not be renewed"):  # not at once
        await token(idle_house.office, "calendly")
    await idle_house.behave("calendly", mode="ok")
    await time_passes(idle_house, "calendly", 2)
    await vendor_connections.tick(idle_house.office)

    assert await token(idle_house.office, "calendly")
    assert list((await spent(idle_house, "calendly")).values()) == [2]
    assert (await standing(idle_house, "calendly")).state == "connected"
    assert not (await standing(idle_house, "calendly")).in_doubt


async def test_an_answer_lost_for_good_is_told_to_the_admins_once(idle_house: House) -> None:
    await connected(idle_house, "calendly")
    await time_passes(idle_house, "calendly", 3 * HOUR)
    await idle_house.behave("calendly", mode="cut")
    await vendor_connections.tick(idle_house.office)
    await idle_house.behave("calendly", mode="ok")
    await time_passes(idle_house, "calendly", 5)
    for _ in range(3):
        await vendor_connections.tick(idle_house.office)

    now = await standing(idle_house, "calendly")
    assert (now.state, now.in_doubt) == ("lost", True)
    assert "the answer to a renewal was lost" in (now.reason or "")
    mails = await idle_house.rows("select recipient from action where kind = 'ops_email'")
    assert [row["recipient"].partition("/")[2] for row in mails] == ["connection_calendly"]
    assert len(await idle_house.rows("select 1 from event where kind = 'vendor_connection_lost'")) == 1
    with pytest.raises(BadCredentials, match="has to be connected again"):
        await idle_house.office.tokens.of("calendly", idle_house.office.settings.grants["calendly"])


async def test_a_vendor_that_is_down_costs_nothing_while_the_token_lasts(idle_house: House) -> None:
    before = await connected(idle_house, "hubspot")
    await time_passes(idle_house, "hubspot", 0.45 * HOUR)  # due, not ended
    idle_house.office.tokens._known.clear()
    await idle_house.behave("hubspot", mode="refuse")
    await vendor_connections.tick(idle_house.office)
    assert await token(idle_house.office, "hubspot") == before

    await time_passes(idle_house, "hubspot", HOUR)
    idle_house.office.tokens._known.clear()
    with pytest.raises(ProviderError):
        await token(idle_house.office, "hubspot")
    await idle_house.behave("hubspot", mode="ok")
    await time_passes(idle_house, "hubspot", 600)
    assert await token(idle_house.office, "hubspot") != before
    assert (await standing(idle_house, "hubspot")).failures == 0


async def test_a_wrong_client_secret_loses_nothing_and_is_mended_by_the_right_one(idle_house: House) -> None:
    await connected(idle_house, "hubspot")
    await order(idle_house, "hubspot", secret="another")
    await time_passes(idle_house, "hubspot", HOUR)
    idle_house.office.tokens._known.clear()

    with pytest.raises(BadCredentials, match="client id and secret"):
        await token(idle_house.office, "hubspot")
    async with logged_in(idle_house) as client:
        page = (await client.get("/setup/vendors/hubspot")).text
    assert "could not be renewed" in page
    assert (await standing(idle_house, "hubspot")).state == "connected"

    await order(idle_house, "hubspot", secret="practice")
    await time_passes(idle_house, "hubspot", 120)
    assert await token(idle_house.office, "hubspot")


async def test_a_token_refused_early_is_renewed_once_and_the_call_goes_again(idle_house: House) -> None:
    before = await connected(idle_house, "hubspot")
    await idle_house.rows(
        "update vendor_grant set expires_at = now() + interval '1 day', renew_at = now() + interval '1 day'"
    )
    async with another_process(idle_house) as other:
        bearer = other.tokens.bearer("hubspot")
        assert await bearer.token() == before
        answers = await asyncio.gather(*(bearer.another(before) for _ in range(10)))

    assert len({*answers, before}) == 2
    assert list((await spent(idle_house, "hubspot")).values()) == [1]


_RENEWS = """
import asyncio, sys
from leadwake.bootstrap import open_office
from leadwake.config import load

async def main():
    office, _ = await open_office(load(), sys.argv[1], pool=2)
    await office.tokens.renew_due()

asyncio.run(main())
"""


@pytest.mark.parametrize("grace_s", [30.0, 0.0])
async def test_kill_9_between_the_vendors_answer_and_our_row(idle_house: House, grace_s: float) -> None:
    await connected(idle_house, "calendly", grace_s=grace_s)
    await time_passes(idle_house, "calendly", 3 * HOUR)
    await idle_house.behave("calendly", mode="cut", delay_ms=60_000)  # it renews at once, and its answer is on its way

    environment = environment_of(idle_house.office.base_settings)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _RENEWS, idle_house.office.db.url, env=environment
    )

    async def renewed() -> bool:
        return bool(await spent(idle_house, "calendly"))

    await until(renewed)
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    await idle_house.behave("calendly", mode="ok")
    idle_house.office.tokens._known.clear()
    await vendor_connections.tick(idle_house.office)
    assert list((await spent(idle_house, "calendly")).values()) == [1], "the lease of the dead holds"

    await time_passes(idle_house, "calendly", 12)
    await vendor_connections.tick(idle_house.office)

    assert list((await spent(idle_house, "calendly")).values()) == [2]
    now = await standing(idle_house, "calendly")
    if grace_s:
        assert (now.state, await token(idle_house.office, "calendly") != "") == ("connected", True)
    else:
        assert now.state == "lost"
        assert "the answer to a renewal was lost" in (now.reason or "")


async def test_access_taken_back_at_the_vendor_makes_actions_wait_until_connected_again(house: House) -> None:
    await connected(house, "hubspot")
    assert (await house.sandbox.post("/hubspot/_uninstall")).status_code == 200

    cause = (await house.post(MARIA)).json()["inquiry_id"]

    async def told() -> bool:
        return any("HubSpot has to be connected again" in mail["subject"] for mail in await house.mails())

    await until(told)

    async def waits() -> bool:
        return bool(await house.rows("select 1 from vendor_state where vendor = 'hubspot' and state = 'open'"))

    await until(waits)
    action = await house.action(cause, "crm")
    assert action["state"] == "planned"
    rows = await house.rows("select reason from vendor_state where vendor = 'hubspot'")
    assert rows[0]["reason"] == "has to be connected again"

    async with logged_in(house) as client:
        page = (await client.get("/setup/vendors/hubspot")).text
        assert "What is for HubSpot waits" in page
        assert (await connect(client, "hubspot")).status_code == 303
    house.advance(timedelta(minutes=2))
    await house.reaches(cause, "crm", "sent")
    await house.settled()
    about = [mail["subject"] for mail in await house.mails() if "HubSpot" in mail["subject"]]
    assert about == ["HubSpot has to be connected again"], "told once, with what to do"
    contacts = [one for one in (await house.sandbox.get("/received?vendor=hubspot")).json() if "upsert" in one["path"]]
    assert len(contacts) == 1


async def test_a_database_that_is_away_when_the_vendor_answers_costs_no_connection(idle_house: House) -> None:
    await connected(idle_house, "calendly")
    await time_passes(idle_house, "calendly", 3 * HOUR)
    await idle_house.behave("calendly", mode="slow", delay_ms=500)
    renewing = asyncio.create_task(idle_house.office.tokens.renew_due())

    async def taken() -> bool:
        return bool(await idle_house.rows("select 1 from vendor_grant where attempt_id is not null"))

    await until(taken)
    url = idle_house.office.db.url
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(with_database(url, "postgres"), autocommit=True) as server, capture_logs() as logs:
        server.execute(f'alter database "{name}" with allow_connections false'.encode())
        server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])

        async def has_nowhere_to_put_it() -> bool:
            return any(entry["event"] == "vendor_token_not_stored_yet" for entry in logs)

        await until(has_nowhere_to_put_it)
        server.execute(f'alter database "{name}" with allow_connections true'.encode())
    await renewing

    now = await standing(idle_house, "calendly")
    assert (now.state, now.in_doubt, now.renewed_at is not None) == ("connected", False, True)
    await once(idle_house, "calendly")


async def test_a_slack_token_that_does_not_end_is_never_renewed_and_lost_when_revoked(idle_house: House) -> None:
    before = await connected(idle_house, "slack")
    now = await standing(idle_house, "slack")
    assert (now.is_renewed, now.expires_at) == (False, None)
    await vendor_connections.tick(idle_house.office)
    assert await token(idle_house.office, "slack") == before

    await idle_house.sandbox.post("/slack/_uninstall")
    async with logged_in(idle_house) as client:
        await client.post("/setup/health/vendors/slack")
    assert (await standing(idle_house, "slack")).state == "lost"
    assert await spent(idle_house, "slack") == {}


async def test_slack_with_rotation_is_renewed_as_the_others(idle_house: House) -> None:
    before = await connected(idle_house, "slack", lasts_s=43_200)
    await time_passes(idle_house, "slack", 11 * HOUR)
    await vendor_connections.tick(idle_house.office)
    idle_house.office.tokens._known.clear()

    assert await token(idle_house.office, "slack") not in (before, "")
    await once(idle_house, "slack")


async def test_a_connection_made_anew_is_not_overwritten_by_a_renewal_of_the_old(idle_house: House) -> None:
    await connected(idle_house, "calendly")
    await time_passes(idle_house, "calendly", 3 * HOUR)
    old = idle_house.office.tokens.bearer("calendly")
    await idle_house.behave("calendly", mode="slow", delay_ms=1_500)
    renewing = asyncio.create_task(idle_house.office.tokens.renew_due())

    async def taken() -> bool:
        return bool(await idle_house.rows("select 1 from vendor_grant where attempt_id is not null"))

    await until(taken)
    await idle_house.behave("calendly", mode="ok")
    async with logged_in(idle_house) as client:
        assert (await connect(client, "calendly")).status_code == 303
    fresh = await token(idle_house.office, "calendly")
    await renewing

    idle_house.office.tokens._known.clear()
    assert await token(idle_house.office, "calendly") == fresh
    with pytest.raises(NotYet):
        await old.token()


@pytest.fixture
def every_log() -> Iterator[list[Any]]:
    """What is logged, of any level."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(0))
    with capture_logs() as logs:
        yield logs
    structlog.configure(wrapper_class=before)


async def test_tokens_stand_in_no_log_no_event_and_no_page(every_log: list[Any], house: House) -> None:
    seen: list[str] = []
    access = await connected(house, "calendly")
    await time_passes(house, "calendly", 3 * HOUR)
    house.office.tokens._known.clear()
    await until(lambda: _renewed(house))
    async with logged_in(house) as client:
        pages = ["/setup/vendors/calendly", "/setup", "/setup/health", "/setup/audit", "/setup/live"]
        seen += [(await client.get(page)).text for page in pages]
    await house.sandbox.post("/calendly/_uninstall")
    with pytest.raises(ProviderError) as raised:
        await house.office.tokens.bearer("calendly").another(await token(house.office, "calendly"))
    seen.append(str(raised.value))
    events = await house.rows("select data::text as data from event")
    row = (await house.rows("select vendor_grant::text as whole from vendor_grant"))[0]["whole"]
    assert {"vendor_token_renewed", "vendor_connection_lost"} <= {entry["event"] for entry in every_log}
    seen += [str(every_log), *(event["data"] for event in events), row]
    secrets = {access, *await spent(house, "calendly"), *await carried(house, "calendly")}
    assert len(secrets) >= 2
    assert not [secret for secret in secrets for text in seen if secret and secret in text]


async def _renewed(house: House) -> Any:
    return await spent(house, "calendly") and (await standing(house, "calendly")).renewed_at


async def test_an_adapter_speaks_with_the_new_token_within_the_same_call(idle_house: House) -> None:
    """The vendor's clock is ahead of ours: it refuses a token that should last."""
    await connected(idle_house, "calendly", lasts_s=1)
    await idle_house.rows(
        "update vendor_grant set expires_at = now() + interval '1 day', renew_at = now() + interval '1 day'"
    )
    idle_house.office.tokens._known.clear()
    held = await grants.read(
        idle_house.office.db, idle_house.office.vault, idle_house.office.settings.grants["calendly"].id
    )
    assert held is not None
    base = idle_house.sandbox.base_url

    async def has_ended() -> bool:
        async with httpx.AsyncClient(base_url=base, trust_env=False, verify=False) as there:
            answer = await there.get("/calendly/users/me", headers={"authorization": f"Bearer {held.access}"})
        return answer.status_code == 401

    await until(has_ended)
    await order(idle_house, "calendly", lasts_s=7_200)
    async with logged_in(idle_house) as client:
        await client.post("/setup/health/vendors/calendly")

    rows = await idle_house.rows("select data from event where kind = 'vendor_tested'")
    assert [row["data"]["ok"] for row in rows] == [True]
    await once(idle_house, "calendly")
