"""Which vendors are on, and that one that is off costs nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from vendor_on_loopback import Answer, Vendor

from leadwake.config import load
from leadwake.errors import ConfigError
from leadwake.providers.ports import Call, OutgoingText
from leadwake.providers.registry import build
from leadwake.vendors import Mode

LIVE = {
    "LEADWAKE_TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "LEADWAKE_TWILIO_AUTH_TOKEN": "t",
    "LEADWAKE_TWILIO_FROM": "+15005550006", "LEADWAKE_SENDGRID_API_KEY": "SG.x",
    "LEADWAKE_SENDGRID_FROM": "a@example.com", "LEADWAKE_SMTP_URL": "smtp://mx", "LEADWAKE_HUBSPOT_TOKEN": "pat",
    "LEADWAKE_SLACK_TOKEN": "xoxb-1", "LEADWAKE_GOHIGHLEVEL_TOKEN": "pit", "LEADWAKE_GOHIGHLEVEL_LOCATION_ID": "ve9",
    "LEADWAKE_META_TOKEN": "EAA", "LEADWAKE_APOLLO_API_KEY": "key", "LEADWAKE_CALENDLY_TOKEN": "pat",
}  # fmt: skip


async def test_without_settings_every_vendor_is_off() -> None:
    vendors = build(load({}))

    assert (vendors.texts, vendors.emails, vendors.crms, vendors.chat, vendors.ads) == (None, {}, {}, None, None)
    assert set(vendors.modes.values()) == {Mode.OFF}
    await vendors.aclose()


async def test_with_credentials_every_vendor_is_live_and_sendgrid_comes_first() -> None:
    vendors = build(load(LIVE))

    assert list(vendors.emails) == ["sendgrid", "smtp"]
    assert vendors.texts is not None
    assert list(vendors.crms) == ["hubspot", "gohighlevel"]
    assert vendors.chat is not None
    assert vendors.ads is not None
    assert vendors.enricher is not None
    assert vendors.scheduler is not None
    assert set(vendors.modes.values()) == {Mode.LIVE}
    await vendors.aclose()


async def test_smtp_alone_is_an_email_provider() -> None:
    assert list(build(load({"LEADWAKE_SMTP_URL": "smtp://mx"})).emails) == ["smtp"]


async def test_practice_reaches_the_sandbox_and_a_live_vendor_its_own(vendor: Vendor) -> None:
    vendor.answers(Answer(201, {"sid": "SM" + "a" * 32}))
    settings = load({"LEADWAKE_HUBSPOT_TOKEN": "pat"}).in_practice_at(vendor.url)
    vendors = build(settings)

    assert vendors.modes == {
        "twilio": Mode.PRACTICE, "sendgrid": Mode.PRACTICE, "smtp": Mode.OFF, "hubspot": Mode.LIVE,
        "gohighlevel": Mode.OFF, "slack": Mode.PRACTICE, "meta": Mode.PRACTICE, "apollo": Mode.PRACTICE,
        "calendly": Mode.PRACTICE,
    }  # fmt: skip
    assert vendors.texts is not None
    await vendors.texts.send_text(OutgoingText("+18135550194", "Hi"), Call.for_seconds())
    assert vendor.received[0].path == f"/twilio/2010-04-01/Accounts/AC{'0' * 32}/Messages.json"
    await vendors.aclose()


def test_a_credential_that_cannot_be_used_stops_the_start() -> None:
    with pytest.raises(ConfigError, match="paste"):
        build(load({"LEADWAKE_HUBSPOT_TOKEN": "pat\u2026"}))


def test_a_vendor_that_is_off_is_not_even_imported() -> None:
    script = (
        "import sys; from leadwake.config import load; from leadwake.providers.registry import build;"
        "build(load({'LEADWAKE_HUBSPOT_TOKEN': 'pat'}));"
        "print([name for name in ('twilio', 'sendgrid', 'smtp', 'hubspot', 'gohighlevel', 'slack', 'meta', 'apollo',"
        " 'calendly')"
        " if f'leadwake.providers.{name}' in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "['hubspot']"
