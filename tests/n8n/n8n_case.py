"""A real n8n: its own folder and port, an owner without a wizard, workflows imported as the docs say."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from harness import until
from ports import free_port

CANVASES = Path(__file__).parents[2] / "deploy" / "n8n"
OWNER, PASSWORD = "owner@example.com", "Practice-2026"
#: bcrypt of PASSWORD
_PASSWORD_HASH = "$2a$10$EgyeepUc9HKPXndYDzgf9.haYZC90IqUZ5Mpaiqq8NmeILXxyuPqO"
#: what the environment of deploy/n8n/n8n.env says, and what a test needs beside it
_QUIET = {
    "N8N_LISTEN_ADDRESS": "127.0.0.1", "N8N_SECURE_COOKIE": "false", "N8N_ENCRYPTION_KEY": "practice",
    "N8N_INSTANCE_OWNER_MANAGED_BY_ENV": "true", "N8N_INSTANCE_OWNER_EMAIL": OWNER,
    "N8N_INSTANCE_OWNER_FIRST_NAME": "Olga", "N8N_INSTANCE_OWNER_LAST_NAME": "Owner",
    "N8N_INSTANCE_OWNER_PASSWORD_HASH": _PASSWORD_HASH,
}  # fmt: skip


def shipped_environment() -> dict[str, str]:
    """The lines of deploy/n8n/n8n.env."""
    lines = (CANVASES / "n8n.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def canvas(name: str, **settings: object) -> dict[str, Any]:
    """A shipped workflow, with the values of its Settings node changed as a person changes them."""
    flow: dict[str, Any] = json.loads((CANVASES / f"{name}.json").read_text())
    for node in flow["nodes"]:
        if node["type"] == "n8n-nodes-base.set":
            for field in node["parameters"]["assignments"]["assignments"]:
                field["value"] = settings.get(field["name"], field["value"])
    return flow


class N8n:
    """One n8n. installed: where `make n8n` put the programs; home: its data."""

    def __init__(self, installed: Path, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home, self.port = home, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = installed / "n8n" / "node_modules" / ".bin" / "n8n"
        node = installed / "node" / "node_modules" / "node" / "bin"
        self._environment = {
            "PATH": f"{node}:{os.environ['PATH']}", "HOME": str(home), "N8N_USER_FOLDER": str(home),
            **shipped_environment(), **_QUIET, "N8N_PORT": str(self.port), "WEBHOOK_URL": f"{self.url}/",
            "N8N_RUNNERS_BROKER_PORT": str(free_port()),
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None
        self.web = httpx.AsyncClient(base_url=self.url, timeout=120, trust_env=False)
        self._api_key = ""

    @property
    def log(self) -> Path:
        """What it said."""
        return self.home / "n8n.log"

    def run(self, *arguments: str) -> None:
        """A command of n8n's, such as import:workflow, has ended well."""
        done = subprocess.run(
            [self._command, *arguments], env=self._environment, capture_output=True, text=True, timeout=180
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "rror occurred" not in done.stdout + done.stderr, done.stdout + done.stderr

    def bring(self, kind: str, things: Sequence[Mapping[str, Any]]) -> None:
        """kind: credentials or workflow; imported by the command that the docs name."""
        folder = self.home / kind
        folder.mkdir()
        for thing in things:
            (folder / f"{thing['id']}.json").write_text(json.dumps(thing))
        self.run(f"import:{kind}", "--separate", f"--input={folder}")
        shutil.rmtree(folder)

    async def start(self) -> None:
        """It answers, and its owner's API key is there."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
                [self._command, "start"], env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

        async def ready() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, self.log.read_text()[-3000:]
            return (await self.web.get("/healthz/readiness")).status_code == 200

        await until(ready, seconds=180, what="n8n is ready")
        if not self._api_key:
            await self._sign_in()

    def end(self, which: signal.Signals = signal.SIGTERM) -> None:
        """It does not run any more, its task runner neither."""
        if self._process is None:
            return
        tree = self.processes()
        with suppress(ProcessLookupError):
            self._process.send_signal(which)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for one in tree:
            with suppress(psutil.Error):
                one.kill()
        self._process = None

    def processes(self) -> list[psutil.Process]:
        """n8n and what it runs beside itself."""
        assert self._process is not None
        try:
            root = psutil.Process(self._process.pid)
            return [root, *root.children(recursive=True)]
        except psutil.Error:
            return []

    async def api(self, method: str, path: str, **more: Any) -> Any:
        """An answer of n8n's public API."""
        answer = await self.web.request(method, f"/api/v1{path}", headers={"X-N8N-API-KEY": self._api_key}, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def activate(self) -> dict[str, str]:
        """Every workflow listens; workflow's name → its id."""
        ids = {flow["name"]: flow["id"] for flow in (await self.api("GET", "/workflows"))["data"]}
        for flow in ids.values():
            await self.api("POST", f"/workflows/{flow}/activate")
        return ids

    async def executions(self, flow: str, **wanted: str) -> list[dict[str, Any]]:
        """Runs of a workflow that have ended, oldest first."""
        query = {"workflowId": flow, "includeData": "true", "limit": "100", **wanted}
        found = (await self.api("GET", "/executions", params=query))["data"]
        return [one for one in reversed(found) if one["finished"] or one["status"] in {"error", "crashed"}]

    async def _sign_in(self) -> None:
        headers = {"browser-id": "a-browser"}
        signed_in = await self.web.post(
            "/rest/login", json={"emailOrLdapLoginId": OWNER, "password": PASSWORD}, headers=headers
        )
        assert signed_in.status_code == 200, signed_in.text
        scopes = (await self.web.get("/rest/api-keys/scopes", headers=headers)).json()["data"]
        made = await self.web.post(
            "/rest/api-keys", json={"label": "test", "scopes": scopes, "expiresAt": None}, headers=headers
        )
        assert made.status_code == 200, made.text
        self._api_key = made.json()["data"]["rawApiKey"]


def ran(execution: Mapping[str, Any]) -> list[str]:
    """The nodes that a run went through."""
    return list(execution["data"]["resultData"]["runData"])


@asynccontextmanager
async def an_n8n(installed: Path, home: Path) -> AsyncIterator[N8n]:
    """An n8n that has not been started yet; nothing of it runs afterwards."""
    found = N8n(installed, home)
    try:
        yield found
    except BaseException:
        if found.log.exists():
            print("--- n8n\n" + found.log.read_text(errors="replace")[-6000:])  # noqa: T201 - the story of a failure
        raise
    finally:
        found.end()
        await found.web.aclose()
