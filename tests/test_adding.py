"""The pages for whoever adds a vendor or a door name the files there are, and none is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "leadwake"
VENDOR, DOOR = ROOT / "docs" / "adding-a-vendor.md", ROOT / "docs" / "adding-a-door.md"


def _place(name: str) -> Path:
    return ROOT / name if name.startswith(("docs/", "tests/")) else PACKAGE / name


def _steps(page: Path) -> Iterator[tuple[str, str]]:
    """(file, what stands in it) of each row that names both."""
    for line in page.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0].startswith("`") and (found := re.fullmatch("`(.+)`", cells[2])):
            yield cells[0].strip("`"), found[1]


@pytest.mark.parametrize("page", [VENDOR, DOOR], ids=lambda page: page.stem)
def test_every_file_of_a_step_is_there_and_shows_what_the_step_says(page: Path) -> None:
    steps = list(_steps(page))

    assert len(steps) > 10
    for name, shown in steps:
        assert shown in _place(name).read_text("utf-8"), f"{name}: {shown}"


def test_the_example_stands_in_no_file_that_the_page_does_not_name() -> None:
    named = set(re.findall(r"`([\w/.-]+\.[a-z]+)`", VENDOR.read_text("utf-8")))
    files = [path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".sql", ".html"}]
    found = {str(path.relative_to(PACKAGE)) for path in files if re.search("(?i)apollo", path.read_text("utf-8"))}

    assert found
    assert found <= named
