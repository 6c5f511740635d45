"""Each vendor: how it is reached, what it lacks, and whether it would take our messages now."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast
from urllib.parse import urlsplit

from leadwake.errors import BadCredentials, ConfigError, ProviderError, Rejected, RuleError, Throttled
from leadwake.loopback import is_loopback
from leadwake.ops.doctor.finding import Finding, failed, off, ok, warning
from leadwake.providers import registry
from leadwake.providers.ports import CONNECT_AGAIN, Provable
from leadwake.providers.registry import Bearers, Vendors
from leadwake.setting_names import PREFIX
from leadwake.settings import Settings
from leadwake.storage.buckets import MemoryBuckets, shared
from leadwake.vendors import VENDORS, Mode
from leadwake.workflows import accounts

#: what a team goes without while the vendor is off
_WITHOUT = {"twilio": "texts are skipped", "sendgrid": "e-mails are skipped", "hubspot": "no CRM record is written",
            "gohighlevel": "no record is written there",
            "smtp": "no second provider for e-mail", "slack": "nobody is alerted in Slack",
            "meta": "no leads of Facebook's forms are fetched",
            "apollo": "nobody is looked up, and the score is made without",
            "calendly": "messages offer LEADWAKE_BOOKING_URL, and meetings are not seen"}  # fmt: skip


async def findings(settings: Settings, *, ask: bool, bearers: Bearers | None = None) -> list[Finding]:
    """
    A finding a vendor, and what else sending needs.

    ask: put a question to each live vendor that shows whether our credentials work; nothing is sent to anybody.
    bearers: of vendors connected by OAuth; None: nobody has their tokens here.
    """
    found = list(await asyncio.gather(*(_vendor(settings, name, bearers, ask=ask) for name in VENDORS)))
    if settings.texts_wait:
        found.append(failed(
            "A2P 10DLC", "the number's registration is not said to be approved: no lead is texted until it is",
            "register the number with Twilio; Leadwake asks for its state by itself (or set "
            "LEADWAKE_TWILIO_A2P=approved)",
        ))  # fmt: skip
    if settings.mode("twilio") is Mode.LIVE:
        found.append(_voice(settings))
    live_mail = any(settings.mode(name) is Mode.LIVE for name in ("sendgrid", "smtp"))
    if live_mail and not settings.mail_from:
        found.append(failed("mail sender", "nobody to send mail as", "set LEADWAKE_SENDGRID_FROM"))
    if settings.mode("sendgrid") is Mode.LIVE and not settings.get("SENDGRID_WEBHOOK_SECRET"):
        found.append(warning(
            "sendgrid events", "no key to verify them by: bounces and deliveries stay unknown",
            "turn on the signed event webhook at SendGrid and set LEADWAKE_SENDGRID_WEBHOOK_SECRET to its public key",
        ))  # fmt: skip
    if settings.mode("slack") is Mode.LIVE and not settings.get("SLACK_SIGNING_SECRET"):
        found.append(warning(
            "slack buttons", "no secret to verify clicks by: Claim and Pass in Slack are refused",
            "copy the app's signing secret to LEADWAKE_SLACK_SIGNING_SECRET, and set its request URL for "
            "interactivity to /hooks/slack/interactive at your public address",
        ))  # fmt: skip
    if settings.mode("apollo") is Mode.LIVE and settings.apollo_waterfall and not _takes_posts(settings):
        found.append(warning(
            "apollo waterfall", "Apollo posts to https only: its further sources are not asked",
            "set LEADWAKE_PUBLIC_URL to this server's https:// address",
        ))  # fmt: skip
    if url := settings.get("REDIS_URL"):
        found.append(await _redis(url, ask=ask))
    if settings.mode("meta") is Mode.LIVE and not settings.get("META_WEBHOOK_SECRET"):
        found.append(warning(
            "meta webhook", "no secret to verify it by: what Meta posts is refused",
            "copy the app's secret to LEADWAKE_META_WEBHOOK_SECRET",
        ))  # fmt: skip
    return found


async def _redis(url: str, *, ask: bool) -> Finding:
    if not ask:
        return ok("redis", "set; workers share their limits there")
    redis = shared(url, MemoryBuckets())
    is_there = await redis.is_there()
    await redis.aclose()
    if is_there:
        return ok("redis", "answers; workers share their limits there")
    text = "does not answer: each worker takes its part of the limits meanwhile"
    return warning("redis", text, "start it, or correct LEADWAKE_REDIS_URL, or unset it")


def _takes_posts(settings: Settings) -> bool:
    return settings.public_url.startswith("https://") or is_loopback(settings.vendor_url("apollo"))


async def prove(settings: Settings, name: str, bearers: Bearers | None = None) -> Finding:
    """Whether a live vendor would take our messages now; a real call, and nothing is sent to anybody."""
    try:
        vendors = registry.build(settings, bearers=bearers) if bearers else registry.build(settings)
    except ConfigError as error:
        return failed(name, str(error), _look_at(name))
    mode = settings.mode(name).value
    try:
        said = await _adapter(vendors, name).prove(settings.mail_from)
        named = await _number(settings) if name == "twilio" else ""
        return ok(name, f"{mode}: {said}{named}")
    except ProviderError as error:
        return failed(name, f"{mode}, and it does not take our messages: {error}", _mend(settings, name, error))
    finally:
        await vendors.aclose()


async def _number(settings: Settings) -> str:
    """What Twilio says of the number that texts come from, as the end of a sentence; "" where it says nothing."""
    sender = accounts.texts_from(settings)
    if not sender.startswith("+"):
        return ""
    try:
        async with accounts.twilio(settings) as account:
            found = await account.numbers(sender)
    except (ProviderError, RuleError):
        return ""
    if not found:
        return f"; {sender} is not among its numbers, and texts from it will be refused"
    can = [word for word, is_able in (("texts", found[0].texts), ("calls", found[0].calls)) if is_able]
    label = f" ({found[0].label})" if found[0].label not in ("", sender) else ""
    return f"; {sender}{label} is there, for {' and '.join(can) or 'nothing'}"


def address(settings: Settings, name: str) -> str:
    """Where a vendor is reached, without the user and password that a URL may hold."""
    parts = urlsplit(settings.vendor_url(name))
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


async def _vendor(settings: Settings, name: str, bearers: Bearers | None, *, ask: bool) -> Finding:
    mode = settings.mode(name)
    if mode is Mode.LIVE:
        return await prove(settings, name, bearers) if ask else ok(name, f"live at {address(settings, name)}")
    missing = settings.missing(name)
    mend = f"leadwake vendor connect {name}"
    if len(missing) < len(VENDORS[name].needs):  # begun, and not finished: a mistake more often than a choice
        return warning(name, f"off, for it lacks {' and '.join(missing)}", mend)
    if mode is Mode.PRACTICE:
        return off(name, "practice: the sandbox stands in for it", f"{mend} to go live")
    return off(name, f"off: {_WITHOUT[name]}", mend)


def _voice(settings: Settings) -> Finding:
    """Whether people can call us, and agents leads."""
    if not settings.voice_number:
        return warning(
            "calls", "LEADWAKE_TWILIO_FROM is no phone number: nobody can call it, and agents cannot call leads by it",
            "set LEADWAKE_TWILIO_FROM to a number like +18135550100",
        )  # fmt: skip
    base = settings.callback_base("twilio")
    if not base:
        return warning("calls", "Twilio could not ask us what to do with a call", "set LEADWAKE_PUBLIC_URL")
    return ok("calls", f"the number's voice webhook at Twilio must be {base}/hooks/twilio/voice")


def _adapter(vendors: Vendors, name: str) -> Provable:
    found = {
        "twilio": vendors.texts, "slack": vendors.chat, "meta": vendors.ads,
        "apollo": vendors.enricher, "calendly": vendors.scheduler, **vendors.crms, **vendors.emails,
    }[name]  # fmt: skip
    return cast("Provable", found)


def _mend(settings: Settings, name: str, error: ProviderError) -> str:
    if error.code == CONNECT_AGAIN:
        return f"press Connect under Setup, {VENDORS[name].label}, or leadwake vendor connect {name} --oauth"
    if isinstance(error, BadCredentials):
        return _look_at(name)
    if isinstance(error, Rejected):
        return f"what it says about the request is above; {_look_at(name)}"
    if isinstance(error, Throttled):
        return "it asks for patience: try again in a minute"
    return f"is {address(settings, name)} up, and can this machine reach it (DNS, firewall)?"


def _look_at(name: str) -> str:
    names: Sequence[str] = [PREFIX + one for one in VENDORS[name].needs]
    return f"check {', '.join(names)}: leadwake vendor connect {name}"
