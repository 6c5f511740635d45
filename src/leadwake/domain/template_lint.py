"""What is wrong with a template before it is ever sent: the law's words, holes, costs.

Errors must be mended before saving; the rest are second thoughts. Each template is also rendered as it will be: with
the example values, with every optional one absent, and with nothing known at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from leadwake.domain.segments import MAX_TEXT_CHARS, costly_characters, plain_typography, segments, shorteners_in
from leadwake.domain.template import Problem, Template, TemplateRefused, compile_template, line_of, outputs, render
from leadwake.domain.variables import EXAMPLES, VARIABLES

_OPT_OUT: Final = re.compile(r"\b(?:reply|text|send|answer|txt)\b[^.!?\n]{0,40}\bstop\b", re.IGNORECASE)
_STAND_IN: Final = re.compile(
    r"(?<!\{)\{\s*\w[\w .]{0,40}\}(?!\})"  # {first_name}
    r"|\[[A-Z][A-Z_ ]{2,40}\]"  # [NAME]
    r"|<<[^>\n]{1,40}>>|%[A-Z_]{3,40}%|\*\|[A-Z_]{2,40}\|\*",  # <<name>>, %NAME%, *|NAME|*
    re.IGNORECASE,
)
# R-TCPA-3: one promotional sentence makes the reply to an inquiry marketing, which needs written consent.
_PROMOTION: Final = re.compile(
    r"\b\d{1,3} ?% off\b|\bdiscounts?\b|\bspecial (?:offer|deal|price)s?\b|\blimited[- ]time\b|\bact now\b"
    r"|\bpromo(?:tion|s)?\b|\bfree (?:quote|gift|consultation|estimate|valuation|trial)s?\b|\bon sale\b|\bgiveaway\b"
    r"|\bsave (?:up to )?\$?\d|\b(?:lowest|best) (?:rate|price)s?\b|\bexclusive (?:offer|deal|listing)s?\b"
    r"|\bdon't miss\b|\blast chance\b|\bnew listings\b",
    re.IGNORECASE,
)
# R-REV-9: whoever is written to must be able to answer, and by answering to stop.
_ONE_WAY: Final = re.compile(
    r"\b(?:do not|don[’']?t|can ?not|can[’']?t|please do not) (?:reply|respond|answer)\b|\bno-?reply\b"
    r"|\b(?:unmonitored|unattended)\b|\breplies (?:are|will) not\b",
    re.IGNORECASE,
)
_REPLY_MARK: Final = re.compile(r"^\s*(?:re|fwd?|aw|wg)\s*:", re.IGNORECASE)

_OPTIONAL: Final = frozenset(name for name, variable in VARIABLES.items() if variable.is_optional)
_VARIANTS: Final[tuple[Mapping[str, str], ...]] = (
    EXAMPLES,
    {name: example for name, example in EXAMPLES.items() if name not in _OPTIONAL},
    {},
)


def lint_sms(source: str) -> list[Problem]:
    """Problems of a first text to a lead, errors first; empty when it is fit to send."""
    return _lint(source, _text_problems)


def lint_email(source: str) -> list[Problem]:
    """Problems of the body of a first mail to a lead (its foot with the postal address is added by itself)."""
    return _lint(source, _body_problems)


def lint_subject(source: str) -> list[Problem]:
    """Problems of the subject of a first mail to a lead."""
    return _lint(source, _subject_problems)


def _lint(source: str, of_kind: Callable[[Template], Iterator[Problem]]) -> list[Problem]:
    try:
        template = compile_template(source)
    except TemplateRefused as refused:
        return refused.problems
    found = [*_holes(template), *_wording(template), *of_kind(template)]
    return sorted(dict.fromkeys(found), key=lambda problem: not problem.is_error)


def _text_problems(template: Template) -> Iterator[Problem]:
    rendered = [plain_typography(render(template, values)) for values in _VARIANTS]
    yield from _names_business(template)
    if not all(_OPT_OUT.search(text) for text in rendered):
        yield Problem("does not always say how to opt out; add {{ opt_out_line }}")
    shown = rendered[0]
    if len(shown) > MAX_TEXT_CHARS:
        yield Problem(f"{len(shown):,} characters with example values; at most {MAX_TEXT_CHARS:,} can be sent")
    cost = segments(shown)
    if costly := costly_characters(shown):
        marks = " ".join(costly[:8])
        yield Problem(
            f"{marks} cannot be sent in the cheap alphabet: {cost.count} segments; leave it out", is_error=False
        )
    elif cost.count > 1:
        yield Problem(f"{cost.units} characters: {cost.count} segments, each billed; one holds 160", is_error=False)


def _body_problems(template: Template) -> Iterator[Problem]:
    yield from _names_business(template)


def _subject_problems(template: Template) -> Iterator[Problem]:
    shown = render(template, EXAMPLES)
    if not all(render(template, values) for values in _VARIANTS):
        yield Problem("a subject must never be empty; write some words outside {% if %}")
    if _REPLY_MARK.match(shown):
        yield Problem("a first message must not pretend to be a reply; drop Re: or Fwd:")
    if "\n" in shown:
        yield Problem("a subject is one line; join its lines", is_error=False)
    if len(shown) > 78:
        yield Problem(f"{len(shown)} characters; phones show the first 40 or so", is_error=False)


def _names_business(template: Template) -> Iterator[Problem]:
    # With each variant, for the name may stand inside an {% if %} that is not always true. R-TCPA-8.
    name = VARIABLES["business.name"]
    for values in _VARIANTS:
        if values.get("business.name", name.fallback) not in render(template, values):
            yield Problem("does not always name the business; add {{ business.name }} outside any {% if %}")
            return


def _holes(template: Template) -> Iterator[Problem]:
    for name, tested, index in outputs(template.bound):
        if name in _OPTIONAL and name not in tested:
            yield Problem(
                f"{name} may be missing; put its sentence between {{% if {name} %}} and {{% endif %}}",
                line_of(template.source, index),
            )


def _wording(template: Template) -> Iterator[Problem]:
    if "lead.message" in template.variables:
        # Anybody can type somebody else's number into a form, with a message of their own.
        yield Problem("{{ lead.message }} lets a stranger send their words in your name; leave it out", is_error=False)
    for match in _STAND_IN.finditer(template.source):
        yield Problem(
            f"{match[0]!r} looks like a place to fill, and nothing fills it; variables are written {{{{ like.this }}}}",
            line_of(template.source, match.start()),
        )
    for values in _VARIANTS:
        text = render(template, values)
        for host in shorteners_in(text):
            yield Problem(f"{host} is a public link shortener, which carriers block; write the full link")
        if one_way := _ONE_WAY.search(text):
            yield Problem(f"{one_way[0]!r} turns people away; they must be able to answer, and to stop by answering")
        for match in _PROMOTION.finditer(text):
            yield Problem(f"{match[0]!r} reads as promotion, which the reply to an inquiry must not hold")
