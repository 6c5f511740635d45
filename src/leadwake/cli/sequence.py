"""`leadwake sequence`: nurture sequences as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

import click

from leadwake.cli.lazy import Lazy, LazyGroup
from leadwake.cli.output import painted, printable
from leadwake.domain.segments import segments
from leadwake.domain.sequence.messages import LANGUAGE_NAMES
from leadwake.domain.sequence.model import Message, Sequence, Step, Variant, Words
from leadwake.domain.sequence.reading import problems, read_sequence
from leadwake.domain.sequence.shipped import shipped
from leadwake.domain.sequence.tree import MAX_SOURCE_BYTES
from leadwake.domain.sequence.words import headline, step_words
from leadwake.domain.template import Problem, TextTooLong, render, render_subject, render_text
from leadwake.domain.variables import examples

_NAME: Final = re.compile(rb"^sequence:\s*([a-z][a-z0-9_]{0,39})\b", re.MULTILINE)


SECTIONS: Final = {
    "A text": {"check": Lazy("leadwake.cli.sequence:check", "is it fit to be published, line by line?")},
    "The team's": {
        "list": Lazy("leadwake.cli.sequence_team:list_", "each, who is in it, and how it went"),
        "publish": Lazy("leadwake.cli.sequence_team:publish", "put a text in force, after showing what it changes"),
        "pause": Lazy("leadwake.cli.sequence_team:pause", "send nothing more of it, enroll nobody"),
        "resume": Lazy("leadwake.cli.sequence_team:resume", "let it go on"),
    },
}


@click.group(cls=LazyGroup, sections=SECTIONS)
def sequence() -> None:
    """Nurture sequences, written as text: who gets what, and when."""


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE.yaml …", type=click.File("rb"))
@click.option("--show", is_flag=True, help="also every message as it would arrive, with example values")
def check(files: tuple[BinaryIO, ...], *, show: bool) -> int:
    """Say what is wrong with each FILE, by its lines, and in words what it does; touches no database.

    \b
    leadwake sequence check new_buyer.yaml --show
    Exit code: 0 all can be published, 1 one cannot; warnings are said and do not count
    """
    sources = {file.name: file.read(MAX_SOURCE_BYTES + 1) for file in files}
    names = {name.decode() for source in sources.values() for name in _NAME.findall(source)} | set(shipped())
    results = [_report(name, source, names, show=show) for name, source in sources.items()]
    return 0 if all(results) else 1


def read_text(name: str, file: BinaryIO) -> str | None:
    """The text of a file; None, and said, when it is none."""
    return _decoded(name, file.read(MAX_SOURCE_BYTES + 1))


def _decoded(file: str, source: bytes) -> str | None:
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = source.count(b"\n", 0, error.start) + 1
        tell(file, [Problem("is not UTF-8; save it as UTF-8", number)])
        return None


def _report(file: str, source: bytes, names: set[str], *, show: bool) -> bool:
    """What there is to say of one file is said; True when it can be published."""
    text = _decoded(file, source)
    if text is None:
        return False
    found = problems(text, names)
    tell(file, found)
    if any(problem.is_error for problem in found):
        return False
    _describe(read_sequence(text), show=show)
    return True


def tell(file: str, found: list[Problem]) -> None:
    """Each problem as compilers say it: file, line, what."""
    for problem in found:
        mark = painted("error", "red") if problem.is_error else painted("warning", "yellow")
        click.echo(f"{printable(file)}:{problem.line or 1}: {mark}: {printable(problem.text)}")


def _describe(read: Sequence, *, show: bool) -> None:
    click.echo(painted(f"✓ {read.name}, {printable(read.title)}", "green"))
    for sentence in headline(read):
        click.echo(f"  {printable(sentence)}")
    click.echo()
    for step, words in zip(read.steps, step_words(read), strict=True):
        click.echo(f"  {printable(words.soonest or 'never'):>10}  {printable(words.says)}")
        if show:
            for line in _shown(step):
                click.echo(f"              {printable(line)}".rstrip())
    click.echo()


def _shown(step: Step) -> Iterator[str]:
    if not isinstance(step.act, Message):
        return
    variants: list[Variant] = [*step.act.variants, *filter(None, [step.act.instead_words])]
    for variant in variants:
        for language, words in variant.words.items():
            name = {"only": "", "else": ", in its place"}.get(variant.name, f", {variant.name}")
            yield ""
            yield f"[{LANGUAGE_NAMES[language]}{name}]"
            yield from _rendered(words, language)
    yield ""


def _rendered(words: Words, language: str) -> Iterator[str]:
    """The message with example values, its subject first, the cost of a text last."""
    values = examples(language)
    if words.subject is not None:
        yield f"Subject: {render_subject(words.subject, values)}"
        yield from render(words.body, values).split("\n")
        return
    try:
        text = render_text(words.body, values)
    except TextTooLong as error:
        yield str(error)
        return
    cost = segments(text)
    yield text
    yield f"({cost.units} characters, {cost.count} segment{'s' if cost.count > 1 else ''}, {cost.encoding})"
