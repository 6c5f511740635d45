"""A droplet for a test: this machine's Debian on a scratch disk, its own network, and systemd as its first process.

Nothing of it reaches the machine it runs on, and it is gone with the test. What it lacks of a real one: a kernel of its
own, the world, and (where the machine's cgroups are of the first version) limits of memory that are enforced.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from polling import until

HERE = Path(__file__).parent
LIMIT_S = 600.0


@dataclass
class Droplet:
    """pid: of its first process, as we see it."""

    pid: int

    def run(self, *command: str, fails: bool = False, **environment: str) -> str:
        """What a command there said, as root; it ended well, or did not where that is expected."""
        done = subprocess.run(
            [*self._enter(), "env", *(f"{name}={value}" for name, value in environment.items()), *command],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=LIMIT_S,
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, f"{' '.join(command)} ended with {done.returncode}:\n{said}"
        return said

    def begin(self, *command: str) -> subprocess.Popen[bytes]:
        """A command that goes on there."""
        return subprocess.Popen([*self._enter(), *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def write(self, path: str, text: str) -> None:
        """A file there."""
        subprocess.run([*self._enter(), "tee", path], input=text.encode(), stdout=subprocess.DEVNULL, check=True)

    def _enter(self) -> Sequence[str]:
        clean = [
            "env",
            "-C",
            "/",
            "-i",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/root",
            "LANG=C.UTF-8",
        ]
        return ["nsenter", "-t", str(self.pid), "--mount", "--pid", "--net", "--uts", "--cgroup", *clean]


@contextmanager
def droplet(sources: Path) -> Iterator[Droplet]:
    """It has booted; `sources` lies in /srv. Skips where we may not make one, and never in CI."""
    unified = _cgroups()
    if os.geteuid() != 0 or unified is None or not shutil.which("systemctl"):
        if os.environ.get("CI") == "true":
            pytest.fail("a droplet wants root, systemd and cgroups of the second version, and CI never skips")
        pytest.skip("a droplet wants root, systemd and cgroups of the second version")
    group = unified / f"leadwake-droplet-{os.getpid()}"
    group.mkdir()
    folder = Path(tempfile.mkdtemp(prefix="lwd-"))
    command = [
        "sh", "-c", f'echo $$ >"{group}/cgroup.procs" && exec "$@"', "sh",
        "unshare", "--cgroup", "--pid", "--fork", "--mount", "--net", "--uts", "--kill-child",
        str(HERE / "boot.sh"), str(folder), str(sources),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        found = Droplet(_first_process(process))
        _wait_for_boot(found)
        yield found
    finally:
        process.send_signal(signal.SIGKILL)  # and with it, by --kill-child, everything in there
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)
        _remove(group)


def _cgroups() -> Path | None:
    """Where groups of the second version are, None where they cannot be made."""
    for line in Path("/proc/mounts").read_text().splitlines():
        where, kind = line.split()[1:3]
        if kind == "cgroup2" and os.access(where, os.W_OK):
            return Path(where)
    return None


def _first_process(process: subprocess.Popen[bytes]) -> int:
    def found() -> int | None:
        if process.poll() is not None:
            pytest.fail("the droplet does not boot")
        ours = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
        is_it = ours and Path(f"/proc/{ours[0]}/comm").read_text().strip() == "systemd"
        return int(ours[0]) if is_it else None

    return until(found, "the droplet boots", seconds=20, every_s=0.1)


def _wait_for_boot(found: Droplet) -> None:
    def is_up() -> bool:
        found.run("systemctl", "is-active", "droplet.target")
        return True

    until(is_up, "the droplet is up", seconds=60, every_s=0.2, trying=AssertionError)


def _remove(group: Path) -> None:
    """The group and those that systemd made in it; its last processes take a moment to be gone."""

    def is_gone() -> bool:
        for each in sorted(group.rglob("*"), key=lambda path: len(path.parts), reverse=True):
            if each.is_dir():
                with suppress(OSError):
                    each.rmdir()
        with suppress(OSError):
            group.rmdir()
        return not group.exists()

    until(is_gone, "the droplet's processes are gone", seconds=20, every_s=0.1)
