"""The settings that a page may save: what each is called, what it is for, and what is wrong with a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.errors import ConfigError
from leadwake.providers import gohighlevel_words, imap
from leadwake.setting_names import MOST_CREDITS, PREFIX, SECRETS
from leadwake.settings import Settings

#: what a check says of a value: None when it is fit, else what to do
Check = Callable[[str], str | None]

MAX_CHARS: Final = 500
_ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
_SERVICE_SID = re.compile(r"MG[0-9a-fA-F]{32}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{8,20}|#?[a-z0-9_-]{1,80}")
_LOCATION = re.compile(r"[0-9A-Za-z_-]{4,64}")
_EVENT_TYPE = re.compile(r"https://api\.calendly\.com/event_types/[A-Za-z0-9_-]{1,128}")
_HEADER_SAFE = re.compile(r"[ -~]+")


@dataclass(frozen=True, slots=True)
class Field:
    """
    One setting. kind: of the input (text, url, tel, email, secret, zone, choice).

    check: looks at a value that is not blank. choices: value → what it is called.
    """

    name: str
    label: str
    hint: str = ""
    kind: str = "text"
    check: Check = lambda _: None
    choices: Mapping[str, str] | None = None
    example: str = ""

    @property
    def is_secret(self) -> bool:
        """True when it is never shown again."""
        return self.name in SECRETS


def _link(value: str) -> str | None:
    try:
        parts = urlsplit(value)
    except ValueError:
        return "This is no link."
    return None if parts.scheme in {"http", "https"} and parts.hostname else "Write a whole link, with https://"


def _number_or_service(value: str) -> str | None:
    if _SERVICE_SID.fullmatch(value) or normalise_phone(value) == value:
        return None
    return "Write the number as +15555550100, or a Messaging Service SID (MG…)."


def _address(value: str) -> str | None:
    return None if normalise_email(value) == value else "Write one plain address, such as hello@example.com."


def _account(value: str) -> str | None:
    return None if _ACCOUNT_SID.fullmatch(value) else "An Account SID is AC and 32 digits and letters a-f."


def plain(value: str) -> str | None:
    """What a header can carry."""
    return None if _HEADER_SAFE.fullmatch(value) else "There are characters in it that no key has; copy it again."


def _location(value: str) -> str | None:
    return None if _LOCATION.fullmatch(value) else "A location id has only letters and digits, about twenty."


def _key(value: str) -> str | None:
    return None if gohighlevel_words.is_key(value) else "Paste the whole key, from BEGIN to END PUBLIC KEY."


def _slack_channel(value: str) -> str | None:
    return None if _CHANNEL.fullmatch(value) else "Write the channel's id, such as C0123456789, or its name."


def _event_type(value: str) -> str | None:
    return None if _EVENT_TYPE.fullmatch(value) else "Choose it from your list, under Go live."


def _mail_server(value: str) -> str | None:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return "This is no link; write smtp://user:password@host:587"
    fit = parts.scheme in {"smtp", "smtps"} and parts.hostname
    return None if fit else "Write it as smtp://user:password@host:587"


def _inbound(value: str) -> str | None:
    return None if normalise_email(value) == value and "+" not in value else "Write one plain address, without a +."


def _mailbox(value: str) -> str | None:
    try:
        imap.Address(value)
    except ConfigError:
        return "Write it as imaps://user:password@host:993/INBOX, an @ in the user as %40."
    return None


def _credits(value: str) -> str | None:
    is_fit = re.fullmatch("[0-9]{1,7}", value) and int(value) <= MOST_CREDITS
    return None if is_fit else f"Write a whole number, 0 to {MOST_CREDITS:,}."


def _zone(value: str) -> str | None:
    return None if value in available_timezones() else "There is no such time zone."


US_ZONES: Final[Mapping[str, str]] = {
    "America/New_York": "Eastern", "America/Chicago": "Central", "America/Denver": "Mountain",
    "America/Phoenix": "Arizona", "America/Los_Angeles": "Pacific", "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii", "America/Puerto_Rico": "Puerto Rico",
}  # fmt: skip

BUSINESS: Final = (
    Field("BUSINESS_NAME", "Business name", "Every message says it.", example="Harbor Homes"),
    Field("POSTAL_ADDRESS", "Postal address", "Stands at the foot of every e-mail; the law asks for it.",
          example="12 Main Street, Tampa, FL 33601"),
    Field("TIME_ZONE", "Your time zone", "For the times on these pages. Leads are written to by their own clock.",
          "zone", _zone, US_ZONES),
    Field("BOOKING_URL", "Booking link", "Where a lead picks a time; messages offer it.", "url", _link,
          example="https://calendly.com/your-team/call"),
    Field("PUBLIC_URL", "Public address of this page", "Vendors report delivery here, and links in messages lead here.",
          "url", _link, example="https://leads.example.com"),
    Field("PRIVACY_URL", "Your privacy notice", "E-mails link it; outside the US the law asks for it.", "url",
          _link, example="https://www.example.com/privacy"),
    Field("LIMITS", "How fast vendors may be asked", "Only where your number or account needs less than Leadwake asks "
          "by itself: calls a second, minute, hour or day, over all vendors that you name. What waits is never lost.",
          example="twilio 3/s 2000/day, sendgrid 500/h"),
    Field("REPORT_DAILY", "A report every morning", "Managers hear at 8:00 how yesterday was, by mail or Slack; on "
          "Mondays, of the whole week, they hear anyhow.", "choice", choices={"": "no", "on": "yes"}),
)  # fmt: skip

INBOUND: Final = (
    Field("INBOUND_ADDRESS", "Address for answers", "Leads' answers to our mail go here, and unsubscribing by mail. "
          "Leadwake adds a +… of its own for each person.", "email", _inbound, example="reply@in.example.com"),
    Field("IMAP_URL", "Mailbox", "Read every few seconds: new mail is taken in and marked as read, never deleted.",
          "secret", _mailbox, example="imaps://user:password@host:993/INBOX"),
)  # fmt: skip

VENDORS: Final[Mapping[str, tuple[Field, ...]]] = {
    "twilio": (
        Field("TWILIO_ACCOUNT_SID", "Account SID", "On the front page of Twilio's console.", check=_account),
        Field("TWILIO_AUTH_TOKEN", "Auth token", "Right below it.", "secret", plain),
        Field("TWILIO_FROM", "Number or Messaging Service", "Texts come from it.", "text", _number_or_service,
              example="+18135550100"),
        Field("TWILIO_A2P", "Carrier registration (A2P 10DLC)", "Carriers drop texts of unregistered numbers, so none "
              "is sent before this says approved.", "choice", choices={"": "not yet approved", "approved": "approved"}),
    ),
    "sendgrid": (
        Field("SENDGRID_API_KEY", "API key", "Needs the permission Mail Send and, to prove your domain, Sender "
              "Authentication.", "secret", plain),
        Field("SENDGRID_FROM", "Sender address", "A verified sender or domain.", "email", _address,
              example="hello@yourdomain.com"),
        Field("SENDGRID_WEBHOOK_SECRET", "Event webhook's public key", "With it, deliveries and bounces are seen here.",
              "secret", plain),
        Field("SENDGRID_INBOUND_SECRET", "Inbound Parse's public key", "Only with a security policy at SendGrid; then "
              "unsigned mail is refused.", "secret", plain),
    ),
    "smtp": (
        Field("SMTP_URL", "Mail server", "Takes over when SendGrid fails, or stands alone.", "secret", _mail_server,
              example="smtp://user:password@host:587"),
    ),
    "hubspot": (
        Field("HUBSPOT_TOKEN", "Private app token", "Needs the scopes crm.objects.contacts.read and .write; to hear "
              "what came of leads, crm.objects.deals.read and crm.objects.owners.read.", "secret", plain),
        Field("HUBSPOT_WEBHOOK_SECRET", "Client secret", "On the private app's page, under Auth. With it, changes made "
              "in HubSpot are heard here; set the app's webhooks to /hooks/hubspot at your public address.", "secret",
              plain),
    ),
    "gohighlevel": (
        Field("GOHIGHLEVEL_TOKEN", "Private integration token", "Under Settings, Private Integrations of the location. "
              "Needs contacts.readonly and contacts.write.", "secret", plain),
        Field("GOHIGHLEVEL_LOCATION_ID", "Location id", "Stands in the address of every page of the location, after "
              "/location/.", check=_location, example="ve9EPM428h8vShlRW1KT"),
        Field("GOHIGHLEVEL_WEBHOOK_SECRET", "Webhook public key", "From GoHighLevel's webhook guide. With it, changes "
              "made there are heard here; set the webhook to /hooks/gohighlevel at your public address.", "secret",
              _key, example="-----BEGIN PUBLIC KEY-----"),
    ),
    "slack": (
        Field("SLACK_TOKEN", "Bot token", "Starts with xoxb-. Needs the scopes chat:write and users:read.email.",
              "secret", plain),
        Field("SLACK_SIGNING_SECRET", "Signing secret", "On the app's front page at Slack. Without it the buttons of "
              "alerts are refused. Set the app's interactivity to /hooks/slack/interactive at your public address.",
              "secret", plain),
        Field("SLACK_CHANNEL", "Channel for alerts", "Where alerts go to whose Slack id is not known. Invite the app "
              "there first. Its id stands at the end of the channel's details.", check=_slack_channel,
              example="C0123456789"),
        Field("SLACK_OPS_CHANNEL", "Channel for operations", "Hears when a vendor fails and is back, when messages "
              "need a person, when leads wait, and each morning at 8 how yesterday went. Invite the app there, too.",
              check=_slack_channel, example="C0123456789"),
    ),
    "calendly": (
        Field("CALENDLY_TOKEN", "Personal access token", "Calendly, Integrations, API & webhooks.", "secret", plain),
        Field("CALENDLY_EVENT_TYPE", "What leads book", "Chosen from your list under Go live; each lead gets a link of "
              "their own. Without one, messages offer the booking link above.", "url", _event_type,
              example="https://api.calendly.com/event_types/…"),
        Field("CALENDLY_WEBHOOK_SECRET", "Webhook's signing key", "Leadwake makes it when it sets the webhook.",
              "secret", plain),
    ),
    "apollo": (
        Field("APOLLO_API_KEY", "API key", "Under Settings, Integrations, API at Apollo. It has to be allowed "
              "people/match.", "secret", plain),
        Field("APOLLO_DAILY_CREDITS", "Credits a day, at most", "A person who is found costs one. When they are spent, "
              "the others wait for the next day.", check=_credits, example="100"),
        Field("APOLLO_WATERFALL", "Also look for numbers and addresses", "In Apollo's further sources: up to 9 credits "
              "a person. They are shown to your team, and never written to.", "choice",
              choices={"": "no", "on": "yes"}),
    ),
}  # fmt: skip

#: what brings leads in and needs a key or more; each has its place on /setup/doors
DOORS: Final[Mapping[str, tuple[Field, ...]]] = {
    "meta": (
        Field("META_WEBHOOK_SECRET", "App secret", "At developers.facebook.com: your app, App settings, Basic. Meta "
              "signs with it.", "secret", plain),
        Field("META_TOKEN", "Page access token", "A token of your page with the permission leads_retrieval, one that "
              "does not expire. What people wrote is fetched with it.", "secret", plain),
        Field("META_VERIFY_TOKEN", "Verify token of your own", "Only if you want another one than above.", "secret",
              plain),
    ),
    "google_ads": (
        Field("GOOGLE_ADS_WEBHOOK_SECRET", "Key", "The same here and in Google Ads.", "secret", plain),
    ),
    "typeform": (
        Field("TYPEFORM_WEBHOOK_SECRET", "Secret", "The same here and in Typeform.", "secret", plain),
    ),
    "zillow": (
        Field("ZILLOW_WEBHOOK_SECRET", "Key in the address", "Zillow does not sign what it sends. With a key, only an "
              "address that ends with it is believed.", "secret", plain),
    ),
}  # fmt: skip

#: what each vendor is for
PURPOSES: Final[Mapping[str, str]] = {
    "twilio": "Texts", "sendgrid": "E-mail", "smtp": "E-mail, second way", "hubspot": "CRM", "gohighlevel": "CRM",
    "slack": "Alerts in Slack",
    "apollo": "Looking people up",
    "calendly": "Meetings",
}  # fmt: skip


def app_of(vendor: str) -> tuple[Field, ...]:
    """The fields of our app at a vendor that is connected by OAuth."""
    return (
        Field(f"{vendor.upper()}_CLIENT_ID", "Client id", check=plain),
        Field(f"{vendor.upper()}_CLIENT_SECRET", "Client secret", "It is never shown again.", "secret", plain),
    )


def fields_of(section: str) -> tuple[Field, ...] | None:
    """The fields of the section "business" or "inbound", of a vendor or a door; None when there is no such section."""
    return {"business": BUSINESS, "inbound": INBOUND, **DOORS, **VENDORS}.get(section)


def changes(settings: Settings, section: tuple[Field, ...], given: Mapping[str, str]) -> dict[str, str | None]:
    """
    What a posted form changes: name → new value, None to forget.

    A secret left blank stays as it is; `forget_NAME` removes it. What the environment decides is passed over.
    """
    found: dict[str, str | None] = {}
    for entry in section:
        if settings.is_locked(entry.name) or entry.name not in given:
            continue
        value = given[entry.name].strip()
        if entry.is_secret:
            if value:
                found[entry.name] = value
            elif f"forget_{entry.name}" in given and settings.get(entry.name):
                found[entry.name] = None
        elif value != settings.get(entry.name):
            found[entry.name] = value or None
    return found


def problems(
    base: Settings, saved: Mapping[str, str], section: tuple[Field, ...], new: Mapping[str, str | None]
) -> dict[str, str]:
    """What is wrong with the new values: name → what to do; empty when they can be saved."""
    checks = {entry.name: entry for entry in section}
    wrong = {}
    for name, value in new.items():
        if value is None:
            continue
        said = f"At most {MAX_CHARS} characters." if len(value) > MAX_CHARS else checks[name].check(value)
        if said:
            wrong[name] = said
    if not wrong:
        after = {**saved, **new}
        try:
            base.with_saved({name: value for name, value in after.items() if value is not None})
        except ConfigError as error:
            named = re.match(rf"{PREFIX}(\w+): (.*)", str(error), re.DOTALL)
            field = named[1] if named and named[1] in new else next(iter(new), section[0].name)
            wrong[field] = named[2] if named else str(error)
    return wrong
