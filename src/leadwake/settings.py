"""What was set, as text by name, with typed views; nothing bad gets past the check."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from leadwake import sign_in
from leadwake.clock import Clock
from leadwake.errors import ConfigError
from leadwake.loopback import is_loopback
from leadwake.rates import PUBLISHED, Limit, read_limits
from leadwake.setting_names import (
    BACKUP_KEEP,
    MOST_CREDITS,
    MOST_NURTURE_MINUTES,
    OBSERVED,
    PREFIX,
    RETENTION,
    SLO_ACTS,
    STORABLE,
    former_name,
)
from leadwake.vendors import NO_PRACTICE, OAUTH, PRACTICE_VALUES, VENDORS, App, Grant, Mode

#: R-REV-9: a number, a short code or a Messaging Service; a name as the sender hears no STOP
_HEARS_REPLIES = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{5,6}|MG[0-9A-Za-z]{1,64}")

#: an address that leaves room for a tag before its @
_TAGGABLE = re.compile(r"[a-z0-9._-]{1,30}@[a-z0-9.-]+\.[a-z]{2,}")


@dataclass(frozen=True)
class Settings:
    """Every setting, as text by its name without the prefix; typed views beside it.

    values: {"TWILIO_FROM": "+1555…"}; sources: {"TWILIO_FROM": "environment" | "leadwake.toml" | "saved"}.
    sandbox_url: where the stand-in vendors listen while in practice, else None. local_url: what `serve` listens on.
    practice_values: what the sandbox that runs takes for credentials, beside PRACTICE_VALUES. grants: by vendor.
    """

    values: Mapping[str, str]
    sources: Mapping[str, str] = field(default_factory=dict)
    sandbox_url: str | None = None
    clock: Clock = field(default_factory=Clock)
    local_url: str = ""
    practice_values: Mapping[str, str] = field(default_factory=dict)
    grants: Mapping[str, Grant] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        """The value of a setting, blank counting as unset."""
        return self.values.get(name, "") or default

    @property
    def data_dir(self) -> Path:
        """Where the embedded database, keys and backups live."""
        return Path(self.get("DATA_DIR") or default_data_dir()).expanduser().absolute()

    @property
    def vault_dir(self) -> Path:
        """Where the vault's own copies lie; apart from the backups."""
        chosen = self.get("VAULT_DIR")
        return Path(chosen).expanduser().absolute() if chosen else self.data_dir / "vault-copies"

    @property
    def backup_dir(self) -> Path:
        """Where backups lie; better on another disk than the data."""
        chosen = self.get("BACKUP_DIR")
        return Path(chosen).expanduser().absolute() if chosen else self.data_dir / "backups"

    @property
    def backup_keep(self) -> tuple[int, int]:
        """Of how many days and weeks a backup is kept. Raises ConfigError."""
        found = []
        for name, (default, most) in BACKUP_KEEP.items():
            text = self.get(name, str(default))
            if not text.isdecimal() or not 1 <= int(text) <= most:
                raise ConfigError(f"{PREFIX}{name}: {text!r} must be a whole number from 1 to {most}")
            found.append(int(text))
        return found[0], found[1]

    def retention(self, name: str) -> int:
        """How long something is kept, in the unit of its name. Raises ConfigError when longer than the default."""
        longest, unit = RETENTION[name]
        text = self.get(name, str(longest))
        if not text.isdecimal() or not 1 <= int(text) <= longest:
            raise ConfigError(f"{PREFIX}{name}: {text!r} must be a whole number from 1 to {longest} ({unit})")
        return int(text)

    @property
    def database_url(self) -> str | None:
        """None: the embedded server."""
        return self.get("DATABASE_URL") or None

    @property
    def is_embedded(self) -> bool:
        """True for our own server, also where `serve` named it to its processes: a socket, its files beside ours."""
        url = self.database_url
        return url is None or (urlsplit(url).hostname is None and (self.data_dir / "postgres").is_dir())

    @property
    def is_rehearsal(self) -> bool:
        """True while texts reach no farther than this machine: in practice, or with Twilio at a loopback address."""
        return is_loopback(self.vendor_url("twilio"))

    @property
    def business_name(self) -> str:
        """The name every message carries."""
        return self.get("BUSINESS_NAME", "Example Realty" if self.is_rehearsal else "")

    @property
    def postal_address(self) -> str:
        """Physical address for the foot of every mail."""
        return self.get("POSTAL_ADDRESS", "100 Example Street, Springfield, IL 62701" if self.is_rehearsal else "")

    @cached_property
    def time_zone(self) -> ZoneInfo:
        """The team's own zone; the recipients' zones never come from here."""
        name = self.get("TIME_ZONE", "America/New_York")
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ConfigError(
                f"LEADWAKE_TIME_ZONE: {name!r} is no time zone; write one like America/Chicago"
            ) from error

    @property
    def public_url(self) -> str:
        """Scheme and host that the world reaches us at, without a slash at the end; blank when unknown."""
        return self.get("PUBLIC_URL").rstrip("/")

    @property
    def links_base(self) -> str:
        """Scheme and host for links in messages: the public one, else what `serve` listens on."""
        return self.public_url or self.local_url

    def callback_base(self, vendor: str) -> str:
        """Where a vendor can post to us: the public URL, or the local one if the vendor is on this machine, too."""
        return self.public_url or (self.local_url if is_loopback(self.vendor_url(vendor)) else "")

    @property
    def booking_url(self) -> str:
        """Where a lead books a meeting; the sandbox's page only while nobody real could be sent there."""
        return self.get("BOOKING_URL") or ("" if self._writes_to_people else f"{self.sandbox_url}/calendly/book")

    @property
    def books_by_calendly(self) -> bool:
        """True when each lead gets a link of their own: live, or in practice where nobody real could be sent there."""
        mode = self.mode("calendly")
        is_practice = mode is Mode.PRACTICE and not self._writes_to_people
        is_meant = mode is Mode.LIVE or (is_practice and not self.get("BOOKING_URL"))
        return is_meant and bool(self.credential("calendly", "CALENDLY_EVENT_TYPE"))

    @property
    def _writes_to_people(self) -> bool:
        """True when a text or a mail may reach somebody beyond this machine, or nothing stands in for the vendors."""
        live = (name for name in ("twilio", "sendgrid", "smtp") if self.mode(name) is Mode.LIVE)
        return self.sandbox_url is None or any(not is_loopback(self.vendor_url(name)) for name in live)

    @property
    def privacy_url(self) -> str:
        """The team's own privacy notice; blank when there is none."""
        return self.get("PRIVACY_URL")

    def mode(self, vendor: str) -> Mode:
        """Live with its credentials, practice while the sandbox stands in, else off."""
        if not self._lacks(vendor):
            return Mode.LIVE
        if vendor == "meta" and self.get("META_WEBHOOK_SECRET"):
            return Mode.OFF  # leads of real people come in: the sandbox knows none of them
        if self.sandbox_url and vendor not in NO_PRACTICE:
            return Mode.PRACTICE
        return Mode.OFF

    def credential(self, vendor: str, name: str) -> str:
        """A vendor's setting; the practice value while the sandbox stands in for it; a grant's before either."""
        if (grant := self.granted(vendor)) and name in OAUTH[vendor]:
            return "" if name.endswith("_TOKEN") else grant.account  # tokens change: who needs one asks for it
        if self.mode(vendor) is Mode.PRACTICE:
            return self.get(f"PRACTICE_{name}") or self.practice_values.get(name) or PRACTICE_VALUES.get(name, "")
        return self.get(name)

    def webhook_secret(self, vendor: str) -> str:
        """What a vendor signs its posts to us with: as it was set, else the sandbox's where that stands in."""
        name = f"{vendor.upper()}_WEBHOOK_SECRET"
        return self.get(name) or self.credential(vendor, name)

    def former_secret(self, name: str, now: datetime) -> str:
        """
        What a vendor may still prove itself by though another is set; blank when nothing. now: real time.

        Saved with the instant it ends; written in the environment it counts until somebody takes it out.
        """
        text = self.get(former_name(name))
        if self.sources.get(former_name(name)) != "saved":
            return text
        until, _, secret = text.partition(" ")
        return secret if secret and datetime.fromisoformat(until) > now else ""

    def vendor_url(self, vendor: str) -> str:
        """Scheme, host and prefix that the documented paths follow."""
        if self.mode(vendor) is Mode.PRACTICE:
            return f"{self.sandbox_url}/{vendor}"
        if vendor == "smtp":  # its setting holds the password, too
            parts = urlsplit(self.get("SMTP_URL"))
            return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.hostname else ""
        return self._live_url(vendor)

    def _live_url(self, vendor: str) -> str:
        return self.get(f"{vendor.upper()}_URL", VENDORS[vendor].url).rstrip("/")

    def granted(self, vendor: str) -> Grant | None:
        """The grant that counts where the vendor is reached now, before any token that was set by hand."""
        grant = self.grants.get(vendor)
        return grant if grant is not None and grant.base == self.vendor_url(vendor) else None

    def oauth_app(self, vendor: str, base: str | None = None) -> App | None:
        """
        Who we are when we ask for a grant, or renew one of that base: as it was set, or the sandbox's own in practice.

        None: nobody said.
        """
        client_id, secret = (self.get(f"{vendor.upper()}_CLIENT_{part}") for part in ("ID", "SECRET"))
        if client_id and secret and base in (None, self._live_url(vendor)):
            return App(client_id, secret, self._live_url(vendor))
        stand_in = f"{self.sandbox_url}/{vendor}"
        if self.mode(vendor) is Mode.PRACTICE and base in (None, stand_in):
            return App("practice", "practice", stand_in)
        return None

    def _lacks(self, vendor: str) -> list[str]:
        """The settings a vendor still needs to be live, which neither a person nor a grant has given."""
        grant = self.grants.get(vendor)
        given = OAUTH[vendor] if grant is not None and grant.base == self._live_url(vendor) else ()
        return [name for name in VENDORS[vendor].needs if not self.get(name) and name not in given]

    def limit(self, vendor: str) -> Limit:
        """How fast the vendor may be asked: as the team wrote, else as it publishes; on this machine, freely."""
        own = read_limits(self.get("LIMITS"))
        if vendor in own or vendor not in VENDORS or is_loopback(self.vendor_url(vendor)):
            return own.get(vendor, Limit())
        return PUBLISHED.get(vendor, Limit())

    @property
    def voice_number(self) -> str:
        """Our number that calls come to and go out from; blank without one: a Messaging Service has no voice."""
        number = self.credential("twilio", "TWILIO_FROM") if self.mode("twilio") is not Mode.OFF else ""
        return number if number.startswith("+") else ""

    @property
    def mail_from(self) -> str:
        """The address the team's mail comes from; blank when nobody said."""
        user = unquote(urlsplit(self.get("SMTP_URL")).username or "")
        return self.credential("sendgrid", "SENDGRID_FROM") or (user if "@" in user else "")

    @property
    def inbound_address(self) -> str:
        """Where people's answers to our mail come in, by webhook or mailbox; blank when they cannot."""
        return self.get("INBOUND_ADDRESS").strip().lower()

    @property
    def is_contained(self) -> bool:
        """True while nothing reaches beyond this machine: each vendor is off, in practice, or at a loopback address."""
        return not any(self.mode(name) is Mode.LIVE and not is_loopback(self.vendor_url(name)) for name in VENDORS)

    @property
    def apollo_daily_credits(self) -> int:
        """How many of Apollo's credits a day may cost. Raises ConfigError."""
        text = self.get("APOLLO_DAILY_CREDITS", "1000" if self.mode("apollo") is Mode.PRACTICE else "100")
        if not re.fullmatch("[0-9]{1,7}", text) or int(text) > MOST_CREDITS:
            raise ConfigError(
                f"LEADWAKE_APOLLO_DAILY_CREDITS: {text!r} must be a whole number from 0 to {MOST_CREDITS}"
            )
        return int(text)

    @property
    def apollo_waterfall(self) -> bool:
        """Whether Apollo's further sources are asked, too: up to 9 credits a person."""
        return self.get("APOLLO_WATERFALL") == "on"

    @property
    def nurture_every(self) -> timedelta:
        """How often it is looked who is due in a sequence. Raises ConfigError."""
        text = self.get("NURTURE_MINUTES", "15")
        if not re.fullmatch("[0-9]{1,4}", text) or not 1 <= int(text) <= MOST_NURTURE_MINUTES:
            raise ConfigError(
                f"LEADWAKE_NURTURE_MINUTES: {text!r} must be a whole number from 1 to {MOST_NURTURE_MINUTES}"
            )
        return timedelta(minutes=int(text))

    @property
    def report_daily(self) -> bool:
        """Whether managers hear each morning how yesterday was, not on Mondays only."""
        return self.get("REPORT_DAILY") == "on"

    @property
    def slo_acts(self) -> frozenset[str]:
        """What may be done by itself while answers are late. Raises ConfigError."""
        text = self.get("SLO_ACTS", ", ".join(SLO_ACTS))
        found = frozenset(text.replace(",", " ").split()) - {"off"}
        if unknown := sorted(found - set(SLO_ACTS)):
            raise ConfigError(f"LEADWAKE_SLO_ACTS: {unknown[0]!r} is none of {', '.join(SLO_ACTS)}, off")
        return found

    @property
    def webhooks_allow_private(self) -> bool:
        """Whether outgoing webhooks may go to private networks and to this machine."""
        return self.get("WEBHOOKS_ALLOW_PRIVATE") == "on"

    def a2p_approved(self) -> bool:
        """R-10DLC-1: a loopback Twilio counts as approved, elsewhere the operator or Twilio must have said so."""
        if is_loopback(self.vendor_url("twilio")) or self.get("TWILIO_A2P").lower() == "approved":
            return True
        return self.get("SEEN_A2P") == f"approved {self.texts_sender}"

    @property
    def texts_sender(self) -> str:
        """The account and number (or service) that a registration belongs to: another one needs its own."""
        return f"{self.get('TWILIO_ACCOUNT_SID')} {self.get('TWILIO_FROM')}"

    @property
    def texts_wait(self) -> bool:
        """True while texts would go out for real and the carriers have not approved their sender."""
        return self.mode("twilio") is Mode.LIVE and not self.a2p_approved()

    def missing(self, vendor: str) -> list[str]:
        """The full names of what a vendor still needs to be live."""
        return [PREFIX + name for name in self._lacks(vendor)]

    def is_locked(self, name: str) -> bool:
        """True when the environment or the file decides, so that the page cannot."""
        return self.sources.get(name) in {"environment", "leadwake.toml"}

    @property
    def saved(self) -> dict[str, str]:
        """What counts because it was saved in the database, by name."""
        return {name: value for name, value in self.values.items() if self.sources.get(name) == "saved"}

    def with_saved(self, saved: Mapping[str, str]) -> Settings:
        """The same settings over what was saved in the database."""
        extra = {
            name: value for name, value in saved.items() if name in STORABLE | OBSERVED and not self.is_locked(name)
        }
        kept = {name: value for name, value in self.values.items() if self.sources.get(name) != "saved"}
        sources = {name: source for name, source in self.sources.items() if source != "saved"}
        return checked(replace(self, values={**extra, **kept}, sources={**dict.fromkeys(extra, "saved"), **sources}))

    def with_grants(self, grants: Mapping[str, Grant]) -> Settings:
        """The same settings with what vendors granted by OAuth."""
        return replace(self, grants=grants)

    def for_demo(self) -> Settings:
        """No credentials, a data directory of its own: whatever the demo does stays on this machine."""
        kept = {name: self.values[name] for name in ("TIME_ZONE", "LOG_LEVEL") if name in self.values}
        values = {**kept, "DATA_DIR": str(self.data_dir / "demo")}
        return Settings(values, dict.fromkeys(values, "environment"), clock=self.clock)

    def in_practice_at(self, sandbox_url: str | None) -> Settings:
        """The same settings with the sandbox at that address (None: no practice)."""
        return replace(self, sandbox_url=sandbox_url)


