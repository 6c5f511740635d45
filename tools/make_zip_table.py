"""Write the ZIP table of the compliance gate: five-digit ZIP → state and time zone, in about 50 kB.

Run by hand when the source is renewed, never by the product. It needs the PyPI package `zipcodes` (MIT), which is
not a dependency of ours: install it into a scratch environment and run

    python tools/make_zip_table.py src/leadwake/compliance/data/zip_places.csv

The form of the file is described in src/leadwake/compliance/data/README.md.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

Place = tuple[str, str]  # state, zone ("" where the source names none)

#: the zones the other tables speak in; a zone that keeps the same time as one of them is written as that one
SPOKEN = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "Pacific/Guam",
    "Pacific/Pago_Pago",
)


def offsets(zone: str) -> tuple[timedelta | None, ...]:
    """What the zone's clocks show every six hours from 2026 to 2037."""
    start, info = datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo(zone)
    return tuple((start + timedelta(hours=6 * step)).astimezone(info).utcoffset() for step in range(4 * 365 * 12))


def aliases(names: set[str]) -> dict[str, str]:
    """Each zone name of the source → the name we write; "" for what is no zone ("Napakiak" stands there once)."""
    spoken = {offsets(zone): zone for zone in reversed(SPOKEN)}
    known = available_timezones()
    return {name: spoken.get(offsets(name), name) if name in known else "" for name in names}


def places() -> dict[str, Place]:
    """Every ZIP of the source, in use or retired, with its state and our name of its zone."""
    import zipcodes  # noqa: PLC0415 - only here, so that --help and the linters do without it

    rows = zipcodes.list_all()
    ours = aliases({row["timezone"] for row in rows})
    return {row["zip_code"]: (row["state"], ours[row["timezone"]]) for row in rows}


def lines(known: dict[str, Place]) -> list[list[str]]:
    """One row per three-digit prefix: its commonest place, which of its hundred ZIPs exist, and the exceptions."""
    prefixes: dict[str, dict[int, Place]] = defaultdict(dict)
    for code, place in known.items():
        prefixes[code[:3]][int(code[3:])] = place
    written = []
    for prefix, members in sorted(prefixes.items()):
        usual = Counter(members.values()).most_common(1)[0][0]
        apart: dict[Place, list[int]] = defaultdict(list)
        for suffix, place in sorted(members.items()):
            if place != usual:
                apart[place].append(suffix)
        exceptions = ";".join(
            f"{state} {zone}:{' '.join(f'{suffix:02}' for suffix in suffixes)}"
            for (state, zone), suffixes in sorted(apart.items())
        )
        written.append([prefix, *usual, f"{sum(1 << suffix for suffix in members):x}", exceptions])
    return written


def main() -> None:
    target = Path(sys.argv[1])
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["prefix", "state", "zone", "valid", "exceptions"])
        writer.writerows(lines(places()))


if __name__ == "__main__":
    main()
