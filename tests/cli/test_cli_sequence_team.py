"""`leadwake sequence list|publish|pause|resume`, as an operator uses them."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_case import CommandLine

TEXT = """\
sequence: callers
title: Callers
starts: by_hand
steps:
  - wait: 1 day
  - call: Ask what they want
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "callers.yaml"
    path.write_text(TEXT, "utf-8")
    return path


def test_a_sequence_is_published_with_its_difference_shown(leadwake: CommandLine, file: Path) -> None:
    first = leadwake("sequence", "publish", str(file), "--yes")
    again = leadwake("sequence", "publish", str(file), "--yes")
    file.write_text(TEXT.replace("1 day", "2 days"), "utf-8")
    unasked = leadwake("sequence", "publish", str(file))
    changed = leadwake("sequence", "publish", str(file), "--yes", "--note", "One day was too soon")

    assert (first.code, first.lines[-1]) == (0, "✓ callers is in force, version 1")
    assert "nothing to publish" in again.out
    assert unasked.code == 2
    assert "Step 1: Wait 2 days; was: Wait 1 day" in unasked.out
    assert (changed.code, changed.lines[-1]) == (0, "✓ callers is in force, version 2")


def test_what_is_wrong_is_said_by_its_line_and_not_published(leadwake: CommandLine, file: Path) -> None:
    file.write_text(TEXT.replace("1 day", "a while"), "utf-8")
    answer = leadwake("sequence", "publish", str(file), "--yes")

    assert answer.code == 1
    assert "callers.yaml:5: error: a wait is 30 minutes" in answer.out
    assert not [one for one in leadwake("sequence", "list", "--json").json if one["name"] == "callers"]


def test_it_is_listed_paused_and_resumed(leadwake: CommandLine, file: Path) -> None:
    assert leadwake("sequence", "publish", str(file), "--yes").code == 0
    assert leadwake("sequence", "pause", "callers").code == 0
    paused = [one for one in leadwake("sequence", "list", "--json").json if one["name"] == "callers"]
    assert leadwake("sequence", "resume", "callers").code == 0
    table = leadwake("sequence", "list").out
    nobody = leadwake("sequence", "pause", "nobody")

    assert paused[0]["paused_at"] is not None
    assert paused[0]["last_90_days"]["enrolled"] == 0
    assert "callers" in table
    assert "there is no sequence 'nobody'" in nobody.refused(1)


def test_before_anything_is_live_those_enrolled_in_practice_are_counted(leadwake: CommandLine, file: Path) -> None:
    leadwake("sequence", "publish", str(file), "--yes")
    leadwake.sql(
        "insert into lead (id, data_key_id, sealed_profile, source, channel, created_at, last_at, practice) "
        "select gen_random_uuid(), gen_random_uuid(), '', 'api', 'api', now(), now(), true; "
        "insert into enrollment (id, lead_id, sequence, version, cause, state, due_at, since, started_at, practice) "
        "select gen_random_uuid(), id, 'callers', 1, 'by_hand', 'waiting', now(), now(), now(), true from lead"
    )
    [listed] = [one for one in leadwake("sequence", "list", "--json").json if one["name"] == "callers"]

    assert listed["last_90_days"]["enrolled"] == 1
