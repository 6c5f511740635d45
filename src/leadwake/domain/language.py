"""Which language a lead speaks: by their own word, else by the small words of what they wrote. A doubt is None."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from leadwake.domain.languages import language

#: names that forms send beyond those of `languages`, without accents
_NAMES: Final[Mapping[str, str]] = {
    "ingles": "en", "eng": "en", "espanol": "es", "castellano": "es", "esp": "es", "spa": "es", "francais": "fr",
    "portugues": "pt",
}  # fmt: skip
#: the fields by which forms ask for it
_FIELDS: Final = ("language", "preferred_language", "idioma", "lang", "locale")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Small words that the other language does not have; "no", "me", "a" are of both and count for neither.
_SPANISH: Final = _set(
    """
    que de del para por con una uno un el la los las lo mi su sus es esta este estan estoy ser son soy tengo tiene
    tienen hay como cuanto cuanta cuando donde muy mas pero si y o en al le les nos se ya tambien porque sobre desde
    hasta sin todo todos nuestra nuestro puede pueden puedo necesita quiere
    """
)
#: words nobody writes in an English sentence: one of them makes a short message Spanish
_SPANISH_SURE: Final = _set(
    """
    hola gracias quiero quisiera queremos necesito necesitamos busco buscamos buenos buenas tardes dias noches
    senor senora usted ustedes favor casa casas seguro comprar vender rentar alquilar cotizacion precio llamame
    llamenme llame espanol hablo habla informacion interesado interesada gustaria vivo tengo estoy
    """
)
_ENGLISH: Final = _set(
    """
    the and of to is are was in on for with you your my we our i it its this that have has do does can could would
    will what when where how much from at be an if not or but they he she am im looking want need please thanks hi
    hello house home insurance quote
    """
)
_READ_CHARS: Final = 2_000
_WORDS: Final = re.compile(r"[a-z]+")


def spoken(declared: str | None, message: str | None) -> str | None:
    """
    The lead's language, ISO 639-1 ("es", "en"); None when unknown.

    declared: what a form's field says, "Spanish", "Español (MX)" or "es-US". Else obvious Spanish or English: several
    small words of the one and few of the other; a Spanish street in an English sentence is no Spanish.
    """
    return _declared(declared) or _written(message)


def declared_language(extra: Mapping[str, Any]) -> str | None:
    """What the lead's own form says about their language, as it came."""
    given = {str(name).strip().lower().replace(" ", "_"): value for name, value in extra.items()}
    return next((value for name in _FIELDS if isinstance(value := given.get(name), str) and value.strip()), None)


def _declared(text: str | None) -> str | None:
    words = _words((text or "")[:60])
    if not words:
        return None
    names = (" ".join(words[:2]), words[0])
    return next((code for name in names if (code := _NAMES.get(name) or language(name))), None)


def _written(message: str | None) -> str | None:
    words = _words((message or "")[:_READ_CHARS])
    said = set(words)
    sure = len(said & _SPANISH_SURE)
    spanish, english = len(said & (_SPANISH | _SPANISH_SURE)), len(said & _ENGLISH)
    if (spanish >= 3 and spanish > 2 * english) or (sure and spanish >= 2 and not english):
        return "es"
    return "en" if english >= 2 and english > spanish else None


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.lower())
    return _WORDS.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))
