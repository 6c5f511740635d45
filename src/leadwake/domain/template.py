"""Liquid templates that people write, within strict limits, and never with a hole where a value is missing.

Allowed: {{ variable }}, the filters of FILTERS, {% if %}, {% unless %}, {% case %} and {% comment %}. There are no
loops, assignments or includes: nothing here is a list, and what cannot repeat cannot run away.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

from liquid import Environment, StrictUndefined
from liquid.ast import Node
from liquid.builtin.expressions import Path
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.exceptions import LiquidError
from liquid.expression import Expression
from liquid.template import BoundTemplate

from leadwake.domain.segments import MAX_TEXT_CHARS, plain_typography
from leadwake.domain.variables import EXAMPLES, VARIABLES, fallback
from leadwake.domain.variables import MAX_TEXT_CHARS as MAX_VALUE_CHARS
from leadwake.errors import InputError, RuleError

TAGS: Final = ("if", "unless", "case", "comment")
FILTERS: Final = (
    "default",
    "capitalize",
    "upcase",
    "downcase",
    "strip",
    "truncate",
    "truncatewords",
    "append",
    "prepend",
)
MAX_SOURCE_CHARS: Final = 10_000
MAX_OUTPUT_BYTES: Final = 100_000
MAX_SUBJECT_CHARS: Final = 200

# Tags that Liquid needs under names of its own: literal text, {{ output }}, and the error for unknown tags.
_INTERNAL_TAGS: Final = frozenset({"content", "output", "illegal", "#"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend. line: 1-based, None when it is about the whole; is_error False: sending works, think again."""

    text: str
    line: int | None = None
    is_error: bool = True

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}" if self.line else self.text


class TemplateRefused(InputError):
    """The template cannot be used; `problems` say where and what to do."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__({"template": " · ".join(str(problem) for problem in self.problems)})


class TextTooLong(RuleError):
    """A rendered text is longer than a text may be; it is never cut."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template that compiled. variables: those it uses, in the catalogue's order; language: of a sequence's one."""

    source: str
    variables: tuple[str, ...]
    bound: BoundTemplate
    language: str | None = None


class _Liquid(Environment):
    block_nesting_limit = 10
    context_depth_limit = 10
    loop_iteration_limit = 100  # no tag loops; a floor under whoever adds one
    local_namespace_limit = 10_000
    output_stream_limit = MAX_OUTPUT_BYTES

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        self.tags = {name: tag for name, tag in self.tags.items() if name in _INTERNAL_TAGS or name in TAGS}
        self.filters = {name: function for name, function in self.filters.items() if name in FILTERS}


_TEXT: Final = _Liquid(undefined=StrictUndefined)
_HTML: Final = _Liquid(undefined=StrictUndefined, autoescape=True)


@lru_cache(maxsize=1024)
def compile_template(source: str, *, html: bool = False, language: str | None = None) -> Template:
    """
    The template, checked: known variables, tags and filters only, and it renders whatever the values.

    html: values are HTML-escaped where they are put in. language: of a message of a sequence, whose missing values are
    stood in for in that language. Raises TemplateRefused. The same source is checked once: each process asks for all of
    them whenever anything of the office changes.
    """
    if len(source) > MAX_SOURCE_CHARS:
        raise TemplateRefused([Problem(f"longer than {MAX_SOURCE_CHARS:,} characters; shorten it")])
    if re.search("[\ud800-\udfff\0]", source):
        raise TemplateRefused([Problem("holds characters that cannot be sent; type the text anew")])
    try:
        bound = (_HTML if html else _TEXT).from_string(source)
        problems, used = _check(source, bound)
    except LiquidError as error:
        raise TemplateRefused([_problem(source, error)]) from None
    except RecursionError:
        raise TemplateRefused([Problem("nested too deep; simplify it")]) from None
    if problems:
        raise TemplateRefused(problems)
    template = Template(source, tuple(name for name in VARIABLES if name in used), bound, language)
    for values in (EXAMPLES, {}, dict.fromkeys(VARIABLES, "w" * MAX_VALUE_CHARS)):
        render(template, values)
    return template


def render(template: Template, values: Mapping[str, str | None]) -> str:
    """
    The text, its values made safe, spaces and blank lines tidied.

    values: {"lead.first_name": "Maria", …}; what is missing or blank takes its fallback.
    Raises TemplateRefused when the template does what `compile_template` could not foresee.
    """
    data: dict[str, Any] = {}
    for name in template.variables:
        group, dot, key = name.partition(".")
        target = data.setdefault(group, {}) if dot else data
        target[key or group] = _value(name, values.get(name), template.language)
    try:
        return _tidy(template.bound.render(data))
    except LiquidError as error:
        raise TemplateRefused([_problem(template.source, error)]) from None


