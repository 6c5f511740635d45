"""
No secret stands in the tree: `python -m checks.secret_scan [FILE …]`, without files all that git tracks.

Rules for the forms that keys really have; words that merely look random are not asked about, for a check that cries
wolf is switched off. Invented keys of tests say that they are invented: their lines, or `ALLOWED`.
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]

#: what a key of each vendor looks like
RULES: Final = {
    "private key": rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{16}",
    "AWS key": rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "GitHub token": rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})",
    "Slack token": rb"\bxox[abprs]-[0-9]{8,}-[A-Za-z0-9-]{20,}",
    "Slack webhook": rb"hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,}",
    "SendGrid key": rb"\bSG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{40,45}",
    "Twilio key": rb"\bSK[0-9a-f]{32}\b",
    "HubSpot token": rb"\bpat-[a-z]{2}\d-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "GoHighLevel token": rb"\bpit-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "Google key": rb"\bAIza[0-9A-Za-z_-]{35}\b",
    "Google secret": rb"\bGOCSPX-[A-Za-z0-9_-]{28}\b",
    "Meta token": rb"\bEAA[A-Za-z0-9]{80,}",
    "Stripe key": rb"\b[rs]k_live_[A-Za-z0-9]{20,}",
    "registry token": rb"\b(?:pypi-AgEI[A-Za-z0-9_-]{40,}|npm_[A-Za-z0-9]{36})",
    "JSON web token": rb"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}",
    "API key of ours": rb"\blw_[0-9a-f]{12}_[A-Za-z0-9_-]{43}\b",
}
#: something named as a secret, given a value that no person would type
_ASSIGNED: Final = re.compile(
    rb"(?i)(?:secret|token|passw(?:or)?d|api_?key|master_?key|auth)[\"']?\s*[:=]\s*[\"']([A-Za-z0-9+/_=-]{24,})[\"']"
)
_RULES: Final = {name: re.compile(rule) for name, rule in RULES.items()}
#: bits a character; random base64 has about 5 at this length, words about 3.5
_RANDOM: Final = 4.2
#: written beside an invented one
_INVENTED: Final = re.compile(rb"invented|example|practice|not a secret", re.IGNORECASE)
#: file → what of it is looked at by people instead, and why
ALLOWED: Final = {
    "requirements.txt": "hashes of packages",
    "requirements-dev.txt": "hashes of packages",
    "tests/test_secret_scan.py": "plants keys of every form to find them",
}
_LARGEST: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """Where a secret stands, and of which kind; never the secret itself."""

    file: str
    line: int
    kind: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.kind}"


def scan(name: str, content: bytes) -> Iterator[Found]:
    """What is found in one file."""
    for kind, rule in _RULES.items():
        for match in rule.finditer(content):
            if not _is_invented(content, match.start()):
                yield Found(name, content.count(b"\n", 0, match.start()) + 1, kind)
    for match in _ASSIGNED.finditer(content):
        if _bits(match[1]) >= _RANDOM and not _is_invented(content, match.start()):
            yield Found(name, content.count(b"\n", 0, match.start()) + 1, "a random value named as a secret")


def _is_invented(content: bytes, at: int) -> bool:
    """True when the line, or the one before it, says so."""
    begin = content.rfind(b"\n", 0, max(0, content.rfind(b"\n", 0, at))) + 1
    end = content.find(b"\n", at)
    return _INVENTED.search(content[begin : end if end >= 0 else len(content)]) is not None


def _bits(value: bytes) -> float:
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())


def tracked() -> list[str]:
    """Every file git tracks, or would."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - the developer's own git
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    return [name.decode() for name in listed.stdout.split(b"\0") if name]


def scan_files(names: Iterable[str]) -> list[Found]:
    """What is found in the files of the tree."""
    found: list[Found] = []
    for name in names:
        path = ROOT / name
        if name not in ALLOWED and path.is_file() and path.stat().st_size <= _LARGEST:
            found += scan(name, path.read_bytes())
    return found


def main() -> int:
    found = scan_files(sys.argv[1:] or tracked())
    for one in found:
        print(one)
    if found:
        print(
            "Take them out, and change them at their vendor: whoever has the history has them. Invented? Say so beside."
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
