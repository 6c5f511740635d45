"""CSV files that people open in spreadsheets: read whatever they save, write nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

# A cell that begins so is a formula to Excel and its kin (OWASP, CSV injection, read 2026-11-22).
_RUNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def text_of(raw: bytes) -> str:
    """The text of a file as spreadsheets save it: UTF-8, UTF-16 with its mark, or else Windows' own."""
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def read_table(text: str) -> list[tuple[int, list[str]]]:
    """
    The rows with the line each begins on, 1-based; blank rows are passed over. Separated by commas, semicolons or tabs.

    An apostrophe that kept a spreadsheet from running a cell is gone. Raises ValueError when it is no table.
    """
    head = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter, strict=True)
    found, line = [], 1
    try:
        for row in rows:
            cells = [read_cell(cell) for cell in row]
            if any(cells):
                found.append((line, cells))
            line = rows.line_num + 1
    except csv.Error as error:
        raise ValueError(f"line {line} cannot be read as CSV: {error}") from None
    return found


def write_table(rows: Iterable[Sequence[str]]) -> str:
    """The rows as CSV (RFC 4180); a cell that a spreadsheet would run begins with an apostrophe."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def safe(cell: str) -> str:
    """The cell as text to every spreadsheet."""
    return f"'{cell}" if cell.startswith(_RUNS) else cell


def read_cell(cell: str) -> str:
    """The cell without blanks around it, and without the apostrophe that kept a spreadsheet from running it."""
    text = cell.strip()
    return text[1:].strip() if text.startswith("'") and text[1:].startswith(_RUNS) else text
