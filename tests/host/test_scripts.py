"""The scripts of deploy/, read by a program that knows what shells do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from nginx_case import DEPLOY


def test_shellcheck_finds_nothing_and_every_script_can_be_started() -> None:
    scripts = [file for file in sorted(DEPLOY.rglob("*")) if file.is_file() and file.read_bytes()[:2] == b"#!"]
    checked = subprocess.run(
        [Path(sys.executable).with_name("shellcheck"), "-x", "-P", DEPLOY.parent, *scripts], capture_output=True, text=True
    )  # fmt: skip

    assert len(scripts) >= 3
    assert checked.returncode == 0, checked.stdout
    assert [file for file in scripts if not os.access(file, os.X_OK)] == []
