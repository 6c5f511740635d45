"""Lists as spreadsheets save them, and cells that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.browsers import browser_words
from leadwake.domain.csv_cells import read_table, text_of, write_table
from leadwake.domain.roster import EXAMPLE, MOST_ROWS, read_roster
from leadwake.errors import Unparsable

cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(st.lists(st.lists(cells, min_size=2, max_size=4), max_size=5))
def test_nothing_we_write_is_ever_run_by_a_spreadsheet(rows: list[list[str]]) -> None:
    for row in csv_cells(write_table(rows)):
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(st.sampled_from(["=1+1", "+18135550101", "-5", "@x", "Ana", "O'Neil", "'quoted'"]))
def test_what_we_write_is_read_back_as_it_was(cell: str) -> None:
    ((_, row),) = read_table(write_table([["x", cell]]))

    assert row == ["x", cell]


@given(st.binary(max_size=300))
def test_no_bytes_ever_make_a_list_fail_but_by_saying_what_is_wrong(raw: bytes) -> None:
    with suppress(Unparsable):
        assert all(row.line > 1 for row in read_roster(text_of(raw)).rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_is_read_in_every_encoding_that_spreadsheets_save(encoding: str) -> None:
    (row,) = read_roster(text_of("Name;E-Mail\r\nJosé Núñez;jose@example.com\r\n".encode(encoding))).rows

    assert row.given == {"name": "José Núñez", "email": "jose@example.com"}


def test_heads_are_tolerant_and_lines_are_counted_as_an_editor_does() -> None:
    found = read_roster(
        'First Name,last_name,EMAIL,Cell Phone,Licensed in,Shoe\n\n"Ana","Ortiz",a@b.co,813,"FL,\nGA",9\nx,y,c@d.co'
    )

    assert found.ignored == ("Shoe",)
    assert [row.line for row in found.rows] == [3, 5]
    assert found.rows[0].given == {"name": "Ana Ortiz", "email": "a@b.co", "phone": "813", "licences": "FL,\nGA"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"), ("name,phone\nx,1", "'email'"), ("email,mail\na,b", "called 'email'"), ('email\n"x', "line 2"),
        ("email\n" + "a@b.co\n" * (MOST_ROWS + 1), "at most"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_people_is_refused_with_what_to_mend(text: str, said: str) -> None:
    with pytest.raises(Unparsable, match=said):
        read_roster(text)


def test_the_example_reads() -> None:
    ana, ben = read_roster(EXAMPLE).rows

    assert ana.given["shifts"] == "Mon-Fri 9:00-12:30 13:30-18:00; Sat 10:00-14:00"
    assert ben.given["on_call"] == "yes"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19 Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537 Chrome/140.0 Mobile Safari/537", "Chrome on Android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140 Safari/537 Edg/140", "Edge on Windows"),
        ("<script>alert(1)</script>", "a browser"),
        ("", "a browser"),
    ],
)  # fmt: skip
def test_browsers_are_told_apart_in_words_of_ours(agent: str, words: str) -> None:
    assert browser_words(agent) == words


def csv_cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))
