"""`make image`: the image built from deploy/docker/Dockerfile without a Docker engine, started, and answering a lead.

buildah builds and runs it (Debian: buildah, debootstrap; as root). A Debian made by debootstrap stands in for the base
image, which a machine without a registry cannot pull; packages come from `pip download`, checked by hash twice. Not
exercised here: the base image itself, Docker's own health checks, restarts, networks, limits and read-only mount.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".venv" / "image"
IMAGE, BASE = "localhost/leadwake:lane", "localhost/leadwake-base:lane"
#: where a process may write: what compose gives it as volume and as tmpfs
WRITABLE = ("data", "tmp", "proc", "sys", "dev", "run")
_LEAD = {"name": "Maria Lopez", "phone": "813 555 0142", "email": "maria@example.com", "message": "Is 12 Oak St open?"}
_STARTS_S = 120


def main() -> int:
    """0 when the image does what it says, 1 when not, 2 when this machine cannot tell; the figures are printed."""
    missing = [name for name in ("buildah", "debootstrap") if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        print(f"image: needs root, and of Debian: {' '.join(missing) or 'nothing more'}", file=sys.stderr)
        return 2
    CACHE.mkdir(parents=True, exist_ok=True)
    timed("stand-in for the base", make_base)
    timed("packages", download)
    timed("image", build)
    inspect()
    with container() as name:
        run(name)
    return 0


def make_base() -> None:
    """The stand-in is an image; made once."""
    if BASE.removesuffix(":lane") in buildah("images", "--format", "{{.Name}}"):
        return
    root, context = CACHE / "base", CACHE / "context"
    if not (root / "usr/bin/python3").exists():
        command("debootstrap", "--variant=minbase", "--include=python3,python3-venv,ca-certificates", "bookworm", root)
    context.mkdir(exist_ok=True)
    command("tar", "--one-file-system", "-C", root, "--exclude=./var/cache/*", "--exclude=./var/lib/apt/lists/*",
            "-cf", context / "base.tar", ".")  # fmt: skip
    (context / "Dockerfile").write_text("FROM scratch\nADD base.tar /\n")
    buildah("bud", "--isolation", "chroot", "-t", BASE, context)


def download() -> None:
    """Every package the image needs lies in the cache, its hash checked; those, too, that only its Python wants."""
    wheels, wanted = CACHE / "wheels", CACHE / "requirements.txt"
    shutil.rmtree(wheels, ignore_errors=True)
    wanted.write_text(re.sub(r" ; .+?(?= \\$)", "", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE))
    command(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes", "--only-binary", ":all:",
            "-d", wheels, "-r", wanted)  # fmt: skip


def build() -> None:
    """The image of this checkout. --format docker: the other one drops the health check."""
    buildah("bud", "--format", "docker", "--isolation", "chroot", "--network", "host", "--no-cache",
            "--ignorefile", ROOT / ".dockerignore", "--volume", f"{CACHE / 'wheels'}:/wheels:ro",
            "--build-arg", f"BASE={BASE}", "--build-arg", "PIP_NO_INDEX=1", "--build-arg", "PIP_FIND_LINKS=/wheels",
            "-f", ROOT / "deploy/docker/Dockerfile", "-t", IMAGE, ROOT)  # fmt: skip


def inspect() -> None:
    """The image says of itself what it should, and how large it is."""
    config = described()
    check("its user is 10001", config["User"] == "10001:10001")
    check("its health check asks /healthz", "/healthz" in config["Healthcheck"]["Test"][-1])
    check("it starts `leadwake serve`", [*config["Entrypoint"], config["Cmd"][0]] == ["leadwake", "serve"])
    check("its data are a volume", list(config["Volumes"]) == ["/data"])
    buildah("rmi", "--prune")  # what stood under this name before
    for image in json.loads(buildah("images", "--json")):
        print(f"  {image['names'][0]}: {image['size']}")


def run(name: str) -> None:
    """As its user, on a new volume, it answers a lead, says that it is healthy, writes nowhere else, and stops."""
    for program in ("cc", "gcc", "pip"):
        check(f"no {program} in it", inside(name, "sh", "-c", f"command -v {program}").returncode != 0)
    began, mark = time.monotonic(), time.time()
    with started(name) as (process, log):
        url, key = first_words(process, log)
        print(f"  serving after {time.monotonic() - began:.1f} s")
        answered(url, key)
        health = described()["Healthcheck"]["Test"][1:]
        check("its own health check holds", inside(name, *on_port(health, url)).returncode == 0)
        users = {user for child in descendants(process) for user in child.uids()}
        check(f"nothing of it runs as root ({sorted(users)})", users == {10001})
        code = stop(process)
    check(f"it stops cleanly ({code})", code == 0)
    check("its health check fails afterwards", inside(name, *on_port(health, url)).returncode != 0)
    written = [path for path in changed_since(name, mark) if path.split("/")[0] not in WRITABLE]
    check(f"it wrote only where it may: {written[:5]}", not written)


@contextlib.contextmanager
def container() -> Iterator[str]:
    """A container of the image, gone afterwards."""
    name = buildah("from", "--pull-never", IMAGE).strip()
    try:
        yield name
    finally:
        buildah("rm", name)


@contextlib.contextmanager
def started(name: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """`serve` in practice runs in it, as its own user, on a volume of its own; what it says is in the file."""
    data, log = CACHE / "data", CACHE / "serve.log"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    os.chown(data, 10001, 10001)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = ["run", "--isolation", "chroot", "--network", "host", "--volume", f"{data}:/data", name, "--",
                 "leadwake", "serve", "--practice", "--port", str(port)]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen([*_buildah(), *arguments], stdout=out, stderr=subprocess.STDOUT)
    try:
        yield process, log
    finally:
        if process.poll() is None:
            stop(process)


def first_words(process: subprocess.Popen[bytes], log: Path) -> tuple[str, str]:
    """Where it is and the key it printed, once it answers."""
    deadline = time.monotonic() + _STARTS_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"curl (\S+)/v1/leads -H 'Authorization: Bearer (\S+)'", log.read_text()):
            return found[1], found[2]
        time.sleep(0.1)
    raise SystemExit(f"it does not start:\n{log.read_text()[-3000:]}")


def answered(url: str, key: str) -> None:
    """A lead is taken, and the text to it is with the stand-in for Twilio."""
    lead = http(f"{url}/v1/leads", key, _LEAD)["lead_id"]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if http(f"{url}/v1/leads/{lead}", key)["first_touch_s"] is not None:
            break
        time.sleep(0.05)
    seconds = http(f"{url}/v1/leads/{lead}", key)["first_touch_s"]
    check(f"a lead is answered, after {seconds} s", seconds is not None and seconds < 10)


def http(url: str, key: str, body: object = None) -> Any:
    """What it answers, as JSON."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, data, headers), timeout=10) as answer:
        return json.load(answer)