def render_text(template: Template, values: Mapping[str, str | None]) -> str:
    """The body of a text message. Raises TextTooLong above 1,600 characters, which no carrier of ours takes."""
    body = plain_typography(render(template, values))
    if len(body) > MAX_TEXT_CHARS:
        raise TextTooLong(f"the text has {len(body):,} characters; at most {MAX_TEXT_CHARS:,} can be sent")
    return body


def render_subject(template: Template, values: Mapping[str, str | None]) -> str:
    """The subject of a mail: one line, at most 200 characters."""
    return " ".join(render(template, values).split())[:MAX_SUBJECT_CHARS].rstrip()


@cache
def default_source(name: str) -> str:
    """The text we ship: `instant_reply.sms`, `instant_reply.subject`, `instant_reply.email`, `staff_alert.sms`, …"""
    return (resources.files("leadwake.domain") / "default_templates" / f"{name}.liquid").read_text("utf-8")


def outputs(bound: BoundTemplate) -> Iterator[tuple[str, frozenset[str], int]]:
    """Each variable written, with the names tested around it or defaulted in it, and its place in the source."""
    yield from _outputs(bound.nodes, frozenset(), bound)


def _outputs(
    nodes: Iterable[Node], tested: frozenset[str], bound: BoundTemplate
) -> Iterator[tuple[str, frozenset[str], int]]:
    context = bound.context_class(bound)
    for node in nodes:
        children = list(node.children(context))
        here = list(_paths(node.expressions()))
        if children:
            yield from _outputs(children, tested | {str(path) for path in here}, bound)
            continue
        filters = {f.name for e in node.expressions() for f in getattr(e, "filters", None) or ()}
        for path in here:
            yield str(path), tested | ({str(path)} if "default" in filters else set()), path.token.start_index


def _check(source: str, bound: BoundTemplate) -> tuple[list[Problem], set[str]]:
    """What the template uses that it may not, and the variables it uses."""
    problems, used = [], set()
    analysis = bound.analyze(include_partials=False)
    for variables in analysis.variables.values():
        for variable in variables:
            if str(variable) in VARIABLES:
                used.add(str(variable))
            else:
                problems.append(
                    Problem(_unknown("variable", str(variable), VARIABLES), line_of(source, variable.span.index))
                )
    for name, spans in analysis.filters.items():
        if name not in FILTERS:
            problems.append(Problem(_unknown("filter", name, FILTERS), line_of(source, spans[0].index)))
    problems.extend(
        Problem("ranges such as (1..9) are not for messages", line_of(source, expression.token.start_index))
        for expression in _expressions(bound.nodes, bound)
        if isinstance(expression, RangeLiteral)
    )
    return problems, used


def _expressions(nodes: Iterable[Node], bound: BoundTemplate) -> Iterator[Expression]:
    context = bound.context_class(bound)
    for node in nodes:
        yield from _within(node.expressions())
        yield from _expressions(node.children(context), bound)


def _within(expressions: Iterable[Expression]) -> Iterator[Expression]:
    for expression in expressions:
        yield expression
        yield from _within(expression.children())


def _paths(expressions: Iterable[Expression]) -> Iterator[Path]:
    return (expression for expression in _within(expressions) if isinstance(expression, Path))


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    known = list(known)
    last = name.rpartition(".")[2]
    near = [k for k in known if k.rpartition(".")[2] == last] or difflib.get_close_matches(name, known, 1, 0.5)
    advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return f"unknown {what} {name[:60]!r}: {advice}"


def _value(name: str, given: str | None, language: str | None) -> str | None:
    # None, not "", for what is absent: in Liquid an empty string is true.
    return (VARIABLES[name].clean(given) if given else "") or fallback(name, language) or None


def _tidy(text: str) -> str:
    lines = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    return (re.sub(r"\n{3,}", "\n\n", lines) if "\n\n\n" in lines else lines).strip()


def line_of(source: str, index: int) -> int:
    """The 1-based line that a place in the source is on."""
    return source.count("\n", 0, max(index, 0)) + 1


def _problem(source: str, error: LiquidError) -> Problem:
    line = (
        line_of(source, error.token.start_index) if error.token is not None and error.token.start_index >= 0 else None
    )
    text = " ".join(str(error.message).split())
    tag = re.search(r"(?:unknown|unexpected) tag '(\w{1,30})'", text)
    if tag and tag[1] not in {"endif", "endunless", "endcase", "else", "elsif", "when"}:
        return Problem(f"{{% {tag[1]} %}} is not for messages; there are {', '.join(TAGS)}", line)
    return Problem(f"{text}; check that each {{{{ has its }}}} and each {{% if %}} its {{% endif %}}", line)
