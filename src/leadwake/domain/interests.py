"""What people want, under the names by which rules, scores and words know it, whatever forms and people call it. Pure.

A form says "Buying a Home", a portal "buyer", a person "looking to buy": one interest, or a rule misses two of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

#: interest → what it is about, as the end of a sentence
INTERESTS: Final[Mapping[str, str]] = {
    "buy_home": "buying a home",
    "rent_home": "renting a home",
    "sell_home": "selling a home",
    "home_valuation": "a home's value",
    "auto_insurance": "auto insurance",
    "home_insurance": "home insurance",
    "renters_insurance": "renters insurance",
    "life_insurance": "life insurance",
    "health_insurance": "health insurance",
    "business_insurance": "business insurance",
    "mortgage": "a mortgage",
    "mortgage_refi": "refinancing",
    "roof_replacement": "a new roof",
    "hvac_repair": "heating and cooling",
    "solar_quote": "solar",
}
#: the same in Spanish, in letters that a text carries cheaply
_SPANISH: Final[Mapping[str, str]] = {
    "buy_home": "la compra de una casa",
    "rent_home": "la renta de una casa",
    "sell_home": "la venta de su casa",
    "home_valuation": "el valor de su casa",
    "auto_insurance": "un seguro de auto",
    "home_insurance": "un seguro de casa",
    "renters_insurance": "un seguro de inquilino",
    "life_insurance": "un seguro de vida",
    "health_insurance": "un seguro de salud",
    "business_insurance": "un seguro comercial",
    "mortgage": "una hipoteca",
    "mortgage_refi": "refinanciar su casa",
    "roof_replacement": "un techo nuevo",
    "hvac_repair": "el aire acondicionado",
    "solar_quote": "paneles solares",
}
#: interest, and how it is said (regular expressions whose words stand whole); what is narrower stands first
_TABLE: Final = r"""
renters_insurance
  (?:renter'?s|tenant'?s?) (?:insurance|policy)|seguro de inquilino
auto_insurance
  (?:auto|car|vehicle|motorcycle|automobile) (?:insurance|policy|quote|coverage)|seguro de (?:auto|carro|coche)
life_insurance
  (?:term |whole )?life (?:insurance|policy|cover(?:age)?|quote)|seguro de vida
health_insurance
  (?:health|medical|medicare|aca|dental) (?:insurance|policy|plan|coverage|quote)|seguro (?:medico|de salud)
business_insurance
  (?:business|commercial|liability|workers'? comp\w*) (?:insurance|policy|coverage|quote)
  seguro (?:comercial|de negocio)
home_insurance
  (?:home|house|homeowner'?s?|condo|property|flood) (?:insurance|policy|coverage)|seguro de (?:casa|hogar|vivienda)
mortgage_refi
  refi(?:nanc\w+)?
mortgage
  mortgages?|home loans?|pre ?(?:approval|qualification)|hipotecas?
home_valuation
  (?:home|house|property|market|free) (?:valuation|value|worth|evaluation|appraisal|price)s?
  valuation|what is my (?:home|house) worth|cuanto vale
sell_home
  sell(?:er|ing)?s?(?: (?:my|a|our|the))?(?: (?:home|house|property|condo))?
  list(?:ing)? (?:my|our) (?:home|house|property)|vend(?:er|o|edor)
rent_home
  rent(?:al|er|ing|s)?|leas(?:e|ing)|tenants?|apartments?|alquil\w+|rentar|renta
buy_home
  buy(?:er|ing|s)?|purchas(?:e|ing)|home ?search|new (?:home|construction)|compra\w*
roof_replacement
  roof\w*|techo
hvac_repair
  hvac|air condition\w*|a/c|furnace|heating|cooling|aire acondicionado
solar_quote
  solar
"""


def _compiled(table: str) -> dict[str, re.Pattern[str]]:
    said: dict[str, list[str]] = {}
    name = ""
    for line in table.strip().splitlines():
        if line.startswith(" "):
            said.setdefault(name, []).append(line.strip())
        else:
            name = line
    return {name: re.compile(rf"(?<![a-z])(?:{'|'.join(lines)})(?![a-z])") for name, lines in said.items()}


_SAID: Final = _compiled(_TABLE)
_READ_CHARS: Final = 100


def interest_code(words: str) -> str:
    """
    The interest of ours that somebody means, else what they wrote.

    By its own name, by our words for it, or by theirs; who wants to buy and to sell means neither of the two alone.
    """
    key = _key(words)
    if key in INTERESTS:
        return key
    said = " ".join(words[:_READ_CHARS].casefold().replace("_", " ").replace("-", " ").split())
    if code := _OURS.get(said):
        return code
    found = [name for name, pattern in _SAID.items() if pattern.search(said)]
    deals = {"buy_home", "sell_home", "rent_home"} & set(found)
    return found[0] if found and len(deals) < 2 else words


def interest(kind: str | None, language: str | None = None) -> str:
    """What it is about, in our words for a known kind, else in the lead's own, cleaned by the template."""
    return _about(kind, language) or (kind or "").replace("_", " ")


def interest_phrase(kind: str | None, language: str | None = None) -> str:
    """The same in a sentence; "" for a kind we have no words for: a stranger's are not sent on as ours."""
    if not (about := _about(kind, language)):
        return ""
    return f"su consulta sobre {about}" if language == "es" else f"your question about {about}"


def _about(kind: str | None, language: str | None) -> str:
    return (_SPANISH if language == "es" else INTERESTS).get(_key(kind), "")


def _key(kind: str | None) -> str:
    return re.sub(r"[\s-]+", "_", (kind or "").strip().lower())


_OURS: Final = {said: kind for kind, said in INTERESTS.items()}
