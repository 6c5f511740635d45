"""What a person means by a reply to an automated message: R-REV-1 to R-REV-8 and R-TCPA-7.

Whole messages that are a keyword first (R-REV-3); then rules over plain words (R-REV-4), in English, Spanish and a
few words of other languages. Nothing learnt, nothing asked over a network: the words that decided are always named.
A stop anywhere outweighs whatever else is said. Where a stop is likely but not plain the answer is `unsure`: automation
pauses and a person reads it (R-REV-4, R-REV-5). Requirements read 2026-11-22.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from leadwake.compliance.keywords import HELP, START, STOP, keyword_intent, normalise_reply
from leadwake.compliance.revocation import english, english_doubts, further, spanish
from leadwake.compliance.revocation.body import own_words, reaction
from leadwake.compliance.revocation.rule import Intent, Rule, Scope
from leadwake.compliance.revocation.spelling import is_slip_of, is_swap_of, is_word
from leadwake.compliance.revocation.vocabulary import (
    ALONE_STOP,
    ALSO_WORDS,
    ASKING,
    NEVER_NAMES,
    NO_KEYWORDS,
    POLITE,
)
from leadwake.compliance.revocation.words import Words, is_stop_sign, plain_words
from leadwake.domain.nicknames import is_given_name

_SHOWN_CHARS = 80
#: keywords this long bear any slip; shorter ones are words of their own too soon
_LONG = 6
_FURTHER_STOPS = frozenset(map(normalise_reply, further.STOP_WORDS))
_STRONG = frozenset({"stop", "unsubscribe", "optout", "stopall", "unsub"})
_WEAK = STOP - {"td", "stop all", "opt out"} | {"paren", "delete", "arret", "basta", "detenganse"}
_CLAUSE = re.compile(r"[^.,~]+")
_STOP_LEFT = re.compile(r"(?<![^ ])(?:stop|unsubscribe|optout)(?![^ ])")


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What a reply means and why.

    intent: stop, start and help as R-REV-3 has them. unsure: pause automation and ask a person. wrong_number: a stop,
    and the agent is told (R-TCPA-7). reply: anything else.
    scope: what a stop or a pause takes away for good; "voice" when the person keeps texts (R-REV-5).
    because: one sentence for the timeline, with the person's own words: personal data, never for a log.
    """

    intent: Intent
    scope: Scope
    because: str


def read_reply(text: str, *, asked_to_opt_in: bool = False) -> Reading:
    """
    The meaning of a reply; any text, of which the first 10,000 characters are read.

    asked_to_opt_in: the person is opted out and was asked within 24 hours whether to begin again. Only then do YES and
    "sign me up again" mean start; otherwise nothing but START and UNSTOP clears an opt-out (R-REV-8).
    """
    if how := reaction(text):
        liked = "dis" not in how and not how.startswith("no ")
        return _reading("reply" if liked else "unsure", "R-REV-4", f"Reacted to a message of ours: {how}")
    own = own_words(text)
    return (
        _by_keyword(own, asked_to_opt_in)
        or _by_words(plain_words(own), asked_to_opt_in)
        or _unreadable(own)
        or _reading("reply", "R-REV-4", "Nothing in it asks us to stop")
    )


def _by_keyword(own: str, asked_to_opt_in: bool) -> Reading | None:
    """The whole message is one keyword, decorated or mistyped (R-REV-3)."""
    word = normalise_reply(own)
    intent = keyword_intent(own)
    if is_stop_sign(own) or word in _FURTHER_STOPS or intent == "stop" or word.replace(" ", "") in STOP:
        return _reading("stop", "R-REV-3", "Wrote a keyword for stop", own)
    if intent in {"start", "help"}:
        return _reading("start" if intent == "start" else "help", "R-REV-3", f"Wrote the keyword for {intent}", own)
    if intent == "yes":
        if asked_to_opt_in:
            return _reading("start", "R-REV-8", "Said yes when asked whether to begin again", own)
        return _reading("reply", "R-REV-8", "Said yes, and was not asked whether to begin again", own)
    return _by_mistyped_keyword(own, word, asked_to_opt_in) if " " not in word else None


def _by_mistyped_keyword(own: str, word: str, asked_to_opt_in: bool) -> Reading | None:
    if word in ALONE_STOP:
        return _reading("unsure", "R-REV-4", "May be a keyword for stop, mistyped", own)
    if word in NO_KEYWORDS or (is_word(word) and word not in STOP):
        return None
    if any(is_swap_of(word, keyword) for keyword in START):
        return _opt_in(asked_to_opt_in, own)
    if any(is_swap_of(word, keyword) for keyword in HELP):
        return _reading("help", "R-REV-3", "Wrote the keyword for help, mistyped", own)
    near = {keyword for keyword in STOP | _FURTHER_STOPS if len(keyword) > 2 and is_slip_of(word, keyword)}
    if any(len(keyword) >= _LONG or keyword == "stop" for keyword in near):
        return _reading("stop", "R-REV-3", "Wrote a keyword for stop, mistyped", own)
    return _reading("unsure", "R-REV-4", "May be a keyword for stop, mistyped", own) if near else None


