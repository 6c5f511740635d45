"""Doors that a team makes itself, for any program that can post JSON: made, mapped, closed, and opened by a key."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from leadwake.errors import DatabaseAway, InputError
from leadwake.intake import json_door
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.workflows.office import Office

#: our fields, by what the page calls them
FIELDS: Final = json_door.FIELDS
#: those that few tools have
RARE: Final = tuple(FIELDS)[6:]
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
#: the names of a body's fields are written down at most this often
_SEEN_EVERY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class JsonDoor:
    """
    One door. mapping: our field → its place in a body; seen: the places of the body that came last.

    channel: of `json_door`, who comes in: people who asked us, or rows of a list.
    """

    name: str
    key_hash: bytes
    channel: str
    mapping: Mapping[str, str]
    seen: Sequence[str]
    created_at: datetime
    closed_at: datetime | None

    def opens(self, key: str) -> bool:
        """True for the door's key, while it is open."""
        return hmac.compare_digest(self.key_hash, _hash(key)) and self.closed_at is None


async def everything(office: Office) -> list[JsonDoor]:
    """Every door there is, closed ones too."""
    return [JsonDoor(**row) for row in await office.db.all("json_doors")]


async def named(office: Office, name: str) -> JsonDoor | None:
    """The door of this name."""
    row = await office.db.one("json_door", name=name) if _NAME.fullmatch(name) else None
    return JsonDoor(**row) if row else None


async def make(office: Office, name: str, channel: str, actor: str) -> str:
    """A new door, and the key that opens it. Raises InputError."""
    if not _NAME.fullmatch(name):
        raise InputError({"name": "Use small letters, digits and hyphens, such as zapier or our-website."})
    key, now = secrets.token_urlsafe(32), office.clock.now()
    async with office.db.transaction() as connection:
        values = {"name": name, "key_hash": _hash(key), "channel": _channel(channel), "now": now}
        if not (await connection.execute(q("json_door_add"), values)).rowcount:
            raise InputError({"name": "There is a door of this name already."})
        await record(connection, now, actor, "door_made", door=name)
    return key


async def save(office: Office, name: str, mapping: Mapping[str, str], channel: str, actor: str) -> None:
    """The mapping counts for what comes from now on; blank places are guessed. Raises InputError."""
    kept = {field: place.strip() for field, place in mapping.items() if field in json_door.FIELDS and place.strip()}
    if wrong := {field: "That is too long." for field, place in kept.items() if len(place) > json_door.MAX_CHARS}:
        raise InputError(wrong)
    values = {"name": name, "mapping": Jsonb(kept), "channel": _channel(channel)}
    await _change(office, "json_door_map", values, actor, "door_mapped")


async def new_key(office: Office, name: str, actor: str) -> str:
    """Another key; the old one opens nothing any more."""
    key = secrets.token_urlsafe(32)
    await _change(office, "json_door_key", {"name": name, "key_hash": _hash(key)}, actor, "door_key_made")
    return key


async def close(office: Office, name: str, actor: str) -> None:
    """Whatever is posted to it is refused, until it is opened again."""
    values = {"name": name, "closed_at": office.clock.now()}
    await _change(office, "json_door_close", values, actor, "door_closed")


async def reopen(office: Office, name: str, actor: str) -> None:
    """Its key opens it as before."""
    await _change(office, "json_door_close", {"name": name, "closed_at": None}, actor, "door_opened")


def tried(office: Office, sample: str, mapping: Mapping[str, str], channel: str) -> json_door.Trial:
    """What would become of a sample; the first of several. Raises Unparsable, InputError."""
    documents = json_door.read_leads(sample.encode("utf-8", "replace"))
    if not documents:
        raise InputError({"sample": "there is nothing in it"})
    return json_door.trial(documents[0], mapping, _channel(channel), office.clock.now())


async def seen(office: Office, door: JsonDoor, document: Mapping[str, Any]) -> None:
    """The names of a body's fields are there for whoever maps them; never what stood in them."""
    places = json_door.names(document)
    if places == list(door.seen) or not office.noted.is_due(("json_seen", door.name), _SEEN_EVERY_S):
        return
    try:
        await office.db.run("json_door_seen", name=door.name, seen=places)
    except DatabaseAway:
        return  # storing the lead says so


async def _change(office: Office, query: str, values: Mapping[str, Any], actor: str, kind: str) -> None:
    async with office.db.transaction() as connection:
        if (await connection.execute(q(query), values)).rowcount:
            await record(connection, office.clock.now(), actor, kind, door=values["name"])


def _channel(text: str) -> str:
    return json_door.LISTED if text == json_door.LISTED else json_door.ASKED


def _hash(key: str) -> bytes:
    return hashlib.sha256(b"leadwake door key\0" + key.encode("utf-8", "surrogatepass")).digest()
