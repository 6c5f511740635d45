"""A sequence as its page shows it: step by step, the words as they arrive, who is where, what became of each step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from psycopg.rows import DictRow

from leadwake.domain import wording
from leadwake.domain.segments import Segments, segments
from leadwake.domain.sequence import words as plain
from leadwake.domain.sequence.amounts import said_length
from leadwake.domain.sequence.checks import earliest
from leadwake.domain.sequence.messages import LANGUAGE_NAMES
from leadwake.domain.sequence.model import Alert, Branch, CallTask, Else, Message, Sequence, Step, Variant, Words
from leadwake.domain.template import render, render_subject, render_text
from leadwake.domain.variables import examples
from leadwake.workflows import composing
from leadwake.workflows.office import Office
from leadwake.workflows.sequence_trial import failure

#: fewer than that say nothing as a share
ENOUGH: Final = 5
_INSTEAD: Final[Mapping[Else, str]] = {
    Else.EMAIL: "Where it may not be sent, this e-mail goes:",
    Else.CALL_TASK: "Where it may not be sent, they are to be called.",
    Else.SKIP: "Where it may not be sent, nothing takes its place.",
}
_OUT: Final = frozenset({"sent", "delivered", "undelivered", "bounced", "unknown"})

Values = Mapping[str, str | None]
Who = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Said:
    """One wording in one language, as it arrives. problem: why it cannot be rendered; cost: of a text."""

    language: str
    subject: str | None
    body: str
    problem: str | None = None
    cost: Segments | None = None


@dataclass(frozen=True, slots=True)
class VariantView:
    """A wording of a message. share: in percent, of whoever gets the step; sent, replied: leads."""

    name: str
    share: int
    said: tuple[Said, ...]
    sent: int = 0
    replied: int = 0


@dataclass(frozen=True, slots=True)
class StepView:
    """
    A step. place: from 1. kind: wait, sms, email, call, alert, branch, stop. ways: where a branch goes, in words.

    instead: what takes a text's place, and instead_said its words. outcomes: (words, leads) of what became of it.
    """

    place: int
    name: str | None
    kind: str
    when: str
    text: str
    says: str | None = None
    ways: tuple[str, ...] = ()
    variants: tuple[VariantView, ...] = ()
    instead: str | None = None
    instead_said: tuple[Said, ...] = ()
    waiting: int = 0
    under_way: int = 0
    outcomes: tuple[tuple[str, int], ...] = ()

    @property
    def segments(self) -> int:
        """Of its dearest wording; 0 for what is no text."""
        return max((said.cost.count for variant in self.variants for said in variant.said if said.cost), default=0)


@dataclass(frozen=True, slots=True)
class Went:
    """What the database says of a version's steps: rows of sequence_standing and sequence_step_results."""

    standing: Mapping[int, DictRow] = field(default_factory=dict)
    results: tuple[DictRow, ...] = ()

    def of(self, step: int) -> list[DictRow]:
        """What became of this step."""
        return [row for row in self.results if row["step"] == step]


def share(part: int, of: int) -> str:
    """ "12 (24%)"; without the share where too few are counted."""
    return f"{part} ({100 * part / of:.0f}%)" if of >= ENOUGH else str(part)


def steps(
    sequence: Sequence, values: Callable[[str], Values], went: Went, *, only: str | None = None
) -> list[StepView]:
    """Every step. values: language → what its messages may say; only: this language, where a message has it."""
    soonest = earliest(sequence)
    return [
        _Shown(step, position, values, went, only).view(_when(soonest.get(position)))
        for position, step in enumerate(sequence.steps)
    ]


