"""The master key's files: made once, guarded, rotated through every crash."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from leadwake.errors import ConfigError
from leadwake.storage.keys import (
    KEY_FILE,
    NEXT_FILE,
    MasterKey,
    candidate_master_keys,
    choose_master_key,
    forget_next_key,
    is_rotation_pending,
    load_or_create_master_key,
    rotating,
)


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def test_first_start_creates_a_key_and_the_second_reads_it(tmp_path: Path) -> None:
    data_dir = tmp_path / "a dir" / "leadwake"
    key, created = load_or_create_master_key(data_dir, None)

    assert created
    assert (key, False) == load_or_create_master_key(data_dir, None)
    assert mode(data_dir / KEY_FILE) == 0o600


def test_loose_umask_does_not_loosen_the_file(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        load_or_create_master_key(tmp_path, None)
    finally:
        os.umask(before)

    assert mode(tmp_path / KEY_FILE) == 0o600


def test_processes_starting_at_once_agree_on_one_key(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from leadwake.storage.keys import load_or_create_master_key as load\n"
        "sys.stdin.readline(); key, created = load(Path(sys.argv[1]), None); print(key.key_id, created)"
    )
    start = [sys.executable, "-c", code, str(tmp_path / "data")]
    processes = [subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60)[0].split() for process in processes]

    assert len({key_id for key_id, _ in answers}) == 1
    assert [created for _, created in answers].count("True") == 1


def test_configured_key_wins_and_writes_no_file(tmp_path: Path) -> None:
    configured = MasterKey.generate()

    assert (configured, False) == load_or_create_master_key(tmp_path, configured.text)
    assert not (tmp_path / KEY_FILE).exists()


@pytest.mark.parametrize("text", ["short", "ä" * 43, "A" * 42, base64.urlsafe_b64encode(bytes(31)).decode(), "A" * 43])
def test_malformed_configured_key_says_what_to_do_without_repeating_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_or_create_master_key(tmp_path, text)

    assert "LEADWAKE_MASTER_KEY" in str(caught.value)
    assert "token_urlsafe(32)" in str(caught.value)
    assert text not in str(caught.value)


def test_key_file_readable_by_others_is_refused(tmp_path: Path) -> None:
    load_or_create_master_key(tmp_path, None)
    (tmp_path / KEY_FILE).chmod(0o640)

    with pytest.raises(ConfigError, match="chmod 600"):
        load_or_create_master_key(tmp_path, None)


def test_damaged_key_file_is_never_replaced(tmp_path: Path) -> None:
    file = tmp_path / KEY_FILE
    file.write_text("not a key\n")
    file.chmod(0o600)

    with pytest.raises(ConfigError, match=r"master\.key"):
        load_or_create_master_key(tmp_path, None)
    assert file.read_text() == "not a key\n"


def test_key_never_shows_in_its_repr() -> None:
    key = MasterKey.generate()

    assert key.text not in repr(key)
    assert repr(key.secret) not in repr(key)


def test_key_of_another_database_is_named_as_such(tmp_path: Path) -> None:
    load_or_create_master_key(tmp_path, None)

    with pytest.raises(ConfigError, match="0123456789abcdef"):
        choose_master_key(tmp_path, None, "0123456789abcdef")


def test_rotation_replaces_the_file(tmp_path: Path) -> None:
    old, _ = load_or_create_master_key(tmp_path, None)
    with rotating(tmp_path, None) as rotation:
        new = rotation.begin(old.key_id)
        rotation.finish()

    assert new != old
    assert [new] == candidate_master_keys(tmp_path)
    assert mode(tmp_path / KEY_FILE) == 0o600


def test_rotation_cut_off_before_the_commit_leaves_the_old_key_in_use(tmp_path: Path) -> None:
    old, _ = load_or_create_master_key(tmp_path, None)
    with rotating(tmp_path, None) as rotation:
        new = rotation.begin(old.key_id)

    assert [old, new] == candidate_master_keys(tmp_path)
    assert old == choose_master_key(tmp_path, None, old.key_id)
    assert old == choose_master_key(tmp_path, None, old.key_id)


def test_rotation_cut_off_after_the_commit_is_finished_by_the_next_start(tmp_path: Path) -> None:
    old, _ = load_or_create_master_key(tmp_path, None)
    with rotating(tmp_path, None) as rotation:
        new = rotation.begin(old.key_id)

    assert new == choose_master_key(tmp_path, None, new.key_id)
    assert [new] == candidate_master_keys(tmp_path)


def test_start_during_a_rotation_touches_neither_file(tmp_path: Path) -> None:
    old, _ = load_or_create_master_key(tmp_path, None)
    with rotating(tmp_path, None) as rotation:
        new = rotation.begin(old.key_id)
        assert old == choose_master_key(tmp_path, None, old.key_id)  # before the commit
        assert new == choose_master_key(tmp_path, None, new.key_id)  # after it
        assert (tmp_path / NEXT_FILE).exists()
        rotation.finish()

    assert new == choose_master_key(tmp_path, None, new.key_id)


def test_rotation_after_an_unfinished_one_loses_no_key(tmp_path: Path) -> None:
    old, _ = load_or_create_master_key(tmp_path, None)
    with rotating(tmp_path, None) as rotation:
        second = rotation.begin(old.key_id)  # committed, then killed
    with rotating(tmp_path, None) as rotation:
        third = rotation.begin(second.key_id)
        assert [second, third] == candidate_master_keys(tmp_path)


def test_two_rotations_at_once_are_refused(tmp_path: Path) -> None:
    load_or_create_master_key(tmp_path, None)

    with rotating(tmp_path, None), pytest.raises(ConfigError, match="another process"), rotating(tmp_path, None):
        pass


def test_rotation_of_a_configured_key_works_until_the_environment_is_changed(tmp_path: Path) -> None:
    old = MasterKey.generate()
    with rotating(tmp_path, old.text) as rotation:
        new = rotation.begin(old.key_id)
        rotation.finish()

    assert new == choose_master_key(tmp_path, old.text, new.key_id)
    assert is_rotation_pending(tmp_path, old.text, new.key_id)
    assert not forget_next_key(tmp_path, new.key_id, old.text)
    with rotating(tmp_path, old.text) as rotation, pytest.raises(ConfigError, match="not complete"):
        rotation.begin(new.key_id)

    assert not is_rotation_pending(tmp_path, new.text, new.key_id)
    assert forget_next_key(tmp_path, new.key_id, new.text)
    assert [new] == candidate_master_keys(tmp_path, new.text)


def test_rotation_without_the_key_in_use_is_refused(tmp_path: Path) -> None:
    load_or_create_master_key(tmp_path, None)

    with rotating(tmp_path, None) as rotation, pytest.raises(ConfigError, match="fingerprint"):
        rotation.begin("0123456789abcdef")
    assert not (tmp_path / NEXT_FILE).exists()


def test_crash_while_the_key_was_written_leaves_no_half_key(tmp_path: Path) -> None:
    (tmp_path / "master.key.tmp").write_bytes(b"half a k")

    key, created = load_or_create_master_key(tmp_path, None)

    assert created
    assert [key] == candidate_master_keys(tmp_path)
