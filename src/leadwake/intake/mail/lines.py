"""A mail's body as lines, from text or from HTML: what stood in cells beside each other stays apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from leadwake.intake.mail.data import as_lines, comma_rows
from leadwake.intake.mail.labels import is_plain
from leadwake.intake.markup import Token, tokens

#: characters of a body that are read; a lead stands at its beginning
BODY_CHARS = 300_000
_LINES, _LINE_CHARS, _CELLS = 4_000, 5_000, 40
_SKIPPED = frozenset({"script", "style", "title", "noscript", "svg", "template"})
#: elements that senders hide, the text of previews above all
_HIDDEN = frozenset({"div", "span", "td", "tr", "table", "font"})
_HIDES = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px)?\s*[;\"']", re.IGNORECASE
)
_BLOCKS = frozenset({
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "section", "article", "header", "footer",
    "hr", "pre", "form", "fieldset", "center", "address", "body", "html", "main", "figure", "label", "option",
})  # fmt: skip
#: where one of these ends, a label may: it is told by its looks, not by a colon
_MARKED, _MARK = frozenset({"b", "strong", "span", "font", "em", "i", "small"}), "\ue000"
_APART = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "hr", "blockquote", "dl", "ul", "ol"})
_BLANKS = re.compile(r"[ \t\r\f\v\u00a0\u2007\u202f]+")
#: marks without width, copied from pages or hidden in previews
_INVISIBLE = re.compile("[\u00ad\u034f\u200b-\u200f\u2060\ufeff]")
#: a link as mail programs write it behind its words
_LINK = re.compile(r"(?<=\S)<(?:https?:[^<>\s]*|tel:[^<>\s]*|mailto:(?P<address>[^<>\s?]*)[^<>\s]*)>")
#: what may follow a label: no sentence that it begins ("Message from Ann"), and no colon of its own
_VALUE = re.compile(r"\s*(?!(?:from|for|of|to|is|has|about|in|by|and|or)\b)[^\s:?=–—-]", re.IGNORECASE)
#: a page that says it is plain text
_IS_HTML = re.compile(r"\s*<(?:!doctype html|html|head|body|table|div|p|span|br|h[1-6]|ul|dl)\b", re.IGNORECASE)
_BOLD = re.compile(r"(?<![\w*])\*{1,2}([^*\n]{1,80}?)\*{1,2}(?![\w*])")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, "" for a gap. cells: when it is a row of two or more; a cell may have lines of its own."""

    text: str
    cells: tuple[str, ...] = ()
    is_heading: bool = False
    is_quoted: bool = False
    is_end: bool = False  # a gap between two cells or boxes: nothing goes on across it


_GAP = Line("", is_end=True)


@dataclass(frozen=True, slots=True)
class Body:
    """A body. meta: the contents of its meta tags by their names, lower case."""

    lines: Sequence[Line] = ()
    meta: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


def text_body(text: str) -> Body:
    """The lines of plain text; a quoted one is known by its ">"."""
    if _IS_HTML.match(text):
        return html_body(text)
    lines = []
    for line in as_lines(text[:BODY_CHARS]).splitlines()[:_LINES]:
        cleaned = _LINK.sub(_shown, _INVISIBLE.sub("", line)[:_LINE_CHARS]).rstrip()
        stripped = cleaned.lstrip("> \t") if cleaned.lstrip().startswith(">") else cleaned
        lines.append(_text_line(_BOLD.sub(r"\1", stripped), is_quoted=stripped is not cleaned))
    if rows := comma_rows([line.text for line in lines]):
        return Body([Line(" ".join(row), row) for row in rows])
    return Body(lines)


def _shown(link: re.Match[str]) -> str:
    """What a link that a program wrote behind its words adds to them: an address they do not show."""
    address = link["address"] or ""
    return f" {address} " if address and address.lower() not in link.string.replace(link[0], "").lower() else ""


