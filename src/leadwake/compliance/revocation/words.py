"""A reply as plain words: lower case, no accents, shorthand and slips undone, pauses kept as "." and ","."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from leadwake.compliance.revocation.spelling import meant, meant_alone

_SHOWN_CHARS = 80
_APOSTROPHES = frozenset("'’‘ʼ`´′＇")
_STOP_SIGNS = frozenset("🛑⛔🚫")
_ADDRESS = re.compile(
    r"https?://[^ \n]{1,500}|www\.[^ \n]{1,500}|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"
)
#: a word, also one with letters masked or written as signs: don't, f***, st0p, $top; or what parts words
_TOKEN = re.compile(
    r"(?P<word>\$?[^\W_]+(?:['*@$]+[^\W_]+)*\**)|(?P<number>\#(?!\w))|(?P<end>[.!?;:\n…。！？¡¿|]+)|(?P<comma>[,()–—]+|(?<!\w)-+|--+|-(?!\w))"
)
#: a key beside the apostrophe: don;t
_APOSTROPHE = re.compile(r"(?<=[a-z])[;:](?=(?:t|s|m|re|ve|ll)\b)")
#: a line that goes on: "wrong" and "number" one below the other
_LINE_GOES_ON = re.compile(r"(?<=[\w,])[ \t]*\n[ \t]*(?=[a-z])")
_MASKED = re.compile(r"[a-z]+\*[a-z*]*")
_LEET = str.maketrans("0134578@$", "oieastbas")
#: letters of other alphabets that look Latin, for words that mix them in
_LOOKALIKE = str.maketrans("аеорсухіѕјтмнвкο", "aeopcyxisjtmhbko")
_JOINED = re.compile(
    r"(stop|quit|unsubscribe|remove|cancel|optout|leave|dont|lose)"
    r"(it|all|now|me|this|please|pls|text|texting|textingme|textme|calling|callingme|callme|messaging|messagingme|"
    r"messages|sending|contacting|contactme|alone|mealone|mynumber)"
)
_APART = {
    "textingme": "texting me", "callingme": "calling me", "messagingme": "messaging me", "mealone": "me alone",
    "mynumber": "my number", "textme": "text me", "callme": "call me", "contactme": "contact me", "dont": "do not",
    "pls": "please", "optout": "opt out",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """
    own: what the person wrote. plain: its plain words, one space apart, with " . " and " , " where it pauses.
    starts, spans: where each plain word begins in `plain`, and where in `own` it came from.
    """

    own: str
    plain: str
    starts: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    def written(self, start: int, end: int) -> str:
        """What of `own` became `plain[start:end]`, on one line, at most 80 characters."""
        first = max(0, bisect_right(self.starts, start) - 1)
        last = max(first, bisect_right(self.starts, max(start, end - 1)) - 1)
        if not self.spans:
            return ""
        text = " ".join(self.own[self.spans[first][0] : self.spans[last][1]].split())
        return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1].rstrip() + "…"


def plain_words(own: str) -> Words:
    """The plain words of a text; any text, in time that grows with its length only."""
    letters, places = _letters(_LINE_GOES_ON.sub(lambda match: " " * len(match[0]), own))
    letters = _APOSTROPHE.sub("'", letters)
    letters = _ADDRESS.sub(lambda match: " " * len(match[0]), letters)
    tokens = _spelled([(match, _plain_token(match)) for match in _TOKEN.finditer(letters)])
    parts: list[str] = []
    starts: list[int] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for start, end, word in tokens:
        for each in word.split():
            parts.append(each)
            starts.append(at)
            spans.append((places[start], places[end - 1] + 1))
            at += len(each) + 1
    return Words(own, " ".join(parts), tuple(starts), tuple(spans))


def _letters(own: str) -> tuple[str, list[int]]:
    """Lower case without accents and invisible signs; for each character its place in `own`."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(own):
        for letter in _plain_letters(character):
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


def _plain_letters(character: str) -> str:
    if character.isascii():
        return character.lower()
    if character in _APOSTROPHES:
        return "'"
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", character).casefold())
    return "".join(letter for letter in decomposed if unicodedata.category(letter) not in {"Mn", "Me", "Cf"})


def _plain_token(match: re.Match[str]) -> str:
    if match["end"]:
        return "."
    if match["comma"]:
        return ","
    if match["number"]:
        return "number"
    return _unmasked(match["word"].replace("'", ""))


def _unmasked(token: str) -> str:
    """The word behind signs: f*** and st0p."""
    stripped = token.rstrip("*")
    if stripped.isascii() and stripped.isalpha() and (stripped == token or len(stripped) > 2):
        return stripped
    if _MASKED.fullmatch(token) and token[0] in "fs":
        return "fuck" + ("ing" if token.endswith(("ing", "in", "g")) else "") if token[0] == "f" else "shit"
    if not token.isascii() and any("a" <= letter <= "z" for letter in token):
        token = token.translate(_LOOKALIKE)
    stripped = token.rstrip("*")
    if any(map(str.isalpha, stripped)) and not stripped.isalpha():
        letters = stripped.translate(_LEET).replace("*", "")
        if letters.isalpha() and meant_alone(letters) in {"stop", "unsubscribe", "remove", "cancel", "quit", "texting"}:
            return letters
    return stripped


def _spelled(tokens: list[tuple[re.Match[str], str]]) -> list[tuple[int, int, str]]:
    """Tokens with what they mean; single letters in a row (s t o p) are one word."""
    found: list[tuple[int, int, str]] = []
    at = 0
    while at < len(tokens):
        match, token = tokens[at]
        last, joined = _single_letters(tokens, at)
        if joined:
            found.append((match.start(), tokens[last][0].end(), joined))
            at = last + 1
            continue
        following = tokens[at + 1][1] if at + 1 < len(tokens) else ""
        found.append((match.start(), match.end(), _apart(token, following)))
        at += 1
    return found


def _apart(token: str, following: str) -> str:
    if joined := _JOINED.fullmatch(token):
        return " ".join(_APART.get(part, part) for part in joined.groups())
    return meant(token, following)


def _single_letters(tokens: list[tuple[re.Match[str], str]], at: int) -> tuple[int, str]:
    """The last token and the word of letters spelled one by one from here; ("", at) when they spell nothing."""
    letters = ""
    last = at
    for place in range(at, min(at + 24, len(tokens))):
        token = tokens[place][1]
        if len(token) == 1 and token.isalpha():
            letters, last = letters + token, place
        elif token not in {".", ","} or "\n" in tokens[place][0][0]:
            break
    return (
        (last, letters)
        if meant_alone(letters) in {"stop", "quit", "cancel", "unsubscribe", "remove", "end"} and len(letters) > 2
        else (at, "")
    )


def is_stop_sign(text: str) -> bool:
    """True when there are stop signs and no words."""
    return not _STOP_SIGNS.isdisjoint(text) and not any(map(str.isalnum, text))
