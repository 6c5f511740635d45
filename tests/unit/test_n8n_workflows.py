"""The four workflows for n8n: sound, without secrets, and of what the API and the webhooks really offer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

import pytest

from leadwake.domain.sequence.shipped import shipped
from leadwake.domain.webhook_types import TYPES
from leadwake.web.app import create_app
from leadwake.workflows.office import Office

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "n8n"
FILES = sorted(FOLDER.glob("*.json"))
DOCS = (ROOT / "docs" / "n8n.md").read_text("utf-8")
#: type → the version that n8n 2.41 knows
KNOWN: Final = {
    "webhook": 2.1, "respondToWebhook": 1.4, "httpRequest": 4.2, "set": 3.4, "if": 2.2, "switch": 3.2, "crypto": 2,
    "extractFromFile": 1, "removeDuplicates": 2, "wait": 1.1, "stopAndError": 1, "noOp": 1, "stickyNote": 1,
}  # fmt: skip
TYPE_OF_CREDENTIAL: Final = {"Bearer Auth": "httpBearerAuth", "Header Auth": "httpHeaderAuth", "Crypto": "crypto"}
DOOR: Final = ["From Leadwake", "Raw body", "Sign it as Leadwake does", "Is it from Leadwake, and fresh?"]

Flow = dict[str, Any]


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def flow(request: pytest.FixtureRequest) -> Flow:
    return _flow(request.param)


def _flow(file: Path) -> Flow:
    return cast("Flow", json.loads(file.read_text("utf-8")))


def _nodes(flow: Flow, kind: str | None = None) -> dict[str, Any]:
    return {
        node["name"]: node for node in flow["nodes"] if kind in {None, node["type"].removeprefix("n8n-nodes-base.")}
    }


def _ways(flow: Flow, *, without: tuple[str, int] | None = None) -> Iterator[tuple[str, str]]:
    """(from, to) of every connection; without: but those of this node's output."""
    for name, outputs in flow["connections"].items():
        for number, targets in enumerate(outputs["main"]):
            for target in targets:
                if (name, number) != without:
                    yield name, target["node"]


def _reached(flow: Flow, start: str, **more: Any) -> set[str]:
    found, ways = {start}, list(_ways(flow, **more))
    while new := {target for source, target in ways if source in found} - found:
        found |= new
    return found


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from _texts(one)
        case list():
            for one in value:
                yield from _texts(one)


def test_there_are_four() -> None:
    assert [file.stem for file in FILES] == ["1-instant-response", "2-intelligence", "3-routing", "4-nurture"]


def test_each_node_is_known_connected_and_said_once(flow: Flow) -> None:
    nodes = _nodes(flow)
    starts = _nodes(flow, "webhook")
    working = nodes.keys() - _nodes(flow, "stickyNote").keys()

    assert len(nodes) == len(flow["nodes"]) == len({node["id"] for node in flow["nodes"]})
    assert {(node["type"].removeprefix("n8n-nodes-base."), node["typeVersion"]) for node in flow["nodes"]} <= set(
        KNOWN.items()
    )
    assert set().union(*(_reached(flow, start) for start in starts)) == working
    assert not flow["active"]


def test_every_expression_ends_where_it_should(flow: Flow) -> None:
    """n8n takes the first }} for the end."""
    for text in _texts(flow["nodes"]):
        if text.startswith("="):
            for inside in re.findall(r"\{\{(.*?)\}\}", text, re.DOTALL):
                assert inside.count("{") == inside.count("}"), text
            assert not re.search(r"\{\{|\}\}", re.sub(r"\{\{.*?\}\}", "", text, flags=re.DOTALL)), text


def test_every_node_that_an_expression_names_is_there(flow: Flow) -> None:
    named = {name for text in _texts(flow["nodes"]) for name in re.findall(r"\$\('([^']+)'\)", text)}

    assert named <= _nodes(flow).keys()


def test_nothing_secret_and_nothing_of_one_n8n_stands_in_it(flow: Flow) -> None:
    text = json.dumps(flow)

    assert not re.search(r"lw_[0-9a-f]{12}|whsec_|Bearer |hmacSecret|\"token\"", text)
    assert {ref["id"] for node in flow["nodes"] for ref in node.get("credentials", {}).values()} == {None}
    assert "pinData" not in flow


def test_the_docs_name_each_credential_with_its_type() -> None:
    told = dict(re.findall(r"^ +\| `([\w ]+)` \| (\w+(?: Auth)?) \|", DOCS, re.MULTILINE))
    used = {
        (ref["name"], kind)
        for file in FILES
        for node in _flow(file)["nodes"]
        for kind, ref in node.get("credentials", {}).items()
    }

    assert used == {(name, TYPE_OF_CREDENTIAL[kind]) for name, kind in told.items()}