def _text_line(text: str, *, is_quoted: bool) -> Line:
    """A line; parted by tabs or bars it is a row."""
    cells = [" ".join(cell.split()) for cell in re.split(r"\t+|\|", text.strip(" \t|"))]
    if 2 <= len(cells) <= _CELLS and all(cells):
        return Line(" ".join(cells), tuple(cells), is_quoted=is_quoted)
    return Line(text.strip().replace("\t", " "), is_quoted=is_quoted)


def html_body(html: str) -> Body:
    """The lines that a reader of the HTML sees."""
    page = _Page()
    for token in tokens(html[:BODY_CHARS]):
        if len(page.lines) >= _LINES:
            break
        page.read(token)
    page.flush()
    return Body(page.lines, page.meta)


class _Row:
    """A row of a table being read; `is_layout` when a table stands within it, so that its cells are no values."""

    def __init__(self) -> None:
        self.cells: list[str] = []
        self.heads = 0
        self.is_layout = False
        self.in_cell = False


class _Page:
    """HTML as lines, while it is read. Text gathers in the innermost open cell, or outside of all."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.meta: dict[str, str] = {}
        self.rows: list[_Row] = []
        self.texts: list[list[str]] = [[]]  # one more for each open cell
        self.skips, self.skipped = "", 0
        self.quotes = 0
        self.is_heading = False
        self.link = ""

    def read(self, token: Token) -> None:
        if self.skips:
            self._skip(token)
        elif not token.name:
            self.texts[-1].append(_BLANKS.sub(" ", token.text.replace("\n", " ")))
        elif token.name in _SKIPPED or (token.name in _HIDDEN and _HIDES.search(token.text[:2_000])):
            self.skips = "" if token.is_end or token.is_empty else token.name
        elif token.name == "meta":
            self._note(token.attributes)
        elif token.is_end:
            self._end(token.name)
        else:
            self._begin(token)

    def _skip(self, token: Token) -> None:
        """What no reader sees, to the end of the element, others of its name within it counted."""
        if token.name != self.skips:
            return
        if not token.is_end:
            self.skipped += token.name not in _SKIPPED and not token.is_empty
        elif self.skipped:
            self.skipped -= 1
        else:
            self.skips = ""

    def flush(self) -> None:
        while self.rows:
            self._end_row()
        self._write(self.texts[-1])

    def _note(self, attributes: Mapping[str, str]) -> None:
        name = attributes.get("name", attributes.get("property", "")).lower()
        if name and len(self.meta) < 100:
            self.meta.setdefault(name, attributes.get("content", ""))

    def _begin(self, token: Token) -> None:
        name = token.name
        if name == "table":
            self._table()
        elif name == "tr":
            self._row()
        elif name in {"td", "th"}:
            self._cell(is_head=name == "th")
        elif name in {"dt", "dd"}:
            self._defined(name)
        elif name == "blockquote":
            self._break(apart=True)
            self._write_if_free()
            self.quotes += 1
        elif name == "a":
            self.link = token.attributes.get("href", "")
        elif name == "br" or name in _BLOCKS:
            self._break(apart=name in _APART)
            if name[0] == "h" and name[1:].isdigit():
                self._write_if_free()
                self.is_heading = True

    def _end(self, name: str) -> None:
        if name in {"td", "th"}:
            self._end_cell()
        elif name == "tr":
            self._end_row()
        elif name == "table":
            while self.rows and not self.rows[-1].is_layout:
                self._end_row()
            if self.lines and self.lines[-1].cells:
                self.lines.append(_GAP)
            self._break(apart=True)
        elif name == "blockquote":
            self._break(apart=True)
            self._write_if_free()
            self.quotes = max(0, self.quotes - 1)
        elif name == "a":
            self._end_link()
        elif name == "dd":
            self._end_row()
        elif name in _MARKED:
            self.texts[-1].append(_MARK)
        elif name in _BLOCKS:
            self._break(apart=name in _APART)
            if self.is_heading and name[0] == "h":
                self._write_if_free()
                self.is_heading = False

    def _end_link(self) -> None:
        """A link that writes or calls shows its address where the words do not."""
        scheme, _, rest = self.link.partition(":")
        target = rest.partition("?")[0]
        if scheme.lower() in {"mailto", "tel"} and target:
            shown = "".join(self.texts[-1][-6:])
            known = target.lower() in shown.lower() or (scheme.lower() == "tel" and len(re.findall(r"\d", shown)) >= 10)
            if not known:
                self.texts[-1].append(f" {target} ")
        self.link = ""

    def _break(self, *, apart: bool) -> None:
        self.texts[-1].append("\n\n" if apart else "\n")

    def _table(self) -> None:
        """A table within a cell makes all around it layout: what was gathered there are lines."""
        for row in self.rows:
            row.is_layout = True
        for row in self.rows:
            for cell in row.cells:
                self._write([cell])
            row.cells = []
        for texts in self.texts:
            self._write(texts)
            texts.clear()

    def _row(self) -> None:
        if self.rows and not self.rows[-1].is_layout:
            self._end_row()
        elif not self.rows:
            self._write_if_free()
        if len(self.rows) < _CELLS:
            self.rows.append(_Row())
            self.texts.append([])

    def _cell(self, *, is_head: bool) -> None:
        if not self.rows:
            return
        self._end_cell()
        self.rows[-1].heads += is_head
        self.rows[-1].in_cell = True

    def _end_cell(self) -> None:
        """What is gathered is a cell of the open row."""
        if not self.rows:
            return
        texts, row = self.texts[-1], self.rows[-1]
        if row.is_layout:
            self._write(texts)
            self.lines.append(_GAP)
        elif len(row.cells) < _CELLS and (row.in_cell or any(text.strip() for text in texts)):
            row.cells.append("\n".join(_lines(texts)).strip())
        row.in_cell = False
        texts.clear()

    def _end_row(self) -> None:
        if not self.rows:
            return
        self._end_cell()
        row = self.rows.pop()
        self.texts.pop()
        cells = _valued(row.cells)
        if len(cells) >= 2 and not row.is_layout:
            self.lines.append(Line(" ".join(" ".join(cells).split()), tuple(cells), row.heads == len(cells)))
        else:
            self._write(cells)
            self.lines.append(_GAP)

    def _defined(self, name: str) -> None:
        """A term begins a row, what is said of it ends one."""
        if name == "dt" or not self.rows:
            self._row()
        else:
            self._end_cell()
        if self.rows:
            self.rows[-1].in_cell = True

    def _write_if_free(self) -> None:
        """What is gathered outside of rows becomes lines."""
        if not self.rows or self.rows[-1].is_layout:
            self._write(self.texts[-1])
            self.texts[-1].clear()

    def _write(self, texts: Sequence[str]) -> None:
        for text in _lines(texts):
            self.lines.append(Line(text, is_heading=self.is_heading and bool(text), is_quoted=self.quotes > 0))


def _labelled(line: str) -> str:
    """The line without its marks; a label that ends at one is told by a colon."""
    if _MARK not in line:
        return line
    *marked, last = line[: 2 * _LINE_CHARS].split(_MARK)
    told = ""
    for text, next_text in zip(marked, [*marked[1:], last], strict=True):
        is_label = len(text) < 60 and is_plain(text) and text.rstrip()[-1] not in ":?" and _VALUE.match(next_text)
        told += f"{text}: " if is_label else text
    return told + last


def _valued(cells: Sequence[str]) -> Sequence[str]:
    """The cells without those that only make room; a label whose value is empty keeps it."""
    full = [cell for cell in cells if cell]
    if len(cells) % 2 == 0 and (len(full) % 2 or not full) and cells and all(cells[::2]):
        return cells
    return full


def _lines(texts: Sequence[str]) -> Iterator[str]:
    """The gathered text as lines, gaps kept as one."""
    was_gap = True
    for line in _INVISIBLE.sub("", "".join(texts)).split("\n"):
        text = " ".join(_labelled(line).split())[:_LINE_CHARS]
        if text or not was_gap:
            yield text
        was_gap = not text
    if not was_gap:
        yield ""
