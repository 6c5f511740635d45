"""What is wrong with a template before it is ever sent: the law's words, holes, costs.

Errors must be mended before saving; the rest are second thoughts. Each template is also rendered as it will be: with
the example values, with every optional one absent, and with nothing known at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple

from leadwake.domain.segments import MAX_TEXT_CHARS, costly_characters, plain_typography, segments, shorteners_in
from leadwake.domain.template import Problem, Template, TemplateRefused, compile_template, line_of, outputs, render
from leadwake.domain.values import Purpose
from leadwake.domain.variables import FOR_LEADS, VARIABLES, examples, fallback

_OPT_OUT: Final = re.compile(
    r"\b(?:reply|text|send|answer|txt|respond[ae]|contest[ae]|env[ií][ae]|escrib[ae]|mand[ae])\b[^.!?\n]{0,40}\bstop\b",
    re.IGNORECASE,
)
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
    r"|\b(?:unmonitored|unattended)\b|\breplies (?:are|will) not\b|\bno (?:responda|respondas|conteste|contestes)\b",
    re.IGNORECASE,
)
_REPLY_MARK: Final = re.compile(r"^\s*(?:re|fwd?|aw|wg)\s*:", re.IGNORECASE)


class Occasion(NamedTuple):
    """What a message is for. language: of a sequence's message, None for the texts of Setup, Messages."""

    purpose: Purpose = Purpose.INSTANT_REPLY
    language: str | None = None


FIRST_REPLY: Final = Occasion()


@cache
def known(language: str | None) -> tuple[Mapping[str, str], ...]:
    """Values as there may be: all of them, without what is optional, and none."""
    shown = examples(language)
    return shown, {name: value for name, value in shown.items() if name not in optional(language)}, {}


@cache
def optional(language: str | None) -> frozenset[str]:
    """The variables that may be absent, so that their sentences belong inside {% if … %}."""
    return frozenset(name for name in VARIABLES if not fallback(name, language))


def lint_sms(source: str, occasion: Occasion = FIRST_REPLY) -> list[Problem]:
    """Problems of an automated text to a lead, errors first; empty when it is fit to send."""
    return _lint(source, occasion, _text_problems)


def lint_email(source: str, occasion: Occasion = FIRST_REPLY) -> list[Problem]:
    """Problems of the body of an automated mail to a lead (its foot with the postal address is added by itself)."""
    return _lint(source, occasion, _names_business)


def lint_subject(source: str, occasion: Occasion = FIRST_REPLY) -> list[Problem]:
    """Problems of the subject of an automated mail to a lead."""
    return _lint(source, occasion, _subject_problems)


def _lint(source: str, occasion: Occasion, of_kind: Callable[[Template], Iterator[Problem]]) -> list[Problem]:
    try:
        template = compile_template(source, language=occasion.language)
    except TemplateRefused as refused:
        return refused.problems
    found = [*_holes(template), *_wording(template), *of_kind(template)]
    found.extend(_marketing(template) if occasion.purpose is Purpose.MARKETING else _promotion(template))
    return sorted(dict.fromkeys(found), key=lambda problem: not problem.is_error)


def _text_problems(template: Template) -> Iterator[Problem]:
    rendered = [plain_typography(render(template, values)) for values in known(template.language)]
    yield from _names_business(template)
    if not all(_OPT_OUT.search(text) for text in rendered):
        yield Problem("does not always say how to opt out; add {{ opt_out_line }}")
    if "texts_link" in template.variables:
        yield Problem("{{ texts_link }} is for e-mails: who gets a text has agreed to texts")
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


def _subject_problems(template: Template) -> Iterator[Problem]:
    variants = known(template.language)
    shown = render(template, variants[0])
    if not all(render(template, values) for values in variants):
        yield Problem("a subject must never be empty; write some words outside {% if %}")
    if _REPLY_MARK.match(shown):
        yield Problem("what answers nothing must not pretend to be a reply; drop Re: or Fwd:")
    if "\n" in shown:
        yield Problem("a subject is one line; join its lines", is_error=False)
    if len(shown) > 78:
        yield Problem(f"{len(shown)} characters; phones show the first 40 or so", is_error=False)


def _names_business(template: Template) -> Iterator[Problem]:
    # With each variant, for the name may stand inside an {% if %} that is not always true. R-TCPA-8.
    for values in known(template.language):
        if values.get("business.name", fallback("business.name", template.language)) not in render(template, values):
            yield Problem("does not always name the business; add {{ business.name }} outside any {% if %}")
            return


def _holes(template: Template) -> Iterator[Problem]:
    for name, tested, index in outputs(template.bound):
        if name in optional(template.language) and name not in tested:
            yield Problem(
                f"{name} may be missing; put its sentence between {{% if {name} %}} and {{% endif %}}",
                line_of(template.source, index),
            )


def _marketing(template: Template) -> Iterator[Problem]:
    """What goes out long after the inquiry may promote, and may not say what only the team is to know."""
    for name in template.variables:
        if name not in FOR_LEADS:
            yield Problem(f"{name} is for the team or for other messages; a sequence cannot say it to a lead")
    if template.language not in {None, "en"} and "enrichment.title" in template.variables:
        yield Problem("enrichment.title comes in English", is_error=False)


def _promotion(template: Template) -> Iterator[Problem]:
    for values in known(template.language):
        for match in _PROMOTION.finditer(render(template, values)):
            yield Problem(f"{match[0]!r} reads as promotion, which the reply to an inquiry must not hold")


def _wording(template: Template) -> Iterator[Problem]:
    if "lead.message" in template.variables:
        # Anybody can type somebody else's number into a form, with a message of their own.
        yield Problem("{{ lead.message }} lets a stranger send their words in your name; leave it out", is_error=False)
    for match in _STAND_IN.finditer(template.source):
        yield Problem(
            f"{match[0]!r} looks like a place to fill, and nothing fills it; variables are written {{{{ like.this }}}}",
            line_of(template.source, match.start()),
        )
    for values in known(template.language):
        text = render(template, values)
        for host in shorteners_in(text):
            yield Problem(f"{host} is a public link shortener, which carriers block; write the full link")
        if one_way := _ONE_WAY.search(text):
            yield Problem(f"{one_way[0]!r} turns people away; they must be able to answer, and to stop by answering")
