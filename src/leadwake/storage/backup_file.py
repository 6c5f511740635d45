"""A backup's file: one sealed stream, which only the master key opens and of which no part can be taken or changed.

    magic, 16 bytes      says what it is
    header               4 bytes length, msgpack: when, of what, how much; readable by anybody, part of every seal
    two key slots        each 68 bytes: a master key's id, and the file's own key wrapped under it; zeros: empty
    pieces               each 4 bytes length and AES-256-GCM of up to 1 MiB; the last one is marked and says how many
                         bytes there were

A piece's nonce is its number and whether it is the last; its seal covers the header and both. So a file that is cut
off, put together from two, or out of order does not open. Nonces are safe because each file has a key of its own.

Two slots, so that `leadwake master-key rotate` can write the new key's before the old one's is emptied: cut off in
between, either key opens the file. A slot is written in place; nothing else of a file ever changes.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from leadwake.errors import ConfigError
from leadwake.storage.keys import KEY_BYTES, MasterKey

MAGIC: Final = b"LEADWAKE BACKUP\n"
#: bytes sealed as one
PIECE: Final = 1 << 20
_VERSION: Final = 1
_TAG: Final = 16
_NONCE: Final = 12
_ID: Final = 8
_SLOT: Final = _ID + _NONCE + KEY_BYTES + _TAG
_LONGEST_HEADER: Final = 1 << 16
_PURPOSE: Final = b"leadwake backup"


class Header(msgspec.Struct, frozen=True):
    """
    What anybody may know of a backup.

    why: daily, by_hand, before_upgrade. migration: the newest in it. postgres: the server's version, 180000.
    counts: rows of some tables at that instant.
    """

    version: int
    id: str
    made_at: datetime
    why: str
    leadwake: str
    migration: str
    postgres: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A backup's file, looked at from outside. key_ids: the master keys that open it."""

    path: Path
    header: Header
    key_ids: Sequence[str]
    size: int
    _raw: bytes = field(repr=False)

    @property
    def pieces_at(self) -> int:
        """Where the first piece begins."""
        return len(MAGIC) + 4 + len(self._raw) + 2 * _SLOT

    @property
    def slots_at(self) -> int:
        """Where the first key slot is."""
        return self.pieces_at - 2 * _SLOT

    @property
    def bound(self) -> bytes:
        """What every seal covers."""
        return hashlib.sha256(MAGIC + self._raw).digest()


def new_header(*, made_at: datetime, why: str, leadwake: str, migration: str, postgres: int,
               counts: Mapping[str, int]) -> Header:  # fmt: skip
    """A header with an id of its own."""
    return Header(_VERSION, secrets.token_hex(16), made_at, why, leadwake, migration, postgres, dict(counts))


class Writer:
    """Seals a stream into an open file; without `finish` what it wrote is no backup."""

    def __init__(self, file: BinaryIO, header: Header, master: MasterKey) -> None:
        self._file = file
        raw = msgspec.msgpack.encode(header)
        self._bound = hashlib.sha256(MAGIC + raw).digest()
        key = secrets.token_bytes(KEY_BYTES)
        self._seal = AESGCM(key)
        self._number = 0
        self._waiting = bytearray()
        self.bytes_in = 0
        file.write(
            MAGIC + len(raw).to_bytes(4, "big") + raw + _slot(key, master, header.id, self._bound) + b"\0" * _SLOT
        )

    def write(self, data: bytes) -> None:
        """Some more of the stream."""
        self.bytes_in += len(data)
        self._waiting += data
        while len(self._waiting) >= PIECE:
            self._piece(bytes(self._waiting[:PIECE]), is_last=False)
            del self._waiting[:PIECE]

    def finish(self) -> None:
        """The stream is over, and the file says so."""
        if self._waiting:
            self._piece(bytes(self._waiting), is_last=False)
        self._piece(msgspec.msgpack.encode(self.bytes_in), is_last=True)

    def _piece(self, plain: bytes, *, is_last: bool) -> None:
        sealed = self._seal.encrypt(_nonce(self._number, is_last), plain, self._bound)
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1


