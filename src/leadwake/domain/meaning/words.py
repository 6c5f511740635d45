"""A meaning in words for whoever is to answer, and until when "not now" holds. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from leadwake.domain.meaning.later import until
from leadwake.domain.meaning.reading import SURE, Meaning, read

_SEEMS: Final[Mapping[str, str]] = {
    "stop": "They seem to want no more messages: mark that they asked us to stop, if you read it so",
    "interested": "They seem interested",
    "question": "They ask something",
    "wants_call": "They seem to want a call",
    "books": "They seem to settle a time",
    "not_now": "Not now, it seems; try again on {day}",
    "not_interested": "They seem to have decided against it",
    "wrong_person": "It seems that we reach the wrong person",
    "complaint": "They seem to complain",
}


def seems(text: str, today: date) -> str | None:
    """What the text seems to mean, in a sentence without its end; None where that is not sure. today: where we are."""
    meaning = read(text)
    if meaning.sure < SURE or meaning.code not in _SEEMS:
        return None
    day = until(text, today)
    return _SEEMS[meaning.code].format(day=f"{day.day} {day:%B %Y}")


def facts(text: str, today: date) -> dict[str, str]:
    """The same for programs: {"wants": code, "until": day}; empty where it is not sure enough. Nothing of the text."""
    meaning: Meaning = read(text)
    if meaning.sure < SURE:
        return {}
    return {"wants": meaning.code} | ({"until": until(text, today).isoformat()} if meaning.code == "not_now" else {})
