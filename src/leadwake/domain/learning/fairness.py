"""Columns that stand for protected classes: nothing is learned from them, unless a person says that they may be. Pure.

A model finds such classes by itself wherever a column lets it. Fair Housing Act (42 USC 3604: race, color, religion,
sex, familial status, national origin, handicap), Equal Credit Opportunity Act (15 USC 1691: marital status and age
besides), and what insurance regulators call proxies: names, addresses, ZIP codes, language.
"""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = {
    "a name": "name names forename firstname lastname fullname surname",
    "an address": "address street addr",
    "a ZIP code": "zip zipcode postal postcode postalcode plz zip5 census tract",
    "a language": "language lang locale mothertongue",
    "race or origin": "race ethnicity ethnic nationality citizenship immigrant immigration birthplace ancestry",
    "religion": "religion religious church faith",
    "sex": "sex gender pronouns salutation",
    "family": "marital married spouse children child kids pregnant familial",
    "age": "age birth birthdate birthday dob birthyear",
    "a disability": "disability disabled handicap",
}
_MEANS: Final = {word: what for what, words in _WORDS.items() for word in words.split()}
_NOT_A_PERSONS: Final = re.compile(
    r"\b(?:campaign|file|user|company|business|agent|form|product|host|page|event|column|source|domain|list|e ?mail"
    r"|mail|ip|url|web|landing)\b.{0,12}\b(?:name|address|language|age)\b"
)


def stands_for(column: str) -> str | None:
    """What of a person the column stands for by its name; None for what may be learned from."""
    words = " ".join(re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", column).lower()))
    if _NOT_A_PERSONS.search(words):
        return None
    return next((_MEANS[word] for word in [*words.split(), words.replace(" ", "")] if word in _MEANS), None)
