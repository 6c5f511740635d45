"""The systemd unit, read by systemd's own programs. That Leadwake runs in it is tried by `make droplet`."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from nginx_case import DEPLOY, program


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program and an account that are on any machine."""
    text = (DEPLOY / "systemd" / "leadwake.service").read_text()
    text = text.replace("/opt/leadwake/current/bin/leadwake serve", "/bin/true")
    text = text.replace("=leadwake\nGroup=leadwake", "=daemon\nGroup=daemon")
    (tmp_path / "leadwake.service").write_text(text)
    return tmp_path / "leadwake.service"


def test_systemd_takes_the_unit_as_it_is(unit: Path) -> None:
    checked = subprocess.run([program("systemd-analyze"), "verify", unit], capture_output=True, text=True)

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_little_is_open_to_the_service(unit: Path) -> None:
    checked = subprocess.run(
        [program("systemd-analyze"), "security", "--offline=yes", "--no-pager", unit], capture_output=True, text=True
    )
    level = re.search(r"exposure level for leadwake.service: ([0-9.]+)", checked.stdout)

    assert level is not None, checked.stdout + checked.stderr
    assert float(level[1]) <= 2.0  # a service without any of this has 9.6
