"""What a meeting's row holds beside its times: title, place, links and the lead's clock, sealed by the lead's key."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec

from leadwake.domain.meetings import Booking
from leadwake.storage.vault import DataKey

_CONTEXT = b"meeting.details"


class Details(msgspec.Struct, frozen=True):
    """zone: the IANA name of the clock it was booked by. change_url, cancel_url: the vendor's pages. "" if unknown."""

    title: str = ""
    place: str = ""
    zone: str = ""
    change_url: str = ""
    cancel_url: str = ""

    def sealed(self, key: DataKey) -> bytes:
        """As a row keeps it."""
        return key.seal(msgspec.json.encode(self), _CONTEXT)

    @property
    def clock(self) -> ZoneInfo | None:
        """The clock it was booked by; None where nobody knows."""
        try:
            return ZoneInfo(self.zone) if self.zone else None
        except (KeyError, ValueError, OSError):
            return None


def details_of(booking: Booking) -> Details:
    """What a word about a booking says of it."""
    time = booking.time
    return Details(
        time.title if time else "", time.place if time else "", booking.zone, booking.change_url, booking.cancel_url
    )


def merged(before: Details, new: Details) -> Details:
    """What is known, with what is new; nothing known is made blank."""
    values = {name: getattr(new, name) or getattr(before, name) for name in Details.__struct_fields__}
    return Details(**values)


def opened(key: DataKey, sealed: bytes | None) -> Details:
    """The details of a row; blank where it has none."""
    return msgspec.json.decode(key.open(sealed, _CONTEXT), type=Details) if sealed else Details()
