"""The written memory holds: what README and docs name exists, and what must be written down is."""

from __future__ import annotations

import ast
import importlib
import json
import re
import shlex
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client import metrics as prometheus

from leadwake import metrics
from leadwake.actions.states import State, after_delivery
from leadwake.cli.main import SECTIONS, cli
from leadwake.providers.hubspot_keys import KEY
from leadwake.providers.ports import DeliveryStatus
from leadwake.setting_names import KNOWN, PREFIX, STORABLE
from leadwake.storage.db import migrations, q, queries
from leadwake.storage.ledger import OUTCOMES
from leadwake.web.app import create_app
from leadwake.workflows import intake
from leadwake.workflows.office import Office
from leadwake.workflows.sending import EXPIRES_AFTER

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "leadwake"
ADRS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]

#: what a span may begin with that looks like a path of ours on the web and is a place on a disk
_ON_DISK = ("/var/", "/tmp", "/run/", "/opt/", "/etc/", "/root/")
_UNITS = {"": 1, "s": 1, "min": 60, "minutes": 60, "hours": 3600, "day": 86_400, "days": 86_400}


def _text(page: Path) -> str:
    return page.read_text("utf-8")


def _spans(page: Path) -> list[str]:
    """What stands between backticks, each on one line."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", _text(page))]


def _code_lines(page: Path) -> list[str]:
    """The lines of indented blocks, their continuations joined, comments gone."""
    blocks = re.findall(r"(?:^ {4}.*\n)+", _text(page).replace("\\\n", ""), re.MULTILINE)
    return [line.split(" # ")[0].strip() for block in blocks for line in block.splitlines()]


def _code(page: Path) -> list[str]:
    return [*_spans(page), *_code_lines(page)]


def _rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = _text(page).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in section.splitlines() if line.startswith("|")]
    return [row for row in rows[1:] if not set("".join(row)) <= set("-| ")]


def _named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


# Commands, settings, paths, metrics, targets.


def _commands_named() -> Iterator[tuple[str, list[str]]]:
    for page in PAGES:
        for code in _code(page):
            if match := re.match(r"(?:\.venv/bin/|sudo )?leadwake( .+|$)", code):
                yield f"{page.name}: {code}", shlex.split(match[1])


def _leaf(words: list[str]) -> click.Command:
    """The command these words lead to; raises what click raises for one that does not exist."""
    command: click.Command = cli
    context = click.Context(cli, info_name="leadwake")
    for word in words:
        if not isinstance(command, click.Group) or word.startswith("-") or word == "COMMAND":
            break
        found = command.get_command(context, word)
        if found is None:
            raise LookupError(f"no command {word!r} in {command.name}")
        command, context = found, click.Context(found, parent=context, info_name=word)
    return command


def test_every_command_and_option_that_is_named_exists() -> None:
    for where, words in _commands_named():
        command = _leaf(words)

        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        for word in words:
            if word.startswith("--") and word != "--help":
                assert word.partition("=")[0] in known, where


def test_every_option_in_the_command_table_belongs_to_a_command_of_its_row() -> None:
    for row in _rows(ROOT / "README.md", "Commands"):
        words = [shlex.split(span)[1:] for cell in row for span in _named(cell) if span.startswith("leadwake ")]
        known = {option for each in words for parameter in _leaf(each).params for option in parameter.opts}

        for cell in row:
            assert {span for span in _named(cell) if span.startswith("--")} <= known, row


def test_every_command_there_is_stands_in_the_readme() -> None:
    named = {words[0] for where, words in _commands_named() if where.startswith("README") and words}

    assert {name for commands in SECTIONS.values() for name, lazy in commands.items() if lazy.help} <= named


def test_every_setting_that_is_named_exists() -> None:
    for page in PAGES:
        for name in re.findall(rf"{PREFIX}([A-Z0-9_]*[A-Z0-9])", _text(page)):
            assert name in KNOWN or name.removesuffix("_FILE") in KNOWN, f"{page.name}: {PREFIX}{name}"


def test_the_settings_page_tells_every_setting_once_and_which_the_setup_page_takes() -> None:
    told = [
        (match[1], bool(match[2]))
        for row in _rows(ROOT / "docs" / "settings.md", "Each of them")
        for match in re.finditer(rf"`{PREFIX}([A-Z0-9_]+)`( ✎)?", row[0])
    ]

    assert sorted(KNOWN) == sorted(name for name, _ in told)
    assert {name for name in KNOWN if name in STORABLE} == {name for name, is_on_page in told if is_on_page}


def _web_paths() -> set[str]:
    spans = {re.sub(r"^(GET|POST) ", "", span) for page in PAGES for span in _code(page)}
    return {
        re.sub(r"\{\w+\}", "00000000-0000-0000-0000-000000000000", span)
        for span in spans
        if re.fullmatch(r"/[a-z0-9/_{}.-]+", span) and not span.startswith(_ON_DISK)
    }


async def test_every_web_path_that_is_named_is_answered(office: Office) -> None:
    transport = httpx.ASGITransport(create_app(office))
    async with httpx.AsyncClient(transport=transport, base_url="http://leadwake.test") as client:
        for path in sorted(_web_paths()):
            statuses = {(await client.request(method, path)).status_code for method in ("GET", "POST")}

            assert statuses - {404, 405}, path


def _metrics() -> set[str]:
    registry = CollectorRegistry()
    for metric in vars(metrics).values():
        if isinstance(metric, prometheus.MetricWrapperBase):
            registry.register(metric)
    return {family.name + ("_total" if family.type == "counter" else "") for family in registry.collect()}


def test_every_metric_that_is_named_exists() -> None:
    named = {name for page in PAGES for span in _spans(page) for name in re.findall(r"^leadwake_\w+$", span)}

    assert named
    users = {"leadwake_owner", "leadwake_app", "leadwake_read"}  # of a database server
    assert named - {KEY} - users <= _metrics()  # HubSpot's property of ours is none


def test_every_make_target_that_is_named_exists_and_the_readme_names_those_for_people() -> None:
    makefile = _text(ROOT / "Makefile")
    targets = set(re.findall(r"^([a-z0-9]+):", makefile, re.MULTILINE))
    for page in PAGES:
        for code in _code(page):
            if match := re.match(r"make ([a-z0-9]+)", code):
                assert match[1] in targets, f"{page.name}: {code}"

    named = {code.split()[1] for code in _code(ROOT / "README.md") if code.startswith("make ")}
    assert {"run", "demo", "test", "check", "crash", "droplet", "bench"} == named


def test_every_file_and_link_that_is_named_exists() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", _text(page)):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
        for span in _spans(page):
            if re.fullmatch(r"[a-z_]+(/[\w.-]+)*/([\w-]+\.[a-z]+|[\w-]+/?)|[a-z_]+\.py", span):
                places = (ROOT / span, PACKAGE / span)
                assert any(place.exists() for place in places), f"{page.name}: {span}"


def test_what_the_readme_says_lies_in_the_data_directory_does() -> None:
    source = "".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    for row in _rows(ROOT / "README.md", "What is kept where"):
        for name in _named(row[0]):
            assert f'"{name}"' in source, name


async def test_the_first_lead_of_the_readme_is_taken_and_is_what_make_run_prints(office: Office) -> None:
    curl = next(line for line in _code_lines(ROOT / "README.md") if line.startswith("curl"))
    body = re.search(r"-d '([^']+)'", curl)
    assert body is not None

    receipt = await intake.receive_lead(office, body[1].encode())

    assert receipt.lead_id is not None
    printed = (PACKAGE / "cli" / "supervisor.py").read_text("utf-8").replace("'\n            '", "")
    assert all(f'"{value}"' in printed for value in json.loads(body[1]).values())


def test_the_readme_is_short_enough_for_a_busy_person() -> None:
    assert len(_text(ROOT / "README.md").splitlines()) < 200


# Decisions.


@pytest.mark.parametrize("page", ADRS, ids=lambda page: page.stem)
def test_a_decision_has_its_four_parts_on_one_page(page: Path) -> None:
    text = _text(page)

    assert text.startswith(f"# {page.name[:4]}. ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences", "Alternatives"]
    assert len(text.splitlines()) <= 60


def test_decisions_are_numbered_without_gaps_and_the_index_lists_each_by_its_title() -> None:
    index = _text(ROOT / "docs" / "adr" / "README.md")

    assert [f"{number:04}" for number in range(1, len(ADRS) + 1)] == [page.name[:4] for page in ADRS]
    for page in ADRS:
        title = _text(page).splitlines()[0].removeprefix(f"# {page.name[:4]}. ")
        assert f"| [{page.name[:4]}]({page.name}) | {title} |" in index


# Lifecycle.

LIFECYCLE = ROOT / "docs" / "lifecycle.md"


def test_every_outcome_of_a_capture_stands_in_the_lifecycle() -> None:
    assert set(OUTCOMES) == {name for row in _rows(LIFECYCLE, "Captures") for name in _named(row[0])}


def _arrows() -> set[tuple[str, str]]:
    rows = _rows(LIFECYCLE, "Actions")
    return {(before, after) for row in rows for before in _named(row[0]) or [""] for after in _named(row[1])}


def test_every_state_of_an_action_stands_in_the_lifecycle_and_can_be_reached() -> None:
    assert {state.value for state in State} == {after for _, after in _arrows()}


def test_every_arrow_a_report_can_take_is_drawn() -> None:
    taken = {
        (state.value, after.value)
        for state in State
        for status in DeliveryStatus
        if (after := after_delivery(state, status)) is not None
    }
    # of an action that is planned again, "undelivered" speaks of an attempt that is to be repeated anyway
    taken.remove((State.PLANNED.value, State.UNDELIVERED.value))

    assert taken <= _arrows()


def test_ends_have_no_way_on_but_a_later_report() -> None:
    ends = {"undelivered", "bounced", "blocked", "cancelled", "skipped", "expired"}

    assert not {before for before, _ in _arrows()} & ends


def _value(name: str) -> Any:
    module, _, attribute = f"leadwake.{name}".rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def _seconds(text: str) -> list[float]:
    """The numbers of "2, 5, 10 s" or "10 min", in seconds where it names a unit."""
    numbers, unit = re.fullmatch(r"([\d., ]+?) ?([a-z]*)", text).groups()  # type: ignore[union-attr]
    return [float(number) * _UNITS[unit] for number in numbers.split(", ")]


def test_every_number_in_the_lifecycle_is_the_codes() -> None:
    rows = _rows(LIFECYCLE, "Numbers")
    assert len(rows) > 20
    for what, told, where in rows:
        (name,) = _named(where)
        if where.startswith("SQL"):
            assert f"interval '{_seconds(told)[0]:.0f} seconds'" in q(name), what
            continue
        value = _value(name)
        values = value if isinstance(value, tuple) else (value,)

        assert [v.total_seconds() if isinstance(v, timedelta) else v for v in values] == _seconds(told), what


def test_the_lifecycle_says_when_each_kind_expires() -> None:
    told = {_named(kind)[0]: _seconds(after)[0] for kind, after in _rows(LIFECYCLE, "Too late")}

    assert {kind: after.total_seconds() for kind, after in EXPIRES_AFTER.items()} == told


# Glossary.


@cache
def _defined() -> tuple[set[str], set[str]]:
    """Names of the classes and of the functions of the package."""
    classes: set[str] = set()
    functions: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                classes.add(node.name)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                functions.add(node.name)
    return classes, functions


@cache
def _tables() -> dict[str, str]:
    """Table → the text of its columns."""
    schema = "".join(text for _, text in migrations())
    return dict(re.findall(r"^create table ([\w.]+) \((.*?)^\)", schema, re.MULTILINE | re.DOTALL))


def _stands(kind: str, name: str) -> bool:
    classes, functions = _defined()
    match kind:
        case "class":
            return name in classes
        case "function":
            return name in functions
        case "table":
            return name in _tables()
        case "column":
            table, _, column = name.rpartition(".")
            changes = "".join(text for _, text in migrations())
            added = re.search(rf"^alter table {table}\b[^;]*? add column {column} ", changes, re.MULTILINE) is not None
            return added or re.search(rf"^    {column} ", _tables()[table], re.MULTILINE) is not None
    return False


def test_every_word_of_the_glossary_lives_where_it_says() -> None:
    page = ROOT / "docs" / "glossary.md"
    rows = [
        row for heading in ("Who asks", "What we do about it", "The team", "The house") for row in _rows(page, heading)
    ]
    assert len(rows) > 50
    for word, _, where in rows:
        names = [name.split() for name in _named(where)]

        assert names, word
        for kind, name in names:
            assert _stands(kind, name), f"{word}: {kind} {name}"


def test_every_table_of_ours_has_its_word_in_the_glossary() -> None:
    told = _text(ROOT / "docs" / "glossary.md")
    # what only serves another: a login's cookie, proof rows, settings as rows
    without = {"session", "setting", "idempotency", "vendor_state"}

    assert {table for table in _tables() if f"`table {table}`" not in told} == without


def test_every_query_the_documents_name_exists() -> None:
    named = {name for page in PAGES for name in re.findall(r"SQL `(\w+)`", _text(page))}

    assert named <= set(queries())
