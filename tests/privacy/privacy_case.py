"""What the tests of privacy share: people who are told apart in every encoding, and a search that finds them in all."""

from __future__ import annotations

import asyncio
import base64
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from leadwake.storage.embedded import binaries
from leadwake.storage.vault import KekUnknown, SealBroken
from leadwake.workflows.office import Office
from office_case import House, with_database

MARIA: dict[str, Any] = {
    "name": "Mariaelena Quintanilla",
    "phone": "(813) 555-0142",
    "email": "mariaelena.quintanilla@example.com",
    "message": "The marmalade house on Linden Boulevard, is it still open?",
    "source": "website",
    "channel": "web_form",
    "postal_code": "33606",
    "page_url": "https://www.example.com/marmalade",
}
#: shares Maria's number, and is somebody else
HOUSEMATE: dict[str, Any] = {
    "name": "Bartholomew Featherstonehaugh",
    "phone": "8135550142",
    "email": "bartholomew@example.net",
    "message": "Looking for a houseboat with a balcony.",
    "source": "website",
    "channel": "web_form",
}
STRANGER: dict[str, Any] = {**HOUSEMATE, "name": "Xanthippe Oldacre", "phone": "8135550177", "email": "xa@example.org"}
REPLY = "Please ring after seven, the marzipan is ready"
WORDS = ("mariaelena", "quintanilla", "8135550142", "marmalade", "marzipan")


async def taken_in(house: House, lead: dict[str, Any]) -> str:
    """The lead's id, once everything that follows from it has happened."""
    answer = await house.post(lead)
    assert answer.status_code == 202, answer.text
    await house.settled()
    lead_id: str = answer.json()["lead_id"]
    return lead_id


async def dump(url: str, *options: str) -> bytes:
    """What pg_dump writes."""
    command = [binaries.program("pg_dump"), "--no-owner", "--no-privileges", *options, url]
    return (await asyncio.to_thread(subprocess.run, command, capture_output=True, check=True)).stdout


async def restored(template_url: str, name: str, dumped: bytes) -> str:
    """The URL of a new database with the dump in it."""
    with psycopg.connect(with_database(template_url, "postgres"), autocommit=True) as connection:
        connection.execute(f'create database "{name}" template template0'.encode())
    url = with_database(template_url, name)
    command = [binaries.program("psql"), "-q", "-v", "ON_ERROR_STOP=1", url]
    await asyncio.to_thread(subprocess.run, command, input=dumped, capture_output=True, check=True)
    return url


def forms(word: str) -> set[bytes]:
    """The word in every dress it might wear."""
    found: set[bytes] = set()
    spellings = (
        {word, word.title(), word.upper(), f"+1{word}"} if word.isdigit() else {word, word.title(), word.upper()}
    )
    if len(word) == 10 and word.isdigit():
        spellings |= {f"({word[:3]}) {word[3:6]}-{word[6:]}", f"{word[:3]}-{word[3:6]}-{word[6:]}", f"%2B1{word}"}
    for spelling in spellings:
        raw = spelling.encode()
        found |= {raw, raw.hex().encode(), raw.hex().upper().encode(), quote(spelling).encode()}
        found |= {spelling.encode("utf-16-le"), spelling.encode("utf-16-be"), raw[::-1]}
        for pad in range(3):  # base64 has three alignments; what hangs on the neighbours is cut off
            coded = base64.b64encode(b"\0" * pad + raw)
            found.add(coded[(pad * 8 + 5) // 6 : len(coded) - 4])
    return {form for form in found if len(form) > 4}


def seen_in(content: bytes) -> list[str]:
    """Which of Maria's words stand in the bytes, in any dress."""
    digits = re.sub(rb"[^0-9]+", b" ", content)
    return [
        word for word in WORDS
        if any(form in content for form in forms(word)) or (word.isdigit() and word.encode() in digits)
    ]  # fmt: skip


def seen_under(folder: Path) -> dict[str, list[str]]:
    """Files under the folder that hold a word of hers."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    found = {str(path.relative_to(folder)): seen_in(path.read_bytes()) for path in files}
    return {name: words for name, words in found.items() if words}


#: every sealed column: table, the row's id, the value, whose key (null: the KEK's own), what it is bound to
_SEALED = (
    ("lead", "id", "sealed_profile", "data_key_id", b"lead.profile"),
    ("capture", "id", "body", "data_key_id", b"capture.body"),
    ("message", "id", "body", "data_key_id", b"message.body"),
    ("action", "id", "content", "data_key_id", b"action.content"),
    ("enrichment", "action_id", "sealed_found", "data_key_id", b"enrichment.found"),
)


async def openable(office: Office, url: str) -> bytes:
    """
    Everything that any key there is opens in the database at `url`, in one piece.

    Each value is tried with each key, whatever the rows say about which belongs to which.
    """
    opened: list[bytes] = []
    async with await psycopg.AsyncConnection.connect(url) as connection:
        cursor = await connection.execute("select id, kek_id, wrapped from vault.data_key")
        keys = []
        for key_id, kek_id, wrapped in await cursor.fetchall():
            try:
                keys.append(office.vault.open_data_key(key_id, kek_id, wrapped))
            except (KekUnknown, SealBroken):
                continue
        values: list[tuple[bytes, bytes]] = []
        for table, _, column, _, context in _SEALED:
            found = await connection.execute(f"select {column} from {table} where {column} is not null".encode())
            values += [(context, bytes(row[0])) for row in await found.fetchall() if row[0]]
        for query, context in (
            ("select sealed_value from lead_contact", b"lead_contact.value"),
            ("select sealed_details from inquiry", b"inquiry.details"),
            ("select content from action where content is not null", b"erasure.order"),
        ):
            found = await connection.execute(query.encode())
            values += [(context, bytes(row[0])) for row in await found.fetchall()]
    for context, value in values:
        for key in keys:
            try:
                opened.append(key.open(value, context))
            except SealBroken:
                continue
    return b"\n".join(opened)
