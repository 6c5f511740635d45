"""The nginx template, read: what it says of each path, held against what the product does there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import crossplane
import pytest
from nginx_case import DEPLOY, Nginx, rendered

from leadwake.domain.sequence.tree import MAX_SOURCE_BYTES
from leadwake.web import bodies, crm_hooks, hooks, lead_hooks, mail_hooks
from leadwake.web.clients import _group
from leadwake.web.pages import imports, roster, route, sequence_edit
from leadwake.workflows.consent_forms import MAX_SCREENSHOT

TEMPLATE = DEPLOY / "nginx" / "leadwake.conf.template"

#: path → the largest body that the product takes there, and nginx with it
_LARGEST = {
    "/v1/leads": bodies.MAX_BODY, "/forms/site": bodies.MAX_BODY, "/embed/forms/site": bodies.MAX_BODY,
    "/hooks/twilio/sms": bodies.MAX_BODY, "/hooks/typeform": bodies.MAX_BODY, "/hooks/json/crm": bodies.MAX_BODY,
    "/hooks/hubspot": crm_hooks._MAX_BODY, "/hooks/gohighlevel": crm_hooks._MAX_BODY,
    "/hooks/meta/leadgen": lead_hooks._MAX_BATCH, "/hooks/sendgrid/events": hooks._MAX_EVENTS,
    "/hooks/sendgrid/inbound": mail_hooks._MAX_MAIL, "/leads/import": imports.MAX_FILE,
    "/setup/team/import": 2 * roster.MAX_LIST, "/setup/team/import/take": 2 * roster.MAX_LIST,
    "/setup/forms": MAX_SCREENSHOT + route.MAX_FORM, "/sequences/welcome/edit": sequence_edit._MOST,
    "/new-sequence": sequence_edit._MOST,
}  # fmt: skip


def test_nginx_takes_bodies_as_large_as_the_product_does(filled: Path) -> None:
    assert sequence_edit._MOST == 4 * MAX_SOURCE_BYTES
    assert {path: _bytes(_directives(filled, path, "client_max_body_size")[-1][0]) for path in _LARGEST} == _LARGEST


def test_no_event_stream_of_the_product_is_held_back(filled: Path) -> None:
    """A new one has to be named in the template."""
    streams = {"/events", "/embed/chat/0/stream"}
    named = [
        file
        for file in (DEPLOY.parent / "src/leadwake/web").rglob("*.py")
        if 'media_type="text/event-stream"' in file.read_text()
    ]

    assert sorted(file.name for file in named) == ["chat_api.py", "now.py"]
    for path in streams:
        assert ["off"] in _directives(filled, path, "proxy_buffering"), path


def test_an_ipv6_network_counts_as_one_sender_as_it_does_in_the_product() -> None:
    patterns = [
        re.compile(pattern.replace("?<", "?P<"))
        for pattern in re.findall(r'"~(\S+)" \$leadwake_net;', TEMPLATE.read_text())
    ]

    def key(address: str) -> str:
        return next((found[1] for pattern in patterns if (found := pattern.match(address))), address)

    pairs = [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1"),
        ("2001:db8::1", "2001:db8::ffff:2"),
        ("2001:db8:1::1", "2001:db8:1::2"),
    ]
    for one, other in pairs:
        assert (key(one), _group(one)) == (key(other), _group(other))
    for one, other in [
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("2001:db8::1", "2001:db9::1"),
        ("192.0.2.1", "192.0.2.2"),
    ]:
        assert key(one) != key(other)
        assert _group(one) != _group(other)


def test_two_programs_that_read_nginx_find_nothing_that_was_not_judged(filled: Path) -> None:
    parsed = crossplane.parse(str(filled))
    gixy = subprocess.run(
        [Path(sys.executable).with_name("gixy"), "-f", "json", filled], capture_output=True, text=True
    )  # fmt: skip

    assert (parsed["status"], parsed["errors"]) == ("ok", [])
    assert {(found["plugin"], found["severity"]) for found in json.loads(gixy.stdout)} == {
        ("add_header_content_type", "LOW"),  # default_type takes no variable
        ("hsts_header", "MEDIUM"),  # on the server for other names, which answers nothing
    }


def test_a_name_with_anything_else_in_it_is_not_filled_in() -> None:
    for host in ("", "leads.example.com; return 200", "a b", "x}"):
        said = subprocess.run(
            [DEPLOY / "nginx/render.sh"], input="", env={"PATH": "/usr/bin:/bin", "LEADWAKE_HOST": host},
            capture_output=True, text=True,
        )  # fmt: skip

        assert (said.returncode, said.stdout) == (2, "")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as a host has it."""
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "nginx.conf").write_text("events {}\nhttp { include leadwake.conf; }\n")
    (folder / "leadwake.conf").write_text(rendered(Nginx(folder, 80, 443), "127.0.0.1:8000"))
    return folder / "nginx.conf"


def _directives(filled: Path, path: str, name: str) -> list[list[str]]:
    """A directive's arguments as they count for a path: the server's, then its location's, chosen as nginx does."""
    parsed: list[dict[str, Any]] = crossplane.parse(str(filled))["config"][1]["parsed"]
    servers = [each["block"] for each in parsed if each["directive"] == "server"]
    ours = next(block for block in servers if any(one["directive"] == "limit_req_status" for one in block))
    places = {" ".join(each["args"]): each["block"] for each in ours if each["directive"] == "location"}
    exact = [key for key in places if key == f"= {path}"]
    patterns = [key for key in places if key.startswith("~ ") and re.search(key[2:], path)]
    prefixes = sorted((key for key in places if key[0] == "/" and path.startswith(key)), key=len, reverse=True)
    chosen = [*exact, *patterns, *prefixes][0]
    return [each["args"] for block in (ours, places[chosen]) for each in block if each["directive"] == name]


def _bytes(size: str) -> int:
    units = {"k": 1024, "m": 1024 * 1024}
    return int(size.rstrip("km")) * units.get(size[-1], 1)
