"""A list of agents as a team keeps it in a spreadsheet: columns by many names, a person a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from leadwake.domain.csv_cells import read_table
from leadwake.errors import Unparsable

MOST_ROWS: Final = 500

#: column → other names of it, as their letters and digits
_ALSO: Final[Mapping[str, str]] = {
    "name": "fullname agent agentname person",
    "first_name": "firstname givenname first",
    "last_name": "lastname surname familyname last",
    "email": "mail emailaddress login",
    "phone": "mobile mobilenumber mobilephone cell cellphone phonenumber number telephone tel",
    "role": "roles rights",
    "takes_leads": "takesleads leads",
    "languages": "language speaks spoken lang",
    "licences": "licenses license licence licensedstates licensedin licencedin states state",
    "specialties": "specialisations specializations specialization specialty interests skills",
    "areas": "area serviceareas servicearea zips zip zipcodes zipcode territory territories",
    "time_zone": "timezone zone tz",
    "shifts": "shift hours schedule workinghours",
    "days_off": "daysoff off holidays vacation vacations holiday",
    "capacity": "cap limit maxleads maximum",
    "on_call": "oncall",
    "slack_id": "slackid slack slackmember slackmemberid",
}
COLUMNS: Final = tuple(_ALSO)
_NAMES: Final = {word: column for column, words in _ALSO.items() for word in (column.replace("_", ""), *words.split())}

#: a list to begin with
EXAMPLE: Final = """\
name,email,phone,role,languages,licences,specialties,areas,time_zone,shifts,days_off,capacity,on_call,slack_id
Ana Ortiz,ana@example.com,(813) 555-0111,agent,"English, Spanish","FL, GA","buy_home, sell_home","336, 337",\
America/New_York,"Mon-Fri 9:00-12:30 13:30-18:00; Sat 10:00-14:00",2026-12-24 to 2026-12-31,20,no,U024BE7LH
Ben Carter,ben@example.com,(312) 555-0122,manager,English,IL,,IL,America/Chicago,Mon-Fri 9:00-17:00,,,yes,
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the list. line: where the row begins, 1-based. given: column → text, only what is not blank."""

    line: int
    given: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Roster:
    """A list read. ignored: heads of columns that say nothing to us."""

    rows: tuple[Row, ...]
    ignored: tuple[str, ...] = field(default=())


def read_roster(text: str) -> Roster:
    """The list of a CSV. Raises Unparsable with what to mend, when it is no such list at all."""
    try:
        table = read_table(text)
    except ValueError as error:
        raise Unparsable(str(error)) from None
    if not table:
        raise Unparsable("the list is empty; its first line names the columns: name,email,phone,…")
    heads = [_NAMES.get(_letters(head)) for head in table[0][1]]
    if "email" not in heads:
        raise Unparsable("the first line names no column 'email'; it names the columns: name,email,phone,…")
    twice = next((name for name in COLUMNS if heads.count(name) > 1), None)
    if twice:
        raise Unparsable(f"two columns are called {twice!r}; keep one of them")
    if len(table) - 1 > MOST_ROWS:
        raise Unparsable(f"at most {MOST_ROWS} people at once; this list has {len(table) - 1}")
    ignored = tuple(head for head, name in zip(table[0][1], heads, strict=True) if name is None and head)
    return Roster(tuple(_row(line, heads, cells) for line, cells in table[1:]), ignored)


def _row(line: int, heads: list[str | None], cells: list[str]) -> Row:
    given = {name: cell for name, cell in zip(heads, cells, strict=False) if name and cell}
    if len(cells) > len(heads) and any(cells[len(heads) :]):
        given["?"] = "more cells than columns: put cells with commas between double quotes"
    names = [given.pop(part) for part in ("first_name", "last_name") if part in given]
    if names and "name" not in given:
        given["name"] = " ".join(names)
    return Row(line, given)


def _letters(head: str) -> str:
    return re.sub(r"[^a-z0-9]", "", head.casefold())
