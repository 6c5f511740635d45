"""What vendors granted us by OAuth: rows ⇄ values. Tokens are sealed, and opened here only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.storage.db import Connection, Database, q
from leadwake.storage.ids import new_id
from leadwake.storage.vault import Vault
from leadwake.vendors import Grant


@dataclass(frozen=True, slots=True)
class Fresh:
    """
    Tokens as a vendor gave them. refresh: None where it gave none (or the old one goes on).

    expires_s, renew_s: seconds until the access ends, and until it is to be renewed; None: never.
    """

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_s: float | None
    renew_s: float | None


@dataclass(frozen=True, slots=True)
class Held:
    """
    A grant as it stands. serial: of its tokens. left_s, fresh_s: seconds, None: it does not end.

    state: connected, or lost, for this reason. is_being_renewed: by somebody whose lease holds. retry_s: a renewal that
    failed is tried again then.
    """

    state: str
    serial: int
    access: str = field(repr=False)
    can_renew: bool
    left_s: float | None
    fresh_s: float | None
    is_being_renewed: bool
    retry_s: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A refresh token to spend. in_doubt: it may have been spent before. failures: renewals that failed in a row."""

    refresh: str = field(repr=False)
    in_doubt: bool
    failures: int


@dataclass(frozen=True, slots=True)
class Gone:
    """What was granted until a moment ago, to be given back. base: where."""

    base: str
    access: str = field(repr=False)
    refresh: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """A grant as a person may see it. is_renewed: the vendor gave a refresh token; renew_at: when it is used next."""

    vendor: str
    base: str
    account: str
    scopes: str
    state: str
    reason: str | None
    in_doubt: bool
    failures: int
    connected_at: datetime
    connected_by: str
    renewed_at: datetime | None
    expires_at: datetime | None
    renew_at: datetime | None
    is_expired: bool | None
    is_renewed: bool


class Pending(msgspec.Struct, frozen=True):
    """What the exchange of a code needs. base: where it was asked for."""

    base: str
    redirect_uri: str
    verifier: str


async def everything(db: Database) -> dict[str, Grant]:
    """Vendor → its grant, as settings know it."""
    return {row["vendor"]: Grant(row["id"], row["base"], row["account"]) for row in await db.all("grants")}


async def standing(db: Database) -> dict[str, Standing]:
    """Vendor → how its grant stands."""
    return {row["vendor"]: Standing(**row) for row in await db.all("grants_standing")}


async def read(db: Database, vault: Vault, grant_id: UUID) -> Held | None:
    """The grant; None when it is no longer the one that counts."""
    row = await db.one("grant_read", id=grant_id)
    if row is None:
        return None
    access = vault.open_setting(_bound(grant_id, "access"), row.pop("sealed_access"))
    return Held(access=access, **row)


async def take(db: Database, vault: Vault, grant_id: UUID, serial: int, attempt: UUID, lease_s: float) -> Taken | None:
    """The refresh token, ours alone to spend until the lease is over; None while it is another's, or too early."""
    row = await db.one("grant_take", id=grant_id, serial=serial, attempt=attempt, lease_s=lease_s)
    if row is None:
        return None
    refresh = vault.open_setting(_bound(grant_id, "refresh"), row["sealed_refresh"])
    return Taken(refresh, row["in_doubt"], row["failures"])


async def renewed(db: Database, vault: Vault, grant_id: UUID, serial: int, attempt: UUID, fresh: Fresh) -> bool:
    """True when the tokens stand; False when the grant is another one by now."""
    values = {"attempt": attempt, "serial": serial, **_sealed(vault, grant_id, fresh)}
    return await db.run("grant_renewed", id=grant_id, **values) == 1


async def connect(
    connection: Connection,
    vault: Vault,
    vendor: str,
    base: str,
    account: str,
    scopes: str,
    fresh: Fresh,
    now: datetime,
    actor: str,
) -> UUID:
    """The grant counts from the commit on, in place of any before it; its id."""
    grant_id = new_id()
    about = {"vendor": vendor, "base": base, "account": account, "scopes": scopes, "now": now, "actor": actor}
    await connection.execute(q("grant_connect"), {"id": grant_id, **about, **_sealed(vault, grant_id, fresh)})
    return grant_id


async def forget(connection: Connection, vault: Vault, vendor: str) -> Gone | None:
    """The grant is gone with the commit; None: there was none."""
    row: DictRow | None = await (await connection.execute(q("grant_forget"), {"vendor": vendor})).fetchone()
    if row is None:
        return None
    access = vault.open_setting(_bound(row["id"], "access"), row["sealed_access"])
    sealed = row["sealed_refresh"]
    return Gone(row["base"], access, vault.open_setting(_bound(row["id"], "refresh"), sealed) if sealed else None)


# Somebody at the vendor's page.


def state_hash(state: str) -> bytes:
    """What is kept of a state; the state itself is the browser's."""
    return hashlib.sha256(b"leadwake vendor state\0" + state.encode("utf-8", "surrogatepass")).digest()


async def begin(
    db: Database, vault: Vault, vendor: str, state: str, user: UUID, session: str, pending: Pending, lasts_s: float
) -> None:
    """An answer to this state is taken from this browser's session, once, for so long."""
    hashed = state_hash(state)
    sealed = vault.seal_setting(f"oauth state {hashed.hex()}", msgspec.json.encode(pending).decode())
    values = {"vendor": vendor, "user": user, "session": session, "sealed": sealed, "lasts_s": lasts_s}
    await db.run("authorization_begin", state_hash=hashed, **values)


async def end(db: Database, vault: Vault, vendor: str, state: str, user: UUID, session: str) -> Pending | None:
    """What was begun in this browser; None for anything else, for a second time, and when it is too late."""
    hashed = state_hash(state)
    row = await db.one("authorization_end", state_hash=hashed, vendor=vendor, user=user, session=session)
    if row is None or not row["is_in_time"]:
        return None
    return msgspec.json.decode(vault.open_setting(f"oauth state {hashed.hex()}", row["sealed"]), type=Pending)


def _bound(grant_id: UUID, token: str) -> str:
    return f"grant {grant_id} {token}"


def _sealed(vault: Vault, grant_id: UUID, fresh: Fresh) -> dict[str, object]:
    refresh = fresh.refresh and vault.seal_setting(_bound(grant_id, "refresh"), fresh.refresh)
    access = vault.seal_setting(_bound(grant_id, "access"), fresh.access)
    return {"access": access, "refresh": refresh, "expires_s": fresh.expires_s, "renew_s": fresh.renew_s}
