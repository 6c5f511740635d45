"""Names of people: read in given-first order, folded for lookup, split for a CRM, made fit for a greeting.

A name is whatever a stranger typed: any script, any length, several people, a web address, a line of code.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: how much of a name is read
_NAME_CHARS = 300
_MAX_TOKENS = 64
_MAX_WORD_CHARS = 40
_PREFIX_FROM = 3
_GREETING_CHARS = 30

#: letters that have no decomposition into a plain one and a mark
_PLAIN_LETTERS = str.maketrans({
    "đ": "d", "ð": "d", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ħ": "h",
})  # fmt: skip
_TITLES = frozenset({
    "mr", "mrs", "ms", "miss", "mx", "dr", "dra", "prof", "professor", "rev", "reverend", "hon", "sir", "dame", "madam",
    "mme", "mlle", "sra", "srta", "sr", "herr", "frau",
})  # fmt: skip
_GENERATIONS = {"jr": "jr", "jnr": "jr", "sr": "sr", "snr": "sr", "ii": "ii", "iii": "iii", "iv": "iv",
                "2nd": "ii", "3rd": "iii", "4th": "iv"}  # fmt: skip
_DEGREES = frozenset({"md", "phd", "esq", "dds", "dvm", "cpa", "jd", "mba", "rn"})
_ALSO = frozenset({"&", "+", "and", "And", "AND", "y", "und", "et"})
#: apostrophes, straight and curly: part of a word, O'Brien is one
_APOSTROPHES = "'’‘ʼ`´"
_INNER = frozenset("-‐‑–" + _APOSTROPHES + ".")
_SPELLED = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class PersonName:
    """
    A name understood.

    tokens: as typed, given name first, titles and suffixes gone. generation: "jr", "ii", … or "". is_titled: a title
    stood before them, so that a single token is a family name.
    """

    tokens: tuple[str, ...]
    generation: str = ""
    is_titled: bool = False

    @property
    def words(self) -> list[str]:
        """The folded words in order; two people's joining word is none."""
        return [word for token in self._without_joining() for word in _words(token)]

    def people(self) -> list[list[str]]:
        """The folded words of each person named: "John & Mary Smith" is [john, smith] and [mary, smith]."""
        groups: list[list[str]] = [[]]
        for index, token in enumerate(self.tokens):
            if self._is_joining(index):
                groups.append([])
            else:
                groups[-1].extend(_words(token))
        groups = [group for group in groups if group]
        surname = groups[-1][-1:] if groups and len(groups[-1]) > 1 else []
        return [group + surname if len(group) == 1 and group is not groups[-1] else group for group in groups]

    def _is_joining(self, index: int) -> bool:
        return 0 < index < len(self.tokens) - 1 and self.tokens[index] in _ALSO

    def _without_joining(self) -> list[str]:
        return [token for index, token in enumerate(self.tokens) if not self._is_joining(index)]


def read_name(name: str | None) -> PersonName:
    """The name with "Last, First" turned; no tokens when there is nothing to call a person by."""
    parts = [tokens for part in re.split(r"[,，،、]", _letters(name or "")) if (tokens := part.split())]
    generation = ""
    while len(parts) > 1 and all(_is_suffix(token) for token in parts[-1]):
        generation = _generation(parts.pop()) or generation
    typed = [token for part in [*parts[1:], *parts[:1]] for token in part]
    tokens = _without_titles([token for part in [*parts[1:], *parts[:1]] for token in _without_titles(part)])
    is_titled = len(tokens) < len(typed)
    while len(tokens) > 1 and _is_suffix(tokens[-1]):
        generation = _generation([tokens.pop()]) or generation
    named = _without_edges([token for token in tokens if token in _ALSO or _words(token)])
    return PersonName(tuple(named), generation, is_titled)


def name_words(name: str | None) -> list[str]:
    """
    The folded words of a name, given name first: "Dr. MUÑOZ‑Ibarra, José" is ["jose", "munoz", "ibarra"].

    Case, accents, apostrophes, titles, suffixes and emoji are gone; words of other scripts stay as they are.
    """
    return read_name(name).words


def index_tokens(name: str | None) -> set[str]:
    """What a name is found by: its folded words and their beginnings of 3 letters and more; at most 64 of them."""
    words = [word[:_MAX_WORD_CHARS] for word in dict.fromkeys(name_words(name))]
    prefixes = {word[:length] for word in words for length in range(_PREFIX_FROM, len(word))}
    shortest_first = sorted(prefixes.difference(words), key=lambda prefix: (len(prefix), prefix))
    return set([*dict.fromkeys(words), *shortest_first][:_MAX_TOKENS])


