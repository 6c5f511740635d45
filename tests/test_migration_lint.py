"""A migration that would hold everybody up is found before it lands."""

from __future__ import annotations

from pathlib import Path

import pytest
from checks.migrations import EXCEPTIONS, MIGRATIONS, SINCE, asked_about, problems


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("create index lead_again on lead (last_at);", "require-concurrent-index-creation"),
        ("alter table lead add column note text not null;", "adding-required-field"),
        ("alter table lead alter column score type bigint;", "changing-column-type"),
        ("alter table lead add constraint known check (score > 0);", "constraint-missing-not-valid"),
        ("alter table lead rename column score to points;", "renaming-column"),
        ("drop table lead;", "ban-drop-table"),
    ],
)
def test_what_would_lock_or_break_a_table_in_use_is_found(tmp_path: Path, statement: str, rule: str) -> None:
    file = tmp_path / "0999_pre_careless.sql"
    file.write_text(f"-- Careless.\n\n{statement}\n")

    assert any(f": {rule}: " in one for one in problems([file])), problems([file])


def test_a_new_table_with_its_index_is_no_problem(tmp_path: Path) -> None:
    file = tmp_path / "0999_pre_careful.sql"
    file.write_text("create table note_to_self (id bigint primary key, at timestamptz);\n"
                    "create index note_to_self_at on note_to_self (at);\n"
                    "alter table lead add column note text;\n")  # fmt: skip

    assert problems([file]) == []


def test_our_migrations_since_then_are_clean() -> None:
    assert asked_about(), "this one at least"
    assert problems(asked_about()) == []


def test_every_exception_is_of_a_migration_that_is_asked_about_and_has_a_reason() -> None:
    assert all(int(name[:4]) >= SINCE and reason for (name, _), reason in EXCEPTIONS.items())
    assert MIGRATIONS.is_dir()
