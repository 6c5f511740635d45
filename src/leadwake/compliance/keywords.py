"""R-REV-3: one-word replies that always mean the same: STOP, START, HELP.

Only whole messages count here; anything said in more words is for `reply.py` (R-REV-4).
Sets: Twilio's eight defaults, the AWS list and Spanish ones (sources in the requirements, read 2026-11-22).
"""

from __future__ import annotations

import unicodedata
from typing import Literal

from leadwake.compliance.revocation.body import without_signature

Keyword = Literal["stop", "start", "help", "yes"]

STOP = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"}
    | {"remove", "td", "arret"}
    | {"alto", "parar", "pare", "baja", "detener"}
)
START = frozenset({"start", "unstop"})
HELP = frozenset({"help", "info", "ayuda"})
YES = frozenset({"yes"})

_SEPARATORS = frozenset({"Zs", "Zl", "Zp", "Cc"})


def keyword_intent(text: str) -> Keyword | None:
    """What the whole message says by keyword; None when it is anything else.

    `yes` is reported apart: it means start only to someone opted out whom we asked within 24 hours (R-REV-8).
    """
    word = normalise_reply(text)
    if word in STOP or _is_one_word_again_and_again(word):
        return "stop"
    if word in START:
        return "start"
    if word in HELP:
        return "help"
    return "yes" if word in YES else None


def normalise_reply(text: str) -> str:
    """The reply without signature, case, accents, punctuation, emoji and invisible characters; single spaces."""
    body = without_signature(text)
    letters = []
    for character in unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", body).casefold()):
        category = unicodedata.category(character)
        if category in _SEPARATORS:
            letters.append(" ")
        elif category[0] in "LN":
            letters.append(character)
    return " ".join("".join(letters).split())


def _is_one_word_again_and_again(text: str) -> bool:
    """ "STOP STOP STOP" is no less a stop than one."""
    first, *others = text.split() or [""]
    return first in STOP and all(word == first for word in others)
