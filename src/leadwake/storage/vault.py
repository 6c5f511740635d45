"""Personal data under keys that can be destroyed: seal and open, wrap and rewrap, look up without reading.

    master key ─wraps─► key-encryption keys (KEK) ─wrap─► data keys ─seal─► names, numbers, messages of one person
        └──────wraps──► index key ─► blind indexes, signed links, the team's settings; never rotated

Pure: rows come in and go out as values, the caller stores them. Every sealed or wrapped value is

    version (1 byte) · nonce (12) · AES-256-GCM ciphertext and tag

and is bound to its place: the additional data names what it is, by which key and for which row, so that a value moved
to another row or column does not open. Destroying a data key's row, or the KEK's, is what erases. Python cannot wipe
memory: a key lives on in this process until `forget`, the end of the cache, or the end of the process.
"""

from __future__ import annotations

import hmac
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal, get_args
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from leadwake.errors import ConfigError, LeadwakeError
from leadwake.storage.keys import MasterKey

VERSION: Final = b"\x01"
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
KEY_BYTES: Final = 32
#: opened data keys kept in memory: 3 kB each, in every process
CACHED_KEYS: Final = 1024
#: a key-encryption key that is nowhere to be found is not looked for more often than this
ASK_AGAIN_S: Final = 1.0

#: at the head of what the house's own key sealed, where a KEK's id stood once
OF_HOUSE: Final = bytes(8)

BlindKind = Literal["phone", "email", "inquiry", "import row", "visitor", "identity"]


class SealBroken(LeadwakeError):
    """A sealed value was changed, moved, or belongs to another key; nothing of it is believed."""


class KekUnknown(LeadwakeError):
    """A value names a key-encryption key that is destroyed, or that could not be loaded just now."""

    def __init__(self, kek_id: int) -> None:
        super().__init__(f"key-encryption key {kek_id} is not loaded; it is newer than this process, or destroyed")
        self.kek_id = kek_id


@dataclass(frozen=True, slots=True)
class WrappedKek:
    """A row of key-encryption keys. The highest id is the one in use."""

    id: int
    master_key_id: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """The row of the index key."""

    master_key_id: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class VaultRows:
    """What is to be stored, together, in one transaction."""

    keks: tuple[WrappedKek, ...]
    index_key: WrappedKey


