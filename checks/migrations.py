"""
Migrations hold no lock for long: `python -m checks.migrations` asks squawk about each from `SINCE` on.

`.squawk.toml` says which rules cannot apply here, and why; `EXCEPTIONS` are judged one by one. What landed before is
out in the world as it is.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
MIGRATIONS: Final = ROOT / "src" / "leadwake" / "storage" / "migrations"
#: the first that is asked about
SINCE: Final = 34
#: (migration, rule) → why it stands all the same
EXCEPTIONS: Final = {
    ("0036_pre_oauth", "ban-drop-constraint"): "the check is written anew, wider, in the same transaction",
    ("0036_pre_oauth", "constraint-missing-not-valid"): "the table has as many rows as the team has people",
}


def problems(files: list[Path]) -> list[str]:
    """What squawk says of the files that nobody has judged."""
    squawk = Path(sys.executable).with_name("squawk")
    command = [str(squawk), "--config", str(ROOT / ".squawk.toml"), "--reporter", "json", *map(str, files)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if not answer.stdout.strip():
        return [answer.stderr.strip()] if answer.returncode else []
    found: list[dict[str, Any]] = json.loads(answer.stdout)
    return [
        f"{Path(one['file']).name}:{one['line'] + 1}: {one['rule_name']}: {one['message']}"
        for one in found
        if (Path(one["file"]).stem, one["rule_name"]) not in EXCEPTIONS
    ]


def asked_about() -> list[Path]:
    """The migrations from `SINCE` on, in order."""
    return [file for file in sorted(MIGRATIONS.glob("*.sql")) if int(file.name[:4]) >= SINCE]


def main() -> int:
    files = asked_about()
    found = problems(files) if files else []
    for one in found:
        print(one)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