def on_port(health: list[str], url: str) -> list[str]:
    """The health check's command, asking the port of this run."""
    return [part.replace(":8000/", f":{url.rpartition(':')[2]}/") for part in health]


def descendants(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """What runs inside: the processes of `leadwake serve` and below."""
    return [child for child in psutil.Process(process.pid).children(recursive=True) if "buildah" not in child.name()]


def stop(process: subprocess.Popen[bytes]) -> int:
    """The exit status after the signal that an engine sends to the first process inside."""
    inner = descendants(process)
    if inner:
        inner[0].terminate()
    return process.wait(60)


def changed_since(name: str, mark: float) -> list[str]:
    """Paths in the container's root that were written after that instant."""
    root = Path(buildah("mount", name).strip())
    found = command("find", root, "-xdev", "-newermt", f"@{mark}", "-not", "-type", "d", "-printf", "%P\n")
    return [line for line in found.splitlines() if line]


def described() -> dict[str, Any]:
    """The image's own configuration."""
    found: dict[str, Any] = json.loads(buildah("inspect", "--type", "image", IMAGE))["Docker"]["config"]
    return found


def inside(name: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """A command run in the container as its user."""
    run_it = [*_buildah(), "run", "--isolation", "chroot", "--network", "host", name, "--", *arguments]
    return subprocess.run(run_it, capture_output=True, check=False)


def _buildah() -> list[str]:
    return ["buildah", "--storage-driver", "vfs", "--root", str(CACHE / "store"), "--runroot", str(CACHE / "run")]


def buildah(*arguments: str | Path) -> str:
    """What buildah says, in a store of its own."""
    return command(*_buildah(), *arguments)


def command(*arguments: str | Path) -> str:
    """What the program says. Ends the lane when it fails, with its last words."""
    done = subprocess.run([str(each) for each in arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{arguments[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
    return done.stdout


def timed(what: str, do: Callable[[], None]) -> None:
    """Done, and said how long it took."""
    began = time.monotonic()
    do()
    print(f"  {what}: {time.monotonic() - began:.1f} s", flush=True)


def check(what: str, holds: bool) -> None:
    """Said; the lane ends where it does not hold."""
    print(f"{'✓' if holds else '✗'} {what}", flush=True)
    if not holds:
        raise SystemExit(1)


if __name__ == "__main__":
    sys.exit(main())
