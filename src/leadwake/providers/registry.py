"""Which vendors are on, and their adapters; one that is off is never imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any, Protocol, cast

from leadwake.errors import ConfigError
from leadwake.providers.ports import (
    Bearer,
    Chat,
    Crm,
    EmailSender,
    Enricher,
    LeadAds,
    Pace,
    Phone,
    Scheduler,
    TextSender,
)
from leadwake.settings import Settings
from leadwake.vendors import CRMS, Mode

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


#: vendor → whoever has the token of its connection
Bearers = Callable[[str], Bearer]


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


def _nobody(vendor: str) -> Bearer:
    raise ConfigError(f"{vendor} is connected by OAuth, and nobody here has its token")


def build(settings: Settings, pace: Pace | None = None, *, bearers: Bearers = _nobody) -> Vendors:
    """
    The adapters of every vendor that is on; no connection is made yet.

    pace: when CRMs may be asked what nobody waits for; None: at once. bearers: for vendors connected by OAuth.
    Raises ConfigError when an address or a credential cannot be used as it is written.
    """
    modes = {name: settings.mode(name) for name in ADAPTERS}
    is_on = {name for name, mode in modes.items() if mode is not Mode.OFF}
    made = partial(_adapter, settings, bearers)
    return Vendors(
        texts=made("twilio") if "twilio" in is_on else None,
        emails={name: made(name) for name in EMAIL_ORDER if name in is_on},
        crms={name: _paced(made(name), name, pace) for name in CRMS if name in is_on},
        chat=made("slack") if "slack" in is_on else None,
        enricher=made("apollo") if "apollo" in is_on else None,
        scheduler=made("calendly") if "calendly" in is_on else None,
        phone=made("twilio", VOICE) if settings.voice_number else None,
        ads=made("meta") if "meta" in is_on else None,
        modes=modes,
    )


def _paced(adapter: Any, name: str, pace: Pace | None) -> Any:
    if pace is not None:
        adapter.http.pace = partial(pace, name)
    return adapter


def _adapter(
    settings: Settings, bearers: Bearers, vendor: str, adapter: tuple[str, str, tuple[str, ...]] | None = None
) -> Any:
    module, name, arguments = adapter or ADAPTERS[vendor]
    values = [
        settings.vendor_url(vendor) if argument == "URL" else settings.credential(vendor, argument)
        for argument in arguments
    ]
    made = getattr(import_module(module), name)(*values)
    if settings.granted(vendor):
        made.http.bearer = bearers(vendor)
    return made
