"""Sequences in plain words, for pages and the command line: who is in, what comes when, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Final

from leadwake.domain.interests import interest
from leadwake.domain.segments import segments
from leadwake.domain.sequence.amounts import said_days, said_length
from leadwake.domain.sequence.checks import earliest, most_messages
from leadwake.domain.sequence.messages import LANGUAGE_NAMES
from leadwake.domain.sequence.model import (
    Act,
    Alert,
    Branch,
    CallTask,
    Condition,
    Else,
    Message,
    Sequence,
    Start,
    Step,
    Stop,
    Variant,
    Wait,
    Window,
)
from leadwake.domain.template import TextTooLong, render_subject, render_text
from leadwake.domain.variables import examples

_STARTS: Final[Mapping[Start, str]] = {
    Start.NEW_LEAD: "Begins with a new lead",
    Start.MISSED_CALL: "Begins when we missed a call",
    Start.NO_SHOW: "Begins when somebody did not come to a meeting",
    Start.AFTER_MEETING: "Begins after a meeting",
    Start.DORMANT: "Begins with leads that went quiet, a few a day",
    Start.BY_HAND: "Begins when somebody enrolls a lead, or behind another sequence",
}
#: fact → (how it is said when it holds, when it does not)
_YES_NO: Final[Mapping[str, tuple[str, str]]] = {
    "phone": ("they have a phone number", "they have no phone number"),
    "email": ("they have an e-mail address", "they have no e-mail address"),
    "texts": ("they may be texted", "they may not be texted"),
    "timeline": ("they said when they want to act", "they did not say when they want to act"),
    "budget": ("they said what they would spend", "they did not say what they would spend"),
    "opened_booking": ("they opened their booking page", "they did not open their booking page"),
    "enriched": ("a data vendor knows them", "no data vendor knows them"),
}
#: fact → (how one of several values is said, how none of them is)
_ONE_OF: Final[Mapping[str, tuple[str, str]]] = {
    "interest": ("they ask about", "they do not ask about"),
    "source": ("they came from", "they did not come from"),
    "channel": ("they asked by", "they did not ask by"),
    "temperature": ("they are", "they are not"),
}
_KINDS: Final[Mapping[type[Act], str]] = {
    Wait: "wait", CallTask: "call", Alert: "alert", Branch: "branch", Stop: "stop",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepWords:
    """
    One step in words. kind: wait, sms, email, call, alert, branch, stop.

    soonest: how long after the enrollment at the earliest, None where nobody gets.
    """

    name: str
    line: int
    kind: str
    says: str
    soonest: str | None


def headline(sequence: Sequence) -> list[str]:
    """What the sequence is for, when it writes, and how much, a sentence each."""
    audience = f", for those of whom all of this is true: {conditions(sequence.audience)}" if sequence.audience else ""
    messages, days = most_messages(sequence)
    return [
        f"{_STARTS[sequence.start]}{audience}.",
        f"At most {_count(messages, 'message')} in {_count(days, 'day')}; {window(sequence.window)}, by their clock.",
        f"Behind a delay messages keep {said_length(sequence.gap)} between them.",
        f"Who has not answered by its end goes on in {sequence.then}." if sequence.then else "Nothing follows its end.",
    ]


def step_words(sequence: Sequence) -> list[StepWords]:
    """Each step in words."""
    soonest = earliest(sequence)
    return [
        StepWords(step.name, step.line, kind(step.act), said(step), _soonest(soonest.get(place)))
        for place, step in enumerate(sequence.steps)
    ]


def kind(act: Act) -> str:
    """What a step is, by the name of its channel where it has one."""
    return act.channel if isinstance(act, Message) else _KINDS[type(act)]


def said(step: Step) -> str:
    """What a step does, as a sentence without its end."""
    act = step.act
    if isinstance(act, Wait):
        return f"Wait {said_length(act.for_)}" if act.for_ else f"Wait until day {act.until_day}"
    if isinstance(act, CallTask | Alert):
        return f"{'A call to make' if isinstance(act, CallTask) else 'Their agent is told'}: “{act.says}”"
    if isinstance(act, Branch):
        return _branch(act)
    return "The end" if isinstance(act, Stop) else _message(act)


def conditions(given: tuple[Condition, ...]) -> str:
    """Facts in words: "they are hot and they have a phone number"."""
    return " and ".join(_condition(condition) for condition in given)


def window(given: Window) -> str:
    """ "Mon-Sat, 9:00 to 19:30"; "every day, at any hour the law allows"."""
    whole = Window()
    hours = f"{_clock(given.from_)} to {_clock(given.to)}"
    is_whole = (given.from_, given.to) == (whole.from_, whole.to)
    return f"{said_days(given.days)}, {'at any hour the law allows' if is_whole else hours}"


def cost(variant: Variant) -> dict[str, int | None]:
    """Segments of a text by language, with example values; None where it is too long to be sent."""
    return {language: _segments(variant, language) for language in variant.words}


def _segments(variant: Variant, language: str) -> int | None:
    try:
        return segments(render_text(variant.words[language].body, examples(language))).count
    except TextTooLong:
        return None


def _message(message: Message) -> str:
    parts = [_text(message) if message.channel == "sms" else f"An e-mail, “{_subject(message.variants[0])}”"]
    if len(message.variants) > 1:
        total = sum(variant.weight for variant in message.variants)
        shares = [f"{variant.name} {round(100 * variant.weight / total)} %" for variant in message.variants]
        parts.append(f", in {len(shares)} wordings ({', '.join(shares)})")
    if message.channel == "sms":
        parts.append(f"; where it may not be sent, {_instead(message)}")
    return "".join(parts)


def _text(message: Message) -> str:
    dearest: dict[str, int] = {}
    for variant in message.variants:
        for language, count in cost(variant).items():
            dearest[language] = max(dearest.get(language, 0), count if count is not None else 99)
    counts = set(dearest.values())
    if 99 in counts:
        return "A text, too long to be sent"
    if len(counts) == 1:
        return f"A text, {_count(counts.pop(), 'segment')}"
    each = [f"{_count(count, 'segment')} in {LANGUAGE_NAMES[language]}" for language, count in dearest.items()]
    return f"A text, {', '.join(each)}"


def _instead(message: Message) -> str:
    if message.instead is Else.EMAIL and message.instead_words is not None:
        return f"an e-mail, “{_subject(message.instead_words)}”"
    return "a call to make" if message.instead is Else.CALL_TASK else "nothing"


def _subject(variant: Variant) -> str:
    language, words = next(iter(variant.words.items()))
    return render_subject(words.subject, examples(language)) if words.subject else ""


def _branch(branch: Branch) -> str:
    if not branch.conditions:
        return f"Go on at {branch.then}" if branch.then else "Go on below"
    then, otherwise = (f"at {name}" if name else "below" for name in (branch.then, branch.otherwise))
    return f"If {conditions(branch.conditions)}, go on {then}; else {otherwise}"


def _condition(condition: Condition) -> str:
    fact, value = condition.fact, next(iter(condition.values), "")
    if fact in _YES_NO:
        return _YES_NO[fact][condition.op == "lacks"]
    if fact == "score":
        return f"their score is {'at least' if condition.op == 'at_least' else 'below'} {value}"
    if fact == "visits":
        return (
            f"they came to our pages {'at least' if condition.op == 'at_least' else 'fewer than'} {value} times since"
        )
    return f"{_ONE_OF[fact][condition.op == 'is_not']} {' or '.join(_values(condition))}"


def _values(condition: Condition) -> Iterator[str]:
    for value in condition.values:
        yield interest(value) if condition.fact == "interest" else value.replace("_", " ")


def _soonest(span: timedelta | None) -> str | None:
    if span is None or span < timedelta(days=1):
        return None if span is None else said_length(span) if span else "at once"
    return f"day {span.days}"


def _clock(at: time) -> str:
    return "24:00" if at == time(23, 59, 59) else f"{at.hour}:{at.minute:02}"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
