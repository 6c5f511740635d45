"""Files of leads: any bytes are read to their end, and what a writer wrote is read back."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from leadwake.domain.csv_cells import read_cell, safe
from leadwake.errors import InputError
from leadwake.intake.columns import FIELDS, guessed
from leadwake.intake.listed import Reading, name_of, understand
from leadwake.intake.sheet import open_sheet

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
HEADS = ["Name", "Phone", "Email", "Date Added", "SMS Consent", "Notes"]
#: what a spreadsheet may hold; NUL is taken out on the way, and blanks around a cell
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40).map(read_cell)
TABLES = st.lists(st.lists(CELLS, min_size=6, max_size=6).filter(any), min_size=1, max_size=8)


def reading(kind: str, heads: list[str]) -> Reading:
    return Reading(kind, heads, guessed(heads), "", "list", ZoneInfo("America/New_York"))


@given(st.binary(max_size=3000) | st.text(alphabet='",;\n\r\t=+-@ab1é{}[]\ufeff', max_size=300).map(str.encode))
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_read_to_their_end_and_each_row_is_understood_or_refused(raw: bytes) -> None:
    try:
        sheet = open_sheet(io.BytesIO(raw))
    except InputError:
        return
    numbers = []
    for row in sheet.rows:
        numbers.append(row.number)
        if row.fault:
            continue
        try:
            name_of(how := reading(sheet.kind, list(sheet.heads)), row.cells)
            understand(how, row.cells, NOW)
        except InputError:
            continue
    assert numbers == sorted(set(numbers))


@given(TABLES, st.sampled_from(",;\t|"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]))
@settings(max_examples=300, deadline=None)
def test_what_a_writer_wrote_is_read_back(table: list[list[str]], delimiter: str, encoding: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(
        out, delimiter=delimiter, quoting=csv.QUOTE_ALL if encoding == "utf-16-be" else csv.QUOTE_MINIMAL
    )
    writer.writerow(HEADS)
    writer.writerows([safe(cell) for cell in row] for row in table)

    sheet = open_sheet(io.BytesIO(out.getvalue().encode(encoding)))

    assert list(sheet.heads) == HEADS
    assert [list(row.cells) for row in sheet.rows] == table


@given(st.lists(st.dictionaries(st.sampled_from(["name", "phone", "email", "note"]), st.text(max_size=30)), max_size=6))
def test_lines_of_json_are_rows(leads: list[dict[str, str]]) -> None:
    raw = "".join(f"{json.dumps(lead)}\n" for lead in [{"name": "First"}, *leads]).encode()

    assert [json.loads(row.cells[0]) for row in open_sheet(io.BytesIO(raw)).rows] == [{"name": "First"}, *leads]


@given(st.permutations(range(6)), st.lists(CELLS, min_size=6, max_size=6).filter(any))
def test_a_row_is_known_again_whatever_the_order_of_its_columns(order: list[int], cells: list[str]) -> None:
    moved = reading("csv", [HEADS[place] for place in order])

    assert name_of(reading("csv", HEADS), cells) == name_of(moved, [cells[place] for place in order])


@given(st.lists(st.text(max_size=30), max_size=10))
def test_every_head_has_a_field_or_stays_as_it_is(heads: list[str]) -> None:
    assert all(field in {*FIELDS, ""} for field in guessed(heads))
