"""What a message says that matters to a score, by small tables of words: English and Spanish alike, no network. Pure.

Both languages have every meaning, so that the language somebody writes in changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_READ_CHARS: Final = 2_000
_SHORT, _LONG = 15, 60


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{phrase})\b" for phrase in phrases))


_STREETS: Final = (
    "st|street|ave|avenue|rd|road|ln|lane|blvd|boulevard|dr|drive|way|ct|court|pl|place|ter|terrace|cir|circle|pkwy|hwy"
)
_CALLES: Final = "calle|avenida|av|camino|carretera|paseo|plaza|callejon|privada"

#: signal → how it is said; without accents, in small letters
MEANINGS: Final[dict[str, re.Pattern[str]]] = {
    "urgent": _any_of(
        "urgent(?:ly)?", "asap", "emergency", "leak(?:s|ing)?", "today", "tonight", "tomorrow", "right away",
        "immediately", "stopped (?:working|blowing)", "no heat",
        "urgente(?:mente)?", "urge", "emergencia", "gotea", "fuga de agua", "hoy(?: mismo)?", "esta noche",
        "(?<!por la )(?<!de la )(?<!en la )(?<!esta )manana(?! por)", "ahora mismo", "de inmediato", "inmediatamente",
        "lo antes posible", "cuanto antes", "dejo de funcionar", "sin calefaccion",
    ),
    "wants_meeting": _any_of(
        "(?:call|phone|text) me", "please call", "call back", "tour", "showing", "see (?:it|the)", "viewing", "visit",
        "meet", "appointment", "open house", "come (?:out|by|today)", "schedule",
        "(?:llam(?:e|a|en)|marqu?e|escrib(?:a|e))me", "(?:me|nos) (?:pueden?|podrian?) (?:llamar|marcar)",
        "(?:quiero|quisiera|queremos|quisieramos|puedo|podemos|gustaria) (?:verl[ao]|ver|visitar|conocer)",
        "visitar(?:la|lo)?", "una (?:cita|visita)", "agendar", "casa abierta", "reunir(?:me|nos)",
        "vengan?", "recorrido",
    ),
    "money": _any_of(
        "pre-?approved", "closing on", "lender", "adjuster", "non-?renewed", "need (?:coverage|a new policy)", "cash",
        "credit", "down payment", "need to sell", "need (?:an )?estimate",
        "pre-?aprobad[oa]s?", "cierre", "prestamista", "ajustador", "no (?:me |nos )?renov(?:aron|o)",
        "necesit(?:o|amos) (?:cobertura|una (?:nueva )?poliza|vender|un (?:estimado|presupuesto))", "(?:de|al) contado",
        "en efectivo", "credito", "enganche", "pago inicial",
    ),
    "asks_price": _any_of(
        "how much", "what(?:'s| is| are)? the (?:price|cost|rent|rate|hoa)s?", "price range", "(?:a|get|free) quote",
        "what (?:does|do|would|will) (?:it|this|that|you) (?:cost|charge)", "asking price", "monthly payment",
        "cuanto (?:cuesta|vale|es|sale|seria|cobran?|piden|pagaria)", "(?:que|cual es el) (?:precio|costo)",
        "(?:una )?cotizacion", "cotizar", "pago mensual", "de renta al mes",
    ),
    "one_place": _any_of(
        rf"[0-9]{{1,6}} (?:[a-z.'-]{{1,20}} ){{1,3}}(?:{_STREETS})", "mls ?#? ?[0-9]{4,}",
        rf"(?:{_CALLES})\.? (?:[a-z.'-]{{1,20}} ){{1,3}}(?:numero |no\.? |#)?[0-9]{{1,6}}",
    ),
    "unsure": _any_of(
        "just (?:curious|looking|browsing)", "not sure", "don'?t know",
        "solo (?:estoy |estamos )?(?:mirando|viendo|curios[oa]|explorando)", "por curiosidad",
        "no (?:estoy|estamos) segur[oa]s?", "no se(?: bien| todavia| aun)", "no lo se",
    ),
    "distant": _any_of(
        "not interested", "no sales(?:people|men|calls)?", "wrong number", "by mistake", "email only", "do not call",
        "don'?t call",
        "no (?:me )?interesa", "no (?:estoy|estamos) interesad[oa]s?", "sin vendedores", "numero equivocado",
        "por error", "solo (?:por )?(?:correo|email|e-mail)", "no (?:me )?llamen?",
    ),
}  # fmt: skip

#: what somebody says of their time, where no field of the form does: days at the latest
_MOVES: Final = (
    r"(?:mov(?:e|ing)|relocat(?:e|ing)|clos(?:e|ing)|buy|sell|start|need|lease (?:is up|ends)|expires?"
    r"|mud(?:o|amos|arme|arnos)|comprar|vender|necesit(?:o|amos)|empezar|vence|contrato)"
)
_WHEN: Final = re.compile(
    rf"\b{_MOVES}\b[^.!?\n]{{0,40}}?\b(?P<when>"
    r"(?:this|next) (?:week(?:end)?|month)|(?:with)?in (?:a|[0-9]{1,2}|a few|two|three) (?:days?|weeks?|months?)"
    r"|esta semana|este fin de semana|la proxima semana|este mes|el proximo mes|el mes que viene"
    r"|(?:en|dentro de) (?:una?|[0-9]{1,2}|unas?|unos|dos|tres) (?:dias?|semanas?|mes(?:es)?))\b"
)
#: Spanish words of time → as forms write them
_IN_ENGLISH: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(rf"\b(?:{spanish})\b"), english)
    for spanish, english in (
        ("lo antes posible|cuanto antes|inmediat(?:o|amente)|de inmediato|ahora(?: mismo)?|ya|urgente|hoy", "asap"),
        ("manana", "tomorrow"),
        ("esta semana|este fin de semana", "this week"),
        ("(?:la )?(?:proxima semana|semana que viene)", "next week"),
        ("este mes|en un mes|dentro de un mes", "this month"),
        ("(?:el )?(?:proximo mes|mes que viene)", "next month"),
        ("este ano", "this year"),
        ("(?:el )?(?:proximo ano|ano que viene)", "next year"),
        ("mas de", "more than"),
        ("dias?", "days"),
        ("semanas?", "weeks"),
        ("mes(?:es)?", "months"),
        ("anos?", "years"),
        (r"(?<=[0-9]) a (?=[0-9])", " to "),
        ("una?|one|a", "1"),
        ("unas|unos|un par de|a few", "3"),
        ("dos|two", "2"),
        ("tres|three", "3"),
        ("solo (?:estoy |estamos )?(?:mirando|viendo|explorando)|(?:sin|no hay) prisa", "browsing"),
        ("todavia no|algun dia", "browsing"),
        ("no (?:estoy|estamos) segur[oa]s?|indecis[oa]", "browsing"),
    )
)  # fmt: skip


def plain(text: str | None) -> str:
    """The text as the tables have it: small letters, no accents, its beginning."""
    folded = unicodedata.normalize("NFKD", (text or "")[:_READ_CHARS].lower())
    return "".join(char for char in folded if not unicodedata.combining(char)).replace("’", "'")


def said(message: str | None) -> Iterator[str]:
    """The signals of a message, each once."""
    text = plain(message)
    for code, pattern in MEANINGS.items():
        if pattern.search(text):
            yield code
    if "?" in text:
        yield "asks_question"
    length = len(text.strip())
    if length >= _LONG and re.search("[0-9]", text):
        yield "details"
    elif length < _SHORT:
        yield "says_little"


def time_said(message: str | None) -> str:
    """What a message says of when they want to act, as forms write it: "in 2 weeks"; "" where it says nothing."""
    found = _WHEN.search(plain(message))
    return in_english(found["when"]) if found else ""


def in_english(timeline: str | None) -> str:
    """A form's own words about time with the Spanish ones turned: "lo antes posible" → "asap"."""
    text = plain(timeline)[:200]
    for spanish, english in _IN_ENGLISH:
        text = spanish.sub(english, text)
    return text