def default_data_dir() -> Path:
    """/var/lib/leadwake as root, else under the home directory."""
    return Path("/var/lib/leadwake") if os.geteuid() == 0 else Path("~/.local/share/leadwake").expanduser()


def checked(settings: Settings) -> Settings:
    """The same settings. Raises ConfigError with one line that says what to change."""
    _ = settings.time_zone
    for name in sign_in.NAMES:
        if (value := settings.get(name)) and (said := sign_in.problem(name, value)):
            raise ConfigError(f"LEADWAKE_{name}: {said}")
    for name in RETENTION:
        settings.retention(name)
    _check_limits(settings.get("LIMITS"))
    for name in VENDORS:
        key = f"{name.upper()}_URL"
        if name != "smtp" and (url := settings.get(key)) and urlsplit(url).scheme not in {"http", "https"}:
            raise ConfigError(f"LEADWAKE_{key}: {url!r} must start with http:// or https://")
    if (url := settings.get("PUBLIC_URL")) and urlsplit(url).scheme not in {"http", "https"}:
        raise ConfigError(f"LEADWAKE_PUBLIC_URL: {url!r} must start with http:// or https://")
    if (url := settings.get("PRIVACY_URL")) and urlsplit(url).scheme not in {"http", "https"}:
        raise ConfigError(f"LEADWAKE_PRIVACY_URL: {url!r} must start with http:// or https://")
    if (sender := settings.get("TWILIO_FROM")) and not _HEARS_REPLIES.fullmatch(sender):
        raise ConfigError(
            f"LEADWAKE_TWILIO_FROM: {sender!r} cannot receive replies, and people must be able to answer STOP; "
            "write a number like +18135550100, a short code, or a Messaging Service (MG…)"
        )
    if (url := settings.get("IMAP_URL")) and urlsplit(url).scheme not in {"imap", "imaps"}:
        raise ConfigError("LEADWAKE_IMAP_URL must start with imaps:// or imap://")
    if (address := settings.inbound_address) and not _TAGGABLE.fullmatch(address):
        raise ConfigError(
            f"LEADWAKE_INBOUND_ADDRESS: {address!r} must be a plain address like reply@in.example.com, with at most 30 "
            "characters and no + before its @: Leadwake puts its own +… there to know whose answer it is"
        )
    _ = settings.apollo_daily_credits, settings.backup_keep, settings.slo_acts
    for name in ("BACKUP_DAILY", "APOLLO_WATERFALL", "WEBHOOKS_ALLOW_PRIVATE", "REPORT_DAILY"):
        if settings.get(name) not in {"", "on", "off"}:
            raise ConfigError(f"LEADWAKE_{name} must be on or off")
    if (url := settings.get("DATABASE_URL")) and urlsplit(url).scheme not in {"postgresql", "postgres"}:
        raise ConfigError("LEADWAKE_DATABASE_URL must start with postgresql://")
    if settings.clock.start is not None:
        for name in VENDORS:
            if settings.mode(name) is Mode.LIVE and not is_loopback(settings.vendor_url(name)):
                raise ConfigError(
                    f"LEADWAKE_CLOCK is for rehearsals: {name} would reach the real world at a false time; "
                    f"unset the clock, or set LEADWAKE_{name.upper()}_URL to a loopback address"
                )
        if (url := settings.get("IMAP_URL")) and not is_loopback(url):
            raise ConfigError("LEADWAKE_CLOCK is for rehearsals: unset it, or LEADWAKE_IMAP_URL")
    return settings


def _check_limits(text: str) -> None:
    try:
        limits = read_limits(text)
    except ValueError as error:
        raise ConfigError(f"LEADWAKE_LIMITS: {error}") from error
    if unknown := sorted(set(limits) - set(VENDORS)):
        raise ConfigError(f"LEADWAKE_LIMITS: {unknown[0]} is no vendor; the names are {', '.join(VENDORS)}")
