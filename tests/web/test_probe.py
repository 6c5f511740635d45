"""A probe from elsewhere: a real Leadwake looked at over HTTP, its lead tried to the end and taken back."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from leadwake.ops import availability
from leadwake.ops.probe import LEAD, Probe
from office_case import House, api_key
from ports import free_port

LEFT_BEHIND = (
    "lead", "capture", "inquiry", "action", "contact_point", "lead_contact", "vault.data_key", "procrastinate_jobs",
    "event",
)  # fmt: skip


async def _probe(house: House, **changes: object) -> Probe:
    key = await api_key(house.office, "probe:write")
    return Probe(house.url, key, **{"name": "home", **changes})  # type: ignore[arg-type]


async def _counts(house: House) -> dict[str, int]:
    found = await house.rows(
        " union all ".join(f"select '{table}' as t, count(*) as n from {table}" for table in LEFT_BEHIND)  # type: ignore[arg-type]
    )
    return {row["t"]: row["n"] for row in found}


async def test_a_look_tries_a_lead_to_the_end_and_leaves_only_itself(house: House) -> None:
    before, counted = await _counts(house), REGISTRY.get_sample_value
    captures = counted("leadwake_captures_total", {"source": "api", "outcome": "lead"}) or 0
    probe = await _probe(house)
    seen = await probe.look()

    assert (seen.is_up, seen.why, seen.captured) == (True, None, True)
    assert await _counts(house) == before
    assert (counted("leadwake_captures_total", {"source": "api", "outcome": "lead"}) or 0) == captures
    (row,) = await house.rows("select probe, is_up, why, every_s from probe_look")
    assert row == {"probe": "home", "is_up": True, "why": None, "every_s": 60}
    assert (await house.ledger()).balanced


async def test_what_could_not_be_told_is_told_later_as_down(idle_house: House) -> None:
    house = idle_house
    probe = await _probe(house)
    assert (await probe.look()).is_up
    right, probe.url = probe.url, f"http://127.0.0.1:{free_port()}"
    down = await probe.look()
    assert (down.is_up, down.why) == (False, "connect")
    probe.url = right
    assert (await probe.look()).is_up

    rows = await house.rows("select is_up, why from probe_look order by at")
    assert [tuple(row.values()) for row in rows] == [(True, None), (False, "connect"), (True, None)]
    assert not probe.untold
    (found,) = await availability.read(house.office, house.now)
    assert (found.probe, found.up_s, found.down_s) == ("home", 120, 60)
    assert found.unknown_s == 28 * 86_400 - 180, "what nobody saw is unknown"
    await availability.show(house.office, house.now)
    assert REGISTRY.get_sample_value("leadwake_availability", {"probe": "home"}) == pytest.approx(2 / 3)


async def test_an_answer_that_was_lost_is_down_and_counted_once(house: House) -> None:
    key = await api_key(house.office, "probe:write")
    look = {"id": str(uuid4()), "is_up": True}
    told = {"probe": "home", "every_s": 60, "look": look, "lead": LEAD}
    headers = {"Authorization": f"Bearer {key}"}
    assert (await house.http.post("/v1/probe", json=told, headers=headers)).status_code == 202
    late = {**look, "is_up": False, "why": "timeout", "ago_s": 60}
    told |= {"look": {"id": str(uuid4()), "is_up": True}, "before": [late]}
    assert (await house.http.post("/v1/probe", json=told, headers=headers)).status_code == 202

    rows = await house.rows("select is_up, why from probe_look order by at")
    assert [tuple(row.values()) for row in rows] == [(False, "timeout"), (True, None)]


async def test_a_lead_that_would_not_be_admitted_is_down(idle_house: House) -> None:
    house = idle_house
    await house.rows("alter table inquiry add constraint broken check (score > 1000) not valid")
    probe = await _probe(house)
    seen = await probe.look()

    assert (seen.is_up, seen.why) == (False, "not_admitted")
    (row,) = await house.rows("select is_up, why from probe_look")
    assert tuple(row.values()) == (False, "not_admitted")


async def test_only_a_key_of_its_scope_probes_and_nobody_s_lead_is_tried(idle_house: House) -> None:
    house = idle_house
    look = {"probe": "home", "every_s": 60, "look": {"id": str(uuid4()), "is_up": True}, "lead": LEAD}
    assert (await house.http.post("/v1/probe", json=look)).status_code == 403
    headers = {"Authorization": f"Bearer {await api_key(house.office, 'probe:write')}"}
    for wrong in (
        look | {"lead": {"name": "Ann", "phone": "+18135550142"}},
        look | {"lead": {"name": "Ann", "email": "ann@example.com"}},
        look | {"probe": "<b>"},
        look | {"every_s": 0},
        look | {"before": [look["look"]] * 201},
    ):
        assert (await house.http.post("/v1/probe", json=wrong, headers=headers)).status_code == 422
    big = {**headers, "content-type": "application/json"}
    assert (await house.http.post("/v1/probe", content=b"x" * 70_000, headers=big)).status_code == 413
    assert not await house.rows("select 1 from probe_look")


async def test_looks_of_the_past_are_taken_away_with_the_rest(idle_house: House) -> None:
    probe = await _probe(idle_house)
    assert (await probe.look()).is_up
    idle_house.advance(timedelta(days=29))

    assert await availability.read(idle_house.office, idle_house.now) == []


async def test_the_command_says_what_it_sees_and_exits_by_it(idle_house: House, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(await api_key(idle_house.office, "probe:write"))
    found = await _run(tmp_path, idle_house.url, "--json", "--textfile", "look.prom", "--name", "office 2")
    said = json.loads(found.stdout)

    assert found.returncode == 0, found.stderr
    assert (said["up"], said["captured"], said["tls_days_left"]) == (True, True, None)
    assert 'leadwake_probe_up{probe="office 2"} 1' in (tmp_path / "look.prom").read_text().splitlines()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.close()
        found = await _run(tmp_path, f"http://127.0.0.1:{free_port()}", "--every", "5", "--count", "1")
    assert found.returncode == 1
    assert "down: nothing answered" in found.stdout
    assert (await _run(tmp_path, "ftp://example.com")).returncode == 2


async def _run(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("LEADWAKE_")}
    return await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "leadwake", "probe", *arguments], cwd=place, text=True, timeout=60,
        capture_output=True, env=own | {"LEADWAKE_PROBE_KEY_FILE": str(place / "key")},
    )  # fmt: skip
