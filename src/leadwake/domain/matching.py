"""The same person? Same e-mail, or same phone with a compatible name. Here is what compatible means.

A phone is shared by households, so a second given name under the same number is a second person, even with the same
family name. Typing errors are not forgiven: Juan and Juana, Carl and Carla live together too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum

from leadwake.domain.names import PersonName, read_name
from leadwake.domain.nicknames import may_be_called


class Likeness(IntEnum):
    """How far two names under one phone speak for one person."""

    CONFLICT = 0  # two people
    OPEN = 1  # nothing against it: a name is missing, or only an initial or the family name is known
    ALIKE = 2  # the same given name in some form


def same_person(a_name: str | None, b_name: str | None) -> bool:
    """
    True when two inquiries from one phone may come from one person, by their names.

    Compatible: case, accents, order and "Last, First" aside the same words; a nickname (Greg, Gregory); an initial
    (K. Hamilton); one family name of two; only a given name. A name that is missing, or holds no letters, is
    compatible with every name: all that is known is the phone, and the phone says yes. Jr and Sr are two people.
    Symmetric and reflexive, not transitive (K. Hamilton is Katherine or Kevin): for a person known by several names
    ask `same_people`.
    """
    return a_name == b_name or likeness(read_name(a_name), read_name(b_name)) is not Likeness.CONFLICT


def same_people(a_names: Iterable[str | None], b_names: Iterable[str | None]) -> bool:
    """
    True when two parties with one phone, each known by these names, may be one person.

    One pair that is alike settles it; an open pair counts only when no other pair is in conflict, so that an
    inquiry of "K. Hamilton" never makes Katherine and Kevin one.
    """
    left, right = [read_name(name) for name in a_names], [read_name(name) for name in b_names]
    found = {likeness(a, b) for a in left for b in right}
    return Likeness.ALIKE in found or Likeness.CONFLICT not in found


def pick_person(name: str | None, people: Sequence[Iterable[str | None]]) -> int | None:
    """
    The index of the person, among those with the inquiry's phone, that the inquiry is from; None for a new person.

    people: the names each is known by, earliest person first. Who is alike wins over who is merely not in conflict;
    among equals the earliest.
    """
    open_to: int | None = None
    asked = read_name(name)
    for index, names in enumerate(people):
        found = {likeness(asked, read_name(known)) for known in names}
        if Likeness.ALIKE in found:
            return index
        if open_to is None and Likeness.CONFLICT not in found:
            open_to = index
    return open_to


def likeness(a: PersonName, b: PersonName) -> Likeness:
    """How far two names under one phone speak for one person; for couples the best of their members."""
    if a.generation and b.generation and a.generation != b.generation:
        return Likeness.CONFLICT
    ours, theirs = a.people(), b.people()
    if not ours or not theirs:
        return Likeness.OPEN
    return max(_likeness(one, other) for one in ours for other in theirs)


def _likeness(a: list[str], b: list[str]) -> Likeness:
    """Of two people's folded words, given name first, neither empty."""
    if sorted(a) == sorted(b) or "".join(a) == "".join(b):
        return Likeness.ALIKE
    shorter, longer = sorted((a, b), key=len)
    if len(shorter) == 1:
        return _of_one_word(shorter[0], longer)
    if _is_part(set(a), set(b)) or _is_part(set(b), set(a)):
        return Likeness.ALIKE
    return max(_in_order(a, b), _in_order(a, b[::-1]), _in_order(a[::-1], b))


def _is_part(words: set[str], others: set[str]) -> bool:
    """True when a middle or second family name was left out, whatever the order; initials alone say too little."""
    return words <= others and len(words) > 1 and all(len(word) > 1 for word in words)


def _of_one_word(word: str, words: list[str]) -> Likeness:
    """Of one word, a given name most likely, and a name of several (or another single word)."""
    if len(words) > 1 and word == words[-1]:
        return Likeness.OPEN  # only the family name: may be anyone of the house
    return _of_given(word, words[0])


def _of_given(a: str, b: str) -> Likeness:
    if may_be_called(a, b):
        return Likeness.ALIKE if len(a) > 1 else Likeness.OPEN
    return Likeness.OPEN if _is_initial(a, b) else Likeness.CONFLICT


def _in_order(a: list[str], b: list[str]) -> Likeness:
    """Of two names of two words and more, both with the given name first."""
    if not _share_family_name(a, b) or _middles_differ(a[1:-1], b[1:-1]):
        return Likeness.CONFLICT
    return _of_given(a[0], b[0])


def _share_family_name(a: list[str], b: list[str]) -> bool:
    """True for the same last word, its initial, or one of two family names."""
    return a[-1] in b[1:] or b[-1] in a[1:] or _is_initial(a[-1], b[-1])


def _middles_differ(a: list[str], b: list[str]) -> bool:
    """True when both have middle names and none of them agree: John A. and John B. are father and son."""
    return bool(a and b) and not any(may_be_called(one, other) or _is_initial(one, other) for one in a for other in b)


def _is_initial(a: str, b: str) -> bool:
    return (len(a) == 1 or len(b) == 1) and a[:1] == b[:1]
