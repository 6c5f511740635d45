"""The words of a sequence's texts and mails: in each language, in variants, checked as what is sent must be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

import yaml

from leadwake.domain.sequence.model import LANGUAGES, Else, Message, Variant, Words
from leadwake.domain.sequence.tree import Findings, entries, line, near, pairs, plain, text
from leadwake.domain.template import Problem, Template, TemplateRefused, compile_template
from leadwake.domain.template_lint import Occasion, lint_email, lint_sms, lint_subject
from leadwake.domain.values import Purpose

NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
LANGUAGE_NAMES: Final[Mapping[str, str]] = {"en": "English", "es": "Spanish"}
_MAX_VARIANTS: Final = 5
_ELSE: Final[Mapping[str, Else]] = {
    "email": Else.EMAIL,
    "call_task": Else.CALL_TASK,
    "call": Else.CALL_TASK,
    "skip": Else.SKIP,
}

_Lint = Callable[[str, Occasion], list[Problem]]


class Messages:
    """
    Reads messages. is_draft: also says what is unlawful or unwise, which a sequence that was published is past.

    spoken: the line of each text, subject and body, with the languages it is in.
    """

    def __init__(self, findings: Findings, source: str, *, is_draft: bool) -> None:
        self.findings = findings
        self.source = source
        self.is_draft = is_draft
        self.spoken: dict[int, tuple[str, ...]] = {}

    def text(self, node: yaml.Node, options: Mapping[str, yaml.Node]) -> Message:
        """A text, and what takes its place where it may not be sent."""
        variants = self._variants(node, self._text_words)
        instead, mail = self._instead(node, options)
        return Message("sms", variants, instead, mail)

    def mail(self, node: yaml.Node) -> Message:
        """A mail."""
        return Message("email", self._variants(node, self._mail_words))

    def _instead(self, node: yaml.Node, options: Mapping[str, yaml.Node]) -> tuple[Else, Variant | None]:
        said, mail = options.get("else"), options.get("else_email")
        chosen = self._else(said) if said is not None else Else.EMAIL if mail is not None else None
        if chosen is None:
            self.findings.warn(
                node, "most leads may not be texted: say what else, `else: email`, `call task` or `skip`"
            )
        if chosen is Else.EMAIL and mail is None:
            self.findings.error(
                said or node, "write the e-mail that takes its place: `else_email:` with subject and body"
            )
        if mail is not None and chosen is not Else.EMAIL:
            self.findings.error(mail, "an e-mail that is never sent; say `else: email`")
        words = self._mail_words(mail) if mail is not None else {}
        return chosen or Else.SKIP, Variant("else", 1, words) if words else None

    def _else(self, node: yaml.Node) -> Else | None:
        said = plain(node.value) if isinstance(node, yaml.ScalarNode) else ""
        if said not in _ELSE:
            self.findings.error(node, f"unknown `else`: {near(said, ('email', 'call_task', 'skip'))}")
        return _ELSE.get(said, Else.SKIP)

    def _variants(self, node: yaml.Node, words: Callable[[yaml.Node], dict[str, Words]]) -> tuple[Variant, ...]:
        listed = _variants_of(node)
        if listed is None:
            said = words(node)
            return (Variant("only", 1, said),) if said else ()
        if isinstance(node, yaml.MappingNode) and len(node.value) > 1:
            self.findings.error(node, "either variants or one wording, not both")
        if not isinstance(listed, yaml.SequenceNode) or not 1 <= len(listed.value) <= _MAX_VARIANTS:
            self.findings.error(listed, f"variants are a list of one to {_MAX_VARIANTS}, each with a name")
            return ()
        found = [variant for each in listed.value if (variant := self._variant(each, words))]
        for variant, each in zip(found, listed.value, strict=False):
            if sum(other.name == variant.name for other in found) > 1:
                self.findings.error(each, f"two variants are named {variant.name}; results could not be told apart")
        if len({frozenset(variant.words) for variant in found}) > 1:
            self.findings.error(listed, "variants are in the same languages, or a language decides who gets which")
        return tuple(found)

    def _variant(self, node: yaml.Node, words: Callable[[yaml.Node], dict[str, Words]]) -> Variant | None:
        if not isinstance(node, yaml.MappingNode):
            self.findings.error(node, "a variant has a name, a weight if you like, and its words")
            return None
        own = {plain(key.value): value for key, value in pairs(node)}
        rest = [(key, value) for key, value in pairs(node) if plain(key.value) not in {"name", "weight"}]
        said = words(yaml.MappingNode(node.tag, rest, node.start_mark, node.end_mark))
        name = text(own["name"], "a variant's name", 40, self.findings) if "name" in own else None
        if "name" not in own:
            self.findings.error(node, "a variant needs a name, to tell results by")
        elif name is not None and (not NAME.fullmatch(name) or name in {"only", "else"}):
            self.findings.error(own["name"], "names are small letters, digits and hyphens, such as short-one; not else")
        weight = self._weight(own["weight"]) if "weight" in own else 1
        return Variant(name, weight, said) if name and said else None

    def _weight(self, node: yaml.Node) -> int:
        said = node.value.strip() if isinstance(node, yaml.ScalarNode) else ""
        if said.isascii() and said.isdigit() and len(said) <= 2 and int(said) >= 1:
            return int(said)
        self.findings.error(node, "a weight is a whole number from 1 to 99")
        return 1

    def _text_words(self, node: yaml.Node) -> dict[str, Words]:
        said = self._templates(node, "a text", lint_sms)
        return {language: Words(body) for language, body in said.items()}

    def _mail_words(self, node: yaml.Node) -> dict[str, Words]:
        if not isinstance(node, yaml.MappingNode):
            self.findings.error(node, "an e-mail has `subject:` and `body:`")
            return {}
        given = entries(node, ("subject", "body"), "an e-mail", self.findings)
        if missing := [key for key in ("subject", "body") if key not in given]:
            self.findings.error(node, f"an e-mail needs its {' and its '.join(missing)}")
            return {}
        subjects = self._templates(given["subject"], "a subject", lint_subject)
        bodies = self._templates(given["body"], "a body", lint_email)
        for language in LANGUAGES:
            if subjects and bodies and (language in subjects) is not (language in bodies):
                lacks = "body" if language in subjects else "subject"
                self.findings.error(given[lacks], f"the {lacks} is missing in {LANGUAGE_NAMES[language]} ({language})")
        return {each: Words(bodies[each], subjects[each]) for each in LANGUAGES if each in bodies and each in subjects}

    def _templates(self, node: yaml.Node, what: str, lint: _Lint) -> dict[str, Template]:
        """By language, in the order of LANGUAGES."""
        if isinstance(node, yaml.ScalarNode):
            given: Mapping[str, yaml.Node] = {LANGUAGES[0]: node}
        elif isinstance(node, yaml.MappingNode) and node.value:
            given = entries(node, LANGUAGES, what, self.findings)
        else:
            self.findings.error(node, f"{what} is words, or {{en: …, es: …}}")
            return {}
        self.spoken[line(node)] = tuple(given)
        found = {each: self._template(given[each], what, each, lint) for each in LANGUAGES if each in given}
        return {language: template for language, template in found.items() if template is not None}

    def _template(self, node: yaml.Node, what: str, language: str, lint: _Lint) -> Template | None:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self.findings.error(node, f"{what} is empty" if isinstance(node, yaml.ScalarNode) else f"{what} is words")
            return None
        occasion = Occasion(Purpose.MARKETING, language)
        try:
            template = compile_template(node.value, language=language)
        except TemplateRefused as refused:
            self._place(node, refused.problems, lambda raw: _refusal(raw, language))
            return None
        if self.is_draft:
            self._place(node, lint(node.value, occasion), lambda raw: lint(raw, occasion))
            self._comment(node)
        return template

    def _place(self, node: yaml.ScalarNode, problems: Iterable[Problem], again: Callable[[str], list[Problem]]) -> None:
        """The problems by the file's lines. again: what is wrong with the same words, broken into lines as written."""
        problems = list(problems)
        if node.style != "|" and line(node) < node.end_mark.line + 1 and any(problem.line for problem in problems):
            raw = self.source[node.start_mark.index : node.end_mark.index]
            lines = {problem.text: problem.line for problem in again(raw)}
            problems = [replace(problem, line=lines.get(problem.text)) for problem in problems]
            offset = line(node) - 1
        else:  # words in one line of the file, or below the bar line by line
            is_bar = node.style == "|"
            offset = line(node) if is_bar else line(node) - 1
            problems = problems if is_bar else [replace(problem, line=None) for problem in problems]
        self.findings.problems.extend(
            replace(problem, line=offset + problem.line if problem.line else line(node)) for problem in problems
        )

    def _comment(self, node: yaml.ScalarNode) -> None:
        rest = self.source[node.end_mark.index :].partition("\n")[0]
        if node.style is None and rest.lstrip(" \t").startswith("#"):
            self.findings.warn(
                node, "what stands behind # is a remark and is not sent; put the text into quotes to send it"
            )


def _variants_of(node: yaml.Node) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next(
        (value for key, value in node.value if isinstance(key, yaml.ScalarNode) and plain(key.value) == "variants"),
        None,
    )


def _refusal(raw: str, language: str) -> list[Problem]:
    try:
        compile_template(raw, language=language)
    except TemplateRefused as refused:
        return refused.problems
    return []
