"""Lists as they really come: encodings, delimiters, ragged rows, quotes that nobody closes, columns by any name."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leadwake.domain.dates import date_order, read_date
from leadwake.errors import InputError, Unparsable
from leadwake.intake.columns import guessed, mapped
from leadwake.intake.listed import Listed, Reading, understand
from leadwake.intake.sheet import MAX_ROW, open_sheet

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")


def cells(raw: bytes, name: str = "") -> list[tuple[str, ...]]:
    return [tuple(row.cells) for row in open_sheet(io.BytesIO(raw), name).rows]


def listed(heads: str, row: str, order: str = "") -> Listed:
    names = heads.split(",")
    reading = Reading("csv", names, mapped(names, {}), order, "old CRM", ZONE)
    return understand(reading, row.split("|"), NOW)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_the_encoding_it_is_in(encoding: str) -> None:
    assert cells("name,phone\nJosé Muñoz,813\n".encode(encoding)) == [("José Muñoz", "813")]


def test_a_line_of_another_hand_is_read_in_its_own_encoding() -> None:
    assert cells("name\nJosé\n".encode() + "Zoë\n".encode("cp1252")) == [("José",), ("Zoë",)]


def test_delimiters_quoted_lines_and_ragged_rows_are_read_as_they_stand() -> None:
    assert cells(b'sep=;\nname;note\n"Ann; Lee";"two\r\nlines"\nBo\nCy;x;more\n') == [
        ("Ann; Lee", "two\r\nlines"), ("Bo",), ("Cy", "x", "more"),
    ]  # fmt: skip
    assert cells(b"name\tphone\rAnn\t1\rBo\t2\r") == [("Ann", "1"), ("Bo", "2")], "as an old Mac writes"
    assert cells(b"name,phone\nA\0nn,1\n\n,\nBo,2") == [("Ann", "1"), ("Bo", "2")]


def test_rows_are_numbered_as_a_spreadsheet_does() -> None:
    sheet = open_sheet(io.BytesIO(b'name,note\nAnn,"a\nb"\n\nBo,\n'))

    assert [row.number for row in sheet.rows] == [2, 4]


def test_a_quote_that_nobody_closes_costs_its_own_line_only() -> None:
    sheet = open_sheet(io.BytesIO(b'name,note\nAnn,x\nBo,"open\nCy,y\n'))

    assert [(row.fault, row.cells) for row in sheet.rows] == [
        ("", ("Ann", "x")), ("open_quote", ()), ("", ("Cy", "y")),
    ]  # fmt: skip


def test_a_row_of_more_than_256_kib_is_refused_and_the_next_one_read() -> None:
    big = b"x" * (MAX_ROW + 1)
    for row in (b'Ann,"' + big + b'\nmore"', b"Ann," + big):
        faults = [(each.fault, each.cells) for each in open_sheet(io.BytesIO(b"name,note\n" + row + b"\nBo,y\n")).rows]
        assert faults == [("too_large", ()), ("", ("Bo", "y"))]
    lines = b'{"name":"' + big + b'"}\n{"name":"Bo"}\n'
    assert [row.fault for row in open_sheet(io.BytesIO(lines)).rows] == ["too_large", ""]


def test_a_million_rows_are_not_held() -> None:
    class Endless(io.RawIOBase):
        """A file without an end."""

        def __init__(self) -> None:
            self.parts: Iterator[bytes] = iter([b"name,phone\n"])
            self.read_bytes = 0

        def read(self, size: int = -1) -> bytes:
            part = next(self.parts, b"Ann Lee,813 555 0101\n" * 100)[:size]
            self.read_bytes += len(part)
            return part

    endless = Endless()
    rows = open_sheet(endless).rows
    for _ in range(1_000):
        next(rows)

    assert endless.read_bytes < 500_000


@pytest.mark.parametrize(
    ("raw", "said"), [(b"", "empty"), (b" \n\n", "empty"), (b'[{"name": "A"}]', "without brackets")]
)
def test_what_is_no_list_says_so(raw: bytes, said: str) -> None:
    with pytest.raises(Unparsable, match=said):
        open_sheet(io.BytesIO(raw))


@pytest.mark.parametrize(
    ("heads", "fields"),
    [
        ("First Name,Last Name,E-mail Address,Mobile Phone,Zip Code", "first_name,last_name,email,phone,postal_code"),
        ("Nombre,Apellidos,Correo electrónico,Teléfono,Código postal", "first_name,last_name,email,phone,postal_code"),
        ("Nombre,Celular,Fecha de creación", "name,phone,received_at"),
        ("Lead ID,Full Name,Phone 1 - Value,Phone 2,Created At", "id,name,phone,phone,received_at"),
        ("Owner,Lead Source,Do Not Contact,Favourite colour", "owner,source,do_not_contact,"),
        ("Email,Secondary Email,Email Opt Out", "email,email,do_not_email"),
        ("Source,Source", "source,"),
    ],
)
def test_columns_are_known_by_their_usual_names(heads: str, fields: str) -> None:
    assert guessed(heads.split(",")) == fields.split(",")


def test_the_user_says_what_a_column_is() -> None:
    heads = ["Handy", "Wer", "Egal"]
    assert mapped(heads, {"handy": "phone", "Wer": "name", "Egal": "-"}) == ["phone", "name", "-"]
    for said, word in (
        ({"Nirgends": "phone"}, "no column is called"),
        ({"Wer": "telephone"}, "is no field"),
        ({}, "no column holds"),
    ):
        with pytest.raises(InputError, match=word):
            mapped(heads, said)


@pytest.mark.parametrize(
    ("text", "expected", "is_ambiguous"),
    [
        ("2024-03-05", "2024-03-05T17:00", False), ("2024-03-05T08:00:00Z", "2024-03-05T08:00", False),
        ("3/25/2024", "2024-03-25T16:00", False), ("25/3/2024", "2024-03-25T16:00", False),
        ("3/4/2024", "2024-03-04T17:00", True), ("4.3.2024", "2024-03-04T17:00", False),
        ("3/4/24 2:30 PM", "2024-03-04T19:30", True), ("2024/3/5 14:05", "2024-03-05T19:05", False),
        ("Mar 5, 2024", "2024-03-05T17:00", False), ("5 de marzo de 2024", "2024-03-05T17:00", False),
        ("Tue, 5 Mar 2024 10:00:00 +0000", "2024-03-05T10:00", False), ("45356", "2024-03-05T17:00", False),
        ("1709640000", "2024-03-05T12:00", False), ("1709640000000", "2024-03-05T12:00", False),
    ],
)  # fmt: skip
def test_dates_are_read_as_lists_write_them(text: str, expected: str, is_ambiguous: bool) -> None:
    found = read_date(text, ZONE)

    assert found is not None
    assert (found.at.isoformat()[:16], found.is_ambiguous) == (expected, is_ambiguous)


def test_a_column_that_can_only_be_read_one_way_says_how_the_rest_of_it_is_meant() -> None:
    assert (date_order(["3/4/2024", "25/3/2024"]), date_order(["3/25/2024"]), date_order(["3/4/2024"])) == (
        "dmy",
        "mdy",
        "",
    )
    found = read_date("3/4/2024", ZONE, "dmy")
    assert found is not None
    assert (found.at.month, found.is_ambiguous) == (4, False)


@pytest.mark.parametrize("text", ["soon", "13/13/2024", "2024-02-30", "0/0/0", "99999999999999"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text, ZONE) is None


def test_a_row_has_several_contacts_notes_and_whatever_else_it_says() -> None:
    found = listed(
        "First,Last,Phone,Cell,Email,Notes,Tags,Pool,Assigned To",
        "Ann|Lee|n/a; (813) 555-0101|813 555 0102|x|Likes dogs|vip|yes|dana@example.com",
    )

    inquiry = found.inquiry
    assert (inquiry.name, inquiry.phone, inquiry.email, inquiry.email_raw) == ("Ann Lee", "+18135550101", None, "x")
    assert found.more == [("phone", "+18135550102")]
    assert (inquiry.extra["notes"], inquiry.extra["tags"], inquiry.extra["Pool"]) == ("Likes dogs", "vip", "yes")
    assert (found.owner, found.notes) == ("dana@example.com", ["bad_email"])
    assert (inquiry.channel, inquiry.source) == ("csv", "old CRM")


def test_a_line_of_json_may_have_numbers_where_we_have_text() -> None:
    reading = Reading("jsonl", (), (), "", "list", ZONE)
    line = '{"id": 7, "name": "Ann", "phone": 8135550101, "postal_code": 33606, "received_at": 1709640000}'

    found = understand(reading, [line], NOW)

    assert (found.inquiry.phone, found.inquiry.postal_code) == ("+18135550101", "33606")
    assert found.asked_at == datetime(2024, 3, 5, 12, tzinfo=UTC)


def test_when_they_asked_is_old_unless_the_list_says_and_never_now() -> None:
    for row, asked_at, notes in (
        ("Ann|", None, []), ("Ann|soon", None, ["unread_date"]),
        ("Ann|5/20/2024", datetime(2024, 5, 20, 16, tzinfo=UTC), []),
        ("Ann|2031-01-01", None, ["future_date"]),
        ("Ann|3/4/2024", datetime(2024, 3, 4, 17, tzinfo=UTC), ["ambiguous_date"]),
    ):  # fmt: skip
        found = listed("Name,Created", row)
        assert (found.asked_at, found.notes, found.inquiry.asked_at) == (asked_at, notes, NOW), row


@pytest.mark.parametrize(
    ("heads", "row", "sms", "email"),
    [
        ("Name,SMS Consent", "Ann|yes", True, None), ("Name,SMS Consent", "Ann|", None, None),
        ("Name,Consent to text", "Ann|No", False, None), ("Name,Do not contact", "Ann|x", False, False),
        ("Name,Do not contact", "Ann|no", None, None), ("Name,SMS Consent,Opt out", "Ann|yes|yes", False, False),
        ("Name,Email opt out", "Ann|true", None, False), ("Name,SMS Consent", "Ann|maybe", None, None),
    ],
)  # fmt: skip
def test_a_no_in_any_column_is_a_no(heads: str, row: str, sms: Any, email: Any) -> None:
    claim = listed(heads, row).inquiry.consent

    assert (claim.sms, claim.email) == (sms, email)
