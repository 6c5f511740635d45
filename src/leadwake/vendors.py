"""The vendors as settings know them: what each needs to be live, what stands in for it, what OAuth grants of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Mode(StrEnum):
    """How a vendor is reached."""

    LIVE = "live"  # credentials are set
    PRACTICE = "practice"  # the sandbox stands in
    OFF = "off"  # its actions are skipped, with that reason


@dataclass(frozen=True, slots=True)
class VendorSpec:
    """What a vendor needs to be live: settings by name, and where its API is."""

    name: str
    label: str
    url: str
    needs: tuple[str, ...]
    optional: tuple[str, ...] = ()


VENDORS: dict[str, VendorSpec] = {
    spec.name: spec
    for spec in (
        VendorSpec(
            "twilio",
            "Twilio",
            "https://api.twilio.com",
            ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"),
            ("TWILIO_A2P",),
        ),
        VendorSpec(
            "sendgrid",
            "SendGrid",
            "https://api.sendgrid.com",
            ("SENDGRID_API_KEY", "SENDGRID_FROM"),
            ("SENDGRID_WEBHOOK_SECRET", "SENDGRID_INBOUND_SECRET"),
        ),
        VendorSpec("smtp", "SMTP", "", ("SMTP_URL",)),
        VendorSpec(
            "hubspot",
            "HubSpot",
            "https://api.hubapi.com",
            ("HUBSPOT_TOKEN",),
            ("HUBSPOT_WEBHOOK_SECRET", "HUBSPOT_CLIENT_ID", "HUBSPOT_CLIENT_SECRET"),
        ),
        VendorSpec(
            "gohighlevel",
            "GoHighLevel",
            "https://services.leadconnectorhq.com",
            ("GOHIGHLEVEL_TOKEN", "GOHIGHLEVEL_LOCATION_ID"),
            ("GOHIGHLEVEL_WEBHOOK_SECRET", "GOHIGHLEVEL_CLIENT_ID", "GOHIGHLEVEL_CLIENT_SECRET"),
        ),
        VendorSpec(
            "slack",
            "Slack",
            "https://slack.com",
            ("SLACK_TOKEN",),
            ("SLACK_SIGNING_SECRET", "SLACK_CHANNEL", "SLACK_OPS_CHANNEL", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"),
        ),
        VendorSpec(
            "meta",
            "Meta lead ads",
            "https://graph.facebook.com",
            ("META_TOKEN",),
            ("META_WEBHOOK_SECRET", "META_VERIFY_TOKEN"),
        ),
        VendorSpec(
            "apollo",
            "Apollo",
            "https://api.apollo.io",
            ("APOLLO_API_KEY",),
            ("APOLLO_DAILY_CREDITS", "APOLLO_WATERFALL"),
        ),
        VendorSpec(
            "calendly",
            "Calendly",
            "https://api.calendly.com",
            ("CALENDLY_TOKEN",),
            ("CALENDLY_EVENT_TYPE", "CALENDLY_WEBHOOK_SECRET", "CALENDLY_CLIENT_ID", "CALENDLY_CLIENT_SECRET"),
        ),
    )
}

#: the vendors that keep a record of each lead; each that is on gets one
CRMS = ("hubspot", "gohighlevel")
#: vendors that the sandbox stands in for only when they are pointed at it: a team has one CRM, and one mail server
NO_PRACTICE = frozenset({"smtp", "gohighlevel"})

#: vendors that can be connected by OAuth → the settings that a connection stands for
OAUTH: dict[str, tuple[str, ...]] = {
    "hubspot": ("HUBSPOT_TOKEN",),
    "gohighlevel": ("GOHIGHLEVEL_TOKEN", "GOHIGHLEVEL_LOCATION_ID"),
    "calendly": ("CALENDLY_TOKEN",),
    "slack": ("SLACK_TOKEN",),
}
#: who our app is at each of them
APP_KEYS = tuple(f"{name.upper()}_CLIENT_{part}" for name in OAUTH for part in ("ID", "SECRET"))

#: what the sandbox takes for credentials; nothing of it is secret
PRACTICE_VALUES: dict[str, str] = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "practice",
    "TWILIO_FROM": "+15005550006",
    "SENDGRID_API_KEY": "SG.practice",
    "SENDGRID_FROM": "hello@practice.example.com",
    "HUBSPOT_TOKEN": "practice",
    "HUBSPOT_WEBHOOK_SECRET": "practice",
    "SLACK_TOKEN": "xoxb-practice",
    "SLACK_SIGNING_SECRET": "practice",
    "SLACK_CHANNEL": "C0PRACTICE0",
    "SLACK_OPS_CHANNEL": "C0PRACTOPS0",
    "META_TOKEN": "practice",
    "META_WEBHOOK_SECRET": "practice",
    "APOLLO_API_KEY": "practice",
    "CALENDLY_TOKEN": "practice",
    "CALENDLY_EVENT_TYPE": "https://api.calendly.com/event_types/PRACTICE15MIN",
    "CALENDLY_WEBHOOK_SECRET": "practice",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a vendor granted us by OAuth, without its tokens. base: where; account: whose, by the vendor's own id."""

    id: UUID
    base: str
    account: str


@dataclass(frozen=True, slots=True)
class App:
    """Who we are for a vendor's OAuth. base: where it is asked, instead of the vendor's own hosts if it is another."""

    client_id: str
    client_secret: str = field(repr=False)
    base: str

    def is_vendors_own(self, vendor: str) -> bool:
        """True when it is the vendor itself that is asked, at its own hosts."""
        return self.base == VENDORS[vendor].url
