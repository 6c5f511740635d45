"""Every query that is named is there, and every one that is there is used."""

from __future__ import annotations

import re
from pathlib import Path

import leadwake
from leadwake.storage.db import queries

SOURCE = Path(leadwake.__file__).parent
CODE = {path: path.read_text("utf-8") for path in sorted(SOURCE.rglob("*.py"))}
CALL = re.compile(r"""(?:\bq|\.(?:all|one|run))\(\s*"(\w+)"(?:\s+if\s+[^)]*?else\s+"(\w+)")?""")
#: names handed around as values count where they stand as a word of their own, f"reading_{part}" by its beginning
WORD = re.compile(r"""["'](\w+)["']""")
MADE = re.compile(r"""f["'](\w+_)\{""")
#: no database there: `.all("phone")` is asked of something else
PURE = ("domain/", "compliance/", "intake/")


def test_every_query_that_is_asked_for_exists() -> None:
    asked = {
        (path.relative_to(SOURCE).as_posix(), name)
        for path, text in CODE.items()
        for names in CALL.findall(text)
        for name in names
        if name and not path.relative_to(SOURCE).as_posix().startswith(PURE)
    }
    missing = {(path, name) for path, name in asked if name not in queries()}

    assert len(asked) > 50
    assert missing == set()


def test_every_query_that_exists_is_used() -> None:
    words = {word for text in CODE.values() for word in WORD.findall(text)}
    beginnings = tuple({word for text in CODE.values() for word in MADE.findall(text)})

    assert sorted(name for name in set(queries()) - words if not name.startswith(beginnings)) == []


def test_no_sql_stands_outside_its_folder() -> None:
    statement = re.compile(r"""["'](?:select \w+.* from|insert into|update \w+ set|delete from) """, re.IGNORECASE)
    found = {
        path.relative_to(SOURCE).as_posix()
        for path, text in CODE.items()
        if statement.search(text) and path.parts[-2] != "sandbox"
    }

    # the table that says which migrations ran is older than any query
    assert found <= {"storage/db.py"}
