"""What a chat says by itself: who answers and when, as far as anybody knows. Pure: facts in, sentences out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

#: characters of one message, either way
MAX_CHARS: Final = 2_000
MAX_GREETING_CHARS: Final = 200
#: a chat can be gone on with for so long after its last word
OPEN_FOR: Final = timedelta(hours=24)
#: an answer that was not seen by then is shown as such, and offered by another way
SEEN_WITHIN: Final = timedelta(minutes=3)
#: somebody who writes while somebody works is answered within
ANSWER_WITHIN: Final = timedelta(minutes=2)
LANGUAGES: Final = ("en", "es")

#: what is promised, in minutes; more than the last is no promise
_PROMISES: Final = (1, 2, 3, 5, 10, 15)
_DAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "by_name": "{name} or a colleague answers", "by_us": "We answer",
        "here": "{who} here{pace}.", "pace": ", usually within {minutes}",
        "one": "a minute", "many": "{n} minutes",
        "away": "Nobody is here just now; we are back {when}.", "closed": "Nobody is here just now.",
        "today": "at {clock}", "tomorrow": "tomorrow at {clock}", "later": "on {day} at {clock}",
        "thanks": "Thank you, we have your message.",
        "leave": "If you leave, we get back to you at the number or address you gave.",
        "stopped": "Understood: no more texts or e-mails from us. You can go on writing here.",
    },
    "es": {
        "by_name": "{name} o un colega responde", "by_us": "Respondemos",
        "here": "{who} aquí{pace}.", "pace": ", normalmente en {minutes}",
        "one": "un minuto", "many": "{n} minutos",
        "away": "Ahora no hay nadie; volvemos {when}.", "closed": "Ahora no hay nadie.",
        "today": "a las {clock}", "tomorrow": "mañana a las {clock}", "later": "el {day} a las {clock}",
        "thanks": "Gracias, hemos recibido su mensaje.",
        "leave": "Si se va, le respondemos al número o a la dirección que nos dio.",
        "stopped": "Entendido: no recibirá más mensajes de texto ni correos. Puede seguir escribiendo aquí.",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answering:
    """
    Who answers in a chat. is_on: somebody works now. name: whose turn it is, None while nobody knows.

    minutes: as `promise` has them. back_at: when somebody works next, where that is known. zone: the team's clock.
    """

    is_on: bool
    zone: ZoneInfo
    name: str | None = None
    minutes: int | None = None
    back_at: datetime | None = None


def promise(median_s: float | None) -> int | None:
    """The minutes that may be named for what was measured; None where nothing was, or it is nothing to name."""
    if median_s is None:
        return None
    return next((minutes for minutes in _PROMISES if median_s <= 60 * minutes), None)


def answering(who: Answering, language: str, now: datetime) -> str:
    """Who answers and when, in one sentence that is true: "Dana or a colleague answers here, usually within …"."""
    said = _SAID[language]
    if not who.is_on:
        when = _when(who.back_at, language, who.zone, now) if who.back_at else None
        return said["away"].format(when=when) if when else said["closed"]
    pace = ""
    if who.minutes is not None:
        minutes = said["one"] if who.minutes == 1 else said["many"].format(n=who.minutes)
        pace = said["pace"].format(minutes=minutes)
    return said["here"].format(who=said["by_name" if who.name else "by_us"].format(name=who.name), pace=pace)


def welcome(who: Answering, language: str, now: datetime) -> str:
    """The first line in a chat, once the question is stored."""
    return " ".join([_SAID[language]["thanks"], answering(who, language, now), _SAID[language]["leave"]])


def stopped(language: str) -> str:
    """The line that confirms a stop."""
    return _SAID[language]["stopped"]


def meaning(intent: str, scope: str) -> str:
    """
    What a message in a chat does, of what `read_reply` made of it: stop, no_calls, unsure, or reply.

    Nobody knows whether the number that was typed is the writer's: a stop holds all the same, and what would allow
    more than before, or take a number from somebody else, is read by a person.
    """
    if scope == "voice":
        return "no_calls"
    return intent if intent in {"stop", "unsure"} else "unsure" if intent == "wrong_number" else "reply"


def is_open(talked_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """Whether either side may go on with a chat."""
    return ended_at is None and now < talked_at + OPEN_FOR


def _when(at: datetime, language: str, zone: ZoneInfo, now: datetime) -> str:
    """When somebody is back, on the team's clock: "tomorrow at 9:00 AM EST"."""
    local, days = at.astimezone(zone), (at.astimezone(zone).date() - now.astimezone(zone).date()).days
    hour = f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'}"
    clock = f"{hour} {local.tzname()}"
    key = "today" if days == 0 else "tomorrow" if days == 1 else "later"
    return _SAID[language][key].format(clock=clock, day=_DAYS[language][local.weekday()])