async def test_what_is_asked_of_leadwake_is_offered_by_its_api(office: Office) -> None:
    offered = create_app(office).openapi()["paths"]
    for file in FILES:
        asked = _nodes(_flow(file), "httpRequest")

        assert asked
        for node in asked.values():
            base, _, path = node["parameters"]["url"].partition(" }}")
            place = re.sub(r"\{\{.*?\}\}", "{lead_id}", path)
            assert base in {"={{ $('Settings').first().json.leadwake_url", "={{ $('Address').first().json.leadwake_url"}
            assert node["parameters"]["method"].lower() in offered[place], node["name"]


def test_each_delivery_is_verified_before_anything_else() -> None:
    doors = []
    for file in FILES[1:]:
        flow = _flow(file)
        hears = _nodes(flow)["From Leadwake"]["parameters"]
        unverified = _reached(flow, "From Leadwake", without=(DOOR[-1], 0))
        doors.append([_nodes(flow)[name]["parameters"] for name in DOOR[1:]])

        assert hears["options"] == {"rawBody": True}
        assert (hears["httpMethod"], hears["responseMode"]) == ("POST", "responseNode")
        assert unverified == {*DOOR, "Refuse it"}
        assert _nodes(flow)["Refuse it"]["parameters"]["options"]["responseCode"] == 401
    assert doors[0] == doors[1] == doors[2]


def test_whoever_else_may_post_shows_a_key(flow: Flow) -> None:
    for name, node in _nodes(flow, "webhook").items():
        if name != "From Leadwake":
            assert node["parameters"]["authentication"] == "headerAuth", name


def test_a_lead_carries_a_key_made_of_what_is_posted() -> None:
    nodes = _nodes(_flow(FILES[0]))
    for name in ("Tell Leadwake", "Last try: Retry repeats it"):
        asked = nodes[name]["parameters"]

        assert asked["headerParameters"]["parameters"] == [
            {"name": "Idempotency-Key", "value": "=n8n-{{ $('Key of this lead').first().json.key }}"}
        ]
        assert asked["jsonBody"] == "={{ $('Key of this lead').first().json.posted }}"
    assert "$json.posted" in nodes["Key of this lead"]["parameters"]["value"]
    assert not re.search(r"now|Date|random", json.dumps(nodes["In Leadwake's words"]["parameters"]))


def test_every_way_of_a_lead_ends_in_an_answer_and_only_a_taken_one_quietly() -> None:
    flow = _flow(FILES[0])
    sources = {source for source, _ in _ways(flow)}
    ends = _nodes(flow).keys() - sources - _nodes(flow, "stickyNote").keys()

    assert ends == {"Taken", "Last try: Retry repeats it", "A lead was refused"}
    assert (
        "onError" not in _nodes(flow)["Last try: Retry repeats it"]
    )  # a failed run is what a person sees, and retries


@pytest.mark.parametrize("file", FILES[1:], ids=lambda file: file.stem)
def test_it_hears_of_events_that_there_are_and_the_docs_name_the_same(file: Path) -> None:
    flow = _flow(file)
    path = _nodes(flow)["From Leadwake"]["parameters"]["path"]
    row = re.search(rf"^ +\| `https://YOUR-N8N/webhook/{path}` \| (.+) \|$", DOCS, re.MULTILINE)
    assert row is not None
    note = re.search(r"Setup, Webhooks, events? \*\*(.+)\*\*", _nodes(flow)["Note 1"]["parameters"]["content"])
    assert note is not None
    rules = json.dumps([node["parameters"] for node in _nodes(flow, "switch").values()])
    handled = set(re.findall(r"(?<!data\.)\blead\.\w+", rules))

    assert set(re.findall(r"`([a-z_.]+)`", row[1])) == set(note[1].split(", ")) == handled
    assert handled <= TYPES.keys()


def test_the_sequences_it_begins_come_with_leadwake() -> None:
    fields = _nodes(_flow(FILES[3]))["Settings"]["parameters"]["assignments"]["assignments"]
    chosen = {field["value"] for field in fields if field["name"].startswith("sequence_")}

    assert chosen - {""} <= shipped().keys()


def test_the_teams_own_nodes_come_behind_the_answer_and_the_memory() -> None:
    for file in FILES[1:]:
        flow = _flow(file)
        places = {name for name in _nodes(flow, "noOp") if " put " in name or "mailings" in name}

        assert places
        assert _reached(flow, "From Leadwake", without=("Heard", 0)).isdisjoint(places)
        assert {"Heard of it before?", "Forget them all"} == {
            source for source, target in _ways(flow) if target in {"How hot?", "What happened?"}
        }
        # one output for what is new; what n8n says of a full memory comes out at the one behind it
        assert [ways[0]["node"] for ways in flow["connections"]["Heard of it before?"]["main"]][1:] == [
            "Forget them all"
        ]


def test_one_version_of_n8n_is_installed_run_and_told_of() -> None:
    version = re.search(r"^n8n_version=([\d.]+)", (FOLDER / "install.sh").read_text(), re.MULTILINE)
    assert version is not None
    compose = ROOT / "deploy" / "docker" / "compose.yaml"

    assert f"version {version[1].rpartition('.')[0]}" in DOCS
    if compose.exists():
        assert f"n8nio/n8n:{version[1]}" in compose.read_text()
