"""The pages of a visit: values ⇄ what a row keeps, sealed by the lead's key."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from psycopg.rows import DictRow

from leadwake.domain.visits import Page
from leadwake.storage.vault import DataKey, Vault

_CONTEXT = b"visit.pages"


def sealed(key: DataKey, pages: Sequence[Page]) -> bytes:
    """The pages for a row."""
    return key.seal(msgspec.json.encode(pages), _CONTEXT)


def opened(key: DataKey, content: bytes) -> list[Page]:
    """The pages of a row."""
    return msgspec.json.decode(key.open(content, _CONTEXT), type=list[Page])


def pages_of(vault: Vault, row: DictRow) -> list[Page]:
    """The pages of a row of `reading_visits`."""
    return opened(vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"]), row["sealed"])
