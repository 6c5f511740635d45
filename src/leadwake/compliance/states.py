"""The 56 jurisdictions whose rules the gate knows, and how people write them."""

from __future__ import annotations

STATE_NAMES = {
    "AK": "Alaska", "AL": "Alabama", "AR": "Arkansas", "AS": "American Samoa", "AZ": "Arizona", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DC": "District of Columbia", "DE": "Delaware", "FL": "Florida",
    "GA": "Georgia", "GU": "Guam", "HI": "Hawaii", "IA": "Iowa", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana",
    "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "MA": "Massachusetts", "MD": "Maryland", "ME": "Maine",
    "MI": "Michigan", "MN": "Minnesota", "MO": "Missouri", "MP": "Northern Mariana Islands", "MS": "Mississippi",
    "MT": "Montana", "NC": "North Carolina", "ND": "North Dakota", "NE": "Nebraska", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NV": "Nevada", "NY": "New York", "OH": "Ohio", "OK": "Oklahoma",
    "OR": "Oregon", "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VA": "Virginia",
    "VI": "US Virgin Islands", "VT": "Vermont", "WA": "Washington", "WI": "Wisconsin", "WV": "West Virginia",
    "WY": "Wyoming",
}  # fmt: skip

#: these have a country code of their own in ISO 3166 and are the US for every rule here
TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "VI"})

_CODES = {name.casefold(): code for code, name in STATE_NAMES.items()}
_US_NAMES = frozenset({"", "US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA"})


def state_code(text: str | None) -> str | None:
    """Two letters for a code or a name, None when empty; anything else in capitals, which the tables will not know."""
    word = (text or "").strip()
    if not word:
        return None
    return _CODES.get(word.casefold()) or word.upper()


def country_code(text: str | None) -> str:
    """`US` for the United States and for no country at all, else what was declared, in capitals."""
    word = (text or "").strip().replace(".", "").upper()
    return "US" if word in _US_NAMES else word


def is_us(country: str) -> bool:
    """Whether the country code is the United States' or one of its territories'."""
    return country == "US" or country in TERRITORIES
