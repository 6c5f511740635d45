"""The vault: what it opens, what it refuses, what rotation and destruction leave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadwake.errors import ConfigError
from leadwake.storage.credentials import (
    TokenExpired,
    TokenRefused,
    api_key_id,
    hash_password,
    needs_rehash,
    new_api_key,
    read_token,
    sign_token,
    verify_api_key,
    verify_password,
)
from leadwake.storage.keys import MasterKey
from leadwake.storage.vault import CACHED_KEYS, KekUnknown, SealBroken, Vault, VaultRows, WrappedKek, rewrap

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)


@pytest.fixture(name="master")
def _master() -> MasterKey:
    return MasterKey.generate()


@pytest.fixture(name="rows")
def _rows(master: MasterKey) -> VaultRows:
    return Vault.bootstrap(master)[1]


@pytest.fixture(name="vault")
def _vault(master: MasterKey, rows: VaultRows) -> Vault:
    return Vault(master, rows.keks, rows.index_key)


def test_another_process_opens_what_this_one_sealed(vault: Vault, master: MasterKey, rows: VaultRows) -> None:
    key = vault.new_data_key()
    sealed = key.seal("Zoë".encode(), b"lead.name")
    other = Vault(master, rows.keks, rows.index_key).open_data_key(key.id, key.kek_id, key.wrapped)

    assert other.open(sealed, b"lead.name") == "Zoë".encode()


def test_same_text_sealed_twice_looks_different(vault: Vault) -> None:
    key = vault.new_data_key()

    assert key.seal(b"Maria", b"name") != key.seal(b"Maria", b"name")


def test_value_moved_to_another_column_or_person_does_not_open(vault: Vault) -> None:
    maria, john = vault.new_data_key(), vault.new_data_key()
    sealed = maria.seal(b"Maria", b"lead.name")

    for key, context in [(maria, b"lead.message"), (john, b"lead.name")]:
        with pytest.raises(SealBroken):
            key.open(sealed, context)


def test_wrapped_key_moved_to_another_row_does_not_open(vault: Vault) -> None:
    maria, john = vault.new_data_key(), vault.new_data_key()

    with pytest.raises(SealBroken):
        vault.open_data_key(john.id, maria.kek_id, maria.wrapped)


def test_wrong_master_key_is_a_configuration_error(rows: VaultRows) -> None:
    with pytest.raises(ConfigError, match=rows.index_key.master_key_id):
        Vault(MasterKey.generate(), rows.keks, rows.index_key)


def test_damaged_or_swapped_kek_row_is_a_configuration_error(master: MasterKey, rows: VaultRows) -> None:
    [kek] = rows.keks
    for damaged in (WrappedKek(2, kek.master_key_id, kek.wrapped), WrappedKek(1, kek.master_key_id, b"")):
        with pytest.raises(ConfigError, match="damaged"):
            Vault(master, [damaged], rows.index_key)
    with pytest.raises(ConfigError, match="no key-encryption key"):
        Vault(master, [], rows.index_key)


def test_key_of_a_newer_kek_asks_for_a_reload(vault: Vault, master: MasterKey) -> None:
    newer, _ = vault.with_new_kek(master)
    key = newer.new_data_key()

    with pytest.raises(KekUnknown) as caught:
        vault.open_data_key(key.id, key.kek_id, key.wrapped)
    assert caught.value.kek_id == key.kek_id


def test_destroyed_kek_leaves_its_keys_dark_and_the_teams_settings_readable(
    vault: Vault, master: MasterKey, rows: VaultRows
) -> None:
    erased, living = vault.new_data_key(), vault.new_data_key()
    letter = living.seal(b"still here", b"message")
    setting = vault.seal_setting("TWILIO_AUTH_TOKEN", "s3cret")
    both, new_row = vault.with_new_kek(master)
    rewrapped = both.rewrap_data_key(living.id, living.kek_id, living.wrapped)
    resealed = both.rewrap_setting("TWILIO_AUTH_TOKEN", setting)
    after = Vault(master, [new_row], rows.index_key)  # the old row is gone

    assert (
        after.open_data_key(rewrapped.id, rewrapped.kek_id, rewrapped.wrapped).open(letter, b"message") == b"still here"
    )
    assert after.open_setting("TWILIO_AUTH_TOKEN", resealed) == "s3cret"
    with pytest.raises(KekUnknown):
        after.open_data_key(erased.id, erased.kek_id, erased.wrapped)
    assert after.open_setting("TWILIO_AUTH_TOKEN", setting) == "s3cret", "as an older backup has it"
    with pytest.raises(SealBroken):  # an old backup's row under the new KEK's number
        after.open_data_key(erased.id, new_row.id, erased.wrapped)


def test_forgotten_or_stale_key_is_opened_from_its_row_again(vault: Vault, master: MasterKey) -> None:
    key = vault.new_data_key()

    assert vault.open_data_key(key.id, key.kek_id, key.wrapped) is key
    vault.forget([key.id])
    again = vault.open_data_key(key.id, key.kek_id, key.wrapped)
    assert again is not key
    assert again.plain == key.plain
    with pytest.raises(SealBroken):
        vault.open_data_key(key.id, key.kek_id, key.wrapped[:-1] + bytes([key.wrapped[-1] ^ 1]))


def test_memory_of_opened_keys_is_bounded(vault: Vault) -> None:
    first = vault.new_data_key()
    for _ in range(CACHED_KEYS):
        vault.new_data_key()

    assert len(vault._opened) == CACHED_KEYS
    assert vault.open_data_key(first.id, first.kek_id, first.wrapped) is not first


def test_setting_opens_only_under_its_name(vault: Vault) -> None:
    sealed = vault.seal_setting("HUBSPOT_TOKEN", "pat-na1")

    assert vault.open_setting("HUBSPOT_TOKEN", sealed) == "pat-na1"
    for name, value in [("SMTP_URL", sealed), ("HUBSPOT_TOKEN", sealed[:-1]), ("HUBSPOT_TOKEN", b"")]:
        with pytest.raises(SealBroken):
            vault.open_setting(name, value)


def test_blind_index_is_the_same_in_every_process_and_after_rotation(
    vault: Vault, master: MasterKey, rows: VaultRows
) -> None:
    new_master = MasterKey.generate()
    rotated = rewrap(vault, new_master)
    after = Vault(new_master, rotated.keks, rotated.index_key)

    assert vault.blind("phone", "+18135550194") == after.blind("phone", "+18135550194")
    assert vault.blind_token("maria") == after.blind_token("maria")
    assert len(vault.blind("email", "a@example.com")) == 32
    assert vault.blind("email", "x") != vault.blind("phone", "x")
    assert -(2**63) <= vault.blind_token("maria") < 2**63


def test_no_secret_shows_in_a_repr(vault: Vault, master: MasterKey) -> None:
    key = vault.new_data_key()

    assert key.plain.hex() not in repr(key)
    assert repr(key.plain) not in repr(key)


def test_new_kek_needs_the_master_key_in_use(vault: Vault) -> None:
    with pytest.raises(ConfigError):
        vault.with_new_kek(MasterKey.generate())


def test_api_key_is_verified_by_its_hash() -> None:
    key, other = new_api_key(), new_api_key()

    assert api_key_id(key.text) == key.id
    assert key.text.startswith(f"lw_{key.id}_")
    assert verify_api_key(key.text, key.hash)
    assert not verify_api_key(other.text, key.hash)
    assert not verify_api_key(key.text + "x", key.hash)
    assert key.text not in repr(key)


@pytest.mark.parametrize("text", ["", "lw_", "lw_0_0", "Bearer x", "lw_ä", "x" * 10_000, "\ud800"])
def test_what_is_no_api_key_has_no_id(text: str) -> None:
    assert api_key_id(text) is None
    assert not verify_api_key(text, new_api_key().hash)


def test_password_is_verified_however_its_accents_are_composed() -> None:
    stored = hash_password("caf\u00e9 au lait")

    assert verify_password(stored, "cafe\u0301 au lait")
    assert not verify_password(stored, "cafe au lait")
    assert not needs_rehash(stored)
    assert "café" not in stored


def test_unknown_user_or_damaged_hash_is_a_wrong_password() -> None:
    assert not verify_password(None, "anything")
    assert not verify_password("not a hash", "anything")
    assert not verify_password(None, "x" * 100_000)
    assert not verify_password(None, "\ud800")
    with pytest.raises(ValueError, match="at most"):
        hash_password("x" * 100_000)


def test_link_is_read_for_its_purpose_until_it_expires(vault: Vault) -> None:
    link = sign_token(vault.link_key, "invite", b"user 7", NOW + timedelta(hours=1))

    assert read_token(vault.link_key, "invite", link, now=NOW) == b"user 7"
    with pytest.raises(TokenExpired):
        read_token(vault.link_key, "invite", link, now=NOW + timedelta(hours=1))
    with pytest.raises(TokenRefused):
        read_token(vault.link_key, "unsubscribe", link, now=NOW)


def test_unsubscribe_link_of_an_old_mail_outlives_keys(vault: Vault, master: MasterKey) -> None:
    link = sign_token(vault.link_key, "unsubscribe", b"contact point 9", None)
    newer, _ = vault.with_new_kek(master)

    assert read_token(newer.link_key, "unsubscribe", link, now=NOW + timedelta(days=4000)) == b"contact point 9"


@pytest.mark.parametrize("text", ["", "a", "AAAA", "ä", "\ud800", "A" * 10_000, "a b", "=", "AQ=="])
def test_what_is_no_link_is_refused(vault: Vault, text: str) -> None:
    with pytest.raises(TokenRefused):
        read_token(vault.link_key, "invite", text, now=NOW)


def test_a_key_opened_from_a_row_that_was_deleted_meanwhile_is_not_kept(vault: Vault) -> None:
    key = vault.new_data_key()
    vault.forget([key.id])
    vault.open_data_key(key.id, key.kek_id, key.wrapped)

    assert key.id not in vault._opened
