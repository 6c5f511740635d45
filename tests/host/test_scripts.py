"""The scripts of deploy/, read by a program that knows what shells do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from nginx_case import DEPLOY


def test_shellcheck_finds_nothing_and_every_script_can_be_started() -> None:
    scripts = [file for file in sorted(DEPLOY.rglob("*")) if file.is_file() and file.read_bytes()[:2] == b"#!"]
    shellcheck = Path(sys.executable).with_name("shellcheck")
    checked = subprocess.run([shellcheck, "-x", "-P", DEPLOY.parent, *scripts], capture_output=True, text=True)

    assert len(scripts) >= 3
    assert checked.returncode == 0, checked.stdout
    assert [file for file in scripts if not os.access(file, os.X_OK)] == []


def test_every_script_and_option_that_the_operator_s_page_names_is_there() -> None:
    page = (DEPLOY.parent / "docs" / "operations.md").read_text()
    calls = re.findall(r"deploy/((?:systemd|certbot)/[a-z-]+\.sh)([^\n`]*)", page)

    assert {script for script, _ in calls} == {
        "systemd/install.sh", "systemd/upgrade.sh", "systemd/rollback.sh", "systemd/uninstall.sh", "certbot/issue.sh"
    }  # fmt: skip
    for script, words in calls:
        text = (DEPLOY / script).read_text()
        for option in re.findall(r"--[a-z-]+", words):
            assert f"    {option}) " in text or f"    {option})\n" in text, f"{script} {option}"


def test_without_a_name_or_an_address_nothing_is_installed() -> None:
    for words in (
        (),
        ("leads.example.com",),
        ("Leads Example", "you@example.com"),
        ("leads.example.com", "you@example.com", "--fast"),
    ):
        done = subprocess.run([DEPLOY / "systemd/install.sh", *words, "--dry-run"], capture_output=True, text=True)

        assert (done.returncode, done.stdout) == (1, "")
        assert "install.sh HOST EMAIL" in done.stderr
