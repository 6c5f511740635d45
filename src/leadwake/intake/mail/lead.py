"""A lead as a mail told it, before it is an inquiry: as `whatif email` prints it, and what the door makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from leadwake.domain.contact import normalise_phone
from leadwake.domain.interests import interest_code
from leadwake.domain.values import ConsentClaim, Inquiry
from leadwake.intake.fields import LIMITS, believed, bounded_extra, clean_line, clean_text, inquiry

CHANNEL: Final = "portal_email"
#: where a mail names neither a portal nor a sender
SOURCE: Final = "email"
#: leads taken from one mail; more is a file, and files are imported
MAX_LEADS: Final = 200

#: only asked of people who want to rent
_RENTS: Final = frozenset({"lease_months", "occupants", "credit_score", "move_in"})


@dataclass(frozen=True, slots=True)
class MailLead:
    """
    A lead in a mail.

    source: who found the lead ("Zillow"); via: who passed it on ("Follow Up Boss"). email: the person's own;
    relay_email: an address of the portal's that only forwards. phone: as it was written. extra: what else was said, by
    the names of `whatif email`. asked_at: when the person asked, as the mail says; aware.
    """

    source: str | None = None
    via: str | None = None
    name: str | None = None
    email: str | None = None
    relay_email: str | None = None
    phone: str | None = None
    message: str | None = None
    property_address: str | None = None
    external_id: str | None = None
    requested_at: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def phone_e164(self) -> str | None:
        return normalise_phone(self.phone) if self.phone else None

    def as_json(self) -> dict[str, Any]:
        """The lead as `whatif email` prints it."""
        return {
            "source": self.source, "via": self.via, "name": self.name, "email": self.email,
            "relay_email": self.relay_email, "phone_e164": self.phone_e164, "message": self.message,
            "property_address": self.property_address, "extra": dict(self.extra),
        }  # fmt: skip

    def inquiry(self, now: datetime) -> Inquiry:
        """The inquiry: somebody with no address of their own is written to by the portal's. Raises InputError."""
        asked_at, claimed_at = believed(self.requested_at, now)
        said = self.extra
        fields = {
            "name": self.name, "phone": self.phone, "email": self.email or self.relay_email, "source": self.source,
            "interest": self._interest(), "postal_code": said.get("postal_code"),
            "state": said.get("state"), "budget": said.get("budget"), "timeline": said.get("timeline"),
        }  # fmt: skip
        cleaned = {key: clean_line(str(value), LIMITS[key]) for key, value in fields.items() if value}
        message = clean_text(self.message, LIMITS["message"]) if self.message else None
        return inquiry(
            {**cleaned, "message": message},
            asked_at=asked_at,
            claimed_at=claimed_at,
            channel=CHANNEL,
            source=SOURCE,
            consent=_consent(said),
            extra=bounded_extra(self._beyond()),
        )

    def _interest(self) -> str | None:
        """What they want, as the other doors call it; else in the mail's words."""
        if line := self.extra.get("line"):
            return f"{line}_insurance"
        said = str(self.extra.get("interest") or "")
        if said:
            return said if "vehicle" in self.extra else interest_code(said)
        return "rent_home" if _RENTS & self.extra.keys() else None

    def _beyond(self) -> dict[str, Any]:
        """What an inquiry has no field for."""
        own = {
            "via": self.via, "relay_email": self.relay_email, "property_address": self.property_address,
            "external_id": self.external_id,
        }  # fmt: skip
        held = {"interest", "postal_code", "state", "budget", "timeline"}
        return {key: value for key, value in {**own, **self.extra}.items() if value is not None and key not in held}


def _consent(said: Mapping[str, Any]) -> ConsentClaim:
    """What a seller of leads says of consent is kept as it came; naming no seller, it allows nothing by itself."""
    at = said.get("consent_timestamp")
    text, ip, url = (said.get(key) for key in ("consent_text", "consent_ip", "consent_url"))
    return ConsentClaim(
        text=clean_text(str(text), LIMITS["text"]) if text else None,
        ip=clean_line(str(ip), LIMITS["ip"]) if ip else None,
        url=clean_line(str(url), LIMITS["url"]) if url else None,
        timestamp=_aware(at) if at else None,
    )


def _aware(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
