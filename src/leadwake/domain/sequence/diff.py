"""What publishing would change: step by step in words, and line by line."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from leadwake.domain.sequence.amounts import said_length
from leadwake.domain.sequence.messages import LANGUAGE_NAMES
from leadwake.domain.sequence.model import Message, Sequence, Step, Variant
from leadwake.domain.sequence.reading import SequenceRefused, read_published
from leadwake.domain.sequence.words import conditions, kind, said, window

_SAYINGS: Final[tuple[tuple[str, Callable[[Sequence], str]], ...]] = (
    ("Name", lambda sequence: sequence.name),
    ("Title", lambda sequence: sequence.title),
    ("About", lambda sequence: sequence.about),
    ("Begins", lambda sequence: sequence.start.value.replace("_", " ")),
    ("For", lambda sequence: conditions(sequence.audience) or "everybody"),
    ("Hours", lambda sequence: window(sequence.window)),
    ("Between messages", lambda sequence: said_length(sequence.gap)),
    ("Then", lambda sequence: sequence.then or "nothing"),
    ("Rank", lambda sequence: str(sequence.rank)),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """words: a sentence for each change, none when only remarks or spaces differ; text: a unified diff, "" for none."""

    words: tuple[str, ...]
    text: str


def difference(before: str | None, after: str) -> Difference:
    """What is other in `after`. before: None when there is none yet."""
    lines = difflib.unified_diff(
        (before or "").splitlines(), after.splitlines(), "in force", "to be published", lineterm=""
    )
    text = "\n".join(lines)
    if before is None:
        return Difference(("Nothing is in force yet.",), text)
    try:
        old, new = read_published(before), read_published(after)
    except SequenceRefused:
        return Difference(("One of the two cannot be read; see the lines.",) if text else (), text)
    return Difference((*_head(old, new), *_steps(old, new)), text)


def _head(old: Sequence, new: Sequence) -> Iterator[str]:
    for what, says in _SAYINGS:
        if (was := says(old)) != (now := says(new)):
            yield f"{what}: {now}; was: {was or 'nothing'}"


def _steps(old: Sequence, new: Sequence) -> Iterator[str]:
    was, now = [_print(step) for step in old.steps], [_print(step) for step in new.steps]
    for tag, i, i_end, j, j_end in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from _block(list(enumerate(old.steps, 1))[i:i_end], list(enumerate(new.steps, 1))[j:j_end])


def _block(old: list[tuple[int, Step]], new: list[tuple[int, Step]]) -> Iterator[str]:
    """Steps that stand where others stood: those of one kind are changes, the rest came or went."""
    kinds = [kind(step.act) for _, step in old], [kind(step.act) for _, step in new]
    for tag, i, i_end, j, j_end in difflib.SequenceMatcher(None, *kinds, autojunk=False).get_opcodes():
        if tag == "equal":
            for (_, was), (number, now) in zip(old[i:i_end], new[j:j_end], strict=True):
                yield from _changed(number, was, now)
            continue
        yield from (f"Gone, step {number}: {said(step)}" for number, step in old[i:i_end])
        yield from (f"New, step {number}: {said(step)}" for number, step in new[j:j_end])


def _changed(number: int, was: Step, now: Step) -> Iterator[str]:
    if _own_name(was) != _own_name(now):
        yield f"Step {number}: named {_own_name(now) or 'nothing'}; was: {_own_name(was) or 'nothing'}"
    if said(was) != said(now):
        yield f"Step {number}: {said(now)}; was: {said(was)}"
    if isinstance(was.act, Message) and isinstance(now.act, Message):
        yield from (f"Step {number}: other words in {what}" for what in _other_words(was.act, now.act))


def _other_words(was: Message, now: Message) -> Iterator[str]:
    before, after = dict(_wordings(was)), dict(_wordings(now))
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) != after.get(key):
            name, language = key
            of = {"only": "", "else": ", in the e-mail that takes its place"}.get(name, f", in {name}")
            yield f"{LANGUAGE_NAMES[language]}{of}"


def _wordings(message: Message) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """(variant, language) → (subject, body), as they were written."""
    variants: list[Variant] = [*message.variants, *([message.instead_words] if message.instead_words else [])]
    for variant in variants:
        for language, words in variant.words.items():
            yield (variant.name, language), (words.subject.source if words.subject else "", words.body.source)


def _print(step: Step) -> str:
    """What makes a step the same as another, wherever it stands."""
    words = sorted(_wordings(step.act)) if isinstance(step.act, Message) else []
    return f"{_own_name(step)} {kind(step.act)} {said(step)} {words}"


def _own_name(step: Step) -> str:
    return "" if step.name.startswith("step-") else step.name
