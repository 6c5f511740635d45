"""Statements with named values, as the server sees them."""

from __future__ import annotations

import pytest

from leadwake.storage.cursor import _numbered
from leadwake.storage.db import queries


def test_each_name_is_one_value_however_often_it_stands() -> None:
    text, names = _numbered("select %(b)s, %(a)s::text, %(b)s where x like '%%y'")

    assert text == "select $1, $2::text, $1 where x like '%y'"
    assert names == ("b", "a")


def test_values_without_names_keep_their_order() -> None:
    assert _numbered("select %s, %s") == ("select $1, $2", ())


@pytest.mark.parametrize("wrong", ["select 5 % 2", "select %(a)s, %s", "select %s, %(a)s", "select %b", "select 1 %"])
def test_what_is_neither_a_value_nor_a_doubled_percent_sign_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="placeholder"):
        _numbered(wrong)


def test_every_named_query_can_be_numbered() -> None:
    for name, text in queries().items():
        numbered, names = _numbered(text)

        assert "%(" not in numbered, name
        assert f"${len(names) + 1}" not in numbered, name
