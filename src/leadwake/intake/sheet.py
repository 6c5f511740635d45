"""A file of leads read row by row, whatever program wrote it; nothing of it is held but the row at hand."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final, TextIO

from leadwake.domain.csv_cells import read_cell
from leadwake.errors import Unparsable

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: the most that a row may hold, as for a lead at any other door
MAX_ROW: Final = 256 * 1024
#: so far the end of a quoted cell is looked for; beyond it the quote was a slip, and the next line is a row again
_MAX_QUOTED: Final = 8 * 1024 * 1024
_HEAD: Final = 64 * 1024
_DELIMITERS: Final = ",;\t|"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """
    One row. number: as a spreadsheet counts, from 1. cells: of a JSON file the whole line.

    fault: "too_large" or "open_quote" for one that cannot be taken.
    """

    number: int
    cells: Sequence[str]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file begun. kind: csv or jsonl. heads: of the columns, each once; none in jsonl."""

    kind: str
    heads: Sequence[str]
    rows: Iterator[SheetRow]


def open_sheet(raw: BinaryIO, name: str = "") -> Sheet:
    """
    The file's heads, and its rows as they are asked for.

    UTF-8, UTF-16 or Windows-1252; separated by commas, semicolons, tabs or bars; JSON where the name or the first
    character says so. Raises Unparsable when there is nothing in it.
    """
    lines = _Lines(_text(io.BufferedReader(_Raw(raw), _HEAD)))
    first = lines.first()
    if first is None:
        raise Unparsable("the file is empty")
    begin = first.lstrip("\ufeff \t")
    if name.lower().endswith((".jsonl", ".ndjson")) or begin.startswith("{"):
        return Sheet("jsonl", (), _json_rows(lines))
    if begin.startswith("["):
        raise Unparsable("a JSON file has one lead a line, without brackets around them")
    delimiter = _delimiter(lines, begin)
    records = _records(lines, delimiter)
    head = next((row for row in records if any(row.cells)), None)
    if head is None or head.fault:
        raise Unparsable("the first line names no columns: name,phone,email,…")
    return Sheet("csv", _once(head.cells), records)


def _text(raw: io.BufferedReader[_Raw]) -> TextIO:
    """Lines as characters: of UTF-16 as they are, else each byte as one, for `_decoded` to look at."""
    begin = raw.peek(_HEAD)[:_HEAD]
    encoding = "latin-1"
    if begin.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\0" in begin[:400]:  # no mark: Latin letters have their zeros in every second place
        even, odd, half = begin[:400:2].count(0), begin[1:400:2].count(0), len(begin[:400]) / 4
        encoding = "utf-16-le" if odd > half else "utf-16-be" if even > half else "latin-1"
    return io.TextIOWrapper(raw, encoding, errors="replace", newline="")


class _Raw(io.RawIOBase):
    """Any file as `io` wants it: one that can be looked into before it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        data = self._file.read(len(view))
        view[: len(data)] = data
        return len(data)


class _Lines:
    """Physical lines with their ends, decoded, each no longer than may be; some may be given back."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._bytes = text.encoding == "latin-1"
        self._given_back: deque[str] = deque()

    def first(self) -> str | None:
        """The first line that is not blank, to be read again."""
        while (line := self.next()) is not None:
            if line.strip("\ufeff \t\r\n\0"):
                self.give_back([line])
                return line
        return None

    def next(self) -> str | None:
        """The next line; None at the end. Of one that is too long what is beyond `_MAX_QUOTED` is lost."""
        if self._given_back:
            return self._given_back.popleft()
        line = self._text.readline(_MAX_QUOTED)
        if not line:
            return None
        if len(line) == _MAX_QUOTED and not line.endswith(("\n", "\r")):
            while (more := self._text.readline(_MAX_QUOTED)) and not more.endswith(("\n", "\r")):
                pass
        if self._bytes and not line.isascii():
            line = _decoded(line.encode("latin-1"))
        return line.replace("\0", "") if "\0" in line else line

    def give_back(self, lines: Sequence[str]) -> None:
        """These are read next."""
        self._given_back.extendleft(reversed(lines))


def _decoded(line: bytes) -> str:
    """UTF-8, else as Windows writes it: files of several hands have both."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _delimiter(lines: _Lines, head: str) -> str:
    """What parts the cells of the head; `sep=;` before it, as Excel writes, says so itself."""
    said = head.strip().lower()
    if len(said) == 5 and said.startswith("sep=") and said[4] in _DELIMITERS:
        lines.next()
        return said[4]
    if head.strip("\r\n").lower() == "sep=\t":
        lines.next()
        return "\t"
    outside = "".join(head.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def _json_rows(lines: _Lines) -> Iterator[SheetRow]:
    number = 0
    while (line := lines.next()) is not None:
        number += 1
        text = line.strip("\ufeff \t\r\n")
        if len(text) > MAX_ROW:
            yield SheetRow(number, (), "too_large")
        elif text:
            yield SheetRow(number, (text,))


class _TooFar(Exception):
    """A quote was opened and nothing closes it."""


class _Pulled(Iterator[str]):
    """The lines that one record takes, as the CSV reader asks for them."""

    def __init__(self, lines: _Lines) -> None:
        self.lines = lines
        self.taken: list[str] = []
        self.size, self.ended = 0, False

    def __next__(self) -> str:
        if self.size > _MAX_QUOTED:
            raise _TooFar
        line = self.lines.next()
        if line is None:
            self.ended = True
            raise StopIteration
        self.taken.append(line)
        self.size += len(line)
        return line


def _records(lines: _Lines, delimiter: str) -> Iterator[SheetRow]:
    """Every record that is not blank. A quote that is never closed costs its own line, not the rest of the file."""
    number = 0
    pulled = _Pulled(lines)
    while True:
        pulled.taken, pulled.size = [], 0
        fault = ""
        cells: tuple[str, ...] = ()
        try:
            record = _record(pulled, delimiter)
            if pulled.ended and not pulled.taken:
                return
            cells = tuple(map(read_cell, record))
        except (_TooFar, csv.Error):
            fault = "open_quote"
        if pulled.ended and pulled.taken:  # the reader wanted more: it stood in a quoted cell
            fault = "open_quote"
        number += 1
        if fault:
            pulled.ended = False
            lines.give_back(pulled.taken[1:])
            cells = ()
        elif pulled.size > MAX_ROW:
            fault, cells = "too_large", ()
        if fault or any(cells):
            yield SheetRow(number, cells, fault)


def _record(pulled: _Pulled, delimiter: str) -> list[str]:
    """The next record; empty at the end. Cells may be long here, and only here: the limit is the whole process's."""
    limit = csv.field_size_limit(2 * _MAX_QUOTED)
    try:
        return next(csv.reader(pulled, delimiter=delimiter), [])
    finally:
        csv.field_size_limit(limit)


def _once(heads: Sequence[str]) -> tuple[str, ...]:
    """The heads, blank ones and repeated ones told apart."""
    found: dict[str, None] = {}
    for place, head in enumerate(heads, 1):
        name = head.lstrip("\ufeff").strip().strip('"')[:200] or f"column {place}"
        while name in found:
            name = f"{name} ({place})"
        found[name] = None
    return tuple(found)
