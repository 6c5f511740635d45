"""What was seen of the world when somebody last looked: kept sealed beside the settings, so that pages need not ask.

A vendor's answer about our account, the result of a test. Nobody sets these by hand.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from leadwake.storage.db import Connection, Database, q
from leadwake.storage.vault import Vault

T = TypeVar("T")


async def read(db: Database, vault: Vault, name: str, kind: type[T]) -> T | None:
    """What was seen under this name; None where nothing was, or another version of Leadwake wrote it."""
    return (await read_all(db, vault, {name: kind})).get(name)


async def read_all(db: Database, vault: Vault, kinds: dict[str, type[T]]) -> dict[str, T]:
    """What was seen under these names, one question for all of them."""
    found: dict[str, T] = {}
    for row in await db.all("settings_named", names=list(kinds)):
        text = vault.open_setting(row["name"], row["sealed"])
        try:
            found[row["name"]] = msgspec.json.decode(text, type=kinds[row["name"]])
        except msgspec.DecodeError:
            continue
    return found


async def note(connection: Connection, vault: Vault, name: str, seen: object) -> None:
    """It is what was seen, once the transaction commits."""
    await note_text(connection, vault, name, msgspec.json.encode(seen).decode())


async def note_text(connection: Connection, vault: Vault, name: str, text: str) -> None:
    """The same for a text that stands among the settings as it is; blank: it is forgotten."""
    if text:
        await connection.execute(q("setting_save"), {"name": name, "sealed": vault.seal_setting(name, text)})
    else:
        await connection.execute(q("setting_forget"), {"name": name})
