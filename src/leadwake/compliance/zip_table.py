"""ZIP code → state and zone, from the compact table described in `data/README.md`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo


class ZipPlace(NamedTuple):
    """Where a ZIP is; zone None when the source does not know it."""

    state: str
    zone: ZoneInfo | None


@dataclass(frozen=True, slots=True)
class ZipPrefix:
    """A hundred ZIPs: where most are, which exist (bit n: suffix n), and those that are elsewhere."""

    usual: ZipPlace
    valid: int
    elsewhere: Mapping[int, ZipPlace]


def parse_prefix(row: Mapping[str, str], zones: Mapping[str, ZoneInfo]) -> ZipPrefix:
    """One row of the table. Raises ValueError or KeyError when it is malformed or names an unknown zone."""
    valid = int(row["valid"], 16)
    if not 0 < valid < 1 << 100 or not (len(row["prefix"]) == 3 and row["prefix"].isdecimal()):
        raise ValueError(f"prefix {row['prefix']!r}: not a hundred ZIPs")
    elsewhere = {}
    for exception in filter(None, row["exceptions"].split(";")):
        place, _, suffixes = exception.partition(":")
        state, _, zone = place.partition(" ")
        at = ZipPlace(_state(state), zones[zone] if zone else None)
        elsewhere.update({int(suffix): at for suffix in suffixes.split()})
    return ZipPrefix(ZipPlace(_state(row["state"]), zones[row["zone"]] if row["zone"] else None), valid, elsewhere)


def find_zip(prefixes: Mapping[str, ZipPrefix], digits: str) -> ZipPlace | None:
    """Where the five-digit ZIP is; None when there is no such ZIP."""
    prefix, suffix = prefixes.get(digits[:3]), int(digits[3:])
    if prefix is None or not prefix.valid >> suffix & 1:
        return None
    return prefix.elsewhere.get(suffix, prefix.usual)


def zip_digits(postal_code: str | None) -> str | None:
    """The five digits of a US ZIP or ZIP+4; None when it is not one."""
    code = (postal_code or "").strip()
    digits, rest = code[:5], code[5:].lstrip("- ")
    if len(digits) == 5 and digits.isascii() and digits.isdecimal() and (not rest or _is_plus_four(rest)):
        return digits
    return None


def _is_plus_four(rest: str) -> bool:
    return len(rest) == 4 and rest.isascii() and rest.isdecimal()


def _state(text: str) -> str:
    if len(text) != 2 or not text.isupper():
        raise ValueError(f"{text!r} is not a state")
    return text
