"""The files a set of tables is made of: read as they are, and named by what they hold."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from leadwake.compliance.csv_table import Problems

RULES_FILE, CODES_FILE, HOLIDAYS_FILE, ZIPS_FILE = (
    "us_state_rules.csv",
    "area_codes.csv",
    "state_holidays.csv",
    "zip_places.csv",
)
EFFECTIVE_FILE = "effective.txt"
#: what makes a set of tables
TABLE_FILES = (RULES_FILE, CODES_FILE, HOLIDAYS_FILE, ZIPS_FILE, EFFECTIVE_FILE)
#: larger files are none of ours
MAX_FILE_BYTES = 4 * 1024 * 1024


def read_files(directory: Traversable | Path | None = None) -> tuple[dict[str, bytes], Problems]:
    """The contents of the directory's files, or the package's own, by name; what cannot be read is a problem."""
    folder = directory if directory is not None else files("leadwake.compliance").joinpath("data")
    contents, problems = {}, []
    for name in TABLE_FILES:
        try:
            with folder.joinpath(name).open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            problems.append(f"{name}: cannot be read ({error.strerror or type(error).__name__})")
            continue
        if len(content) > MAX_FILE_BYTES:
            problems.append(f"{name}: larger than {MAX_FILE_BYTES // 1024**2} MiB")
            continue
        contents[name] = content
    return contents, problems


def version_of(contents: Mapping[str, bytes], problems: Problems) -> str:
    """Effective date and digest of the tables, such as `2026-11-22.8d9f0a1b2c3d`; `undated.…` is a problem."""
    digest = hashlib.sha256()
    for name in sorted((RULES_FILE, CODES_FILE, HOLIDAYS_FILE, ZIPS_FILE)):
        content = contents.get(name)
        digest.update(f"{name}:{-1 if content is None else len(content)}:".encode())
        digest.update(content or b"")
    try:
        since = date.fromisoformat(contents.get(EFFECTIVE_FILE, b"").decode("ascii").strip()).isoformat()
    except ValueError:
        problems.append(f"{EFFECTIVE_FILE}: no date")
        since = "undated"
    return f"{since}.{digest.hexdigest()[:12]}"