def look(path: Path) -> Sealed:
    """What stands outside. Raises ConfigError when it is no backup of ours, or cannot be read."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise ConfigError(f"{path}: this is no backup of Leadwake")
            length = int.from_bytes(file.read(4), "big")
            raw = file.read(length) if length <= _LONGEST_HEADER else b""
            slots = file.read(2 * _SLOT)
            size = os.fstat(file.fileno()).st_size
        header = msgspec.msgpack.decode(raw, type=Header)
        bytes.fromhex(header.id)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise ConfigError(f"{path}: this backup is damaged at its beginning; take another one") from error
    if header.version != _VERSION:
        raise ConfigError(f"{path}: this backup was written by a newer Leadwake; restore it with that one")
    if len(slots) != 2 * _SLOT:
        raise ConfigError(f"{path}: this backup is not whole; take another one")
    key_ids = [slot[:_ID].hex() for slot in (slots[:_SLOT], slots[_SLOT:]) if any(slot)]
    return Sealed(path, header, key_ids, size, raw)


def read(sealed: Sealed, masters: Iterable[MasterKey]) -> Iterator[bytes]:
    """
    The stream, piece by piece, each as it was sealed.

    A piece that comes out is right; that all of them came is known at the end only. Raises ConfigError: no key at hand
    opens it, or it is damaged, cut off, or put together from several.
    """
    damaged = ConfigError(f"{sealed.path}: this backup is damaged or not whole; take another one")
    try:
        with sealed.path.open("rb") as file:
            seal = AESGCM(_file_key(file, sealed, masters))
            file.seek(sealed.pieces_at)
            number = total = 0
            while True:
                length = int.from_bytes(file.read(4), "big")
                body = file.read(length) if _TAG <= length <= PIECE + _TAG else b""
                if not body or len(body) != length:
                    raise damaged
                try:
                    plain = seal.decrypt(_nonce(number, False), body, sealed.bound)
                except InvalidTag:
                    said = seal.decrypt(_nonce(number, True), body, sealed.bound)
                    if msgspec.msgpack.decode(said, type=int) != total or file.read(1):
                        raise damaged from None
                    return
                yield plain
                total += len(plain)
                number += 1
    except OSError as error:
        raise ConfigError(f"{sealed.path}: cannot be read: {error.strerror}") from error
    except (InvalidTag, msgspec.MsgspecError) as error:
        raise damaged from error


def is_opened_by(sealed: Sealed, masters: Iterable[MasterKey]) -> bool:
    """True when one of the keys is that of a slot."""
    return any(master.key_id in sealed.key_ids for master in masters)


def add_key(path: Path, old: MasterKey, new: MasterKey) -> bool:
    """Both keys open the file from now on, also after a power cut; False when the old one does not open it."""
    sealed = look(path)
    if new.key_id in sealed.key_ids:
        return True
    if not is_opened_by(sealed, [old]):
        return False
    with path.open("r+b") as file:
        key = _file_key(file, sealed, [old])
        used = _slots(file, sealed)
        free = next(place for place, slot in enumerate(used) if slot[:_ID] != bytes.fromhex(old.key_id))
        _put(file, sealed, free, _slot(key, new, sealed.header.id, sealed.bound))
    return True


def keep_only(path: Path, key: MasterKey) -> bool:
    """No other master key opens the file any more; True when there was one. Nothing happens where this one does not."""
    sealed = look(path)
    others = [key_id for key_id in sealed.key_ids if key_id != key.key_id]
    if not others or key.key_id not in sealed.key_ids:
        return False
    with path.open("r+b") as file:
        _file_key(file, sealed, [key])  # raises where the slot that stays is damaged: then the other one does, too
        for place, slot in enumerate(_slots(file, sealed)):
            if slot[:_ID] != bytes.fromhex(key.key_id):
                _put(file, sealed, place, b"\0" * _SLOT)
    return True


def _file_key(file: BinaryIO, sealed: Sealed, masters: Iterable[MasterKey]) -> bytes:
    known = {bytes.fromhex(master.key_id): master for master in masters}
    tried = False
    for slot in _slots(file, sealed):
        if master := known.get(slot[:_ID]):
            tried = True
            try:
                return _wrapping(master, sealed.header.id).decrypt(
                    slot[_ID : _ID + _NONCE], slot[_ID + _NONCE :], sealed.bound
                )
            except InvalidTag:
                continue
    if tried:
        raise ConfigError(f"{sealed.path}: this backup is damaged at its beginning; take another one")
    raise ConfigError(
        f"{sealed.path}: sealed under master key {' or '.join(sealed.key_ids) or 'unknown'}, which is not at hand: "
        "give the recovery copy of that key with --key-file"
    )


def _slots(file: BinaryIO, sealed: Sealed) -> list[bytes]:
    file.seek(sealed.slots_at)
    both = file.read(2 * _SLOT)
    return [both[:_SLOT], both[_SLOT:]]


def _put(file: BinaryIO, sealed: Sealed, place: int, slot: bytes) -> None:
    file.seek(sealed.slots_at + place * _SLOT)
    file.write(slot)
    file.flush()
    os.fsync(file.fileno())


def _slot(key: bytes, master: MasterKey, file_id: str, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return bytes.fromhex(master.key_id) + nonce + _wrapping(master, file_id).encrypt(nonce, key, bound)


def _wrapping(master: MasterKey, file_id: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=bytes.fromhex(file_id), info=_PURPOSE).derive(master.secret))


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(_NONCE - 1, "big") + bytes([is_last])
