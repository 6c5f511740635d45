"""docs/security.md promises nothing that no test holds, and its figures are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

from leadwake.web import leads_api, limits, passwords

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text()


def test_every_test_that_the_page_names_exists() -> None:
    there = {
        name for file in (ROOT / "tests").rglob("*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
    }
    named = set(re.findall(r"`(test_\w+)`", PAGE))

    assert len(named) >= 40
    assert named - there == set()


def test_every_way_in_names_its_test() -> None:
    table = PAGE.partition("## Who attacks")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| ")][1:]

    assert len(rows) >= 16
    assert [row[0].strip() for row in rows if "`test_" not in row[3]] == []


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    table = PAGE.partition("## How often one may ask")[2]
    said = {row[0].strip(): (row[1].strip(), row[2].strip()) for row in
            (line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| "))}  # fmt: skip

    assert said["an API key, sending leads"] == words(limits.LEADS_OF_A_KEY)
    assert said["an API key, everything else"] == words(limits.READS_OF_A_KEY)
    assert said["keys and links that are nobody's, from one address"] == words(limits.GUESSES)
    assert said["searches of one person"] == words(limits.SEARCHES)
    assert said["files (a person's export, the log, figures) of one person"] == words(limits.EXPORTS)
    assert said["a form or consent page, from one address"] == words((leads_api.FORM_BURST, leads_api.FORM_PER_S))
    assert said["passwords, for an address and for a client"] == words(
        (passwords.TRIES, passwords.TRIES / passwords.WINDOW_S)
    )


def words(rate: tuple[float, float]) -> tuple[str, str]:
    """(30, 0.5) → ("30", "one in 2 s")."""
    burst, per_s = rate
    each = 1 / per_s
    then = f"{per_s:g} a second" if per_s > 1 else {1.0: "one a second", 60.0: "one a minute"}.get(
        round(each, 6), f"one in {each:g} s")  # fmt: skip
    return f"{burst:,g}", then
