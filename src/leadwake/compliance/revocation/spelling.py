"""Typing mistakes undone: what is no word is read as the word of the rules that it is one slip from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from leadwake.compliance.revocation import english, english_doubts, further, spanish
from leadwake.compliance.revocation.rule import Rule
from leadwake.compliance.revocation.vocabulary import FORMS, LOOKALIKES, SHORTHAND, is_ordinary
from leadwake.domain.nicknames import is_given_name

_DOUBLED = re.compile(r"(.)\1+")
#: whole words in the text of a pattern: not the beginning of one, not a letter class
_IN_PATTERN = re.compile(r"(?<![a-z\\])[a-z]{2,}(?![a-z(\\?*+{[])")
_LONGEST = 24
_TWO_SLIPS_FROM = 9
_VOWELS = frozenset("aeiou")
#: not found again by a slip: what is too short, and abuse, of which any name or street may be one letter off (Birch Rd)
_EXACT = frozenset(
    {"dnc", "fcc", "ftc", "bbb", "tcpa", "sms", "ing", "ass", "fu", "nty", "nel", "cftc"}
    | {
        "bitch",
        "bitches",
        "moron",
        "morons",
        "creep",
        "creeps",
        "loser",
        "losers",
        "jerk",
        "prick",
        "pricks",
        "bastard",
    }
)

_RULES = (
    *english.STOPS, *english.WRONG_NUMBERS, *english_doubts.LIMITS, *english_doubts.DOUBTS,
    *spanish.LIMITS, *spanish.STOPS, *spanish.WRONG_NUMBERS, *spanish.DOUBTS,
)  # fmt: skip
#: no slip stands for these: what may be "unsubscribe" must not become its opposite
_ASKING_FOR_MORE = frozenset({"subscribe", "resubscribe", "start", "restart", "resume"})
#: beginnings of words in patterns
_STEMS = frozenset(
    {
        "name",
        "baj",
        "sac",
        "borr",
        "elimin",
        "tach",
        "retir",
        "desuscri",
        "desinscri",
        "eme",
        "ame",
        "enme",
        "anos",
        "ennos",
        "arme",
    }
)


def meant(token: str, following: str = "") -> str:
    """The plain word or words that `token` stands for, before the token `following`; itself when it is just a word."""
    for word, lookalikes, before in LOOKALIKES:
        if token in lookalikes and (following in before or meant_alone(following) in before):
            return word
    return meant_alone(token)


@lru_cache(maxsize=8192)
def meant_alone(token: str) -> str:
    """The word meant, whatever stands next to it."""
    if token in SHORTHAND:
        return SHORTHAND[token]
    if is_word(token) or not 3 <= len(token) <= _LONGEST or not token.isalpha():
        return token
    if is_slip_of(token, "stop"):
        return "stop"
    once = _once(token)
    candidates = {word for part in _shortened(token) | _shortened(once) for word in _around().get(part, ())}
    candidates.update(_long_words_near(token, len(once)))
    ranked = sorted((_rank(token, once, word), word) for word in candidates)
    if not ranked or ranked[0][0][0] > _slips(ranked[0][1]):
        return _apart(token)
    return SHORTHAND.get(ranked[0][1], ranked[0][1])


def _apart(token: str) -> str:
    """Two words of the rules written as one, apart: mefrom. Else the token."""
    halves = ((token[:at], token[at:]) for at in range(2, len(token) - 1))
    return next((" ".join(pair) for pair in halves if _meant_words().issuperset(pair)), token)


def is_word(token: str) -> bool:
    """True when the token is a word as it stands: a word of the rules, an ordinary word or a given name."""
    return token in rule_words() or is_ordinary(token) or is_given_name(token) or is_given_name(token.removesuffix("s"))


@cache
def rule_words() -> frozenset[str]:
    """The words the rules look for."""
    return _meant_words() | _EXACT | _words_in(english_doubts.OPT_INS) | _words_in(further.STOPS)


@cache
def _meant_words() -> frozenset[str]:
    """Those a slip may stand for: none that asks for more messages (no stop is ever read as start), none too short."""
    return (_words_in(_RULES) | FORMS | {"quit"}) - _EXACT - _ASKING_FOR_MORE


def _words_in(rules: Iterable[Rule]) -> frozenset[str]:
    return frozenset(word for each in rules for word in _IN_PATTERN.findall(each.pattern.pattern)) - _STEMS


def is_slip_of(token: str, word: str) -> bool:
    """True for the word itself and for what is one slip from it, held keys aside: stpo, stp, stooop."""
    return len(token) <= _LONGEST and min(distance(token, word), distance(_once(token), _once(word))) <= 1


def is_swap_of(token: str, word: str) -> bool:
    """True when two neighbouring letters of the word changed places, and nothing else."""
    return token != word and token in _swapped(word)


def distance(one: str, other: str) -> int:
    """Slips between two words: a letter too many, too few, another, or two swapped (optimal string alignment)."""
    two_above: list[int] = []
    above: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        two_above, above, row = above, row, [i]
        for j, against in enumerate(other, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, two_above[j - 2] + 1)
            row.append(cost)
    return row[-1]


@cache
def _around() -> dict[str, tuple[str, ...]]:
    """Each word that matters, found by itself with any one letter left out."""
    found: dict[str, list[str]] = {}
    for word in sorted(_meant_words() | {short for short in SHORTHAND if len(short) > 3}):
        for part in _shortened(word) | {_once(word)}:
            found.setdefault(part, []).append(word)
    return {part: tuple(words) for part, words in found.items()}


def _long_words_near(token: str, shortest: int) -> Iterator[str]:
    """
    Long words that may be two slips away, by their letters: two slips add or take away four kinds of letter at most.

    Looked through rather than found by all they are with two letters left out: that would be 24,000 entries.
    """
    letters, longest = _letters(token), len(token)
    for word, its_letters in _long_words():
        if shortest - 2 <= len(word) <= longest + 2 and (letters ^ its_letters).bit_count() <= 4:
            yield word


@cache
def _long_words() -> tuple[tuple[str, int], ...]:
    words = _meant_words() | {short for short in SHORTHAND if len(short) > 3}
    return tuple((word, _letters(word)) for word in sorted(words) if len(word) >= _TWO_SLIPS_FROM)


def _letters(word: str) -> int:
    """Which letters the word has, one bit each."""
    found = 0
    for letter in word:
        found |= 1 << (ord(letter) % 64)
    return found


def _rank(token: str, once: str, word: str) -> tuple[int, int, int]:
    """How far the word is, and by which slip: held keys and swaps are the commonest, then words that matter most."""
    if is_swap_of(token, word):
        return 1, 0, word not in FORMS
    if once == _once(word):
        return 1, 1, word not in FORMS
    slips = distance(token, word)
    short = len(token) < 4 or len(word) < 4
    if short and word != "not" and not _lacks_a_vowel(token, word):
        slips += 1
    return slips, 2, word not in FORMS


def _lacks_a_vowel(token: str, word: str) -> bool:
    """True for ths and thn: what is missing is one vowel within the word."""
    return any(
        word[at] in _VOWELS and token == word[:at] + word[at + 1 :] for at in range(1, len(word)) if len(word) > 3
    )


def _slips(word: str) -> int:
    """How many slips a word of this length bears before it may be another."""
    return 2 if len(word) >= _TWO_SLIPS_FROM else 1


def _swapped(word: str) -> Iterator[str]:
    for at in range(len(word) - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _once(token: str) -> str:
    return _DOUBLED.sub(r"\1", token)


def _shortened(word: str) -> set[str]:
    """The word, and the word with any one letter left out."""
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}
