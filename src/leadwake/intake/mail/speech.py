"""A person's own words in a mail that a machine wrote around them: quoted, after "says:", or by their voice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from leadwake.intake.mail.boilerplate import is_boilerplate
from leadwake.intake.mail.labels import field_of
from leadwake.intake.mail.lines import Line
from leadwake.intake.mail.pairs import Pairs
from leadwake.intake.mail.words import asks
from leadwake.intake.phrases import any_of

_QUOTED = re.compile(r"^[\s>]*[\"“«](?P<words>[^\"“”«»]{3,4000}?)[\"”»]\s*$", re.MULTILINE)
_SAYS = re.compile(
    r"\b(?:says|said|wrote|writes|asks|asked|sent you (?:a|this) (?:new )?message|message (?:is|reads)|commented)"
    r"(?: the following)?\s*:\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
#: a person speaks of themselves, or asks at some length
_OWN_VOICE = any_of(r"""
(?<![\w'])(?:i|i['’](?:m|d|ve|ll)|my|me)(?![\w'])(?!.*\b(?:leads?|account)\b)
""")
_VOICE_CHARS = 500
_QUESTION = any_of(r"""
(?!.*\b(?:leads?|account|agents?|profile|app)\b)(?:\S+ ){3,}\S+\?$
""")
_ICON = re.compile(r"^[^\w\s\"'“‘¿¡($#@+*>-]+\ufe0f?\s+")
#: an address or a number, and nothing beside it
_BARE = re.compile(r"\s*(?:\S+@\S+|[+(]?[\d ().-]{7,})\s*")


def quoted_words(lines: Sequence[Line]) -> str | None:
    """What stands in quotation marks by itself, or as a quotation."""
    text = "\n".join(line.text for line in lines if not line.cells)
    if match := _QUOTED.search(text):
        return match["words"].strip()
    quoted = [line.text for line in lines if line.is_quoted]
    return "\n".join(quoted).strip() or None


def said_words(pairs: Pairs) -> str | None:
    """What follows "Jane says:"."""
    for at, line in enumerate(pairs.lines):
        if match := _SAYS.search(line.text):
            texts = [match["rest"]] if match["rest"] else []
            for number, below in enumerate(pairs.lines[at + 1 :], at + 1):
                if (below.is_end and any(texts)) or (below.text and pairs.ends(number)):
                    break
                texts.append(below.text)
            return "\n".join(texts).strip().strip('"“”').strip() or None
    return None


def prose(texts: Sequence[str]) -> str | None:
    """A person's sentences among others: from the first that says "I" or asks, to the last before the machinery."""
    first = next((at for at, text in enumerate(texts) if _is_own_voice(text[:_VOICE_CHARS])), None)
    if first is None or is_boilerplate(texts[first]) or _BARE.fullmatch(texts[first]):
        return None
    kept: Sequence[str] = [
        _ICON.sub("", text)
        for text in takewhile(lambda text: not is_boilerplate(text), texts[first:])
        if not _BARE.fullmatch(text)
    ]
    if kept[0].endswith("?") and field_of(kept[0]) == "message" and any(kept[1:]):
        kept = kept[1:]  # what the form asked
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() or None


def _is_own_voice(text: str) -> bool:
    return _OWN_VOICE.search(text) is not None or (_QUESTION.match(text) is not None and not asks(text))


def own_words(lines: Sequence[Line], used: set[int]) -> str | None:
    """What is left when labels and machinery are taken away."""
    kept = [line.text for at, line in enumerate(lines) if at not in used and not is_boilerplate(line.text)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() or None
