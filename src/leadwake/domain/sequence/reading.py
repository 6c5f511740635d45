"""A sequence read from its text: everything that is wrong at once, each with its line and what to do."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import time, timedelta
from typing import Final

import yaml

from leadwake.domain.sequence.amounts import MAX_WAIT, clock, length, until_day, weekdays
from leadwake.domain.sequence.checks import check
from leadwake.domain.sequence.conditions import read_conditions
from leadwake.domain.sequence.messages import NAME, Messages
from leadwake.domain.sequence.model import Act, Alert, Branch, CallTask, Sequence, Start, Step, Stop, Wait, Window
from leadwake.domain.sequence.tree import Findings, entries, line, near, plain, read_tree, text
from leadwake.domain.template import Problem
from leadwake.errors import InputError

MAX_STEPS: Final = 60
SEQUENCE_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")

_KEYS: Final = ("sequence", "title", "about", "starts", "for", "window", "gap", "then", "rank", "steps")
_ACTS: Final = ("wait", "text", "email", "call", "alert", "branch", "go_to", "stop")
_OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {"text": ("else", "else_email")}
_GO_ON: Final = frozenset({"go_on", "next"})
_MAX_GAP: Final = timedelta(days=30)
_MIN_HOURS: Final = timedelta(hours=2)


class SequenceRefused(InputError):
    """The sequence cannot be used; `problems` say where and what to do."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = list(problems)
        super().__init__({"sequence": " · ".join(str(problem) for problem in self.problems)})


def read_sequence(source: str) -> Sequence:
    """The sequence, fit to be published. Raises SequenceRefused with all errors and warnings."""
    return _read(source, is_draft=True)


def read_published(source: str) -> Sequence:
    """A sequence that was fit when it was published: what is only refused since then does not stop those under way."""
    return _read(source, is_draft=False)


def problems(source: str, known: Collection[str] | None = None) -> list[Problem]:
    """What is wrong, errors and warnings, in the order of lines. known: names of sequences, for `then`."""
    findings = Findings()
    _Reader(source, findings, is_draft=True).read(known)
    return findings.sorted()


def _read(source: str, *, is_draft: bool) -> Sequence:
    findings = Findings()
    sequence = _Reader(source, findings, is_draft=is_draft).read(None)
    if sequence is None or findings.has_errors:
        raise SequenceRefused(findings.sorted())
    return sequence


