"""Always and never of the vault."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.storage.credentials import TokenRefused, read_token, sign_token
from leadwake.storage.keys import MasterKey
from leadwake.storage.vault import KekUnknown, SealBroken, Vault, rewrap

MASTER = MasterKey.generate()
VAULT, ROWS = Vault.bootstrap(MASTER)
KEY = VAULT.new_data_key()
NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)
texts = st.text(st.characters(codec=None), max_size=200)


def flipped(value: bytes, bit: int) -> bytes:
    bit %= len(value) * 8
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@given(st.binary(max_size=5000), st.binary(max_size=60))
def test_what_is_sealed_always_opens(plaintext: bytes, context: bytes) -> None:
    assert plaintext == KEY.open(KEY.seal(plaintext, context), context)


@given(st.binary(max_size=200), st.integers(min_value=0))
def test_a_flipped_bit_never_opens(plaintext: bytes, bit: int) -> None:
    with pytest.raises(SealBroken):
        KEY.open(flipped(KEY.seal(plaintext, b"context"), bit), b"context")


@given(st.integers(min_value=0))
def test_a_flipped_bit_in_a_wrapped_key_never_opens(bit: int) -> None:
    with pytest.raises(SealBroken):
        VAULT.open_data_key(KEY.id, KEY.kek_id, flipped(KEY.wrapped, bit))


@given(st.binary(max_size=300))
def test_bytes_from_elsewhere_never_open(noise: bytes) -> None:
    with pytest.raises(SealBroken):
        KEY.open(noise, b"context")


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_another_context_never_opens(context: bytes, other: bytes) -> None:
    if context == other:
        return
    with pytest.raises(SealBroken):
        KEY.open(KEY.seal(b"Maria", context), other)


@given(texts, texts, st.integers(min_value=0))
def test_settings_open_always_and_changed_ones_never(name: str, value: str, bit: int) -> None:
    sealed = VAULT.seal_setting(name, value)

    assert value == VAULT.open_setting(name, sealed)
    with pytest.raises((SealBroken, KekUnknown)):
        VAULT.open_setting(name, flipped(sealed, bit))


@given(st.lists(st.sampled_from(["master", "kek"]), max_size=4), st.binary(max_size=50))
def test_rotations_in_any_order_keep_everything_readable(rotations: list[str], plaintext: bytes) -> None:
    master, vault = MASTER, VAULT
    key = vault.new_data_key()
    sealed, setting = key.seal(plaintext, b"c"), vault.seal_setting("S", "v")
    index = vault.blind("email", "a@example.com")
    for rotation in rotations:
        if rotation == "kek":
            vault, _ = vault.with_new_kek(master)
            key = vault.rewrap_data_key(key.id, key.kek_id, key.wrapped)
        else:
            master = MasterKey.generate()
            rows = rewrap(vault, master)
            vault = Vault(master, rows.keks, rows.index_key)

        opened = vault.open_data_key(key.id, key.kek_id, key.wrapped)
        assert plaintext == opened.open(sealed, b"c")
        assert vault.open_setting("S", setting) == "v"
        assert index == vault.blind("email", "a@example.com")


@given(texts)
def test_blind_indexes_never_fail_and_always_agree(value: str) -> None:
    again = Vault(MASTER, ROWS.keks, ROWS.index_key)

    assert VAULT.blind("phone", value) == again.blind("phone", value)
    assert VAULT.blind_token(value) == again.blind_token(value)


@given(st.binary(max_size=80), st.integers(min_value=0))
def test_a_signed_link_is_read_back_and_never_forged(payload: bytes, bit: int) -> None:
    link = sign_token(VAULT.link_key, "invite", payload, None)
    raw = base64.urlsafe_b64decode(link + "=" * (-len(link) % 4))
    forged = base64.urlsafe_b64encode(flipped(raw, bit)).rstrip(b"=").decode()

    assert payload == read_token(VAULT.link_key, "invite", link, now=NOW)
    with pytest.raises(TokenRefused):
        read_token(VAULT.link_key, "invite", forged, now=NOW)


@given(st.binary(max_size=20), st.integers(min_value=0), st.characters(codec="ascii"))
def test_a_link_has_one_spelling(payload: bytes, place: int, other: str) -> None:
    link = sign_token(VAULT.link_key, "invite", payload, None)
    place %= len(link)
    changed = link[:place] + other + link[place + 1 :]
    if changed == link:
        return
    with pytest.raises(TokenRefused):
        read_token(VAULT.link_key, "invite", changed, now=NOW)
