"""The systemd unit, read by systemd's own programs. That Leadwake runs in it is tried by `make droplet`."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from nginx_case import DEPLOY, program


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit and its socket with a program and an account that are on any machine."""
    text = (DEPLOY / "systemd" / "leadwake.service").read_text()
    text = text.replace("/opt/leadwake/current/bin/leadwake serve", "/bin/true")
    text = text.replace("=leadwake\nGroup=leadwake", "=daemon\nGroup=daemon")
    (tmp_path / "leadwake.service").write_text(text)
    shutil.copy(DEPLOY / "systemd" / "leadwake.socket", tmp_path)
    return tmp_path / "leadwake.service"


def test_systemd_takes_the_unit_as_it_is(unit: Path) -> None:
    units = (unit, unit.with_suffix(".socket"))
    checked = subprocess.run([program("systemd-analyze"), "verify", *units], capture_output=True, text=True)

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_little_is_open_to_the_service(unit: Path) -> None:
    checked = subprocess.run(
        [program("systemd-analyze"), "security", "--offline=yes", "--no-pager", unit], capture_output=True, text=True
    )
    level = re.search(r"exposure level for leadwake.service: ([0-9.]+)", checked.stdout)

    assert level is not None, checked.stdout + checked.stderr
    assert float(level[1]) <= 2.0  # a service without any of this has 9.6


def test_systemd_holds_the_address_that_nginx_passes_on_to(unit: Path) -> None:
    socket, service, render = (
        unit.with_suffix(".socket").read_text(), unit.read_text(), (DEPLOY / "nginx" / "render.sh").read_text()
    )  # fmt: skip
    upstream = re.search(r"LEADWAKE_UPSTREAM:=(\S+)}", render)

    assert upstream is not None
    assert re.findall(r"^ListenStream=(.+)$", socket, re.MULTILINE) == [upstream[1]], "one; more are not taken over"
    # without both a start of the service alone would listen by itself, and a restart refuse whoever comes
    assert re.search(r"^Requires=leadwake.socket$", service, re.MULTILINE)
    assert re.search(r"^After=leadwake.socket ", service, re.MULTILINE)