def _by_words(said: Words, asked_to_opt_in: bool) -> Reading | None:
    """What is said in more words. What is no stop for sure is masked first, then whatever is left is read."""
    left = _masked(_masked(said.plain, english.NO_STOP), spanish.NO_STOP)
    limit, left = _limited(said, left)
    if decided := (
        _first(english.WRONG_NUMBERS + spanish.WRONG_NUMBERS, said, left)
        or _first(english.STOPS + spanish.STOPS + further.STOPS, said, left)
        or _keyword_among_fillers(said, left)
    ):
        return decided
    if limit or (doubt := _first(english_doubts.DOUBTS + spanish.DOUBTS, said, left)):
        return limit or doubt
    if match := _STOP_LEFT.search(left):
        return _reading("unsure", "R-REV-4", "May want us to stop", said.written(*match.span()))
    if _only(left, HELP):
        return _reading("help", "R-REV-3", "Asks for help", said.own)
    if _only(left, START):
        return _reading("start", "R-REV-3", "Wrote the keyword for start", said.own)
    if _first(english_doubts.OPT_INS, said, left):
        return _opt_in(asked_to_opt_in, said.own)
    return None


def _limited(said: Words, left: str) -> tuple[Reading | None, str]:
    """What is asked for within limits (no calls, texts are fine), and the words without it."""
    for each in english_doubts.LIMITS + spanish.LIMITS:
        if match := each.pattern.search(left):
            return _as_reading(each, said, match), _masked(left, each.pattern)
    return None, left


def _first(rules: Iterable[Rule], said: Words, left: str) -> Reading | None:
    for each in rules:
        match = each.pattern.search(left)
        while match and not _names_somebody(match, said):
            match = each.pattern.search(left, match.start() + 1)
        if match:
            return _as_reading(each, said, match)
    return None


def _keyword_among_fillers(said: Words, left: str) -> Reading | None:
    """A part of the message is nothing but "stop" and politeness, or ends in it: "hey dude stop"."""
    if _only(left, _WEAK):
        return _reading("stop", "R-REV-3", "Wrote a keyword for stop", said.own)
    for match in _CLAUSE.finditer(left):
        parts = match[0].split()
        is_last = parts[-1:] == ["stop"] and len(parts) <= 4 and parts[0] not in ASKING
        if is_last or _only(match[0], _STRONG):
            return _reading("stop", "R-REV-3", "Wrote a keyword for stop", said.written(*match.span()))
    return None


def _only(plain: str, keywords: Collection[str]) -> bool:
    """True when there is one of the keywords and, besides, only politeness."""
    parts = {part for part in plain.split() if part not in {".", ","}}
    return not parts.isdisjoint(keywords) and parts <= POLITE | set(keywords)


def _names_somebody(match: re.Match[str], said: Words) -> bool:
    """False when the rule needs a name and the word is none: "I am not ready"."""
    for group, word in match.groupdict().items():
        if word is not None:
            return _is_name(word, said, match.start(group), match.end(group))
    return True


def _is_name(word: str, said: Words, start: int, end: int) -> bool:
    if word in NEVER_NAMES:
        return False
    written = said.written(start, end)
    begins = said.plain[:start].rstrip(" ,").endswith(".") or start == 0
    if written[:1].isupper() and not begins and not said.own.isupper():
        return True
    known = is_given_name(word) or is_given_name(word.removesuffix("s"))
    return known and word not in ALSO_WORDS


def _opt_in(asked_to_opt_in: bool, words: str) -> Reading:
    if asked_to_opt_in:
        return _reading("start", "R-REV-8", "Wants messages again, as we asked", words)
    return _reading("unsure", "R-REV-8", "Wants messages again; only START clears a stop", words)


def _unreadable(own: str) -> Reading | None:
    """Written in letters we do not read: a person must (R-REV-4)."""
    letters = [character for character in own if character.isalpha()]
    foreign = sum(not unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if letters and foreign * 2 > len(letters):
        return _reading("unsure", "R-REV-4", "Written in letters we do not read", own)
    return None


def _masked(plain: str, masking: re.Pattern[str]) -> str:
    return masking.sub(lambda match: "~" * len(match[0]), plain)


def _as_reading(each: Rule, said: Words, match: re.Match[str]) -> Reading:
    return _reading(each.intent, each.number, each.says, said.written(*match.span()), each.scope)


def _reading(intent: Intent, number: str, says: str, words: str = "", scope: Scope = "all") -> Reading:
    shown = " ".join(words.split())
    shown = shown if len(shown) <= _SHOWN_CHARS else shown[: _SHOWN_CHARS - 1].rstrip() + "…"
    return Reading(intent, scope, f"{says}: “{shown}” ({number})." if shown else f"{says} ({number}).")