@dataclass(frozen=True, slots=True)
class _Shown:
    step: Step
    position: int
    values: Callable[[str], Values]
    went: Went
    only: str | None

    def view(self, when: str) -> StepView:
        step, act = self.step, self.step.act
        standing = self.went.standing.get(self.position)
        shown = StepView(
            self.position + 1, None if step.name.startswith("step-") else step.name, plain.kind(act), when,
            label(step), waiting=standing["waiting"] if standing else 0,
            under_way=standing["under_way"] if standing else 0,
            outcomes=tuple(_outcomes(self.went.of(self.position))),
        )  # fmt: skip
        match act:
            case CallTask(says=says) | Alert(says=says):
                return replace(shown, says=says)
            case Branch():
                return replace(shown, ways=_ways(act))
            case Message(instead_words=words):
                is_text = act.channel == "sms"
                return replace(
                    shown,
                    variants=tuple(self._variants(act)),
                    instead=_INSTEAD[act.instead] if is_text else None,
                    instead_said=tuple(self._said(words, "email")) if words else (),
                )
            case _:
                return shown

    def _variants(self, message: Message) -> Iterable[VariantView]:
        total = sum(variant.weight for variant in message.variants)
        for variant in message.variants:
            own = [row for row in self.went.of(self.position) if row["variant"] == variant.name]
            sent = [row for row in own if row["outcome"] in _OUT and row["fell_back"] is None]
            yield VariantView(
                variant.name, round(100 * variant.weight / total), tuple(self._said(variant, message.channel)),
                sum(row["n"] for row in sent), sum(row["replied"] for row in sent),
            )  # fmt: skip

    def _said(self, variant: Variant, channel: str) -> Iterable[Said]:
        if self.only is None:
            languages = list(variant.words)
        else:
            languages = [self.only if self.only in variant.words else next(iter(variant.words))]
        for language in languages:
            yield said(variant.words[language], language, channel, self.values(language))


def said(words: Words, language: str, channel: str, values: Values) -> Said:
    """One message as it arrives with these values."""
    name = LANGUAGE_NAMES.get(language, language)
    if problem := failure(words, channel, values):
        return Said(name, None, "", problem=problem)
    if channel == "sms":
        body = render_text(words.body, values)
        return Said(name, None, body, cost=segments(body))
    subject = render_subject(words.subject, values) if words.subject else None
    return Said(name, subject, render(words.body, values))


def example_values(office: Office) -> Callable[[str], Values]:
    """What messages say to an invented lead of this team's."""
    agent = next(iter(office.agents), None)
    own: dict[str, str | None] = dict(composing.business_values(office))
    if agent:
        own |= {"agent.name": agent.name, "agent.first_name": agent.first_name}
        own |= {"agent.phone": wording.phone(agent.phone)}
    return lambda language: {**examples(language), **own}


def _ways(branch: Branch) -> tuple[str, ...]:
    """Where a branch goes."""
    if not branch.conditions:
        return (f"at {branch.then}" if branch.then else "at the step below",)
    return tuple(
        f"{answer}: {target or 'the step below'}" for answer, target in (("yes", branch.then), ("no", branch.otherwise))
    )


def label(step: Step) -> str:
    """What a step is: a message's words, and what a call is about, stand below it."""
    match step.act:
        case Message(channel=channel):
            return "Text" if channel == "sms" else "E-mail"
        case CallTask():
            return "Call to make"
        case Alert():
            return "Their agent is told"
        case Branch(conditions=conditions):
            return wording.sentence(f"{plain.conditions(conditions)}?") if conditions else "Go on elsewhere"
        case _:
            return plain.said(step)


def _when(after: timedelta | None) -> str:
    """How long after the enrollment a step comes at the earliest."""
    if after is None:
        return "never"
    if after < timedelta(days=1):
        return f"after {said_length(after)}" if after else "at once"
    return f"day {after.days}"


def _outcomes(results: list[DictRow]) -> Iterable[tuple[str, int]]:
    counts: dict[str, int] = {}
    for row in results:
        words = _outcome(row["outcome"], row["fell_back"])
        counts[words] = counts.get(words, 0) + row["n"]
    return counts.items()


def _outcome(outcome: str | None, fell_back: str | None) -> str:
    if fell_back == "call":
        return f"gave its place to a call: {wording.reason(outcome) or 'it could not be sent'}"
    if outcome is None:
        return "the e-mail in its place is on its way" if fell_back else "on its way"
    if fell_back == "email":
        return "gave its place to an e-mail" if outcome in _OUT else f"nor the e-mail went: {wording.reason(outcome)}"
    known = {"task": "asked for", "told": "told", "then": "yes", "else": "no", "stopped": "stopped before it went"}
    if outcome in known:
        return known[outcome]
    return wording.chip("sms", outcome)[0] if outcome in _OUT else f"not sent: {wording.reason(outcome)}"
