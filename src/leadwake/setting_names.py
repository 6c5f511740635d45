"""The settings by name: which are secret, which the page may save, how far some may go."""

from __future__ import annotations

from leadwake import sign_in
from leadwake.vendors import APP_KEYS, VENDORS

PREFIX = "LEADWAKE_"

#: what ad forms and portals that post to us sign with, or carry in place of a signature
DOOR_KEYS = ("META_TOKEN", "META_WEBHOOK_SECRET", "META_VERIFY_TOKEN", "GOOGLE_ADS_WEBHOOK_SECRET",
             "TYPEFORM_WEBHOOK_SECRET", "ZILLOW_WEBHOOK_SECRET")  # fmt: skip

SECRETS = frozenset(
    {
        "DATABASE_URL",
        "REDIS_URL",
        "MASTER_KEY",
        "ADMIN_PASSWORD",
        "PROBE_KEY",
        "TWILIO_AUTH_TOKEN",
        "SENDGRID_API_KEY",
        "SENDGRID_WEBHOOK_SECRET",
        "SENDGRID_INBOUND_SECRET",
        "HUBSPOT_TOKEN",
        "HUBSPOT_WEBHOOK_SECRET",
        "GOHIGHLEVEL_TOKEN",
        "GOHIGHLEVEL_WEBHOOK_SECRET",
        "SLACK_TOKEN",
        "SLACK_SIGNING_SECRET",
        "APOLLO_API_KEY",
        "SMTP_URL",
        "IMAP_URL",
        *DOOR_KEYS,
        "CALENDLY_TOKEN",
        "CALENDLY_WEBHOOK_SECRET",
        *sign_in.SECRETS,
        *(name for name in APP_KEYS if name.endswith("SECRET")),
    }
)

#: what vendors prove themselves by: after another was saved, the one before is believed for a day (NAME_BEFORE)
HOOK_SECRETS = (
    *sorted(name for name in SECRETS if name.endswith(("_WEBHOOK_SECRET", "_SIGNING_SECRET", "_INBOUND_SECRET"))),
    "META_VERIFY_TOKEN",
    "TWILIO_AUTH_TOKEN",
)


def former_name(name: str) -> str:
    """Where the secret before is kept, among the settings."""
    return f"{name}_BEFORE"


#: settings that may be saved from the page; the rest come from the environment or the file only
STORABLE = frozenset(
    {
        "BUSINESS_NAME",
        "POSTAL_ADDRESS",
        "TIME_ZONE",
        "BOOKING_URL",
        "PUBLIC_URL",
        "PRIVACY_URL",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_FROM",
        "TWILIO_A2P",
        "SENDGRID_API_KEY",
        "SENDGRID_FROM",
        "SENDGRID_WEBHOOK_SECRET",
        "SENDGRID_INBOUND_SECRET",
        "SMTP_URL",
        "IMAP_URL",
        "INBOUND_ADDRESS",
        "HUBSPOT_TOKEN",
        "HUBSPOT_WEBHOOK_SECRET",
        "GOHIGHLEVEL_TOKEN",
        "GOHIGHLEVEL_LOCATION_ID",
        "GOHIGHLEVEL_WEBHOOK_SECRET",
        "SLACK_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACK_CHANNEL",
        "SLACK_OPS_CHANNEL",
        "LIMITS",
        "REPORT_DAILY",
        "SLO_ACTS",
        *sign_in.NAMES,
        *DOOR_KEYS,
        "APOLLO_API_KEY",
        "APOLLO_DAILY_CREDITS",
        "APOLLO_WATERFALL",
        "CALENDLY_TOKEN",
        "CALENDLY_EVENT_TYPE",
        "CALENDLY_WEBHOOK_SECRET",
        *APP_KEYS,
    }
)

#: kept beside the settings and set by nobody: what a vendor said of our account, what was chosen in practice
OBSERVED = frozenset({"SEEN_A2P", "PRACTICE_TWILIO_FROM", *map(former_name, HOOK_SECRETS)})

#: a daily budget of credits is no larger
MOST_CREDITS = 1_000_000

#: sequences are looked at twice a day at least
MOST_NURTURE_MINUTES = 720

#: what may be done by itself while answers are late; domain/slo.py says what each is
SLO_ACTS = ("mail_second", "mail_for_text", "page")

#: how long is kept, R-GDPR-9: setting → (default, unit); it may only be shortened
RETENTION: dict[str, tuple[int, str]] = {
    "RETENTION_UNANSWERED_MONTHS": (12, "months"),
    "RETENTION_LEAD_MONTHS": (24, "months"),
    "RETENTION_MESSAGE_MONTHS": (24, "months"),
    "RETENTION_PROOF_YEARS": (5, "years"),
    "RETENTION_CAPTURE_DAYS": (30, "days"),
}

#: backups kept: setting → (default, most); the newest of each day, and of each week. Nothing is older than 35 days
BACKUP_KEEP: dict[str, tuple[int, int]] = {"BACKUP_KEEP_DAYS": (7, 35), "BACKUP_KEEP_WEEKS": (4, 5)}

KNOWN = (
    STORABLE
    | SECRETS
    | {
        "DATA_DIR",
        "VAULT_DIR",
        "BACKUP_DIR",
        "BACKUP_DAILY",
        "BACKUP_COMMAND",
        *BACKUP_KEEP,
        *RETENTION,
        *map(former_name, HOOK_SECRETS),
        "CLOCK",
        "NURTURE_MINUTES",
        "ADMIN_EMAIL",
        "TRUSTED_PROXIES",
        "WEBHOOKS_ALLOW_PRIVATE",
        "LOG_LEVEL",
        "PROBE_URL",
        *(f"{name.upper()}_URL" for name in VENDORS),
    }
)
