"""Leads nobody has seen before: each a person of their own, as the bytes of one POST /v1/leads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import msgspec

from leadwake.compliance.tables import Tables

_FIRST = ("Maria", "James", "Aisha", "Robert", "Linh", "Priya", "Daniel", "Grace", "Omar", "Sofia", "Ethan", "Naomi")
_LAST = ("Lopez", "Carter", "Nguyen", "Okafor", "Rossi", "Silva", "Kim", "Brown", "Haddad", "Novak", "Ortiz", "Walsh")
_INTERESTS = ("buy_home", "sell_home", "life_insurance", "auto_insurance", "home_insurance")
_WORDING = (
    "By clicking Submit I agree that Example Realty may call or text me at the number provided, including by automated "
    "means. Consent is not a condition of purchase. Msg & data rates may apply. Reply STOP to opt out."
)
#: where it is day at the bench's business time, so that no text is held back by the clock
_DAY = frozenset({"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix"})
#: exchanges of a number: no N11, no 555
_EXCHANGES = tuple(n for n in range(200, 1000) if n % 100 != 11 and n != 555)


@dataclass(frozen=True, slots=True)
class Lead:
    """One person. phone: E.164; email: as we write to it; request: the whole HTTP request that sends their lead."""

    phone: str
    email: str
    request: bytes


def leads(host: str, api_key: str) -> Iterator[Lead]:
    """People without end, no two with a number, an address or a name and number in common."""
    head = (
        f"POST /v1/leads HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {api_key}\r\n"
        "Content-Type: application/json\r\nContent-Length: "
    ).encode()
    places = _places()
    for number in count():
        area, state = places[number % len(places)]
        rest = number // len(places)
        line = f"{_EXCHANGES[rest % len(_EXCHANGES)]}{(2000 + 37 * (rest // len(_EXCHANGES)) + number) % 10_000:04d}"
        person = _person(number, f"{area}{line}", state)
        body = msgspec.json.encode(person)
        yield Lead(f"+1{area}{line}", str(person["email"]), b"%b%d\r\n\r\n%b" % (head, len(body), body))


def _places() -> list[tuple[str, str]]:
    """(area code, state) wherever it is day for everybody who has such a number."""
    areas = sorted(Tables.load().area_codes.items())
    return [
        (npa, area.state or "")
        for npa, area in areas
        if area.country == "US" and area.zones and _DAY.issuperset(zone.key for zone in area.zones)
    ]


def _person(number: int, phone: str, state: str) -> dict[str, object]:
    first, last = _FIRST[number % len(_FIRST)], _LAST[number // len(_FIRST) % len(_LAST)]
    return {
        "name": f"{first} {last}", "email": f"{first}.{last}.{number}@example.com".lower(),
        "phone": f"({phone[:3]}) {phone[3:6]}-{phone[6:]}",
        "message": f"Is the house at {100 + number % 9000} Linden Ave still for sale? I could come by this week.",
        "source": "website", "channel": "web_form", "state": state, "interest": _INTERESTS[number % len(_INTERESTS)],
        "budget": "450-500K", "timeline": "within 30 days", "page_url": "https://www.example.com/listing",
        "consent": {
            "sms": True, "email": True, "text": _WORDING, "ip": "192.0.2.17", "timestamp": "2026-12-01T16:59:00Z",
            "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)", "wording_version": "2026-03",
            "checkbox": "ticked", "signature": f"{first} {last}", "url": "https://www.example.com/listing",
        },
    }  # fmt: skip