def split_name(name: str | None) -> tuple[str, str]:
    """
    The given and the family name as typed, for a CRM: ("Samantha", "Lewis"); blank where unknown.

    A middle initial stays with the given name, everything else with the family name. Two people who share a family
    name share the given side: ("John & Mary", "Smith").
    """
    understood = read_name(name)
    tokens = understood.tokens
    given = 0 if understood.is_titled and len(tokens) == 1 else 1
    if len(tokens) > 2 and tokens[1] in _ALSO:
        given = 3
    while 0 < given < len(tokens) - 1 and len(tokens[given].rstrip(".")) == 1 and tokens[given] not in _ALSO:
        given += 1
    return " ".join(tokens[:given]), " ".join(tokens[given:])


def greeting_name(name: str | None) -> str | None:
    """
    What to call the person in a message: "Tyler" of "TYLER HUGHES"; None when only an initial or nothing fit is known.

    Letters only: a name field is a way for strangers to have us send their web address or text to others.
    """
    given, _ = split_name(name)
    if not given or len(given) > _GREETING_CHARS:
        return None
    tokens = given.split()
    called = _without_edges([token.rstrip(".") for token in tokens if len(token.rstrip(".")) > 1 or token in _ALSO])
    if not called or tokens[0].rstrip(".") != called[0] or not all(_is_callable(token) for token in called):
        return None
    shouted = (name or "").isupper() or (name or "").islower()
    return " ".join(_capitalised(token) if shouted and token not in _ALSO else token for token in called)


def fold(text: str) -> str:
    """The text without case, accents of Latin letters and compatibility forms."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(char for char in folded if not "\u0300" <= char <= "\u036f").translate(_PLAIN_LETTERS)
    return unicodedata.normalize("NFKC", plain)


def _letters(text: str) -> str:
    """Letters, digits and what belongs inside names; the rest is blank. Invisible marks are gone."""
    text = text[:_NAME_CHARS]
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return "".join(map(_letter, text))


def _letter(char: str) -> str:
    if char.isalnum() or char in _INNER or char in ",，،、&+":
        return char
    category = unicodedata.category(char)
    if category in {"Mn", "Mc"}:
        return char
    return "" if category == "Cf" else " "


def _words(token: str) -> list[str]:
    """The folded words of a token; marks of scripts that write vowels with them stay inside the word."""
    folded = fold(token)
    for apostrophe in _APOSTROPHES:
        folded = folded.replace(apostrophe, "")
    if folded.isascii():
        return _SPELLED.findall(folded)
    return "".join(char if unicodedata.category(char)[0] in "LNM" else " " for char in folded).split()


def _bare(token: str) -> str:
    """A token as titles and suffixes are listed: "M.D." is md, "Mrs." is mrs."""
    return token.replace(".", "").lower()


def _is_suffix(token: str) -> bool:
    return _bare(token) in _GENERATIONS or _bare(token) in _DEGREES


def _generation(tokens: list[str]) -> str:
    return next((_GENERATIONS[bare] for token in tokens if (bare := _bare(token)) in _GENERATIONS), "")


def _without_titles(tokens: list[str]) -> list[str]:
    """The tokens from the first that is no title, "Mr. and Mrs." together; the last one always stays."""
    start = 0
    while start < len(tokens) - 1 and (_bare(tokens[start]) in _TITLES or (start and tokens[start] in _ALSO)):
        start += 1
    return tokens[start:]


def _without_edges(tokens: list[str]) -> list[str]:
    """The tokens without joining words that join nothing: "& Smith"."""
    start, end = 0, len(tokens)
    while end - start > 1 and tokens[start] in _ALSO:
        start += 1
    while end - start > 1 and tokens[end - 1] in _ALSO:
        end -= 1
    return [] if tokens[start:end] in (["&"], ["+"]) else tokens[start:end]


def _is_callable(token: str) -> bool:
    """True when the token may stand in a greeting: letters, with hyphens and apostrophes."""
    return token in _ALSO or ("." not in token and not any(char.isdigit() for char in token) and bool(_words(token)))


def _capitalised(token: str) -> str:
    """TYLER, tyler → Tyler; MARY-ANN → Mary-Ann; O'BRIEN → O'Brien; JP stays: two letters may be initials."""
    if len(token) <= 2 and token.isupper():
        return token
    return "".join(part[:1].upper() + part[1:].lower() for part in re.split(r"([^\w]+)", token))
