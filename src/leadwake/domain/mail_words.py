"""What stands around the words of a mail to a lead, in the languages that mails are written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class MailWords:
    """language: of the page, ISO 639-1; the others: labels of links."""

    language: str
    pick_a_time: str
    get_texts: str
    stop: str
    choose: str
    privacy: str


ENGLISH: Final = MailWords(
    "en", "Pick a time", "Get texts from us", "Stop these e-mails", "Choose what we may send you",
    "How we handle your details",
)  # fmt: skip
_SPANISH: Final = MailWords(
    "es", "Elegir una hora", "Recibir mensajes de texto", "No recibir más correos", "Elegir lo que podemos enviarle",
    "Cómo tratamos sus datos",
)  # fmt: skip
_WORDS: Final[Mapping[str, MailWords]] = {words.language: words for words in (ENGLISH, _SPANISH)}


def mail_words(language: str | None) -> MailWords:
    """In this language, else in English."""
    return _WORDS.get(language or "", ENGLISH)
