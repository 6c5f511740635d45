"""The team's accounts at vendors, as far as they are entered: what can be asked before a channel is live.

Until there are credentials, the sandbox's account stands in while it runs, so that going live can be walked through.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from leadwake.errors import RuleError
from leadwake.loopback import is_loopback
from leadwake.providers.sendgrid_domains import SendGridDomains
from leadwake.providers.twilio_numbers import MESSAGING_URL, TwilioAccount
from leadwake.settings import Settings
from leadwake.vendors import PRACTICE_VALUES, VENDORS

_TWILIO: Final = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
_SENDGRID: Final = ("SENDGRID_API_KEY",)


def has_twilio(settings: Settings) -> bool:
    """True when the account's own credentials are entered."""
    return all(settings.get(name) for name in _TWILIO)


def has_sendgrid(settings: Settings) -> bool:
    """True when the account's own key is entered."""
    return all(settings.get(name) for name in _SENDGRID)


def is_practice(settings: Settings, vendor: str) -> bool:
    """True while the sandbox's account is what would be asked."""
    has_own = {"twilio": has_twilio, "sendgrid": has_sendgrid}[vendor](settings)
    return not has_own and settings.sandbox_url is not None


def url(settings: Settings, vendor: str) -> str:
    """Where that account is; "" where there is none to ask."""
    if is_practice(settings, vendor):
        return f"{settings.sandbox_url}/{vendor}"
    has_own = {"twilio": has_twilio, "sendgrid": has_sendgrid}[vendor](settings)
    return settings.get(f"{vendor.upper()}_URL", VENDORS[vendor].url).rstrip("/") if has_own else ""


def texts_from(settings: Settings) -> str:
    """The number or Messaging Service that texts come from with that account; "" before one is chosen."""
    if is_practice(settings, "twilio"):
        return settings.get("PRACTICE_TWILIO_FROM") or PRACTICE_VALUES["TWILIO_FROM"]
    return settings.get("TWILIO_FROM")


def mail_from(settings: Settings) -> str:
    """The address that mail comes from with that account."""
    if is_practice(settings, "sendgrid"):
        return PRACTICE_VALUES["SENDGRID_FROM"]
    return settings.get("SENDGRID_FROM")


def hooks_base(settings: Settings) -> str:
    """Scheme and host that Twilio can reach us at; the local one only for an account on this machine. "" for none."""
    return settings.public_url or (settings.local_url if is_loopback(url(settings, "twilio")) else "")


@asynccontextmanager
async def twilio(settings: Settings) -> AsyncIterator[TwilioAccount]:
    """
    The account, to ask; closed at the end. Raises RuleError when there is none yet, ConfigError on a bad URL.

    LEADWAKE_TWILIO_URL stands for both of Twilio's hosts, api and messaging: their paths do not overlap.
    """
    at = url(settings, "twilio")
    if not at:
        raise RuleError("Save the Account SID and the auth token first.")
    practice = is_practice(settings, "twilio")
    sid, token = (PRACTICE_VALUES[name] if practice else settings.get(name) for name in _TWILIO)
    messaging = at if practice or settings.get("TWILIO_URL") else MESSAGING_URL
    account = TwilioAccount(at, messaging, sid, token)
    try:
        yield account
    finally:
        await account.aclose()


@asynccontextmanager
async def sendgrid(settings: Settings) -> AsyncIterator[SendGridDomains]:
    """The account, to ask; closed at the end. Raises RuleError when there is none yet, ConfigError on a bad URL."""
    at = url(settings, "sendgrid")
    if not at:
        raise RuleError("Save SendGrid's API key first.")
    key = PRACTICE_VALUES["SENDGRID_API_KEY"] if is_practice(settings, "sendgrid") else settings.get("SENDGRID_API_KEY")
    domains = SendGridDomains(at, key)
    try:
        yield domains
    finally:
        await domains.aclose()
