"""What deploy/docker says holds: its files are well formed, name only what exists, and fit into 2 GB."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
import yaml

from leadwake.cli.main import cli
from leadwake.setting_names import KNOWN, PREFIX
from leadwake.storage.keys import MasterKey

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "deploy" / "docker"
BIN = Path(sys.executable).parent
TEMPLATE = ROOT / "deploy" / "nginx" / "leadwake.conf.template"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DEFAULT = {name: service for name, service in SERVICES.items() if "profiles" not in service}
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("leadwake:")}

_MEGABYTES = {"m": 1, "g": 1024}


def _ran(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(each) for each in arguments], capture_output=True, text=True, env={**os.environ, **environment}
    )


def test_the_dockerfile_is_clean_to_its_linter() -> None:
    found = _ran(BIN / "hadolint", DOCKER / "Dockerfile")

    assert (found.returncode, found.stdout) == (0, "")


def test_the_shell_scripts_are_clean_to_their_linter() -> None:
    found = _ran(BIN / "shellcheck", "--shell", "sh", *sorted(DOCKER.glob("*.sh")))

    assert (found.returncode, found.stdout) == (0, "")


def test_the_compose_file_is_what_the_compose_specification_allows() -> None:
    found = _ran(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DOCKER / "compose.yaml")

    assert found.returncode == 0, found.stdout


def test_whatever_goes_into_the_image_is_let_through_to_the_builder() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert {name for names in copied for name in names.split()} == let_in
    assert all((ROOT / name).exists() for name in let_in)


def _sources(service: dict[str, Any]) -> list[str]:
    return [volume.split(":")[0] for volume in service.get("volumes", ())]


@pytest.mark.parametrize("name", SERVICES)
def test_every_file_and_volume_a_service_mounts_is_there(name: str) -> None:
    made = {"leadwake.env"}  # by prepare.sh
    for source in [*_sources(SERVICES[name]), *(f"./{file}" for file in SERVICES[name].get("env_file", ()))]:
        if source.startswith("."):
            assert (DOCKER / source).exists() or source.removeprefix("./") in made, source
        else:
            assert source in COMPOSE["volumes"], source


def _secrets(service: dict[str, Any]) -> list[str]:
    return [each if isinstance(each, str) else each["source"] for each in service.get("secrets", ())]


def test_every_volume_secret_and_network_is_used() -> None:
    used = {source for service in SERVICES.values() for source in _sources(service)}

    assert set(COMPOSE["volumes"]) <= used
    assert set(COMPOSE["secrets"]) == {name for service in SERVICES.values() for name in _secrets(service)}
    assert set(COMPOSE["networks"]) == {each for service in SERVICES.values() for each in service["networks"]}


def test_every_setting_that_is_named_is_one_of_the_product_or_of_the_nginx_template() -> None:
    given = {name for service in OURS.values() for name in service["environment"]}
    example = re.findall(rf"^({PREFIX}\w+)=", (DOCKER / "leadwake.env.example").read_text(), re.MULTILINE)
    settings = {name.removesuffix("_FILE").removeprefix(PREFIX) for name in (*given, *example)}

    assert settings <= KNOWN


def test_nginx_is_given_each_name_its_template_asks_for() -> None:
    asked = set(re.findall(r"\$\{(\w+)\}", TEMPLATE.read_text()))

    assert asked
    assert asked == {name for name in SERVICES["nginx"]["environment"] if name.startswith(PREFIX)}


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_runs_a_command_there_is_with_options_it_has(name: str) -> None:
    words = SERVICES[name]["command"]
    command = cli.get_command(click.Context(cli), words[0])
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}

    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_no_more_than_it_must(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service.get("cap_add", ())) <= {"CHOWN", "NET_BIND_SERVICE", "SETGID", "SETUID"}
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in OURS])
def test_the_image_of_another_is_named_by_its_version(name: str) -> None:
    assert re.search(r":v?\d+\.\d+(\.\d+)?(-\w+)?$", SERVICES[name]["image"])


def test_only_nginx_can_be_reached_from_outside() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert published.pop("nginx") == ["80:80", "443:443"]
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert {tuple(SERVICES[name]["networks"]) for name in ("postgres", "redis", "migrate")} == {("inside",)}


def test_what_nginx_says_of_a_clients_address_is_believed_and_nobody_else() -> None:
    (network,) = COMPOSE["networks"]["edge"]["ipam"]["config"]

    assert OURS["web"]["environment"]["LEADWAKE_TRUSTED_PROXIES"] == network["subnet"]


def _megabytes(name: str) -> int:
    limit = SERVICES[name]["mem_limit"]
    return int(limit[:-1]) * _MEGABYTES[limit[-1]]


def test_without_profiles_it_fits_into_two_gigabytes_with_room_for_the_system() -> None:
    assert {"web", "worker", "postgres", "redis", "nginx", "certbot", "migrate"} == set(DEFAULT)
    assert sum(_megabytes(name) for name in DEFAULT) <= 2048 - 200


def test_each_service_has_a_limit_a_health_check_and_comes_back() -> None:
    for name, service in SERVICES.items():
        assert _megabytes(name) > 0
        if name != "migrate":
            assert service["restart"] == "unless-stopped"
            assert name in OURS or service["healthcheck"]["test"]


def test_no_secret_stands_in_the_file_or_in_an_environment() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|KEY|DATABASE_URL", name) and not name.startswith("LEADWAKE_CERT"):
                assert name.endswith("_FILE")
                assert value.startswith("/run/secrets/")


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A copy of deploy/docker, prepared."""
    for file in ("prepare.sh", "leadwake.env.example"):
        (tmp_path / file).write_bytes((DOCKER / file).read_bytes())
    done = _ran("sh", tmp_path / "prepare.sh", "leads.example.com", "you@example.com")
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_preparing_makes_every_secret_and_what_opens_the_database(prepared: Path) -> None:
    secrets = {file.name: file.read_text() for file in (prepared / "secrets").iterdir()}
    url = urlsplit(secrets["database_url"])

    assert set(COMPOSE["secrets"]) == set(secrets)
    assert MasterKey.parse(secrets["master_key"], "secrets/master_key").text == secrets["master_key"]
    assert (url.username, url.password, url.hostname) == ("leadwake", secrets["postgres_password"], "postgres")
    assert len(set(secrets.values())) == len(secrets)
    assert (prepared / "secrets").stat().st_mode & 0o777 == 0o700
    assert "LEADWAKE_HOST=leads.example.com\nCERTBOT_EMAIL=you@example.com\n" in (prepared / ".env").read_text()


def test_preparing_again_keeps_what_is_there(prepared: Path) -> None:
    before = {file: file.read_text() for file in prepared.rglob("*") if file.is_file()}

    _ran("sh", prepared / "prepare.sh", "other.example.com")

    assert before == {file: file.read_text() for file in prepared.rglob("*") if file.is_file()}


def test_preparing_without_a_name_says_how() -> None:
    done = _ran("sh", DOCKER / "prepare.sh")

    assert done.returncode == 2
    assert "usage: sh prepare.sh HOST" in done.stderr
