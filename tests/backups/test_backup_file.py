"""A backup's file opens whole and with its key, or not at all."""

from __future__ import annotations

import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from leadwake.errors import ConfigError
from leadwake.storage import backup_file
from leadwake.storage.backup_file import PIECE, Writer
from leadwake.storage.keys import MasterKey

KEY = MasterKey.generate()
OTHER = MasterKey.generate()


def sealed_bytes(plain: bytes, key: MasterKey = KEY) -> bytes:
    file = io.BytesIO()
    header = backup_file.new_header(
        made_at=datetime(2026, 11, 30, tzinfo=UTC), why="by_hand", leadwake="0", migration="0001_pre_schema",
        postgres=180000, counts={"leads": 2},
    )  # fmt: skip
    writer = Writer(file, header, key)
    for at in range(0, len(plain), 70_000):
        writer.write(plain[at : at + 70_000])
    writer.finish()
    return file.getvalue()


def opened(content: bytes, *keys: MasterKey) -> bytes:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(content)
        return b"".join(backup_file.read(backup_file.look(Path(file.name)), keys or (KEY,)))


THREE = sealed_bytes(bytes(range(256)) * (2 * PIECE // 256) + b"the end")
SMALL = sealed_bytes(b"a small one")


@given(st.binary(max_size=3 * PIECE // 2))
@rules(max_examples=25)
def test_what_was_sealed_comes_out(plain: bytes) -> None:
    assert opened(sealed_bytes(plain)) == plain


@given(st.integers(min_value=0, max_value=len(SMALL) - 1), st.integers(min_value=1, max_value=255))
@rules(max_examples=300)
def test_a_changed_byte_never_opens_unless_in_the_empty_slot(place: int, by: int) -> None:
    changed = bytearray(SMALL)
    changed[place] ^= by
    sealed = _look(SMALL)
    if sealed.slots_at + 68 <= place < sealed.pieces_at:
        assert opened(bytes(changed)) == b"a small one"  # a second slot that nobody's key is in
        return
    with pytest.raises(ConfigError):
        opened(bytes(changed))


@given(st.integers(min_value=0, max_value=len(THREE) - 1))
@rules(max_examples=100)
def test_a_file_that_is_cut_off_never_opens(length: int) -> None:
    with pytest.raises(ConfigError):
        opened(THREE[:length])


def _pieces(content: bytes) -> tuple[bytes, list[bytes]]:
    at, pieces = _look(content).pieces_at, []
    head = content[:at]
    while at < len(content):
        end = at + 4 + int.from_bytes(content[at : at + 4], "big")
        pieces.append(content[at:end])
        at = end
    return head, pieces


def _look(content: bytes) -> backup_file.Sealed:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(content)
        return backup_file.look(Path(file.name))


OF_ANOTHER = sealed_bytes(bytes(range(256)) * (2 * PIECE // 256) + b"the end")


@given(st.lists(st.tuples(st.booleans(), st.integers(min_value=0, max_value=3)), max_size=6))
@rules(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_pieces_in_another_order_or_of_another_file_never_open(order: list[tuple[bool, int]]) -> None:
    head, own = _pieces(THREE)
    _, foreign = _pieces(OF_ANOTHER)
    mixed = [(own if is_own else foreign)[number] for is_own, number in order]
    if mixed == own:
        return
    with pytest.raises(ConfigError):
        opened(head + b"".join(mixed))


def test_bytes_after_the_end_are_not_believed() -> None:
    with pytest.raises(ConfigError, match="damaged"):
        opened(SMALL + b"x")


def test_another_key_is_told_which_one_is_wanted() -> None:
    with pytest.raises(ConfigError, match=f"sealed under master key {KEY.key_id}.*--key-file"):
        opened(SMALL, OTHER)


def test_a_new_master_key_opens_what_the_old_one_sealed_and_the_old_one_no_more(tmp_path: Path) -> None:
    path = tmp_path / "b"
    path.write_bytes(THREE)
    copy_elsewhere = path.read_bytes()

    assert backup_file.add_key(path, KEY, OTHER)
    between = path.read_bytes()
    assert opened(between, KEY) == opened(between, OTHER) == opened(THREE)
    assert backup_file.keep_only(path, OTHER)
    assert opened(path.read_bytes(), OTHER) == opened(THREE)
    with pytest.raises(ConfigError, match="not at hand"):
        opened(path.read_bytes(), KEY)
    assert opened(copy_elsewhere, KEY) == opened(THREE)
    # and once more, into the slot that is free now
    third = MasterKey.generate()
    assert backup_file.add_key(path, OTHER, third)
    assert backup_file.keep_only(path, third)
    assert opened(path.read_bytes(), third) == opened(THREE)


def test_a_key_that_opens_nothing_takes_nobody_elses_place(tmp_path: Path) -> None:
    path = tmp_path / "b"
    path.write_bytes(SMALL)

    assert not backup_file.add_key(path, OTHER, MasterKey.generate())
    assert not backup_file.keep_only(path, OTHER)
    assert path.read_bytes() == SMALL


def test_nothing_of_the_stream_or_the_keys_stands_in_the_file() -> None:
    content = sealed_bytes(b"marmalade" * 1000)

    assert b"marmalade" not in content
    assert KEY.secret not in content


@pytest.mark.parametrize("content", [b"", b"PGDMP", backup_file.MAGIC, backup_file.MAGIC + b"\xff" * 200])
def test_other_files_are_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(ConfigError) as refused:
        opened(content)
    assert "\n" not in str(refused.value)
