"""YAML as a text with lines, and nothing else of YAML: no anchors, no tags, no types, nothing twice, nothing deep.

What people write is hostile input like any other: its size, its nodes and its depth are bounded while it is read.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from leadwake.domain.template import Problem

MAX_SOURCE_BYTES: Final = 100_000
MAX_NODES: Final = 2_000
MAX_DEPTH: Final = 10

_UNSENDABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
#: what the parser says → what to do about it
_ADVICE: Final = (
    (
        r"cannot start any token|tab",
        "a tab or a sign that cannot stand here; indent with spaces, put texts into quotes",
    ),
    (r"mapping values are not allowed", "a colon where none can be; put a text that holds a colon into quotes"),
    (r"expected a single document", "--- begins a second sequence; one file holds one"),
    (r"unexpected end of stream|document separator", "a quote is opened here and never closed"),
    (r"unknown escape|escape sequence", "a backslash that means nothing; write two, or use single quotes"),
    (r"expected ',' or", "a bracket is never closed, or a text in it needs quotes"),
    (r"could not find expected ':'", "a line without its colon"),
    (r"expected <block end>", "does not stand below the lines it belongs to; check the spaces before it, and quotes"),
)
_BRACES: Final = re.compile(r"(?:[:-]|^)\s+\{\{")


@dataclass(slots=True)
class Findings:
    """Everything that is wrong or doubtful, as it is found."""

    problems: list[Problem] = field(default_factory=list)

    def error(self, where: yaml.Node | int, text: str) -> None:
        """Cannot be used like that."""
        self.problems.append(Problem(text, line(where)))

    def warn(self, where: yaml.Node | int, text: str) -> None:
        """Can be used; think again."""
        self.problems.append(Problem(text, line(where), is_error=False))

    @property
    def has_errors(self) -> bool:
        """True when it cannot be used."""
        return any(problem.is_error for problem in self.problems)

    def sorted(self) -> list[Problem]:
        """Each once, from the first line to the last."""
        return sorted(dict.fromkeys(self.problems), key=lambda problem: (problem.line or 0, not problem.is_error))


def line(where: yaml.Node | int) -> int:
    """The 1-based line where something begins."""
    return where if isinstance(where, int) else where.start_mark.line + 1


def read_tree(source: str, findings: Findings) -> yaml.MappingNode | None:
    """The nodes of a document that is a mapping; None when it is none, or none that can be read."""
    if len(source) > MAX_SOURCE_BYTES or len(source.encode("utf-8", "surrogatepass")) > MAX_SOURCE_BYTES:
        findings.error(1, f"longer than {MAX_SOURCE_BYTES // 1000} KB; a sequence is a page or two")
        return None
    try:
        root = _Loader(source, findings).get_single_node()
    except _Abandoned:
        return None
    except yaml.reader.ReaderError as error:
        findings.error(source.count("\n", 0, error.position) + 1, "holds a character that cannot be sent; type it anew")
        return None
    except yaml.MarkedYAMLError as error:
        findings.problems.append(_broken(source, error))
        return None
    except (yaml.YAMLError, ValueError, OverflowError):
        findings.error(1, "cannot be read; check backslashes, and lines that begin with %")
        return None
    if root is None or (isinstance(root, yaml.ScalarNode) and not root.value.strip()):
        findings.error(1, "is empty; begin with `sequence:` and its name")
    elif not isinstance(root, yaml.MappingNode):
        findings.error(root, "begin with `sequence:` and its name, then a key and its value on each line")
    else:
        return root
    return None


def entries(node: yaml.MappingNode, known: Iterable[str], what: str, findings: Findings) -> dict[str, yaml.Node]:
    """The values by their keys, those that are known; the others are told. what: "a step", "the window", …"""
    found: dict[str, yaml.Node] = {}
    for key, value in pairs(node):
        if (name := plain(key.value)) not in known:
            findings.error(key, f"unknown key {key.value[:40]!r} in {what}: {_advice(key, value, known)}")
        else:
            found.setdefault(name, value)
    return found


def pairs(node: yaml.MappingNode) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    """Keys and values, but for keys that are no text: those are told by the loader."""
    return ((key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode))


def plain(key: str) -> str:
    """A key however it is spelled: "Call task", "call-task" and "call_task" are one."""
    return re.sub(r"[\s-]+", "_", key.strip().lower())


def near(word: str, known: Iterable[str]) -> str:
    """ "did you mean …?", or all there are."""
    known = list(known)
    found = difflib.get_close_matches(plain(word[:60]), known, 1, 0.5)
    return f"did you mean {shown(found[0])}?" if found else f"there are {', '.join(map(shown, known))}"


def shown(key: str) -> str:
    """A key as it is written: "call task"."""
    return key.replace("_", " ") if key in {"call_task", "at_least", "go_to"} else key


def text(node: yaml.Node, what: str, max_chars: int, findings: Findings) -> str | None:
    """One line of text, None when it is none. what: "the title", …"""
    if not isinstance(node, yaml.ScalarNode):
        findings.error(node, f"{what} is a text; put it into quotes when it begins with a bracket")
        return None
    said = " ".join(node.value.split())
    if not said:
        findings.error(node, f"{what} is empty; write it or leave the line out")
    elif len(said) > max_chars:
        findings.error(node, f"{what} has {len(said)} characters; at most {max_chars}")
    else:
        return said
    return None


def texts(node: yaml.Node, what: str, findings: Findings) -> list[yaml.ScalarNode]:
    """One text, or the texts of a list."""
    given = node.value if isinstance(node, yaml.SequenceNode) else [node]
    good = [each for each in given if isinstance(each, yaml.ScalarNode) and each.value.strip()]
    if len(good) < len(given) or not given:
        findings.error(node, f"{what}: write one, or several as [one, another]")
    return good


def _advice(key: yaml.ScalarNode, value: yaml.Node, known: Iterable[str]) -> str:
    if key.value == "<<":
        return "merging is not for sequences; write it out"
    advice = near(key.value, known)
    is_cut = isinstance(value, yaml.ScalarNode) and not value.value and not advice.startswith("did you")
    return "put a text that holds a comma or a bracket into quotes" if is_cut else advice


def _broken(source: str, error: yaml.MarkedYAMLError) -> Problem:
    said = f"{error.context or ''} {error.problem or ''}"
    mark = error.problem_mark or error.context_mark
    number = mark.line + 1 if mark else 1
    if "unexpected end of stream" in said and error.context_mark:
        number = error.context_mark.line + 1
    lines = source.splitlines()
    if "mapping values" not in said and any(
        _BRACES.search(lines[place]) for place in {number - 1, number - 2} if 0 <= place < len(lines)
    ):
        return Problem("put a text that begins with {{ into quotes", number)
    for pattern, advice in _ADVICE:
        if re.search(pattern, said):
            return Problem(advice, number)
    return Problem(f"cannot be read: {' '.join(said.split())[:120]}", number)


class _Abandoned(Exception):
    """Reading goes no further; the findings say why."""


class _Loader(yaml.SafeLoader):
    """Composes nodes within the bounds. What is not ours is told and stepped over, so that all is told at once."""

    def __init__(self, source: str, findings: Findings) -> None:
        self.findings = findings
        self.nodes = 0
        self.depth = 0
        super().__init__(source)

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        """Everything is text: a time stays "9:00", and "no" is a word."""
        del kind, value, implicit
        return "text"

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The node that begins here."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        self.nodes += 1
        self.depth += 1
        if self.nodes > MAX_NODES:
            self._abandon(event, f"holds more than {MAX_NODES:,} things; split it into two sequences")
        if self.depth > MAX_DEPTH:
            self._abandon(event, "is nested too deep; a sequence is a list of steps")
        if isinstance(event, yaml.AliasEvent):
            node: Any = self._alias(event)
        else:
            self._strip(event)
            node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """The mapping, its keys texts and each there once."""
        node = super().compose_mapping_node(anchor)
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.findings.error(
                    key, "a bracket where a key should be; put texts that begin with { or [ into quotes"
                )
            elif (name := plain(key.value)) in seen:
                self.findings.error(key, f"{key.value[:40]!r} is there twice, already on line {seen[name]}; keep one")
            else:
                seen[name] = line(key)
        return node

    def _alias(self, event: Any) -> yaml.ScalarNode:
        self.get_event()  # type: ignore[no-untyped-call]
        self._refuse(event, f"*{event.anchor[:40]} repeats another place; write it out, and put texts into quotes")
        return yaml.ScalarNode("text", "…", event.start_mark, event.end_mark)

    def _strip(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse(event, f"&{event.anchor[:40]} names a place; leave it out, and put texts into quotes")
            event.anchor = None
        if event.tag is not None:
            self._refuse(event, f"{event.tag[:40]} names a kind of value; leave it out, and put texts into quotes")
            event.tag = None
        if isinstance(event, yaml.ScalarEvent) and _UNSENDABLE.search(event.value.replace("\r", "")):
            self._refuse(event, "holds a character that cannot be sent; type it anew")

    def _refuse(self, event: Any, why: str) -> None:
        self.findings.error(event.start_mark.line + 1, why)

    def _abandon(self, event: Any, why: str) -> None:
        self._refuse(event, why)
        raise _Abandoned
