"""Who may live where the GDPR, or a law made after it, holds: the EEA, the United Kingdom, Switzerland.

R-GDPR-1, -2 (Regulation 2016/679, Art. 6 and 14, read 2026-11-22): what third parties know of somebody there needs a
basis of its own, and the person is told within a month where it came from. So one sign is enough, whatever others say.
"""

from __future__ import annotations

from typing import Final

from leadwake.compliance.states import country_code
from leadwake.domain.place import UNKNOWN_COUNTRY

#: ISO 3166 alpha-2 → the country's calling code
_CALLING_CODES: Final = {
    "AT": "43", "BE": "32", "BG": "359", "HR": "385", "CY": "357", "CZ": "420", "DK": "45", "EE": "372", "FI": "358",
    "FR": "33", "DE": "49", "GR": "30", "HU": "36", "IE": "353", "IT": "39", "LV": "371", "LT": "370", "LU": "352",
    "MT": "356", "NL": "31", "PL": "48", "PT": "351", "RO": "40", "SK": "421", "SI": "386", "ES": "34", "SE": "46",
    "IS": "354", "LI": "423", "NO": "47", "GB": "44", "CH": "41",
}  # fmt: skip
#: parts of those that have codes of their own: France overseas, Gibraltar
_PARTS: Final = {"GP": "590", "MF": "590", "GF": "594", "MQ": "596", "RE": "262", "YT": "262", "GI": "350"}
#: also what people write for them, and a country that nobody could read: it may be one of these
_COUNTRIES: Final = frozenset({*_CALLING_CODES, *_PARTS, "UK", "EL", "EU", UNKNOWN_COUNTRY})
_PREFIXES: Final = tuple(f"+{code}" for code in {*_CALLING_CODES.values(), *_PARTS.values()})
_DOMAINS: Final = frozenset(code.lower() for code in _COUNTRIES)


def may_be_in_gdpr_region(country: str | None, phone: str | None, email: str | None) -> bool:
    """
    True when the declared country, the number's calling code or the address's domain points there.

    country: as declared, None for none. phone: E.164. email: one plain address.
    """
    domain = (email or "").rpartition(".")[2].lower()
    return country_code(country) in _COUNTRIES or (phone or "").startswith(_PREFIXES) or domain in _DOMAINS