class _Reader:
    def __init__(self, source: str, findings: Findings, *, is_draft: bool) -> None:
        self.source = source
        self.findings = findings
        self.is_draft = is_draft
        self.messages = Messages(findings, source, is_draft=is_draft)
        self.targets: list[tuple[int, str, yaml.Node]] = []  # of branches: (position of the branch, name of the step)

    def read(self, known: Collection[str] | None) -> Sequence | None:
        root = read_tree(self.source, self.findings)
        if root is None:
            return None
        given = entries(root, _KEYS, "a sequence", self.findings)
        for key in ("sequence", "title", "starts", "steps"):
            if key not in given:
                self.findings.error(root, f"`{key}:` is missing")
        steps = self._steps(given["steps"]) if "steps" in given else ()
        sequence = Sequence(
            name=self._name(given.get("sequence")),
            title=self._line(given.get("title"), "the title", 80),
            about=self._line(given.get("about"), "`about`", 400),
            start=self._start(given.get("starts")),
            steps=steps,
            audience=read_conditions(given["for"], self.findings, is_audience=True) if "for" in given else (),
            window=self._window(given["window"]) if "window" in given else Window(),
            gap=self._length(given["gap"], "a gap", _MAX_GAP) if "gap" in given else timedelta(hours=20),
            then=self._name(given["then"]) if "then" in given else None,
            rank=self._rank(given["rank"]) if "rank" in given else 0,
        )
        self._then(sequence, given.get("then"), known)
        check(sequence, self.messages.spoken, self.findings, is_draft=self.is_draft)
        return sequence

    def _then(self, sequence: Sequence, node: yaml.Node | None, known: Collection[str] | None) -> None:
        if node is None:
            return
        if sequence.then == sequence.name:
            self.findings.error(node, "a sequence that follows itself never ends; name another")
        elif known is not None and sequence.then not in known:
            self.findings.warn(
                node, f"no sequence is named {sequence.then!r}: {near(sequence.then or '', sorted(known))}"
            )

    def _name(self, node: yaml.Node | None) -> str:
        said = text(node, "a sequence's name", 40, self.findings) if node is not None else None
        if node is not None and said and not SEQUENCE_NAME.fullmatch(said):
            self.findings.error(node, "names of sequences are small letters, digits and _, such as new_buyer")
        return said or ""

    def _line(self, node: yaml.Node | None, what: str, max_chars: int) -> str:
        return (text(node, what, max_chars, self.findings) or "") if node is not None else ""

    def _start(self, node: yaml.Node | None) -> Start:
        said = plain(self._line(node, "`starts`", 40))
        if node is not None and said and said not in set(Start):
            self.findings.error(node, f"unknown start {said[:40]!r}: {near(said, Start)}")
        return Start(said) if said in set(Start) else Start.BY_HAND

    def _rank(self, node: yaml.Node) -> int:
        said = self._line(node, "`rank`", 10)
        if re.fullmatch(r"-?[0-9]{1,2}", said):
            return int(said)
        self.findings.error(node, "a rank is a whole number from -99 to 99; the higher goes first")
        return 0

    def _length(self, node: yaml.Node, what: str, most: timedelta) -> timedelta:
        said = self._line(node, what, 40)
        span = length(said)
        if said and (span is None or span <= timedelta() or span > most):
            self.findings.error(node, f"{what} is a length of time up to {most.days} days, such as 20 hours or 2 days")
        return span if span and span <= most else timedelta(hours=20)

    def _window(self, node: yaml.Node) -> Window:
        if not isinstance(node, yaml.MappingNode):
            self.findings.error(node, 'a window is {days: mon-sat, from: "9:00", to: "19:30"}')
            return Window()
        given = entries(node, ("days", "from", "to"), "a window", self.findings)
        days, whole = Window().days, Window()
        if "days" in given:
            each = given["days"].value if isinstance(given["days"], yaml.SequenceNode) else [given["days"]]
            said = weekdays(one.value if isinstance(one, yaml.ScalarNode) else "" for one in each)
            if not said:
                self.findings.error(given["days"], "days are written mon-sat, or mon, wed, fri")
            days = said or days
        from_, to = (
            self._clock(given[key]) if key in given else ends for key, ends in (("from", whole.from_), ("to", whole.to))
        )
        if _since_midnight(to) - _since_midnight(from_) < _MIN_HOURS - timedelta(seconds=1):
            self.findings.error(node, "a window holds at least two hours a day, its end after its beginning")
        return Window(days, from_, to)

    def _clock(self, node: yaml.Node) -> time:
        said = self._line(node, "a time of day", 20)
        at = clock(said)
        if said and at is None:
            self.findings.error(node, 'a time of day is written "9:00" or "7:30 pm"')
        return at or time(0)

    # Steps.

    def _steps(self, node: yaml.Node) -> tuple[Step, ...]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.findings.error(node, "steps are a list: `- wait: 1 day`, `- email: …`")
            return ()
        if len(node.value) > MAX_STEPS:
            self.findings.error(
                node.value[MAX_STEPS], f"{len(node.value)} steps; at most {MAX_STEPS}, then another sequence"
            )
        steps = tuple(self._step(each, number) for number, each in enumerate(node.value[:MAX_STEPS], 1))
        places: dict[str, int] = {}
        for position, step in enumerate(steps):
            if step.name in places:
                self.findings.error(step.line, f"two steps are named {step.name}; name one of them anew")
            places.setdefault(step.name, position)
        for position, name, at in self.targets:
            if name not in places:
                self.findings.error(at, f"no step is named {name!r}: {_nearest(name, steps)}")
            elif places[name] <= position:
                self.findings.error(at, f"{name} stands above; a sequence only goes forwards")
        return steps

    def _step(self, node: yaml.Node, number: int) -> Step:
        """The step; one that cannot be read keeps its place, so that the others are judged rightly."""
        given = self._parts(node)
        name = f"step-{number}"
        if "name" in given:
            name = self._step_name(given["name"]) or name
        acts = [key for key in given if key in _ACTS]
        act: Act | None = None
        if len(acts) > 1:
            self.findings.error(given[acts[1]], f"{acts[0]} and {acts[1]} in one step; begin each step with a hyphen")
        elif acts:
            for key in given.keys() - {acts[0], "name", *_OPTIONS.get(acts[0], ())}:
                self.findings.error(given[key], f"`{key}` belongs to a text, not to {acts[0]}")
            act = self._act(acts[0], given[acts[0]], given, number - 1)
        elif given:
            self.findings.error(node, f"a step does one thing: {', '.join(map(_shown, _ACTS))}")
        return Step(name, act or CallTask(""), line(node))

    def _parts(self, node: yaml.Node) -> dict[str, yaml.Node]:
        if isinstance(node, yaml.MappingNode) and node.value:
            return entries(node, (*_ACTS, "name", "else", "else_email"), "a step", self.findings)
        said = node.value.strip() if isinstance(node, yaml.ScalarNode) else ""
        first = plain(said.partition(" ")[0])
        if plain(said) == "stop":
            return {"stop": node}
        if first in _ACTS and " " in said:
            self.findings.error(node, f"write a colon behind {first}: `- {first}: …`")
        else:
            self.findings.error(node, f"a step does one thing: {', '.join(map(_shown, _ACTS))}, as in `- wait: 1 day`")
        return {}

    def _step_name(self, node: yaml.Node) -> str | None:
        said = text(node, "a step's name", 40, self.findings)
        if said and (not NAME.fullmatch(said) or plain(said) in {*_GO_ON, *_ACTS} or re.fullmatch(r"step-\d+", said)):
            self.findings.error(
                node, "names of steps are small letters, digits and hyphens, such as first-text; none of our own words"
            )
        return said

    def _act(self, key: str, node: yaml.Node, given: Mapping[str, yaml.Node], position: int) -> Act | None:
        if key == "text":
            return self.messages.text(node, given)
        if key == "email":
            return self.messages.mail(node)
        if key == "wait":
            return self._wait(node)
        if key == "branch":
            return self._branch(node, position)
        if key == "go_to":
            return Branch((), self._target(node, position), None)
        if key == "stop":
            return self._stop(node)
        says = self._says(node, key)
        return CallTask(says) if key == "call" else Alert(says)

    def _stop(self, node: yaml.Node) -> Stop:
        if not isinstance(node, yaml.ScalarNode) or plain(node.value) not in {"", "stop", "yes"}:
            self.findings.error(node, "`stop` stands alone")
        return Stop()

    def _says(self, node: yaml.Node, key: str) -> str:
        said = self._line(node, f"what the {key} is about", 200)
        if "{{" in said or "{%" in said:
            self.findings.error(
                node, f"the words of a {key} are for the team and are shown as they stand; no {{{{ }}}} here"
            )
        return said

    def _wait(self, node: yaml.Node) -> Wait:
        said = self._line(node, "a wait", 40)
        span, day = length(said), until_day(said)
        if day is not None and 1 <= day <= MAX_WAIT.days:
            return Wait(until_day=day)
        if span is not None and timedelta() < span <= MAX_WAIT:
            return Wait(for_=span)
        if said:
            self.findings.error(
                node,
                f"a wait is 30 minutes, 20 hours, 2 days, until day 7; more than nothing, at most {MAX_WAIT.days} days",
            )
        return Wait(for_=timedelta(days=1))

    def _branch(self, node: yaml.Node, position: int) -> Branch | None:
        if not isinstance(node, yaml.MappingNode):
            self.findings.error(node, "a branch is {if: {temperature: hot}, then: a-step, else: go-on}")
            return None
        given = entries(node, ("if", "then", "else"), "a branch", self.findings)
        if "if" not in given:
            self.findings.error(node, "a branch needs its `if:`; `- go to: a-step` goes on elsewhere without one")
        then, otherwise = (self._target(given[key], position) if key in given else None for key in ("then", "else"))
        if then is None and otherwise is None:
            self.findings.warn(node, "both ways go on below: say `then:` or `else:` with the name of a step")
        conditions = read_conditions(given["if"], self.findings, is_audience=False) if "if" in given else ()
        return Branch(conditions, then, otherwise)

    def _target(self, node: yaml.Node, position: int) -> str | None:
        said = text(node, "where a branch goes", 40, self.findings)
        if said is None or plain(said) in _GO_ON:
            return None
        self.targets.append((position, said, node))
        return said


def _nearest(name: str, steps: Collection[Step]) -> str:
    names = [step.name for step in steps if not step.name.startswith("step-")]
    if plain(name) == "stop":
        return "to end, write `- stop:` with a `name:` below, and go there"
    return near(name, names) if names else "give a step below a `name:`"


def _shown(key: str) -> str:
    return key.replace("_", " ")


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
