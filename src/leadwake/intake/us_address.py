"""Postal addresses of the United States within a text: a house number, a street, a city, a state, mostly a ZIP."""

from __future__ import annotations

import re
from collections.abc import Iterator

from leadwake.domain.place import STATES, normalise_state

_STATE_NAME = (
    r"Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|District of Columbia|Florida|Georgia|"
    r"Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|"
    r"Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|"
    r"North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|"
    r"Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming"
)
_GAP = r"(?:[ \t]*,[ \t]*\n?[ \t]*|[ \t]*\n[ \t]*)"
#: number and street; at most two more parts before city and state; state; ZIP
_ADDRESS = re.compile(
    rf"(?<![\w$#.,/-])(?P<street>\d{{1,6}}(?:-\d{{1,5}})?[A-Za-z]?(?: ½| 1/2)? [^\s,][^,\n]{{1,60}})"
    rf"{_GAP}(?P<parts>(?:[^,\n]{{1,40}}{_GAP}){{0,2}}?)(?P<city>[A-Za-z][A-Za-z .'-]{{1,38}})"
    rf",?[ \t]+(?:(?P<code>[A-Z]{{2}})|(?P<name>{_STATE_NAME}))(?![A-Za-z])"
    r"(?:,?[ \t]+(?P<zip>\d{5}(?:-\d{4})?)(?!\d))?"
)
_TYPES = (
    r"st|street|ave|avenue|rd|road|ln|lane|blvd|boulevard|dr|drive|way|ct|court|pl|place|ter|terrace|cir|circle|pkwy|"
    r"parkway|hwy|highway|trl|trail|sq|square|loop|row|run|path|pike|aly|alley|broadway|plz|plaza|xing|crossing|cv|cove"
)
_STREET = re.compile(
    rf"\d{{1,6}}(?:-\d{{1,5}})?[A-Za-z]?(?: [\w.'-]{{1,20}}){{0,4}} (?:{_TYPES})\b\.?[^,\n]{{0,20}}", re.IGNORECASE
)
_ZIP = re.compile(r"(?<![\d-])(\d{5})(?:-\d{4})?(?![\d-])", re.ASCII)
_TEXT_CHARS = 60_000


def find_address(text: str) -> str | None:
    """The first full address in the text in one line, a comma between its lines; the state must be one."""
    return next(addresses_in(text), None)


def addresses_in(text: str) -> Iterator[str]:
    """Every full address in the text, each in one line."""
    for match in _ADDRESS.finditer(text[:_TEXT_CHARS]):
        if match["code"] and match["code"] not in STATES:
            continue
        street = match["street"].strip()
        if not (match["zip"] or _STREET.fullmatch(street)):
            continue
        yield one_line(match[0])


def one_line(text: str) -> str:
    """An address of several lines in one."""
    lines = (" ".join(line.split()).strip(" ,") for line in text.splitlines())
    return ", ".join(line for line in lines if line)


def looks_like_street(text: str) -> bool:
    """Whether it begins as an address does: a number and a street."""
    return _STREET.match(text.strip()) is not None


def postal_code(text: str) -> str | None:
    """The last ZIP in an address."""
    found = _ZIP.findall(text[:1_000])
    return found[-1] if found else None


def state(text: str) -> str | None:
    """The state of an address, before its ZIP or at its end."""
    match = re.search(rf"\b([A-Z]{{2}}|{_STATE_NAME})(?:,? \d{{5}}(?:-\d{{4}})?)?\s*$", text[:1_000].strip())
    code = normalise_state(match[1]) if match else None
    return code if code in STATES else None
