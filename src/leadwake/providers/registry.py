"""Which vendors are on, and their adapters; one that is off is never imported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any, Protocol, cast

from leadwake.config import CRMS, Mode, Settings
from leadwake.providers.ports import Chat, Crm, EmailSender, Enricher, LeadAds, Pace, Phone, Scheduler, TextSender

#: vendor → module and class, and the settings it is built from in the order of its arguments ("URL": where its API is)
ADAPTERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "twilio": (
        "leadwake.providers.twilio",
        "Twilio",
        ("URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"),
    ),
    "sendgrid": ("leadwake.providers.sendgrid", "SendGrid", ("URL", "SENDGRID_API_KEY")),
    "smtp": ("leadwake.providers.smtp", "Smtp", ("SMTP_URL",)),
    "hubspot": ("leadwake.providers.hubspot", "HubSpot", ("URL", "HUBSPOT_TOKEN")),
    "gohighlevel": (
        "leadwake.providers.gohighlevel",
        "GoHighLevel",
        ("URL", "GOHIGHLEVEL_TOKEN", "GOHIGHLEVEL_LOCATION_ID"),
    ),
    "slack": ("leadwake.providers.slack", "Slack", ("URL", "SLACK_TOKEN")),
    "meta": ("leadwake.providers.meta", "Meta", ("URL", "META_TOKEN")),
    "apollo": ("leadwake.providers.apollo", "Apollo", ("URL", "APOLLO_API_KEY")),
    "calendly": ("leadwake.providers.calendly", "Calendly", ("URL", "CALENDLY_TOKEN")),
}

#: Twilio's other half: calls, from the same account
VOICE = ("leadwake.providers.twilio_voice", "TwilioVoice", ADAPTERS["twilio"][2])

#: the second takes over where the first fails
EMAIL_ORDER = ("sendgrid", "smtp")


class _Closable(Protocol):
    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Vendors:
    """
    The adapters that are on. Each is None when off; emails, crms: name → adapter, the preferred first.

    phone: None also where texts come from a Messaging Service or a short code, which have no voice.

    modes: every vendor we know → live, practice or off.
    """

    texts: TextSender | None = None
    emails: dict[str, EmailSender] = field(default_factory=dict)
    crms: dict[str, Crm] = field(default_factory=dict)
    chat: Chat | None = None
    enricher: Enricher | None = None
    scheduler: Scheduler | None = None
    phone: Phone | None = None
    ads: LeadAds | None = None
    modes: dict[str, Mode] = field(default_factory=dict)

    async def aclose(self) -> None:
        """Every adapter's connections are closed."""
        for adapter in self._adapters():
            await adapter.aclose()

    def _adapters(self) -> Iterator[_Closable]:
        others = (*self.crms.values(), self.chat, self.enricher, self.scheduler, self.phone, self.ads)
        for adapter in (self.texts, *self.emails.values(), *others):
            if adapter is not None:
                yield cast("_Closable", adapter)


def build(settings: Settings, pace: Pace | None = None) -> Vendors:
    """
    The adapters of every vendor that is on; no connection is made yet.

    pace: when CRMs may be asked what nobody waits for; None: at once.
    Raises ConfigError when an address or a credential cannot be used as it is written.
    """
    modes = {name: settings.mode(name) for name in ADAPTERS}
    is_on = {name for name, mode in modes.items() if mode is not Mode.OFF}
    return Vendors(
        texts=_adapter(settings, "twilio") if "twilio" in is_on else None,
        emails={name: _adapter(settings, name) for name in EMAIL_ORDER if name in is_on},
        crms={name: _paced(_adapter(settings, name), name, pace) for name in CRMS if name in is_on},
        chat=_adapter(settings, "slack") if "slack" in is_on else None,
        enricher=_adapter(settings, "apollo") if "apollo" in is_on else None,
        scheduler=_adapter(settings, "calendly") if "calendly" in is_on else None,
        phone=_adapter(settings, "twilio", VOICE) if settings.voice_number else None,
        ads=_adapter(settings, "meta") if "meta" in is_on else None,
        modes=modes,
    )


def _paced(adapter: Any, name: str, pace: Pace | None) -> Any:
    if pace is not None:
        adapter.http.pace = partial(pace, name)
    return adapter


def _adapter(settings: Settings, vendor: str, adapter: tuple[str, str, tuple[str, ...]] | None = None) -> Any:
    module, name, arguments = adapter or ADAPTERS[vendor]
    values = [
        settings.vendor_url(vendor) if argument == "URL" else settings.credential(vendor, argument)
        for argument in arguments
    ]
    return getattr(import_module(module), name)(*values)
