"""R-CASE-1: only numbers that exist, that ring at a person, in the United States and its territories."""

from __future__ import annotations

import re
import unicodedata

from leadwake.compliance.decision import Refusal
from leadwake.compliance.states import country_code, is_us
from leadwake.compliance.tables import Tables

RULE = "R-CASE-1"
INVALID = Refusal("invalid_number", RULE)
NOT_A_PERSON = Refusal("number_type", RULE)
ABROAD = Refusal("country_not_enabled", RULE)

_CLEAN = re.compile(r"\+1\d{10}", re.ASCII)
_FORMATTING = re.compile(r"[\s\-‐‒–—−.·()\[\]/]+")
#: with a plus only +1 is ours: +2125550100 is a number of Morocco, not of New York
_NATIONAL = re.compile(r"(?:\+?1)?(\d{10})", re.ASCII)
_ABROAD = re.compile(r"\+[2-9]\d{6,14}", re.ASCII)
_NANP = re.compile(r"[2-9]\d\d[2-9]\d{6}", re.ASCII)


def judge_number(recipient: str, country: str | None, tables: Tables) -> str | Refusal:
    """The area code of a number that may be texted or called, else why not.

    recipient: ten digits, eleven starting with 1, or E.164, formatted in any way; an extension makes it invalid.
    country: as declared. Raises Missing when the area-code table is unreadable.
    """
    digits = recipient if _CLEAN.fullmatch(recipient) else _strip(recipient)
    if _ABROAD.fullmatch(digits):
        return ABROAD
    match = _NATIONAL.fullmatch(digits)
    if match is None:
        return INVALID
    return _judge_nanp(match.group(1), country, tables)


def _judge_nanp(number: str, country: str | None, tables: Tables) -> str | Refusal:
    npa, exchange = number[:3], number[3:6]
    if not _NANP.fullmatch(number) or npa.endswith("11") or exchange.endswith("11"):
        return INVALID
    area = tables.area_code(npa)
    if area is None:
        return INVALID
    if area.country in {"toll_free", "non_geographic"}:
        return NOT_A_PERSON
    if area.country != "US" or not is_us(country_code(country)):
        return ABROAD
    return npa


def _strip(text: str) -> str:
    # copied numbers carry invisible direction marks; NFKC turns full-width digits and odd spaces into plain ones
    plain = unicodedata.normalize("NFKC", text)
    visible = "".join(character for character in plain if unicodedata.category(character) != "Cf")
    return _FORMATTING.sub("", visible)