class DataKey:
    """The key of one person, or of one capture. id: row id; wrapped: as stored, under the KEK `kek_id`."""

    __slots__ = ("_aead", "_bound", "id", "kek_id", "plain", "wrapped")

    def __init__(self, id: UUID, kek_id: int, wrapped: bytes, plain: bytes) -> None:  # noqa: A002 - the row's own word
        self.id = id
        self.kek_id = kek_id
        self.wrapped = wrapped
        self.plain = plain
        self._aead = AESGCM(plain)
        self._bound = b"leadwake data" + VERSION + id.bytes

    def __repr__(self) -> str:
        return f"DataKey(id={self.id}, kek_id={self.kek_id})"

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        """The plaintext, opened again only by this key and with this context (such as b"lead.name")."""
        return _seal(self._aead, plaintext, self._bound + context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """The plaintext. Raises SealBroken."""
        return _open(self._aead, sealed, self._bound + context)


#: where a vault finds the key-encryption keys as they stand now: the master key that wraps them, and their rows
KekSource = Callable[[], tuple[MasterKey, Sequence[WrappedKek]]]


class Vault:
    """
    The keys of this installation, opened: makes and opens data keys, seals settings, computes blind indexes.

    keks: every row that exists; index_key: its row. Raises ConfigError when they are not wrapped by this master key.
    source: asked, at most once a second, when a value names a KEK that this process does not hold: after a key change
    elsewhere nothing has to wait for the news of it.
    Safe to share between threads.
    """

    def __init__(
        self,
        master: MasterKey,
        keks: Sequence[WrappedKek],
        index_key: WrappedKey,
        source: KekSource | None = None,
    ) -> None:
        if not keks:
            raise ConfigError("the vault holds no key-encryption key: restore its copy")
        self._wrap_of_master = _master_wrap(master)
        self.master_key_id = master.key_id
        self._keks = {kek.id: _Kek(kek.id, _unwrapped_kek(master, self._wrap_of_master, kek)) for kek in keks}
        self._current = self._keks[max(self._keks)]
        self._index_key = _unwrapped(
            master, self._wrap_of_master, index_key.master_key_id, index_key.wrapped, _INDEX_BOUND, "the index key"
        )
        self._blind_keys = {kind: _subkey(self._index_key, f"blind index {kind}") for kind in get_args(BlindKind)}
        self._token_key = _subkey(self._index_key, "blind index name words")
        self._link_key = _subkey(self._index_key, "signed links")
        self._house = AESGCM(_subkey(self._index_key, "seal settings"))
        self._opened: OrderedDict[UUID, DataKey] = OrderedDict()
        self._forgotten: OrderedDict[UUID, None] = OrderedDict()
        self._lock = threading.Lock()
        self._source = source
        self._asked_at = -ASK_AGAIN_S

    @classmethod
    def bootstrap(cls, master: MasterKey) -> tuple[Vault, VaultRows]:
        """A first vault and its rows; it counts only once they are stored."""
        rows = VaultRows((_new_kek(master, 1),), _wrap_index_key(master, os.urandom(KEY_BYTES)))
        return cls(master, rows.keks, rows.index_key), rows

    @property
    def current_kek_id(self) -> int:
        """The KEK that new data keys are wrapped by."""
        return self._current.id

    # Data keys.

    def new_data_key(self, key_id: UUID | None = None) -> DataKey:
        """A new data key under the KEK in use; its `id`, `kek_id` and `wrapped` are to be stored."""
        key_id = key_id or uuid4()
        return self._remember(self._wrap(key_id, os.urandom(KEY_BYTES)))

    def open_data_key(self, key_id: UUID, kek_id: int, wrapped: bytes) -> DataKey:
        """
        The data key of a row just read (a row that is gone is a key that is gone: never keep rows).

        Raises KekUnknown (load the KEKs again) and SealBroken.
        """
        with self._lock:
            known = self._opened.get(key_id)
            if known is not None and known.kek_id == kek_id and known.wrapped == wrapped:
                self._opened.move_to_end(key_id)
                return known
        plain = _open(self._kek(kek_id).wrap, wrapped, _data_key_bound(key_id, kek_id))
        return self._remember(DataKey(key_id, kek_id, wrapped, plain))

    def rewrap_data_key(self, key_id: UUID, kek_id: int, wrapped: bytes) -> DataKey:
        """The same data key under the KEK in use; what it sealed still opens. Not cached."""
        plain = _open(self._kek(kek_id).wrap, wrapped, _data_key_bound(key_id, kek_id))
        return self._wrap(key_id, plain)

    def forget(self, key_ids: Iterable[UUID] | None) -> None:
        """
        This process no longer holds these opened keys, nor will it again; None: any that it holds now.

        A row may have been read just before it was deleted, and its key opened just after: it is used, and not kept.
        """
        with self._lock:
            if key_ids is None:
                self._opened.clear()
                return
            for key_id in key_ids:
                self._opened.pop(key_id, None)
                self._forgotten[key_id] = None
            while len(self._forgotten) > CACHED_KEYS:
                self._forgotten.popitem(last=False)

    def _wrap(self, key_id: UUID, plain: bytes) -> DataKey:
        kek = self._current
        return DataKey(key_id, kek.id, _seal(kek.wrap, plain, _data_key_bound(key_id, kek.id)), plain)

    def _remember(self, key: DataKey) -> DataKey:
        with self._lock:
            if key.id in self._forgotten:
                return key
            self._opened[key.id] = key
            self._opened.move_to_end(key.id)
            if len(self._opened) > CACHED_KEYS:
                self._opened.popitem(last=False)
        return key

    # Settings.

    def seal_setting(self, name: str, value: str) -> bytes:
        """
        The value, opened again only under this name. For what belongs to the team, not to a lead.

        By a key from the index key, not a KEK: an older backup must give back the team and its settings after a KEK was
        destroyed for somebody's sake.
        """
        return OF_HOUSE + _seal(self._house, _utf8(value), _setting_bound(OF_HOUSE, name))

    def open_setting(self, name: str, sealed: bytes) -> str:
        """The value. Raises KekUnknown and SealBroken."""
        header = bytes(sealed[:8])
        if len(header) < 8:
            raise SealBroken("a sealed setting is too short")
        # the first versions sealed settings by the KEK, and their header says by which
        aead = self._house if header == OF_HOUSE else self._kek(int.from_bytes(header, "big")).settings
        return _open(aead, sealed[8:], _setting_bound(header, name)).decode("utf-8", "surrogatepass")

    def rewrap_setting(self, name: str, sealed: bytes) -> bytes:
        """The same value by the house's own key. Raises KekUnknown and SealBroken."""
        return self.seal_setting(name, self.open_setting(name, sealed))

    # Looking up without reading.

    def blind(self, kind: BlindKind, value: str) -> bytes:
        """32 bytes that are equal for equal values; value: already normalised (E.164, lower-cased address)."""
        return hmac.digest(self._blind_keys[kind], _utf8(value), "sha256")

    def blind_token(self, word: str) -> int:
        """A signed 64-bit number for a normalised word of a name, or a prefix of one, for an array column."""
        return int.from_bytes(hmac.digest(self._token_key, _utf8(word), "sha256")[:8], "big", signed=True)

    @property
    def link_key(self) -> bytes:
        """
        What links in messages are signed with (see credentials.sign_token).

        From the index key, not a KEK: a KEK is destroyed within a day of any erasure, and an unsubscribe link
        has to work for as long as its mail is kept (R-MAIL-3).
        """
        return self._link_key

    # Rotation.

    def adopt(self, master: MasterKey, keks: Sequence[WrappedKek]) -> None:
        """
        The KEKs held are those of the rows: new ones opened, destroyed ones forgotten, the highest in use.

        master: what wraps the rows now; it may have been replaced since this vault was opened. Raises ConfigError.
        """
        if not keks:
            raise ConfigError("the vault holds no key-encryption key: restore its copy")
        wrap, known = _master_wrap(master), self._keks
        opened = {}
        for row in keks:
            opened[row.id] = known.get(row.id) or _Kek(row.id, _unwrapped_kek(master, wrap, row))
        self._keks, self._current = opened, opened[max(opened)]
        self._wrap_of_master, self.master_key_id = wrap, master.key_id

    def with_new_kek(self, master: MasterKey) -> tuple[Vault, WrappedKek]:
        """
        A vault whose KEK in use is a new one, and its row. master: the key this vault was opened with.

        Then every living data key and setting is rewrapped, and only then the old KEK's row destroyed.
        """
        self._check_master(master)
        row = _new_kek(master, self._current.id + 1)
        return Vault(master, (*self._wrapped_keks(master), row), _wrap_index_key(master, self._index_key)), row

    def _wrapped_keks(self, master: MasterKey) -> tuple[WrappedKek, ...]:
        wrap = _master_wrap(master)
        return tuple(
            WrappedKek(kek.id, master.key_id, _seal(wrap, kek.plain, _kek_bound(kek.id))) for kek in self._keks.values()
        )

    def _check_master(self, master: MasterKey) -> None:
        if master.key_id != self.master_key_id:
            raise ConfigError(f"the vault is wrapped by master key {self.master_key_id}, not by {master.key_id}")

    def _kek(self, kek_id: int) -> _Kek:
        found = self._keks.get(kek_id)
        if found is None and self._source is not None and time.monotonic() - self._asked_at >= ASK_AGAIN_S:
            self._asked_at = time.monotonic()
            with suppress(ConfigError):  # a master key that this process was not given: the KEK stays unknown
                self.adopt(*self._source())
            found = self._keks.get(kek_id)
        if found is None:
            raise KekUnknown(kek_id)
        return found


def rewrap(vault: Vault, new_master: MasterKey) -> VaultRows:
    """
    Every KEK and the index key, unchanged, wrapped by a new master key: rows to be stored in one transaction.

    Update them where `master_key_id` is still the vault's, and read the KEKs anew in that transaction first, so that
    none made by another process meanwhile is left behind.
    """
    return VaultRows(vault._wrapped_keks(new_master), _wrap_index_key(new_master, vault._index_key))


class _Kek:
    """A key-encryption key, opened: one subkey a use, so that no ciphertext of one is ever taken for another's."""

    __slots__ = ("id", "plain", "settings", "wrap")

    def __init__(self, id: int, plain: bytes) -> None:  # noqa: A002 - the row's own word
        self.id = id
        self.plain = plain
        self.wrap = AESGCM(_subkey(plain, "wrap data keys"))
        self.settings = AESGCM(_subkey(plain, "seal settings"))


def _new_kek(master: MasterKey, kek_id: int) -> WrappedKek:
    plain = os.urandom(KEY_BYTES)
    return WrappedKek(kek_id, master.key_id, _seal(_master_wrap(master), plain, _kek_bound(kek_id)))


def _unwrapped_kek(master: MasterKey, wrap: AESGCM, row: WrappedKek) -> bytes:
    what = f"key-encryption key {row.id}"
    return _unwrapped(master, wrap, row.master_key_id, row.wrapped, _kek_bound(row.id), what)


def _unwrapped(master: MasterKey, wrap: AESGCM, wrapped_by: str, wrapped: bytes, bound: bytes, what: str) -> bytes:
    if wrapped_by != master.key_id:
        raise ConfigError(f"{what} is wrapped by master key {wrapped_by}, not by {master.key_id}")
    try:
        return _open(wrap, wrapped, bound)
    except SealBroken as error:
        raise ConfigError(f"{what} does not open with master key {wrapped_by}: the row is damaged") from error


def _wrap_index_key(master: MasterKey, plain: bytes) -> WrappedKey:
    return WrappedKey(master.key_id, _seal(_master_wrap(master), plain, _INDEX_BOUND))


def _master_wrap(master: MasterKey) -> AESGCM:
    return AESGCM(_subkey(master.secret, "wrap keys"))


def _subkey(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"leadwake " + purpose.encode()).derive(key)


# What each kind of value is bound to: a prefix of its own, fields of fixed length, then at most one of free length.
_INDEX_BOUND: Final = b"leadwake index key" + VERSION


def _kek_bound(kek_id: int) -> bytes:
    return b"leadwake kek" + VERSION + kek_id.to_bytes(8, "big")


def _data_key_bound(key_id: UUID, kek_id: int) -> bytes:
    return b"leadwake data key" + VERSION + key_id.bytes + kek_id.to_bytes(8, "big")


def _setting_bound(header: bytes, name: str) -> bytes:
    return b"leadwake setting" + VERSION + header + _utf8(name)


def _utf8(text: str) -> bytes:
    # Hostile JSON may hold half a surrogate pair: it is odd text, not an error.
    return text.encode("utf-8", "surrogatepass")


def _seal(aead: AESGCM, plaintext: bytes, bound: bytes) -> bytes:
    # A random 96-bit nonce is safe for 2**32 values a key (NIST SP 800-38D, 8.3); a person or a KEK has far fewer.
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + aead.encrypt(nonce, plaintext, bound)


def _open(aead: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    if len(sealed) < 1 + NONCE_BYTES + TAG_BYTES or sealed[:1] != VERSION:
        raise SealBroken("a sealed value has an unknown form")
    try:
        return aead.decrypt(sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], bound)
    except InvalidTag:
        raise SealBroken("a sealed value was changed, moved, or belongs to another key") from None
