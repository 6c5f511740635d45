"""R-CASE-6: which states' rules apply, and on which clocks, when a number and an address may disagree.

Florida, Connecticut, Oklahoma and Virginia presume by area code (R-STATE-2); a mobile number moves with its owner.
So both count, and every state's rule is tested in every plausible zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from leadwake.compliance.case import Case
from leadwake.compliance.decision import Facts, Message, Missing
from leadwake.compliance.hours import WEEKDAYS
from leadwake.compliance.policy import Loosened
from leadwake.compliance.states import TERRITORIES, country_code, state_code
from leadwake.compliance.tables import StateRule, Tables
from leadwake.compliance.zip_table import ZipPlace
from leadwake.domain.values import ConsentLevel


@dataclass(frozen=True, slots=True)
class Place:
    """Where the recipient may be: all these states, on all these clocks; never empty."""

    rules: tuple[StateRule, ...]
    zones: tuple[ZoneInfo, ...]

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(rule.code for rule in self.rules)

    @property
    def zone_names(self) -> tuple[str, ...]:
        return tuple(zone.key for zone in self.zones)

    def local_times(self, at: datetime) -> tuple[str, ...]:
        """What each clock shows at the instant: `19:05 Sat America/New_York`."""
        return tuple(_clock(at.astimezone(zone), zone.key) for zone in self.zones)


def locate(case: Case, npa: str) -> Place:
    """Where the owner of a US number of this area code may be. Raises Missing."""
    tables, message = case.tables, case.message
    area = tables.area_code(npa)
    assert area is not None, "R-CASE-1 has looked it up"
    in_zip = tables.zip_place(message.postal_code)
    address = _address_state(message.state, message.country, in_zip)
    zip_zones = (in_zip.zone,) if in_zip and in_zip.zone and in_zip.state == address else ()
    area_rule = tables.rule(area.state)
    if address is None or address == area.state:
        return Place((area_rule,), zip_zones or area.zones)
    address_rule = tables.rule(address)
    address_zones = zip_zones or address_rule.zones
    if case.facts.confirmed_address and case.policy.allows(Loosened.CONFIRMED_ADDRESS):
        return Place((address_rule,), address_zones)
    return Place((area_rule, address_rule), tuple(dict.fromkeys(area.zones + address_zones)))


def shown_clock(message: Message, tables: Tables, now: datetime) -> str | None:
    """What the clock of a US number's owner shows, "19:05", when every place they may be agrees; else None."""
    number = message.recipient
    if not number.startswith("+1") or len(number) != len("+18135550194"):
        return None
    try:
        place = locate(Case(message, Facts(ConsentLevel.NONE), tables, now), number[2:5])
    except (Missing, AssertionError):
        return None
    clocks = {f"{local.hour}:{local.minute:02}" for local in map(now.astimezone, place.zones)}
    return clocks.pop() if len(clocks) == 1 else None


def zones_of(message: Message, tables: Tables, now: datetime) -> tuple[ZoneInfo, ...]:
    """Every zone that the owner of a US number, or whoever lives at the address, may be in; empty when nobody knows."""
    number = message.recipient
    try:
        if number.startswith("+1") and len(number) == len("+18135550194"):
            return locate(Case(message, Facts(ConsentLevel.NONE), tables, now), number[2:5]).zones
        in_zip = tables.zip_place(message.postal_code)
        address = _address_state(message.state, message.country, in_zip)
        if address is None:
            return ()
        return (in_zip.zone,) if in_zip and in_zip.zone and in_zip.state == address else tables.rule(address).zones
    except (Missing, AssertionError):
        return ()


def locate_held_address(case: Case) -> Place | None:
    """Where the recipient of an e-mail lives, if the team holds marketing there; None otherwise. Raises Missing."""
    message, tables = case.message, case.tables
    if not case.policy.holds:
        return None
    address = _address_state(message.state, message.country, tables.zip_place(message.postal_code))
    if address is None or case.policy.held_until((address,), case.now) is None:
        return None
    rule = tables.rule(address)
    return Place((rule,), rule.zones)


def address_state(state: str | None, country: str | None, postal_code: str | None, tables: Tables) -> str | None:
    """The state somebody lives in: the declared one, else their ZIP's; None when unknown. No area code decides it."""
    try:
        in_zip = tables.zip_place(postal_code)
    except Missing:
        in_zip = None
    return _address_state(state, country, in_zip)


def _address_state(state: str | None, country: str | None, in_zip: ZipPlace | None) -> str | None:
    """The declared state, or the ZIP's if none is declared; a territory may be declared as a country."""
    if declared := state_code(state):
        return declared
    if in_zip is not None:
        return in_zip.state
    code = country_code(country)
    return code if code in TERRITORIES else None


def _clock(local: datetime, zone: str) -> str:
    return f"{local.hour:02}:{local.minute:02} {WEEKDAYS[local.weekday()]} {zone}"
