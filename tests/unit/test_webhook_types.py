"""Every kind of event in the log is published under a type, or named as the house's own business."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import leadwake
from leadwake.domain import webhook_types
from leadwake.domain.webhook_types import NOT_PUBLISHED, OF_KIND, TYPES, WITHOUT_LEAD
from leadwake.storage.db import migrations

PACKAGE: Final = Path(leadwake.__file__).parent
#: file → the kinds it records by a name that is worked out
WORKED_OUT: Final[Mapping[str, frozenset[str]]] = {
    "cli/users.py": frozenset({"user_invited", "user_disabled", "user_added", "user_changed"}),
    "ops/rights.py": frozenset({"restricted", "unrestricted"}),
    "storage/events.py": frozenset(),
    "workflows/choices.py": frozenset({"opted_out", "opted_in", "no_calls"}),
    "workflows/confirming.py": frozenset({"address_confirmed", "address_unconfirmed"}),
    "workflows/escalation.py": frozenset({"offered", "assigned", "offer_timed_out", "owner_lost", "unattended"}),
    "workflows/json_doors.py": frozenset({"door_mapped", "door_key_made", "door_closed", "door_opened"}),
    "workflows/lookups.py": frozenset({"enriched", "not_enriched"}),
    "workflows/meeting_changes.py": frozenset({
        "meeting_booked", "meeting_moved", "meeting_cancelled", "meeting_held", "meeting_no_show",
    }),
    "workflows/numbers.py": frozenset({"webhooks_set", "webhooks_put_back"}),
    "workflows/offering.py": frozenset(),
    "workflows/people.py": frozenset({"user_added", "user_changed", "user_disabled"}),
    "workflows/roster.py": frozenset({"user_added", "user_changed"}),
    "workflows/set_aside.py": frozenset({"aside_taken_in", "aside_dismissed"}),
    "workflows/tasks.py": frozenset({"task_done", "task_undone", "task_snoozed"}),
    "workflows/websites.py": frozenset({"website_changed", "website_removed", "website_restored"}),
    "workflows/webhook_endpoints.py": frozenset({
        "webhook_added", "webhook_changed", "webhook_paused", "webhook_resumed", "webhook_deleted",
        "webhook_secret_rolled", "webhook_tested", "webhook_replayed",
    }),
}  # fmt: skip


def _kinds() -> Iterator[tuple[str, str | None]]:
    """(file, kind) of every line that writes into the log; None where the kind is worked out."""
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) >= 4:
                is_log = ast.unparse(node.func) in {"record", "events.record", "offering.log"}
                if is_log and ast.unparse(node.args[0]).endswith("connection"):
                    kind = node.args[3]
                    yield name, kind.value if isinstance(kind, ast.Constant) else None
    schema = "".join(text for _, text in migrations())
    for kind in re.findall(r"insert into event \(.*?\)\s+values \([^,]+, [^,]+, '(\w+)'", schema, re.DOTALL):
        yield "migrations", kind
    for path in (PACKAGE / "storage" / "sql").glob("*.sql"):
        for kind in re.findall(
            r"insert into event \(.*?\)\s+select [^,]+, [^,]+, '(\w+)'", path.read_text("utf-8"), re.DOTALL
        ):
            yield path.name, kind


def test_every_kind_in_the_log_is_published_or_named_as_not() -> None:
    found = list(_kinds())
    kinds = {kind for _, kind in found if kind} | {kind for kinds in WORKED_OUT.values() for kind in kinds}

    assert len(kinds) > 80
    assert {file for file, kind in found if kind is None} <= set(WORKED_OUT)
    assert kinds - OF_KIND.keys() - NOT_PUBLISHED == set()
    assert OF_KIND.keys() & NOT_PUBLISHED == set()
    assert (OF_KIND.keys() | NOT_PUBLISHED) - kinds == set()


def test_the_database_publishes_the_same() -> None:
    schema = "".join(text for _, text in migrations())
    pairs = re.findall(r"when '(\w+)' then '([a-z_]+\.[a-z_]+)'", schema.split("function webhook_type(", 1)[1])
    triggered = set(re.findall(r"'((?:lead|message)\.\w+)'", schema.split("function webhook_of_event", 1)[1]))

    assert {kind: type_ for kind, type_ in pairs if kind in OF_KIND} == OF_KIND
    assert set(OF_KIND.values()) | triggered | {"lead.erased"} == set(TYPES)
    assert set(TYPES) >= WITHOUT_LEAD
    assert webhook_types.TEST not in TYPES


def test_the_page_for_developers_lists_every_type_as_it_is() -> None:
    page = (PACKAGE.parents[1] / "docs" / "webhooks.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z_.]+)` \| (.*?) \|", page, re.MULTILINE)

    assert dict(rows) == TYPES
