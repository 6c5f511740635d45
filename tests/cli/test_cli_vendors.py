"""Vendors connected and tested from the command line, against the stand-ins over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from command_case import CommandLine

from leadwake.providers.ports import CALL_DEADLINE_S

SID, TOKEN = "AC" + "1" * 32, "a-secret-token"
VENDORS = ("twilio", "sendgrid", "hubspot", "slack", "apollo")
TWILIO = (f"account_sid={SID}", f"TWILIO_AUTH_TOKEN={TOKEN}", "leadwake_twilio_from=+18135550100")


@pytest.fixture
def sandbox(bare: CommandLine) -> Iterator[str]:
    """The base URL of the stand-ins, started as a user would."""
    process = bare.start("sandbox", "--port", "0")
    assert process.stdout
    url = process.stdout.readline().partition(": ")[2].strip()
    yield url
    process.terminate()
    process.communicate(timeout=CALL_DEADLINE_S * 2)


@pytest.fixture
def team(leadwake: CommandLine, sandbox: str) -> CommandLine:
    """A team whose vendors' addresses are the stand-ins'."""
    return leadwake.having(**{f"{name.upper()}_URL": f"{sandbox}/{name}" for name in VENDORS})


def received(sandbox: str) -> list[tuple[str, str]]:
    return [(one["vendor"], one["method"]) for one in httpx.get(f"{sandbox}/received", trust_env=False).json()]


def test_a_vendor_is_proven_saved_sealed_and_live(team: CommandLine, sandbox: str) -> None:
    connected = team("vendor", "connect", "twilio", *TWILIO)
    (twilio, *_) = team("vendor", "list", "--json").json
    stored = team.sql("select name, sealed from setting")

    assert (connected.code, connected.err.count("✗")) == (0, 0)
    assert "live from now on" in connected.out
    assert (twilio["mode"], twilio["missing"], twilio["url"]) == ("live", [], f"{sandbox}/twilio")
    assert {name for name, _ in stored} == {"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"}
    assert not any(TOKEN.encode() in sealed for _, sealed in stored)
    assert TOKEN not in connected.out + connected.err
    assert team("vendor", "test", "twilio").code == 0
    assert received(sandbox) == [("twilio", "GET")] * 4  # asked for its texts and its number, nothing sent
    ((actor, kind, data),) = team.sql("select actor, kind, data from event")
    assert (actor, kind, sorted(data["names"])) == ("cli", "settings_changed", sorted(name for name, _ in stored))


def test_mail_and_crm_are_proven_without_a_mail_or_a_contact(team: CommandLine, sandbox: str) -> None:
    assert team("vendor", "connect", "sendgrid", "api_key=SG.x", "from=hello@realty.example.com").code == 0
    assert team("vendor", "connect", "hubspot", "token=pat-x").code == 0
    asked = {one["vendor"]: one for one in httpx.get(f"{sandbox}/received", trust_env=False).json()}

    assert asked["hubspot"]["path"].endswith("/contacts/search")
    assert "sandbox_mode" in str(asked["sendgrid"]["body"])
    assert len(asked) == 2


def test_connecting_slack_finds_the_team_there_by_their_addresses(team: CommandLine, sandbox: str) -> None:
    for name, email in (("Dana Reyes", "dana@realty.example.com"), ("Nobody Home", "nobody@example.com")):
        assert team("user", "invite", email, "--name", name).code == 0
    connected = team("vendor", "connect", "slack", "token=xoxb-1", "signing_secret=s", "channel=C0LEADS123")
    ids = dict(team.sql("select slack_id is null, count(*) from app_user group by 1"))

    assert connected.code == 0
    assert "Found in Slack: Dana Reyes" in connected.out
    assert "Not found there by their address: Nobody Home" in connected.out
    assert ids == {False: 1, True: 1}
    assert team("vendor", "test", "slack").code == 0
    assert {(vendor, method) for vendor, method in received(sandbox)} == {("slack", "GET")}  # asked, nothing posted


def test_what_the_vendor_refuses_is_not_saved(team: CommandLine, sandbox: str) -> None:
    httpx.put(f"{sandbox}/behaviour/twilio", json={"mode": "refuse"}, trust_env=False)
    refused = team("vendor", "connect", "twilio", *TWILIO)

    assert refused.code == 1
    assert "✗ twilio" in refused.err
    assert "Nothing was saved" in refused.err
    assert team.sql("select count(*) from setting") == [(0,)]
    assert team("vendor", "connect", "twilio", *TWILIO, "--no-test").code == 0
    assert team("vendor", "test", "twilio").code == 1


def test_a_secret_can_come_from_a_file(team: CommandLine) -> None:
    (team.folder / "token.txt").write_text("pat-x\n")

    assert team("vendor", "connect", "hubspot", "token=@token.txt").code == 0
    assert "absent.txt" in team("vendor", "connect", "hubspot", "token=@absent.txt").refused(2)


def test_what_is_missing_misspelt_or_locked_is_one_line(team: CommandLine) -> None:
    team("vendor", "list")
    assert "LEADWAKE_TWILIO_FROM" in team("vendor", "connect", "twilio", *TWILIO[:2]).refused(2)
    assert "account_sid" in team("vendor", "connect", "twilio", "sid=1").refused(2)
    assert "environment" in team("vendor", "connect", "hubspot", "token=x", HUBSPOT_TOKEN="y").refused(2)
    assert "header" in team("vendor", "connect", "hubspot", "token=a\nb").err
    assert team.sql("select count(*) from setting") == [(0,)]


def test_a_vendor_that_is_off_says_what_it_lacks(leadwake: CommandLine) -> None:
    leadwake("vendor", "list")

    assert "LEADWAKE_SMTP_URL" in leadwake("vendor", "test", "smtp").refused(1)


def test_no_password_of_a_mail_server_is_shown(leadwake: CommandLine) -> None:
    mail = leadwake.having(SMTP_URL="smtp://sam:never-to-be-shown@127.0.0.1:9")
    said = [mail(*words) for words in (["vendor", "list"], ["vendor", "list", "--json"], ["vendor", "test", "smtp"])]

    assert "never-to-be-shown" not in "".join(answer.out + answer.err for answer in said)
    assert "smtp://127.0.0.1:9" in said[0].out


def test_a_vendor_is_connected_by_a_pasted_address(team: CommandLine, sandbox: str) -> None:
    team = team.having(PUBLIC_URL="https://leads.example.com")
    process = team.start("vendor", "connect", "hubspot", "--oauth", "client_id=app", "client_secret=secret")
    assert process.stdout
    assert process.stdin
    asked = next(line.strip() for line in process.stdout if line.startswith(sandbox))
    with httpx.Client(trust_env=False) as browser:
        page = browser.get(asked).headers["location"]
        back = browser.get(f"{sandbox}{page.replace('_consent', '_allow')}").headers["location"]
    assert back.startswith("https://leads.example.com/setup/vendors/hubspot/callback?")
    out, err = process.communicate(f"{back}\n", timeout=60)

    assert process.returncode == 0, err
    assert "HubSpot is connected, account 62515" in out
    listed = {one["name"]: one for one in team("vendor", "list", "--json").json}
    assert (listed["hubspot"]["mode"], listed["hubspot"]["missing"]) == ("live", [])
    assert team("vendor", "test", "hubspot").code == 0
    assert "connected by OAuth (62515)" in team("doctor", "--offline").out
    assert "has no OAuth" in team("vendor", "connect", "twilio", "--oauth").err
    wrong = team("vendor", "connect", "hubspot", "--oauth", stdin=f"{back}\n")
    assert "belongs to another try" in wrong.err
