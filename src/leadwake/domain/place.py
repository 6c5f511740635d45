"""Where a person says to be, in codes: states, countries, postal codes. Tables of law are elsewhere (compliance)."""

from __future__ import annotations

import re

_STATE_NAMES = """
AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware
DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky
LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana
NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota
OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas
UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming|AS American Samoa|GU Guam
MP Northern Mariana Islands|PR Puerto Rico|VI US Virgin Islands|VI Virgin Islands|DC Washington DC
"""
#: the names a form's country list or a person is likely to send; everything else must come as its two letters
_COUNTRY_NAMES = """
US USA|US United States|US United States of America|US America|US Estados Unidos|CA Canada|CA CAN|MX Mexico|MX MEX
GB UK|GB United Kingdom|GB Great Britain|GB England|GB Scotland|GB Wales|GB GBR|IE Ireland|IE IRL|AU Australia|AU AUS
NZ New Zealand|NZ NZL|DE Germany|DE Deutschland|DE DEU|FR France|FR FRA|ES Spain|ES ESP|IT Italy|IT ITA
NL Netherlands|NL The Netherlands|NL NLD|BE Belgium|CH Switzerland|AT Austria|SE Sweden|NO Norway|DK Denmark|FI Finland
PL Poland|PT Portugal|BR Brazil|IN India|IN IND|CN China|JP Japan|KR South Korea|PH Philippines|IL Israel|PR Puerto Rico
"""
#: ISO 3166 leaves ZZ to its users: a country was declared and we do not know which, so it is not ours
UNKNOWN_COUNTRY = "ZZ"

_LETTERS = re.compile(r"[^a-z]+")
_TWO_LETTERS = re.compile(r"[A-Za-z]{2}", re.ASCII)
_ZIP = re.compile(r"(\d{5})(?:[ -]?\d{4})?", re.ASCII)


def _codes(table: str) -> dict[str, str]:
    return {_key(entry[3:]): entry[:2] for line in table.strip().split("\n") for entry in line.split("|")}


def _key(text: str) -> str:
    return _LETTERS.sub("", text.lower())


_STATES, _COUNTRIES = _codes(_STATE_NAMES), _codes(_COUNTRY_NAMES)
#: the two letters of every state and territory of the United States
STATES = frozenset(_STATES.values())


def normalise_state(text: str) -> str | None:
    """
    The state's two letters ("FL" of "florida"); None when it is no state we know by name.

    Any two letters pass, also those of no US state: the gate knows its table and fails closed.
    """
    trimmed = text.strip()
    return trimmed.upper() if _TWO_LETTERS.fullmatch(trimmed) else _STATES.get(_key(trimmed))


def normalise_country(text: str) -> str | None:
    """
    ISO 3166 alpha-2 ("US" of "United States"); None of a blank text.

    A country not known by that name is `UNKNOWN_COUNTRY`, never None: dropped, it would pass for the United States.
    """
    trimmed = text.strip()
    if not trimmed:
        return None
    if code := _COUNTRIES.get(_key(trimmed)):
        return code
    return trimmed.upper() if _TWO_LETTERS.fullmatch(trimmed) else UNKNOWN_COUNTRY


def normalise_postal_code(text: str) -> str | None:
    """The five digits of a US ZIP or ZIP+4, any other code upper-cased as it came; None of a blank text."""
    trimmed = text.strip().upper()
    us = _ZIP.fullmatch(trimmed)
    return us[1] if us else trimmed or None
