"""Who of the team somebody is at an identity provider: rows ⇄ values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadwake.storage.db import Connection, Database, q
from leadwake.storage.ids import new_id
from leadwake.storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Binding:
    """One identity of a member of the team. email: the address by which it was bound."""

    id: UUID
    provider: str
    issuer: str
    email: str
    created_at: datetime
    last_at: datetime


async def of(db: Database, vault: Vault, user_id: UUID) -> list[Binding]:
    """The identities of a member of the team, the oldest first."""
    return [
        Binding(
            row["id"], row["provider"], row["issuer"], vault.open_setting(f"identity {row['id']}", row["sealed_email"]),
            row["created_at"], row["last_at"],
        )
        for row in await db.all("identities_of", user_id=user_id)
    ]  # fmt: skip


async def bind(
    connection: Connection, vault: Vault, user_id: UUID, provider: str, issuer: str, subject: str, email: str
) -> None:
    """The member is known by this subject from now on; nothing happens where either is bound already."""
    id_ = new_id()
    values = {
        "id": id_, "user_id": user_id, "provider": provider, "issuer": issuer,
        "subject_hash": subject_hash(vault, issuer, subject),
        "sealed_email": vault.seal_setting(f"identity {id_}", email),
    }  # fmt: skip
    await connection.execute(q("identity_add"), values)


def subject_hash(vault: Vault, issuer: str, subject: str) -> bytes:
    """By which a subject is found again; issuers have no NUL."""
    return vault.blind("identity", f"{issuer}\0{subject}")
